"""How long until: against published figures, a second library, a planted truth and by simulation.

Programs that this would catch: those who are censored counted as arrived, or left out at once; who
arrives and who is censored at one time put in the other order; Greenwood's variance on the plain
scale, whose ends leave 0…1; a median that is read off the wrong side of a step.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from zhiyin.stats import survival
from zhiyin.stats.survival import Survival

# Weeks of remission under 6-MP (Freireich and others 1963), as Collett and Kalbfleisch print them.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def found(ended: list[int], censored: list[int], confidence: float = 0.95) -> Survival:
    times = sorted({*ended, *censored})
    curve = survival.curve(
        times,
        [ended.count(time) for time in times],
        [censored.count(time) for time in times],
        confidence=confidence,
    )
    assert curve is not None
    return curve


def test_remissions_as_they_are_printed() -> None:
    """``survfit(Surv(time, status) ~ 1, conf.type = "log-log")`` in R: median 23, from 13 on."""
    curve = found(RELAPSED, CENSORED)
    at = curve.at([0, 6, 7, 10, 13, 16, 22, 23, 35])
    shares = [1, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448, 0.448]
    assert at.share.round(3).tolist() == shares
    assert at.at_risk.tolist() == [21, 21, 17, 15, 12, 11, 7, 6, 1]
    assert curve.median == survival.Median(23.0, 13.0, None)
    assert (round(at.low[1], 3), round(at.high[1], 3)) == (0.620, 0.952)


@given(
    ended=st.lists(st.integers(0, 12), min_size=1, max_size=40),
    censored=st.lists(st.integers(0, 12), max_size=40),
    confidence=st.sampled_from([0.5, 0.9, 0.95]),
)
def test_scipy_says_the_same(ended: list[int], censored: list[int], confidence: float) -> None:
    curve = found(ended, censored, confidence)
    theirs = stats.ecdf(stats.CensoredData(uncensored=ended, right=censored)).sf
    assert curve.at(theirs.quantiles).share == pytest.approx(theirs.probabilities)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of ends that it has none of, as we
        ends = theirs.confidence_interval(confidence, method="log-log")
    inside = (theirs.probabilities > 0) & (theirs.probabilities < 1)
    at = curve.at(theirs.quantiles[inside])
    assert at.low == pytest.approx(ends.low.probabilities[inside])
    assert at.high == pytest.approx(ends.high.probabilities[inside])


@given(
    ended=st.lists(st.integers(0, 12), max_size=40),
    censored=st.lists(st.integers(0, 12), max_size=40),
)
def test_what_always_holds(ended: list[int], censored: list[int]) -> None:
    if not ended and not censored:
        assert survival.curve([], [], []) is None
        return
    curve = found(ended, censored)
    assert (np.diff(curve.share) <= 0).all()
    is_known = ~np.isnan(curve.low)
    assert (curve.low[is_known] <= curve.share[is_known]).all()
    assert (curve.share[is_known] <= curve.high[is_known]).all()
    if not censored:
        # Without anybody censored it is the plain share of those who took longer.
        plain = [sum(one > time for one in ended) / len(ended) for time in curve.times]
        assert curve.share == pytest.approx(plain)
        half = sorted(ended)[(len(ended) + 1) // 2 - 1]
        assert curve.median.value == half


def test_half_of_an_even_number_is_one_half() -> None:
    """Would catch a product of fractions that rounding leaves a hair above one half."""
    for size in range(2, 60, 2):
        assert found(list(range(size)), []).median.value == size // 2 - 1


def _drawn(chance: np.random.Generator, n: int) -> Survival:
    """Times of which half are over at 10; watched for between 5 and 25."""
    took = np.ceil(chance.exponential(10 / np.log(2), n) * 100)
    watched = np.ceil(chance.uniform(5, 25, n) * 100)
    is_over = took <= watched
    times, place = np.unique(np.minimum(took, watched), return_inverse=True)
    arrived = np.bincount(place, is_over)
    curve = survival.curve(times / 100, arrived, np.bincount(place) - arrived)
    assert curve is not None
    return curve


def test_a_planted_half_is_found() -> None:
    curve = _drawn(np.random.default_rng(1), 20_000)
    assert curve.median.value == pytest.approx(10, rel=0.03)
    assert curve.at([5.0]).share[0] == pytest.approx(0.5**0.5, abs=0.01)


def test_intervals_cover_as_often_as_they_say() -> None:
    chance, rounds = np.random.default_rng(2), 1_500
    shares: NDArray[np.bool_] = np.zeros(rounds, np.bool_)
    medians = shares.copy()
    for one in range(rounds):
        curve = _drawn(chance, 80)
        at = curve.at([8.0])
        shares[one] = at.low[0] <= 0.5**0.8 <= at.high[0]
        half = curve.median
        medians[one] = (half.low or 0) <= 10 <= (half.high or np.inf)
    # Three standard errors of so many rounds, and a little for a median that is a whole step.
    assert shares.mean() == pytest.approx(0.95, abs=0.02)
    assert medians.mean() == pytest.approx(0.95, abs=0.025)
