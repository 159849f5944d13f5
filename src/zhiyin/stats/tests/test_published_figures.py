"""Figures that others printed, or another library computes."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS, WLS
from statsmodels.stats import proportion as sm_proportion
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from zhiyin.stats import families, mean, nps, proportion, ratio
from zhiyin.stats.clusters import spread
from zhiyin.stats.totals import Cross, Totals

SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
"""Student's sleep data (1908), R's ``sleep``: ten patients, two drugs."""


def yes_no(yes: int, n: int) -> Totals:
    return Totals.of([1] * yes + [0] * (n - yes), range(n))


def scores(promoters: int, passives: int, detractors: int) -> Totals:
    values = [1] * promoters + [0] * passives + [-1] * detractors
    return Totals.of(values, range(len(values)))


@pytest.mark.parametrize(
    ("yes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_table(yes: int, n: int, low: Any, high: Any) -> None:
    """Newcombe 1998 (857–872), table I, method 3. Catches a continuity correction."""
    found: Any = proportion.estimate(yes_no(yes, n))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_differences_of_shares_give_newcombes_table(
    first: tuple[int, int], second: tuple[int, int], low: Any, high: Any
) -> None:
    """Newcombe 1998 (873–890), table II, method 10. Catches Wilson bounds on the wrong sides."""
    found: Any = proportion.difference(yes_no(*first), yes_no(*second))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("p", "n", "printed"), [(0.5, 17, 0.951), (0.5, 40, 0.919), (0.2, 30, 0.946), (0.2, 98, 0.928)]
)
def test_the_plain_wald_interval_covers_as_badly_as_printed(p: Any, n: int, printed: float) -> None:
    """Brown, Cai & DasGupta 2001, section 2: exact coverage of the Wald interval of a share.

    Without passives the NPS is 2p − 1, so its plain interval is that one stretched by two.
    """
    yes = np.arange(n + 1)
    cells = Totals.stack(scores(int(x), 0, int(n - x)) for x in yes)
    found = nps.estimates(cells, method="wald")
    holds = (found.low <= 2 * p - 1) & (2 * p - 1 <= found.high)
    assert stats.binom.pmf(yes, n, p)[holds].sum() == pytest.approx(printed, abs=0.0006)


def test_adjusted_wald_is_the_plain_interval_of_three_more_answers() -> None:
    """Rocks 2016: ¾ promoter, 1½ passives, ¾ detractor. Catches ¾ of three (2¼) on each side."""
    found: Any = nps.estimate(scores(23, 11, 6))
    p, d, n = 23.75 / 43, 6.75 / 43, 43
    half = stats.norm.ppf(0.975) * math.sqrt((p * (1 - p) + d * (1 - d) + 2 * p * d) / n)
    assert found.value == pytest.approx(17 / 40)
    assert (found.low, found.high) == pytest.approx((p - d - half, p - d + half))


def test_adjusted_wald_holds_where_the_plain_one_collapses() -> None:
    """Exact trinomial coverage, n = 20: what Rocks' paper is about. No simulation."""
    n, shares = 20, (0.03, 0.07, 0.9)
    splits = [(a, b, n - a - b) for a, b in itertools.product(range(n + 1), repeat=2) if a + b <= n]
    chance = stats.multinomial.pmf(splits, n, shares)
    cells = Totals.stack(scores(c, b, a) for a, b, c in splits)

    def coverage(method: Any) -> Any:
        found = nps.estimates(cells, method=method)
        return chance[(found.low <= 0.87) & (found.high >= 0.87)].sum()

    assert coverage("adjusted-wald") > 0.94
    assert coverage("wald") < 0.88


def test_wald_difference_of_two_scores() -> None:
    """Lewis & Sauro's comparison: 3 added on both sides; the normal p of the adjusted scores."""
    found: Any = nps.difference(scores(60, 25, 15), scores(45, 30, 25))
    adjusted = []
    for promoters, detractors in ((60, 15), (45, 25)):
        p, d = (promoters + 0.75) / 103, (detractors + 0.75) / 103
        adjusted.append((p - d, (p + d - (p - d) ** 2) / 103))
    (one, var_one), (two, var_two) = adjusted
    z = (one - two) / math.sqrt(var_one + var_two)
    assert found.difference == pytest.approx(0.25)
    assert found.p == pytest.approx(2 * stats.norm.sf(z))
    assert found.low == pytest.approx(one - two - 1.959964 * math.sqrt(var_one + var_two))


def test_welch_on_the_sleep_data() -> None:
    """R: ``t.test(extra ~ group, sleep)`` → t = −1.8608, df = 17.776, p = 0.07939."""
    found: Any = mean.difference(Totals.of(SLEEP_1, range(10)), Totals.of(SLEEP_2, range(10, 20)))
    assert found.df == pytest.approx(17.776, abs=5e-4)
    assert found.p == pytest.approx(0.07939, abs=5e-6)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-7)


