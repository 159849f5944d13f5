"""Quantiles of waits: published figures, a second way, and intervals that hold what they say.

Wrong programs that this catches: open waits left out, or taken as ended; an interval that counts
waits and not customers; a median that is not the middle of two.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.stats.waits import quantiles

# Maintained patients of Miller's leukaemia data (R: survival::aml): weeks, and whether it came.
WEEKS = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
CAME = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]


def test_the_curve_is_the_published_one() -> None:
    """``quantile(survfit(Surv(time, status) ~ 1, aml[aml$x == "Maintained", ]))``: 18, 31, 48."""
    found = quantiles(WEEKS, CAME, range(11), [0.25, 0.5, 0.75])
    assert [one.value for one in found if one] == [18, 31, 48]
    # summary(survfit(…)): at 31 weeks .491 survive, standard error .1642
    (median,) = quantiles(WEEKS, CAME, range(11), [0.5])
    assert median
    survive, error = 0.49090909, 0.16419
    expected = survive * (1 - survive) / (error**2 * 11 / 10)
    assert median.effective_n == pytest.approx(expected, rel=1e-3)


def test_what_is_never_reached_has_no_value() -> None:
    assert quantiles([1, 2, 3], [1, 0, 0], range(3), [0.5]) == (None,)
    assert quantiles([], [], [], [0.25, 0.5]) == (None, None)
    with pytest.raises(ValueError, match="missing"):
        quantiles([math.nan], [1], [0], [0.5])


waited = st.lists(st.integers(0, 40), min_size=1, max_size=40)


@given(waited)
def test_without_open_waits_the_median_is_the_median(values: list[int]) -> None:
    (found,) = quantiles(values, [True] * len(values), range(len(values)), [0.5])
    assert found
    assert found.value == np.median(values)
    assert found.low is None or found.low <= found.value
    assert found.high is None or found.high >= found.value


@given(waited, st.data())
def test_repeating_every_wait_of_a_customer_tells_nothing_new(
    values: list[int], data: st.DataObject
) -> None:
    came = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    who = list(range(len(values)))
    once = quantiles(values, came, who, [0.3, 0.5])
    twice = quantiles(values * 2, came * 2, who * 2, [0.3, 0.5])
    for one, two in zip(once, twice, strict=True):
        assert (one and one.value) == (two and two.value)
        if one and two and one.effective_n and len(values) > 1:
            assert two.effective_n == pytest.approx(one.effective_n)


@pytest.mark.parametrize(
    ("customers", "each", "least"), [(40, 1, 0.95), (40, 4, 0.94), (200, 3, 0.93)]
)
def test_an_interval_holds_the_truth_as_often_as_it_says(
    customers: int, each: int, least: float
) -> None:
    """A customer's waits resemble each other; a third of them are open when the log ends."""
    chance = np.random.default_rng(20261127)

    def drawn(customers: int, each: int) -> tuple[Any, Any]:
        who = np.repeat(np.arange(customers), each)
        pace = np.exp(chance.normal(0, 0.8, customers))[who]
        return who, chance.exponential(1, len(who)) * pace

    truth = np.quantile(drawn(400_000, 1)[1], [0.25, 0.5, 0.75])
    held = np.zeros(3)
    runs = 500
    for _run in range(runs):
        who, took = drawn(customers, each)
        until = chance.exponential(3, len(who))
        found = quantiles(np.minimum(took, until), took <= until, who, [0.25, 0.5, 0.75])
        for place, (one, true) in enumerate(zip(found, truth, strict=True)):
            low = -math.inf if one is None or one.low is None else one.low
            high = math.inf if one is None or one.high is None else one.high
            held[place] += low <= true <= high
    assert ((held / runs) > least).all(), held / runs
    assert ((held / runs) < 0.995).all(), held / runs
