"""What comes again: who is at a node more than once, at once or after being elsewhere."""

from __future__ import annotations

from typing import Literal

import numba
import numpy as np

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Nodes
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.reading import by_tuple, ended, fill, over, pad_for, reading

NOBODY = -1

COLUMNS = ("events", "customers", "again", "back", "at_once")
"""Events at a node; customers who are there; those more than once; those who were elsewhere in
between; events that directly follow one at the same node."""

Who = Literal["customers", "again", "back"]


def repeats(histories: Histories, nodes: Nodes, *, allowed: Allowed = ALL) -> Ints:
    """By [node, one of `COLUMNS`]."""
    read, columns = reading(histories, allowed, nodes.known), ended(nodes.columns, 0, np.uint16)
    counted = np.zeros((nodes.count, len(COLUMNS)), np.int64)
    for part in over(
        read, lambda first, last: _repeat(read, first, last, nodes.table, columns, nodes.count)
    ):
        counted += part
    return counted


def behind(
    histories: Histories,
    nodes: Nodes,
    page: Page,
    *,
    among: frozenset[int],
    who: Who,
    allowed: Allowed = ALL,
) -> Located:
    """Who is at one of some nodes, more than once, or again after being elsewhere."""
    read, columns = reading(histories, allowed, nodes.known), ended(nodes.columns, 0, np.uint16)
    kinds, place = nodes.told_apart(among), COLUMNS.index(who)

    def count(first: int, last: int) -> int:
        found = _repeat(read, first, last, kinds.table, columns, kinds.count)
        return int(found[1, place])

    return located(read, count, page)


@numba.njit(nogil=True, cache=True)
def _repeat(read, first, last, table, columns, nodes, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, first, last)
    out = np.zeros((nodes, len(COLUMNS)), np.int64)
    # Who was there last, who more than once, and who came back.
    seen = np.full((nodes, 3), NOBODY, np.int64)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        _repeat_pad(words, rests, pad, count, read.mask, read.split, table, columns, out, seen)
    return out


@numba.njit(nogil=True)
def _repeat_pad(words, rests, pad, count, mask, split, table, columns, out, seen):  # type: ignore[no-untyped-def]
    bounds, keys = pad.bounds, pad.keys
    for place in range(count):
        key, before = keys[place], np.int64(NOBODY)
        for i in range(bounds[place], bounds[place + 1]):
            node = np.int64(table[words[i] & mask, by_tuple(columns, words[i], rests[i], split)])
            out[node, 0] += 1
            if seen[node, 0] != key:
                seen[node, 0] = key
                out[node, 1] += 1
            else:
                if seen[node, 1] != key:
                    seen[node, 1] = key
                    out[node, 2] += 1
                if node != before and seen[node, 2] != key:
                    seen[node, 2] = key
                    out[node, 3] += 1
            out[node, 4] += node == before
            before = node
