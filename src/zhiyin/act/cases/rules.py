"""The rules of a workspace's cases: business hours, hours by severity, reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import Settings, find
from zhiyin.act.cases import hours
from zhiyin.act.cases.hours import Hours, Span
from zhiyin.act.cases.models import CaseRules, Severity
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _, language
from zhiyin.measure import calendar

DAYS: tuple[Text, ...] = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
    _("Sunday"),
)  # fmt: skip

USUAL_HOURS: Mapping[str, float] = {"high": 4, "normal": 8, "low": 24}
MOST_HOURS = 1_000
MOST_REASONS = 60
LONGEST_REASON = 80
_KEY = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Reason:
    """For what reason cases come to an end.

    Args:
        key: as cases keep it.
        is_retired: not chosen any more; cases that have it keep it.
    """

    key: str
    en: str
    zh: str
    is_retired: bool = False

    def __str__(self) -> str:
        return (self.zh if language() == "zh-hans" else self.en) or self.en or self.zh or self.key

    def as_dict(self) -> dict[str, Any]:
        """As it is kept, and as the command line and the API write it."""
        return {"key": self.key, "en": self.en, "zh": self.zh, "is_retired": self.is_retired}


STARTER = (
    Reason("explained", "Explained to the customer", "已向客户解释说明"),
    Reason("apologised", "Apologised", "已致歉"),
    Reason("compensated", "Compensated", "已补偿"),
    Reason("corrected", "Corrected for this customer", "已为该客户纠正"),
    Reason("process", "The process was changed", "已改进流程"),
    Reason("passed_on", "Passed on to another department", "已转交其他部门"),
    Reason("unreachable", "The customer cannot be reached", "无法联系到客户"),
    Reason("praise", "Thanks passed on to the team", "已将感谢转达团队"),
)
"""The reasons of a workspace that has written none of its own."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When cases fall due and for which reasons they end.

    Args:
        week: seven days from Monday; None: nobody works.
        has_holidays: the holidays that the calendar goes by are days off, and the days worked
            instead are worked.
        hours: business hours by severity.
    """

    week: tuple[Span | None, ...] = (*(Span(9 * 60, 18 * 60),) * 5, None, None)
    has_holidays: bool = True
    hours: Mapping[str, float] = field(default_factory=lambda: dict(USUAL_HOURS))
    reasons: tuple[Reason, ...] = STARTER

    def as_dict(self) -> dict[str, Any]:
        """As they are kept, and as the command line and the API write them."""
        return {
            "week": [str(span or "") for span in self.week],
            "has_holidays": self.has_holidays,
            "hours": dict(self.hours),
            "reasons": [one.as_dict() for one in self.reasons],
        }

    def reason(self, key: str) -> Reason:
        """The reason that is called so; one that was never there is its key."""
        return next((one for one in self.reasons if one.key == key), Reason(key, key, key))


def of(workspace: str) -> Rules:
    """The rules of a workspace; the usual ones until it writes its own."""
    row = CaseRules.objects.filter(workspace__slug=workspace).first()
    if row is None:
        return Rules()
    return Rules(
        week=tuple(hours.read(one) for one in row.week),
        has_holidays=row.has_holidays,
        hours=row.hours,
        reasons=tuple(Reason(**one) for one in row.reasons),
    )


@transaction.atomic
def change(*, by: Actor, workspace: str, rules: Rules) -> Rules:
    """Write the rules of a workspace. Cases that are due keep their time until they move on.

    Raises:
        Problem: ``cases.hours``, ``cases.severity-hours``, ``cases.reasons``.
    """
    _check(rules)
    place = find(workspace)
    before = of(workspace)
    if rules == before:
        return rules
    CaseRules.objects.update_or_create(workspace=place, defaults=rules.as_dict())
    audit.record(
        by=by, action="case_rules.changed", subject=workspace, workspace=workspace,
        before=before.as_dict(), after=rules.as_dict(),
    )  # fmt: skip
    return rules


def with_reasons(rules: Rules, written: Sequence[tuple[str, str, bool]]) -> Rules:
    """The rules with the reasons that a form or a program gives: English, Chinese, retired.

    A reason keeps its key by its place; new ones get one from their English words. One that is
    left blank is retired, since cases may have it.
    """
    found = []
    taken = {one.key for one in rules.reasons}
    for place, (en, zh, is_retired) in enumerate(written):
        words = en.strip(), zh.strip()
        if place < len(rules.reasons):
            held = rules.reasons[place]
            kept = words if any(words) else (held.en, held.zh)
            found.append(Reason(held.key, *kept, is_retired or not any(words)))
        elif any(words):
            key = _new_key(words[0] or "reason", taken)
            taken.add(key)
            found.append(Reason(key, *words, is_retired))
    return replace(rules, reasons=tuple(found))


def hours_of(settings: Settings, rules: Rules, first: datetime, last: datetime) -> Hours:
    """The business hours of a workspace for whatever begins and ends between two instants."""
    start = local_day(first, settings.timezone) - timedelta(days=1)
    end = local_day(last, settings.timezone) + timedelta(days=hours.MOST_DAYS)
    if not rules.has_holidays:
        return Hours(settings.timezone, rules.week)
    off = {
        one.first + timedelta(days=n)
        for one in calendar.holidays_within(settings, start, end)
        if one.kind == "holiday"
        for n in range((one.end - one.first).days)
    }
    worked: frozenset[date] = frozenset(calendar.days_worked_within(settings, start, end))
    return Hours(settings.timezone, rules.week, frozenset(off) - worked, worked)


def read_hours(text: str) -> float:
    """A number of hours as people write it; what is none is 0, which `change` refuses."""
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 < found <= MOST_HOURS else 0.0


def time_for(rules: Rules, severity: str) -> timedelta:
    """How much business time a case of a severity may take."""
    return timedelta(hours=rules.hours[severity])


def _check(rules: Rules) -> None:
    if not any(rules.week):
        raise Problem(
            "cases.hours",
            _("No day of the week has business hours."),
            _("Give at least one day its hours, as 09:00-18:00."),
        )
    for severity in Severity.values:
        given = rules.hours.get(severity)
        if not isinstance(given, int | float) or not 0 < given <= MOST_HOURS:
            raise Problem(
                "cases.severity-hours",
                _("Business hours are a number above 0 and up to {most}.", most=MOST_HOURS),
                _("Give each severity its hours."),
            )
    keys = [one.key for one in rules.reasons]
    is_said = all(
        (one.en or one.zh) and max(len(one.en), len(one.zh)) <= LONGEST_REASON
        and (one.en + one.zh).isprintable() and _KEY.fullmatch(one.key)
        for one in rules.reasons
    )  # fmt: skip
    is_open = any(not one.is_retired for one in rules.reasons)
    if not is_said or not is_open or len(keys) != len(set(keys)) or len(keys) > MOST_REASONS:
        raise Problem(
            "cases.reasons",
            _("Reasons are 1 to {most}, each of up to {longest} characters, and one is in use.",
              most=MOST_REASONS, longest=LONGEST_REASON),
            _("Shorten them, or take one that is retired back."),
        )  # fmt: skip


def _new_key(words: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:30] or "reason"
    number = 1
    key = plain
    while key in taken:
        number += 1
        key = f"{plain}_{number}"
    return key
