"""What happened before certain moments: the seven days before a low score, say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Flags, Nodes
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.reading import (
    by_tuple,
    ended,
    fill,
    over,
    pad_for,
    reading,
    search,
)

NOBODY = -1
SIDES = 2
MOST_STEPS = 5
"""So many nodes, of `MOST_NODES`, fit the number of a row."""
MOST_NODES = 1024


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of customers, in any order.

    Args:
        keys: of each moment; one of any key of a customer is hers.
        times: microseconds since 1970.
        sides: 0 or 1.
    """

    keys: npt.NDArray[np.int32]
    times: Ints
    sides: Flags


@dataclass(frozen=True, slots=True)
class Before:
    """What happened before the moments.

    Args:
        had: [node, side], customers who had it before one of their moments of that side.
        both: by node, who had it before moments of both sides.
        shared: [node, side], of the customers with moments of both sides, who had it before one
            of that side.
        rows: by moment, the number of its last nodes: `nodes_of` tells them. 0 without any.
    """

    had: Ints
    both: Ints
    shared: Ints
    rows: Ints


def before(
    histories: Histories,
    moments: Moments,
    nodes: Nodes,
    *,
    within: int,
    steps: int = 0,
    allowed: Allowed = ALL,
) -> Before:
    """Count customers with an event of each node in the time before, and tell the last nodes.

    That time reaches from `within` microseconds before the moment, included, up to the moment,
    which is not included. A row of the same node counts as one among the last `steps`.

    Raises:
        ValueError: there are more nodes or steps than the number of a row holds.
    """
    if steps > MOST_STEPS or (steps and nodes.count > MOST_NODES):
        msg = f"rows have at most {MOST_STEPS} of {MOST_NODES} nodes"
        raise ValueError(msg)
    read, columns = reading(histories, allowed, nodes.known), ended(nodes.columns, 0, np.uint16)
    sorted_ = _sorted(histories, moments)
    out = np.zeros((nodes.count, 5), np.int64)
    told = np.zeros(len(sorted_.times), np.int64)
    for part in over(
        read,
        lambda first, last: _count(
            read, first, last, sorted_.offsets, sorted_.times, sorted_.sides, within, steps,
            nodes.table, columns, nodes.count, told,
        ),
    ):  # fmt: skip
        out += part
    rows = np.empty_like(told)
    rows[sorted_.order] = told
    columns_of = np.ascontiguousarray
    return Before(columns_of(out[:, :2]), columns_of(out[:, 2]), columns_of(out[:, 3:]), rows)


def behind(
    histories: Histories,
    moments: Moments,
    nodes: Nodes,
    page: Page,
    *,
    among: frozenset[int],
    side: int,
    within: int,
    allowed: Allowed = ALL,
) -> Located:
    """Who had one of some nodes in the time before one of her moments of a side."""
    read, columns = reading(histories, allowed, nodes.known), ended(nodes.columns, 0, np.uint16)
    sorted_ = _sorted(histories, moments)
    told = np.zeros(len(sorted_.times), np.int64)
    kinds = nodes.told_apart(among)

    def count(first: int, last: int) -> int:
        found = _count(
            read, first, last, sorted_.offsets, sorted_.times, sorted_.sides, within, 0,
            kinds.table, columns, kinds.count, told,
        )  # fmt: skip
        return int(found[1, side])

    return located(read, count, page)


def row_of(nodes: Sequence[int], count: int) -> int:
    """The number of a row of nodes; see `nodes_of`."""
    row = 0
    for node in reversed(nodes):
        row = row * (count + 1) + node + 1
    return row


class _Sorted(NamedTuple):
    """Moments by customer and time.

    Args:
        order: of each, its place among those that were given.
        offsets: by key, where hers begin, and end.
        times: since the epoch.
    """

    order: Ints
    offsets: Ints
    times: Ints
    sides: Ints


def _sorted(histories: Histories, moments: Moments) -> _Sorted:
    whose = first_members(histories)[moments.keys]
    order = np.lexsort((moments.times, whose))
    offsets = np.searchsorted(whose[order], np.arange(len(histories.flags) + 1)).astype(np.int64)
    times = moments.times[order] - histories.epoch
    return _Sorted(order, offsets, times, moments.sides[order].astype(np.int64))


def nodes_of(row: int, count: int) -> list[int]:
    """The nodes of a row in their order.

    Args:
        count: how many nodes there are.
    """
    found = []
    while row:
        row, node = divmod(row, count + 1)
        found.append(node - 1)
    return found


def first_members(histories: Histories) -> npt.NDArray[np.int32]:
    """By key: the key that stands for the customer."""
    found = np.arange(len(histories.flags), dtype=np.int32)
    sizes = np.diff(histories.group_offsets)
    found[histories.members] = np.repeat(histories.members[histories.group_offsets[:-1]], sizes)
    return found


@numba.njit(nogil=True, cache=True)
def _count(  # type: ignore[no-untyped-def]
    read, first, last, offsets, times, sides, within, steps, table, columns, nodes, told,
    _sources=SOURCES,
):  # fmt: skip
    """By node: customers of side 0, of side 1, of both; of those with both, of side 0, of side 1.

    `told` gets the number of each moment's row: parts write to places of their own.
    """
    pad = pad_for(read, first, last)
    out = np.zeros((nodes, 5), np.int64)
    had = np.full((SIDES, nodes), NOBODY, np.int64)
    key = np.int64(first)
    while key < last:
        if offsets[key] == offsets[key + 1]:
            key += 1
            continue
        until = key + 1
        while until < last and offsets[until] < offsets[until + 1]:
            until += 1
        while key < until:
            key, count, words, rests = fill(read, pad, key, until)
            _count_pad(
                words, rests, pad, count, read.bits, read.mask, read.split, offsets, times, sides,
                within, steps, table, columns, out, had, told,
            )  # fmt: skip
    return out


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words, rests, pad, count, bits, mask, split, offsets, times, sides, within, steps, table,
    columns, out, had, told,
):  # fmt: skip
    bounds, keys = pad.bounds, pad.keys
    base = np.int64(len(out) + 1)
    for place in range(count):
        key = keys[place]
        low, high = offsets[key], offsets[key + 1]
        is_shared = False
        for moment in range(low + 1, high):
            if sides[moment] != sides[low]:
                is_shared = True
        for moment in range(low, high):
            side, end, last = sides[moment], times[moment], bounds[place + 1]
            begin = search(words, bounds[place], last, bits, end - within)
            i = begin
            while i < last and np.int64(words[i] >> bits) < end:
                word = words[i]
                node = np.int64(table[word & mask, by_tuple(columns, word, rests[i], split)])
                if had[side, node] != key:
                    had[side, node] = key
                    out[node, side] += 1
                    out[node, 2] += had[1 - side, node] == key
                    out[node, 3 + side] += is_shared
                i += 1
            row, taken, later = np.int64(0), 0, np.int64(NOBODY)
            while i > begin and taken < steps:
                i -= 1
                word = words[i]
                node = np.int64(table[word & mask, by_tuple(columns, word, rests[i], split)])
                if node != later:
                    row = row * base + node + 1
                    taken += 1
                    later = node
            told[moment] = row
