"""Events that intake refused."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import audit
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.letters import (
    DismissDocument,
    LetterCountsDocument,
    LettersPage,
    NumbersGiven,
    ReplayDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Paging, gives
from zhiyin.kernel.text import _
from zhiyin.warehouse.deadletters import DeadLetter

router = Router(tags=["data"], by_alias=True)


class LettersAsked(Paging):
    """Which refused events."""

    code: str | None = Field(
        default=None, max_length=100, description=str(_("Only those refused for this reason."))
    )
    source: str | None = Field(default=None, max_length=200)


@router.get(
    "/dead-letters", auth=may(Right.SEE_DATA, personal=True),
    response=gives(LettersPage), operation_id="dead_letters",
    summary=str(_("Events that intake refused and that wait")),
)  # fmt: skip
def dead_letters(request: Asked, asked: Query[LettersAsked]) -> HttpResponse:
    """Newest first, each with its reason."""
    caller = request.auth
    rows = caller.log.dead_letters(
        caller.slug, code=asked.code or None, source=asked.source or None,
        before=read(asked.cursor, int), limit=asked.limit + 1,
    )  # fmt: skip
    return page_of(rows, asked.limit, DeadLetter.as_dict, lambda one: one.number)


@router.get(
    "/dead-letters/count", auth=may(Right.SEE_DATA), response=gives(LetterCountsDocument),
    operation_id="count_dead_letters",
    summary=str(_("How many refused events wait, by reason and source")),
)  # fmt: skip
def count(request: Asked) -> HttpResponse:
    """`waiting` and `reasons` of `zhiyin dead-letters --json`."""
    counts = request.auth.log.dead_letter_counts(request.auth.slug)
    waiting = sum(one.count for one in counts)
    return send({"waiting": waiting, "reasons": [one.as_dict() for one in counts]})


@router.post(
    "/dead-letters/replay", auth=may(Right.CHANGE_DATA, personal=True),
    response=gives(ReplayDocument), operation_id="replay",
    summary=str(_("Try refused events again")), openapi_extra=ONCE,
)  # fmt: skip
def replay(request: Asked, given: NumbersGiven) -> HttpResponse:
    """What is good now is taken; the rest waits on."""
    caller = request.auth

    def done() -> dict[str, object]:
        found = caller.log.replay_dead_letters(caller.slug, given.numbers)
        _record(request, "dead_letters.replayed", found.tried)
        return dict(found.as_dict())

    return once(request, done, in_log=True)


@router.post(
    "/dead-letters/dismiss", auth=may(Right.CHANGE_DATA, personal=True),
    response=gives(DismissDocument), operation_id="dismiss",
    summary=str(_("Put refused events aside for good")), openapi_extra=ONCE,
)  # fmt: skip
def dismiss(request: Asked, given: NumbersGiven) -> HttpResponse:
    """What they said is removed; that there was one, and why, stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        count = caller.log.dismiss_dead_letters(caller.slug, given.numbers)
        _record(request, "dead_letters.dismissed", count)
        return {"dismissed": count}

    return once(request, done, in_log=True)


def _record(request: Asked, action: str, count: int) -> None:
    caller = request.auth
    audit.record(
        by=caller.by, action=action, subject=caller.slug, workspace=caller.slug,
        after={"events": count},
    )  # fmt: skip
