"""Adoption: of those who were new in a period, how many really start something soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.attempts import known_until
from zhiyin.journey.events import EPOCH, MICROSECOND, Events, instants, microseconds
from zhiyin.journey.retention import periods
from zhiyin.journey.shares import Figure, interval
from zhiyin.journey.withholding import State, beside_whole, within
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Grain
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class AdoptionAsked:
    """One question about what new customers take up.

    Args:
        names: of the events that show it.
        within: so long after a customer was new; the end included.
        times: so many of these events at least.
        since: names of the event that makes her new, her first of them; None for her first at all.
        every: the length of a cohort's period.
        confidence: of the intervals.
    """

    names: frozenset[str]
    within: timedelta
    times: int = 1
    since: frozenset[str] | None = None
    every: Grain = "month"
    chosen: Chosen = ALL
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Adopting:
    """Customers who were new in one period.

    Args:
        customers: None where they are not shown, as `state` says.
        adopted: of them, those who did it in time; None as `adopted_state` says, with the share.
        share: 0…1, with Wilson's interval.
        is_final: whether the time of all of them is over.
    """

    period: str
    customers: int | None
    adopted: int | None
    share: Figure
    state: State
    adopted_state: State
    is_final: bool

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {"period": self.period, **_counts(self), "is_final": self.is_final}


@dataclass(frozen=True, slots=True)
class Together:
    """All cohorts that are shown and final; see `Adopting`.

    Args:
        cohorts: how many they are.
    """

    cohorts: int
    customers: int | None
    adopted: int | None
    share: Figure
    state: State
    adopted_state: State

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {"cohorts": self.cohorts, **_counts(self)}


@dataclass(frozen=True, slots=True)
class Adoption:
    """Cohorts in the order of time; periods without anybody new have none.

    Args:
        together: None where no cohort is shown and final.
        known_until: up to when the log is known (UTC, naive).
        minimum_base: a count of fewer customers is not shown.
    """

    every: Grain
    cohorts: tuple[Adopting, ...]
    together: Together | None
    known_until: datetime
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "every": self.every,
            "cohorts": [one.as_dict() for one in self.cohorts],
            "together": None if self.together is None else self.together.as_dict(),
            "known_until": f"{self.known_until.isoformat(timespec='seconds')}Z",
            "minimum_base": self.minimum_base,
        }


def adoption(
    log: Log,
    settings: Settings,
    asked: AdoptionAsked,
    *,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Adoption:
    """Count who takes something up, by the period in which she was new.

    Args:
        now: the log is known up to this moment at most (UTC, naive); None is this moment.

    Raises:
        Problem: ``journey.no-such-event``, ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    minimum = settings.minimum_base
    until = EPOCH + known_until(events, now or clock.now()) * MICROSECOND
    events.codes(asked.names | (asked.since or frozenset()))
    buckets = periods(events, asked.every)
    counts: dict[int, tuple[int, int]] = {}
    if buckets:
        found = events.ask("adoption", question_of(events, asked, buckets))
        if found is None:
            each = each_new(events, asked, buckets)
            each = each.mutate(did=lang.ifelse(each.did >= asked.times, 1, 0))
            counted = each.group_by("period").aggregate(n=each.count(), did=each.did.sum())
            found = events.run(counted)
        counts = {row["period"]: (row["n"], int(row["did"])) for row in found.to_pylist()}
    cohorts = [
        (buckets[place], *counts[place], buckets[place].end + asked.within <= until)
        for place in sorted(counts)
    ]
    told, together = _told(cohorts, minimum, asked.confidence)
    return Adoption(asked.every, told, together, until, minimum)


def question_of(events: Events, asked: AdoptionAsked, buckets: Sequence[Bucket]) -> dict[str, Any]:
    """What the journey index is asked."""
    return {
        "names": events.codes(asked.names),
        "since": None if asked.since is None else events.codes(asked.since),
        "within": microseconds(asked.within),
        "times": asked.times,
        "periods": instants(buckets),
    }


def each_new(events: Events, asked: AdoptionAsked, buckets: Sequence[Bucket]) -> lang.Expression:
    """One row a new customer: the number of the ``period`` in which she was, and how often she
    ``did`` it in time."""
    rows = events.rows("occurred_at")
    at = rows.us
    if asked.since is not None:
        at = lang.ifelse(rows.name.isin(events.codes(asked.since)), rows.us, lang.null("int64"))
    rows = rows.mutate(at=at)
    rows = rows.mutate(new=rows.at.min().over(group_by="customer"))
    rows = rows.filter(rows.new.notnull())
    is_one = rows.name.isin(events.codes(asked.names)) & (rows.us >= rows.new)
    is_one = is_one & (rows.us - rows.new <= microseconds(asked.within))
    new_at = lang.ifelse(rows.us == rows.new, rows.occurred_at, lang.null("timestamp(6)"))
    rows = rows.mutate(is_one=is_one.cast("int64"), new_at=new_at)
    each = rows.group_by("customer").aggregate(did=rows.is_one.sum(), new_at=rows.new_at.min())
    return each.mutate(period=lang.period_number(each.new_at, buckets))


def _told(
    cohorts: Sequence[tuple[Bucket, int, int, bool]], minimum: int, confidence: float
) -> tuple[tuple[Adopting, ...], Together | None]:
    """The cohorts and the final ones together, without what is withheld."""
    states = [within([n, did], minimum) for _bucket, n, did, _final in cohorts]
    mine = [
        place
        for place, (_bucket, _n, _did, is_final) in enumerate(cohorts)
        if is_final and states[place][0] == "ok"
    ]
    together = None
    if mine:
        of, did = sum(cohorts[place][1] for place in mine), sum(cohorts[place][2] for place in mine)
        base, came = within([of, did], minimum)
        column = beside_whole(
            [cohorts[place][2] for place in mine],
            [states[place][1] for place in mine],
            did,
            minimum,
            is_shown=came == "ok",
        )
        for place, state in zip(mine, column, strict=True):
            states[place][1] = state
        together = Together(len(mine), *_figures(of, did, base, came, confidence))
    told = tuple(
        Adopting(bucket.label, *_figures(n, did, base, came, confidence), is_final)
        for (bucket, n, did, is_final), (base, came) in zip(cohorts, states, strict=True)
    )
    return told, together


_Figures = tuple[int | None, int | None, Figure, State, State]


def _figures(n: int, did: int, base: State, came: State, confidence: float) -> _Figures:
    """Customers, those who did it, and their share, as far as they are shown."""
    shown = n if base == "ok" else None
    done = did if came == "ok" else None
    share = Figure(None, None, None)
    if shown and done is not None:
        share = Figure(done / shown, *interval(done, shown, confidence))
    return shown, done, share, base, came


def _counts(one: Adopting | Together) -> dict[str, Any]:
    return {
        "customers": one.customers,
        "adopted": one.adopted,
        "share": one.share.value,
        "low": one.share.low,
        "high": one.share.high,
        "state": one.state,
        "adopted_state": one.adopted_state,
    }
