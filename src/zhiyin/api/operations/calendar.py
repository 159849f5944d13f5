"""What happened on which days: marks, and holidays."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.calendar import (
    CalendarDocument,
    HolidaysDocument,
    HolidaysGiven,
    MarkDocument,
    MarkGiven,
    MarksBroughtDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.files import files
from zhiyin.api.operations.parameters import (
    ONCE,
    Asking,
    Day,
    ListFilled,
    facts_filter,
    gives,
)
from zhiyin.kernel.text import _
from zhiyin.measure import actions, calendar, lists, mark_lists
from zhiyin.measure.actions import MarkAsked
from zhiyin.measure.calendar import Held
from zhiyin.web import downloads, personal

router = Router(tags=["figures"], by_alias=True)


class CalendarAsked(Asking):
    """Which days."""

    start: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: Day | None = Field(
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


@router.get(
    "/calendar/export", auth=may(Right.SEE_FIGURES), response={200: None},
    operation_id="export_marks", openapi_extra=files("csv"),
    summary=str(_("Marks of the calendar as a list that can be brought in again")),
)  # fmt: skip
def export(request: Asked) -> HttpResponse:
    """The file of `zhiyin calendar export`; ids of customers only for keys that see them."""
    caller = request.auth
    found = calendar.of(caller.workspace, scope=caller.scope)
    text = mark_lists.write(found, sees_it=caller.sees_personal_data)
    return downloads.of_list(text, name=f"{caller.slug}-calendar")


@router.post(
    "/calendar/import", auth=may(Right.DEFINE), response=gives(MarksBroughtDocument),
    operation_id="import_marks", summary=str(_("Bring a list of marks in")), openapi_extra=ONCE,
)  # fmt: skip
def bring_in(request: Asked, given: Form[ListFilled], file: File[UploadedFile]) -> HttpResponse:
    """The document of `zhiyin calendar import --json`: all lines, or none where one is wrong."""
    caller = request.auth

    def done() -> dict[str, object]:
        found = mark_lists.preview(b"".join(file.chunks()), caller.workspace, scope=caller.scope)
        lists.check(found.faults)
        for one in found.asked:
            _check(request, one)
        if not given.dry_run:
            actions.add_marks(
                by=caller.by, workspace=caller.workspace, asked=found.asked, scope=caller.scope
            )
        return lists.brought(found.counts, is_dry_run=given.dry_run)

    return once(request, done)


@router.get(
    "/calendar/holidays", auth=may(Right.SEE_FIGURES), response=gives(HolidaysDocument),
    operation_id="holidays", summary=str(_("Whose holidays figures are read with")),
)  # fmt: skip
def holidays(request: Asked) -> HttpResponse:
    """The document of `zhiyin calendar holidays --json`."""
    return send(_holidays(request))


@router.put(
    "/calendar/holidays", auth=may(Right.CHANGE_WORKSPACE), response=gives(HolidaysDocument),
    operation_id="choose_holidays",
    summary=str(_("Choose whose holidays figures are read with")), openapi_extra=ONCE,
)  # fmt: skip
def choose_holidays(request: Asked, given: HolidaysGiven) -> HttpResponse:
    """Of one country or none, and the festivals of the Chinese lunar calendar."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.choose_holidays(
            by=caller.by, workspace=caller.workspace, country=given.country or "",
            lunar=given.lunar,
        )  # fmt: skip
        return _holidays(request)

    return once(request, done)


@router.get(
    "/calendar/{int:number}", auth=may(Right.SEE_FIGURES), response=gives(MarkDocument),
    operation_id="mark", summary=str(_("One mark of the calendar")),
)  # fmt: skip
def mark(request: Asked, number: int) -> HttpResponse:
    """Which days, and whom it concerned."""
    caller = request.auth
    return send(_shown(request, calendar.get(caller.workspace, number, scope=caller.scope)))


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


def _holidays(request: Asked) -> dict[str, object]:
    workspace = request.auth.workspace
    return calendar.holidays_of(workspace).as_dict(calendar.holidays_coming(workspace))


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
