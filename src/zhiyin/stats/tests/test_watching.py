"""Watching day by day: exact sums, a second way, false alarms and power by simulation.

Wrong programs that this catches: a plain 5 % test that is repeated every day (it fires in a third
of the months in which nothing happened); one that counts answers, not customers; one that takes
what was usual for known; one that gives every alert the same 5 %.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zhiyin.stats import false_alarms, proportion, watching
from zhiyin.stats.totals import Totals

DAYS = 28


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("mean", [0.1, 0.5, 0.8])
def test_under_no_change_the_mean_capital_is_exactly_one(
    mean: float, direction: watching.Direction
) -> None:
    """Over all 2^10 outcomes of ten customers, weighted by how probable they are, on every day."""
    day = [0, 0, 0, 1, 1, 2, 3, 3, 4, 4]
    expected = np.zeros(5)
    for values in product([0.0, 1.0], repeat=10):
        weight = mean ** sum(values) * (1 - mean) ** (10 - sum(values))
        found = watching.against_value(values, day, 5, mean, direction)
        expected += weight * found.e_values
    assert expected == pytest.approx(1.0, abs=1e-12)


def test_the_mean_capital_of_counts_is_exactly_one() -> None:
    """Over all pairs of Poisson counts of two days, each with two days beside it."""
    usual = 1.5
    own = stats.poisson(usual).pmf(np.arange(16))
    beside = stats.poisson(2 * usual).pmf(np.arange(24))
    expected = 0.0
    for k, others in product(range(16), range(24)):
        found = watching.counts([k, 1], [others, 2], [2, 2])
        expected += own[k] * beside[others] * found.e_values[0]
    assert expected == pytest.approx(1.0, abs=1e-3)  # what lies beyond the sums is left out


def test_a_second_way_to_the_capital_of_one_day() -> None:
    """(1 + θ)^misses · (1 − θm/(1−m)·…): for yes and no the product has a closed form."""
    mean, hits, misses = 0.7, 13, 12
    stakes = 0.5 ** np.arange(1, 9)
    closed = np.mean(
        (1 + stakes * mean / (1 - mean)) ** misses * (1 - stakes) ** hits  # (m−1)/(1−m) = −1
    )
    values = [1.0] * hits + [0.0] * misses
    found = watching.against_value(values, [0] * 25, 1, mean)
    assert found.e_values[0] == pytest.approx(closed, rel=1e-12)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=2, max_size=30), st.randoms())
def test_the_order_within_a_day_does_not_matter(values: list[float], chance: object) -> None:
    shuffled = sorted(values)
    one = watching.against_value(values, [0] * len(values), 3, 0.6)
    two = watching.against_value(shuffled, [0] * len(values), 3, 0.6)
    assert one.e_values == pytest.approx(two.e_values)


def test_looking_every_day_fires_no_more_often_than_promised(rng: np.random.Generator) -> None:
    """… while a plain test at 5 % that is repeated every day fires in far more than 5 %."""
    months, each, share = 600, 12, 0.7
    limit, plain = 0, 0
    for _ in range(months):
        day = np.repeat(np.arange(DAYS), each)
        x = (rng.random(day.size) < share).astype(float)
        found = watching.against_value(x, day, DAYS, share)
        limit += found.first_at(20.0) is not None
        so_far = np.cumsum(x)[each - 1 :: each]
        n = each * np.arange(1, DAYS + 1)
        z = (so_far / n - share) / np.sqrt(share * (1 - share) / n)
        plain += bool((stats.norm.cdf(z) < 0.05).any())
    assert limit / months <= 0.05
    assert plain / months > 0.2


def test_a_real_fall_is_found_and_when(rng: np.random.Generator) -> None:
    """From 70 % to 50 % on the tenth day, 20 customers a day: found nearly always, in days."""
    waited = []
    for _ in range(100):
        day = np.repeat(np.arange(DAYS), 20)
        x = (rng.random(day.size) < np.where(day < 10, 0.7, 0.5)).astype(float)
        at = watching.against_value(x, day, DAYS, 0.7).first_at(200.0)
        if at is not None and at >= 10:
            waited.append(at - 10)
    assert len(waited) >= 95
    assert np.median(waited) <= 8


@pytest.mark.parametrize("alike", [0.0, 0.7])
def test_against_an_earlier_period_its_own_uncertainty_counts(
    alike: float, rng: np.random.Generator
) -> None:
    """Few earlier customers, some of whom come again and answer alike: still no more than 5 %.

    The wrong program takes the earlier mean for the truth.
    """
    months, each, share = 500, 6, 0.6
    here, wrong = 0, 0
    for month in range(months):
        day = np.repeat(np.arange(DAYS), each)
        then = np.sort(rng.integers(0, DAYS, 60))
        before = (rng.random(then.size) < share).astype(float)
        fresh = (rng.random(day.size) < share).astype(float)
        again = rng.random(day.size) < alike
        x = np.where(again, before[np.arange(day.size) % before.size], fresh)
        here += (
            watching.against_earlier(x, day, DAYS, before, then, seed=month).first_at(20.0)
            is not None
        )
        taken = float(np.clip(before.mean(), 0.01, 0.99))
        wrong += watching.against_value(x, day, DAYS, taken).first_at(20.0) is not None
    assert here / months <= 0.05
    if alike == 0.0:
        assert wrong / months > 0.05


def test_a_fall_against_an_earlier_period_is_found(rng: np.random.Generator) -> None:
    found = 0
    for month in range(60):
        before = (rng.random(84 * 20) < 0.7).astype(float)
        day, then = np.repeat(np.arange(DAYS), 20), np.repeat(np.arange(DAYS), 60)
        x = (rng.random(day.size) < 0.5).astype(float)
        evidence = watching.against_earlier(x, day, DAYS, before, then, each=3, seed=month)
        found += evidence.first_at(1000.0) is not None
    assert found >= 57


def test_a_day_is_set_against_its_own_place_and_no_other() -> None:
    """Those of the second day score lower, now as before: nothing has changed."""
    day = np.repeat([0, 1], 50)
    x, before = (day == 0).astype(float), (np.repeat([0, 1], 150) == 0).astype(float)
    then = np.repeat([0, 1], 150)
    same = watching.against_earlier(x, day, 2, before, then, each=3)
    assert same.e_values == pytest.approx(1.0)
    assert same.n.tolist() == [50, 100]
    one_place = watching.against_earlier(x, day, 2, before, np.tile([0, 1], 150), each=3)
    assert one_place.e_values[-1] > 1000
    few = watching.against_earlier(x, day, 2, [1.0, 1.0, 0.0], [0, 0, 1], each=3)
    assert few.n.tolist() == [2, 3], "no more are compared than there were"


def test_what_comes_late_into_a_day_draws_no_other_day_anew(rng: np.random.Generator) -> None:
    day, then = np.repeat([0, 1], 20), np.repeat([0, 1], 60)
    x, before = rng.random(40), rng.random(120)
    first = watching.against_earlier(x[:20], day[:20], 2, before, then, each=3)
    both = watching.against_earlier(x, day, 2, before, then, each=3)
    assert first.e_values[0] == both.e_values[0]


def test_the_dispersion_of_means_is_one_by_chance_and_finds_what_days_have_in_common(
    rng: np.random.Generator,
) -> None:
    """50 customers a day whose common part has a twenty-fifth of their variance: φ near 3."""
    day = np.repeat(np.arange(280), 50)
    alone = rng.normal(0, 1, day.size)
    shared = alone + rng.normal(0, 0.2, 280)[day]
    place = day % 28
    assert watching.dispersion_of_means(alone, day, place) == pytest.approx(1.0, abs=0.2)
    assert watching.dispersion_of_means(shared, day, place) == pytest.approx(3.0, abs=0.6)
    moved = alone + place  # what places differ by is no dispersion
    assert watching.dispersion_of_means(moved, day, place) == pytest.approx(1.0, abs=0.2)
    assert watching.dispersion_of_means([], [], []) == 1.0
    assert watching.dispersion_of_means([1.0, 1.0], [0, 1], [0, 0]) == 1.0
    assert watching.dispersion_of_means([1.0, 0.0], [0, 1], [0, 1]) == 1.0


@pytest.mark.parametrize("dispersion", [1.0, 4.0])
def test_days_that_vary_by_more_than_chance_do_not_fire(
    dispersion: float, rng: np.random.Generator
) -> None:
    """Daily counts of negative binomials by weekday. Without the dispersion far too many fire."""
    months, fired, wrong = 500, 0, 0
    usual = np.array([30, 28, 25, 25, 35, 60, 55])
    for _ in range(months):
        past = _drawn(np.tile(usual, 12), dispersion, rng)
        now = _drawn(np.tile(usual, 4), dispersion, rng)
        weekday = np.tile(np.arange(7), 12)
        beside = past.reshape(4, 3, 7).sum(axis=1).ravel()
        found = watching.dispersion_of(past, weekday)
        each = np.full(DAYS, 3)
        fired += watching.counts(now, beside, each, dispersion=found).first_at(20.0) is not None
        wrong += watching.counts(now, beside, each).first_at(20.0) is not None
    assert fired / months <= 0.05
    if dispersion > 1:
        assert wrong / months > 0.1


def test_a_surge_is_found_and_a_fall_too(rng: np.random.Generator) -> None:
    usual = np.full(DAYS, 20)
    beside = rng.poisson(60, DAYS)
    each = np.full(DAYS, 3)
    more = watching.counts(rng.poisson(np.where(np.arange(DAYS) < 14, 20, 40)), beside, each)
    less = watching.counts(rng.poisson(usual // 2), beside, each, direction="down")
    assert 14 <= (more.first_at(1000.0) or 0) <= 20
    assert less.first_at(1000.0) is not None
    assert watching.counts(rng.poisson(usual), beside, each).first_at(100.0) is None


def test_an_interval_is_right_on_every_day(rng: np.random.Generator) -> None:
    """… while 95 % intervals for one look miss the truth on some day in many months."""
    months, missed, plain = 100, 0, 0
    for _ in range(months):
        x = rng.choice([0.0, 0.5, 1.0], p=[0.2, 0.3, 0.5], size=10 * DAYS)
        bounds = [watching.interval(x[: 10 * day]) for day in range(1, DAYS + 1, 3)]
        missed += any(not low <= 0.65 <= high for low, high in bounds)
        plain += any(
            abs(part.mean() - 0.65) > 1.96 * part.std(ddof=1) / math.sqrt(part.size)
            for part in (x[: 10 * day] for day in range(1, DAYS + 1, 3))
        )
    assert missed / months <= 0.05
    assert plain / months > 0.1


def test_the_interval_holds_its_mean_and_is_wider_than_that_for_one_look() -> None:
    x = [1.0] * 70 + [0.0] * 30
    low, high = watching.interval(x)
    once = proportion.estimate(Totals.of(x, range(100)))
    assert once
    assert once.low is not None
    assert once.high is not None
    assert low < once.low < 0.7 < once.high < high
    assert watching.interval([]) == (0.0, 1.0)
    assert watching.interval([1.0] * 200)[1] == 1.0


def test_of_all_alerts_few_are_false_however_the_figures_hang_together(
    rng: np.random.Generator,
) -> None:
    """Forty figures of the same customers, thirty of them without any change, watched daily.

    The wrong program gives each its own 1/20.
    """
    q, figures, changed = 0.1, 40, 10
    shares, wrong_shares, power = [], [], []
    for _ in range(60):
        mood = rng.normal(0, 1, 10 * DAYS)[:, None]  # of the customer, in all her figures
        day = np.repeat(np.arange(DAYS), 10)
        latent = math.sqrt(0.5) * mood + math.sqrt(0.5) * rng.normal(0, 1, (day.size, figures))
        cut = np.full(figures, stats.norm.ppf(0.3))
        cut[:changed] = stats.norm.ppf(0.55)
        x = (latent > cut).astype(float)
        paths = [
            watching.against_value(x[:, one], day, DAYS, 0.7).e_values for one in range(figures)
        ]
        fired: set[int] = set()
        for at in range(DAYS):
            for one in range(figures):
                needed = false_alarms.threshold(one + 1, len(fired - {one}), q=q)
                if one not in fired and paths[one][at] >= needed:
                    fired.add(one)
        plain = {one for one in range(figures) if max(paths[one]) >= 20}
        shares.append(sum(one >= changed for one in fired) / max(len(fired), 1))
        wrong_shares.append(sum(one >= changed for one in plain) / max(len(plain), 1))
        power.append(sum(one < changed for one in fired) / changed)
    assert np.mean(shares) <= q
    assert np.mean(power) > 0.8
    assert np.mean(wrong_shares) >= np.mean(shares)


def test_the_levels_sum_to_q_and_shrink_slowly() -> None:
    total = sum(false_alarms.share_of(number) for number in range(1, 10_000))
    assert total == pytest.approx(1 - math.log(2) / math.log(10_001), rel=1e-9)
    assert false_alarms.threshold(1000, 0) < 1e6
    assert false_alarms.threshold(5, 3) == pytest.approx(false_alarms.threshold(5, 0) / 4)


def test_what_cannot_be_watched_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        watching.against_value([9.0], [0], 1, 0.5)
    with pytest.raises(ValueError, match="strictly between"):
        watching.against_value([0.5], [0], 1, 1.0)
    with pytest.raises(ValueError, match="its day"):
        watching.against_value([0.5], [3], 2, 0.5)
    with pytest.raises(ValueError, match="1 or more"):
        watching.counts([1], [1], [1], dispersion=0.5)
    with pytest.raises(ValueError, match="1 or more"):
        watching.against_value([0.5], [0], 1, 0.5, dispersion=0.5)
    with pytest.raises(ValueError, match="1 or more"):
        watching.against_earlier([0.5], [0], 1, [0.5], [0], dispersion=0.5)
    with pytest.raises(ValueError, match="beside it"):
        watching.counts([1], [1, 2], [1])
    with pytest.raises(ValueError, match="numbered"):
        false_alarms.threshold(0, 0)
    with pytest.raises(ValueError, match="share"):
        false_alarms.threshold(1, 0, q=5)
    assert watching.dispersion_of([], []) == 1.0
    assert watching.dispersion_of([4], [0]) == 1.0


def _drawn(usual: np.ndarray, dispersion: float, rng: np.random.Generator) -> np.ndarray:
    if dispersion == 1.0:
        return rng.poisson(usual)
    # Negative binomial with this mean and variance dispersion · mean.
    return rng.negative_binomial(usual / (dispersion - 1), 1 / dispersion)
