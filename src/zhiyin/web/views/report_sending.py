"""The page that says when a report is sent, to whom, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhiyin.accounts import mail
from zhiyin.accounts.models import Membership
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.reports import actions, schedules, sending
from zhiyin.reports.models import Report, Schedule
from zhiyin.web.views.finding import found_or_404
from zhiyin.web.views.reading import Here, needs


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PUBLISH)
def sent(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """The schedule of a report, changed or ended; and what was sent so far."""
    held, problem = found_or_404(lambda: actions.get(here.slug, number)), None
    if request.method == "POST":
        try:
            _change(request, here, number)
        except Problem as refused:
            problem = refused
        else:
            return redirect("report-sending", slug=here.slug, number=number)
    schedule = Schedule.objects.filter(report=held).first()
    given = request.POST if problem else None
    context = {
        "held": held,
        "problem": problem,
        "schedule": schedule,
        "next_at": _next(here, schedule),
        "form": _form(schedule, given),
        "members": _members(here, schedule, given),
        "past": _past(held),
        "has_server": mail.is_set_up(),
        "every": schedules.EVERY.items(),
        "weekdays": list(enumerate(schedules.DAYS)),
        "days": range(1, schedules.LAST_DAY + 1),
        "hours": range(24),
    }
    return render(request, "web/report_sending.html", context, status=422 if problem else 200)


def _change(request: HttpRequest, here: Here, number: int) -> None:
    given = request.POST
    if given.get("do") == "end":
        schedules.end(by=here.by, workspace=here.slug, number=number)
        messages.success(request, gettext("It is sent no longer."))
        return
    schedules.save(by=here.by, workspace=here.slug, number=number, asked=_asked(given))
    messages.success(request, gettext("It is sent from now on."))


def _asked(given: QueryDict) -> schedules.Asked:
    every = given.get("every", "")
    return schedules.Asked(
        every=every,
        day=_number(given.get("weekday" if every == "week" else "monthday", "")),
        hour=_number(given.get("hour", "")),
        to=[_number(one) for one in given.getlist("to")],
        attaches="attaches" in given,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _form(schedule: Schedule | None, given: QueryDict | None) -> dict[str, Any]:
    """What the form shows: what was sent, else what holds, else Mondays at eight."""
    asked = _asked(given) if given is not None else None
    held = asked or schedule
    if held is None:
        return {"every": "week", "weekday": 0, "monthday": 1, "hour": 8, "attaches": True}
    is_week = held.every != "month"
    return {
        "every": held.every,
        "weekday": held.day if is_week else 0,
        "monthday": 1 if is_week else held.day,
        "hour": held.hour,
        "attaches": held.attaches,
    }


def _members(
    here: Here, schedule: Schedule | None, given: QueryDict | None
) -> list[tuple[Membership, bool]]:
    """Who may be chosen, and who is."""
    chosen = {one.pk for one in schedule.to.all()} if schedule else set()
    if given is not None:
        chosen = {_number(one) for one in given.getlist("to")}
    return [(one, one.pk in chosen) for one in schedules.may_read(here.slug)]


def _next(here: Here, schedule: Schedule | None) -> Any:
    if schedule is None:
        return None
    return schedules.next_due(schedule, here.workspace.timezone, timezone.now())


def _past(held: Report) -> list[dict[str, Any]]:
    return [
        {
            "sending": one,
            "letters": [(letter, sending.became(letter)) for letter in one.letters.all()],
        }
        for one in sending.past(held)
    ]
