"""Retention: who comes back in later periods, by the period of the first event."""

from __future__ import annotations

import numba
import numpy as np

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed
from zhiyin.warehouse.journeys.passes.reading import fill, over, pad_for, reading


def retention(histories: Histories, periods: Ints, *, allowed: Allowed = ALL) -> Ints:
    """Customers by [period of the first event, periods after it].

    Events outside the periods are as if they had never happened.

    Args:
        periods: when each begins and, last, when the last one ends; microseconds since 1970,
            rising. They are the caller's: weeks, months, in any zone.
    """
    within = Allowed(
        allowed.tuples,
        allowed.names,
        allowed.keys,
        max(allowed.start, int(periods[0])),
        min(allowed.end, int(periods[-1])),
    )
    read, bounds = reading(histories, within), np.asarray(periods - histories.epoch, np.int64)
    out = np.zeros((len(periods) - 1, len(periods) - 1), np.int64)
    for part in over(read, lambda first, last: _count(read, first, last, bounds)):
        out += part
    return out


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, periods, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, first, last)
    out = np.zeros((len(periods) - 1, len(periods) - 1), np.int64)
    key = np.int64(first)
    while key < last:
        key, count, words, _rests = fill(read, pad, key, last)
        _count_pad(words, pad.bounds, count, read.bits, periods, out)
    return out


@numba.njit(nogil=True)
def _count_pad(words, bounds, count, bits, periods, out):  # type: ignore[no-untyped-def]
    for place in range(count):
        cohort, period, ends = -1, -1, periods[0]
        for i in range(bounds[place], bounds[place + 1]):
            time = np.int64(words[i] >> bits)
            if time < ends:
                continue
            while time >= periods[period + 1]:
                period += 1
            ends = periods[period + 1]
            if cohort < 0:
                cohort = period
            out[cohort, period - cohort] += 1
