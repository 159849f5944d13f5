"""Planning against a second library, and against the tests that are run afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from zhiyin.stats import mean, nps, planning, proportion
from zhiyin.stats.planning import Planned
from zhiyin.stats.totals import Totals


@pytest.mark.parametrize("n", [5, 30, 400])
@pytest.mark.parametrize("power", [0.8, 0.95])
def test_the_change_of_a_mean_is_that_of_the_noncentral_t(n: int, power: float) -> None:
    theirs = TTestIndPower().solve_power(nobs1=n, alpha=0.05, power=power)
    found = planning.of_mean(value=3, sd=1.7, n=n, power=power)
    assert found.change == pytest.approx(theirs * 1.7, rel=1e-4)


@pytest.mark.parametrize("n", [100, 2_000])
def test_the_change_of_a_score_is_that_of_the_normal_test(n: int) -> None:
    theirs = NormalIndPower().solve_power(nobs1=n, alpha=0.05, power=0.8)
    sd = math.sqrt(0.5 + 0.2 - 0.3**2)
    found = planning.of_nps(promoters=0.5, detractors=0.2, n=n)
    assert found.change == pytest.approx(theirs * sd, rel=1e-3)


def test_intervals_are_those_of_as_many_answers() -> None:
    """Would catch an interval of another variance than the answers will have."""
    given = [1] * 50 + [0] * 30 + [-1] * 20
    found = nps.estimate(Totals.of(given, range(100)))
    assert planning.of_nps(promoters=0.5, detractors=0.2, n=100).value == found
    given = [1] * 64 + [0] * 16
    shares = proportion.estimate(Totals.of(given, range(80)))
    assert planning.of_share(share=0.8, n=80).value == shares
    answers = np.array([1, 2, 3, 4, 5, 5, 5, 4])
    ours = planning.of_mean(value=answers.mean(), sd=answers.std(ddof=1), n=8).value
    theirs = mean.estimate(Totals.of(answers, range(8)))
    assert theirs is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_change_of_a_share_is_found_as_often_as_was_said(sign: int) -> None:
    """4,000 pairs of samples: the share that is found differs from 0.8 by at most 0.03."""
    n, share, rng = 300, 0.7, np.random.default_rng(7)
    change = planning.of_share(share=share, n=n).change
    assert change is not None
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    own = share + sign * change
    needed = z * math.sqrt((share * (1 - share) + own * (1 - own)) / n)
    assert needed <= change + 1e-9
    here, there = rng.binomial(n, share + sign * change, 4_000), rng.binomial(n, share, 4_000)
    found = proportion.differences(_binary(here.astype(float), n), _binary(there.astype(float), n))
    assert np.mean(found.p < 0.05) > 0.78


def test_the_change_of_a_score_is_found_as_often_as_was_said() -> None:
    n, rng = 400, np.random.default_rng(8)
    change = planning.of_nps(promoters=0.4, detractors=0.3, n=n).change
    assert change is not None
    # Passives become promoters and detractors passives: the variance stays about the same.
    before = rng.multinomial(n, [0.4, 0.3, 0.3], 4_000)
    after = rng.multinomial(n, [0.4 + change / 2, 0.3, 0.3 - change / 2], 4_000)
    found = nps.differences(_scores(after.astype(float), n), _scores(before.astype(float), n))
    assert abs(np.mean(found.p < 0.05) - 0.8) < 0.03


def test_more_answers_show_smaller_changes() -> None:
    plans: list[Callable[[int], Planned]] = [
        lambda n: planning.of_nps(promoters=0.6, detractors=0.1, n=n),
        lambda n: planning.of_share(share=0.6, n=n),
        lambda n: planning.of_mean(value=4, sd=1, n=n),
    ]
    for plan in plans:
        changes = [plan(n).change or 0.0 for n in (50, 500, 5_000)]
        assert changes == sorted(changes, reverse=True)
        assert changes[0] / changes[2] == pytest.approx(10, rel=0.25)


def test_what_no_sample_of_the_size_shows_is_none() -> None:
    assert planning.of_share(share=0.5, n=3).change is None
    assert planning.of_mean(value=4, sd=0, n=10).change is None
    mistakes: list[Callable[[], Planned]] = [
        lambda: planning.of_nps(promoters=0.8, detractors=0.3, n=10),
        lambda: planning.of_share(share=1.2, n=10),
        lambda: planning.of_share(share=0.2, n=0),
        lambda: planning.of_share(share=0.2, n=10, power=1),
        lambda: planning.of_mean(value=1, sd=1, n=1),
    ]
    for wrong in mistakes:
        with pytest.raises(ValueError, match=r"."):
            wrong()


def _binary(yes: NDArray[np.float64], n: int) -> Totals:
    return _totals(yes, yes, n)


def _scores(counts: NDArray[np.float64], n: int) -> Totals:
    return _totals(counts[:, 0] - counts[:, 2], counts[:, 0] + counts[:, 2], n)


def _totals(total: NDArray[np.float64], squares: NDArray[np.float64], n: int) -> Totals:
    every = np.full_like(total, n)
    return Totals(n=every, customers=every, num=total, den=every, yy=squares, den2=every,
                  tt=squares, tn=total, nn=every)  # fmt: skip
