"""What charts over time show: lines of points, and what happened beside them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a line.

    Args:
        label: the period's name.
        value: None where there are too few answers; the line breaks there.
        low: of the interval, with `high`; None where there is none.
        n: answers; None where they are too few to say.
        is_final: False while the period runs or answers are still to come.
        note: what else is said of it: flags, or why there is no value.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    is_final: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One series; all lines of a chart have the same periods in the same order."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something beside the figures: an event on a day, or a season that lasts.

    Args:
        start: where it is, in steps of the series: 0 is the first point, 2.5 lies half-way
            between the third and the fourth (see `step_of`).
        until: where it ends; None for an event.
        rank: names of lower ranks are written first; one that finds no room is left to the pointer
            that rests on it.
    """

    label: str
    start: float
    until: float | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """A fixed value that the lines are read against: the average of all, or a target."""

    label: str
    value: float
    kind: Literal["average", "target"] = "average"


def step_of(day: date, starts: Sequence[date], end: date) -> float:
    """Where a day lies among periods, as `Mark` counts: a period's point is in its middle.

    Args:
        starts: the first day of each period, ascending, one at least.
        end: the day after the last.
    """
    number = max(bisect_right(starts, day) - 1, 0)
    following = starts[number + 1] if number + 1 < len(starts) else end
    length = max((following - starts[number]).days, 1)
    return number + (day - starts[number]).days / length - 0.5
