"""Exact medians: of values that a pass has kept, and of more than it could keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Ints

Floats = npt.NDArray[np.float64]

BUCKETS = 2048
"""32 for each doubling of a value, over all of int64."""

AT_ONCE = 512
"""Kinds whose buckets are kept at a time: 4 MiB for each range of keys."""

EXPONENT = 32 * 1023
"""The bucket of 1, whose number is made of the bits of a float."""

EXACT = 32 * 6
"""Every bucket below this one holds a single value: those below 63."""


class Kept(NamedTuple):
    """Values in the order of their cells: of cell i those from `offsets[i]` to `offsets[i + 1]`."""

    offsets: Ints
    values: Ints

    def of(self, cell: int) -> Ints:
        """The values of one cell, in no order."""
        return self.values[self.offsets[cell] : self.offsets[cell + 1]]

    def medians(self) -> Floats:
        """By cell; NaN where nothing is."""
        return np.asarray(_medians(self.offsets, self.values))


def by_cell(cells: npt.NDArray[np.int32], values: Ints, count: int) -> Kept:
    """Put values together by their cells, numbers below `count`."""
    return Kept(*_by_cell(cells, values, count))


@numba.njit(nogil=True, cache=True)
def _by_cell(cells, values, count):  # type: ignore[no-untyped-def]
    offsets = np.zeros(count + 1, np.int64)
    for cell in cells:
        offsets[cell + 1] += 1
    for cell in range(count):
        offsets[cell + 1] += offsets[cell]
    place = offsets[:-1].copy()
    out = np.empty(len(values), np.int64)
    for i in range(len(values)):
        out[place[cells[i]]] = values[i]
        place[cells[i]] += 1
    return offsets, out


@numba.njit(nogil=True, cache=True)
def _medians(offsets, values):  # type: ignore[no-untyped-def]
    out = np.full(len(offsets) - 1, np.nan)
    for cell in range(len(out)):
        if offsets[cell] < offsets[cell + 1]:
            out[cell] = np.median(values[offsets[cell] : offsets[cell + 1]])
    return out


class Book(NamedTuple):
    """Where a pass notes values of several kinds: first how many are in each bucket, then those
    of the buckets that hold the middle.

    Args:
        counts: uint32, [kind, bucket].
        low: by kind, the first bucket whose values are taken down; beyond all, while counting.
        high: the last.
        place: by kind, where its next value is written.
        values: of all kinds.
        real: one float, whose bits are read as `bits`.
    """

    counts: npt.NDArray[np.uint32]
    low: Ints
    high: Ints
    place: Ints
    values: Ints
    real: Floats
    bits: Ints


@numba.njit(nogil=True, inline="always")
def note(counts, low, high, place, values, real, bits, kind, value):  # type: ignore[no-untyped-def]
    """Note a value, not negative, of one kind, in what a book is made of."""
    real[0] = value + 1.0
    bucket = (bits[0] >> 47) - EXPONENT
    if len(values) == 0:
        counts[kind, bucket] += 1
    elif low[kind] <= bucket <= high[kind]:
        values[place[kind]] = value
        place[kind] += 1


def exact(kinds: int, spans: int, walk: Callable[[Sequence[Book]], None]) -> Floats:
    """Medians by kind of all values that a pass notes; NaN for a kind without values.

    The pass runs twice: to count what is in each bucket, and to take down the buckets that hold
    the middle. Of a bucket with one value nothing need be taken down, be it most of all there are.

    Args:
        kinds: at most `AT_ONCE`.
        spans: how many ranges of keys the pass is shared out to.
        walk: run the pass, with a book for each range.
    """
    none = np.zeros(kinds, np.int64)
    counts = np.zeros((spans, kinds, BUCKETS), np.uint32)
    walk([_book(counts[span], none, none, none, none[:0]) for span in range(spans)])
    summed = np.cumsum(counts.sum(axis=0, dtype=np.int64), axis=1)
    totals = summed[:, -1]
    low = (summed > (totals[:, None] - 1) // 2).argmax(axis=1)
    high = (summed > totals[:, None] // 2).argmax(axis=1)
    found = np.where(totals > 0, (_only(low) + _only(high)) / 2, np.nan)
    wanted = np.flatnonzero((totals > 0) & (high >= EXACT))
    if not len(wanted):
        return found
    sizes = np.zeros((kinds, spans), np.int64)
    for kind in wanted.tolist():
        sizes[kind] = counts[:, kind, low[kind] : high[kind] + 1].sum(axis=1)
    ends = np.cumsum(sizes).reshape(kinds, spans)
    values = np.empty(int(ends[-1, -1]), np.int64)
    starts = ends - sizes
    first = np.where(sizes.any(axis=1), low, BUCKETS)
    walk([_book(counts[0], first, high, starts[:, span].copy(), values) for span in range(spans)])
    for kind in wanted.tolist():
        mine = values[starts[kind, 0] : ends[kind, -1]]
        total = int(totals[kind])
        before = int(summed[kind, low[kind] - 1]) if low[kind] else 0
        middle = [(total - 1) // 2 - before, total // 2 - before]
        found[kind] = np.partition(mine, middle)[middle].mean()
    return found


def _only(buckets: Ints) -> Floats:
    """The one value of each bucket that holds a single one."""
    bits: Ints = (buckets + EXPONENT) << 47
    return bits.view(np.float64) - 1.0


def _book(counts: npt.NDArray[np.uint32], low: Ints, high: Ints, place: Ints, values: Ints) -> Book:
    real = np.zeros(1)
    return Book(counts, low, high, place, values, real, real.view(np.int64))
