"""Ratios of two sums: order value (revenue ÷ orders), purchase frequency (orders ÷ customers).

Shares of yes or no, conversion among them, belong to `proportion`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zhiyin.stats import mean
from zhiyin.stats.difference import Difference, Differences
from zhiyin.stats.estimate import Estimate, Estimates, Number
from zhiyin.stats.totals import Cross, Totals


def estimates(
    totals: Totals,
    *,
    confidence: float = 0.95,
    least: float | None = 0.0,
    population: Number | None = None,
) -> Estimates:
    """Σ num ÷ Σ den of each cell, with the linearised interval R ± t·√V, degrees as for means.

    Both sums vary from customer to customer, and V counts both. Design effect and effective
    n are nan where `yy` is 0: rows that are not observations of one thing have no plain
    variance to compare with.

    When it misleads: skewed money. With a few big spenders among tens of customers the
    interval misses high values too often; the ratio itself is off by about 1/k.

    Args:
        totals: sums of both sides; arrays of any one shape, or plain numbers.
        confidence: 0…1.
        least: the interval is cut there; None where the ratio may be negative.
        population: customers in the declared frame, cell by cell.

    Source: Cochran, Sampling Techniques (1977), 6.3. In R: ``survey::svyratio(~num, ~den, d)``.

    >>> found = estimate(Totals.of_ratio([10.0, 20.0, 60.0], [1, 1, 2], ["a", "b", "c"]))
    >>> found.value, found.design_effect
    (22.5, None)
    """
    scale = None if least is None else (least, np.inf)
    found = mean.estimates(
        totals, confidence=confidence, scale=scale, population=population, method="ratio-t"
    )
    meant = np.asarray(totals.yy) != 0
    flat = ~(found.standard_error > 0)
    return replace(
        found,
        low=np.where(flat, np.nan, found.low),
        high=np.where(flat, np.nan, found.high),
        design_effect=np.where(meant, found.design_effect, np.nan),
        effective_n=np.where(meant, found.effective_n, np.nan),
    )


def estimate(
    totals: Totals,
    *,
    confidence: float = 0.95,
    least: float | None = 0.0,
    population: Number | None = None,
) -> Estimate | None:
    """`estimates` of one cell; None without anything to divide by."""
    found = estimates(totals, confidence=confidence, least=least, population=population)
    return found.one()


def differences(
    here: Totals,
    there: Totals,
    cross: Cross | None = None,
    *,
    confidence: float = 0.95,
    population: Number | None = None,
    other_population: Number | None = None,
) -> Differences:
    """Ratio here less ratio there, cell by cell: Welch's t over customers, as for means."""
    return mean.differences(
        here,
        there,
        cross,
        confidence=confidence,
        population=population,
        other_population=other_population,
        method="ratio-welch",
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
    """`differences` of one pair of cells; None where a side has nothing to divide by."""
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
    """Ratio less a fixed value (a target): t, degrees as for means."""
    return mean.against(
        totals, value, confidence=confidence, population=population, method="ratio-t-against"
    )
