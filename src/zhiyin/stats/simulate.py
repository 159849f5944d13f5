"""Made-up answers whose truth is known, to see how often an interval holds it.

Each customer has an inclination; her answers are it plus chance, cut at thresholds, so that
answers of one customer resemble each other and every answer follows the stated mix exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy import special

from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Cross, Totals

T = TypeVar("T")

ALIKE = 0.6
"""Correlation of two answers of one customer, before they are cut at the thresholds."""
_ROWS_AT_ONCE = 1_500_000


@dataclass(frozen=True, slots=True)
class Mix:
    """A distribution of answers."""

    name: str
    values: tuple[float, ...]
    """What an answer counts as, from the worst to the best."""
    shares: tuple[float, ...]

    @property
    def truth(self) -> float:
        """The mean of the values: what the interval should hold."""
        return float(np.dot(self.values, self.shares))

    def cut(self, inclination: Floats) -> Floats:
        """Standard normal inclinations → values."""
        edges = special.ndtri(np.cumsum(self.shares)[:-1])
        return np.asarray(self.values)[np.searchsorted(edges, inclination)]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sample comes about."""

    mix: Mix
    customers: int
    extra: float = 0.0
    """Mean number of answers after a customer's first (geometric: a few answer very often)."""
    weighted: bool = False
    """Two strata of half the population each, one reached four times as often and one step
    better; weights put it right. The population as a whole follows the mix's thresholds
    shifted per stratum, so `truth` is computed, not `mix.truth`."""

    @property
    def truth(self) -> float:
        """The population's figure."""
        if not self.weighted:
            return self.mix.truth
        return float(np.mean([self._mean(+_SHIFT), self._mean(-_SHIFT)]))

    def _mean(self, shift: float) -> float:
        edges = special.ndtri(np.cumsum(self.mix.shares)[:-1])
        below = np.concatenate([[0.0], special.ndtr(edges - shift), [1.0]])
        return float(np.dot(self.mix.values, np.diff(below)))


_SHIFT = 0.3
_REACHED = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Many samples at once: arrays of one figure a repetition."""

    by_customer: Totals
    by_row: Totals
    """The same answers as if each were another customer's: what counting rows believes."""


def samples(plan: Plan, repetitions: int, rng: np.random.Generator) -> Sample:
    """Draw `repetitions` samples of the plan."""
    found = _in_chunks(plan, repetitions, lambda count: _draw(plan, count, rng, None))
    return Sample(_join([each[0] for each in found]), _join([each[1] for each in found]))


def pairs(
    plan: Plan, there: Plan, shared: float, repetitions: int, rng: np.random.Generator
) -> tuple[Sample, Sample, Cross]:
    """Two samples (periods, say) in which a share of the customers is the same.

    The first `shared` of the smaller side's customers are also the first of the other side.
    """
    same = int(shared * min(plan.customers, there.customers))

    def both(count: int) -> tuple[Totals, Totals, Totals, Totals, Cross]:
        inclined = rng.standard_normal((count, same))
        one = _draw(plan, count, rng, inclined)
        two = _draw(there, count, rng, inclined)
        t1, n1, t2, n2 = (each[:, :same] for each in (*one[2], *two[2]))
        cross = Cross(
            tt=(t1 * t2).sum(1), tn=(t1 * n2).sum(1), nt=(n1 * t2).sum(1), nn=(n1 * n2).sum(1)
        )
        return one[0], one[1], two[0], two[1], cross

    found = _in_chunks(plan, repetitions, both)
    one, one_rows = _join([each[0] for each in found]), _join([each[1] for each in found])
    two, two_rows = _join([each[2] for each in found]), _join([each[3] for each in found])
    crosses = [each[4] for each in found]
    cross = Cross(
        *(np.concatenate([getattr(c, name) for c in crosses]) for name in ("tt", "tn", "nt", "nn"))
    )
    return Sample(one, one_rows), Sample(two, two_rows), cross


def _draw(
    plan: Plan, count: int, rng: np.random.Generator, inclined: Floats | None
) -> tuple[Totals, Totals, tuple[Floats, Floats]]:
    shape = (count, plan.customers)
    inclination = rng.standard_normal(shape)
    if inclined is not None:
        inclination[:, : inclined.shape[1]] = inclined
    answers = np.ones(shape, dtype=np.int64)
    if plan.extra:
        answers += rng.geometric(1.0 / (1.0 + plan.extra), shape) - 1
    weight, shift = np.ones(shape), np.zeros(shape)
    if plan.weighted:
        easy = rng.random(shape) < _REACHED
        weight = np.where(easy, 0.5 / _REACHED, 0.5 / (1.0 - _REACHED))
        shift = np.where(easy, _SHIFT, -_SHIFT)
    flat = answers.ravel()
    starts = np.concatenate([[0], np.cumsum(flat)[:-1]])
    latent = np.repeat(inclination.ravel(), flat) * np.sqrt(ALIKE)
    latent += rng.standard_normal(latent.size) * np.sqrt(1.0 - ALIKE)
    value = plan.mix.cut(latent + np.repeat(shift.ravel(), flat))

    def per_customer(rows: Floats) -> Floats:
        return np.add.reduceat(rows, starts).reshape(shape)

    sum_y, sum_yy = per_customer(value), per_customer(value * value)
    t, n = weight * sum_y, weight * answers
    of_all = {
        "n": answers.sum(1).astype(np.float64),
        "num": t.sum(1),
        "den": n.sum(1),
        "yy": (weight * sum_yy).sum(1),
        "den2": (weight * weight * answers).sum(1),
    }
    by_customer = Totals(
        customers=np.full(count, float(plan.customers)),
        tt=(t * t).sum(1),
        tn=(t * n).sum(1),
        nn=(n * n).sum(1),
        **of_all,
    )
    by_row = Totals(
        customers=of_all["n"],
        tt=(weight * weight * sum_yy).sum(1),
        tn=(weight * weight * sum_y).sum(1),
        nn=of_all["den2"],
        **of_all,
    )
    return by_customer, by_row, (t, n)


def _in_chunks(plan: Plan, repetitions: int, draw: Callable[[int], T]) -> list[T]:
    most = max(1, int(_ROWS_AT_ONCE / (plan.customers * (1.0 + plan.extra))))
    counts = [most] * (repetitions // most) + ([repetitions % most] if repetitions % most else [])
    return [draw(count) for count in counts]


def _join(chunks: list[Totals]) -> Totals:
    names = Totals.__slots__
    return Totals(*(np.concatenate([getattr(each, name) for each in chunks]) for name in names))
