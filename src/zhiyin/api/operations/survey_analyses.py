"""What came of a survey beyond the answers: response rates, quality and what follows."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.survey_analyses import (
    SurveyArmsDocument,
    SurveyChangeDocument,
    SurveyCrosstabDocument,
    SurveyPagesDocument,
    SurveyQualityDocument,
    SurveyRatesDocument,
    SurveyRepresentativenessDocument,
    SurveySignedResponsesDocument,
    SurveyTargetsDocument,
    SurveyTargetsGiven,
    SurveyWeightsDocument,
)
from zhiyin.api.documents.surveys import RemovedSurveyDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, facts_filter, gives
from zhiyin.kernel.documents import as_json
from zhiyin.kernel.text import _
from zhiyin.measure.surveys import arms as survey_arms
from zhiyin.measure.surveys import change as survey_change
from zhiyin.measure.surveys import crosstab as survey_crosstab
from zhiyin.measure.surveys import pages as survey_pages
from zhiyin.measure.surveys import quality as survey_quality
from zhiyin.measure.surveys import rates as survey_rates
from zhiyin.measure.surveys import representativeness as survey_who
from zhiyin.measure.surveys import targeting
from zhiyin.measure.surveys import weights as survey_weights
from zhiyin.measure.surveys.dispositions import COMPLETE, PARTIAL, Rule
from zhiyin.web import personal

router = Router(tags=["surveys"], by_alias=True)


class RatesAsked(Asking):
    """Which askings, and how they are judged."""

    by: list[str] = Field(
        default=[], max_length=4,
        description=str(_("A row a value: channel, arm, touchpoint, mode, any dimension of"
                          " askings.")),
    )  # fmt: skip
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only askings for which this holds, e.g. channel = 'sms'.")),
    )  # fmt: skip
    eligible: float = Field(
        default=1.0, ge=0, le=1,
        description=str(_("The share of those of unknown eligibility who could have answered.")),
    )  # fmt: skip
    complete: float = Field(
        default=COMPLETE, ge=0, le=1,
        description=str(_("Of the items that she could answer: from here a response is"
                          " complete.")),
    )  # fmt: skip
    partial: float = Field(
        default=PARTIAL, ge=0, le=1,
        description=str(_("From here it is partial, and below broken off.")),
    )  # fmt: skip
    count_withheld: bool = Field(
        default=False,
        description=str(_("Count those whom a rule held back as asked (code 3.11).")),
    )  # fmt: skip


class ResponsesAsked(Asking):
    """Which responses."""

    version: int | None = Field(
        default=None, ge=1, lt=2**31, description=str(_("Only answers to this version."))
    )
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only responses for which this holds, e.g. device = 'phone'.")),
    )  # fmt: skip


class LessAsked(ResponsesAsked):
    """Which responses, without those that have a sign of carelessness."""

    without: list[str] = Field(
        default=[], max_length=20,
        description=str(_("Signs of carelessness whose responses are left out.")),
    )  # fmt: skip


class ArmsAsked(Asking):
    """Which arm the others are compared with."""

    reference: str | None = Field(
        default=None, max_length=120,
        description=str(
            _("The arm that the others are compared with (default: those without one).")
        ),
    )  # fmt: skip
    without: list[str] = Field(
        default=[], max_length=20,
        description=str(_("Signs of carelessness whose responses are left out.")),
    )  # fmt: skip
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only askings and responses for which this holds.")),
    )  # fmt: skip


class ChangeAsked(LessAsked):
    """Which two periods are compared."""

    before: str = Field(
        max_length=40, description=str(_("As 2026-03, 2026-Q1 or 2026-03-01..2026-03-15."))
    )
    after: str = Field(max_length=40, description=str(_("Likewise, later.")))
    question: str = Field(
        default="", max_length=200, description=str(_("One question (default: all)."))
    )


class WhoAsked(Asking):
    """What is known of all who were asked."""

    by: list[str] = Field(
        default=[], max_length=20,
        description=str(
            _("What is known of all who were asked: a column of askings, or trait.NAME.")
        ),
    )  # fmt: skip
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only askings for which this holds, e.g. channel = 'sms'.")),
    )  # fmt: skip


class CrosstabAsked(LessAsked):
    """What stands in the rows, and what in the columns."""

    rows: str = Field(
        max_length=200,
        description=str(_("A question, a column of responses, or trait.NAME.")),
    )  # fmt: skip
    by: str = Field(max_length=200, description=str(_("Likewise: what stands in the columns.")))
    weighted: bool = Field(
        default=False, description=str(_("With the weights of the survey's margins."))
    )


class QualityAsked(ResponsesAsked):
    """Which responses, and which of them are left out of the figures beside."""

    without: list[str] = Field(
        default=list(survey_quality.SIGNS), max_length=20,
        description=str(_("Signs whose responses are left out of the figures beside.")),
    )  # fmt: skip


@router.get(
    "/surveys/{key}/rates", auth=may(Right.SEE_FIGURES), response=gives(SurveyRatesDocument),
    operation_id="survey_rates", summary=str(_("Response rates of a survey")),
)  # fmt: skip
def rates(request: Asked, key: str, asked: Query[RatesAsked]) -> HttpResponse:
    """The document of `zhiyin survey rates --json`."""
    caller = request.auth
    personal.check_facts(asked.by, sees_it=caller.sees_personal_data)
    found = survey_rates.rates(
        caller.log, caller.workspace, key, by=asked.by, where=facts_filter(request, asked.where),
        eligible=asked.eligible, rule=Rule(asked.complete, asked.partial, asked.count_withheld),
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/surveys/{key}/pages", auth=may(Right.SEE_FIGURES), response=gives(SurveyPagesDocument),
    operation_id="survey_pages", summary=str(_("A survey page by page: break-off and time")),
)  # fmt: skip
def pages(request: Asked, key: str, asked: Query[ResponsesAsked]) -> HttpResponse:
    """The document of `zhiyin survey pages --json`."""
    caller = request.auth
    found = survey_pages.pages(
        caller.log, caller.workspace, key, version=asked.version,
        where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/surveys/{key}/quality", auth=may(Right.SEE_FIGURES), response=gives(SurveyQualityDocument),
    operation_id="survey_quality", summary=str(_("Signs of carelessness in responses")),
)  # fmt: skip
def quality(request: Asked, key: str, asked: Query[QualityAsked]) -> HttpResponse:
    """The document of `zhiyin survey quality --json`."""
    caller = request.auth
    found = survey_quality.quality(
        caller.log, caller.workspace, key, without=asked.without, version=asked.version,
        where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/surveys/{key}/quality/responses", auth=may(Right.EXPORT, personal=True),
    response=gives(SurveySignedResponsesDocument), operation_id="survey_signed_responses",
    summary=str(_("The responses that have a sign of carelessness")),
)  # fmt: skip
def signed(request: Asked, key: str, asked: Query[ResponsesAsked]) -> HttpResponse:
    """The document of `zhiyin survey quality --list --json`."""
    caller = request.auth
    rows = survey_quality.listed(
        caller.log, caller.workspace, key, version=asked.version,
        where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send({"key": key, "responses": rows})


@router.get(
    "/surveys/{key}/crosstab", auth=may(Right.SEE_FIGURES), response=gives(SurveyCrosstabDocument),
    operation_id="survey_crosstab", summary=str(_("A cross-tab of a survey")),
)  # fmt: skip
def crosstab(request: Asked, key: str, asked: Query[CrosstabAsked]) -> HttpResponse:
    """The document of `zhiyin survey crosstab --json`."""
    caller = request.auth
    personal.check_variables((asked.rows, asked.by), sees_it=caller.sees_personal_data)
    found = survey_crosstab.crosstab(
        caller.log, caller.workspace, key, asked.rows, asked.by, without=asked.without,
        is_weighted=asked.weighted, version=asked.version, where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/surveys/{key}/weights", auth=may(Right.SEE_FIGURES), response=gives(SurveyWeightsDocument),
    operation_id="survey_weights", summary=str(_("A survey weighted to its margins")),
)  # fmt: skip
def weights(request: Asked, key: str, asked: Query[LessAsked]) -> HttpResponse:
    """The document of `zhiyin survey weights --json`."""
    caller = request.auth
    found = survey_weights.weights(
        caller.log, caller.workspace, key, without=asked.without, version=asked.version,
        where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())


@router.put(
    "/surveys/{key}/margins", auth=may(Right.DEFINE), response=gives(SurveyTargetsDocument),
    operation_id="declare_survey_margins",
    summary=str(_("Declare to which margins a survey is weighted")), openapi_extra=ONCE,
)  # fmt: skip
def declare(request: Asked, key: str, given: SurveyTargetsGiven) -> HttpResponse:
    """What was declared before is replaced."""
    caller = request.auth
    document = as_json(given.model_dump(by_alias=True)).encode()

    def done() -> dict[str, object]:
        targets = targeting.declare(by=caller.by, workspace=caller.slug, key=key, document=document)
        return {"key": key, "targets": targeting.as_dict(targets)}

    return once(request, done)


@router.delete(
    "/surveys/{key}/margins", auth=may(Right.DEFINE), response=gives(RemovedSurveyDocument),
    operation_id="remove_survey_margins", summary=str(_("Weight a survey no more")),
    openapi_extra=ONCE,
)  # fmt: skip
def forget(request: Asked, key: str) -> HttpResponse:
    """The answers are as they were."""
    caller = request.auth

    def done() -> dict[str, object]:
        targeting.remove(by=caller.by, workspace=caller.slug, key=key)
        return {"key": key, "removed": True}

    return once(request, done)


@router.get(
    "/surveys/{key}/arms", auth=may(Right.SEE_FIGURES), response=gives(SurveyArmsDocument),
    operation_id="survey_arms", summary=str(_("Incentive arms of a survey compared")),
)  # fmt: skip
def arms(request: Asked, key: str, asked: Query[ArmsAsked]) -> HttpResponse:
    """The document of `zhiyin survey arms --json`."""
    caller = request.auth
    found = survey_arms.arms(
        caller.log, caller.workspace, key, reference=asked.reference, without=asked.without,
        where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/surveys/{key}/change", auth=may(Right.SEE_FIGURES), response=gives(SurveyChangeDocument),
    operation_id="survey_change", summary=str(_("What changed between two periods")),
)  # fmt: skip
def change(request: Asked, key: str, asked: Query[ChangeAsked]) -> HttpResponse:
    """The document of `zhiyin survey change --json`."""
    caller = request.auth
    found = survey_change.change(
        caller.log, caller.workspace, key, asked.before, asked.after, question=asked.question,
        without=asked.without, version=asked.version, where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/surveys/{key}/representativeness", auth=may(Right.SEE_FIGURES),
    response=gives(SurveyRepresentativenessDocument), operation_id="survey_representativeness",
    summary=str(_("Those who answered beside all who were asked")),
)  # fmt: skip
def representativeness(request: Asked, key: str, asked: Query[WhoAsked]) -> HttpResponse:
    """The document of `zhiyin survey representativeness --json`."""
    caller = request.auth
    personal.check_variables(asked.by, sees_it=caller.sees_personal_data)
    found = survey_who.representativeness(
        caller.log, caller.workspace, key, by=asked.by, where=facts_filter(request, asked.where)
    )
    return send(found.as_dict())
