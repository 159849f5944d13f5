"""The middle of a few values: the median, with an interval that asks nothing of their shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from zhiyin.stats.estimate import Estimate, check_confidence


def estimate(values: ArrayLike, *, confidence: float = 0.95) -> Estimate | None:
    """The median, with the interval between two of the values in order.

    Of n values the r-th smallest and the r-th largest enclose the median with the chance
    1 − 2·P(B ≤ r − 1), B binomial with n and one half; r is the largest for which that is at
    least `confidence`. Money is skewed, and this holds for any shape.

    When it misleads: with fewer than 6 values no two of them enclose it with 95 %, and `low` and
    `high` are None. Values that follow each other (a customer whose orders grow) have no one
    middle.

    Args:
        values: finite numbers, in any order.
        confidence: 0…1.

    Returns:
        None without values. `n` is how many there are.

    Source: Conover, Practical Nonparametric Statistics (1999), 3.2. In R:
    ``wilcox.test`` answers another question; ``DescTools::MedianCI(x, method = "exact")`` this.

    >>> found = estimate([3, 9, 1, 7, 5, 8, 2, 6, 4, 10])
    >>> found.value, found.low, found.high
    (5.5, 2.0, 9.0)
    """
    check_confidence(confidence)
    given = np.asarray(values, dtype=np.float64)
    n = len(given)
    if n == 0:
        return None
    if not np.isfinite(given).all():
        raise ValueError("a value is missing or not finite")
    rank = _rank(n, (1.0 - confidence) / 2)
    middle = (n - 1) // 2, n // 2
    ends = (rank - 1, n - rank) if rank >= 1 else ()
    ordered = np.partition(given, [*middle, *ends])
    low, high = (float(ordered[end]) for end in ends) if ends else (None, None)
    return Estimate.of_one_customer(
        float(np.mean(ordered[[*middle]])),
        low,
        high,
        n=n,
        method="order-statistics",
        confidence=confidence,
    )


def _rank(n: int, tail: float) -> int:
    """The first r with P(B ≤ r) ≥ `tail`; the interval wants P(B ≤ r − 1) ≤ `tail`."""
    found = max(int(np.ceil(special.bdtrik(tail, n, 0.5))), 0)
    # Where a rounding decides.
    while found > 0 and special.bdtr(found - 1, n, 0.5) >= tail:
        found -= 1
    while special.bdtr(found, n, 0.5) < tail:
        found += 1
    return found
