"""Surveys: made, checked, published and linked to."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.http import HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.surveys import (
    BroughtSurveyDocument,
    CheckedSurveyDocument,
    ReadySurveysDocument,
    RemovedSurveyDocument,
    SurveyCopyGiven,
    SurveyDocument,
    SurveyDraftGiven,
    SurveyGiven,
    SurveyInvitationsDocument,
    SurveyInvitationsGiven,
    SurveyInvitedGiven,
    SurveyLinkDocument,
    SurveyPublishGiven,
    SurveyResultsDocument,
    SurveysDocument,
    WholeSurveyDocument,
    WholeVersionDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, ListFilled, facts_filter, gives
from zhiyin.collect.surveys import actions, bringing, definition, inviting, kept
from zhiyin.collect.surveys.formats import reading
from zhiyin.collect.surveys.inviting import Invited
from zhiyin.collect.surveys.library import sets
from zhiyin.kernel.documents import as_json
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure import survey_results

router = Router(tags=["surveys"], by_alias=True)


class SurveyFilled(ListFilled):
    """How a file is to be brought in."""

    key: str = Field(
        default="", max_length=60,
        description=str(_("Its key (default: the name of the file).")),
    )  # fmt: skip


class LinkAsked(Asking):
    """What the address brings."""

    field: list[str] = Field(
        default=[], max_length=50, description=str(_("As name=value, kept with the answers."))
    )


class ResultsAsked(Asking):
    """Which responses and answers."""

    version: int | None = Field(
        default=None, ge=1, lt=2**31, description=str(_("Only answers to this version."))
    )
    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(
            _("Only responses and answers for which this holds, e.g. channel = 'app'.")
        ),
    )  # fmt: skip


@router.get(
    "/surveys", auth=may(Right.SEE_FIGURES), response=gives(SurveysDocument),
    operation_id="surveys", summary=str(_("The surveys of the workspace")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """The document of `zhiyin survey list --json`."""
    return send({"surveys": [kept.as_dict(one) for one in kept.of(request.auth.slug)]})


@router.get(
    "/ready-surveys", auth=may(Right.SEE_FIGURES), response=gives(ReadySurveysDocument),
    operation_id="ready_surveys", summary=str(_("Ready sets of questions to begin with")),
)  # fmt: skip
def ready(request: Asked) -> HttpResponse:  # noqa: ARG001 - the API reads its name
    """The document of `zhiyin survey list --ready --json`."""
    return send({"ready": [one.as_dict() for one in sets.SETS]})


@router.post(
    "/surveys", auth=may(Right.DEFINE), response=gives(SurveyDocument, 201),
    operation_id="create_survey", summary=str(_("Make a draft of a survey")), openapi_extra=ONCE,
)  # fmt: skip
def create(request: Asked, given: SurveyGiven) -> HttpResponse:
    """A draft may have faults until it is published."""
    caller = request.auth
    if given.document is None:
        survey = bringing.begun(caller.workspace, title=given.title, ready=given.ready)
    elif given.ready or given.title:
        raise Problem(
            "survey.one-beginning",
            _("A document was given beside a ready set or a title."),
            _("Give the document alone, or leave it out."),
        )
    else:
        survey = _read(given.document)

    def done() -> dict[str, object]:
        actions.create(by=caller.by, workspace=caller.slug, key=given.key, survey=survey)
        return kept.as_dict(kept.get(caller.slug, given.key))

    return once(request, done, status=201)


@router.post(
    "/survey-imports", auth=may(Right.DEFINE), response=gives(BroughtSurveyDocument, 201),
    operation_id="import_survey", summary=str(_("Make a draft of a file")), openapi_extra=ONCE,
)  # fmt: skip
def bring(request: Asked, given: Form[SurveyFilled], file: File[UploadedFile]) -> HttpResponse:
    """The document of `zhiyin survey import --json`."""
    caller = request.auth

    def done() -> dict[str, object]:
        return bringing.bring(
            by=caller.by, workspace=caller.slug, name=file.name or "",
            content=file.read(reading.MOST_BYTES + 1), key=given.key, dry_run=given.dry_run,
        )  # fmt: skip

    return once(request, done, status=201)


@router.get(
    "/surveys/{key}", auth=may(Right.SEE_FIGURES), response=gives(WholeSurveyDocument),
    operation_id="survey", summary=str(_("One survey with its draft")),
)  # fmt: skip
def one(request: Asked, key: str) -> HttpResponse:
    """The document of `zhiyin survey show --json`."""
    return send(kept.shown(kept.get(request.auth.slug, key)))


@router.put(
    "/surveys/{key}", auth=may(Right.DEFINE), response=gives(SurveyDocument),
    operation_id="save_survey", summary=str(_("Change the draft of a survey")),
    openapi_extra=ONCE,
)  # fmt: skip
def save(request: Asked, key: str, given: SurveyDraftGiven) -> HttpResponse:
    """Refused where somebody else has changed it since the revision that was looked at."""
    caller = request.auth
    survey = _read(given.document)

    def done() -> dict[str, object]:
        actions.save(
            by=caller.by, workspace=caller.slug, key=key, survey=survey, revision=given.revision
        )
        return kept.as_dict(kept.get(caller.slug, key))

    return once(request, done)


@router.delete(
    "/surveys/{key}", auth=may(Right.DEFINE), response=gives(RemovedSurveyDocument),
    operation_id="remove_survey", summary=str(_("Remove a draft that was never published")),
    openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, key: str) -> HttpResponse:
    """What was published is closed instead."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.remove(by=caller.by, workspace=caller.slug, key=key)
        return {"key": key, "removed": True}

    return once(request, done)


