"""Cross-tabulations against R's survey package, brute force and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from zhiyin.stats import crosstab, proportion
from zhiyin.stats.tests.schools import SCHOOLS
from zhiyin.stats.totals import Cross, Totals


def test_rao_and_scott_as_r_has_it() -> None:
    """R, package survey, `svychisq`:

    dclus1 <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
    svychisq(~sch.wide + stype, dclus1)                        # F = 5.1934, ndf = 1.495,
                                                               # ddf = 20.925, p-value = 0.02175
    svychisq(~sch.wide + stype, dclus1, statistic = "Chisq")   # X-squared = 11.9409
    """
    district, kind, growth, _score = SCHOOLS
    found = crosstab.independence(growth, kind, district, population=757)
    assert found is not None
    said = (found.statistic, found.df, found.denominator_df, found.p, found.pearson)
    assert said == pytest.approx((5.1934, 1.495, 20.925, 0.02175, 11.9409), rel=5e-4)
    # Weights that are all alike are none.
    weighted = crosstab.independence(growth, kind, district, [33.847] * 183, population=757)
    assert weighted is not None
    assert weighted.p == pytest.approx(found.p)


def test_one_answer_each_is_near_the_chi_squared_of_scipy() -> None:
    drawn = np.random.default_rng(4)
    row, column = drawn.integers(0, 3, 3000), drawn.integers(0, 4, 3000)
    found = crosstab.independence(row, column, np.arange(3000))
    table = np.zeros((3, 4))
    np.add.at(table, (row, column), 1)
    plain = stats.chi2_contingency(table, correction=False)
    assert found is not None
    assert found.pearson == pytest.approx(plain.statistic)
    assert found.p == pytest.approx(plain.pvalue, abs=0.01)
    assert found.design_effect == pytest.approx(1.0, abs=0.03)


def test_the_test_keeps_its_size_where_customers_answer_four_times() -> None:
    """Would catch the plain χ², which finds something in a third of these tables."""
    drawn = np.random.default_rng(9)
    rejected = plain = 0
    rounds, customers, times = 400, 150, 4
    for _round in range(rounds):
        column = np.repeat(drawn.integers(0, 2, customers), times)
        usual = np.repeat(drawn.integers(0, 3, customers), times)
        own = drawn.integers(0, 3, customers * times)
        row = np.where(drawn.random(customers * times) < 0.7, usual, own)
        found = crosstab.independence(row, column, np.repeat(np.arange(customers), times))
        assert found is not None
        rejected += found.p < 0.05
        plain += stats.chi2.sf(found.pearson, 2) < 0.05
    # 5 % ± three standard errors of 400 rounds.
    assert 0.017 * rounds <= rejected <= 0.083 * rounds
    assert plain > 0.2 * rounds


def test_columns_are_compared_as_the_statistics_of_shares_compare_them() -> None:
    """Would catch a covariance that was forgotten: customers are in both columns."""
    drawn = np.random.default_rng(6)
    n = 400
    customer, column = drawn.integers(0, 150, n), drawn.integers(0, 3, n)
    row, weight = drawn.integers(0, 2, n), drawn.uniform(0.5, 2, n)
    found = crosstab.columns(np.arange(n), row, 2, column, 3, customer, weight)
    at = 0
    for which in range(2):
        for one, two in ((0, 1), (0, 2), (1, 2)):
            here, there = column == one, column == two
            holds = (row == which).astype(float)
            pairs = [(holds[side], customer[side], weight[side]) for side in (here, there)]
            (y1, c1, w1), (y2, c2, w2) = pairs
            alone = proportion.difference(
                Totals.of(y1, c1, w1), Totals.of(y2, c2, w2), Cross.of(y1, c1, y2, c2, w1, w2)
            )
            assert alone is not None
            assert found.difference[at] == pytest.approx(alone.difference)
            assert found.p[at] == pytest.approx(alone.p, abs=1e-9)
            at += 1
    assert at == len(found.p)
    share = found.share[0]
    assert share is not None
    assert share.n == int((column == 0).sum())


def test_answers_in_several_rows_have_one_base_and_untested_columns_no_letter() -> None:
    answer = [0, 0, 1, 2, 2, 3]
    row = [0, 1, 0, 0, 1, 1]
    found = crosstab.columns(answer, row, 2, [0, 0, 1, 1], 2, range(4), tested=[True, False])
    assert found.base_n.tolist() == [2, 2]
    assert [one.value for one in found.share if one is not None] == [1.0, 0.5, 0.5, 1.0]
    assert found.family.tests == 0
    assert crosstab.letters(found, 2, 2) == [["", ""], ["", ""]]
    assert crosstab.independence([1, 1], [1, 2], [1, 2]) is None
