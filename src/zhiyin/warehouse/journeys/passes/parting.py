"""Where two groups' paths part: of each customer the step after her first visit to each node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Groups, Nodes
from zhiyin.warehouse.journeys.passes.grouping import group_of, tables
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.reading import (
    Reading,
    by_tuple,
    ended,
    fill,
    over,
    pad_for,
    reading,
)

MOST_NODES = 512
"""Each range of keys counts in 8 bytes for every pair of nodes."""

NEITHER = -1
GROUPS = 2


@dataclass(frozen=True, slots=True)
class PartingAsked:
    """One question.

    Args:
        gap: microseconds; what comes later is no next step.
        until: microseconds since 1970, up to which the log is known, included: a visit less than
            `gap` before it is not counted, since its next step may be to come.
        by: the group of an event, 0 or 1, any other is in neither; `WHOLE` where
            `of_key` says it.
        of_key: int8 by key: the group of a customer at the key that stands for her, 0, 1 or
            `NEITHER`; None where the event says it.
    """

    nodes: Nodes
    gap: int
    until: int
    by: Groups
    of_key: npt.NDArray[np.int8] | None = None


def parting(histories: Histories, asked: PartingAsked, *, allowed: Allowed = ALL) -> Ints:
    """Customers by [group, node, next node]; the last place is for no next step in time.

    Raises:
        ValueError: there are more than `MOST_NODES`.
    """
    nodes = asked.nodes
    if nodes.count > MOST_NODES:
        msg = f"parting paths have at most {MOST_NODES} nodes"
        raise ValueError(msg)
    read, count = _prepared(histories, asked, allowed)
    out = np.zeros((GROUPS, nodes.count, nodes.count + 1), np.int64)
    for part in over(read, count):
        out += part
    return out


def behind(
    histories: Histories,
    asked: PartingAsked,
    page: Page,
    *,
    side: int,
    left: frozenset[int],
    reached: frozenset[int] | None,
    allowed: Allowed = ALL,
) -> Located:
    """Who of a group went on from a node to another.

    Args:
        left, reached: one of which she was at, and one of which came next; these are the same, or
            have none in common. None: nothing in time.
    """
    kinds = asked.nodes.told_apart(left, reached or ())
    one, other = (3, 3) if left == reached else (1, 2)
    read, counted = _prepared(histories, replace(asked, nodes=kinds), allowed)

    def count(first: int, last: int) -> int:
        return int(counted(first, last)[side, one, kinds.count if reached is None else other])

    return located(read, count, page)


def _prepared(
    histories: Histories, asked: PartingAsked, allowed: Allowed
) -> tuple[Reading, Callable[[int, int], Ints]]:
    """The reading, and what counts a range of its keys as `parting` does all."""
    nodes = asked.nodes
    read, columns = reading(histories, allowed, nodes.known), ended(nodes.columns, 0, np.uint16)
    groups, group_columns = tables(asked.by)
    of_key = np.zeros(0, np.int8) if asked.of_key is None else asked.of_key
    last_visit = asked.until - asked.gap - histories.epoch

    def count(first: int, last: int) -> Ints:
        found: Ints = _count(
            read, first, last, nodes.table, columns, nodes.count, groups, group_columns,
            of_key, asked.gap, last_visit,
        )  # fmt: skip
        return found

    return read, count


@numba.njit(nogil=True, cache=True)
def _count(  # type: ignore[no-untyped-def]
    read, first, last, table, columns, nodes, groups, group_columns, of_key, gap, last_visit,
    _sources=SOURCES,
):  # fmt: skip
    pad = pad_for(read, first, last)
    out = np.zeros((GROUPS, nodes, nodes + 1), np.int64)
    seen = np.full(nodes, NEITHER, np.int64)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        _count_pad(
            words, rests, pad, count, read.bits, read.mask, read.split, table, columns, groups,
            group_columns, of_key, gap, last_visit, out, seen,
        )  # fmt: skip
    return out


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words, rests, pad, count, bits, mask, split, table, columns, groups, group_columns, of_key, gap,
    last_visit, out, seen,
):  # fmt: skip
    bounds, keys = pad.bounds, pad.keys
    nothing = len(seen)
    for place in range(count):
        key, high = keys[place], bounds[place + 1]
        hers = np.int64(of_key[key]) if len(of_key) else np.int64(NEITHER)
        if len(of_key) and hers < 0:
            continue
        for i in range(bounds[place], high):
            word = words[i]
            node = np.int64(table[word & mask, by_tuple(columns, word, rests[i], split)])
            if seen[node] == key:
                continue
            group = hers
            if hers < 0:
                group = np.int64(
                    group_of(groups, group_columns, word & mask, word, rests[i], split)
                )
            if group < 0 or group >= GROUPS:
                continue
            seen[node] = key
            at = np.int64(word >> bits)
            if at > last_visit:
                continue
            then = np.int64(nothing)
            if i + 1 < high and np.int64(words[i + 1] >> bits) - at <= gap:
                later = words[i + 1]
                then = np.int64(table[later & mask, by_tuple(columns, later, rests[i + 1], split)])
            out[group, node, then] += 1
