"""When a report is sent, to whom, and what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.reports import ScheduleGiven, SendingsDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.kernel.text import _
from zhiyin.reports import actions, schedules, sending
from zhiyin.reports.models import Schedule

router = Router(tags=["reports"], by_alias=True)


@router.get(
    "/reports/{int:number}/sending", auth=may(Right.PUBLISH), response=gives(SendingsDocument),
    operation_id="report_sending", summary=str(_("When a report is sent, to whom, and what was")),
)  # fmt: skip
def sent(request: Asked, number: int) -> HttpResponse:
    """And to whom it may be: members who may see figures."""
    return send(_sent(request, number))


@router.put(
    "/reports/{int:number}/sending", auth=may(Right.PUBLISH), response=gives(SendingsDocument),
    operation_id="schedule_report", summary=str(_("Have a report sent every week or month")),
    openapi_extra=ONCE,
)  # fmt: skip
def schedule(request: Asked, number: int, given: ScheduleGiven) -> HttpResponse:
    """Each reader is sent what she may see."""
    caller = request.auth

    def done() -> dict[str, object]:
        asked = schedules.Asked(**given.model_dump())
        schedules.save(by=caller.by, workspace=caller.slug, number=number, asked=asked)
        return _sent(request, number)

    return once(request, done)


@router.delete(
    "/reports/{int:number}/sending", auth=may(Right.PUBLISH), response=gives(SendingsDocument),
    operation_id="end_sending", summary=str(_("Send a report no longer")), openapi_extra=ONCE,
)  # fmt: skip
def end(request: Asked, number: int) -> HttpResponse:
    """What was sent stays in the list."""
    caller = request.auth

    def done() -> dict[str, object]:
        schedules.end(by=caller.by, workspace=caller.slug, number=number)
        return _sent(request, number)

    return once(request, done)


def _sent(request: Asked, number: int) -> dict[str, Any]:
    caller = request.auth
    report = actions.get(caller.slug, number)
    held = Schedule.objects.filter(report=report).first()
    zone = caller.workspace.timezone
    return {
        "schedule": held and schedules.as_dict(held, zone, timezone.now()),
        "may_read": [schedules.reader_as_dict(one) for one in schedules.may_read(caller.slug)],
        "sendings": [sending.as_dict(one) for one in sending.past(report)],
    }
