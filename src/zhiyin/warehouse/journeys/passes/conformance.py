"""Journey instances one by one, and whether each follows the map as it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed
from zhiyin.warehouse.journeys.passes.instances import (
    GOAL,
    HIDDEN,
    NODE,
    UNEXPLAINED,
    Journey,
    goal_was,
    is_another,
    is_step,
    marks,
)
from zhiyin.warehouse.journeys.passes.reading import (
    by_tuple,
    fill,
    over,
    pad_for,
    reading,
)

NONE = -1
BACK, SKIPPED = range(2)
"""How an instance leaves the map: to an earlier stage, or past a required node."""

_KEY, _START, _END, _GOAL, _FOLLOWED, _STEPS, _VISITED, _LAST, _LEFT, _BEFORE = range(10)
_WIDTH = 10
_BITS = 6
"""Of a number of a node."""
_NOWHERE = (1 << _BITS) - 1

_INSTANCES, _CUSTOMERS, _SEEN = range(3)
TOTALS = (
    "instances", "customers", "following", "any_following", "all_following", "tt", "tn", "nn",
)  # fmt: skip
"""Instances; their customers; those that follow the map; customers one of whose does, and all of
whose do; and over customers the sums of squares and products of how many follow and how many there
are."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A journey as it is drawn.

    Args:
        stage: by node, the number of its stage.
        required: by node, whether nobody should come to a later stage without it.
    """

    journey: Journey
    stage: Sequence[int]
    required: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Instances:
    """One entry an instance, a customer's together and in the order of time.

    Args:
        keys: the key that stands for the customer.
        start_us, end_us: of the first step and the last, microseconds since 1970.
        goal_us: of the first event that is the goal; `NO_TIME` where none is.
        is_followed: 1 where another instance of the customer follows.
        steps: events at nodes.
        visited: a bit for each node where it has one.
        last: the node of the last; `NONE` without any.
        left: where it left the map, as `unpacked` reads it; `NONE` where it followed.
    """

    keys: Ints
    start_us: Ints
    end_us: Ints
    goal_us: Ints
    is_followed: Ints
    steps: Ints
    visited: Ints
    last: Ints
    left: Ints


NO_TIME = -(1 << 63)
"""Stands for a goal that was not reached."""


@dataclass(frozen=True, slots=True)
class Conformance:
    """How instances left the map.

    Args:
        totals: in the order of `TOTALS`, of the instances with an event at a node.
        left: [row, (kind, from, to, missing, name)]: a row for each way of leaving with the name
            `NONE`; and of it one for each name of an unexplained event directly before.
        counts: [row, (instances, customers)].
    """

    totals: Ints
    left: Ints
    counts: Ints


def instances(histories: Histories, drawn: Drawn, *, allowed: Allowed = ALL) -> Instances:
    """Every instance of whoever is allowed."""
    asked = _asked(histories, drawn)
    # What is at no node says nothing here, and need not be read.
    is_read = ((asked.marks & NODE < UNEXPLAINED) | (asked.marks & GOAL != 0)).any(axis=1)
    read = reading(histories, allowed, is_read.astype(np.uint8))
    parts = list(over(read, lambda first, last: _instances(read, first, last, asked)))
    found = np.ascontiguousarray(np.concatenate(parts).T)
    goal = found[_GOAL]
    return Instances(
        keys=found[_KEY],
        start_us=found[_START] + histories.epoch,
        end_us=found[_END] + histories.epoch,
        goal_us=np.where(goal == NONE, NO_TIME, goal + histories.epoch),
        is_followed=found[_FOLLOWED],
        steps=found[_STEPS],
        visited=found[_VISITED],
        last=found[_LAST],
        left=found[_LEFT],
    )


def conformance(histories: Histories, drawn: Drawn, *, allowed: Allowed = ALL) -> Conformance:
    """Count instances by where they leave the map."""
    asked = _asked(histories, drawn)
    read = reading(histories, allowed)
    totals, keys, counts = np.zeros(len(TOTALS), np.int64), [], []
    for part in over(read, lambda first, last: _conformance(read, first, last, asked)):
        totals += part[0]
        keys.append(part[1])
        counts.append(part[2])
    known, place = np.unique(np.concatenate(keys), return_inverse=True)
    summed = np.zeros((len(known), 2), np.int64)
    np.add.at(summed, place.reshape(-1), np.concatenate(counts))
    left, name = known >> 32, (known & 0xFFFFFFFF) - 1
    return Conformance(totals, np.column_stack([*unpacked(left), name]), summed)


def unpacked(left: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Of ways of leaving: the kind, the node before, the node that was come to, and the required
    node that was missing, `NONE` where none was."""
    kind, before, to, missing = (left >> (_BITS * place) & _NOWHERE for place in (3, 2, 1, 0))
    return kind, before, to, np.where(missing == _NOWHERE, NONE, missing)