def test_the_same_patients_twice_are_a_paired_test() -> None:
    """R: ``t.test(…, paired = TRUE)`` → t = −4.0621, df = 9, p = 0.002833.

    Catches a covariance left out: the p would be Welch's 0.079.
    """
    cross = Cross.of(SLEEP_1, range(10), SLEEP_2, range(10))
    found: Any = mean.difference(
        Totals.of(SLEEP_1, range(10)), Totals.of(SLEEP_2, range(10)), cross
    )
    assert found.df == pytest.approx(9)
    assert found.p == pytest.approx(0.002833, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((-2.4598858, -0.7001142), abs=1e-7)


def test_fifteen_p_values_of_benjamini_and_hochberg() -> None:
    """Their 1995 example: 4 of 15 at q = 0.05 (Bonferroni finds 3, no correction 9)."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    family = families.mark(p)
    assert family.marked.sum() == 4
    assert family.marked[:4].all()


@pytest.mark.parametrize("method", ["bh", "by"])
def test_families_agree_with_statsmodels(method: Any, rng: np.random.Generator) -> None:
    p = np.concatenate([rng.beta(0.3, 6, 20), rng.random(60)])
    marked, q_values, _, _ = multipletests(p, 0.05, f"fdr_{method}")
    family = families.mark(p, 0.05, method)
    assert (family.marked == marked).all()
    np.testing.assert_allclose(family.q_values, q_values, rtol=1e-12)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_shares_agree_with_statsmodels(confidence: Any, rng: np.random.Generator) -> None:
    for n in (10, 37, 400):
        x1, x2 = rng.integers(0, n + 1, 2)
        found: Any = proportion.estimate(yes_no(x1, n), confidence=confidence)
        expected = sm_proportion.proportion_confint(x1, n, 1 - confidence, "wilson")
        assert (found.low, found.high) == pytest.approx(expected, abs=1e-12)
        pair: Any = proportion.difference(yes_no(x1, n), yes_no(x2, n + 5), confidence=confidence)
        expected = sm_proportion.confint_proportions_2indep(
            x1, n, x2, n + 5, method="newcomb", compare="diff", alpha=1 - confidence
        )
        assert (pair.low, pair.high) == pytest.approx(expected, abs=1e-9)


def test_means_agree_with_statsmodels(rng: np.random.Generator) -> None:
    one, two = rng.normal(3, 1, 40), rng.normal(3.4, 2, 25)
    expected = CompareMeans(DescrStatsW(one), DescrStatsW(two))
    found: Any = mean.difference(Totals.of(one, range(40)), Totals.of(two, range(40, 65)))
    _, p, df = expected.ttest_ind(usevar="unequal")
    assert (found.p, found.df) == pytest.approx((p, df))
    assert (found.low, found.high) == pytest.approx(expected.tconfint_diff(usevar="unequal"))
    alone: Any = mean.estimate(Totals.of(one, range(40)))
    assert (alone.low, alone.high) == pytest.approx(DescrStatsW(one).tconfint_mean())


@pytest.mark.parametrize("weighted", [False, True])
def test_variance_over_customers_is_the_cluster_robust_one(
    weighted: bool, rng: np.random.Generator
) -> None:
    """Cluster-robust regression on a constant, in statsmodels, with its k/(k−1)."""
    customer = rng.integers(0, 60, 240)
    value = np.clip(rng.normal(customer % 5, 1.5).round(), 0, 10)
    weight = rng.uniform(0.3, 3, 240) if weighted else np.ones(240)
    constant = np.ones(240)
    model = WLS(value, constant, weights=weight) if weighted else OLS(value, constant)
    expected = model.fit(cov_type="cluster", cov_kwds={"groups": customer})
    found = spread(Totals.of(value, customer, weight))
    assert float(found.ratio) == pytest.approx(expected.params[0])
    assert float(np.sqrt(found.variance)) == pytest.approx(expected.bse[0])


def test_a_difference_with_shared_customers_is_the_cluster_robust_slope(
    rng: np.random.Generator,
) -> None:
    """The linearised variance of two periods is the sandwich of the dummy regression.

    Catches a covariance of the wrong sign or scale.
    """
    customer = np.concatenate([np.tile(np.arange(80), 2), rng.integers(0, 80, 400)])
    side = np.concatenate([np.repeat([0, 1], 80), rng.integers(0, 2, 400)])
    value = rng.normal(customer % 7, 2.0) + 0.3 * side
    design = np.column_stack([np.ones(560), side])
    groups = {"groups": customer, "use_correction": False}
    expected = OLS(value, design).fit(cov_type="cluster", cov_kwds=groups)
    sides = [(value[side == s], customer[side == s]) for s in (1, 0)]
    found: Any = mean.difference(
        Totals.of(*sides[0]), Totals.of(*sides[1]), Cross.of(*sides[0], *sides[1])
    )
    # Each side's variance has its own k/(k−1); 80 customers are on each.
    assert [len(set(who)) for _, who in sides] == [80, 80]
    assert found.difference == pytest.approx(expected.params[1])
    assert found.standard_error == pytest.approx(expected.bse[1] * math.sqrt(80 / 79))


def test_a_ratio_is_cochrans() -> None:
    """Cochran 1977, (6.13), worked by hand on six customers."""
    orders, revenue = np.array([1, 2, 1, 4, 3, 1.0]), np.array([20, 55, 18, 90, 61, 30.0])
    found: Any = ratio.estimate(Totals.of_ratio(revenue, orders, range(6)))
    r = revenue.sum() / orders.sum()
    residual = revenue - r * orders
    expected = np.sqrt(residual @ residual / 5 / 6) / orders.mean()
    assert found.value == pytest.approx(r)
    assert found.standard_error == pytest.approx(expected)
    assert found.design_effect is None
