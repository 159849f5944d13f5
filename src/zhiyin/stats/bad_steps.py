"""How journeys are judged, and whether customers come back, by how many steps went badly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.difference import Difference, symmetric
from zhiyin.stats.totals import Totals

MOST = 3
"""So many bad steps and more are together."""
GROUPS = MOST + 1


def groups(bad: ArrayLike) -> NDArray[np.int64]:
    """0, 1, 2 or `MOST` for so many and more.

    >>> groups([0, 2, 7]).tolist()
    [0, 2, 3]
    """
    return np.minimum(np.asarray(bad, np.int64), MOST)


def totals(value: ArrayLike, bad: ArrayLike, customer: ArrayLike) -> Totals:
    """The sums of journeys by their number of bad steps, for `mean`, `nps` or `proportion`.

    Args:
        value: of each journey, what is averaged.
        bad: of each journey, how many steps went badly.
        customer: of each journey (integers or words).

    Returns:
        Arrays of `GROUPS` cells.
    """
    return Totals.by(value, customer, groups(bad), GROUPS)


def trend(
    value: ArrayLike, bad: ArrayLike, customer: ArrayLike, *, confidence: float = 0.95
) -> Difference | None:
    """By how much the value changes with each further bad step, up to `MOST`: the slope of a
    straight line, tested against 0; None where all journeys have as many.

    The variance is the sandwich one over customers, k/(k−1)·(n−1)/(n−2) · Σ_c (Σ (x−x̄)·e)² ÷ Sxx²;
    t with κ − 1 degrees, where κ = (Σ_c s_c)² ÷ Σ_c s_c² are the customers who tell of the slope,
    s_c = Σ (x−x̄)² of customer c: a slope that hangs on a few customers is not certain.

    When it misleads: a value that falls with the first bad step and no further has a slope too, and
    so has one that moves with something else that bad steps go with (who complains).

    Sources: Liang & Zeger 1986; Carter, Schnepel & Steigerwald 2017. In R:
    ``sandwich::vcovCL(lm(y ~ pmin(bad, 3)), cluster = ~customer)``.

    >>> found = trend([9, 9, 8, 7, 6, 4], [0, 0, 1, 1, 2, 3], range(6))
    >>> round(found.difference, 2), found.p < 0.05
    (-1.63, True)
    """
    x, y = groups(bad).astype(np.float64), np.asarray(value, np.float64)
    if len(x) < 3 or np.ptp(x) == 0:
        return None
    known, place = np.unique(np.asarray(customer), return_inverse=True)
    n, k = len(x), len(known)
    away = x - x.mean()
    spread = float(away @ away)
    slope = float(away @ y) / spread
    left = y - y.mean() - slope * away
    moved = np.bincount(place, weights=away * left, minlength=k)
    told = np.bincount(place, weights=away * away, minlength=k)
    alike = spread**2 / float(told @ told)
    variance = np.nan
    if k > 1:
        factor = k / (k - 1) * (n - 1) / (n - 2)
        variance = factor * float(moved @ moved) / spread**2
    error = np.sqrt(variance) if variance > 1e-24 * slope**2 else np.nan
    return symmetric(
        np.array(slope),
        centre=np.array(slope),
        standard_error=np.array(error),
        df=np.array(alike - 1.0),
        limit=np.inf,
        method="trend-t",
        confidence=confidence,
    ).one()
