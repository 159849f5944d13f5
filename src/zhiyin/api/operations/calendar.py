"""What happened on which days: marks, and holidays."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.calendar import CalendarDocument, MarkDocument, MarkGiven
from zhiyin.api.once import once
from zhiyin.api.operations.common import ONCE, Asking, facts_filter, gives
from zhiyin.kernel.text import _
from zhiyin.measure import actions, calendar, mark_lists
from zhiyin.measure.actions import MarkAsked
from zhiyin.measure.calendar import Held
from zhiyin.web import personal

router = Router(tags=["figures"])


class CalendarAsked(Asking):
    """Which days."""

    start: date | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: date | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )
    text: str = Field(default="", max_length=120)


@router.get(
    "/calendar", auth=may(Right.SEE_FIGURES), response=gives(CalendarDocument),
    operation_id="calendar", summary=str(_("Marked days, and holidays between two days")),
)  # fmt: skip
def days(request: Asked, asked: Query[CalendarAsked]) -> HttpResponse:
    """The document of `zhiyin calendar list --json`; holidays where both days are given."""
    caller = request.auth
    found = calendar.of(
        caller.workspace, scope=caller.scope, text=asked.text, start=asked.start, end=asked.end
    )
    computed: tuple[calendar.Dated, ...] = ()
    if asked.start and asked.end:
        computed = calendar.holidays_within(caller.workspace, asked.start, asked.end)
    return send(
        {
            "marks": [_shown(request, one) for one in found],
            "holidays": [one.as_dict() for one in computed],
        }
    )


@router.post(
    "/calendar", auth=may(Right.DEFINE), response=gives(MarkDocument, 201),
    operation_id="add_mark", summary=str(_("Mark days in the calendar")), openapi_extra=ONCE,
)  # fmt: skip
def add_mark(request: Asked, given: MarkGiven) -> HttpResponse:
    """All that says whom it concerned holds together."""
    caller, asked = request.auth, _asked(request, given)

    def done() -> dict[str, object]:
        row = actions.add_mark(
            by=caller.by, workspace=caller.workspace, asked=asked, scope=caller.scope
        )
        return _shown(request, *calendar.held(caller.workspace, [row]))

    return once(request, done, status=201)


@router.put(
    "/calendar/{int:number}", auth=may(Right.DEFINE), response=gives(MarkDocument),
    operation_id="change_mark", summary=str(_("Change a mark of the calendar")),
    openapi_extra=ONCE,
)  # fmt: skip
def change_mark(request: Asked, number: int, given: MarkGiven) -> HttpResponse:
    """Everything that is not given is blank afterwards."""
    caller, asked = request.auth, _asked(request, given)
    _check(request, calendar.get(caller.workspace, number, scope=caller.scope))

    def done() -> dict[str, object]:
        row = actions.change_mark(
            by=caller.by,
            workspace=caller.workspace,
            number=number,
            asked=asked,
            scope=caller.scope,
        )
        return _shown(request, *calendar.held(caller.workspace, [row]))

    return once(request, done)


@router.delete(
    "/calendar/{int:number}", auth=may(Right.DEFINE), response=gives(MarkDocument),
    operation_id="remove_mark", summary=str(_("Remove a mark of the calendar")),
    openapi_extra=ONCE,
)  # fmt: skip
def remove_mark(request: Asked, number: int) -> HttpResponse:
    """The answer is what it was."""
    caller = request.auth

    def done() -> dict[str, object]:
        was = calendar.get(caller.workspace, number, scope=caller.scope)
        actions.remove_mark(
            by=caller.by, workspace=caller.workspace, number=number, scope=caller.scope
        )
        return _shown(request, was)

    return once(request, done)


def _asked(request: Asked, given: MarkGiven) -> MarkAsked:
    first = mark_lists.day(given.first)
    asked = MarkAsked(
        name=given.name,
        kind=given.kind,
        first=first,
        last=mark_lists.day(given.last) if given.last else first,
        unit=given.unit,
        touchpoint=given.touchpoint,
        where=given.where,
        about=tuple(given.about),
        customers=tuple(given.customers),
    )
    _check(request, asked)
    return asked


def _check(request: Asked, mark: MarkAsked | Held) -> None:
    """A key that does not see who customers are neither names one in a mark nor changes it."""
    facts_filter(request, mark.where)
    named = ["customer"] if mark.customers else []
    personal.check_facts(named, sees_it=request.auth.sees_personal_data)


def _shown(request: Asked, mark: Held) -> dict[str, object]:
    return mark.as_dict(sees_it=request.auth.sees_personal_data)
