"""What people say that clauses mean, and how rightly texts are read."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.labels import ClauseLabelDocument, ClauseLabelGiven, RightnessDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.kernel.text import _
from zhiyin.listen import documents, labels, own_learning
from zhiyin.web.log import the_log

router = Router(tags=["figures"], by_alias=True)


@router.get(
    "/voice/rightness", auth=may(Right.SEE_FIGURES), response=gives(RightnessDocument),
    operation_id="voice_rightness",
    summary=str(_("How rightly the workspace’s own texts are read")),
)  # fmt: skip
def rightness(request: Asked) -> HttpResponse:
    """As `zhiyin listen rightness`."""
    return send(documents.rightness(own_learning.kept(request.auth.slug)))


@router.put(
    "/voice/{int:row}/clauses/{int:start}", auth=may(Right.DEFINE),
    response=gives(ClauseLabelDocument), operation_id="say_clause",
    summary=str(_("Say what a clause means")), openapi_extra=ONCE,
)  # fmt: skip
def say(request: Asked, row: int, start: int, given: ClauseLabelGiven) -> HttpResponse:
    """It counts so from now on, and is learned from. An earlier word about it is replaced."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = labels.say(
            by=caller.by, log=caller.log, whole=the_log(), workspace=caller.slug,
            place=(row, start), polarity=given.polarity, aspect=given.aspect or "",
        )  # fmt: skip
        return documents.label(made)

    return once(request, done)


@router.delete(
    "/voice/{int:row}/clauses/{int:start}", auth=may(Right.DEFINE),
    response=gives(ClauseLabelDocument), operation_id="unsay_clause",
    summary=str(_("Take back what somebody said that a clause means")), openapi_extra=ONCE,
)  # fmt: skip
def unsay(request: Asked, row: int, start: int) -> HttpResponse:
    """The answer is what had been said."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = labels.withdraw(
            by=caller.by, log=caller.log, whole=the_log(), workspace=caller.slug,
            place=(row, start),
        )  # fmt: skip
        return documents.label(held)

    return once(request, done)
