"""Which of today's groups are the themes of before: a theme keeps its number.

Two days share most of what was said, so a group is the theme with which it shares the most clauses,
each paired once at most so that all together share the most. What shares nothing with any may
still be a theme that was silent for a while: it is known by its middle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhiyin.listen.columns import Floats
from zhiyin.listen.themes.grouping import ALONE, Groups

SAME = 0.3
"""The share of clauses (Dice) from which a group is the theme of before."""

PART = 0.3
"""The share of the smaller that has come from, or gone into, another, for a split or a merger."""

SAME_MIDDLE = 0.75
"""The cosine of middles from which a group is a theme that was silent."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of what.

    Attributes:
        number: the theme of each group; None for a new one.
        split_from: new groups by the theme that they were a part of.
        merged_into: themes that are gone by the group that they became a part of.
    """

    number: tuple[int | None, ...]
    split_from: dict[int, int]
    merged_into: dict[int, int]


def follow(
    groups: Groups,
    before: NDArray[np.int64],
    middles: Floats | None = None,
    silent: Mapping[int, Floats] | None = None,
) -> Followed:
    """Which groups are which themes.

    Args:
        groups: of each clause, as they are now.
        before: the theme of the same clauses before; 0 where it had none, -1 where the clause had
            not been said.
        middles: of each group, of length one.
        silent: the middles of themes that may come back, by their number.
    """
    count = int(groups.max()) + 1 if groups.size and groups.max() >= 0 else 0
    themes = sorted({int(one) for one in np.unique(before) if one > 0})
    shared = _shared(groups, before, count, themes)
    known = before >= 0
    now = np.bincount(groups[known & (groups != ALONE)], minlength=count)[:count]
    then = np.array([int((before == one).sum()) for one in themes])
    number: list[int | None] = [None] * count
    if count and themes:
        alike = 2 * shared / np.maximum(now[:, None] + then[None, :], 1)
        for row, column in _paired(alike):
            if alike[row, column] >= SAME:
                number[row] = themes[column]
    _awake(number, themes, middles, silent or {})
    taken = {one for one in number if one is not None}
    split, merged = {}, {}
    for row in range(count):
        if number[row] is None and themes and now[row]:
            best = int(shared[row].argmax())
            if shared[row, best] >= PART * now[row] and themes[best] in taken:
                split[row] = themes[best]
    for column, theme in enumerate(themes):
        if theme not in taken and count:
            best = int(shared[:, column].argmax())
            if shared[best, column] >= PART * then[column]:
                merged[theme] = best
    return Followed(tuple(number), split, merged)


def _shared(
    groups: Groups, before: NDArray[np.int64], count: int, themes: Sequence[int]
) -> NDArray[np.int64]:
    """How many clauses each group has of each theme."""
    place = {theme: column for column, theme in enumerate(themes)}
    found = np.zeros((count, len(themes)), np.int64)
    both = (groups != ALONE) & (before > 0)
    columns = np.array([place[int(one)] for one in before[both]], np.int64)
    np.add.at(found, (groups[both], columns), 1)
    return found


def _awake(
    number: list[int | None],
    themes: Sequence[int],
    middles: Floats | None,
    silent: Mapping[int, Floats],
) -> None:
    """Give groups that are nobody's the numbers of themes that had fallen silent."""
    asleep = [one for one in silent if one not in themes]
    waiting = [row for row, one in enumerate(number) if one is None]
    if middles is None or not asleep or not waiting:
        return
    alike = middles[waiting] @ np.stack([silent[one] for one in asleep]).T
    for row, column in _paired(alike):
        if alike[row, column] >= SAME_MIDDLE:
            number[waiting[row]] = asleep[column]


def _paired(alike: Floats) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(alike, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
