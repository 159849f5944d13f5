"""What came of a survey beyond the answers: response rates, quality and what follows."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.survey_analyses import (
    SurveyCrosstabDocument,
    SurveyPagesDocument,
    SurveyQualityDocument,
    SurveyRatesDocument,
    SurveySignedResponsesDocument,
)
from zhiyin.api.operations.parameters import Asking, facts_filter, gives
from zhiyin.kernel.text import _
from zhiyin.measure.surveys import crosstab as survey_crosstab
from zhiyin.measure.surveys import pages as survey_pages
from zhiyin.measure.surveys import quality as survey_quality
from zhiyin.measure.surveys import rates as survey_rates
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


class CrosstabAsked(LessAsked):
    """What stands in the rows, and what in the columns."""

    rows: str = Field(
        max_length=200,
        description=str(_("A question, a column of responses, or trait.NAME.")),
    )  # fmt: skip
    by: str = Field(max_length=200, description=str(_("Likewise: what stands in the columns.")))


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
        version=asked.version, where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())
