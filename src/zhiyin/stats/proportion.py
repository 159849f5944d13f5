"""Shares: CSAT, top and bottom box, easy share, conversion, response rate, any yes or no (0…1)."""

from __future__ import annotations

import numpy as np

from zhiyin.stats.clusters import (
    Spread,
    correlation,
    critical,
    joint_df,
    overlap,
    spread,
    two_sided,
)
from zhiyin.stats.difference import Difference, Differences
from zhiyin.stats.estimate import Estimate, Estimates, Floats, Number, check_confidence
from zhiyin.stats.totals import Cross, Totals

_STEPS = 60


def estimates(
    totals: Totals, *, confidence: float = 0.95, population: Number | None = None
) -> Estimates:
    """The share of each cell, with Wilson's score interval.

    The interval holds every share p for which the found one is not surprising:
    |found − p| ≤ c·√(p(1−p)/n). It never leaves 0…1 and does not collapse at 0 or 1.

    Repeat answers and weights: n is the effective n of `clusters.spread`, and z becomes t
    with its `extra_df` (Korn & Graubard's adjustment). Where each customer answers once it
    is Wilson's formula.

    When it misleads: shares near 0 or 1 from few customers with many answers each.

    Args:
        totals: sums of 1 and 0; arrays of any one shape, or plain numbers.
        confidence: 0…1.
        population: customers in the declared frame, cell by cell.

    Sources: Wilson 1927; Newcombe, Statistics in Medicine 17 (1998) 857–872, method 3;
    Brown, Cai & DasGupta 2001; Korn & Graubard 1998; Dean & Pagliaro 2015. In R:
    ``prop.test(81, 263, correct = FALSE)$conf.int``; clustered: ``survey::svyciprop`` is near.

    >>> found = estimate(Totals.of([1] * 81 + [0] * 182, range(263)))
    >>> round(found.low, 4), round(found.high, 4)
    (0.2553, 0.3662)
    """
    check_confidence(confidence)
    cells = spread(totals, population)
    low, high = _wilson(cells, critical(confidence, cells.extra_df))
    return Estimates(
        value=cells.ratio,
        low=low,
        high=high,
        n=np.asarray(totals.n, dtype=np.float64),
        method="wilson",
        customers=np.asarray(totals.customers, dtype=np.float64),
        design_effect=cells.design_effect,
        effective_n=cells.effective_n,
        standard_error=np.sqrt(cells.variance),
        confidence=confidence,
    )


def estimate(
    totals: Totals, *, confidence: float = 0.95, population: Number | None = None
) -> Estimate | None:
    """`estimates` of one cell; None without answers."""
    return estimates(totals, confidence=confidence, population=population).one()


