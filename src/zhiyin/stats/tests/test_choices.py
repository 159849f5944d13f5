"""Two groups' choices: beside published and other software's figures, by simulation, by property.

Programs that these would catch: a test that counts visits instead of customers; Yates' correction;
degrees of freedom that count choices nobody made; a small choice that follows from the others.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zhiyin.stats.choices import EXPECTED, apart, homogeneity

MINIMUM = 10


def test_party_and_gender_of_the_general_social_survey() -> None:
    """Agresti, Introduction to Categorical Data Analysis (2007), table 2.5: X² = 30.1, df = 2."""
    found = homogeneity([762, 327, 468], [484, 239, 477])
    assert found is not None
    assert (round(found.statistic, 1), found.df) == (30.1, 2)
    assert found.p < 0.001


def test_it_agrees_with_scipy(rng: np.random.Generator) -> None:
    for choices in (2, 3, 8):
        table = rng.integers(0, 60, (2, choices)) + 1
        found: Any = homogeneity(*table)
        other: Any = stats.chi2_contingency(table, correction=False)
        assert (found.statistic, found.p) == pytest.approx((other.statistic, other.pvalue))
        assert found.df == other.dof
        v = stats.contingency.association(table, method="cramer")
        assert found.cramers_v == pytest.approx(v)


def test_nothing_to_compare() -> None:
    assert homogeneity([5, 0], [7, 0]) is None
    assert homogeneity([0, 0], [3, 4]) is None
    assert homogeneity([], []) is None


def _visits(rng: np.random.Generator, groups: int, people: int, shift: float) -> Any:
    """Choices of customers who come back: each has a habit of her own, and visits by it.

    Returns (group, first choice, all choices counted by group) with a planted shift of the second
    group's first choice.
    """
    means = np.array([[0.5, 0.3, 0.15, 0.05], [0.5 + shift, 0.3 - shift, 0.15, 0.05]])
    group = rng.integers(0, groups, people)
    habit = np.array([rng.dirichlet(means[g] * 2) for g in group])
    times = rng.geometric(0.35, people)
    first = np.array([rng.choice(4, p=one) for one in habit])
    every = np.zeros((2, 4))
    for g, own, more, at in zip(group, habit, times - 1, first, strict=True):
        every[g] += rng.multinomial(more, own)
        every[g, at] += 1
    counts = np.array([np.bincount(first[group == g], minlength=4) for g in (0, 1)])
    return counts, every


def _tested(one: Any, two: Any) -> float:
    alone = apart(one, two, MINIMUM)
    one, two = (np.append(each[alone], each[~alone].sum()) for each in (one, two))
    found = homogeneity(one, two)
    return 1.0 if found is None else found.p


def test_a_true_nothing_is_marked_as_often_as_was_promised() -> None:
    """Customers repeat, and are alike with themselves: the first choice of each keeps the level,
    all visits together do not."""
    rng = np.random.default_rng(20260601)
    once, all_visits = [], []
    for _trial in range(600):
        counts, every = _visits(rng, 2, 160, 0.0)
        once.append(_tested(*counts))
        all_visits.append(_tested(*every))
    false = np.mean(np.array(once) < 0.05)
    assert abs(false - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 600)
    assert np.mean(np.array(all_visits) < 0.05) > 0.2, "what counting visits would say"


def test_a_planted_difference_is_found() -> None:
    rng = np.random.default_rng(20260602)
    found = [_tested(*_visits(rng, 2, 600, 0.2)[0]) for _trial in range(60)]
    assert np.mean(np.array(found) < 0.05) > 0.9


counted = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=9)


@given(counted)
def test_what_is_put_together_tells_of_nobody_alone(pairs: list[tuple[int, int]]) -> None:
    one, two = np.array(pairs).T
    alone = apart(one, two, MINIMUM)
    for counts in (one, two):
        shown = counts[alone]
        rest = counts[~alone].sum()
        assert all(n == 0 or n >= MINIMUM for n in shown)
        assert rest == 0 or rest >= MINIMUM or not alone.any()
    total = one.sum() + two.sum()
    for at in np.flatnonzero(alone):
        share = (one[at] + two[at]) / total
        assert min(one.sum(), two.sum()) * share >= EXPECTED
