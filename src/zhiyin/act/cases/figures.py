"""How long customers wait for a first word about their case, and for its end.

Cases that are still open count for as long as they have been: leaving them out would make a team
look quick that closes what is easy. Time is business time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import hours, kept
from zhiyin.act.cases import rules as case_rules
from zhiyin.act.cases.kept import Own
from zhiyin.act.cases.models import Case
from zhiyin.kernel import clock
from zhiyin.stats import survival

DAYS = 90
"""Cases that were opened in so many days are looked at."""
METHOD = "kaplan-meier"
PIECE = 60
"""Seconds: what differs by less is one time."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A median of business hours. `value` is None where there are not enough cases, or where less
    than half have come so far; an end of the interval is None where it lies beyond what was seen.

    Args:
        n: cases that were opened.
        ended: those that have come so far.
        state: ``ok``, ``too_few``, ``under_half``.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    ended: int
    state: str

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "value": self.value, "low": self.low, "high": self.high, "unit": "business hours",
            "n": self.n, "ended": self.ended, "state": self.state, "method": METHOD,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """How long until the first word to the customer, and until the end."""

    days: int
    minimum: int
    first_response: Wait
    close: Wait

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write them."""
        return {
            "days": self.days,
            "minimum": self.minimum,
            "first_response": self.first_response.as_dict(),
            "close": self.close.as_dict(),
        }


def of(settings: Settings, own: Own = None, now: datetime | None = None) -> Figures:
    """The figures of the cases that were opened lately and that a reader sees."""
    at = now or clock.now()
    since = at - timedelta(days=DAYS)
    found = list(kept.of(settings.slug, own).filter(opened_at__gte=since.replace(tzinfo=UTC)))
    calendar = case_rules.hours_of(settings, case_rules.of(settings.slug), since, at)
    shown = hours.running(calendar, since, at)
    minimum = settings.minimum_base

    def wait(ends: Sequence[tuple[Case, datetime | None]]) -> Wait:
        return _wait(shown, ends, at, minimum)

    return Figures(
        DAYS,
        minimum,
        wait([(one, one.first_response_at) for one in found]),
        wait([(one, one.closed_at) for one in found]),
    )


def _wait(
    shown: Callable[[datetime], timedelta],
    ends: Sequence[tuple[Case, datetime | None]],
    now: datetime,
    minimum: int,
) -> Wait:
    arrived: Counter[float] = Counter()
    still: Counter[float] = Counter()
    for case, end in ends:
        until = kept.naive(end) if end else now
        lasted = shown(until) - shown(kept.naive(case.opened_at))
        (arrived if end else still)[_hours(lasted)] += 1
    n, ended = len(ends), sum(arrived.values())
    if n < minimum:
        return Wait(None, None, None, n, ended, "too_few")
    times = sorted({*arrived, *still})
    curve = survival.curve(times, [arrived[t] for t in times], [still[t] for t in times])
    median = curve.median if curve else None
    if median is None or median.value is None:
        return Wait(None, median.low if median else None, None, n, ended, "under_half")
    return Wait(median.value, median.low, median.high, n, ended, "ok")


def _hours(lasted: timedelta) -> float:
    return round(lasted.total_seconds() / PIECE) * PIECE / 3600
