"""Paths: which event directly follows which, how often, for how many customers, after how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES, medians
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Nodes
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.medians import Book, Floats, note
from zhiyin.warehouse.journeys.passes.reading import (
    Reading,
    by_tuple,
    ended,
    fill,
    over,
    pad_for,
    reading,
    shares,
)

WHOLE_HISTORY = 1 << 62
"""A gap between two events that none exceeds, in microseconds."""

MOST_NODES = 1024
"""Each thread counts in 28 bytes for every pair of nodes."""

NOBODY = -1

ONE_CUSTOMER = 1 << 32

BEGINS, ENDS = 1, 2
"""Bits of a node: a path may begin with it, and end."""
LEFT, REACHED = 1, 2
"""Bits of a node: it is on this side of a pair that is looked for."""


@dataclass(frozen=True, slots=True)
class PathsAsked:
    """One question to the paths.

    Args:
        gap: microseconds; events further apart than this do not follow one another.
        start: nodes; a customer's events before her first one at one of them are left out. None
            leaves out nothing.
        end: nodes; her events after her last one at one of them are left out. None leaves out
            nothing.
    """

    nodes: Nodes
    gap: int = WHOLE_HISTORY
    start: frozenset[int] | None = None
    end: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of consecutive events, by [the node left, the node reached].

    Args:
        pairs: of events.
        customers: who have at least one such pair.
        total_us: microseconds between the two, over pairs.
        events: that stand in anybody's path; with `gap`, those less the pairs are the sessions.
        people: who have such an event.
    """

    pairs: Ints
    customers: Ints
    total_us: Ints
    events: int
    people: int


def edges(histories: Histories, asked: PathsAsked, *, allowed: Allowed = ALL) -> Edges:
    """Count which node directly follows which.

    Raises:
        ValueError: there are more than `MOST_NODES`: join the rare ones first.
    """
    nodes = asked.nodes
    if nodes.count > MOST_NODES:
        msg = f"paths have at most {MOST_NODES} nodes"
        raise ValueError(msg)
    read, columns, marks = _prepared(histories, asked, allowed)
    size = nodes.count * nodes.count
    counted = np.zeros((size, 3), np.int64)
    events, people = 0, 0
    for part, its_events, its_people in over(
        read,
        lambda first, last: _count(
            read, first, last, nodes.table, columns, nodes.count, marks, asked.gap
        ),
    ):
        counted += part
        events += its_events
        people += its_people
    pairs, customers, total = (
        np.ascontiguousarray(counted[:, place]).reshape(nodes.count, nodes.count)
        for place in range(3)
    )
    return Edges(pairs, customers, total, events, people)


def behind(
    histories: Histories,
    asked: PathsAsked,
    page: Page,
    *,
    before: frozenset[int],
    after: frozenset[int] | None,
    allowed: Allowed = ALL,
) -> Located:
    """Who has a pair of these nodes.

    Args:
        before: those that are left.
        after: those that are reached; None: `before` on either side of the pair.
    """
    read, columns, marks = _prepared(histories, asked, allowed)
    roles = np.zeros(asked.nodes.count, np.uint8)
    roles[sorted(before)] |= LEFT
    roles[sorted(before if after is None else after)] |= REACHED

    def count(first: int, last: int) -> int:
        return int(
            _having(
                read, first, last, asked.nodes.table, columns, marks, asked.gap, roles,
                after is None,
            )
        )  # fmt: skip

    return located(read, count, page)


def median_us(
    histories: Histories,
    asked: PathsAsked,
    chosen: Sequence[tuple[int, int]],
    *,
    allowed: Allowed = ALL,
) -> Floats:
    """The exact median of the microseconds between the two events of each chosen edge.

    NaN for an edge without pairs. It costs two passes for every `medians.AT_ONCE` edges.
    """
    read, columns, marks = _prepared(histories, asked, allowed)
    nodes, spans = asked.nodes, len(shares(read))
    found = np.full(len(chosen), np.nan)
    for first_edge in range(0, len(chosen), medians.AT_ONCE):
        part = chosen[first_edge : first_edge + medians.AT_ONCE]
        kinds = np.full(nodes.count * nodes.count, NOBODY, np.int32)
        for kind, (one, other) in enumerate(part):
            kinds[one * nodes.count + other] = kind

        walk = partial(_noted, read, nodes, columns, marks, asked.gap, kinds)
        found[first_edge : first_edge + len(part)] = medians.exact(len(part), spans, walk)
    return found


def _noted(
    read: Reading,
    nodes: Nodes,
    columns: npt.NDArray[np.uint16],
    marks: npt.NDArray[np.uint8],
    gap: int,
    kinds: npt.NDArray[np.int32],
    books: Sequence[Book],
) -> None:
    def work(first: int, last: int, book: Book) -> None:
        _note(read, first, last, nodes.table, columns, nodes.count, marks, gap, kinds, book)

    for _done in over(read, work, books):
        pass


