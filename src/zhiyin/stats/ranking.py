"""Rankings that do not reward small bases, and say who cannot be told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Apart = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]
"""(indices, indices) → whether each pair can be told apart."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one item stands."""

    index: int
    """Its position in the arrays that were given."""
    place: int
    """1 is best; neighbours that cannot be told apart share a place (1, 1, 3…)."""
    bound: float
    """What it was ordered by."""
    best: int
    """1 + how many are surely ahead: it may stand as high as this…"""
    worst: int
    """…and as low as this (number of items − how many are surely behind)."""


def order(
    value: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    average: float,
    apart: Apart,
    *,
    better: Literal["up", "down"] = "up",
) -> list[Place]:
    """Rank items by the bound of their interval nearer to average.

    The bound is the point of [low, high] nearest to `average`: the low end for an item that
    is surely above, the high end for one surely below, and the average itself for an item
    whose interval holds it. So ten enthusiastic answers do not outrank a thousand good ones.
    Ties are settled by the value, then by the order in which items were given.

    From the best down, an item shares the place of the one before it unless the two can be
    told apart. Sharing may chain: first and last of one place may well be apart, while no
    neighbours are; `best` and `worst` say for each item alone where it may stand. Items
    without an interval (nan) are left out.

    When it misleads: places are about order only; a shared place does not say "equal".
    The tests between neighbours are one family, so `apart` should come from marks.

    Args:
        value: one figure an item.
        low: their intervals' lower ends.
        high: their intervals' upper ends.
        average: the figure of all items together.
        apart: for arrays of indices, whether each pair differs significantly. Symmetric.
        better: whether a high figure is good.

    Source for best and worst: the confidence sets for ranks of Mogstad, Romano, Shaikh &
    Wilhelm 2024, which need simultaneous tests to hold for all items at once.

    >>> flat = lambda i, j: np.abs(np.array([50, 52, 10])[i] - np.array([50, 52, 10])[j]) > 20
    >>> [(p.index, p.place, p.best, p.worst) for p in order(
    ...     [50, 52, 10], [45, 30, 5], [55, 74, 15], 40, flat)]
    [(0, 1, 1, 2), (1, 1, 1, 2), (2, 3, 3, 3)]
    """
    figures, lower, upper = (np.asarray(each, dtype=np.float64) for each in (value, low, high))
    sign = 1.0 if better == "up" else -1.0
    shown = np.flatnonzero(np.isfinite(figures) & np.isfinite(lower) & np.isfinite(upper))
    bound = np.clip(average, lower, upper)
    sequence = shown[np.lexsort((shown, -sign * figures[shown], -sign * bound[shown]))]
    if not sequence.size:
        return []
    linked = ~apart(sequence[:-1], sequence[1:]) if sequence.size > 1 else np.zeros(0, np.bool_)
    first = np.concatenate([[True], ~linked])
    places = np.maximum.accumulate(np.where(first, np.arange(1, sequence.size + 1), 0))
    here, there = np.meshgrid(sequence, sequence, indexing="ij")
    differ = apart(here.ravel(), there.ravel()).reshape(here.shape)
    ahead = sign * (figures[there] - figures[here])
    best = 1 + (differ & (ahead > 0)).sum(axis=1)
    worst = sequence.size - (differ & (ahead < 0)).sum(axis=1)
    return [
        Place(
            index=int(item),
            place=int(places[position]),
            bound=float(bound[item]),
            best=int(best[position]),
            worst=int(worst[position]),
        )
        for position, item in enumerate(sequence)
    ]
