"""What number of rows is usual for a day: the median of the last same weekdays, and a span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

WEEKS = 8
LEAST = 4
"""With fewer same weekdays nothing is said."""
CUT = 3.5
"""Deviations further off than this are unusual (Iglewicz and Hoaglin's modified z-score)."""

_SIGMA = 1.4826
"""The median absolute deviation of a normal distribution times this is its standard deviation."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual number.

    Args:
        median: of the same weekdays before.
        low: the least that is usual.
        high: the most.
        n: how many weekdays it rests on.
    """

    median: float
    low: float
    high: float
    n: int

    def holds(self, count: int) -> bool:
        """Whether a number is usual."""
        return self.low <= count <= self.high


def usual(counts: npt.ArrayLike) -> Usual | None:
    """What is usual after these counts of the last same weekdays.

    The median, and 3.5 robust standard deviations to each side: the median absolute deviation
    × 1.4826 (Iglewicz and Hoaglin 1993, *How to Detect and Handle Outliers*), and never less than
    the root of the median, which is what counts of independent rows vary by in any case.

    It misleads for a source that grows or shrinks fast, and around holidays. Weekdays are few:
    eight say what is usual, not what is possible.

    Args:
        counts: of up to eight same weekdays before the day, shape (n,).

    Returns:
        None for fewer than four.

    >>> usual([100, 96, 104, 98, 350, 101, 99, 102])
    Usual(median=100.5, low=65.41..., high=135.58..., n=8)
    """
    known = np.asarray(counts, dtype=np.float64)[-WEEKS:]
    if len(known) < LEAST:
        return None
    median = float(np.median(known))
    deviation = _SIGMA * float(np.median(np.abs(known - median)))
    apart = CUT * max(deviation, np.sqrt(median))
    return Usual(median, max(median - apart, 0.0), median + apart, len(known))