@router.get(
    "/surveys/{key}/faults", auth=may(Right.SEE_FIGURES), response=gives(CheckedSurveyDocument),
    operation_id="check_survey", summary=str(_("What hinders the publication of a survey")),
)  # fmt: skip
def check(request: Asked, key: str) -> HttpResponse:
    """The document of `zhiyin survey check --json`, with the display logic as a graph."""
    return send(kept.checked(kept.get(request.auth.slug, key)))


@router.get(
    "/surveys/{key}/link", auth=may(Right.SEE_FIGURES), response=gives(SurveyLinkDocument),
    operation_id="survey_link", summary=str(_("Where customers fill a survey in")),
)  # fmt: skip
def link(request: Asked, key: str, asked: Query[LinkAsked]) -> HttpResponse:
    """The document of `zhiyin survey link --json`."""
    fields = {name: value for name, _is, value in (one.partition("=") for one in asked.field)}
    return send({"key": key, "link": kept.link(kept.get(request.auth.slug, key), fields)})


@router.get(
    "/surveys/{key}/results", auth=may(Right.SEE_FIGURES), response=gives(SurveyResultsDocument),
    operation_id="survey_results", summary=str(_("What came of a survey")),
)  # fmt: skip
def results(request: Asked, key: str, asked: Query[ResultsAsked]) -> HttpResponse:
    """The document of `zhiyin survey results --json`."""
    caller = request.auth
    found = survey_results.results(
        caller.log, caller.workspace, key,
        version=asked.version, where=facts_filter(request, asked.where),
    )  # fmt: skip
    return send(found.as_dict())


@router.get(
    "/surveys/{key}/versions/{int:number}", auth=may(Right.SEE_FIGURES),
    response=gives(WholeVersionDocument), operation_id="survey_version",
    summary=str(_("One version of a survey")),
)  # fmt: skip
def version(request: Asked, key: str, number: int) -> HttpResponse:
    """What customers saw; it never changes."""
    held = kept.get(request.auth.slug, key)
    return send(kept.version_shown(held, kept.version(held, number)))


@router.post(
    "/surveys/{key}/publish", auth=may(Right.PUBLISH), response=gives(SurveyDocument),
    operation_id="publish_survey", summary=str(_("Publish the draft of a survey")),
    openapi_extra=ONCE,
)  # fmt: skip
def publish(request: Asked, key: str, given: SurveyPublishGiven) -> HttpResponse:
    """Refused while it has faults, or a changed question is undecided; `/faults` says which."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.publish(
            by=caller.by, workspace=caller.slug, key=key, decisions=given.series,
            notes=given.notes, revision=given.revision, beside=given.beside, share=given.share,
        )  # fmt: skip
        return kept.as_dict(kept.get(caller.slug, key))

    return once(request, done)


@router.post(
    "/surveys/{key}/close", auth=may(Right.PUBLISH), response=gives(SurveyDocument),
    operation_id="close_survey", summary=str(_("Close a survey")), openapi_extra=ONCE,
)  # fmt: skip
def close(request: Asked, key: str) -> HttpResponse:
    """It takes no answers any more."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.close(by=caller.by, workspace=caller.slug, key=key)
        return kept.as_dict(kept.get(caller.slug, key))

    return once(request, done)


@router.post(
    "/surveys/{key}/open", auth=may(Right.PUBLISH), response=gives(SurveyDocument),
    operation_id="open_survey", summary=str(_("Open a survey again")), openapi_extra=ONCE,
)  # fmt: skip
def reopen(request: Asked, key: str) -> HttpResponse:
    """It takes answers again."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.reopen(by=caller.by, workspace=caller.slug, key=key)
        return kept.as_dict(kept.get(caller.slug, key))

    return once(request, done)


@router.post(
    "/surveys/{key}/invitations", auth=may(Right.PUBLISH, personal=True),
    response=gives(SurveyInvitationsDocument, 201), operation_id="invite",
    summary=str(_("Make a link of her own for each of a list of customers")), openapi_extra=ONCE,
)  # fmt: skip
def invite(request: Asked, key: str, given: SurveyInvitationsGiven) -> HttpResponse:
    """Each is a row of `exposures`; answers by a link are hers, and say what they are about."""
    caller = request.auth
    people = [_invited(one) for one in given.people]

    def done() -> dict[str, object]:
        links = inviting.invite(
            caller.log, by=caller.by, workspace=caller.slug, key=key, people=people
        )
        return {"key": key, "invitations": inviting.as_dicts(people, links)}

    return once(request, done, status=201, in_log=True)


def _invited(one: SurveyInvitedGiven) -> Invited:
    given = one.model_dump(exclude={"experienced_at"})
    at = one.experienced_at
    moment = None if at is None else at.astimezone(UTC).replace(tzinfo=None)
    return Invited(**given, experienced_at=moment)


@router.post(
    "/surveys/{key}/copy", auth=may(Right.DEFINE), response=gives(SurveyDocument, 201),
    operation_id="copy_survey", summary=str(_("Copy a survey")), openapi_extra=ONCE,
)  # fmt: skip
def copy(request: Asked, key: str, given: SurveyCopyGiven) -> HttpResponse:
    """Its draft under another key."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.copy(by=caller.by, workspace=caller.slug, key=key, to=given.key)
        return kept.as_dict(kept.get(caller.slug, given.key))

    return once(request, done, status=201)


def _read(document: dict[str, Any]) -> definition.Survey:
    """What was sent, as a survey; half of a pair, which no text can hold, is refused there."""
    return definition.read(as_json(document).encode("utf-8", "surrogatepass"))
