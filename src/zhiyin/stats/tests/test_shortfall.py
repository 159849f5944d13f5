"""What it costs that fewer go on here than elsewhere.

Programs that these would catch: rows counted as customers; the parts taken as independent where one
customer is on both sides; the uncertainty of what one is worth left out; a share of 0 taken as
known for certain.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from zhiyin.stats import shortfall
from zhiyin.stats.estimate import Floats
from zhiyin.stats.shortfall import Sides

SEED = 20261127
GOES_HERE, GOES_THERE, BUYS, WORTH = 0.08, 0.25, 0.4, 300.0


def floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def sides(rng: np.random.Generator, customers: int, *, repeats: float) -> Sides:
    """Customers with one session and on average `repeats` more, here or elsewhere; what one of
    them does, she tends to do again."""
    sessions = 1 + (rng.poisson(repeats, customers) if repeats else 0)
    who = np.repeat(np.arange(customers), sessions)
    here = rng.random(len(who)) < np.repeat(rng.choice([0.2, 0.8], customers), sessions)
    # Beta-distributed chances: their mean is what is asked for, and sessions of one are alike.
    chance = np.where(here, *(_alike(rng, p, customers)[who] for p in (GOES_HERE, GOES_THERE)))
    went = rng.random(len(who)) < chance
    money = np.where(
        went & (rng.random(len(who)) < BUYS), rng.gamma(2.0, WORTH / BUYS / 2.0, len(who)), 0.0
    )

    def of(rows: ArrayLike) -> Floats:
        return floats(np.bincount(who, weights=np.asarray(rows, np.float64), minlength=customers))

    return Sides(
        came=of(here), went=of(here & went), came_there=of(~here), went_there=of(~here & went),
        further=of(~here & went), worth=of(np.where(here, 0.0, money)),
    )  # fmt: skip


def _alike(rng: np.random.Generator, mean: float, customers: int) -> Floats:
    return rng.beta(4 * mean, 4 * (1 - mean), customers)


@pytest.mark.parametrize(
    ("customers", "repeats", "least"),
    [(300, 0.0, 0.90), (1_000, 0.0, 0.92), (1_000, 1.5, 0.935)],
)
def test_the_interval_covers(customers: int, repeats: float, least: float) -> None:
    """As the docstring says: 91.5 % where fifteen orders tell what one is worth, then more."""
    rng = np.random.default_rng(SEED)
    found, truth = [], []
    for _time in range(2_000):
        one = sides(rng, customers, repeats=repeats)
        sessions = float(one.came.sum())
        found.append(shortfall.shortfall(sessions, one))
        truth.append(sessions * (GOES_THERE - GOES_HERE) * WORTH)
    compared = shortfall.differences(found)
    # Two thousand samples tell 95 % to ± 1.5 points (three standard errors).
    assert least < np.mean((compared.low <= truth) & (truth <= compared.high)) < 0.965
    # The lower end, by which losses are ranked, is on the safe side.
    assert np.mean(compared.low > truth) < 0.025


def test_it_is_found_where_nothing_is_lost_in_one_of_twenty() -> None:
    rng = np.random.default_rng(SEED)
    times = 2_000
    found = []
    for _time in range(times):
        one = sides(rng, 400, repeats=1.0)
        swapped = Sides(one.came_there, one.went_there, one.came_there, one.went_there,
                        one.further, one.worth)  # fmt: skip
        again = sides(rng, 400, repeats=1.0)
        both = Sides(*(np.concatenate([a, b]) for a, b in zip(
            (swapped.came, swapped.went, 0 * one.came, 0 * one.came, 0 * one.came, 0 * one.came),
            (0 * one.came, 0 * one.came, again.came_there, again.went_there, again.further,
             again.worth), strict=True)))  # fmt: skip
        found.append(shortfall.shortfall(float(both.came.sum()), both))
    p = shortfall.differences(found).p
    assert 0.035 < float(np.mean(p < 0.05)) < 0.065


def test_it_agrees_with_a_bootstrap_of_customers() -> None:
    rng = np.random.default_rng(SEED)
    one = sides(rng, 1_000, repeats=1.5)
    sessions = float(one.came.sum())
    columns = [getattr(one, name) for name in Sides.__slots__]
    drawn = []
    for _time in range(1_000):
        who = rng.integers(0, 1_000, 1_000)
        drawn.append(shortfall.shortfall(sessions, Sides(*(c[who] for c in columns))).value)
    found = shortfall.shortfall(sessions, one)
    assert found.standard_error == pytest.approx(np.std(np.array(drawn, float)), rel=0.1)


def test_customers_with_one_session_by_the_textbook() -> None:
    n, m = 400, 500
    went, there = np.arange(n) < 40, np.arange(m) < 150
    money = np.where(there, np.where(np.arange(m) % 2, 500.0, 100.0), 0.0)
    here, away = np.arange(n + m) < n, np.arange(n + m) >= n
    none, nobody = np.zeros(n), np.zeros(m)
    found = shortfall.shortfall(400.0, Sides(
        floats(here), floats(np.r_[went, nobody]), floats(away), floats(np.r_[none, there]),
        floats(np.r_[none, there]), floats(np.r_[none, money]),
    ))  # fmt: skip
    assert found.value == pytest.approx(400 * (0.3 - 0.1) * 300)
    # Independent parts: each share's p(1−p)/(n−1), the mean's s²/n.
    variance = (400 * 300) ** 2 * (0.1 * 0.9 / 399 + 0.3 * 0.7 / 499)
    variance += (400 * 0.2) ** 2 * (200.0**2 / 149)
    assert found.standard_error == pytest.approx(variance**0.5)


def test_a_share_of_nothing_is_not_certain() -> None:
    here, away = np.arange(100) < 50, np.arange(100) >= 50
    went = away & (np.arange(100) % 2 == 0)
    found = shortfall.shortfall(
        50.0, Sides(*map(floats, (here, 0.0 * here, away, went, went, 100.0 * went)))
    )
    of_there = 0.5 * 0.5 / 49
    of_here = (1 / 52) * (51 / 52) / 50
    assert found.standard_error == pytest.approx(50 * 100 * (of_there + of_here) ** 0.5)


def test_what_cannot_be_told() -> None:
    none, one = np.zeros(3), np.array([1.0, 0.0, 0.0])
    assert shortfall.shortfall(1.0, Sides(one, none, none, none, none, none)).value is None
    alone = shortfall.shortfall(1.0, Sides(one, none, one, one, one, one))
    assert (alone.value, alone.standard_error) == (1.0, None)
    compared = shortfall.differences([alone])
    assert np.isnan(compared.low).all()
    assert np.isnan(compared.p).all()
