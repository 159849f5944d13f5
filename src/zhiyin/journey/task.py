"""Task success: of the attempts at something, how many succeed, how fast and at what effort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.attempts import CAME, Attempts, Ints, Marks, attempts, known_until
from zhiyin.journey.events import EPOCH, MICROSECOND, NOBODY, Events, microseconds
from zhiyin.journey.lengths import Length, lengths
from zhiyin.journey.retention import periods
from zhiyin.journey.shares import NO_FIGURE, Figure, interval, mean_of, share_of
from zhiyin.journey.withholding import State, beside_whole, within
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Grain
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TaskAsked:
    """One question about a task.

    Args:
        begins: names of events that an attempt begins with, where none is open.
        goal: names of those by which it succeeds.
        within: an attempt is given up so long after its start; the end included.
        error, help: names of what goes wrong, and of asking for help, within an attempt.
        by: break down by this column of the event that begins the attempt.
        every: the length of a period; None for no course over time.
        confidence: of the intervals.
    """

    begins: frozenset[str]
    goal: frozenset[str]
    within: timedelta
    error: frozenset[str] = NOTHING
    help: frozenset[str] = NOTHING
    by: str | None = None
    every: Grain | None = None
    chosen: Chosen = ALL
    confidence: float = 0.95

    @property
    def names(self) -> Mapping[str, frozenset[str]]:
        """The names by what they are to the task."""
        kinds = ("begins", "goal", "error", "help")
        return {kind: getattr(self, kind) for kind in kinds}


@dataclass(frozen=True, slots=True)
class Success:
    """What became of the attempts whose time is over. Shares lie in 0…1.

    None where it is not shown, as `state` and `completed_state` say, or where there is none.

    Args:
        attempts: whose time is over, however they ended.
        customers: who made one.
        completed: attempts that came to the goal.
        completed_customers: customers who completed one.
        missed_customers: customers who gave one up; among these are some who completed another.
        completion: of the attempts; variance over customers.
        customer_share: of the customers those who completed one; Wilson's interval.
        times: of the attempts that came to the goal, seconds to it.
        times_of_all: seconds to the goal, those still open and those given up counted up to then.
        errors, switches: events an attempt; no errors where none are named.
        helped: share of the attempts in which help was asked for, where its events are named.
        tries: attempts of a customer up to the first completed one, it included.
    """

    attempts: int | None
    customers: int | None
    completed: int | None
    completed_customers: int | None
    missed_customers: int | None
    completion: Figure
    customer_share: Figure
    times: tuple[Length, ...]
    times_of_all: tuple[Length, ...]
    errors: Figure
    helped: Figure
    switches: Figure
    tries: Figure
    state: State = "ok"
    completed_state: State = "ok"

    @property
    def median_seconds(self) -> float | None:
        """Half of the attempts that came to the goal took at most so long."""
        return next((one.seconds for one in self.times if one.share == 0.5), None)

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        found: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, Figure):
                value = value.as_dict()
            elif isinstance(value, tuple):
                value = [one.as_dict() for one in value]
            found[name] = value
        return found


Group = tuple[str | None, Success]


@dataclass(frozen=True, slots=True)
class Begun:
    """Attempts that began in a period.

    Args:
        is_final: whether the time of all of them is over.
        success: None where nobody began one whose time is over.
    """

    period: str
    is_final: bool
    success: Success | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        success = None if self.success is None else self.success.as_dict()
        return {"period": self.period, "is_final": self.is_final, "success": success}


@dataclass(frozen=True, slots=True)
class Task:
    """A task, by groups the largest first, and over time.

    Args:
        open_attempts: whose time is not over; None where they are of too few customers.
        known_until: up to when the log is known (UTC, naive).
        minimum_base: a count of fewer customers is not shown.
    """

    success: Success
    open_attempts: int | None
    known_until: datetime
    minimum_base: int
    by: str | None = None
    groups: tuple[Group, ...] = ()
    every: Grain | None = None
    periods: tuple[Begun, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        found: dict[str, Any] = {
            "success": self.success.as_dict(),
            "open_attempts": self.open_attempts,
            "known_until": f"{self.known_until.isoformat(timespec='seconds')}Z",
            "minimum_base": self.minimum_base,
        }
        if self.by is not None:
            found["by"] = self.by
            found["groups"] = [{"group": word, "success": s.as_dict()} for word, s in self.groups]
        if self.every is not None:
            found["every"] = self.every
            found["periods"] = [one.as_dict() for one in self.periods]
        return found


def task(
    log: Log,
    settings: Settings,
    asked: TaskAsked,
    *,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Task:
    """Count attempts and what became of them.

    Args:
        now: the log is known up to this moment at most (UTC, naive); None is this moment.

    Raises:
        Problem: ``journey.no-such-event``, ``journey.no-such-column``, ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    until = known_until(events, now or clock.now())
    span, minimum = microseconds(asked.within), settings.minimum_base
    found = attempts(events, asked.names, within=span, until=until, by=asked.by)
    is_settled = found.began + span <= until
    waiting = found.customer[~is_settled]
    (of_open,) = within([len(np.unique(waiting))], minimum)
    whole = _success(found, is_settled, asked)
    states = _states(whole, minimum)
    by_code, over_time = {}, {}
    if asked.by is not None:
        by_code = {
            code: _success(found.of(found.part == code), is_settled[found.part == code], asked)
            for code in np.unique(found.part[is_settled]).tolist()
        }  # fmt: skip
    buckets = [] if asked.every is None else periods(events, asked.every)
    if buckets:
        numbers = _period_numbers(found.began, buckets)
        over_time = {
            place: _success(found.of(numbers == place), is_settled[numbers == place], asked)
            for place in np.unique(numbers[is_settled]).tolist()
        }  # fmt: skip
    words = events.words(events.column(asked.by)) if asked.by is not None else {NOBODY: None}
    shown = _beside(by_code, whole, states, minimum)
    groups = [(words[code], shown[code]) for code in by_code]
    sizes = {words[code]: one.customers or 0 for code, one in by_code.items()}
    groups.sort(key=lambda one: (-sizes[one[0]], one[0] is None, one[0] or ""))
    of_time = _beside(over_time, whole, states, minimum)
    moment = EPOCH + until * MICROSECOND
    return Task(
        success=_shown(whole, states),
        open_attempts=len(waiting) if of_open == "ok" else None,
        known_until=moment,
        minimum_base=minimum,
        by=asked.by,
        groups=tuple(groups),
        every=asked.every,
        periods=tuple(
            Begun(bucket.label, bucket.end + asked.within <= moment, of_time.get(place))
            for place, bucket in enumerate(buckets)
        ),
    )


