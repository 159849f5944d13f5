"""When a report is sent: every week or every month, in the workspace's time; changed, and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.access import access_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Membership
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day, months_later, to_local, to_utc
from zhiyin.kernel.text import Text, _
from zhiyin.reports import actions
from zhiyin.reports.models import Schedule

EVERY: dict[str, Text] = {"week": _("every week"), "month": _("every month")}

DAYS: tuple[Text, ...] = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
    _("Sunday"),
)  # fmt: skip

LAST_DAY = 28
"""A day of the month that every month has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """When a report is to be sent, to whom, and how.

    Args:
        every: a key of `EVERY`.
        day: of the week, 0 is Monday; of the month, 1 to 28.
        hour: in the workspace's time zone.
        to: numbers of memberships.
        attaches: the PDF goes along; else a link alone.
    """

    every: str
    day: int
    hour: int
    to: Sequence[int]
    attaches: bool = True


@transaction.atomic
def save(*, by: Actor, workspace: str, number: int, asked: Asked) -> Schedule:
    """Have a report sent from now on, or at other times, or to others.

    Raises:
        Problem: ``reports.none``, ``reports.schedule``, ``reports.nobody``.
    """
    report = actions.get(workspace, number)
    _check(asked)
    readers = [one for one in may_read(workspace) if one.pk in set(asked.to)]
    if not readers or len(readers) != len(set(asked.to)):
        raise Problem(
            "reports.nobody",
            _("Choose at least one member who may see figures."),
            _("Who works here, and what each may see, is on the page of people."),
        )
    held, _is_new = Schedule.objects.update_or_create(
        report=report,
        defaults={
            "every": asked.every,
            "day": asked.day,
            "hour": asked.hour,
            "attaches": asked.attaches,
            "since": timezone.now(),
            "asked_by": by.name,
        },
    )
    held.to.set(readers)
    audit.record(
        by=by, action="report_schedule.changed", subject=report.title, workspace=workspace,
        after={
            "every": asked.every, "day": asked.day, "hour": asked.hour,
            "to": sorted(one.person.login for one in readers), "attaches": asked.attaches,
        },
    )  # fmt: skip
    return held


@transaction.atomic
def end(*, by: Actor, workspace: str, number: int) -> None:
    """Send a report no longer; what was sent stays on its page.

    Raises:
        Problem: ``reports.none``.
    """
    report = actions.get(workspace, number)
    count, _by_model = Schedule.objects.filter(report=report).delete()
    if count:
        audit.record(
            by=by, action="report_schedule.removed", subject=report.title, workspace=workspace
        )


def may_read(workspace: str) -> list[Membership]:
    """The members who may see figures, by login."""
    members = Membership.objects.filter(workspace__slug=workspace, person__is_active=True)
    return [
        one
        for one in members.select_related("person", "unit", "workspace").order_by("person__login")
        if (access := access_for(one.person, workspace)) and access.may(Right.SEE_FIGURES)
    ]


def last_due(schedule: Schedule, zone: str, now: datetime) -> datetime | None:
    """The last time that came, in UTC; None where none came since the schedule was saved.

    Times that passed while nothing ran are not made up for, but for the last.
    """
    today = local_day(now.astimezone(UTC).replace(tzinfo=None), zone)
    if schedule.every == "week":
        day = today - timedelta(days=(today.weekday() - schedule.day) % 7)
        earlier = day - timedelta(days=7)
    else:
        day = today.replace(day=schedule.day)
        earlier = months_later(day, -1)
    for one in (day, earlier):
        at = to_utc(datetime(one.year, one.month, one.day, schedule.hour), zone).replace(tzinfo=UTC)
        if at <= now:
            return at if at > schedule.since else None
    return None


def next_due(schedule: Schedule, zone: str, now: datetime) -> datetime:
    """The next time, in UTC."""
    here = to_local(now.astimezone(UTC).replace(tzinfo=None), zone)
    for ahead in range(63):
        day = here.date() + timedelta(days=ahead)
        fits = day.weekday() if schedule.every == "week" else day.day
        at = to_utc(datetime(day.year, day.month, day.day, schedule.hour), zone).replace(tzinfo=UTC)
        if fits == schedule.day and at > now:
            return at
    raise ValueError("a week or a month has every day that a schedule may name")


def as_dict(schedule: Schedule, zone: str, now: datetime) -> dict[str, Any]:
    """When a report is sent as the API writes it, and when next."""
    return {
        "every": schedule.every,
        "day": schedule.day,
        "hour": schedule.hour,
        "attaches": schedule.attaches,
        "to": [reader_as_dict(one) for one in schedule.to.select_related("person")],
        "asked_by": schedule.asked_by,
        "next_at": next_due(schedule, zone, now),
    }


def reader_as_dict(member: Membership) -> dict[str, Any]:
    """Somebody to whom a report is or may be sent."""
    return {"number": member.pk, "login": member.person.login}


def _check(asked: Asked) -> None:
    days = range(7) if asked.every == "week" else range(1, LAST_DAY + 1)
    if asked.every not in EVERY or asked.day not in days or asked.hour not in range(24):
        raise Problem(
            "reports.schedule",
            _("A report is sent on a day of the week, or on a day of the month from 1 to {last}.",
              last=LAST_DAY),
            _("Choose when, and at which hour from 0 to 23."),
        )  # fmt: skip
