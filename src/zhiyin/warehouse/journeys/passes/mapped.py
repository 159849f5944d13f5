"""The traffic of a journey map: who comes to each node, ends there, passes it or asks for help.

One walk counts all of it. Of the times to the next node it takes down those near the middle, where
a few customers, asked before, say that the middle lies. A node whose middle lies elsewhere is asked
for again, as `medians` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES, medians
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed
from zhiyin.warehouse.journeys.passes.instances import (
    GOAL,
    NODE,
    UNEXPLAINED,
    Journey,
    goal_was,
    is_another,
    is_step,
    marks,
)
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

NODE_SUMS = (
    "events", "instances", "over", "left", "switches", "helped", "passed", "customers",
    "over_customers", "left_customers", "stayed_customers", "passed_customers",
    "completed_customers", "waited_customers", "waited", "ee", "ei", "ii", "ll", "lo", "oo", "ss", "si", "hh", "hi",
)  # fmt: skip
"""Of a node: events; and instances with one, that are over, that were left there, how often their
channel changed there, in which help was asked for after, and that passed it to the goal. Customers;
those with an instance that is over, that was left here, that is over and was not left here, that
passed; those who reached the goal in an instance with an event here; and those with an instance that
went on to another node after its first event here, and these instances. And over customers the sums of squares and products of
her events, instances, left and over ones, switches and helped ones."""

STAGE_SUMS = ("instances", "customers")

TOTALS = (
    "instances", "over", "customers", "reached", "reached_customers", "sessions",
    "sessions_unexplained", "sessions_customers", "unexplained_customers",
)  # fmt: skip
"""Instances, those that are over, and that reached the goal; sessions, those with an event that is
at no node, and the customers of both."""

NAME_SUMS = ("events", "customers", "sessions")

_EVENTS, _INSTANCES, _OVER, _LEFT, _SWITCHES, _HELPED, _PASSED, _CUSTOMERS = range(8)
_OVER_CUSTOMERS, _LEFT_CUSTOMERS, _STAYED_CUSTOMERS, _PASSED_CUSTOMERS = range(8, 12)
_COMPLETED_CUSTOMERS, _WAITED_CUSTOMERS, _WAITED = range(12, 15)
_EE, _EI, _II, _LL, _LO, _OO, _SS, _SI, _HH, _HI, _SHORTER = range(15, 26)
_T_INSTANCES, _T_OVER, _T_CUSTOMERS, _T_REACHED, _T_REACHED_CUSTOMERS = range(5)
_T_SESSIONS, _T_UNEXPLAINED, _T_SESSIONS_CUSTOMERS, _T_UNEXPLAINED_CUSTOMERS = range(5, 9)
_SEEN, _SEEN_NAME, _SEEN_SESSION = 2, 3, 4

NOBODY = -1
NO_CHANNEL = 0
_COLUMN, _ABOVE = np.uint32(0xFFFF), np.uint32(16)

FEW = 1 << 22
"""Of so many events every time to the next node is taken down."""
ASKED_BEFORE = 64
"""So many ranges of keys are, each one of so many parts of what lies up to the next."""
WIDTH = 4.0
"""So many roots of their number around the middle of the times that were found before: eight
standard errors, as customers have several."""
LONGEST = 1 << 62


@dataclass(frozen=True, slots=True)
class MapAsked:
    """What a map is made of besides its journey.

    Args:
        stage: by node, the number of its stage.
        stages: how many there are.
        help: by node, whether customers ask for help there.
        gap: a session ends with a longer pause, microseconds.
        until: microseconds since 1970, up to which the log is known.
        channels: by code of the tuple its channel, -1 where none is told; None: nobody knows.
        money: by key, what the customer ordered.
    """

    journey: Journey
    stage: Sequence[int]
    stages: int
    help: Sequence[bool]
    gap: int
    until: int
    channels: npt.NDArray[np.int32] | None = None
    money: Floats | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """The counts and sums, by what stands in `NODE_SUMS`, `STAGE_SUMS`, `TOTALS`, `NAME_SUMS`.

    Args:
        nodes: [node, sum].
        median_us: by node, from the first event there in an instance to the next at another node;
            NaN where there is none.
        money: [node, (sum, sum of squares)] over customers with an event there.
        reached_money: of customers who reached the goal.
        names: [code of a name, sum] of events at no node.
    """

    nodes: Ints
    median_us: Floats
    money: Floats
    reached_money: Floats
    stages: Ints
    totals: Ints
    names: Ints


def traffic(histories: Histories, asked: MapAsked, *, allowed: Allowed = ALL) -> Traffic:
    """Count what goes on at the nodes of a map."""
    count = asked.journey.nodes.count
    given = _asked(histories, asked)
    read = reading(histories, allowed)
    span = _around_middles(read, given, count)
    parts = list(over(read, lambda first, last: _count(read, first, last, given, span)))
    nodes, money, stages, totals, reached, names = (
        np.sum([part[place] for part in parts], axis=0) for place in range(6)
    )
    cells, waits = (np.concatenate([part[place] for part in parts]) for place in (6, 7))
    median_us = _middles(nodes[:count], medians.by_cell(cells, waits, count))
    is_elsewhere = np.isnan(median_us) & (nodes[:count, _WAITED] > 0)
    if is_elsewhere.any():
        median_us[is_elsewhere] = medians_us(histories, asked, allowed=allowed)[is_elsewhere]
    return Traffic(
        nodes[:count, : len(NODE_SUMS)], median_us, money[:count], reached, stages, totals, names
    )


class _Asked(NamedTuple):
    """What the walks are given; times from the epoch of the index.

    Args:
        columns: by tuple, the column of `marks` in the low 16 bits, the channel above them.
        stage: by node; and at the end how many there are.
    """

    marks: npt.NDArray[np.uint8]
    columns: npt.NDArray[np.uint32]
    stage: Ints
    is_help: npt.NDArray[np.uint8]
    pause: int
    gap: int
    until: int
    money: Floats


class _Span(NamedTuple):
    """By node, between which times to the next node they are taken down; the ends included."""

    low: Ints
    high: Ints


def _asked(histories: Histories, asked: MapAsked) -> _Asked:
    table, columns = marks(histories, asked.journey)
    known = ended(asked.channels, NOBODY, np.int32, NOBODY)
    size = max(len(columns), len(known))
    at = np.minimum(np.arange(size), len(columns) - 1)
    told = known[np.minimum(np.arange(size), len(known) - 1)] + 1
    return _Asked(
        marks=table,
        columns=columns[at].astype(np.uint32) | told.astype(np.uint32) << _ABOVE,
        stage=np.append(np.asarray(asked.stage, np.int64), asked.stages),
        is_help=np.append(np.asarray(asked.help, np.uint8), np.uint8(0)),
        pause=asked.journey.pause,
        gap=asked.gap,
        until=asked.until - histories.epoch,
        money=np.zeros(0) if asked.money is None else asked.money,
    )


def _around_middles(read: Reading, given: _Asked, count: int) -> _Span:
    """Where the middle of each node's times will lie, by a few customers of all ages."""
    every = _Span(np.zeros(count + 1, np.int64), np.full(count + 1, LONGEST))
    if len(read.base_words) + len(read.tail_words) <= FEW:
        return every
    firsts = np.linspace(0, len(read.flags), ASKED_BEFORE + 1).astype(np.int64)
    lasts = firsts[:-1] + np.maximum(np.diff(firsts) // ASKED_BEFORE, 1)
    parts = [
        _count(read, first, last, given, every)
        for first, last in zip(firsts[:-1].tolist(), lasts.tolist(), strict=True)
    ]
    cells, waits = (np.concatenate([part[place] for part in parts]) for place in (6, 7))
    kept = medians.by_cell(cells, waits, count)
    low, high = every
    for node in range(count):
        found = np.sort(kept.of(node))
        size, far = len(found), int(WIDTH * np.sqrt(len(found)))
        if 0 <= size // 2 - far and size // 2 + far < size:
            low[node], high[node] = found[size // 2 - far], found[size // 2 + far]
    return every


def _middles(nodes: Ints, kept: medians.Kept) -> Floats:
    """The median of each node's times; NaN where it is not among those that were taken down."""
    found = np.full(len(nodes), np.nan)
    for node, sums in enumerate(nodes):
        mine, before = kept.of(node), sums[_SHORTER]
        places = [(sums[_WAITED] - 1) // 2 - before, sums[_WAITED] // 2 - before]
        if sums[_WAITED] and places[0] >= 0 and places[1] < len(mine):
            found[node] = np.partition(mine, places)[places].mean()
    return found


def medians_us(histories: Histories, asked: MapAsked, *, allowed: Allowed = ALL) -> Floats:
    """The medians of `Traffic` alone, by walks that take down no more than the middle."""
    given = _asked(histories, asked)
    is_step_of = ((given.marks & NODE < UNEXPLAINED) | (given.marks & GOAL != 0)).any(axis=1)
    read = reading(histories, allowed, is_step_of.astype(np.uint8))

    def walk(books: Sequence[Book]) -> None:
        for _done in over(read, lambda *one: _wait(read, one[0], one[1], given, one[2]), books):
            pass

    return medians.exact(asked.journey.nodes.count, len(shares(read)), walk)


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, asked, span, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """Of one range of keys the counts of nodes, their money, stages, totals, money of those who
    reached the goal, counts of names; and times to the next node, each after its node."""
    pad = pad_for(read, first, last)
    nodes = len(asked.stage) - 1
    stages = asked.stage[nodes]
    by_node = np.zeros((nodes + 1, _SHORTER + 1), np.int64)
    by_money, reached_money = np.zeros((nodes + 1, 2)), np.zeros(2)
    by_stage = np.zeros((stages, 4), np.int64)
    by_stage[:, _SEEN:] = NOBODY
    totals = np.zeros(len(TOTALS), np.int64)
    by_name = np.zeros((np.int64(read.mask) + 1, 5), np.int64)
    by_name[:, _SEEN_NAME:] = NOBODY
    # Of the customer, and of the instance that is gone through.
    mine = np.zeros((nodes + 1, 8), np.int64)
    lists = np.zeros((2, nodes + 1), np.uint64)
    cells, waits, filled = np.empty(0, np.int32), np.empty(0, np.int64), np.int64(0)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        # Nobody waits more often than she has events.
        most = filled + pad.bounds[count] - pad.bounds[0]
        if most > len(cells):
            cells, waits = _grown(cells, filled, 2 * most), _grown(waits, filled, 2 * most)
        filled = _count_pad(
            words, rests, pad, count, read.bits, read.mask, read.split, asked, span, by_node,
            by_money, reached_money, by_stage, totals, by_name, mine, lists, cells, waits, filled,
        )  # fmt: skip
    return (
        by_node, by_money, by_stage[:, :_SEEN].copy(), totals, reached_money,
        by_name[:, :_SEEN_NAME].copy(), cells[:filled].copy(), waits[:filled].copy(),
    )  # fmt: skip


@numba.njit(nogil=True)
def _grown(values, filled, size):  # type: ignore[no-untyped-def]
    out = np.empty(size, values.dtype)
    out[:filled] = values[:filled]
    return out


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words, rests, pad, count, bits, mask, split, asked, span, by_node, by_money, reached_money,
    by_stage, totals, by_name, mine, lists, cells, waits, filled,
):  # fmt: skip
    bounds, keys = pad.bounds, pad.keys
    marks, columns, stage, is_help, pause, gap, until, money = asked
    low, high = span
    hers, visits = lists[0], lists[1]
    one, nodes = np.uint64(1), np.uint64(len(by_node) - 1)
    sessions, unexplained = totals[_T_SESSIONS], totals[_T_UNEXPLAINED]
    instances, over = totals[_T_INSTANCES], totals[_T_OVER]
    for place in range(count):
        key = keys[place]
        known, visited = np.uint64(0), np.uint64(0)
        is_any, was_goal, is_reached, has_reached = False, False, False, False
        is_unexplained, unexplained_before = False, unexplained
        seen, at_goal, helped = np.uint64(0), np.uint64(0), np.uint64(0)
        completed, went = np.uint64(0), np.uint64(0)
        told = np.uint32(NO_CHANNEL)
        before, step_before = np.int64(0), np.int64(0)
        # The node of the last event at one; that of the last which is no help; and whether the
        # last is waiting for another node, and since when.
        last, asks, is_waiting, since = nodes, nodes, False, np.int64(0)
        begin, end = bounds[place], bounds[place + 1]
        for i in range(begin, end):
            word = words[i]
            time, name = np.int64(word >> bits), word & mask
            if i == begin or time - before > gap:
                sessions += 1
                is_unexplained = False
            before = time
            column = by_tuple(columns, word, rests[i], split)
            mark = marks[name, column & _COLUMN]
            if not is_step(mark):
                if mark & NODE == UNEXPLAINED:
                    unexplained += not is_unexplained
                    is_unexplained = True
                    row = by_name[name]
                    row[0] += 1
                    row[1] += row[_SEEN_NAME] != key
                    row[2] += row[_SEEN_SESSION] != sessions
                    row[_SEEN_NAME], row[_SEEN_SESSION] = key, sessions
                continue
            if not is_any or is_another(mark, time - step_before, was_goal, pause):
                if is_any:
                    known = _end(
                        mine, hers, known, visits, visited, stage, by_stage, key, instances,
                        True, is_reached, at_goal, helped, last,
                    )  # fmt: skip
                    over += 1
                    if is_reached:
                        totals[_T_REACHED] += 1
                        completed |= seen
                instances += 1
                is_any, is_reached, visited = True, False, np.uint64(0)
                seen, at_goal, helped = np.uint64(0), np.uint64(0), np.uint64(0)
                told = np.uint32(NO_CHANNEL)
                last, asks, is_waiting = nodes, nodes, False
            was_goal = goal_was(mark, was_goal)
            step_before = time
            channel = np.uint32(column >> _ABOVE)
            node = np.uint64(mark & NODE)
            if node < nodes:
                row = mine[node]
                row[_EVENTS] += 1
                row[_SWITCHES] += (told != NO_CHANNEL) & (channel != NO_CHANNEL) & (channel != told)
                if node != last:
                    if is_waiting:
                        waited = time - since
                        went |= one << last
                        by_node[last, _WAITED] += 1
                        by_node[last, _SHORTER] += waited < low[last]
                        cells[filled], waits[filled] = last, waited
                        filled += low[last] <= waited <= high[last]
                    is_waiting = seen >> node & one == 0
                    if is_waiting:
                        since = time
                        seen |= one << node
                        visits[visited] = node
                        visited += one
                    if not is_help[node]:
                        asks = node
                    elif asks != nodes:
                        helped |= one << asks
                    last = node
            if channel != NO_CHANNEL:
                told = channel
            if mark & GOAL != 0 and not is_reached:
                is_reached, has_reached, at_goal = True, True, seen
        totals[_T_SESSIONS_CUSTOMERS] += 1
        totals[_T_UNEXPLAINED_CUSTOMERS] += unexplained > unexplained_before
        if not is_any:
            continue
        is_over = until - step_before > pause
        known = _end(
            mine, hers, known, visits, visited, stage, by_stage, key, instances, is_over,
            is_reached, at_goal, helped, last,
        )  # fmt: skip
        over += is_over
        if is_reached:
            totals[_T_REACHED] += 1
            completed |= seen
        totals[_T_CUSTOMERS] += 1
        amount = money[key] if key < len(money) else 0.0
        if has_reached:
            totals[_T_REACHED_CUSTOMERS] += 1
            reached_money[0] += amount
            reached_money[1] += amount * amount
        _sum(mine, hers, known, completed, went, amount, by_node, by_money)
    totals[_T_SESSIONS], totals[_T_UNEXPLAINED] = sessions, unexplained
    totals[_T_INSTANCES], totals[_T_OVER] = instances, over
    return filled


@numba.njit(nogil=True)
def _end(  # type: ignore[no-untyped-def]
    mine, hers, known, visits, visited, stage, by_stage, key, instance, is_over, is_reached,
    at_goal, helped, last,
):  # fmt: skip
    """Add an instance to what is the customer's; returns how many nodes are known of her."""
    one = np.uint64(1)
    for k in range(visited):
        node = visits[k]
        row = mine[node]
        if row[_INSTANCES] == 0:
            hers[known] = node
            known += one
        row[_INSTANCES] += 1
        row[_OVER] += is_over
        row[_HELPED] += np.int64(helped >> np.uint64(node) & one)
        # Before the goal nothing is passed: `at_goal` has no bits.
        row[_PASSED] += np.int64(at_goal >> np.uint64(node) & one)
        at = by_stage[stage[node]]
        at[0] += at[_SEEN + 1] != instance
        at[1] += at[_SEEN] != key
        at[_SEEN], at[_SEEN + 1] = key, instance
    if is_over and not is_reached and visited:
        mine[last, _LEFT] += 1
    return known


@numba.njit(nogil=True)
def _sum(mine, hers, known, completed, went, amount, by_node, by_money):  # type: ignore[no-untyped-def]
    """Add a customer to the sums, and forget her."""
    for k in range(known):
        node = hers[k]
        row, to = mine[node], by_node[node]
        for place in range(_PASSED + 1):
            to[place] += row[place]
        events, instances, over, left = row[_EVENTS], row[_INSTANCES], row[_OVER], row[_LEFT]
        switches, helped = row[_SWITCHES], row[_HELPED]
        to[_CUSTOMERS] += 1
        to[_OVER_CUSTOMERS] += over > 0
        to[_LEFT_CUSTOMERS] += left > 0
        to[_STAYED_CUSTOMERS] += over > left
        to[_PASSED_CUSTOMERS] += row[_PASSED] > 0
        to[_COMPLETED_CUSTOMERS] += np.int64(completed >> np.uint64(node) & np.uint64(1))
        to[_WAITED_CUSTOMERS] += np.int64(went >> np.uint64(node) & np.uint64(1))
        to[_EE] += events * events
        to[_EI] += events * instances
        to[_II] += instances * instances
        to[_LL] += left * left
        to[_LO] += left * over
        to[_OO] += over * over
        to[_SS] += switches * switches
        to[_SI] += switches * instances
        to[_HH] += helped * helped
        to[_HI] += helped * instances
        by_money[node, 0] += amount
        by_money[node, 1] += amount * amount
        row[:] = 0


@numba.njit(nogil=True, cache=True)
def _wait(read, first, last, asked, book, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """Note every wait for another node, as `_count` takes them down."""
    pad = pad_for(read, first, last)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        _wait_pad(
            words, rests, pad.bounds, count, read.bits, read.mask, read.split, asked.marks,
            asked.columns, asked.pause, book,
        )  # fmt: skip
    return 0


@numba.njit(nogil=True)
def _wait_pad(  # type: ignore[no-untyped-def]
    words, rests, bounds, count, bits, mask, split, marks, columns, pause, book
):
    counts, low, high, next_place, values, real, real_bits = book
    nowhere = np.uint64(UNEXPLAINED)
    for place in range(count):
        is_any, was_goal, is_waiting = False, False, False
        seen, before, since = np.uint64(0), np.int64(0), np.int64(0)
        last = nowhere
        for i in range(bounds[place], bounds[place + 1]):
            word = words[i]
            column = by_tuple(columns, word, rests[i], split)
            mark = marks[word & mask, column & _COLUMN]
            if not is_step(mark):
                continue
            time = np.int64(word >> bits)
            if not is_any or is_another(mark, time - before, was_goal, pause):
                is_any, is_waiting, seen, last = True, False, np.uint64(0), nowhere
            was_goal = goal_was(mark, was_goal)
            before = time
            node = np.uint64(mark & NODE)
            if node < nowhere and node != last:
                if is_waiting:
                    note(
                        counts, low, high, next_place, values, real, real_bits, last,
                        time - since,
                    )  # fmt: skip
                bit = np.uint64(1) << node
                is_waiting = seen & bit == 0
                seen |= bit
                since, last = time, node