def _period_numbers(began: Ints, buckets: Sequence[Bucket]) -> Ints:
    starts = np.array([microseconds(one.start - EPOCH) for one in buckets], np.int64)
    return np.searchsorted(starts, began, side="right") - 1


def _success(every: Attempts, is_settled: Marks, asked: TaskAsked) -> Success:
    """What became of some attempts; nothing is withheld."""
    confidence = asked.confidence
    settled = every.of(is_settled)
    came = settled.state == CAME
    done = settled.of(came)
    customers, first = np.unique(settled.customer, return_index=True)
    firsts_of, at = np.unique(done.customer, return_index=True)
    # A customer's attempts stand together and in order, so her place is a difference of places.
    tries = np.flatnonzero(came)[at] - first[np.searchsorted(customers, firsts_of)] + 1
    who = settled.customer
    n, completed = len(customers), len(firsts_of)
    ends = interval(completed, n, confidence)
    return Success(
        attempts=len(who),
        customers=n,
        completed=int(came.sum()),
        completed_customers=completed,
        missed_customers=len(np.unique(who[~came])),
        completion=share_of(came, who, confidence),
        customer_share=Figure(completed / n if n else None, *ends),
        times=lengths(done.lasted, np.ones(len(done.lasted), np.bool_), done.customer, confidence),
        times_of_all=lengths(every.lasted, every.state == CAME, every.customer, confidence),
        errors=mean_of(settled.errors, who, confidence) if asked.error else NO_FIGURE,
        helped=share_of(settled.helps > 0, who, confidence) if asked.help else NO_FIGURE,
        switches=mean_of(settled.switches, who, confidence),
        tries=mean_of(tries, firsts_of, confidence),
    )


_COUNTED = ("customers", "completed_customers", "missed_customers")


def _states(one: Success, minimum: int) -> list[State]:
    """Whether each of the counts of customers is shown, one by one."""
    n, completed, missed = (getattr(one, name) for name in _COUNTED)
    return [*within([n, completed], minimum), *within([n, missed], minimum)[1:]]


def _beside(
    parts: Mapping[int, Success], whole: Success, of_whole: Sequence[State], minimum: int
) -> dict[int, Success]:
    """Parts as they are shown beside the whole, which is given with nothing withheld."""
    states = {number: _states(one, minimum) for number, one in parts.items()}
    for place, name in enumerate(_COUNTED):
        column = beside_whole(
            [getattr(one, name) for one in parts.values()],
            [states[number][place] for number in parts],
            getattr(whole, name),
            minimum,
            is_shown=of_whole[place] == "ok",
        )
        for number, state in zip(parts, column, strict=True):
            states[number][place] = state
    return {number: _shown(one, states[number]) for number, one in parts.items()}


def _shown(one: Success, states: Sequence[State]) -> Success:
    """Without what is withheld, and without what it could be told by."""
    base, completed, missed = states
    # What succeeded and what did not are each other's rest.
    completed = missed if completed == "ok" else completed
    one = replace(one, state=base, completed_state=completed)
    if completed != "ok" or base != "ok":
        one = replace(
            one, completed=None, completed_customers=None, missed_customers=None,
            completion=NO_FIGURE,
            customer_share=NO_FIGURE, times=(), times_of_all=(), tries=NO_FIGURE,
        )  # fmt: skip
    if base != "ok":
        one = replace(
            one, attempts=None, customers=None, errors=NO_FIGURE, helped=NO_FIGURE,
            switches=NO_FIGURE,
        )  # fmt: skip
    return one
