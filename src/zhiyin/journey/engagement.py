"""Engagement: how often customers come in a period, and how long they stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.events import Events, instants, microseconds
from zhiyin.journey.retention import over, periods
from zhiyin.journey.sessions import each_session
from zhiyin.journey.shares import Figure
from zhiyin.journey.withholding import State, beside_whole, within
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Grain
from zhiyin.stats import ratio
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class EngagementAsked:
    """How often and how long customers come.

    Args:
        gap: a session ends with a longer pause.
        every: the length of a period.
        confidence: of the intervals.
    """

    gap: timedelta = timedelta(minutes=30)
    every: Grain = "week"
    chosen: Chosen = ALL
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Engaged:
    """Sessions that began in a period, or in all that are over.

    Args:
        customers: who had one; None where they are too few, with everything else.
        sessions: their number.
        per_customer: sessions of a customer in a period in which she came.
        seconds: of a session, from its first event to its last, on average.
    """

    customers: int | None
    sessions: int | None
    per_customer: Figure
    seconds: Figure
    state: State = "ok"

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "customers": self.customers,
            "sessions": self.sessions,
            "per_customer": self.per_customer.as_dict(),
            "seconds": self.seconds.as_dict(),
            "state": self.state,
        }


@dataclass(frozen=True, slots=True)
class InPeriod:
    """The sessions that began in a period; until it `is_final`, more may come."""

    period: str
    is_final: bool
    engaged: Engaged

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {"period": self.period, "is_final": self.is_final, **self.engaged.as_dict()}


@dataclass(frozen=True, slots=True)
class Engagement:
    """Periods in the order of time, those in which nobody came left out.

    Args:
        together: all periods that are over; None where none is.
        minimum_base: a count of fewer customers is not shown.
    """

    every: Grain
    periods: tuple[InPeriod, ...]
    together: Engaged | None
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "every": self.every,
            "periods": [one.as_dict() for one in self.periods],
            "together": None if self.together is None else self.together.as_dict(),
            "minimum_base": self.minimum_base,
        }


def engagement(
    log: Log,
    settings: Settings,
    asked: EngagementAsked,
    *,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Engagement:
    """Count sessions by the period in which they begin, and how long they last.

    Args:
        now: periods that end later are not over (UTC, naive); None is this moment.

    Raises:
        Problem: ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    minimum, moment = settings.minimum_base, now or clock.now()
    buckets = periods(events, asked.every)
    if not buckets:
        return Engagement(asked.every, (), None, minimum)
    finished = over(buckets, asked.chosen, settings.timezone, moment)
    sums = _out_of_index(events, asked, buckets, finished)
    if sums is None:
        sums = _by_sql(events, asked, buckets, finished)
    rows, whole = sums
    rows.sort(key=lambda row: row["period"])
    told = tuple(
        InPeriod(
            buckets[row["period"]].label,
            row["period"] < finished,
            _engaged(row, state, asked.confidence),
        )
        for row, state in zip(rows, _states(rows, finished, minimum), strict=True)
    )
    together = None
    if whole["customers"]:
        (state,) = within([whole["customers"]], minimum)
        together = _engaged(whole, state, asked.confidence)
    return Engagement(asked.every, told, together, minimum)


Sums = tuple[list[dict[str, Any]], dict[str, Any]]
"""The sums that figures are made of: by ``period``, and of all that are over together."""


def _out_of_index(
    events: Events, asked: EngagementAsked, buckets: Sequence[Bucket], finished: int
) -> Sums | None:
    found = events.ask("engagement", question_of(asked, buckets, finished))
    if found is None:
        return None
    *rows, whole = found.to_pylist()
    return rows, whole


def question_of(asked: EngagementAsked, buckets: Sequence[Bucket], finished: int) -> dict[str, Any]:
    """What the journey index is asked."""
    gap = microseconds(asked.gap)
    return {"periods": instants(buckets), "gap": gap, "finished": finished}


def _by_sql(
    events: Events, asked: EngagementAsked, buckets: Sequence[Bucket], finished: int
) -> Sums:
    each = each_period(events, asked, buckets)
    past = each.filter(each.period < finished)
    summed = {name: past[name].sum() for name in ("visits", "lasted", "squares")}
    of_customer = past.group_by("customer").aggregate(came=past.count(), **summed)
    (whole,) = events.run(_summed(of_customer, [])).to_pylist()
    return events.run(_summed(each, ["period"])).to_pylist(), whole


def each_period(
    events: Events, asked: EngagementAsked, buckets: Sequence[Bucket]
) -> lang.Expression:
    """One row a customer and period in which she came."""
    sessions = each_session(events, asked.gap)
    lasted = sessions.lasted.cast("float64") / 1e6
    sessions = sessions.mutate(
        period=lang.period_number(sessions.began_at, buckets), lasted=lasted, square=lasted * lasted
    )
    each = sessions.group_by(["customer", "period"]).aggregate(
        visits=sessions.count(), lasted=sessions.lasted.sum(), squares=sessions.square.sum()
    )
    return each.mutate(came=lang.literal(1, "int64"))


def _summed(each: lang.Expression, by: list[str]) -> lang.Expression:
    """The sums over customers that both figures and their intervals are made of."""
    came, visits, lasted = (each[name].cast("float64") for name in ("came", "visits", "lasted"))
    sums = {
        "customers": each.count(),
        "came": came.sum(),
        "visits": visits.sum(),
        "lasted": lasted.sum(),
        "squares": each.squares.sum(),
        "vv": (visits * visits).sum(),
        "vc": (visits * came).sum(),
        "cc": (came * came).sum(),
        "ll": (lasted * lasted).sum(),
        "lv": (lasted * visits).sum(),
    }
    return each.group_by(by).aggregate(**sums) if by else each.aggregate(**sums)


def _states(rows: Sequence[dict[str, Any]], finished: int, minimum: int) -> list[State]:
    """Which periods are shown beside all that are over, whose sessions are their sum."""
    counts = [row["customers"] for row in rows]
    states = [state for count in counts for state in within([count], minimum)]
    past = sum(row["period"] < finished for row in rows)
    return [
        *beside_whole(counts[:past], states[:past], sum(counts[:past]), minimum),
        *states[past:],
    ]


def _engaged(row: dict[str, Any], state: State, confidence: float) -> Engaged:
    customers = row["customers"]
    if state != "ok":
        nothing = Figure(None, None, None)
        return Engaged(None, None, nothing, nothing, state)
    sums = {name: float(row[name] or 0) for name in row if name != "period"}
    often = Totals(
        n=sums["came"], customers=customers, num=sums["visits"], den=sums["came"], yy=0.0,
        den2=sums["came"], tt=sums["vv"], tn=sums["vc"], nn=sums["cc"],
    )  # fmt: skip
    long = Totals(
        n=sums["visits"], customers=customers, num=sums["lasted"], den=sums["visits"],
        yy=sums["squares"], den2=sums["visits"], tt=sums["ll"], tn=sums["lv"], nn=sums["vv"],
    )  # fmt: skip
    return Engaged(
        customers=customers,
        sessions=int(sums["visits"]),
        per_customer=Figure.of(ratio.estimate(often, confidence=confidence)),
        seconds=Figure.of(ratio.estimate(long, confidence=confidence)),
    )
