"""Retention: who comes back in later periods, by the period of the first event."""

from __future__ import annotations

import numba
import numpy as np

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed
from zhiyin.warehouse.journeys.passes.calendars import apart, calendar, period_of
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.reading import fill, over, pad_for, reading

NOBODY = -1


def retention(histories: Histories, periods: Ints, *, allowed: Allowed = ALL) -> Ints:
    """Customers by [period of the first event, periods after it].

    Events outside the periods are as if they had never happened.

    Args:
        periods: when each begins and, last, when the last one ends; microseconds since 1970,
            rising. They are the caller's: weeks, months, in any zone.
    """
    read = reading(histories, allowed)
    by_time = calendar(periods, histories.epoch)
    out = np.zeros((len(periods) - 1, len(periods) - 1), np.int64)
    for part in over(read, lambda first, last: _count(read, first, last, by_time)):
        out += part
    return out


def behind(
    histories: Histories,
    periods: Ints,
    page: Page,
    *,
    first: int,
    later: int,
    came: bool = True,
    allowed: Allowed = ALL,
) -> Located:
    """Who first came in a period, and came again so many periods later.

    Args:
        periods: as `retention` takes them.
        came: or did not come then.
    """
    few, (row, other) = apart(periods, first, first + later)
    read = reading(histories, allowed)
    by_time = calendar(few, histories.epoch)

    def count(low: int, high: int) -> int:
        found = _count(read, low, high, by_time)[row]
        again = found[other - row]
        return int(again if came else found[0] - again)

    return located(read, count, page)


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, by_time, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, first, last)
    size = len(by_time.periods) - 1
    out = np.zeros((size, size), np.int64)
    key = np.int64(first)
    while key < last:
        key, count, words, _rests = fill(read, pad, key, last)
        _count_pad(words, pad.bounds, count, read.bits, by_time, out)
    return out


@numba.njit(nogil=True)
def _count_pad(words, bounds, count, bits, by_time, out):  # type: ignore[no-untyped-def]
    periods, cells, shift = by_time
    start, span = periods[0], np.uint64(periods[-1] - periods[0])
    for place in range(count):
        cohort, before = np.int64(NOBODY), np.int64(NOBODY)
        for i in range(np.uint64(bounds[place]), np.uint64(bounds[place + 1])):
            since = np.uint64(np.int64(words[i] >> bits) - start)
            if since >= span:
                continue
            period = period_of(periods, cells, shift, since)
            if cohort < 0:
                cohort = period
            # Whether it is another period than the event before is nothing that a processor can
            # guess.
            out[cohort, period - cohort] += period != before
            before = period
