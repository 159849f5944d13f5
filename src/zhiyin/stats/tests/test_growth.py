"""Growth beyond noise: against SciPy's exact test, and by simulation with weeks that vary."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from zhiyin.stats import families
from zhiyin.stats.growth import growths


def test_without_dispersion_it_is_the_exact_test_of_two_rates() -> None:
    """`binom.test(12, 18, 1/3)`: a program that forgets who spoke at all would use 1/2."""
    found = growths([12], 100, [[3, 3]], [100, 100])
    more = stats.binomtest(12, 18, 1 / 3, alternative="greater")
    assert found.p[0] == pytest.approx(2 * more.pvalue)
    assert found.dispersion[0] == 1
    low, high = found.interval(0.95)
    exact = stats.binomtest(12, 18).proportion_ci(0.95, method="exact")
    for end, share in ((low[0], exact.low), (high[0], exact.high)):
        assert np.exp(end) == pytest.approx(share / (1 - share) * 2)


def test_what_nobody_said_before_has_no_end_upwards() -> None:
    found = growths([9], 50, [[0, 0, 0]], [50, 50, 50])
    low, high = found.interval()
    assert found.ratio[0] == np.inf
    assert low[0] > 0
    assert high[0] == np.inf
    assert found.p[0] < 0.001


def test_where_nobody_spoke_there_is_nothing_to_tell() -> None:
    assert np.isnan(growths([0], 0, [[0]], [0]).p[0])
    assert np.isnan(growths([0], 10, [[0]], [10]).p[0])
    with pytest.raises(ValueError, match="one of each earlier week"):
        growths([1, 2], 10, [[1]], [10])


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.3])
def test_nothing_is_found_where_nothing_changes_and_weeks_vary(spread: float) -> None:
    """Weeks vary by a gamma factor of this variance. Without the dispersion more than one in ten
    tests would be under 5 %."""
    chance = np.random.default_rng(7)
    under, any_marked, covered = [], [], []
    for _turn in range(120):
        spoke = chance.poisson(300, 12)
        factor = chance.gamma(1 / spread, spread, (40, 12)) if spread else np.ones((40, 12))
        counts = chance.poisson(0.05 * factor * spoke)
        found = growths(counts[:, 8:].sum(axis=1), spoke[8:].sum(), counts[:, :8], spoke[:8])
        under.append((found.p < 0.05).mean())
        any_marked.append(bool(families.mark(found.p).marked.any()))
        low, high = found.interval()
        covered.append(((low <= 0) & (high >= 0)).mean())
    assert np.mean(under) < 0.05
    assert np.mean(any_marked) < 0.09, "5 % and what 120 turns can tell"
    assert np.mean(covered) > 0.94


def test_a_threefold_rise_is_found() -> None:
    chance = np.random.default_rng(8)
    hits = []
    for _turn in range(60):
        spoke = chance.poisson(300, 12)
        counts = chance.poisson(0.03 * spoke * np.ones((40, 12)))
        counts[0, 8:] = chance.poisson(0.09 * spoke[8:])
        found = growths(counts[:, 8:].sum(axis=1), spoke[8:].sum(), counts[:, :8], spoke[:8])
        hits.append(bool(families.mark(found.p).marked[0]))
    assert np.mean(hits) > 0.9
