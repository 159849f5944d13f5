"""Retention: of those who first came in a period, how many came again in each later one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events
from zhiyin.journey.shares import interval
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Grain, Period, around, local_day, split
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class Return:
    """Those of a cohort who had an event `later` periods after its own; shares lie in 0…1.

    Args:
        later: 0 is the cohort's own period, in which all of it came.
        low, high: Wilson's interval of the share; of the own period it is 1.
    """

    later: int
    period: str
    customers: int
    share: float
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers whose first event fell into one period."""

    period: str
    customers: int
    returns: tuple[Return, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "period": self.period,
            "customers": self.customers,
            "returns": [one.as_dict() for one in self.returns],
        }


@dataclass(frozen=True, slots=True)
class Retention:
    """Cohorts in the order of time; periods without a newcomer have none."""

    every: Grain
    cohorts: tuple[Cohort, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {"every": self.every, "cohorts": [one.as_dict() for one in self.cohorts]}


def retention(
    log: Log,
    settings: Settings,
    chosen: Chosen,
    *,
    every: Grain,
    confidence: float = 0.95,
    scope: Filter | None = None,
) -> Retention:
    """Cohorts by the first period in which a customer has a chosen event.

    Periods are those of the workspace's calendar, up to the one that holds the last chosen event.

    Raises:
        Problem: ``filter.…``.
    """
    events = Events.of(log, settings, chosen, scope=scope)
    buckets = _buckets(events, every)
    if not buckets:
        return Retention(every, ())
    rows = events.rows("occurred_at")
    numbered = rows.mutate(period=lang.period_number(rows.occurred_at, buckets))
    came = numbered.select("customer", "period").distinct()
    came = came.mutate(first=came.period.min().over(group_by="customer"))
    counted = came.group_by(["first", "period"]).aggregate(customers=came.count())
    cohorts: dict[int, dict[int, int]] = {}
    for row in events.run(counted).to_pylist():
        cohorts.setdefault(row["first"], {})[row["period"]] = row["customers"]
    labels = [bucket.label for bucket in buckets]
    return Retention(
        every,
        tuple(
            _cohort(first, counts, labels, confidence) for first, counts in sorted(cohorts.items())
        ),
    )


def _buckets(events: Events, every: Grain) -> list[Bucket]:
    """Whole periods from the first chosen event to the last."""
    rows = events.rows("occurred_at")
    extent = rows.aggregate(first=rows.occurred_at.min(), last=rows.occurred_at.max())
    (found,) = events.run(extent).to_pylist()
    if found["first"] is None:
        return []
    settings = events.settings
    first, last = (
        around(
            local_day(found[end], settings.timezone),
            every,
            settings.timezone,
            settings.week_start,
            settings.fiscal_year_start,
        )
        for end in ("first", "last")
    )
    return split(
        Period(first.start, last.end),
        every,
        settings.timezone,
        settings.week_start,
        settings.fiscal_year_start,
    )


def _cohort(first: int, counts: dict[int, int], labels: list[str], confidence: float) -> Cohort:
    """One cohort; a period in which none of it came is there with 0."""
    size = counts[first]
    returns = []
    for place in range(first, len(labels)):
        customers = counts.get(place, 0)
        low, high = interval(customers, size, confidence, is_all=place == first)
        share = customers / size
        returns.append(Return(place - first, labels[place], customers, share, low, high))
    return Cohort(labels[first], size, tuple(returns))
