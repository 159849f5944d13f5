"""Times of few people, and the tests that a walkthrough makes of few runs.

Programs that these would catch: the mean of the times in the place of that of their logs; z in the
place of t; rows counted as people; people on both sites taken for different ones; tests of so few
people that "5 %" finds a difference in one case of eight where there is none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from zhiyin.stats import mean, proportion, task_times
from zhiyin.stats.difference import Differences
from zhiyin.stats.estimate import Estimates, Floats
from zhiyin.stats.task_times import LEAST, logs
from zhiyin.stats.totals import Cross, Totals

TIMES = [55, 65, 75, 62, 45, 135]


def test_the_published_example_is_reproduced() -> None:
    """Sauro, *Graph and Calculator for Confidence Intervals for Task Times*, 2006: 68 (46, 101)."""
    found = task_times.estimate(logs(TIMES, range(6)))
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert (round(found.value), round(found.low), round(found.high)) == (68, 46, 101)


def test_it_is_what_scipy_says_of_the_logs() -> None:
    found = task_times.estimate(logs(TIMES, range(6)))
    low, high = stats.ttest_1samp(np.log(TIMES), 0).confidence_interval(0.95)
    assert found is not None
    assert found.value == pytest.approx(stats.gmean(TIMES))
    assert (found.low, found.high) == pytest.approx((np.exp(low), np.exp(high)))
    assert (found.n, found.customers, found.method) == (6, 6, "log-t")


def test_a_ratio_is_welchs_and_of_the_same_people_the_paired_test() -> None:
    rng = np.random.default_rng(1)
    one, two = np.exp(rng.normal(4, 0.6, 9)), np.exp(rng.normal(4.4, 0.4, 9))
    apart = task_times.log_ratios(logs(one, range(9)), logs(two, range(9, 18))).one()
    welch = stats.ttest_ind(np.log(one), np.log(two), equal_var=False)
    assert apart is not None
    assert apart.p == pytest.approx(welch.pvalue)
    assert (apart.low, apart.high) == pytest.approx(tuple(welch.confidence_interval(0.95)))
    cross = Cross.of(np.log(one), range(9), np.log(two), range(9))
    both = task_times.log_ratios(logs(one, range(9)), logs(two, range(9)), cross).one()
    assert both is not None
    assert both.p == pytest.approx(stats.ttest_rel(np.log(one), np.log(two)).pvalue)


def test_a_person_who_does_it_again_is_no_other_person() -> None:
    once = task_times.estimate(logs(TIMES, range(6)))
    thrice = task_times.estimate(logs(np.repeat(TIMES, 3), np.repeat(range(6), 3)))
    assert once is not None
    assert thrice is not None
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))
    assert (thrice.n, thrice.customers) == (18, 6)


def test_one_person_and_no_time_have_no_interval() -> None:
    alone = task_times.estimate(logs([40.0], ["a"]))
    assert alone is not None
    assert (round(alone.value, 9), alone.low, alone.high) == (40.0, None, None)
    assert task_times.estimate(logs([], [])) is None
    for wrong in ([0.0], [-1.0], [np.inf], [np.nan]):
        with pytest.raises(ValueError, match="above 0"):
            logs(wrong, ["a"])


# What the intervals and tests of few runs keep of what they promise

Draw = Callable[[np.random.Generator, int], Floats]
REPETITIONS = 4_000
EASE = np.array([0.02, 0.03, 0.05, 0.1, 0.2, 0.35, 0.25])
"""Answers of 1 to 7 to the question how easy it was."""


def shares(share: float) -> Draw:
    return lambda rng, n: (rng.random((REPETITIONS, n)) < share).astype(float)


DRAWS: dict[str, tuple[Draw, float]] = {
    "half done": (shares(0.5), 0.5),
    "most done": (shares(0.8), 0.8),
    "log time": (lambda rng, n: rng.normal(4.0, 0.5, (REPETITIONS, n)), 4.0),
    "steps": (lambda rng, n: 4 + rng.poisson(1.2, (REPETITIONS, n)).astype(float), 5.2),
    "failures": (lambda rng, n: rng.poisson(1.0, (REPETITIONS, n)).astype(float), 1.0),
    "bunched failures": (
        lambda rng, n: rng.negative_binomial(1, 0.5, (REPETITIONS, n)).astype(float), 1.0,
    ),
    "ease": (
        lambda rng, n: rng.choice(np.arange(1.0, 8.0), p=EASE, size=(REPETITIONS, n)),
        float(EASE @ np.arange(1, 8)),
    ),
}  # fmt: skip


def cells(values: Floats) -> Totals:
    """A cell a row, each value of another person."""
    one = np.ones(len(values))
    n, total, squares = one * values.shape[1], values.sum(axis=1), (values**2).sum(axis=1)
    return Totals(
        n=n, customers=n, num=total, den=n, yy=squares, den2=n, tt=squares, tn=total, nn=n
    )


def estimated(name: str, totals: Totals) -> Estimates:
    if name.endswith("done"):
        return proportion.estimates(totals)
    return mean.estimates(totals, scale=(1.0, 7.0) if name == "ease" else None)


def compared(name: str, here: Totals, there: Totals) -> Differences:
    if name.endswith("done"):
        return proportion.differences(here, there)
    return mean.differences(here, there)


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("people", [LEAST, 8, 15])
def test_an_interval_of_few_runs_covers(name: str, people: int) -> None:
    """Failures that come in bunches are the worst, with some 88 %: docs/walkthroughs.md says so."""
    draw, truth = DRAWS[name]
    found = estimated(name, cells(draw(np.random.default_rng(people), people)))
    told = np.isfinite(found.low)
    covered = np.mean((found.low[told] <= truth) & (truth <= found.high[told]))
    assert covered > (0.855 if name == "bunched failures" else 0.9), covered


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize(("here", "there"), [(LEAST, LEAST), (LEAST, 12), (8, 8), (15, 15)])
def test_a_test_of_few_runs_is_wrong_no_more_often_than_it_says(
    name: str, here: int, there: int
) -> None:
    """4,000 samples tell 5 % to ± 1 point; shares of few are lumpy: one pair of sizes has 8 %."""
    draw, _truth = DRAWS[name]
    rng = np.random.default_rng(here * there)
    found = compared(name, cells(draw(rng, here)), cells(draw(rng, there)))
    wrong = np.sum(found.p[np.isfinite(found.p)] < 0.05) / REPETITIONS
    assert wrong < (0.088 if name.endswith("done") else 0.065), wrong


def test_fewer_people_than_that_are_not_to_be_tested() -> None:
    """The limit is where the promise begins to hold: of two people "5 %" is 12 %."""
    rng = np.random.default_rng(2)
    found = compared("half done", cells(shares(0.5)(rng, 2)), cells(shares(0.5)(rng, 2)))
    assert np.mean(found.p < 0.05) > 0.1
