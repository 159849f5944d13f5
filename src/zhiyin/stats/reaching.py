"""The chance that the figure of a period which is not over reaches its target by the end.

The figure at the end is the weighted mean of the part that is in and of the part to come. The first
is known. The second has a mean that nobody knows, and its own chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from zhiyin.stats.clusters import Spread, spread
from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Totals

Family = Literal["nps", "proportion", "mean", "ratio"]
Better = Literal["up", "down"]

_NODES = 15
"""Points at which the amount to come is looked at."""
_ADDED = {"nps": (3.0, 0.0, 1.5), "proportion": (1.0, 0.5, 0.5)}
"""Answers added to what is known before the rest is foretold: how many, their sum, their squares.
For NPS those of the adjusted Wald interval, for shares one half of each (Jeffreys)."""
_LEAST_PERIODS = 4
_LIMITS = {"nps": (-1.0, 1.0), "proportion": (0.0, 1.0)}


@dataclass(frozen=True, slots=True)
class ToCome:
    """How much is still to come, in the unit of the weights (answers, sessions, orders).

    Args:
        expected: the middle of what is expected.
        log_sd: how uncertain that is, as the standard deviation of its logarithm.
    """

    expected: float
    log_sd: float = 0.0


@dataclass(frozen=True, slots=True)
class Reaching:
    """What is to be said of a target before its period is over.

    Args:
        chance: that the figure of the whole period is on the good side of the target.
        needed: the mean that the part to come must have, if as much comes as is expected; None
            where nothing more is expected.
        expected: the figure at the end, as far as it can be foretold.
        to_come: the middle of what is still expected.
    """

    chance: float
    needed: float | None
    expected: float
    to_come: float


def to_come(
    so_far: float, share_over: float, last_so_far: float = 0.0, last_rest: float = 0.0
) -> ToCome:
    """How much the rest of a period brings: by the pace so far, and by the period before.

    The pace says so_far · (1 − s)/s, where the share s of the period is over. The period before
    says what it brought in the same days. The middle is the geometric mean of the two; the
    uncertainty is half their distance (in logarithms), and the chance of counts as small as
    these. Where the period before is not known the pace stands alone.

    Args:
        so_far: what the period has brought.
        share_over: the share of its days that are over, above 0 and at most 1.
        last_so_far: what the period before brought in as many days.
        last_rest: what it brought in the days after.

    >>> found = to_come(600, 0.5, last_so_far=500, last_rest=400)
    >>> round(found.expected, 1), round(found.log_sd, 3)
    (489.9, 0.212)
    """
    by_pace = so_far * (1.0 - share_over) / share_over
    if by_pace <= 0:
        return ToCome(0.0)
    counts = 1.0 / so_far
    if last_so_far <= 0 or last_rest <= 0:
        return ToCome(by_pace, float(np.sqrt(counts + 1.0 / by_pace)))
    middle = float(np.sqrt(by_pace * last_rest))
    apart = np.log(by_pace / last_rest) / 2.0
    return ToCome(middle, float(np.sqrt(apart**2 + counts + 1.0 / middle)))


def drift(figures: ArrayLike, variances: ArrayLike) -> float:
    """How far the truth moves from one period to the next, as a variance: not below 0.

    The mean of the squared steps less what their sampling variances explain. Fewer than four
    periods say nothing: 0.

    >>> round(drift([0.1, 0.3, 0.1, 0.3, 0.1], [0.001] * 5), 4)
    0.038
    """
    value = np.asarray(figures, dtype=np.float64)
    variance = np.asarray(variances, dtype=np.float64)
    known = np.isfinite(value) & np.isfinite(variance)
    value, variance = value[known], variance[known]
    if value.size < _LEAST_PERIODS:
        return 0.0
    explained = variance[1:] + variance[:-1]
    return max(float(np.mean(np.diff(value) ** 2 - explained)), 0.0)


def chance(
    totals: Totals,
    target: float,
    coming: ToCome,
    *,
    family: Family,
    better: Better = "up",
    drift: float = 0.0,
    limits: tuple[float, float] | None = None,
) -> Reaching | None:
    """The chance that the whole period's figure is at the target or on its good side.

    With a weight D known, at the figure R, and d to come, the figure at the end is
    (D·R + d·F)/(D + d), so the rest must have at least f = (T·(D + d) − D·R)/d. F is foretold from
    what is known: its mean is that of the answers so far (for NPS and shares with a few answers
    added, as their intervals do), its variance

        V + (u/n)·D/d + δ²

    V is the variance of the mean so far as an estimate of the truth, u that of one answer, n the
    effective number of answers, δ² how far the truth drifts between one stretch and the next. Where
    figures have an end (NPS, shares) F follows the beta distribution on these limits with this mean
    and variance, else Student's t with the degrees of freedom of V. The amount to come is uncertain
    too: the chance is the mean over its lognormal distribution.

    For a mean of normal answers it is exact: the predictive distribution of Student's t. For a
    share it is within some two hundredths of the beta-binomial one.

    When it misleads: those to come may differ from those so far in what nobody has counted (a
    holiday, a change of the survey): δ² knows only how much the past moved. Where each customer's
    latest answer counts, answers that are in may still be replaced. Customers who come again are
    taken for others.

    Args:
        totals: sums of one cell: the part of the period that is in.
        target: in the unit of the figure.
        coming: how much is still to come, in the unit of ``totals.den``.
        better: which side of the target is good.
        limits: the ends of the scale of a mean, where it has any.

    Returns:
        None where what is known says nothing: nobody, one customer, or answers all alike without
        limits.

    Sources: Geisser, Predictive Inference (1993), 2 and 3; Rocks 2016 and Brown, Cai & DasGupta
    2001 for the answers added.

    >>> found = chance(Totals.of([1] * 60 + [0] * 40, range(100)), 0.55, ToCome(100.0),
    ...                family="proportion")
    >>> round(found.chance, 3), round(found.needed, 3)
    (0.921, 0.5)
    """
    cells = spread(totals)
    value, known = float(cells.ratio), float(totals.den)
    is_up = better == "up"
    if not np.isfinite(value):
        return None
    if coming.expected <= 0:
        return Reaching(float(value >= target if is_up else value <= target), None, value, 0.0)
    told = _told(cells, family)
    if told is None:
        return None
    centre, variance, unit, df = told
    rest = _amounts(coming)
    needed = (target * (known + rest) - known * value) / rest
    of_rest = variance + unit * known / rest + drift
    ends = _LIMITS.get(family, limits)
    above = _above(needed, centre, of_rest, df, ends)
    chances = above if is_up else 1.0 - above
    middle = coming.expected
    return Reaching(
        chance=float(np.clip(np.dot(_WEIGHTS, chances), 0.0, 1.0)),
        needed=(target * (known + middle) - known * value) / middle,
        expected=(known * value + middle * centre) / (known + middle),
        to_come=middle,
    )


def _told(cells: Spread, family: Family) -> tuple[float, float, float, float] | None:
    """Of the truth: its middle and variance; of a rest as large as what is known, the chance
    (as a variance) beside the truth; and degrees of freedom."""
    n, df = float(cells.effective_n), float(cells.df)
    if family in _ADDED:
        if not n > 0:
            return None
        more, total, squares = _ADDED[family]
        centre = (float(cells.ratio) * n + total) / (n + more)
        second = (float(cells.second) * n + squares) / (n + more)
        spread_of_one = max(second - centre * centre, 0.0)
        return centre, spread_of_one / (n + more + 1.0), spread_of_one / n, float(cells.extra_df)
    variance = float(cells.variance)
    if not (variance > 0 and df > 0):
        return None
    return float(cells.ratio), variance, variance, df


def _amounts(coming: ToCome) -> Floats:
    return np.asarray(coming.expected * np.exp(coming.log_sd * _PLACES), dtype=np.float64)


def _above(
    needed: Floats,
    centre: float,
    variance: Floats,
    df: float,
    ends: tuple[float, float] | None,
) -> Floats:
    """The chance that the mean of the rest is at least what is needed, for each amount."""
    has_ends = ends is not None and bool(np.isfinite(ends).all())
    if not has_ends or ends is None:
        statistic = (needed - centre) / np.sqrt(variance)
        return np.asarray(special.stdtr(np.minimum(df, 1e9), -statistic), dtype=np.float64)
    low, high = ends
    middle = (centre - low) / (high - low)
    # A beta distribution cannot spread more than two points at the ends do.
    most = middle * (1.0 - middle) * 0.999
    scaled = np.minimum(variance / (high - low) ** 2, most)
    size = middle * (1.0 - middle) / scaled - 1.0
    at = np.clip((needed - low) / (high - low), 0.0, 1.0)
    beyond = 1.0 - special.betainc(middle * size, (1.0 - middle) * size, at)
    # What needs more than the scale has cannot be reached; what needs nothing is.
    reached = np.where(needed <= low, 1.0, np.where(needed > high, 0.0, beyond))
    return np.asarray(reached, dtype=np.float64)


_PLACES, _RAW = np.polynomial.hermite_e.hermegauss(_NODES)
_WEIGHTS = _RAW / _RAW.sum()
