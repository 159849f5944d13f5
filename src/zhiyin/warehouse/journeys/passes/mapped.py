"""The traffic of a journey map: who comes to each node, ends there, passes it or asks for help.

One walk counts all of it. Of the times to the next node it takes down those near the middle, where
a few customers, asked before, say that the middle lies. A node whose middle lies elsewhere is asked
for again; see `next_node`.
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
    goal_was,
    is_another,
    is_step,
)
from zhiyin.warehouse.journeys.passes.medians import Floats
from zhiyin.warehouse.journeys.passes.next_node import (
    ABOVE,
    COLUMN,
    NO_CHANNEL,
    Given,
    MapAsked,
    given_of,
    medians_us,
)
from zhiyin.warehouse.journeys.passes.reading import (
    Reading,
    by_tuple,
    fill,
    over,
    pad_for,
    reading,
)

NODE_SUMS = (
    "events", "instances", "over", "left", "switches", "helped", "passed", "customers",
    "over_customers", "left_customers", "passed_customers", "completed_customers",
    "waited_customers", "elsewhere_customers", "waited", "ee", "ei", "ii", "ss", "si", "hh", "hi",
)  # fmt: skip
"""Of a node: events; and instances with one, that are over, that were left there, how often their
channel changed there, in which help was asked for after, and that passed it to the goal. Customers;
those with an instance that is over, that was left here, that passed; those who reached the goal in
an instance with an event here; those with an instance that went on to another node after its first
event here; and those with another instance, without one here. Instances that went on. And over
customers the sums of squares and products of her events, instances, switches and helped ones."""

STAGE_SUMS = ("instances", "customers", "elsewhere_customers")
"""Instances with an event in the stage, their customers, and those of them with another instance,
without one."""

TOTALS = (
    "instances", "over", "customers", "reached", "reached_customers", "sessions",
    "sessions_unexplained", "sessions_customers", "unexplained_customers", "explained_customers",
)  # fmt: skip
"""Instances, those that are over, and that reached the goal; sessions, and those with an event that
is at no node; customers of any session, of one with such an event, and of one without."""

NAME_SUMS = ("events", "customers", "sessions")

_EVENTS, _INSTANCES, _OVER, _LEFT, _SWITCHES, _HELPED, _PASSED, _CUSTOMERS = range(8)
_OVER_CUSTOMERS, _LEFT_CUSTOMERS, _PASSED_CUSTOMERS, _COMPLETED_CUSTOMERS = range(8, 12)
_WAITED_CUSTOMERS, _ELSEWHERE_CUSTOMERS, _WAITED = range(12, 15)
_EE, _EI, _II, _SS, _SI, _HH, _HI, _SHORTER = range(15, 23)
_T_INSTANCES, _T_OVER, _T_CUSTOMERS, _T_REACHED, _T_REACHED_CUSTOMERS = range(5)
_T_SESSIONS, _T_UNEXPLAINED = range(5, 7)
_T_SESSIONS_CUSTOMERS, _T_UNEXPLAINED_CUSTOMERS, _T_EXPLAINED_CUSTOMERS = range(7, 10)
_HERS, _SEEN, _SEEN_INSTANCE = range(3, 6)
_SEEN_NAME, _SEEN_SESSION = 3, 4

NOBODY = -1

FEW = 1 << 22
"""Of so many events every time to the next node is taken down."""
ASKED_BEFORE = 64
"""So many ranges of keys are, each one of so many parts of what lies up to the next."""
WIDTH = 4.0
"""So many roots of their number around the middle of the times that were found before: eight
standard errors, as customers have several."""
LONGEST = 1 << 62


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
    given = given_of(histories, asked)
    read = reading(histories, allowed)
    span = _around_middles(read, given, count)
    parts = list(over(read, lambda first, last: _walk(read, first, last, given, span)))
    sums = _Sums(
        *(np.sum(arrays, axis=0) for arrays in zip(*(one for one, _t in parts), strict=True))
    )
    nodes = sums.nodes[:count]
    median_us = _middles(nodes, _kept(parts, count))
    is_elsewhere = np.isnan(median_us) & (nodes[:, _WAITED] > 0)
    if is_elsewhere.any():
        median_us[is_elsewhere] = medians_us(histories, asked, allowed=allowed)[is_elsewhere]
    return Traffic(
        nodes=nodes[:, : len(NODE_SUMS)],
        median_us=median_us,
        money=sums.money[:count],
        reached_money=sums.money[count],
        stages=sums.stages[:, : len(STAGE_SUMS)],
        totals=sums.totals,
        names=sums.names[:, : len(NAME_SUMS)],
    )


class _Sums(NamedTuple):
    """What the walk writes to.

    Args:
        nodes, stages, names: [number, sum], and whom or what was counted last. Of a stage also the
            instances of that customer.
        money: [node, sum], at the end of those who reached the goal.
        mine: [node, sum], of the customer who is gone through.
        lists: the nodes of the customer, and of the instance.
    """

    nodes: Ints
    money: Floats
    stages: Ints
    totals: Ints
    names: Ints
    mine: Ints
    lists: npt.NDArray[np.uint64]


class _Span(NamedTuple):
    """By node, between which times to the next node they are taken down; the ends included."""

    low: Ints
    high: Ints


def _around_middles(read: Reading, given: Given, count: int) -> _Span:
    """Where the middle of each node's times will lie, by a few customers of all ages."""
    every = _Span(np.zeros(count + 1, np.int64), np.full(count + 1, LONGEST))
    if len(read.base_words) + len(read.tail_words) <= FEW:
        return every
    firsts = np.linspace(0, len(read.flags), ASKED_BEFORE + 1).astype(np.int64)
    lasts = firsts[:-1] + np.maximum(np.diff(firsts) // ASKED_BEFORE, 1)
    ranges = zip(firsts[:-1].tolist(), lasts.tolist(), strict=True)
    kept = _kept([_walk(read, first, last, given, every) for first, last in ranges], count)
    low, high = every
    for node in range(count):
        found = np.sort(kept.of(node))
        size, far = len(found), int(WIDTH * np.sqrt(len(found)))
        if size // 2 >= far and size // 2 + far < size:
            low[node], high[node] = found[size // 2 - far], found[size // 2 + far]
    return every


def _walk(read: Reading, first: int, last: int, given: Given, span: _Span) -> tuple[_Sums, Ints]:
    """The sums over a range of keys; and each time to the next node, after its node."""
    count = len(given.stage) - 1
    sums = _Sums(
        nodes=np.zeros((count + 1, _SHORTER + 1), np.int64),
        money=np.zeros((count + 1, 2)),
        stages=np.zeros((int(given.stage[-1]), _SEEN_INSTANCE + 1), np.int64),
        totals=np.zeros(len(TOTALS), np.int64),
        names=np.zeros((len(read.names), 5), np.int64),
        mine=np.zeros((count + 1, 8), np.int64),
        lists=np.zeros((2, count + 1), np.uint64),
    )
    sums.stages[:, _SEEN:] = sums.names[:, _SEEN_NAME:] = NOBODY
    taken, filled = _count(read, first, last, given, span, sums)
    return sums, taken[:filled].copy()


def _kept(parts: Sequence[tuple[_Sums, Ints]], count: int) -> medians.Kept:
    """The times of each node."""
    taken = np.concatenate([one for _sums, one in parts])
    return medians.by_cell(taken[:, 0].astype(np.int32), np.ascontiguousarray(taken[:, 1]), count)


def _middles(nodes: Ints, kept: medians.Kept) -> Floats:
    """The median of each node's times; NaN where it is not among those that were taken down."""
    found = np.full(len(nodes), np.nan)
    for node, sums in enumerate(nodes):
        mine, before = kept.of(node), sums[_SHORTER]
        places = [(sums[_WAITED] - 1) // 2 - before, sums[_WAITED] // 2 - before]
        if sums[_WAITED] and places[0] >= 0 and places[1] < len(mine):
            found[node] = np.partition(mine, places)[places].mean()
    return found


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, asked, span, sums, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """Add a range of keys to the sums; returns the times to the next node, and how many."""
    pad = pad_for(read, first, last)
    taken, filled = np.empty((0, 2), np.int64), np.int64(0)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        # Nobody waits more often than she has events.
        most = filled + pad.bounds[count] - pad.bounds[0]
        if most > len(taken):
            more = np.empty((2 * most, 2), np.int64)
            for k in range(filled):
                more[k, 0], more[k, 1] = taken[k, 0], taken[k, 1]
            taken = more
        filled = _count_pad(
            words, rests, pad, count, read.bits, read.mask, read.split, asked, span, sums, taken,
            filled,
        )  # fmt: skip
    return taken, filled


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words, rests, pad, count, bits, mask, split, asked, span, sums, taken, filled
):  # fmt: skip
    bounds, keys = pad.bounds, pad.keys
    marks, columns, stage, is_help, pause, gap, until, money = asked
    low, high = span
    by_node, by_money, by_stage, totals, by_name, mine, lists = sums
    one, nodes = np.uint64(1), np.uint64(len(by_node) - 1)
    sessions, unexplained = totals[_T_SESSIONS], totals[_T_UNEXPLAINED]
    instances, over = totals[_T_INSTANCES], totals[_T_OVER]
    for place in range(count):
        key = keys[place]
        known, visited = np.uint64(0), np.uint64(0)
        is_any, was_goal, is_reached, has_reached = False, False, False, False
        is_unexplained = False
        sessions_before, unexplained_before = sessions, unexplained
        instances_before = instances
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
            mark = marks[name, column & COLUMN]
            if not is_step(mark):
                if mark & NODE == UNEXPLAINED:
                    unexplained += not is_unexplained
                    is_unexplained = True
                    by_name[name, 0] += 1
                    by_name[name, 1] += by_name[name, _SEEN_NAME] != key
                    by_name[name, 2] += by_name[name, _SEEN_SESSION] != sessions
                    by_name[name, _SEEN_NAME], by_name[name, _SEEN_SESSION] = key, sessions
                continue
            if not is_any or is_another(mark, time - step_before, was_goal, pause):
                if is_any:
                    known = _end(
                        mine, lists, known, visited, stage, by_stage, key, instances, True,
                        is_reached, at_goal, helped, last,
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
            channel = np.uint32(column >> ABOVE)
            node = np.uint64(mark & NODE)
            if node < nodes:
                mine[node, _EVENTS] += 1
                is_told = (told != NO_CHANNEL) & (channel != NO_CHANNEL)
                mine[node, _SWITCHES] += is_told & (channel != told)
                if node != last:
                    if is_waiting:
                        waited = time - since
                        went |= one << last
                        by_node[last, _WAITED] += 1
                        by_node[last, _SHORTER] += waited < low[last]
                        taken[filled, 0], taken[filled, 1] = last, waited
                        filled += low[last] <= waited <= high[last]
                    is_waiting = seen >> node & one == 0
                    if is_waiting:
                        since = time
                        seen |= one << node
                        lists[1, visited] = node
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
        odd = unexplained - unexplained_before
        totals[_T_UNEXPLAINED_CUSTOMERS] += odd > 0
        totals[_T_EXPLAINED_CUSTOMERS] += sessions - sessions_before > odd
        if not is_any:
            continue
        is_over = until - step_before > pause
        known = _end(
            mine, lists, known, visited, stage, by_stage, key, instances, is_over, is_reached,
            at_goal, helped, last,
        )  # fmt: skip
        over += is_over
        if is_reached:
            totals[_T_REACHED] += 1
            completed |= seen
        totals[_T_CUSTOMERS] += 1
        amount = money[key] if key < len(money) else 0.0
        if has_reached:
            totals[_T_REACHED_CUSTOMERS] += 1
            by_money[nodes, 0] += amount
            by_money[nodes, 1] += amount * amount
        _sum(
            mine, lists, known, instances - instances_before, completed, went, amount, stage,
            by_node, by_money, by_stage,
        )  # fmt: skip
    totals[_T_SESSIONS], totals[_T_UNEXPLAINED] = sessions, unexplained
    totals[_T_INSTANCES], totals[_T_OVER] = instances, over
    return filled


@numba.njit(nogil=True)
def _end(  # type: ignore[no-untyped-def]
    mine, lists, known, visited, stage, by_stage, key, instance, is_over, is_reached, at_goal,
    helped, last,
):  # fmt: skip
    """Add an instance to what is the customer's; returns how many nodes are known of her."""
    one = np.uint64(1)
    for k in range(visited):
        node = lists[1, k]
        if mine[node, _INSTANCES] == 0:
            lists[0, known] = node
            known += one
        mine[node, _INSTANCES] += 1
        mine[node, _OVER] += is_over
        mine[node, _HELPED] += np.int64(helped >> node & one)
        # Before the goal nothing is passed: `at_goal` has no bits.
        mine[node, _PASSED] += np.int64(at_goal >> node & one)
        at = stage[node]
        if by_stage[at, _SEEN_INSTANCE] != instance:
            if by_stage[at, _SEEN] != key:
                by_stage[at, 1] += 1
                by_stage[at, _HERS] = 0
            by_stage[at, 0] += 1
            by_stage[at, _HERS] += 1
            by_stage[at, _SEEN], by_stage[at, _SEEN_INSTANCE] = key, instance
    if is_over and not is_reached and visited:
        mine[last, _LEFT] += 1
    return known


@numba.njit(nogil=True)
def _sum(  # type: ignore[no-untyped-def]
    mine, lists, known, every, completed, went, amount, stage, by_node, by_money, by_stage
):
    """Add a customer of so many instances to the sums, and forget her."""
    for k in range(known):
        node = lists[0, k]
        for place in range(_PASSED + 1):
            by_node[node, place] += mine[node, place]
        events, instances = mine[node, _EVENTS], mine[node, _INSTANCES]
        switches, helped = mine[node, _SWITCHES], mine[node, _HELPED]
        by_node[node, _CUSTOMERS] += 1
        by_node[node, _OVER_CUSTOMERS] += mine[node, _OVER] > 0
        by_node[node, _LEFT_CUSTOMERS] += mine[node, _LEFT] > 0
        by_node[node, _PASSED_CUSTOMERS] += mine[node, _PASSED] > 0
        by_node[node, _COMPLETED_CUSTOMERS] += np.int64(completed >> node & np.uint64(1))
        by_node[node, _WAITED_CUSTOMERS] += np.int64(went >> node & np.uint64(1))
        by_node[node, _ELSEWHERE_CUSTOMERS] += every > instances
        by_node[node, _EE] += events * events
        by_node[node, _EI] += events * instances
        by_node[node, _II] += instances * instances
        by_node[node, _SS] += switches * switches
        by_node[node, _SI] += switches * instances
        by_node[node, _HH] += helped * helped
        by_node[node, _HI] += helped * instances
        at = stage[node]
        by_stage[at, 2] += by_stage[at, _HERS] < every
        by_stage[at, _HERS] = every
        by_money[node, 0] += amount
        by_money[node, 1] += amount * amount
        for place in range(_PASSED + 1):
            mine[node, place] = 0
