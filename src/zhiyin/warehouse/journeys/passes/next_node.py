"""A map as its walks are given it, and when instances come to the next node, asked alone."""

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
    by_tuple,
    ended,
    fill,
    over,
    pad_for,
    reading,
    shares,
)

NO_CHANNEL = 0
COLUMN, ABOVE = np.uint32(0xFFFF), np.uint32(16)
"""The low bits of a number of `Given`, and how many they are."""


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


class Given(NamedTuple):
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


def given_of(histories: Histories, asked: MapAsked) -> Given:
    """What a walk over these histories is given."""
    table, columns = marks(histories, asked.journey)
    known = ended(asked.channels, -1, np.int32, -1)
    size = max(len(columns), len(known))
    at = np.minimum(np.arange(size), len(columns) - 1)
    told = known[np.minimum(np.arange(size), len(known) - 1)] + 1
    return Given(
        marks=table,
        columns=columns[at].astype(np.uint32) | told.astype(np.uint32) << ABOVE,
        stage=np.append(np.asarray(asked.stage, np.int64), asked.stages),
        is_help=np.append(np.asarray(asked.help, np.uint8), np.uint8(0)),
        pause=asked.journey.pause,
        gap=asked.gap,
        until=asked.until - histories.epoch,
        money=np.zeros(0) if asked.money is None else asked.money,
    )


def medians_us(histories: Histories, asked: MapAsked, *, allowed: Allowed = ALL) -> Floats:
    """By node the median of microseconds from the first event there in an instance to the next at
    another node; NaN where there is none. By walks that take down no more than the middle."""
    given = given_of(histories, asked)
    is_step_of = ((given.marks & NODE < UNEXPLAINED) | (given.marks & GOAL != 0)).any(axis=1)
    read = reading(histories, allowed, is_step_of.astype(np.uint8))

    def walk(books: Sequence[Book]) -> None:
        for _done in over(read, lambda *one: _wait(read, one[0], one[1], given, one[2]), books):
            pass

    return medians.exact(asked.journey.nodes.count, len(shares(read)), walk)


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
            mark = marks[word & mask, column & COLUMN]
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
