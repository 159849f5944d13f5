"""Variants: whole histories, told by the order of their nodes alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Nodes
from zhiyin.warehouse.journeys.passes.locating import Located, Page
from zhiyin.warehouse.journeys.passes.medians import Floats
from zhiyin.warehouse.journeys.passes.reading import (
    Reading,
    by_tuple,
    ended,
    fill,
    over,
    pad_for,
    reading,
)

ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
"""Two multipliers, whose bits look like chance: 2^64 divided by the golden ratio, and a prime."""


@dataclass(frozen=True, slots=True)
class Variants:
    """Each order of nodes that somebody went through, the most frequent first; of equally frequent
    ones, that of the smallest key.

    Two orders are told apart by 128 bits that are made of their nodes.

    Args:
        customers: who went through exactly it.
        example: the smallest key of such a customer.
        median_us: from a customer's first event to her last.
    """

    customers: Ints
    example: Ints
    median_us: Floats


def variants(histories: Histories, nodes: Nodes, *, allowed: Allowed = ALL) -> Variants:
    """Count the customers of each order of nodes."""
    read, columns = _prepared(histories, nodes, allowed)
    parts = list(over(read, lambda first, last: _sign(read, first, last, nodes.table, columns)))
    one, other, keys, lasted = (
        np.concatenate([part[place] for part in parts]) for place in range(4)
    )
    if not len(keys):
        none = np.zeros(0, np.int64)
        return Variants(none, none, np.zeros(0))
    order = np.lexsort((lasted, other, one))
    one, other, keys, lasted = one[order], other[order], keys[order], lasted[order]
    is_new = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    starts = np.concatenate(([0], np.flatnonzero(is_new) + 1))
    customers = np.diff(np.append(starts, len(keys)))
    example = np.minimum.reduceat(keys, starts)
    low, high = lasted[starts + (customers - 1) // 2], lasted[starts + customers // 2]
    shown = np.lexsort((example, -customers))
    return Variants(customers[shown], example[shown], ((low + high) / 2)[shown])


def row_of(
    histories: Histories, nodes: Nodes, key: int, *, allowed: Allowed = ALL
) -> npt.NDArray[np.int32]:
    """The nodes of one customer in their order; `key` stands for her."""
    read, columns = _prepared(histories, nodes, allowed)
    return np.asarray(_row(read, key, nodes.table, columns))


def behind(
    histories: Histories, nodes: Nodes, row: Sequence[int], page: Page, *, allowed: Allowed = ALL
) -> Located:
    """Whose whole history is this row of nodes."""
    read, columns = _prepared(histories, nodes, allowed)
    a, b = _told(np.array(row, np.int64))

    def work(first: int, last: int) -> Ints:
        one, other, keys, _lasted = _sign(read, first, last, nodes.table, columns)
        found: Ints = keys[(one == a) & (other == b)]
        return found

    keys = np.concatenate(list(over(read, work)))
    return Located(keys[page.first : page.first + page.limit], len(keys))


def _prepared(
    histories: Histories, nodes: Nodes, allowed: Allowed
) -> tuple[Reading, npt.NDArray[np.uint16]]:
    return reading(histories, allowed, nodes.known), ended(nodes.columns, 0, np.uint16)


@numba.njit(nogil=True, cache=True)
def _sign(read, first, last, table, columns, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """Of each customer: two numbers made of her nodes, her key, and the time that she took."""
    pad = pad_for(read, first, last)
    one, other = np.empty(last - first, np.uint64), np.empty(last - first, np.uint64)
    keys, lasted = np.empty(last - first, np.int64), np.empty(last - first, np.int64)
    filled = 0
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        _sign_pad(
            words, rests, pad, count, read.bits, read.mask, read.split, table, columns,
            one, other, keys, lasted, filled,
        )  # fmt: skip
        filled += count
    return one[:filled].copy(), other[:filled].copy(), keys[:filled].copy(), lasted[:filled].copy()


@numba.njit(nogil=True, inline="always")
def _mixed(a, b, node):  # type: ignore[no-untyped-def]
    """The two numbers of a row with one more node."""
    a = (a ^ node) * ODD[0]
    a ^= a >> np.uint64(32)
    b = (b + node) * ODD[1]
    b ^= b >> np.uint64(29)
    return a, b


@numba.njit(nogil=True, cache=True)
def _told(nodes, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """The two numbers of a row of nodes."""
    a, b = np.uint64(len(nodes)), ODD[1]
    for node in nodes:
        a, b = _mixed(a, b, np.uint64(node + 1))
    return a, b


@numba.njit(nogil=True)
def _sign_pad(  # type: ignore[no-untyped-def]
    words, rests, pad, count, bits, mask, split, table, columns, one, other, keys, lasted, filled
):
    bounds, whose = pad.bounds, pad.keys
    for place in range(count):
        low, high = bounds[place], bounds[place + 1]
        a, b = np.uint64(high - low), ODD[1]
        for i in range(low, high):
            word = words[i]
            node = np.uint64(table[word & mask, by_tuple(columns, words[i], rests[i], split)] + 1)
            a, b = _mixed(a, b, node)
        one[filled + place], other[filled + place] = a, b
        keys[filled + place] = whose[place]
        lasted[filled + place] = np.int64((words[high - 1] >> bits) - (words[low] >> bits))


@numba.njit(nogil=True, cache=True)
def _row(read, key, table, columns, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, key, key + 1)
    _next, count, words, rests = fill(read, pad, np.int64(key), key + 1)
    low = pad.bounds[0]
    out = np.empty(pad.bounds[count] - low, np.int32)
    for i in range(len(out)):
        word = words[low + i]
        out[i] = table[word & read.mask, by_tuple(columns, word, rests[low + i], read.split)]
    return out
