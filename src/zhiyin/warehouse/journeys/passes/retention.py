"""Retention: who comes back in later periods, by the period of the first event."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed
from zhiyin.warehouse.journeys.passes.reading import fill, over, pad_for, reading

NOBODY = -1

CELLS = 4096
"""Equal parts that all periods together are cut into, at most twice as many: most lie in one."""


class Calendar(NamedTuple):
    """Which period a moment is in, found without a search.

    Args:
        periods: when each begins and, last, when the last one ends; microseconds since the epoch.
        cells: of each equal part of all that time, the period that it begins in.
        shift: a part is of ``1 << shift`` microseconds.
    """

    periods: Ints
    cells: npt.NDArray[np.int32]
    shift: np.uint64


def retention(histories: Histories, periods: Ints, *, allowed: Allowed = ALL) -> Ints:
    """Customers by [period of the first event, periods after it].

    Events outside the periods are as if they had never happened.

    Args:
        periods: when each begins and, last, when the last one ends; microseconds since 1970,
            rising. They are the caller's: weeks, months, in any zone.
    """
    read = reading(histories, allowed)
    calendar = _calendar(np.asarray(periods - histories.epoch, np.int64))
    out = np.zeros((len(periods) - 1, len(periods) - 1), np.int64)
    for part in over(read, lambda first, last: _count(read, first, last, calendar)):
        out += part
    return out


def _calendar(periods: Ints) -> Calendar:
    span = int(periods[-1] - periods[0])
    shift = max(span // CELLS, 1).bit_length() - 1
    begins = periods[0] + (np.arange((span >> shift) + 1) << shift)
    cells = np.searchsorted(periods, begins, side="right") - 1
    return Calendar(periods, cells.astype(np.int32), np.uint64(shift))


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, calendar, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, first, last)
    size = len(calendar.periods) - 1
    out = np.zeros((size, size), np.int64)
    key = np.int64(first)
    while key < last:
        key, count, words, _rests = fill(read, pad, key, last)
        _count_pad(words, pad.bounds, count, read.bits, calendar, out)
    return out


@numba.njit(nogil=True)
def _count_pad(words, bounds, count, bits, calendar, out):  # type: ignore[no-untyped-def]
    periods, cells, shift = calendar
    start = periods[0]
    span = np.uint64(periods[-1] - start)
    for place in range(count):
        cohort, before = np.int64(NOBODY), np.int64(NOBODY)
        for i in range(np.uint64(bounds[place]), np.uint64(bounds[place + 1])):
            # What is before the start is far beyond the end, as a number without a sign.
            since = np.uint64(np.int64(words[i] >> bits) - start)
            if since >= span:
                continue
            period = np.int64(cells[since >> shift])
            while since >= np.uint64(periods[period + 1] - start):
                period += 1
            if cohort < 0:
                cohort = period
            # Whether it is another period than the event before is nothing that a processor can
            # guess.
            out[cohort, period - cohort] += period != before
            before = period
