"""How far each customer's sessions came, by the event that they began with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed
from zhiyin.warehouse.journeys.passes.reading import fill, over, pad_for, reading, tuple_of

MOST_STEPS = 31
"""A bit of 32 for each."""

NONE = -(1 << 63)
"""Stands for no session that follows."""

KEY, BEGAN, COUNTS = 0, 1, 2
GOAL_START, GOAL_END, GOAL_NEXT, GOAL_WIDTH = 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Visits:
    """Sessions with an event of the first step; those of one customer that began alike together.

    Args:
        keys: that stand for the customers.
        names, tuples: of the event that they began with, codes.
        came: [row, step], sessions that came so far.
    """

    keys: Ints
    names: Ints
    tuples: Ints
    came: Ints


@dataclass(frozen=True, slots=True)
class Goals:
    """Each session that came to the last step; microseconds since 1970.

    Args:
        following: when the customer's next session begins, of whatever events; `NONE` for none.
    """

    keys: Ints
    names: Ints
    tuples: Ints
    starts: Ints
    ends: Ints
    following: Ints


def visits(
    histories: Histories, steps: Sequence[frozenset[int]], *, gap: int, allowed: Allowed = ALL
) -> tuple[Visits, Goals]:
    """Go through all sessions.

    A session has come to a step where it has an event of it or of a later one. An event of several
    steps is of the last of them.

    Args:
        steps: codes of names.
        gap: microseconds; a session ends with a longer pause.

    Raises:
        ValueError: there are more than `MOST_STEPS`.
    """
    if len(steps) > MOST_STEPS:
        msg = f"sessions come to at most {MOST_STEPS} steps"
        raise ValueError(msg)
    read = reading(histories, allowed)
    reaches = np.full(1 << histories.name_bits, -1, np.int8)
    is_look = np.zeros(1 << histories.name_bits, np.uint8)
    for number, names in enumerate(steps):
        reaches[histories.known(names)] = number
    is_look[histories.known(steps[0])] = 1
    parts = list(
        over(read, lambda first, last: _walk(read, first, last, reaches, is_look, len(steps), gap))
    )
    rows, goals = (np.concatenate([part[place] for part in parts]) for place in range(2))
    mask, bits = (1 << histories.name_bits) - 1, histories.name_bits
    return (
        Visits(rows[:, KEY], rows[:, BEGAN] & mask, rows[:, BEGAN] >> bits, rows[:, COUNTS:]),
        Goals(
            goals[:, KEY],
            goals[:, BEGAN] & mask,
            goals[:, BEGAN] >> bits,
            goals[:, GOAL_START] + histories.epoch,
            goals[:, GOAL_END] + histories.epoch,
            np.where(goals[:, GOAL_NEXT] == NONE, NONE, goals[:, GOAL_NEXT] + histories.epoch),
        ),
    )


@numba.njit(nogil=True, cache=True)
def _walk(read, first, last, reaches, is_look, steps, gap, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """A row for each customer and beginning; and a row for each session that came to the goal."""
    pad = pad_for(read, first, last)
    rows, goals = np.empty((0, COUNTS + steps), np.int64), np.empty((0, GOAL_WIDTH), np.int64)
    filled, ended = np.int64(0), np.int64(0)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        # Nobody has more sessions than events.
        more = pad.bounds[count] - pad.bounds[0]
        if filled + more > len(rows):
            rows = _grown(rows, filled, 2 * (filled + more))
        if ended + more > len(goals):
            goals = _grown(goals, ended, 2 * (ended + more))
        filled, ended = _walk_pad(
            words, rests, pad.bounds, pad.keys, count, read.bits, read.mask, read.split, reaches,
            is_look, steps, gap, rows, filled, goals, ended,
        )  # fmt: skip
    return rows[:filled].copy(), goals[:ended].copy()


@numba.njit(nogil=True)
def _grown(rows, filled, size):  # type: ignore[no-untyped-def]
    out = np.empty((size, rows.shape[1]), np.int64)
    out[:filled] = rows[:filled]
    return out


@numba.njit(nogil=True)
def _walk_pad(  # type: ignore[no-untyped-def]
    words, rests, bounds, keys, count, bits, mask, split, reaches, is_look, steps, gap, rows,
    filled, goals, ended,
):  # fmt: skip
    for place in range(count):
        key, end = keys[place], bounds[place + 1]
        mine, my_goals = filled, ended
        begin = bounds[place]
        start = before = np.int64(words[begin] >> bits)
        reached, looks = np.int64(-1), False
        for i in range(begin, end + 1):
            time = np.int64(words[i] >> bits) if i < end else before
            if i == end or time - before > gap:
                # A session has ended.
                if ended > my_goals and goals[ended - 1, GOAL_NEXT] == NONE:
                    goals[ended - 1, GOAL_NEXT] = start
                if looks:
                    word = words[begin]
                    began = np.int64(tuple_of(word, rests[begin], split)) * np.int64(mask + 1)
                    began += np.int64(word & mask)
                    row = mine
                    while row < filled and rows[row, BEGAN] != began:
                        row += 1
                    if row == filled:
                        rows[row] = 0
                        rows[row, KEY], rows[row, BEGAN] = key, began
                        filled += 1
                    for step in range(reached + 1):
                        rows[row, COUNTS + step] += 1
                    if reached == steps - 1:
                        goals[ended, KEY], goals[ended, BEGAN] = key, began
                        goals[ended, GOAL_START], goals[ended, GOAL_END] = start, before
                        goals[ended, GOAL_NEXT] = NONE
                        ended += 1
                begin, start = i, time
                reached, looks = np.int64(-1), False
            if i < end:
                name = words[i] & mask
                reached = max(reached, np.int64(reaches[name]))
                looks = looks or is_look[name] != 0
                before = time
    return filled, ended
