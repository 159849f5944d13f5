"""Response propensities against statsmodels, and the R-indicator against what was planted."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special

from zhiyin.stats import propensity


def test_the_model_is_that_of_statsmodels_with_errors_over_customers() -> None:
    drawn = np.random.default_rng(5)
    customer = drawn.integers(0, 200, 700)
    x = np.column_stack([drawn.integers(0, 2, 700), drawn.normal(0, 1, 700)])
    y = (drawn.random(700) < special.expit(-0.7 + x @ [0.8, -0.4])).astype(float)
    found = propensity.fit(y, x, customer)
    fitted = sm.Logit(y, sm.add_constant(x)).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": customer, "use_correction": False}
    )
    k = len(np.unique(customer))
    assert found is not None
    assert found.coefficients == pytest.approx(fitted.params, rel=1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(
        fitted.bse * np.sqrt(k / (k - 1)), rel=1e-6
    )
    assert found.propensity.mean() == pytest.approx(y.mean())


def test_no_model_is_fitted_where_there_is_none() -> None:
    ones, halves = np.ones(20), np.repeat([0.0, 1.0], 10)
    column = halves[:, None]
    assert propensity.fit(ones, column, range(20)) is None
    # The column says for certain who answers.
    assert propensity.fit(halves, column, range(20)) is None
    assert propensity.fit(halves, np.column_stack([column, column]), range(20)) is None


def test_the_indicator_recovers_what_was_planted_and_its_interval_covers() -> None:
    """Would catch the indicator that is not freed of bias: of people all alike it says 0.93."""
    drawn = np.random.default_rng(17)
    rounds, n = 250, 600
    group = np.repeat(np.arange(4), n // 4)
    columns = (group[:, None] == np.arange(1, 4)).astype(float)
    truth = np.array([0.15, 0.25, 0.35, 0.45])[group]
    expected = 1 - 2 * truth.std(ddof=1)
    values, covered, alike, raw = [], 0, [], []
    for _round in range(rounds):
        found = propensity.fit(drawn.random(n) < truth, columns, np.arange(n))
        assert found is not None
        one = propensity.representativeness(found, columns, np.arange(n))
        values.append(one.value)
        covered += one.low <= expected <= one.high
        same = propensity.fit(drawn.random(n) < 0.3, columns, np.arange(n))
        assert same is not None
        alike.append(propensity.representativeness(same, columns, np.arange(n)).value)
        raw.append(1 - 2 * same.propensity.std(ddof=1))
    assert np.mean(values) == pytest.approx(expected, abs=0.01)
    # 95 % ± three standard errors of 250 rounds.
    assert 0.908 * rounds <= covered <= 0.992 * rounds
    assert np.mean(alike) > 0.97
    assert np.mean(raw) < 0.95
