"""Retention: of those who first came in a period, how many came again in each later one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import EPOCH, MICROSECOND, Events, instants
from zhiyin.journey.shares import interval
from zhiyin.journey.withholding import State, among, beside_whole
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Grain, Period, around, day_start, local_day, split
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    import pyarrow as pa

    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class Return:
    """Those of a cohort who had an event `later` periods after its own; shares lie in 0…1.

    Args:
        later: 0 is the cohort's own period, in which all of it came.
        customers: None where they are not shown, as `state` says; the share is None then too, and
            where the cohort is not shown.
        low, high: Wilson's interval of the share; of the own period it is 1.
        is_final: whether the period is over, so that the share grows no more.
    """

    later: int
    period: str
    customers: int | None
    share: float | None
    low: float | None
    high: float | None
    state: State
    is_final: bool

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers whose first event fell into one period.

    Args:
        customers: None where they are fewer than the smallest base, or withheld.
    """

    period: str
    customers: int | None
    state: State
    returns: tuple[Return, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "period": self.period,
            "customers": self.customers,
            "state": self.state,
            "returns": [one.as_dict() for one in self.returns],
        }


@dataclass(frozen=True, slots=True)
class Together:
    """All cohorts that are shown and for which the period `later` after their own is over.

    Args:
        cohorts: how many they are.
        of: their customers.
        customers: of them, those who came; None where they are not shown, with share and interval.
    """

    later: int
    cohorts: int
    of: int
    customers: int | None
    share: float | None
    low: float | None
    high: float | None
    state: State

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Retention:
    """Cohorts in the order of time; periods without a newcomer have none.

    Args:
        together: all cohorts, by how much later; nothing where no period is over.
        minimum_base: a count of fewer customers is not shown.
    """

    every: Grain
    cohorts: tuple[Cohort, ...]
    together: tuple[Together, ...]
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "every": self.every,
            "cohorts": [one.as_dict() for one in self.cohorts],
            "together": [one.as_dict() for one in self.together],
            "minimum_base": self.minimum_base,
        }


def retention(
    log: Log,
    settings: Settings,
    chosen: Chosen,
    *,
    every: Grain,
    confidence: float = 0.95,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Retention:
    """Cohorts by the first period in which a customer has a chosen event.

    Periods are those of the workspace's calendar, up to the one that holds the last chosen event.

    Args:
        confidence: of the intervals.
        now: periods that end later are not over (UTC, naive); None is this moment.

    Raises:
        Problem: ``filter.…``.
    """
    events = Events.of(log, settings, chosen, scope=scope)
    buckets = periods(events, every)
    if not buckets:
        return Retention(every, (), (), settings.minimum_base)
    counts: dict[int, dict[int, int]] = {}
    for row in _counted(events, buckets).to_pylist():
        counts.setdefault(row["first"], {})[row["period"]] = row["customers"]
    table = _Table(
        buckets=buckets,
        over=over(buckets, chosen, settings.timezone, now or clock.now()),
        # A period in which none of a cohort came is there with 0.
        rows={
            first: [held.get(place, 0) for place in range(first, len(buckets))]
            for first, held in sorted(counts.items())
        },
        minimum=settings.minimum_base,
        confidence=confidence,
    )
    return table.shown(every)


def _counted(events: Events, buckets: Sequence[Bucket]) -> pa.Table:
    """Customers by the ``first`` period and each ``period`` in which they came."""
    found = events.ask("retention", {"periods": instants(buckets)})
    if found is not None:
        return found
    came = visits(events, buckets)
    return events.run(came.group_by(["first", "period"]).aggregate(customers=came.count()))


def visits(events: Events, buckets: Sequence[Bucket]) -> lang.Expression:
    """One row a customer and period in which she came, with the ``first`` in which she did."""
    rows = events.rows("occurred_at")
    numbered = rows.mutate(period=lang.period_number(rows.occurred_at, buckets))
    came = numbered.select("customer", "period").distinct()
    return came.mutate(first=came.period.min().over(group_by="customer"))


def over(buckets: Sequence[Bucket], chosen: Chosen, zone: str, now: datetime) -> int:
    """How many of the periods are over, and not cut by the last chosen day."""
    end = now if chosen.end is None else min(now, day_start(chosen.end, zone))
    return sum(bucket.end <= end for bucket in buckets)


_Share = tuple[int | None, float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class _Table:
    """Customers by the period in which they first came, and each period from it on."""

    buckets: Sequence[Bucket]
    over: int
    rows: dict[int, list[int]]
    minimum: int
    confidence: float

    def shown(self, every: Grain) -> Retention:
        """The cohorts and all of them together, without what is withheld."""
        states = {first: among(row, self.minimum) for first, row in self.rows.items()}
        together = []
        for later in range(len(self.buckets)):
            mine = [
                first
                for first, (size, *_later) in states.items()
                if size == "ok" and first + later < self.over
            ]
            if not mine:
                break
            of = sum(self.rows[first][0] for first in mine)
            came = [self.rows[first][later] for first in mine]
            _all, whole = among([of, sum(came)], self.minimum)
            held = [states[first][later] for first in mine]
            column = beside_whole(came, held, sum(came), self.minimum, is_shown=whole == "ok")
            for first, state in zip(mine, column, strict=True):
                states[first][later] = state
            share = self._share(later, sum(came), of, whole)
            together.append(Together(later, len(mine), of, *share, whole))
        cohorts = tuple(self._cohort(first, row) for first, row in states.items())
        return Retention(every, cohorts, tuple(together), self.minimum)

    def _cohort(self, first: int, states: Sequence[State]) -> Cohort:
        size = self.rows[first][0] if states[0] == "ok" else None
        returns = []
        for later, (came, state) in enumerate(zip(self.rows[first], states, strict=True)):
            label, is_final = self.buckets[first + later].label, first + later < self.over
            share = self._share(later, came, size, state)
            returns.append(Return(later, label, *share, state, is_final))
        return Cohort(self.buckets[first].label, size, states[0], tuple(returns))

    def _share(self, later: int, came: int, of: int | None, state: State) -> _Share:
        """Those who came, their share and its interval, as far as they are shown."""
        if state != "ok":
            return None, None, None, None
        if of is None:
            return came, None, None, None
        return came, came / of, *interval(came, of, self.confidence, is_all=not later)


def periods(events: Events, every: Grain) -> list[Bucket]:
    """Whole periods from the first chosen event to the last."""
    found = events.ask("extent", {})
    if found is None:
        rows = events.rows()
        found = events.run(rows.aggregate(first=rows.us.min(), last=rows.us.max()))
    (ends,) = found.to_pylist()
    if ends["first"] is None:
        return []
    settings = events.settings
    first, last = (
        around(
            local_day(EPOCH + ends[end] * MICROSECOND, settings.timezone),
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
