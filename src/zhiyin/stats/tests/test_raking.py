"""Raking and the variance of weighted figures against R, a second library and simulation."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from zhiyin.stats import mean, proportion, raking
from zhiyin.stats.tests.schools import SCHOOLS
from zhiyin.stats.totals import Totals

TYPES = {"E": 0, "H": 1, "M": 2}
TYPE_TARGETS = np.array([4421, 755, 1018]) / 6194
GROWTH_TARGETS = np.array([1000, 5194]) / 6194


def test_a_table_is_fitted_to_its_margins_and_keeps_every_ratio() -> None:
    """What makes the fit Deming and Stephan's: margins change, cross-product ratios do not."""
    seed = np.array([[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50.0]])
    rows, columns = np.array([150, 300, 400, 150.0]), np.array([200, 300, 400, 100.0])
    r, c = (index.ravel() for index in np.indices(seed.shape))
    found = raking.rake([r, c], [rows / 1000, columns / 1000], start=seed.ravel(), tolerance=1e-12)
    fitted = (found.weight * 1000 / found.weight.sum()).reshape(4, 4)
    assert found.has_converged
    assert fitted.sum(axis=1) == pytest.approx(rows)
    assert fitted.sum(axis=0) == pytest.approx(columns)
    before = seed[0, 0] * seed[2, 3] / (seed[0, 3] * seed[2, 0])
    after = fitted[0, 0] * fitted[2, 3] / (fitted[0, 3] * fitted[2, 0])
    assert after == pytest.approx(before)


def test_weighted_means_as_r_has_them() -> None:
    """R, package survey 4.5 (data(api); dclus1 as in its documentation):

    svymean(~api00, dclus1)                                            # 644.17, SE 23.5422
    svymean(~api00, postStratify(dclus1, ~stype, pop.types))           # 642.31, SE 23.9205
    svymean(~api00, rake(dclus1, list(~stype, ~sch.wide),
            list(pop.types, pop.schwide), control = list(epsilon = 1e-12)))     # SE 23.74584
    """
    district, kind, growth, index = SCHOOLS
    types = np.array([TYPES[one] for one in kind])
    grew = growth.astype(np.int64)
    everyone = np.arange(183)

    def estimated(weight: np.ndarray, margins: list[np.ndarray]) -> tuple[float, float]:
        found = raking.estimate(index, everyone, weight, district, margins, population=757)
        assert found is not None
        return found.value, found.standard_error

    assert estimated(np.ones(183), []) == pytest.approx((644.1694, 23.542240693781), rel=1e-7)
    after = raking.rake([types], [TYPE_TARGETS], tolerance=1e-12)
    expected = 642.310788211584, 23.9204864450905
    assert estimated(after.weight, [types]) == pytest.approx(expected, rel=1e-9)
    raked = raking.rake([types, grew], [TYPE_TARGETS, GROWTH_TARGETS], tolerance=1e-12)
    value, error = estimated(raked.weight, [types, grew])
    # R centres each margin under the weights before its last step: the same to six digits.
    assert error == pytest.approx(23.745841047537, rel=1e-5)
    # A margin that was fitted has no chance left.
    share = raking.estimate(
        (types == 0).astype(float), everyone, raked.weight, district, [types, grew], kind="share"
    )
    assert share is not None
    assert (share.value, share.standard_error) == pytest.approx((4421 / 6194, 0.0), abs=1e-6)
    assert value == pytest.approx(float(raked.weight @ index / raked.weight.sum()))


