"""Months in which nothing happened: in how many a rule on drop-off or on themes fires all the same.

Each case is judged at an e-value of 20, of which at most 5 % of such months may reach on any of
their days; the least that a workspace ever asks is 27. What is asserted is the upper limit of the
exact 95 % interval of the share, so a test does not pass by luck.

Wrong programs that this catches: one that sets a window against a longer one, in which those who
come seldom weigh more; one that sets a Monday against all days; one that takes the days of a
campaign for so many independent customers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from zhiyin.act.alerts import growing, windows
from zhiyin.act.alerts.conditions import Direction, Leaving
from zhiyin.act.alerts.seen import Daily
from zhiyin.stats import watching

MONTHS, MOST, LIMIT = 200, 0.05, 20.0
BEFORE, DAYS = 84, 28
N = BEFORE + DAYS
START = date(2026, 3, 2)

Draw = Callable[[np.random.Generator], Daily]


def upper(fired: int, months: int) -> float:
    """Of the share of months that fire, the upper limit of Clopper and Pearson's 95 % interval."""
    return float(stats.binomtest(fired, months).proportion_ci(0.95, "exact").high)


def daily(day: np.ndarray, customer: np.ndarray, left: np.ndarray) -> Daily:
    order = np.lexsort((customer, day))
    return Daily(
        START, N, day[order], customer[order], left[order].astype(float), 100.0, unit="percent"
    )


def new_customers(leave: float, each: int, *, weekend: float = 0.0, varies: float = 0.0) -> Draw:
    """Nobody comes twice. With `weekend` more leave then, with `varies` days differ by more than
    chance (standard deviation of the logit)."""

    def drawn(chance: np.random.Generator) -> Daily:
        day = np.repeat(np.arange(N), chance.poisson(each, N))
        week = np.where(np.arange(N) % 7 >= 5, weekend, -0.4 * weekend)
        logit = np.log(leave / (1 - leave)) + week + chance.normal(0, varies, N)
        p = 1 / (1 + np.exp(-logit))
        return daily(day, np.arange(day.size), chance.random(day.size) < p[day])

    return drawn


def some_come_often(each: int) -> Draw:
    """A tenth of those who come every ten days leave, half of those who come once."""

    def drawn(chance: np.random.Generator) -> Daily:
        often = 10 * each
        at, who = np.nonzero(chance.random((N, often)) < 0.1)
        once = np.repeat(np.arange(N), chance.poisson(each, N))
        left = [chance.random(at.size) < 0.1, chance.random(once.size) < 0.5]
        customer = np.concatenate([who, often + np.arange(once.size)])
        return daily(np.concatenate([at, once]), customer, np.concatenate(left))

    return drawn


def fires(draw: Draw, *, target: float | None = None, months: int = MONTHS) -> dict[Direction, int]:
    """In how many months it does, in each direction, looked at after each day."""
    chance = np.random.default_rng(5)
    fired: dict[Direction, int] = {"up": 0, "down": 0}
    now, until = START + timedelta(days=BEFORE), START + timedelta(days=N)
    for month in range(months):
        facts = draw(chance)
        for direction in fired:
            asked = Leaving("shop", "cart", direction=direction, target=target)
            found = windows.evidence_of(facts, asked, starts_on=now, until=until, seed=month)
            fired[direction] += found.first_at(LIMIT, least=5) is not None
    return fired


@pytest.mark.parametrize("each", [3, 15, 50])
@pytest.mark.parametrize("leave", [0.03, 0.3, 0.8])
def test_a_share_that_stays_fires_in_few_months(leave: float, each: int) -> None:
    for direction, fired in fires(new_customers(leave, each)).items():
        assert upper(fired, MONTHS) <= MOST, direction


