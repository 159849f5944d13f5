"""Time to convert: how long until customers come to a step, those who have not come yet included.

Each customer has one start, the earliest. Whoever has not arrived when her time is over, or when
the log ends, is censored there; where these are few, as soon as they are enough to be told of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zhiyin.journey.asking import ALL, Steps
from zhiyin.journey.events import EPOCH, Events, microseconds
from zhiyin.journey.funnel import FunnelAsked, chains, each_customer
from zhiyin.journey.withholding import within
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.kernel.text import _
from zhiyin.stats import survival
from zhiyin.stats.estimate import Floats, number
from zhiyin.stats.survival import Ints
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    import pyarrow as pa

    from zhiyin.accounts.workspaces import Settings

SECOND = 1_000_000
"""Microseconds. Waits are counted in whole seconds that are over."""
MOMENTS = 20
"""The curve is told at so many moments in each part of its time."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The curve at one moment. Shares lie in 0…1.

    Args:
        seconds: since the start of the chain.
        at_risk: how many are on their way and watched at it.
        arrived: how many have arrived by then.
        still: the share still on its way just after (Kaplan and Meier).
        low, high: its interval; None where everybody has arrived.
    """

    seconds: float
    at_risk: int
    arrived: int
    still: float
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Waits:
    """How long it takes from the first step to a later one.

    Args:
        first, last: what the two steps are called.
        number: of the later step; the first step is 1.
        parts: into how many the time is divided where it is drawn.
        began: how many customers; None where they are fewer than the smallest base.
        arrived: how many came; None where that, or who did not, is too few to tell.
        median_seconds: until half have arrived, with the ends of its interval; None where the curve
            does not come so far, or what is told of it ends before.
        moments: of the curve, those that are told; none where nothing is.
    """

    first: str
    last: str
    number: int
    within_seconds: float
    parts: int
    began: int | None
    arrived: int | None
    median_seconds: float | None
    median_low: float | None
    median_high: float | None
    moments: tuple[Moment, ...]
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del found["parts"]
        return {**found, "moments": [one.as_dict() for one in self.moments]}


def waits(
    log: Log,
    settings: Settings,
    asked: FunnelAsked,
    *,
    last: int | None = None,
    scope: Filter | None = None,
) -> Waits:
    """How long until customers who began come to a step.

    Args:
        asked: its order and break-down do not matter: everybody begins once, at the earliest first
            step, and all are one group.
        last: the number of the step, 2 or more; None is the last.

    Raises:
        Problem: ``journey.no-such-step``, ``journey.no-such-event``, ``filter.…``.
    """
    place = len(asked.steps.names) if last is None else last
    if not 2 <= place <= len(asked.steps.names):
        raise Problem(
            "journey.no-such-step",
            _("There is no step {n} to come to.", n=place),
            _("Choose a step from 2 to {last}.", last=len(asked.steps.names)),
        )
    steps = Steps(asked.steps.names[:place], asked.steps.between[: place - 1])
    short = replace(asked, steps=steps, order="earliest", by=None)
    events = Events.of(log, settings, asked.chosen, scope=scope)
    rows = counted(events, short, _until(log, settings, asked, scope))
    return _told(short, settings.minimum_base, rows)


def counted(events: Events, asked: FunnelAsked, until: int) -> pa.Table:
    """Those who began, by how long they were on their way to the last step.

    Args:
        asked: in the order ``earliest``.
        until: microseconds since 1970, up to which the log is known.

    Returns:
        ``seconds``, each once; how many ``arrived`` after so long, and how many were ``still`` on
        their way and were watched no longer.
    """
    steps = asked.steps
    question = {
        "names": [events.codes(step) for step in steps.names],
        "between": [events.codes(names) for names in steps.between],
        "within": microseconds(asked.within),
        "order": "earliest",
        "until": until,
    }
    found = events.ask("waits", question)
    return events.run(_by_second(events, asked, until)) if found is None else found


def _by_second(events: Events, asked: FunnelAsked, until: int) -> lang.Expression:
    rows = chains(events, asked, None)
    arrived = f"took{len(asked.steps.names) - 1}"
    # The earliest first step is the only one that starts a chain.
    began = rows.us.min(where=rows.start0.notnull())
    each = each_customer(rows, asked.steps, (), began=began)
    each = each.filter(each.began.notnull())
    watched, whole = until - each.began, microseconds(asked.within)
    watched = lang.ifelse(watched < whole, watched, whole)
    waited = lang.coalesce(each[arrived], watched)
    each = each.mutate(seconds=(waited // SECOND).cast("int64"), came=each[arrived].notnull())
    return each.group_by("seconds").aggregate(
        arrived=each.came.cast("int64").sum(), still=(~each.came).cast("int64").sum()
    )


def _until(log: Log, settings: Settings, asked: FunnelAsked, scope: Filter | None) -> int:
    """Microseconds up to which the log is known: its last event, whatever the filter; and no later
    than the end of the days that are asked for."""
    events = Events.of(log, settings, ALL, scope=scope)
    rows = events.rows()
    (found,) = events.run(rows.aggregate(last=rows.us.max())).to_pylist()
    last = int(found["last"] or 0)
    if asked.chosen.end is None:
        return last
    return min(last, microseconds(day_start(asked.chosen.end, settings.timezone) - EPOCH))


def _told(asked: FunnelAsked, minimum: int, rows: pa.Table) -> Waits:
    counts = _Counts.of(rows)
    states = within([counts.began, counts.all_arrived], minimum)
    span, parts = asked.within.total_seconds(), parts_of(asked.within)
    curve = None
    if states == ["ok", "ok"]:
        lost = in_groups(counts.still, minimum)
        curve = survival.curve(counts.seconds, counts.arrived, lost, confidence=asked.confidence)
    moments: tuple[Moment, ...] = ()
    half = survival.Median(None, None, None)
    if curve is not None:
        grid = np.floor(np.linspace(0, span, parts * MOMENTS + 1))
        moments = _moments(curve, counts, np.unique(grid), minimum)
        half = _within_told(curve.median, moments)
    return Waits(
        first=asked.steps.labels[0],
        last=asked.steps.labels[-1],
        number=len(asked.steps.names),
        within_seconds=span,
        parts=parts,
        began=counts.began if states[0] == "ok" else None,
        arrived=counts.all_arrived if states == ["ok", "ok"] else None,
        median_seconds=half.value,
        median_low=half.low,
        median_high=half.high,
        moments=moments,
        minimum_base=minimum,
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    """Those who began, by whole seconds, which rise: how many arrived, how many still had not."""

    seconds: Ints
    arrived: Ints
    still: Ints

    @classmethod
    def of(cls, rows: pa.Table) -> _Counts:
        seconds, *counts = (
            rows[name].to_numpy().astype(np.int64) for name in ("seconds", "arrived", "still")
        )
        order = np.argsort(seconds)
        return cls(seconds[order], *(one[order] for one in counts))

    @property
    def began(self) -> int:
        return int(self.arrived.sum() + self.still.sum())

    @property
    def all_arrived(self) -> int:
        return int(self.arrived.sum())

    def before(self, moments: Floats, counts: Ints, *, included: bool) -> Ints:
        """How many of the counts are of before each moment, or of that moment too."""
        sums = np.concatenate([[0], np.cumsum(counts)])
        side: Literal["left", "right"] = "right" if included else "left"
        return np.asarray(sums[np.searchsorted(self.seconds, moments, side=side)], dtype=np.int64)


def in_groups(still: Ints, minimum: int) -> Ints:
    """The same counts, moved later until those of one time are at least the minimum: so nothing
    tells of fewer who were lost from sight. What is left over joins the last.

    >>> in_groups(np.array([2, 3, 0, 4, 9, 1]), 5).tolist()
    [0, 5, 0, 0, 0, 14]
    """
    found = np.zeros_like(still)
    sums = np.cumsum(still)
    whole, told = int(sums[-1]) if len(sums) else 0, 0
    while told < whole:
        place = int(np.searchsorted(sums, told + minimum))
        if place >= len(sums) or 0 < whole - sums[place] < minimum:
            place = len(sums) - 1
        found[place] = sums[place] - told
        told = int(sums[place])
    return found


def _moments(
    curve: survival.Survival, counts: _Counts, grid: Floats, minimum: int
) -> tuple[Moment, ...]:
    """The moments that are told: those who arrived between two of them, or after the last, are
    nobody or at least the minimum."""
    at, lost = curve.at(grid), in_groups(counts.still, minimum)
    arrived = counts.before(grid, counts.arrived, included=True)
    gone = counts.before(grid, lost, included=False)
    watched = counts.began - arrived - counts.before(grid, counts.still, included=False)
    found: list[Moment] = []
    told = 0
    for place, here in enumerate(arrived.tolist()):
        if watched[place] < minimum and here < counts.began:
            break
        if any(0 < gap < minimum for gap in (here - told, counts.all_arrived - here)):
            continue
        told = here
        found.append(
            Moment(
                seconds=float(grid[place]),
                at_risk=int(counts.began - here - gone[place]),
                arrived=here,
                still=float(at.share[place]),
                low=number(at.low[place]),
                high=number(at.high[place]),
            )
        )
    return tuple(found)


def _within_told(half: survival.Median, moments: Sequence[Moment]) -> survival.Median:
    """The median as far as the curve is told: beyond, it would rest on too few."""
    until = moments[-1].seconds if moments else -1.0
    ends = [
        None if end is None or end > until else end for end in (half.value, half.low, half.high)
    ]
    return survival.Median(*ends) if ends[0] is not None else survival.Median(None, None, None)


def parts_of(span: timedelta) -> int:
    """Into how many equal parts a time is divided where it is drawn.

    >>> [parts_of(timedelta(days=n)) for n in (1, 7, 14, 30)], parts_of(timedelta(minutes=30))
    ([6, 7, 7, 6], 6)
    """
    seconds = int(span.total_seconds())
    unit = next((one for one in (86_400, 3_600, 60) if seconds >= 2 * one), 1)
    return next((n for n in (6, 7, 5, 4) if not seconds % (n * unit)), 4)