class _Asked(NamedTuple):
    """What the walk is given; times from the epoch of the index.

    Args:
        required: by number of the stage, a bit for each node there that is required.
    """

    marks: npt.NDArray[np.uint8]
    columns: npt.NDArray[np.uint16]
    stage: Ints
    required: Ints
    pause: int


def _asked(histories: Histories, drawn: Drawn) -> _Asked:
    table, columns = marks(histories, drawn.journey)
    # Stages by their rank: between two there are none without a node.
    _stages, rank = np.unique(np.asarray(drawn.stage, np.int64), return_inverse=True)
    rank = rank.reshape(-1).astype(np.int64)
    required = np.zeros(len(_stages) + 1, np.int64)
    for node in np.flatnonzero(np.asarray(drawn.required, np.bool_)).tolist():
        required[rank[node]] |= 1 << node
    # With one entry at least: an empty array cannot be looked up in.
    return _Asked(table, columns, np.append(rank, 0), required, drawn.journey.pause)


@numba.njit(nogil=True, cache=True)
def _instances(read, first, last, asked, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """A row of ten numbers an instance."""
    pad = pad_for(read, first, last)
    marks, columns, stage, required, pause = asked
    out, filled = np.empty((0, _WIDTH), np.int64), np.int64(0)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        # Nobody has more instances than events.
        most = filled + pad.bounds[count] - pad.bounds[0]
        if most > len(out):
            more = np.empty((2 * most, _WIDTH), np.int64)
            more[:filled] = out[:filled]
            out = more
        filled = _cut(
            words, rests, pad.bounds, pad.keys, count, read.bits, read.mask, read.split,
            marks, columns, stage, required, pause, out, filled,
        )  # fmt: skip
    return out[:filled].copy()


@numba.njit(nogil=True, cache=True)
def _conformance(read, first, last, asked, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """The sums of `TOTALS`; each way of leaving with the name before it; instances and customers of
    each."""
    pad = pad_for(read, first, last)
    marks, columns, stage, required, pause = asked
    rows = np.empty((0, _WIDTH), np.int64)
    totals = np.zeros(len(TOTALS), np.int64)
    keys, counts = np.full(1 << 8, NONE, np.int64), np.zeros((1 << 8, 3), np.int64)
    filled = 0
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        most = pad.bounds[count] - pad.bounds[0]
        if most > len(rows):
            rows = np.empty((2 * most, _WIDTH), np.int64)
        number = _cut(
            words, rests, pad.bounds, pad.keys, count, read.bits, read.mask, read.split,
            marks, columns, stage, required, pause, rows, np.int64(0),
        )  # fmt: skip
        _sum(rows, number, totals)
        for row in range(number):
            if rows[row, _LEFT] == NONE:
                continue
            way = rows[row, _LEFT] << 32
            if 2 * (filled + 2) > len(keys):
                keys, counts = _grown(keys, counts)
            filled += _note(keys, counts, way, rows[row, _KEY])
            if rows[row, _BEFORE] != NONE:
                filled += _note(keys, counts, way | (rows[row, _BEFORE] + 1), rows[row, _KEY])
    is_some = keys != NONE
    return totals, keys[is_some], counts[is_some][:, :2].copy()


@numba.njit(nogil=True)
def _sum(rows, number, totals):  # type: ignore[no-untyped-def]
    """Add the customers of some rows to the totals."""
    row = 0
    while row < number:
        key, placed, following = rows[row, _KEY], 0, 0
        while row < number and rows[row, _KEY] == key:
            # An instance that is at no node stands nowhere on the map.
            if rows[row, _STEPS] > 0:
                placed += 1
                following += rows[row, _LEFT] == NONE
            row += 1
        totals[0] += placed
        totals[1] += placed > 0
        totals[2] += following
        totals[3] += following > 0
        totals[4] += placed > 0 and following == placed
        totals[5] += following * following
        totals[6] += following * placed
        totals[7] += placed * placed


@numba.njit(nogil=True)
def _slot(keys, key):  # type: ignore[no-untyped-def]
    """Where a key stands in the table, or where it would."""
    mask = np.uint64(len(keys) - 1)
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    at = (mixed >> np.uint64(29)) & mask
    while keys[at] != NONE and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@numba.njit(nogil=True)
def _note(keys, counts, key, who):  # type: ignore[no-untyped-def]
    """Count one instance; returns 1 for a key that is new. Rows of a customer come together."""
    at = _slot(keys, key)
    is_new = keys[at] == NONE
    if is_new:
        keys[at], counts[at, _SEEN] = key, NONE
    counts[at, _INSTANCES] += 1
    counts[at, _CUSTOMERS] += counts[at, _SEEN] != who
    counts[at, _SEEN] = who
    return np.int64(is_new)


@numba.njit(nogil=True)
def _grown(keys, counts):  # type: ignore[no-untyped-def]
    more = np.full(2 * len(keys), NONE, np.int64)
    more_counts = np.zeros((2 * len(keys), 3), np.int64)
    for at in range(len(keys)):
        if keys[at] != NONE:
            to = _slot(more, keys[at])
            more[to], more_counts[to] = keys[at], counts[at]
    return more, more_counts


@numba.njit(nogil=True)
def _cut(  # type: ignore[no-untyped-def]
    words, rests, bounds, keys, count, bits, mask, split, marks, columns, stage, required, pause,
    rows, filled,
):  # fmt: skip
    """Append a row for each instance of the customers in a pad."""
    for place in range(count):
        is_any, was_goal, before = False, False, np.int64(0)
        told, reached = np.int64(NONE), np.int64(NONE)
        row = filled
        for i in range(bounds[place], bounds[place + 1]):
            word = words[i]
            name = word & mask
            mark = marks[name, by_tuple(columns, word, rests[i], split)]
            if not is_step(mark):
                if mark & NODE != HIDDEN:
                    told = np.int64(name)
                continue
            time = np.int64(word >> bits)
            if not is_any or is_another(mark, time - before, was_goal, pause):
                if is_any:
                    rows[row, _FOLLOWED] = 1
                row = filled
                filled += 1
                rows[row, _KEY], rows[row, _START] = keys[place], time
                rows[row, _GOAL], rows[row, _FOLLOWED] = NONE, 0
                rows[row, _STEPS], rows[row, _VISITED], rows[row, _LAST] = 0, 0, NONE
                rows[row, _LEFT], rows[row, _BEFORE] = NONE, NONE
                is_any, reached = True, np.int64(NONE)
            before, was_goal = time, goal_was(mark, was_goal)
            rows[row, _END] = time
            if mark & GOAL != 0 and rows[row, _GOAL] == NONE:
                rows[row, _GOAL] = time
            if mark & NODE < UNEXPLAINED:
                node = np.int64(mark & NODE)
                if rows[row, _LEFT] == NONE:
                    left = _left(rows, row, node, reached, stage, required)
                    if left != NONE:
                        rows[row, _LEFT], rows[row, _BEFORE] = left, told
                reached = stage[node]
                rows[row, _STEPS] += 1
                rows[row, _VISITED] |= np.int64(1) << node
                rows[row, _LAST] = node
            told = np.int64(NONE)
    return filled


@numba.njit(nogil=True, inline="always")
def _left(rows, row, node, reached, stage, required):  # type: ignore[no-untyped-def]
    """How an instance leaves the map by an event at a node; `NONE` where it does not."""
    if reached == NONE or stage[node] == reached:
        return np.int64(NONE)
    kind, missing = np.int64(BACK), np.int64(_NOWHERE)
    if stage[node] > reached:
        # What was required of the stages before those was there when they were left.
        kind, absent, at = np.int64(SKIPPED), np.int64(0), reached
        while absent == 0 and at < stage[node]:
            absent = required[at] & ~rows[row, _VISITED]
            at += 1
        if absent == 0:
            return np.int64(NONE)
        missing = np.int64(0)
        while absent >> missing & 1 == 0:
            missing += 1
    left = (kind << _BITS | rows[row, _LAST]) << _BITS
    return (left | node) << _BITS | missing
