"""Whether two groups choose alike: each customer makes one choice among several.

Pearson's χ² of homogeneity for a table of two groups by choices. It counts customers: a customer
who chooses twice would be two rows and one piece of news, so she is asked for one choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from zhiyin.stats.estimate import Floats

EXPECTED = 5.0
"""Cochran's rule: fewer customers than these are expected in no cell that stands alone."""


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """The verdict on one table.

    Args:
        statistic: χ².
        df: choices less one.
        p: of χ² with `df`.
        cramers_v: √(χ² ÷ n), 0 (alike) … 1 (nobody of one group chooses what the other does).
        method: ``pearson``.
    """

    statistic: float
    df: int
    p: float
    cramers_v: float
    method: str = "pearson"


def homogeneity(one: ArrayLike, two: ArrayLike) -> Homogeneity | None:
    """Test whether two groups choose alike; None with fewer than two choices or an empty group.

    χ² = Σ (found − expected)² ÷ expected over both groups and all choices, where what is expected
    of a group is its size times the share of the choice among all. No continuity correction.

    When it misleads: counts that are not customers (repeat choices make chance look like news);
    choices of which fewer than `EXPECTED` are expected, which `apart` puts together first; and
    many customers, for whom a difference that matters to nobody is certain: look at its size.

    Args:
        one: customers of the first group by choice; not negative.
        two: of the second, the same choices.

    Sources: Pearson 1900; Cochran 1954 (small expectations); Cramér 1946, 21.9. In R:
    ``chisq.test(rbind(one, two), correct = FALSE)``.

    >>> found = homogeneity([60, 25, 15], [40, 35, 25])
    >>> found and (round(found.statistic, 3), found.df, round(found.p, 4))
    (8.167, 2, 0.0169)
    """
    counts = np.array([one, two], dtype=np.float64)
    counts = counts[:, counts.sum(axis=0) > 0]
    sizes = counts.sum(axis=1)
    if counts.shape[1] < 2 or not sizes.all():
        return None
    expected = np.outer(sizes, counts.sum(axis=0)) / counts.sum()
    statistic = float(((counts - expected) ** 2 / expected).sum())
    df = counts.shape[1] - 1
    p = float(special.chdtrc(df, statistic))
    return Homogeneity(statistic, df, p, float(np.sqrt(statistic / counts.sum())))


def apart(one: ArrayLike, two: ArrayLike, minimum: int) -> NDArray[np.bool_]:
    """Which choices stand alone; the others are put together as one.

    A choice stands alone where each group has nobody or at least `minimum` customers at it and at
    least `EXPECTED` would be there if the groups chose alike. What is put together keeps to the
    same, so that the whole less what is shown tells of fewer than the minimum neither: until it
    does, the smallest choice that stands alone joins it.

    Args:
        one: customers of the first group by choice.
        two: of the second.
        minimum: under it a count is not shown.

    >>> apart([50, 30, 2, 18], [60, 25, 5, 10], 10)
    array([ True,  True, False, False])
    """
    counts: Floats = np.array([one, two], dtype=np.float64)
    alone = _is_enough(counts, counts, minimum)
    alone &= counts.sum(axis=0) > 0
    while True:
        rest = counts[:, ~alone].sum(axis=1, keepdims=True)
        left = np.flatnonzero(alone)
        if not rest.any() or not len(left) or _is_enough(rest, counts, minimum)[0]:
            return alone
        alone[left[np.argmin(counts[:, left].sum(axis=0))]] = False


def _is_enough(cells: Floats, counts: Floats, minimum: int) -> NDArray[np.bool_]:
    sizes = counts.sum(axis=1, keepdims=True)
    expected = sizes * cells.sum(axis=0) / max(float(counts.sum()), 1.0)
    shown = (cells == 0) | (cells >= minimum)
    found: NDArray[np.bool_] = (shown & (expected >= EXPECTED)).all(axis=0)
    return found
