"""The chance of reaching a target: against closed forms, and calibrated in simulated periods."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from zhiyin.stats import reaching
from zhiyin.stats.reaching import Family, ToCome, chance, to_come
from zhiyin.stats.totals import Totals

Draw = Callable[[np.random.Generator, float, int], np.ndarray]

DRAWS: dict[Family, tuple[Draw, float, float]] = {
    "proportion": (lambda rng, truth, n: (rng.random(n) < truth).astype(float), 0.7, 0.2),
    "nps": (
        lambda rng, truth, n: rng.choice([1, 0, -1], n, p=[0.3 + truth / 2, 0.4, 0.3 - truth / 2]),
        0.25,
        0.3,
    ),
    "mean": (lambda rng, truth, n: rng.normal(truth, 1.0, n), 3.5, 0.4),
}
"""A truth and how many → answers; a target; how far from it the truth may lie."""


@pytest.mark.parametrize("family", DRAWS)
def test_of_targets_given_a_chance_that_share_is_reached(
    family: Family, rng: np.random.Generator
) -> None:
    """Catches a program that takes the figure so far for the truth: it is too sure of itself."""
    draw, target, away = DRAWS[family]
    told, sure, reached = [], [], []
    for _period in range(2_000):
        truth = target + rng.uniform(-away, away)
        known, rest = (
            draw(rng, truth, int(rng.integers(50, 120))),
            draw(rng, truth, int(rng.integers(60, 400))),
        )
        found = chance(
            Totals.of(known, range(len(known))), target, ToCome(len(rest)), family=family
        )
        assert found is not None
        assert found.needed is not None
        told.append(found.chance)
        alone = known.std() / math.sqrt(len(rest))
        sure.append(float(stats.norm.cdf((known.mean() - found.needed) / alone)))
        reached.append(np.concatenate([known, rest]).mean() >= target)
    assert _miss(told, reached) < 0.03
    assert _miss(sure, reached) > 0.035
    there = [was for said, was in zip(told, reached, strict=True) if 0.7 <= said < 0.8]
    assert np.mean(there) == pytest.approx(0.75, abs=3 * math.sqrt(0.19 / len(there)))


def _miss(told: list[float], reached: list[bool]) -> float:
    """How far, on average over tenths of chance, what was told is from what came."""
    said, came = np.array(told), np.array(reached, dtype=float)
    places = np.minimum((said * 10).astype(int), 9)
    apart = [abs((said[places == place] - came[places == place]).sum()) for place in range(10)]
    return float(sum(apart) / len(said))


def test_a_mean_of_normal_answers_follows_students_predictive_distribution() -> None:
    """R: pt((mean(y) - T) / (sd(y) * sqrt(1/20 - 1/50)), 19)."""
    known = np.linspace(2.0, 5.0, 20)
    found = chance(Totals.of(known, range(20)), 3.6, ToCome(30.0), family="mean")
    scale = known.std(ddof=1) * math.sqrt(1 / 20 - 1 / 50)
    assert found is not None
    assert found.chance == pytest.approx(stats.t.cdf((known.mean() - 3.6) / scale, 19), abs=1e-9)


@pytest.mark.parametrize(
    ("n", "yes", "rest", "target"),
    [(100, 60, 100, 0.55), (40, 38, 60, 0.9), (400, 120, 50, 0.31), (30, 3, 100, 0.15)],
)
def test_a_share_is_near_the_beta_binomial_distribution(
    n: int, yes: int, rest: int, target: float, rng: np.random.Generator
) -> None:
    coming = ToCome(float(rest), 0.15)
    found = chance(
        Totals.of([1] * yes + [0] * (n - yes), range(n)), target, coming, family="proportion"
    )
    exact = []
    for more in np.rint(rest * np.exp(0.15 * rng.standard_normal(400))).astype(int):
        least = math.ceil(round(target * (n + more) - yes, 9))
        exact.append(stats.betabinom.sf(least - 1, more, yes + 0.5, n - yes + 0.5))
    assert found is not None
    assert found.chance == pytest.approx(np.mean(exact), abs=0.02)


def test_what_no_rest_can_bring_has_no_chance_and_what_is_safe_has_all() -> None:
    known = Totals.of([1] * 50 + [0] * 50, range(100))

    def of(target: float, better: reaching.Better = "up") -> float:
        found = chance(known, target, ToCome(10.0), family="proportion", better=better)
        assert found is not None
        return found.chance

    assert of(0.6) == 0.0  # ten of ten make 60 of 110
    assert of(0.45) == 1.0  # none of ten leave 50 of 110
    assert of(0.5, "down") == pytest.approx(1 - of(0.5))


def test_when_nothing_more_comes_the_figure_decides() -> None:
    known = Totals.of([1, 1, 0, 0, 0], range(5))
    found = chance(known, 0.4, to_come(5, 1.0), family="proportion")
    assert found == reaching.Reaching(chance=1.0, needed=None, expected=0.4, to_come=0.0)
    below = chance(known, 0.41, to_come(5, 1.0), family="proportion")
    assert below is not None
    assert below.chance == 0.0


def test_repeat_answers_make_it_less_sure() -> None:
    """Catches rows taken for customers."""
    answers = [1] * 70 + [0] * 30
    by_row = chance(Totals.of(answers, range(100)), 0.65, ToCome(300.0), family="proportion")
    by_customer = chance(
        Totals.of(answers, [n // 5 for n in range(100)]), 0.65, ToCome(300.0), family="proportion"
    )
    assert by_row is not None
    assert by_customer is not None
    assert 0.5 < by_customer.chance < by_row.chance - 0.05


def test_a_truth_that_drifts_makes_it_less_sure(rng: np.random.Generator) -> None:
    known = Totals.of([1] * 700 + [0] * 300, range(1000))
    still = chance(known, 0.68, ToCome(1000.0), family="proportion")
    moving = chance(known, 0.68, ToCome(1000.0), family="proportion", drift=0.05**2)
    assert still is not None
    assert moving is not None
    assert moving.chance < still.chance
    planted = np.cumsum(rng.normal(0, 0.05, 400))
    seen = planted + rng.normal(0, 0.03, 400)
    assert reaching.drift(seen, np.full(400, 0.03**2)) == pytest.approx(0.05**2, rel=0.25)
    assert reaching.drift(np.full(9, 0.5), np.full(9, 0.01)) == 0.0
    assert reaching.drift([0.1, 0.9, 0.1], [0.0, 0.0, 0.0]) == 0.0  # three periods say nothing


def test_what_is_to_come_is_between_the_pace_and_the_period_before() -> None:
    alone = to_come(300, 0.75)
    assert alone.expected == pytest.approx(100)
    both = to_come(300, 0.75, last_so_far=200, last_rest=225)
    assert both.expected == pytest.approx(150)
    assert both.log_sd > math.log(1.5)
    assert to_come(300, 1.0, last_so_far=200, last_rest=225).expected == 0


def test_answers_all_alike_say_nothing_of_a_mean() -> None:
    assert chance(Totals.of([4.0] * 9, range(9)), 4.0, ToCome(9.0), family="mean") is None
    assert chance(Totals.of([], []), 0.5, ToCome(9.0), family="proportion") is None