def differences(
    here: Totals,
    there: Totals,
    cross: Cross | None = None,
    *,
    confidence: float = 0.95,
    population: Number | None = None,
    other_population: Number | None = None,
) -> Differences:
    """Share here less share there, cell by cell (−1…1): Newcombe's hybrid score interval.

    From the two Wilson intervals (l, u), with ρ the correlation that shared customers cause:

        low  = d − √((p1−l1)² + (u2−p2)² − 2ρ(p1−l1)(u2−p2))
        high = d + √((u1−p1)² + (p2−l2)² − 2ρ(u1−p1)(p2−l2))

    p is the α at which the interval just touches 0 (found by bisection), so it is not the
    p of ``prop.test``. ρ is drawn a little towards 0 in small samples, by the share of each
    Wilson variance that real answers bring, so that ρ = 1 cannot make the interval a point.

    Sources: Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10; Zou & Donner
    2008 and Tang et al. 2010 (MOVER, with correlation).

    >>> found = difference(
    ...     Totals.of([1] * 56 + [0] * 14, range(70)), Totals.of([1] * 48 + [0] * 32, range(80))
    ... )
    >>> round(found.difference, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    check_confidence(confidence)
    one, two = spread(here, population), spread(there, other_population)
    df, rho = _joint(here, there, one, two, cross)
    found = one.ratio - two.ratio
    p = _touching(one, two, rho, df)
    variance = one.variance + two.variance
    variance = variance - 2 * correlation(one, two, cross) * np.sqrt(one.variance * two.variance)

    def inversion(level: float) -> tuple[Floats, Floats]:
        c = critical(level, df)
        (l1, u1), (l2, u2) = _wilson(one, c), _wilson(two, c)
        low = found - _mover(one.ratio - l1, u2 - two.ratio, rho)
        high = found + _mover(u1 - one.ratio, two.ratio - l2, rho)
        # Rounding must not let interval and p disagree where the interval touches 0.
        in_doubt = p >= 1.0 - level
        low = np.where(in_doubt, np.minimum(low, 0.0), low)
        high = np.where(in_doubt, np.maximum(high, 0.0), high)
        low, high = np.maximum(low, -1.0), np.minimum(high, 1.0)
        return np.where(df > 0, low, np.nan), np.where(df > 0, high, np.nan)

    low, high = inversion(confidence)
    return Differences(
        difference=found,
        low=low,
        high=high,
        p=p,
        method="newcombe",
        standard_error=np.sqrt(np.maximum(variance, 0.0)),
        df=df,
        confidence=confidence,
        inversion=inversion,
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
    """Share less a fixed value (a target, 0…1): Wilson's interval moved by it, the score test.

    Raises:
        ValueError: the value is not a share.
    """
    check_confidence(confidence)
    target = np.asarray(value, dtype=np.float64)
    if not ((target >= 0) & (target <= 1)).all():
        raise ValueError("a share is compared with a value from 0 to 1")
    cells = spread(totals, population)
    found = cells.ratio - target
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(found == 0, 0.0, found / np.sqrt(target * (1 - target) * cells.noise))
    df = cells.extra_df
    tested = np.isfinite(found) & (df > 0)
    p = np.where(tested, two_sided(np.nan_to_num(statistic), df), np.nan)

    def inversion(level: float) -> tuple[Floats, Floats]:
        low, high = _wilson(cells, critical(level, df))
        return np.where(tested, low - target, np.nan), np.where(tested, high - target, np.nan)

    low, high = inversion(confidence)
    return Differences(
        difference=found,
        low=low,
        high=high,
        p=p,
        method="wilson-against",
        standard_error=np.sqrt(cells.variance),
        df=df,
        confidence=confidence,
        inversion=inversion,
    )


def _wilson(cells: Spread, c: Floats) -> tuple[Floats, Floats]:
    """The score interval at the critical value c (infinite: the whole of 0…1)."""
    p, all_of_it = cells.ratio, ~np.isfinite(c)
    a = np.where(all_of_it, 1.0, c) ** 2 * cells.noise
    half = np.sqrt(a * p * (1.0 - p) + a * a / 4.0)
    low = np.where(all_of_it, 0.0, (p + a / 2.0 - half) / (1.0 + a))
    high = np.where(all_of_it, 1.0, (p + a / 2.0 + half) / (1.0 + a))
    # The value itself is never outside, and nor is it by rounding at 0 and 1.
    low, high = np.clip(low, 0.0, None), np.clip(high, None, 1.0)
    low, high = np.minimum(low, p), np.maximum(high, p)
    return np.where(np.isfinite(p), low, np.nan), np.where(np.isfinite(p), high, np.nan)


def _mover(one: Floats, two: Floats, rho: Floats) -> Floats:
    return np.sqrt(np.maximum(one * one + two * two - 2.0 * rho * one * two, 0.0))


def _joint(
    here: Totals, there: Totals, one: Spread, two: Spread, cross: Cross | None
) -> tuple[Floats, Floats]:
    """(degrees of freedom, ρ) of the difference."""
    raw1, full1 = _shares_of_variance(one)
    raw2, full2 = _shares_of_variance(two)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.sqrt((raw1 * raw2) / (full1 * full2))
    # A whole frame (noise 0) is known exactly and moves with nothing.
    kept = np.where((full1 > 0) & (full2 > 0), kept, 0.0)
    rho = correlation(one, two, cross) * kept
    covariance = rho * np.sqrt(full1 * full2)
    shared = overlap(here, there, cross)
    return joint_df(full1, full2, covariance, one.extra_df, two.extra_df, shared), rho


def _shares_of_variance(cells: Spread) -> tuple[Floats, Floats]:
    """(variance that real answers bring, with Wilson's 4 added ones): of the centre at c = 2."""
    grown = 1.0 + 4.0 * cells.noise
    centre = (cells.ratio + 2.0 * cells.noise) / grown
    raw = cells.ratio * (1.0 - cells.ratio) * cells.noise / (grown * grown)
    return raw, centre * (1.0 - centre) * cells.noise / grown


def _touching(one: Spread, two: Spread, rho: Floats, df: Floats) -> Floats:
    """The p-value: α of the interval that just touches 0.

    Bisection over the critical value c = u/(1−u): 60 steps of plain arithmetic on all cells
    at once; the t distribution is asked once, at the end.
    """
    found = one.ratio - two.ratio
    above = found > 0
    size = np.abs(found)
    low, high = np.zeros_like(size), np.ones_like(size)
    for _ in range(_STEPS):
        u = (low + high) / 2.0
        c = u / np.maximum(1.0 - u, 1e-16)
        (l1, u1), (l2, u2) = _wilson(one, c), _wilson(two, c)
        towards1 = np.where(above, one.ratio - l1, u1 - one.ratio)
        towards2 = np.where(above, u2 - two.ratio, two.ratio - l2)
        reaches = _mover(towards1, towards2, rho) >= size
        high, low = np.where(reaches, u, high), np.where(reaches, low, u)
    u = (low + high) / 2.0
    p = two_sided(np.nan_to_num(u / np.maximum(1.0 - u, 1e-16)), df)
    tested = np.isfinite(found) & (df > 0)
    return np.where(tested, np.where(found == 0, 1.0, p), np.nan)
