"""Coverage by simulation: small copies of docs/coverage.md, and the programs they catch."""

import io
from typing import Any

import numpy as np
import pytest

from zhiyin.stats import coverage, mean, nps
from zhiyin.stats.coverage import STATISTICS, Statistic
from zhiyin.stats.simulate import Mix, Plan, pairs, samples
from zhiyin.stats.totals import Cross, Totals, rest

SCORE, SHARE, MEAN = STATISTICS
SHORT = {
    # customers: (one answer each, repeat answers, weighted): the misses that docs/coverage.md
    # prints for ordinary mixes, in shares; what is asserted is 0.95 − miss − 3 × the error.
    10: (0.01, 0.02, 0.04),
    30: (0.01, 0.02, 0.04),
    100: (0.01, 0.01, 0.025),
    1000: (0.0, 0.0, 0.01),
}


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda each: each.name[:4])
@pytest.mark.parametrize("customers", [10, 30, 100, 1000])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_ninety_five_per_cent_is_ninety_five_per_cent(
    statistic: Statistic, customers: int, weighted: bool, rng: np.random.Generator
) -> None:
    """Ordinary mixes, 0 to 3 extra answers. Catches rows counted as customers, and z for t."""
    for extra in coverage.EXTRA:
        plan = Plan(statistic.mixes[0], customers, extra, weighted)
        times = 4_000 if customers < 1_000 else 1_000
        found = coverage.covered(statistic, plan, times, rng)
        short = SHORT[customers][2 if weighted else int(extra > 0)]
        assert found.by_customer > 0.95 - short - 3 * found.error, plan
        assert found.by_customer < 0.95 + 0.04 + 3 * found.error, plan


def test_five_thousand_customers(rng: np.random.Generator) -> None:
    found = coverage.covered(SCORE, Plan(SCORE.mixes[0], 5_000, 1.5), 400, rng)
    assert found.by_customer == pytest.approx(0.95, abs=4 * found.error)


@pytest.mark.parametrize(("extra", "by_row"), [(0.0, 0.95), (0.5, 0.89), (1.5, 0.79), (3.0, 0.67)])
def test_counting_rows_would_cover_far_less(
    extra: float, by_row: float, rng: np.random.Generator
) -> None:
    """The wrong program itself, so that the tests above are known to catch it."""
    found = coverage.covered(SCORE, Plan(SCORE.mixes[0], 400, extra), 3_000, rng)
    assert found.by_row == pytest.approx(by_row, abs=0.025)
    assert found.by_customer == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda each: each.name[:4])
@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_five_per_cent_false_changes(
    statistic: Statistic, shared: Any, rng: np.random.Generator
) -> None:
    """Two periods of one population. Catches a covariance that is left out or doubled."""
    mix = statistic.mixes[0]
    found = coverage.false_changes(statistic, mix, (100, 100), 1.5, shared, 3_000, rng)
    assert found.by_customer == pytest.approx(0.05, abs=0.018)
    if shared == 0:
        assert found.by_row > 0.15
    if shared == 1:
        assert found.without_covariance < 0.02


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda each: each.name[:4])
def test_intervals_of_planted_changes_hold_them(
    statistic: Statistic, rng: np.random.Generator
) -> None:
    """Half the customers in both periods; the second period really is better."""
    shares = np.array(statistic.mixes[0].shares)
    better = Mix(
        "better",
        statistic.mixes[0].values,
        tuple(np.append(shares[:-1] * 0.8, 1 - 0.8 * shares[:-1].sum())),
    )
    one, two = Plan(better, 200, 1.5), Plan(statistic.mixes[0], 300, 0.5)
    here, there, cross = pairs(one, two, 0.5, 3_000, rng)
    found = statistic.differences(here.by_customer, there.by_customer, cross)
    truth = one.truth - two.truth
    assert np.mean((found.low <= truth) & (truth <= found.high)) == pytest.approx(0.95, abs=0.015)
    assert np.mean(found.p < 0.05) > 0.2


def test_a_group_against_the_rest_with_shared_customers(rng: np.random.Generator) -> None:
    """No difference planted; a third of the answers are the group's, from everybody.

    Catches a comparison with the whole instead of the rest, or without the covariance.
    """
    marked = []
    for _ in range(600):
        customer = np.repeat(np.arange(150), rng.geometric(0.4, 150))
        value = np.sign(rng.normal(size=150)[customer] + rng.normal(size=customer.size)).astype(int)
        mine = rng.random(customer.size) < 0.33
        group, margin = Totals.of(value[mine], customer[mine]), Totals.of(value, customer)
        cross = Cross.of(value[mine], customer[mine], value, customer)
        found: Any = nps.difference(group, *rest(group, margin, cross))
        marked.append(found.p < 0.05)
    assert np.mean(marked) == pytest.approx(0.05, abs=0.03)


def test_weights_recover_the_population(rng: np.random.Generator) -> None:
    """One stratum is reached four times as often and is happier: unweighted is off by 0.1."""
    plan = Plan(SCORE.mixes[0], 2_000, 0.5, weighted=True)
    found = samples(plan, 200, rng).by_customer
    assert np.mean(nps.estimates(found).value) == pytest.approx(plan.truth, abs=0.005)


def test_who_answers_often_and_is_happy_counts_per_answer(rng: np.random.Generator) -> None:
    """Frequent customers are happier: R is Σ over answers, and its interval holds that truth.

    Catches a mean of customers' means (its truth is 0.2, that of answers 0.5).
    """
    often = rng.random((2_000, 300)) < 0.5
    answers = np.where(often, 4, 1)
    happy = np.where(often, 0.85, 0.35)
    t = 2.0 * rng.binomial(answers, happy) - answers
    n = answers.astype(float)
    rows = n.sum(1)
    cells = Totals(
        rows,
        np.full(2_000, 300.0),
        t.sum(1),
        rows,
        rows,
        rows,
        (t * t).sum(1),
        (t * n).sum(1),
        (n * n).sum(1),
    )
    truth = (4 * 0.7 + 1 * -0.3) / 5
    found = nps.estimates(cells)
    assert np.mean((found.low <= truth) & (truth <= found.high)) == pytest.approx(0.95, abs=0.015)
    assert np.mean(mean.estimates(cells).value) == pytest.approx(truth, abs=0.005)


def test_the_page_writes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tables, in small: the command cannot rot unseen."""
    monkeypatch.setattr(coverage, "CUSTOMERS", (10, 30))
    monkeypatch.setattr(coverage, "SIDES", ((10, 10), (10, 30)))
    monkeypatch.setattr(coverage, "FEWEST", 10)
    page = io.StringIO()
    coverage.write(page, 30)
    again = io.StringIO()
    coverage.write(again, 30)
    assert page.getvalue() == again.getvalue()
    assert page.getvalue().count("\n## ") == 5
    assert "| NPS (adjusted Wald) | 30 |" in page.getvalue()
