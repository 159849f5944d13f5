"""Which clauses say the same: points put together into groups, and those that lie alone left out.

Points are split into far too many groups (k-means), which are then joined as long as their members
are alike on average. What says the same several times over stays one group however large it is, and
nobody says how many groups there are. The same points in the same order give the same groups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zhiyin.listen.columns import Floats

Groups = NDArray[np.int32]
"""The group of each point, from 0 on; `ALONE` where it is in none."""

ALONE = -1

ALIKE = 0.4
"""Groups are joined whose members' mean cosine is at least this. Measured in `bench.themes`."""

NEAR = 0.4
"""The cosine from which a point belongs to the middle of its group."""

PER_SPLIT = 12
"""Points of the usual group before any are joined…"""

MOST_SPLITS = 600
"""…and so many groups at most."""

LEARNED_FROM = 40_000
"""Points from which the first groups are learned; drawn by lot where there are more."""

SEED = 20261128


def group(points: Floats, weights: Floats, *, least: float) -> Groups:
    """The group of each point.

    Args:
        points: one a row, of length one.
        weights: how much each counts: customers who say it.
        least: the weight that a group needs.
    """
    if len(points) < 2:
        return np.full(len(points), ALONE, np.int32)
    first = _split(points, weights)
    joined = _joined(points, weights, first)
    middles = _middles(points, weights, joined)
    near = np.einsum("ij,ij->i", points, middles[joined]) >= NEAR
    found = np.where(near, joined, ALONE).astype(np.int32)
    return _with_weight(found, weights, least)


def _split(points: Floats, weights: Floats) -> Groups:
    from sklearn.cluster import KMeans

    count = int(min(max(50, len(points) // PER_SPLIT), MOST_SPLITS, max(len(points) // 2, 1)))
    chance = np.random.default_rng(SEED)
    learned = np.arange(len(points))
    if len(points) > LEARNED_FROM:
        learned = np.sort(chance.choice(len(points), LEARNED_FROM, replace=False))
    count = min(count, len(np.unique(points[learned].round(6), axis=0)))
    model = KMeans(count, n_init=1, max_iter=30, random_state=SEED)
    model.fit(points[learned], sample_weight=weights[learned])
    made: Groups = model.predict(points).astype(np.int32)
    return made


def _joined(points: Floats, weights: Floats, first: Groups) -> Groups:
    """Groups joined, the most alike first, until none are alike enough.

    The mean cosine between the members of two groups is the product of their mean points.
    """
    names, place = np.unique(first, return_inverse=True)
    count = len(names)
    size = np.bincount(place, weights=weights, minlength=count)
    sums = np.zeros((count, points.shape[1]))
    np.add.at(sums, place, points * weights[:, None])
    means = sums / size[:, None]
    alike = means @ means.T
    np.fill_diagonal(alike, -np.inf)
    into = np.arange(count)
    for _step in range(count - 1):
        one, other = divmod(int(alike.argmax()), count)
        if alike[one, other] < ALIKE:
            break
        size[one] += size[other]
        sums[one] += sums[other]
        into[into == other] = one
        means[one] = sums[one] / size[one]
        fresh = np.where(np.isneginf(alike[one]), -np.inf, means @ means[one])
        alike[one], alike[:, one] = fresh, fresh
        alike[one, one] = -np.inf
        alike[other], alike[:, other] = -np.inf, -np.inf
    made: Groups = into[place].astype(np.int32)
    return made


def _middles(points: Floats, weights: Floats, groups: Groups) -> Floats:
    """The direction of each group's mean; of a number that is no group, nothing."""
    sums = np.zeros((int(groups.max()) + 1, points.shape[1]))
    np.add.at(sums, groups, points * weights[:, None])
    made: Floats = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return made


def _with_weight(groups: Groups, weights: Floats, least: float) -> Groups:
    """Groups of enough weight, numbered from 0 on, the heaviest first."""
    inside = groups != ALONE
    if not inside.any():
        return groups
    size = np.bincount(groups[inside], weights=weights[inside])
    order = [one for one in np.argsort(-size, kind="stable") if size[one] >= least]
    number = np.full(size.size, ALONE, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    made: Groups = np.where(inside, number[np.maximum(groups, 0)], ALONE).astype(np.int32)
    return made
