"""Places in a ranking: 1 is best, and groups that cannot be told apart share a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zhiyin.measure import figures
from zhiyin.measure.metric import Better, Metric, Scale
from zhiyin.stats import families, ranking
from zhiyin.stats.bases import Bases
from zhiyin.stats.families import Procedure
from zhiyin.stats.totals import Totals
from zhiyin.stats.withheld import Mask

if TYPE_CHECKING:
    from zhiyin.measure.scores import Score

Order = tuple[bool, float, float, str]

MOST = 200
"""More groups than this are not ranked: the pairs would be tens of thousands."""


def places(
    metric: Metric,
    groups: Totals,
    average: float,
    *,
    shown: Mask,
    bases: Bases,
    better: Better,
    scale: Scale | None,
    confidence: float = 0.95,
    q: float = 0.05,
    fdr: Procedure = "bh",
) -> list[int | None]:
    """Each group's place; None where its figure is not `shown`.

    All pairs of groups are one family of tests. Customers whom two groups share are not taken
    into account: answers of one customer resemble each other, so the test says *apart* too
    seldom rather than too often.
    """
    found: list[int | None] = [None] * len(shown)
    ranked = np.flatnonzero(shown)
    if len(ranked) < 2 or len(ranked) > MOST or not np.isfinite(average):
        return found
    apart = _apart(metric, groups, ranked, bases, q, fdr)
    figure = figures.estimates(metric, groups, confidence, scale)
    value, low, high = (
        np.where(shown, ends, np.nan) for ends in (figure.value, figure.low, figure.high)
    )
    for place in ranking.order(value, low, high, average, lambda i, j: apart[i, j], better=better):
        found[place.index] = place.place
    return found


def _apart(
    metric: Metric,
    groups: Totals,
    ranked: NDArray[np.int64],
    bases: Bases,
    q: float,
    fdr: Procedure,
) -> NDArray[np.bool_]:
    count = len(np.asarray(groups.customers))
    one, two = (ranked[side] for side in np.triu_indices(len(ranked), k=1))
    here, there = figures.at_rows(groups, one), figures.at_rows(groups, two)
    p = figures.differences(metric, here, there, None, 0.95).p
    p = np.where(bases.tested(here.customers, there.customers), p, np.nan)
    marked = families.mark(p, q, fdr).marked
    apart = np.zeros((count, count), dtype=np.bool_)
    apart[one, two] = apart[two, one] = marked
    return apart


def worst_first(score: Score, average: float | None, better: Better, name: str) -> Order:
    """A key that sorts groups from the end of the ranking: the worst first, those not shown last.

    Args:
        average: the figure of all.
        name: settles what bounds and values leave open.
    """
    value, low, high = score.value, score.low, score.high
    if value is None:
        return (True, 0.0, 0.0, name)
    sign, near = (1.0 if better == "up" else -1.0), value
    if average is not None and low is not None and high is not None:
        near = min(max(average, low), high)
    return (False, sign * near, sign * value, name)
