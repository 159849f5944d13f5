"""Means of answers: CES, ratings, minutes; in the unit of the answers."""

from __future__ import annotations

import numpy as np

from zhiyin.stats.clusters import Spread, correlation, critical, joint_df, overlap, spread
from zhiyin.stats.difference import Difference, Differences, symmetric
from zhiyin.stats.estimate import Estimate, Estimates, Floats, Number, check_confidence
from zhiyin.stats.totals import Cross, Totals

Scale = tuple[float, float]
"""The lowest and the highest answer that the question allows."""


def estimates(
    totals: Totals,
    *,
    confidence: float = 0.95,
    scale: Scale | None = None,
    population: Number | None = None,
    method: str = "t",
) -> Estimates:
    """The mean of each cell, with Student's interval over customers: R ± t·√V.

    Degrees of freedom are customers − 1 where all have the same number of answers and no
    weights, and effective customers − 1 (`clusters.spread`) otherwise.

    Where each customer answers once it is the textbook R ± t·s/√n. With a declared `scale`
    the interval is cut to it, and where all answers are equal (s = 0, no t interval) it is
    the rule-of-three one: the mean can be away from v by at most (1 − (α/2)^(1/k)) of the
    way to the scale's end, as k customers would else have shown it. Without a scale such a
    cell has a value and no interval.

    When it misleads: a few customers who are far from the rest (money, minutes) make it too
    narrow until hundreds have answered; see docs/coverage.md.

    Args:
        totals: sums of the answers; arrays of any one shape, or plain numbers.
        confidence: 0…1.
        scale: (lowest, highest) possible answer.
        population: customers in the declared frame, cell by cell.
        method: the name that the estimate carries.

    Sources: Student 1908; Hanley & Lippman-Hand 1983 (rule of three). In R: ``t.test(y)``;
    clustered: ``confint(m <- survey::svymean(~y, d), df = survey::degf(d))``.

    >>> found = estimate(Totals.of([1, 2, 3, 4, 5], range(5)))
    >>> round(found.low, 3), round(found.high, 3)
    (1.037, 4.963)
    """
    check_confidence(confidence)
    cells = spread(totals, population)
    low, high = _interval(cells, confidence, scale)
    return Estimates(
        value=cells.ratio,
        low=low,
        high=high,
        n=np.asarray(totals.n, dtype=np.float64),
        method=method,
        customers=np.asarray(totals.customers, dtype=np.float64),
        design_effect=cells.design_effect,
        effective_n=cells.effective_n,
        standard_error=np.sqrt(cells.variance),
        confidence=confidence,
    )


def estimate(
    totals: Totals,
    *,
    confidence: float = 0.95,
    scale: Scale | None = None,
    population: Number | None = None,
) -> Estimate | None:
    """`estimates` of one cell; None without answers."""
    found = estimates(totals, confidence=confidence, scale=scale, population=population)
    return found.one()


def differences(
    here: Totals,
    there: Totals,
    cross: Cross | None = None,
    *,
    confidence: float = 0.95,
    population: Number | None = None,
    other_population: Number | None = None,
    method: str = "welch",
) -> Differences:
    """Mean here less mean there, cell by cell: Welch's t, over customers.

    Where customers are on both sides, `cross` brings their covariance; were all of them on
    both sides once each, it is the paired t test. No test where neither side varies.

    Sources: Welch 1947; Satterthwaite 1946. In R: ``t.test(y ~ side)``; paired:
    ``t.test(y1, y2, paired = TRUE)``; clustered: ``survey::svyttest``.
    """
    one, two = spread(here, population), spread(there, other_population)
    covariance = correlation(one, two, cross) * np.sqrt(one.variance * two.variance)
    variance = np.maximum(one.variance + two.variance - 2 * covariance, 0.0)
    # What is left of two equal variances after subtraction may be rounding only.
    variance = np.where(variance > 1e-12 * (one.variance + two.variance), variance, np.nan)
    shared = overlap(here, there, cross)
    df = joint_df(one.variance, two.variance, covariance, one.df, two.df, shared)
    found = one.ratio - two.ratio
    return symmetric(
        found,
        centre=found,
        standard_error=np.sqrt(variance),
        df=df,
        limit=np.inf,
        method=method,
        confidence=confidence,
    )


def difference(
    here: Totals,
    there: Totals,
    cross: Cross | None = None,
    *,
    confidence: float = 0.95,
    population: Number | None = None,
    other_population: Number | None = None,
) -> Difference | None:
    """`differences` of one pair of cells; None where a side has no answers."""
    return differences(
        here,
        there,
        cross,
        confidence=confidence,
        population=population,
        other_population=other_population,
    ).one()


def against(
    totals: Totals,
    value: Number,
    *,
    confidence: float = 0.95,
    population: Number | None = None,
    method: str = "t-against",
) -> Differences:
    """Mean less a fixed value (a target): Student's t, degrees as in `estimates`."""
    cells = spread(totals, population)
    found = cells.ratio - value
    return symmetric(
        found,
        centre=found,
        standard_error=np.sqrt(np.where(cells.variance > 0, cells.variance, np.nan)),
        df=cells.df,
        limit=np.inf,
        method=method,
        confidence=confidence,
    )


def _interval(cells: Spread, confidence: float, scale: Scale | None) -> tuple[Floats, Floats]:
    with np.errstate(invalid="ignore"):
        half = critical(confidence, cells.df) * np.sqrt(cells.variance)
    low, high = cells.ratio - half, cells.ratio + half
    flat = ~(cells.variance > 0) & (cells.noise > 0)
    if scale is None:
        return np.where(flat, np.nan, low), np.where(flat, np.nan, high)
    customers = cells.df + 1.0
    room = 1.0 - ((1.0 - confidence) / 2.0) ** (1.0 / customers)
    down, up = cells.ratio - scale[0], scale[1] - cells.ratio
    low = np.where(flat, cells.ratio - room * down, low)
    high = np.where(flat, cells.ratio + room * up, high)
    # An open end (infinite) leaves nothing to say about equal answers.
    low = np.where(np.isfinite(low), np.maximum(low, scale[0]), np.nan)
    high = np.where(np.isfinite(high), np.minimum(high, scale[1]), np.nan)
    return low, high
