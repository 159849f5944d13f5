"""Groups that are withheld because another could be calculated from them.

A figure of too few customers is not shown. Where the whole and all other groups are, it is the
whole less these. So a further group is withheld: *secondary* (complementary) *cell suppression*,
as national statistics offices do it (Cox 1980, JASA 75; Eurostat's Handbook on Statistical
Disclosure Control, Hundepool et al. 2010, ch. 4; US Federal Committee on Statistical Methodology,
Working Paper 22).

When it misleads: it protects one table. Two questions whose answers differ by a few customers (a
filter, a day more, an earlier *as of*) still tell about these few, and it is no protection where
all customers of a group said the same. In a table with two margins no cell can be calculated
and each margin's withheld cells are enough together; sums of cells over several margins are not
looked at, and neither is how narrowly a withheld figure can be bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.estimate import Floats

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Wholes:
    """Figures that stand beside the cells that add up to them.

    Args:
        of: for each cell, the number of its whole.
        customers: of each whole; fewer than its cells have in sum where one is in several cells.
    """

    of: NDArray[np.int64]
    customers: Floats

    @classmethod
    def one(cls, cells: int, customers: float) -> Wholes:
        """One whole of all the cells."""
        return cls(np.zeros(cells, dtype=np.int64), np.array([customers], dtype=np.float64))


def beside(
    customers: ArrayLike, minimum: int, wholes: Sequence[Wholes], *, already: Mask | None = None
) -> Mask:
    """Which cells are withheld beside those that have too few customers themselves.

    Afterwards the cells of each whole that are not shown are none, or are at least two and have
    `minimum` customers or more together, unless nothing is left to withhold. How many they have
    together is not known where a customer is in several; the smallest number that the counts
    allow is used: the largest cell, or the whole less those who may be in cells that are shown.
    With one whole a single cell is enough and the smallest is taken, so that no other choice
    withholds fewer customers. With more the choice is greedy: wholes in the order given, each time
    the smallest cell; a better choice may exist.

    Args:
        customers: how many each cell has; a cell of 0 has nothing to protect.
        minimum: under it a cell is not shown.
        wholes: what the cells add up to. Of two or more, the first two are the margins of a table:
            no two cells have both in common.
        already: cells that are not shown for a reason of their own.

    >>> beside([3, 200, 12, 80], 10, [Wholes.one(4, 295)])
    array([False, False,  True, False])
    >>> beside([6, 7, 80], 10, [Wholes.one(3, 93)])
    array([False, False, False])
    """
    count = np.asarray(customers, dtype=np.float64)
    small = (count > 0) & (count < minimum)
    hidden = small.copy() if already is None else small | already
    found = bool(hidden.any())
    while found:
        found = False
        for whole in wholes:
            more = _smallest_shown(hidden, count, whole, _unsafe(hidden, count, minimum, whole))
            found = found or bool(more.size)
            hidden[more] = True
        if not found and len(wholes) > 1:
            more = _around_determined(hidden, count, wholes[0], wholes[1])
            found = bool(more.size)
            hidden[more] = True
    return hidden & ~small


def _unsafe(hidden: Mask, customers: Floats, minimum: int, whole: Wholes) -> Mask:
    """For each whole, whether what it is less its shown cells is one cell or too few customers."""
    size = len(whole.customers)
    cells = np.bincount(whole.of[hidden], minlength=size)
    largest = np.zeros(size)
    np.maximum.at(largest, whole.of[hidden], customers[hidden])
    shown = np.bincount(whole.of[~hidden], weights=customers[~hidden], minlength=size)
    fewest = np.maximum(largest, whole.customers - shown)
    unsafe: Mask = (cells == 1) | ((cells > 1) & (fewest < minimum))
    return unsafe


def _smallest_shown(
    hidden: Mask, customers: Floats, whole: Wholes, wanted: Mask
) -> NDArray[np.int64]:
    """The smallest cell that is shown in each of the wanted wholes, where one is left."""
    left = np.flatnonzero(~hidden & (customers > 0) & wanted[whole.of])
    left = left[np.argsort(customers[left], kind="stable")]
    _numbers, first = np.unique(whole.of[left], return_index=True)
    return left[first]


def _around_determined(
    hidden: Mask, customers: Floats, one: Wholes, two: Wholes
) -> NDArray[np.int64]:
    """A further cell for the first cell that follows from all margins together."""
    cells = np.flatnonzero(hidden)
    for at in cells[_bridges(one.of[cells], two.of[cells])]:
        for whole in (one, two):
            wanted = np.arange(len(whole.customers)) == whole.of[at]
            more = _smallest_shown(hidden, customers, whole, wanted)
            if more.size:
                return more
    return np.zeros(0, dtype=np.int64)


def _bridges(one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which cells are fixed by the sums over both margins.

    Margins are the points of a graph and cells its lines. Along a circle of cells something may
    be moved and no sum changes; so a cell is fixed if it is on no circle (a bridge; Tarjan 1974).
    """
    ends = [(("one", int(r)), ("two", int(c))) for r, c in zip(one, two, strict=True)]
    lines: dict[tuple[str, int], list[tuple[tuple[str, int], int]]] = {}
    for number, (a, b) in enumerate(ends):
        lines.setdefault(a, []).append((b, number))
        lines.setdefault(b, []).append((a, number))
    entered: dict[tuple[str, int], int] = {}
    reach: dict[tuple[str, int], int] = {}
    found = []
    for start in lines:
        if start in entered:
            continue
        entered[start] = reach[start] = len(entered)
        path = [(start, -1, iter(lines[start]))]
        while path:
            point, came, ahead = path[-1]
            for other, number in ahead:
                if number == came:
                    continue
                if other not in entered:
                    entered[other] = reach[other] = len(entered)
                    path.append((other, number, iter(lines[other])))
                    break
                reach[point] = min(reach[point], entered[other])
            else:
                path.pop()
                if path:
                    before = path[-1][0]
                    reach[before] = min(reach[before], reach[point])
                    if reach[point] > entered[before]:
                        found.append(came)
    return np.array(sorted(found), dtype=np.int64)
