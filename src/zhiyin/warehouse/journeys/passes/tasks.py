"""Tasks: every attempt from a start to its goal, and every wait for what comes next.

What becomes of an attempt can be told only by going through a customer's events in turn: whether a
start begins one depends on whether the last one is over. Both passes give a row for each, since
what is said of them needs each customer's own; memory grows with them and not with the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, WHOLE, Allowed, Groups
from zhiyin.warehouse.journeys.passes.grouping import tables
from zhiyin.warehouse.journeys.passes.reading import (
    by_tuple,
    ended,
    fill,
    over,
    pad_for,
    reading,
    tuple_of,
)

START, GOAL, ERROR, HELP = 1, 2, 4, 8
"""What an event may be to a task; a name may be several."""
CAME, GAVE_UP, OPEN = range(3)
"""How an attempt stands: the goal came; its time is over; neither, when the log ends."""

NONE = -1
_KEY, _BEGAN, _LASTED, _STATE, _ERRORS, _HELPS, _SWITCHES, _START = range(8)


@dataclass(frozen=True, slots=True)
class Task:
    """What a task is made of, as codes of names, and when it is given up.

    Args:
        within: microseconds from the start, the end included.
        until: microseconds since 1970, up to which the log is known.
    """

    start: frozenset[int]
    goal: frozenset[int]
    error: frozenset[int]
    help: frozenset[int]
    within: int
    until: int


@dataclass(frozen=True, slots=True)
class Attempts:
    """One entry an attempt, a customer's together and in the order of time.

    Args:
        keys: the key that stands for the customer.
        began_us: microseconds since 1970.
        lasted_us: until the goal came, the time was over or the log ends.
        state: CAME, GAVE_UP or OPEN.
        errors, helps: events of these kinds after the start, up to the end.
        switches: how often an event's channel is another than the last that was told.
        groups: of the event that began it; -1 in none.
    """

    keys: Ints
    began_us: Ints
    lasted_us: Ints
    state: Ints
    errors: Ints
    helps: Ints
    switches: Ints
    groups: Ints


@dataclass(frozen=True, slots=True)
class Gaps:
    """One entry a wait, a customer's together and in the order of time.

    Args:
        keys: the key that stands for the customer.
        began_us: microseconds since 1970.
        lasted_us: until the next event came, or the log ends.
        came: 1 where it did, else 0.
    """

    keys: Ints
    began_us: Ints
    lasted_us: Ints
    came: Ints


def attempts(
    histories: Histories,
    task: Task,
    *,
    channels: Sequence[int] | npt.NDArray[np.int32],
    allowed: Allowed = ALL,
    by: Groups = WHOLE,
) -> Attempts:
    """Every attempt at a task.

    Args:
        channels: by code of the tuple its channel, -1 where none is told.
    """
    kinds = (task.start, task.goal, task.error, task.help)
    marks = _marks(histories, dict(zip((START, GOAL, ERROR, HELP), kinds, strict=True)))
    read = reading(histories, allowed)
    asked = _Asked(
        marks,
        ended(np.asarray(channels, np.int32), NONE, np.int32, NONE),
        task.within,
        task.until - histories.epoch,
    )
    found = _together(list(over(read, lambda first, last: _attempts(read, first, last, asked))))
    groups, columns = tables(by)
    names = found[_START] & ((1 << histories.name_bits) - 1)
    codes = found[_START] >> histories.name_bits
    column = columns[np.minimum(codes, len(columns) - 1)]
    return Attempts(
        keys=found[_KEY],
        began_us=found[_BEGAN] + histories.epoch,
        lasted_us=found[_LASTED],
        state=found[_STATE],
        errors=found[_ERRORS],
        helps=found[_HELPS],
        switches=found[_SWITCHES],
        groups=groups[np.minimum(names, len(groups) - 1), column].astype(np.int64),
    )


def gaps(
    histories: Histories,
    first: frozenset[int],
    then: frozenset[int],
    *,
    until: int,
    allowed: Allowed = ALL,
) -> Gaps:
    """From each event of `first` to the customer's next one of `then`, an event of its own.

    Args:
        until: microseconds since 1970, up to which the log is known.
    """
    marks = _marks(histories, {START: first, GOAL: then})
    read = reading(histories, allowed, (marks != 0).astype(np.uint8))
    end = until - histories.epoch
    found = _together(list(over(read, lambda low, high: _gaps(read, low, high, marks, end))))
    return Gaps(found[_KEY], found[_BEGAN] + histories.epoch, found[_LASTED], found[_STATE])


def _marks(histories: Histories, kinds: dict[int, frozenset[int]]) -> npt.NDArray[np.uint8]:
    """By code of the name, what its events are to the question."""
    found = np.zeros(1 << histories.name_bits, np.uint8)
    for bit, names in kinds.items():
        found[histories.known(names)] |= np.uint8(bit)
    return found


def _together(parts: Sequence[Ints]) -> Ints:
    return np.ascontiguousarray(np.concatenate(parts).T)


class _Asked(NamedTuple):
    """What the walk over attempts is given; times from the epoch of the index."""

    marks: npt.NDArray[np.uint8]
    channels: npt.NDArray[np.int32]
    within: int
    until: int


@numba.njit(nogil=True, cache=True)
def _attempts(read, first, last, asked, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """A row of eight numbers an attempt."""
    pad = pad_for(read, first, last)
    marks, channels, within, until = asked.marks, asked.channels, asked.within, asked.until
    out, filled = np.empty((0, 8), np.int64), np.int64(0)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        # Nobody attempts more often than she has events.
        most = filled + pad.bounds[count] - pad.bounds[0]
        if most > len(out):
            more = np.empty((2 * most, 8), np.int64)
            more[:filled] = out[:filled]
            out = more
        filled = _try(
            words, rests, pad.bounds, pad.keys, count, read.bits, read.mask, read.split,
            marks, channels, within, until, out, filled,
        )  # fmt: skip
    return out[:filled].copy()


@numba.njit(nogil=True)
def _try(  # type: ignore[no-untyped-def]
    words, rests, bounds, keys, count, bits, mask, split, marks, channels, within, until, out,
    filled,
):  # fmt: skip
    for place in range(count):
        is_open, told = False, np.int32(NONE)
        for i in range(bounds[place], bounds[place + 1]):
            word = words[i]
            time, mark = np.int64(word >> bits), marks[word & mask]
            if is_open and time - out[filled, _BEGAN] > within:
                out[filled, _LASTED], out[filled, _STATE] = within, GAVE_UP
                filled += 1
                is_open = False
            if not is_open and not mark & START:
                continue
            channel = by_tuple(channels, word, rests[i], split)
            if is_open:
                out[filled, _ERRORS] += mark & ERROR != 0
                out[filled, _HELPS] += mark & HELP != 0
                out[filled, _SWITCHES] += told != NONE and channel != NONE and channel != told
                if channel != NONE:
                    told = channel
                if mark & GOAL:
                    out[filled, _LASTED], out[filled, _STATE] = time - out[filled, _BEGAN], CAME
                    filled += 1
                    is_open = False
            else:
                out[filled] = 0
                out[filled, _KEY], out[filled, _BEGAN] = keys[place], time
                code = np.int64(tuple_of(word, rests[i], split))
                out[filled, _START] = code * (np.int64(mask) + 1) + np.int64(word & mask)
                is_open, told = True, channel
        if is_open:
            waited = until - out[filled, _BEGAN]
            out[filled, _LASTED] = max(0, min(within, waited))
            out[filled, _STATE] = GAVE_UP if waited >= within else OPEN
            filled += 1
    return filled


@numba.njit(nogil=True, cache=True)
def _gaps(read, first, last, marks, until, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """A row of four numbers a wait."""
    pad = pad_for(read, first, last)
    out, filled = np.empty((0, 4), np.int64), np.int64(0)
    key = np.int64(first)
    while key < last:
        key, count, words, _rests = fill(read, pad, key, last)
        most = filled + pad.bounds[count] - pad.bounds[0]
        if most > len(out):
            more = np.empty((2 * most, 4), np.int64)
            more[:filled] = out[:filled]
            out = more
        filled = _wait(words, pad.bounds, pad.keys, count, read.bits, read.mask, marks, until, out,
                       filled)  # fmt: skip
    return out[:filled].copy()


@numba.njit(nogil=True)
def _wait(words, bounds, keys, count, bits, mask, marks, until, out, filled):  # type: ignore[no-untyped-def]
    for place in range(count):
        waiting = filled
        for i in range(bounds[place], bounds[place + 1]):
            time, mark = np.int64(words[i] >> bits), marks[words[i] & mask]
            if mark & GOAL:
                for row in range(waiting, filled):
                    out[row, _LASTED], out[row, _STATE] = time - out[row, _BEGAN], 1
                waiting = filled
            if mark & START:
                out[filled, _KEY], out[filled, _BEGAN] = keys[place], time
                filled += 1
        for row in range(waiting, filled):
            out[row, _LASTED], out[row, _STATE] = max(0, until - out[row, _BEGAN]), 0
    return filled
