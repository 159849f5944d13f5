"""What a rule would have done over the last days, before anybody saves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import conditions, singles, watching, windows
from zhiyin.act.alerts.conditions import Condition, Windowed, checked, plain
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import local_day
from zhiyin.stats import false_alarms
from zhiyin.warehouse.log import Log

DAYS = 90


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """On which days it would have fired.

    Args:
        start: the first local day; `end` is the day after the last.
        fired: how often on each day on which it did.
        highest: of a figure, the highest e-value, on its day, and what it would have had to reach.
    """

    condition: Condition
    start: date
    end: date
    fired: tuple[tuple[date, int], ...]
    highest: tuple[date, float, float] | None = None

    @property
    def times(self) -> int:
        """How often in all."""
        return sum(times for _day, times in self.fired)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "condition": plain(self.condition),
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "times": self.times,
            "days": [{"day": day.isoformat(), "times": times} for day, times in self.fired],
            "highest": None
            if self.highest is None
            else {
                "day": self.highest[0].isoformat(),
                "e_value": self.highest[1],
                "threshold": self.highest[2],
            },
        }


def rehearse(
    log: Log,
    settings: Settings,
    condition: Condition,
    *,
    branch: Filter | None = None,
    days: int = DAYS,
    now: datetime | None = None,
) -> Rehearsal:
    """What the condition would have done over so many days before today.

    For a figure, its windows follow one another from the first day on, as if the rule had been made
    then, with the numbers that it would get now.

    Args:
        branch: only this part of the organisation.

    Raises:
        Problem: as `conditions.checked`.
    """
    checked(condition, log, settings)
    end = local_day(now or clock.now(), settings.timezone)
    start = end - timedelta(days=days)
    if isinstance(condition, Windowed):
        return _windowed(log, settings, condition, start, end, branch)
    counted = singles.by_day(log, settings, condition, start=start, end=end, branch=branch)
    return Rehearsal(condition, start, end, tuple(counted.items()))


def _windowed(
    log: Log, settings: Settings, condition: Windowed, start: date, end: date,
    branch: Filter | None,
) -> Rehearsal:  # fmt: skip
    daily = windows.read(
        log, settings, condition, start=windows.first_day(condition, start), end=end, branch=branch
    )
    number, alerts = watching.next_number(settings.slug), watching.alerts_so_far(settings.slug)
    least = conditions.least_of(condition, settings)
    fired: list[tuple[date, int]] = []
    highest: tuple[date, float, float] | None = None
    starts_on = start
    while starts_on < end:
        until = min(end, starts_on + timedelta(days=condition.days))
        seen = windows.look(daily, condition, starts_on=starts_on, until=until, seed=number)
        needed = false_alarms.threshold(number, alerts, q=watching.Q)
        at = seen.evidence.first_at(needed, least=least)
        top = int(seen.evidence.e_values.argmax())
        reached = float(seen.evidence.e_values[top])
        if highest is None or reached / needed > highest[1] / highest[2]:
            highest = (starts_on + timedelta(days=top), reached, needed)
        if at is not None:
            fired.append((starts_on + timedelta(days=at), 1))
            alerts += 1
        number += 1
        starts_on = until
    return Rehearsal(condition, start, end, tuple(fired), highest)