def _prepared(
    histories: Histories, asked: PathsAsked, allowed: Allowed
) -> tuple[Reading, npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """The reading; the column by code of the tuple; and of each node whether a path may begin or
    end with it, last what holds of every node."""
    marks = np.zeros(asked.nodes.count + 1, np.uint8)
    for mark, among in ((BEGINS, asked.start), (ENDS, asked.end)):
        marks[slice(None) if among is None else sorted(among)] |= mark
    read = reading(histories, allowed, asked.nodes.known)
    return read, ended(asked.nodes.columns, 0, np.uint16), marks


@numba.njit(nogil=True)
def _bounds(words, rests, low, high, mask, split, table, columns, marks):  # type: ignore[no-untyped-def]
    """The events of one customer from the first that may begin to the last that may end."""
    while low < high:
        node = table[words[low] & mask, by_tuple(columns, words[low], rests[low], split)]
        if marks[node] & BEGINS:
            break
        low += 1
    while low < high:
        at = high - 1
        node = table[words[at] & mask, by_tuple(columns, words[at], rests[at], split)]
        if marks[node] & ENDS:
            break
        high = at
    return low, high


@numba.njit(nogil=True, cache=True)
def _having(  # type: ignore[no-untyped-def]
    read, first, last, table, columns, marks, gap, roles, either, _sources=SOURCES
):
    """How many customers have a pair whose nodes have these roles, or either has one."""
    pad = pad_for(read, first, last)
    found = 0
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        found += _having_pad(
            words, rests, pad.bounds, count, read.bits, read.mask, read.split, table, columns,
            marks, gap, roles, either,
        )  # fmt: skip
    return found


@numba.njit(nogil=True)
def _having_pad(  # type: ignore[no-untyped-def]
    words, rests, bounds, count, bits, mask, split, table, columns, marks, gap, roles, either
):
    found = 0
    for place in range(count):
        low, high = _bounds(
            words, rests, bounds[place], bounds[place + 1], mask, split, table, columns, marks
        )
        role, before = np.uint8(0), np.int64(0)
        for i in range(low, high):
            word = words[i]
            time = np.int64(word >> bits)
            here = roles[table[word & mask, by_tuple(columns, word, rests[i], split)]]
            is_left, is_reached = role & LEFT != 0, here & REACHED != 0
            is_it = is_left or is_reached if either else is_left and is_reached
            if i > low and time - before <= gap and is_it:
                found += 1
                break
            role, before = here, time
    return found


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, table, columns, nodes, marks, gap, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """By edge: pairs, customers, microseconds; then events and people."""
    pad = pad_for(read, first, last)
    # One row an edge, so that what is counted of it is near; the last is of no edge.
    slots = np.zeros((nodes * nodes + 1, 3), np.int64)
    slots[:, 2] = NOBODY
    events, people = 0, 0
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        its_events, its_people = _count_pad(
            words, rests, pad, count, read.bits, read.mask, read.split, table, columns,
            nodes, marks, gap, slots,
        )  # fmt: skip
        events += its_events
        people += its_people
    out = np.empty((nodes * nodes, 3), np.int64)
    for edge in range(len(out)):
        out[edge, 0] = slots[edge, 0] & (ONE_CUSTOMER - 1)
        out[edge, 1] = slots[edge, 0] >> 32
        out[edge, 2] = slots[edge, 1]
    return out, events, people


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words, rests, pad, count, bits, mask, split, table, columns, nodes, marks, gap, slots
):
    """A slot has an edge's pairs, and above 32 bits the customers; the microseconds; and who went
    there last."""
    bounds, keys = pad.bounds, pad.keys
    size, nowhere = np.uint64(nodes), np.uint64(len(slots) - 1)
    events, people, is_cut = 0, 0, marks[-1] != BEGINS | ENDS
    for place in range(count):
        key = keys[place]
        low, high = bounds[place], bounds[place + 1]
        if is_cut:
            low, high = _bounds(words, rests, low, high, mask, split, table, columns, marks)
        if low == high:
            continue
        events += high - low
        people += 1
        left = np.uint64(table[words[low] & mask, by_tuple(columns, words[low], rests[low], split)])
        before = np.int64(words[low] >> bits)
        for j in range(np.uint64(low + 1), np.uint64(high)):
            word = words[j]
            time = np.int64(word >> bits)
            reached = np.uint64(table[word & mask, by_tuple(columns, word, rests[j], split)])
            # After too long a pause it counts at no edge: nothing for the processor to guess.
            edge = left * size + reached if time - before <= gap else nowhere
            slots[edge, 0] += 1 + ONE_CUSTOMER * (slots[edge, 2] != key)
            slots[edge, 1] += time - before
            slots[edge, 2] = key
            left, before = reached, time
    return events, people


@numba.njit(nogil=True, cache=True)
def _note(read, first, last, table, columns, nodes, marks, gap, kinds, book, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """Note the waits of the chosen edges."""
    pad = pad_for(read, first, last)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        _note_pad(
            words, rests, pad.bounds, count, read.bits, read.mask, read.split, table, columns,
            nodes, marks, gap, kinds, book,
        )  # fmt: skip


@numba.njit(nogil=True)
def _note_pad(  # type: ignore[no-untyped-def]
    words, rests, bounds, count, bits, mask, split, table, columns, nodes, marks, gap, kinds, book
):
    counts, low_bucket, high_bucket, next_place, values, real, real_bits = book
    is_cut = marks[-1] != BEGINS | ENDS
    for place in range(count):
        low, high = bounds[place], bounds[place + 1]
        if is_cut:
            low, high = _bounds(words, rests, low, high, mask, split, table, columns, marks)
        node, before = np.int64(NOBODY), np.int64(0)
        for i in range(low, high):
            word = words[i]
            time = np.int64(word >> bits)
            reached = np.int64(table[word & mask, by_tuple(columns, words[i], rests[i], split)])
            if node != NOBODY and time - before <= gap:
                kind = kinds[node * nodes + reached]
                if kind >= 0:
                    note(
                        counts, low_bucket, high_bucket, next_place, values, real, real_bits,
                        kind, time - before,
                    )  # fmt: skip
            node, before = reached, time