def test_without_margins_it_is_the_cluster_robust_error_of_statsmodels() -> None:
    """A weighted mean is a weighted regression on 1, whose clustered error statsmodels has."""
    drawn = np.random.default_rng(12)
    customer = drawn.integers(0, 80, 300)
    y, weight = drawn.normal(4, 1, 300) + customer / 40, drawn.uniform(0.3, 3, 300)
    found = raking.estimate(y, np.arange(300), weight, customer)
    fitted = sm.WLS(y, np.ones(300), weights=weight).fit(
        cov_type="cluster", cov_kwds={"groups": customer, "use_correction": False}
    )
    clusters = len(np.unique(customer))
    assert found is not None
    assert found.value == pytest.approx(fitted.params[0])
    factor = np.sqrt(clusters / (clusters - 1))
    assert found.standard_error == pytest.approx(fitted.bse[0] * factor)
    # And what the other statistics of this room say of the same answers.
    same = mean.estimate(Totals.of(y, customer, weight))
    assert same is not None
    assert (found.low, found.high) == pytest.approx((same.low, same.high))
    yes = (y > 5).astype(float)
    share = raking.estimate(yes, np.arange(300), np.ones(300), customer, kind="share")
    plain = proportion.estimate(Totals.of(yes, customer))
    assert share is not None
    assert plain is not None
    assert share.low == pytest.approx(plain.low, abs=2e-3)


def test_trimming_keeps_the_limit_says_its_cost_and_when_it_cannot_be() -> None:
    """Would catch a cut that leaves the margins behind without a word."""
    drawn = np.random.default_rng(3)
    one, two = drawn.integers(0, 4, 600), (drawn.random(600) < 0.08).astype(np.int64)
    targets = [np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.7, 0.3])]
    free = raking.rake([one, two], targets)
    cut = raking.rake([one, two], targets, trim=4.2)
    assert free.weight.max() > 4.2
    assert cut.has_converged
    assert cut.weight.max() <= 4.2 * (1 + 1e-4)
    assert cut.design_effect < free.design_effect
    assert 0 < cut.trimmed < 60
    assert free.effective_n == pytest.approx(600 / (600 * (free.weight @ free.weight) / 600**2))
    never = raking.rake([one, two], targets, trim=2.0)
    assert not never.has_converged
    assert never.gap > 0.01
    # Margins that contradict one another never agree.
    same = raking.rake([one, one], [targets[0], np.array([0.1, 0.2, 0.3, 0.4])])
    assert not same.has_converged
    for wrong in ([np.array([0.5, 0.5])], [np.array([0.4, 0.3, 0.2, 0.0])]):
        with pytest.raises(ValueError, match="target"):
            raking.rake([one], wrong)


def test_who_is_unknown_in_a_margin_keeps_her_weight_there() -> None:
    code = np.array([0, 0, 0, 1, -1, -1])
    found = raking.rake([code], [np.array([0.5, 0.5])])
    assert found.weight.round(6).tolist() == [0.666667, 0.666667, 0.666667, 2.0, 1.0, 1.0]


def test_intervals_of_raked_figures_cover_what_was_planted() -> None:
    """Would catch weights whose margins were fitted and whose chance was forgotten, or counted
    twice: answers go with the margin, those of one group answer less."""
    drawn = np.random.default_rng(21)
    rounds, covered, covered_mean, widths = 300, 0, 0, []
    p = np.array([0.2, 0.5, 0.8])
    population = np.array([0.5, 0.3, 0.2])
    truth = float(p @ population)
    for _round in range(rounds):
        group = drawn.choice(3, 400, p=[0.2, 0.3, 0.5])
        other = drawn.integers(0, 2, 400)
        y = (drawn.random(400) < p[group]).astype(float)
        raked = raking.rake([group, other], [population, np.array([0.5, 0.5])])
        where = np.arange(400)
        margins = [group, other]
        share = raking.estimate(y, where, raked.weight, where, margins, kind="share")
        average = raking.estimate(y, where, raked.weight, where, margins)
        given = raking.estimate(y, where, raked.weight, where)
        assert share is not None
        assert average is not None
        assert given is not None
        covered += (share.low or 0) <= truth <= (share.high or 1)
        covered_mean += (average.low or 0) <= truth <= (average.high or 1)
        widths.append(average.standard_error / given.standard_error)
    # 95 % ± three standard errors of 300 rounds.
    assert 0.912 * rounds <= covered <= 0.988 * rounds
    assert 0.912 * rounds <= covered_mean <= 0.988 * rounds
    assert np.mean(widths) < 0.95
