"""Net Promoter Score: promoters less detractors, as a share of those who answered (−1…1).

Answers come as +1 (promoter, 9–10), 0 (passive, 7–8), −1 (detractor, 0–6) on 0–10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyin.stats.clusters import (
    Spread,
    correlation,
    critical,
    joint_df,
    overlap,
    spread,
)
from zhiyin.stats.difference import Difference, Differences, symmetric
from zhiyin.stats.estimate import Estimate, Estimates, Floats, Number, check_confidence
from zhiyin.stats.totals import Cross, Totals

Method = Literal["adjusted-wald", "wald"]

_ADDED = 3.0
"""Pseudo-answers that the adjusted Wald interval adds…"""
_ADDED_ENDS = 1.5
"""…of them ¾ promoters and ¾ detractors, the rest passives."""


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    centre: Floats
    variance: Floats
    answers_sd: Floats
    """The part of √variance that real answers bring: what can be shared with another cell."""


def estimates(
    totals: Totals,
    *,
    confidence: float = 0.95,
    method: Method = "adjusted-wald",
    population: Number | None = None,
) -> Estimates:
    """The score of each cell, with the interval that Rocks found best.

    The value is the plain one. The interval (``adjusted-wald``) adds 3 answers, of them ¾
    promoters and ¾ detractors, then takes the normal interval of the mean of +1, 0, −1,
    cut to ±1 and drawn out to the value where it would leave it out (that takes a handful
    of equal answers, or a low confidence). ``wald`` is the same without the added answers:
    known to cover too little in small or one-sided samples, here for comparison with other
    tools.

    Repeat answers and weights: n is the effective n of `clusters.spread`, and z becomes t
    with its `extra_df`. Where each customer answers once it is the published formula.

    When it misleads: under some 30 customers, many of them with several answers (see
    docs/coverage.md); when those who answer differ from those who do not, no interval helps.

    Args:
        totals: sums of +1, 0, −1 answers; arrays of any one shape, or plain numbers.
        confidence: 0…1.
        population: customers in the declared frame, cell by cell.

    Source: Rocks, Interval estimation for the "Net Promoter Score", The American
    Statistician 70 (2016) 365–372.

    >>> found = estimate(Totals.of([1] * 45 + [0] * 35 + [-1] * 20, range(100)))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.25, 0.095, 0.391)
    """
    check_confidence(confidence)
    cells = spread(totals, population)
    found = _moments(cells, adjusted=method == "adjusted-wald")
    with np.errstate(invalid="ignore"):
        half = critical(confidence, cells.extra_df) * np.sqrt(found.variance)
    return Estimates(
        value=cells.ratio,
        low=np.minimum(np.maximum(found.centre - half, -1.0), cells.ratio),
        high=np.maximum(np.minimum(found.centre + half, 1.0), cells.ratio),
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
    method: Method = "adjusted-wald",
    population: Number | None = None,
) -> Estimate | None:
    """`estimates` of one cell; None without answers."""
    return estimates(totals, confidence=confidence, method=method, population=population).one()


def differences(
    here: Totals,
    there: Totals,
    cross: Cross | None = None,
    *,
    confidence: float = 0.95,
    population: Number | None = None,
    other_population: Number | None = None,
) -> Differences:
    """Score here less score there, cell by cell (−2…2): adjusted Wald on both sides.

    3 answers are added to *each* side. `cross` holds the sums over customers who are on
    both sides (two periods, a group and the rest); without it the sides are taken to share
    nobody. The added answers are nobody's, so they add variance and no covariance.

    The difference is the plain one; interval and p rest on the adjusted ones.

    When it misleads: leaving out `cross` where customers are shared makes a change of the
    same people look less certain than it is, and a comparison of a group with a whole that
    holds it wrong in either direction.

    Sources: Rocks 2016; Lewis & Sauro, How to statistically compare two Net Promoter
    Scores, MeasuringU 2021 (3 added on both sides).
    """
    one, two = spread(here, population), spread(there, other_population)
    first, second = _moments(one, adjusted=True), _moments(two, adjusted=True)
    covariance = correlation(one, two, cross) * first.answers_sd * second.answers_sd
    df = joint_df(
        first.variance,
        second.variance,
        covariance,
        one.extra_df,
        two.extra_df,
        overlap(here, there, cross),
    )
    variance = np.maximum(first.variance + second.variance - 2 * covariance, 0.0)
    return symmetric(
        one.ratio - two.ratio,
        centre=first.centre - second.centre,
        standard_error=np.sqrt(variance),
        df=df,
        limit=2.0,
        method="adjusted-wald",
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
) -> Differences:
    """Score less a fixed value (a target, −1…1): the adjusted Wald interval, moved by it."""
    cells = spread(totals, population)
    found = _moments(cells, adjusted=True)
    return symmetric(
        cells.ratio - value,
        centre=found.centre - value,
        standard_error=np.sqrt(found.variance),
        df=cells.extra_df,
        limit=2.0,
        method="adjusted-wald-against",
        confidence=confidence,
    )


def _moments(cells: Spread, *, adjusted: bool) -> _Moments:
    """Centre and variance; in 1/n, so that a whole frame (noise 0) needs no special case."""
    added, ends = (_ADDED, _ADDED_ENDS) if adjusted else (0.0, 0.0)
    grown = 1.0 + added * cells.noise
    centre = cells.ratio / grown
    second = (cells.second + ends * cells.noise) / grown
    return _Moments(
        centre=centre,
        variance=np.maximum(second - centre * centre, 0.0) * cells.noise / grown,
        answers_sd=np.sqrt(np.maximum(cells.second - cells.ratio**2, 0.0) * cells.noise) / grown,
    )
