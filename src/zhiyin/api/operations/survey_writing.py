"""What writers of a survey decide beside its document."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.survey_writing import SurveyAcceptGiven, SurveyStaleDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.collect.surveys import actions, kept
from zhiyin.kernel.text import _

router = Router(tags=["surveys"], by_alias=True)


@router.post(
    "/surveys/{key}/accept", auth=may(Right.DEFINE), response=gives(SurveyStaleDocument),
    operation_id="accept_translations",
    summary=str(_("Let stale translations of a survey hold as they are")), openapi_extra=ONCE,
)  # fmt: skip
def accept(request: Asked, key: str, given: SurveyAcceptGiven) -> HttpResponse:
    """The document of `zhiyin survey accept --json`."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.accept(
            by=caller.by, workspace=caller.slug, key=key, language=given.language,
            names=given.texts, revision=given.revision,
        )  # fmt: skip
        return kept.stale(kept.get(caller.slug, key))

    return once(request, done)
