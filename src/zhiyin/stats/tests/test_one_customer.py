"""Figures of one customer's purchases: outside truths, and what the intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from zhiyin.stats import middle, rate


@pytest.mark.parametrize(
    ("count", "exposure", "low", "high"),
    [
        # R 4.3: poisson.test(k, T)$conf.int
        (0, 1.0, 0.0, 3.688879),
        (1, 1.0, 0.02531781, 5.571643),
        (10, 2.0, 2.397695, 9.195178),
        (100, 4.0, 20.34096, 30.40696),
    ],
)
def test_a_rate_has_garwoods_interval(count: int, exposure: float, low: float, high: float) -> None:
    found = rate.estimate(count, exposure)
    assert found is not None
    assert found.value == count / exposure
    assert [found.low, found.high] == pytest.approx([low, high], rel=1e-5)


def test_a_rate_needs_time_and_a_count() -> None:
    assert rate.estimate(3, 0.0) is None
    with pytest.raises(ValueError, match="not negative"):
        rate.estimate(-1, 1.0)


@pytest.mark.parametrize("mean", [3.0, 8.0, 40.0])
def test_a_rates_interval_covers_at_least_what_it_says(mean: float) -> None:
    """Would catch a normal interval, which covers 86 % at a mean of 3."""
    counts = np.arange(0, 200)
    chances = stats.poisson.pmf(counts, mean)
    held = [f for f in (rate.estimate(int(k), 1.0) for k in counts) if f is not None]
    inside = [f.low is not None and f.high is not None and f.low <= mean <= f.high for f in held]
    assert float(chances[np.array(inside)].sum()) >= 0.95


def test_a_median_lies_between_the_ranks_that_the_tables_have() -> None:
    """Conover's table: of 10 values ranks 2 and 9 (97.9 %), of 20 ranks 6 and 15 (95.9 %)."""
    for n, low, high in ((6, 1, 6), (8, 1, 8), (10, 2, 9), (20, 6, 15), (50, 18, 33)):
        found = middle.estimate(np.arange(1, n + 1)[::-1])
        assert found is not None
        assert (found.value, found.low, found.high, found.n) == ((n + 1) / 2, low, high, n)


def test_too_few_values_have_a_middle_and_no_interval() -> None:
    found = middle.estimate([4.0, 1.0, 2.0, 3.0, 5.0])
    assert found is not None
    assert (found.value, found.low, found.high) == (3.0, None, None)
    assert middle.estimate([]) is None
    with pytest.raises(ValueError, match="missing"):
        middle.estimate([1.0, float("nan")])


@pytest.mark.parametrize("n", [6, 9, 15, 40])
def test_a_medians_interval_covers_at_least_what_it_says(n: int) -> None:
    """Skewed values: would catch a t interval, and ranks that are off by one."""
    rng = np.random.default_rng(7)
    values = rng.lognormal(0.0, 1.2, (2_000, n))
    held = [middle.estimate(row) for row in values]
    inside = [
        f is not None and f.low is not None and f.high is not None and f.low <= 1.0 <= f.high
        for f in held
    ]
    assert np.mean(inside) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 2_000)