@pytest.mark.parametrize(
    "draw",
    [
        new_customers(0.3, 40, weekend=0.6),
        new_customers(0.3, 40, varies=0.4),
        some_come_often(10),
        some_come_often(30),
    ],
    ids=["weekends", "days that vary", "regulars", "many regulars"],
)
def test_nor_do_weekends_days_that_vary_and_regulars_who_leave_less(draw: Draw) -> None:
    for direction, fired in fires(draw).items():
        assert upper(fired, MONTHS) <= MOST, direction


def test_the_longer_time_before_as_one_window_would_fire_in_most_months_with_regulars() -> None:
    chance, draw, fired = np.random.default_rng(5), some_come_often(30), 0
    for month in range(40):
        facts = draw(chance)
        _, first = np.unique(facts.customer[facts.day < BEFORE], return_index=True)
        before = facts.value[first]
        late = facts.day >= BEFORE
        _, at = np.unique(facts.customer[late], return_index=True)
        x, day = facts.value[late][at], facts.day[late][at] - BEFORE
        # Every day set against the whole of what was before, as if it were of the same place.
        spread = np.random.default_rng(month).integers(0, DAYS, before.size)
        found = watching.against_earlier(
            x, day, DAYS, before, spread, each=3, direction="down", seed=month
        )
        fired += found.first_at(LIMIT) is not None
    assert fired > 20


@pytest.mark.parametrize(("varies", "each"), [(0.0, 3), (0.0, 40), (0.3, 40)])
def test_nor_does_a_target_that_is_kept(varies: float, each: int) -> None:
    draw = new_customers(0.3, each, varies=varies)
    drawn = [draw(np.random.default_rng(one)) for one in range(100)]
    kept = 100 * float(np.mean([one.value.mean() for one in drawn]))
    for direction, fired in fires(draw, target=kept).items():
        assert upper(fired, MONTHS) <= MOST, direction


def test_more_who_leave_are_found_among_regulars_in_some_days() -> None:
    """From the eighth day on half as many again leave."""
    chance, draw, waited = np.random.default_rng(6), some_come_often(30), []
    now, until = START + timedelta(days=BEFORE), START + timedelta(days=N)
    for month in range(40):
        facts = draw(chance)
        risen = (facts.day >= BEFORE + 7) & (chance.random(facts.day.size) < 0.25)
        value = np.where(risen, 1.0, facts.value)
        more = Daily(START, N, facts.day, facts.customer, value, 100.0, unit="percent")
        asked = Leaving("shop", "cart")
        seen = windows.evidence_of(more, asked, starts_on=now, until=until, seed=month)
        waited.append(seen.first_at(100.0))
    found = [at - 7 for at in waited if at is not None]
    assert len(found) >= 38
    assert np.median(found) <= 10


def themes_fire(share: float, writing: int, *, varies: float = 0.0, months: int = 1000) -> int:
    """Months in which a rule on one theme fires: a share of those who write speaks of it; days
    differ by more than chance (standard deviation of the logarithm)."""
    chance, fired = np.random.default_rng(3), 0
    before = 2 * DAYS
    for _ in range(months):
        of = chance.poisson(writing, before + DAYS)
        day = np.exp(chance.normal(0, varies, of.size) - varies**2 / 2)
        spoke = chance.binomial(of, np.minimum(share * day, 1)).astype(float)
        wrote = of.astype(float)
        found = growing.evidence_of(spoke[before:], wrote[before:], spoke[:before], wrote[:before])
        fired += found.first_at(LIMIT, least=5) is not None
    return fired


@pytest.mark.parametrize("writing", [10, 60, 300])
@pytest.mark.parametrize("share", [0.005, 0.03, 0.2])
def test_a_theme_that_is_spoken_of_as_ever_fires_in_few_months(share: float, writing: int) -> None:
    assert upper(themes_fire(share, writing), 1000) <= 0.02


@pytest.mark.parametrize("writing", [60, 300])
def test_nor_does_one_whose_days_vary_by_a_third(writing: int) -> None:
    assert upper(themes_fire(0.03, writing, varies=0.3), 1000) <= MOST
