"""Customers who had something before one moment beside those who had it before another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhiyin.journey.shares import interval, totals
from zhiyin.journey.withholding import State, among, beside_whole
from zhiyin.stats import families, proportion
from zhiyin.stats.bases import Bases
from zhiyin.stats.estimate import Floats, number
from zhiyin.stats.totals import Cross

Q = 0.05
"""The share of marks that may be false, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Customers who had it.

    Args:
        here: before the one moment.
        there: before the other.
        both: before both.
        here_shared: of those who have both moments, before the one.
        there_shared: of these, before the other.
    """

    here: int
    there: int
    both: int
    here_shared: int
    there_shared: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Customers with a moment on either side, and with one on both."""

    here: int
    there: int
    shared: int


@dataclass(frozen=True, slots=True)
class Side:
    """Customers of one side who had it.

    Args:
        customers: None where they are not shown, as `state` says.
        share: of the customers of the side, 0…1, with Wilson's interval.
    """

    customers: int | None
    share: float | None
    low: float | None
    high: float | None
    state: State

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Row:
    """One node, or one row of last nodes.

    Args:
        steps: names; none where nothing happened in the time before.
        difference: share here less share there; None where a side is not shown.
        low: of its interval, which agrees with the mark.
        p: of the single test; None where nothing is tested.
        q: the smallest rate of false discoveries at which it would be marked.
        marked: whether the difference is more than chance, within the whole table.
    """

    steps: tuple[str, ...]
    here: Side
    there: Side
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool

    @property
    def certain(self) -> float:
        """The smallest difference that the interval allows, 0 where it allows none."""
        return certain(self.low, self.high)

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        told = ("difference", "low", "high", "p", "q", "marked")
        return {
            "steps": list(self.steps),
            "here": self.here.as_dict(),
            "there": self.there.as_dict(),
            **{name: getattr(self, name) for name in told},
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are one family of tests, the largest certain difference first.

    Args:
        rows_in_all: how many there are, shown or not.
        rows_withheld: of them, those that neither side shows.
        tests: how many were tested.
        interval_confidence: the level of the intervals of differences.
    """

    rows: tuple[Row, ...]
    rows_in_all: int
    rows_withheld: int
    tests: int
    interval_confidence: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        told = ("rows_in_all", "rows_withheld", "tests", "interval_confidence")
        return {
            "rows": [row.as_dict() for row in self.rows],
            **{name: getattr(self, name) for name in told},
        }


def certain(low: float | None, high: float | None) -> float:
    """How far an interval is from 0.

    >>> certain(0.02, 0.3), certain(-0.1, 0.1), certain(-0.4, -0.3)
    (0.02, 0.0, 0.3)
    """
    if low is None or high is None:
        return 0.0
    return max(low, -high, 0.0)


def compared(
    found: Sequence[tuple[tuple[str, ...], Counts]],
    sizes: Sizes,
    bases: Bases,
    *,
    q: float = Q,
    confidence: float = 0.95,
    are_parts: bool = False,
) -> Table:
    """Test every row's difference, mark the family (Benjamini–Hochberg), withhold what is small.

    A customer with both moments counts on both sides, with the covariance that she brings.

    Args:
        found: names and counts; each customer may be in several, with `are_parts` in one a side.
    """
    here = _states([one.here for _name, one in found], sizes.here, bases.minimum, are_parts)
    there = _states([one.there for _name, one in found], sizes.there, bases.minimum, are_parts)
    counts = np.array(
        [(c.here, c.there, c.both, c.here_shared, c.there_shared) for _name, c in found],
        dtype=np.float64,
    ).reshape(-1, 5)
    differences = proportion.differences(
        totals(counts[:, 0], np.full(len(counts), float(sizes.here))),
        totals(counts[:, 1], np.full(len(counts), float(sizes.there))),
        Cross(
            tt=counts[:, 2],
            tn=counts[:, 3],
            nt=counts[:, 4],
            nn=np.full(len(counts), float(sizes.shared)),
        ),
        confidence=confidence,
    )
    shown = np.array([(h, t) == ("ok", "ok") for h, t in zip(here, there, strict=True)], np.bool_)
    shown &= np.isfinite(differences.difference)
    is_tested = shown & (counts[:, :2].sum(axis=1) > 0)
    is_tested &= bool(bases.tested(sizes.here, sizes.there))
    family = families.mark(np.where(is_tested, differences.p, np.nan), q)
    low, high = families.intervals(family, differences.interval)
    rows = []
    for at, (name, one) in enumerate(found):
        if not (one.here and here[at] == "ok") and not (one.there and there[at] == "ok"):
            continue
        sides = (
            _side(one.here, sizes.here, here[at], confidence),
            _side(one.there, sizes.there, there[at], confidence),
        )
        rows.append(
            Row(
                name,
                *sides,
                difference=_told(differences.difference, at, shown[at]),
                low=_told(low, at, is_tested[at]),
                high=_told(high, at, is_tested[at]),
                p=_told(differences.p, at, is_tested[at]),
                q=number(family.q_values[at]),
                marked=bool(family.marked[at]),
            )
        )
    rows.sort(key=lambda row: (-row.certain, -abs(row.difference or 0.0), row.steps))
    return Table(tuple(rows), len(found), len(found) - len(rows), family.tests, family.confidence)


def _states(counts: list[int], of: int, minimum: int, are_parts: bool) -> list[State]:
    whole, *states = among([of, *counts], minimum)
    if whole != "ok" or not are_parts:
        return [state if whole == "ok" else whole for state in states]
    return beside_whole(counts, states, of, minimum)


def _side(count: int, of: int, state: State, confidence: float) -> Side:
    if state != "ok" or not of:
        return Side(None if of else 0, None, None, None, state)
    low, high = interval(count, of, confidence)
    return Side(count, count / of, low, high, state)


def _told(values: Floats, at: int, is_shown: bool) -> float | None:
    return number(values[at]) if is_shown else None
