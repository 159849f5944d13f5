"""What happened before certain moments: the seven days before a low score, say."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import SKIPPED, Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Nodes
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


@dataclass(frozen=True, slots=True)
class Before:
    """What happened before the moments.

    Args:
        moments: by node, those before which it happened.
        customers: by node, who had it before one of their moments.
        moments_in_all: of customers whom the question is about.
        customers_in_all: who have such a moment, whatever happened before it.
    """

    moments: Ints
    customers: Ints
    moments_in_all: int
    customers_in_all: int


def before(
    histories: Histories,
    keys: npt.NDArray[np.int32],
    times: Ints,
    nodes: Nodes,
    *,
    within: int,
    allowed: Allowed = ALL,
) -> Before:
    """Count moments and customers with an event of each node in the time before.

    That time reaches from `within` microseconds before the moment, included, up to the moment,
    which is not included. A moment of any key of a customer is hers.

    Args:
        keys: of each moment.
        times: of each moment, microseconds since 1970.
    """
    named = np.ones(len(nodes.table), np.uint8)
    read, columns = reading(histories, allowed, named), ended(nodes.columns, 0, np.uint16)
    whose = _first_members(histories)[keys]
    order = np.lexsort((times, whose))
    whose, moments = whose[order], times[order] - histories.epoch
    offsets = np.searchsorted(whose, np.arange(len(read.flags) + 1)).astype(np.int64)
    out = np.zeros((nodes.count, 2), np.int64)
    for part in over(
        read,
        lambda first, last: _count(
            read, first, last, offsets, moments, within, nodes.table, columns, nodes.count
        ),
    ):
        out += part
    is_asked = read.flags[whose] != SKIPPED
    return Before(
        np.ascontiguousarray(out[:, 0]),
        np.ascontiguousarray(out[:, 1]),
        int(is_asked.sum()),
        len(np.unique(whose[is_asked])),
    )


def _first_members(histories: Histories) -> npt.NDArray[np.int32]:
    """By key: the key that stands for the customer."""
    found = np.arange(len(histories.flags), dtype=np.int32)
    sizes = np.diff(histories.group_offsets)
    found[histories.members] = np.repeat(histories.members[histories.group_offsets[:-1]], sizes)
    return found


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, offsets, moments, within, table, columns, nodes, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """By node: moments and customers."""
    pad = pad_for(read, first, last)
    out = np.zeros((nodes, 2), np.int64)
    seen, had = np.full(nodes, NOBODY, np.int64), np.full(nodes, NOBODY, np.int64)
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
                words, rests, pad, count, read.bits, read.mask, read.split,
                offsets, moments, within, table, columns, out, seen, had,
            )  # fmt: skip
    return out


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words,
    rests,
    pad,
    count,
    bits,
    mask,
    split,
    offsets,
    moments,
    within,
    table,
    columns,
    out,
    seen,
    had,
):
    bounds, keys = pad.bounds, pad.keys
    for place in range(count):
        key = keys[place]
        for moment in range(offsets[key], offsets[key + 1]):
            end, high = moments[moment], bounds[place + 1]
            i = search(words, bounds[place], high, bits, end - within)
            while i < high and np.int64(words[i] >> bits) < end:
                node = np.int64(
                    table[words[i] & mask, by_tuple(columns, words[i], rests[i], split)]
                )
                out[node, 0] += seen[node] != moment
                out[node, 1] += had[node] != key
                seen[node], had[node] = moment, key
                i += 1
