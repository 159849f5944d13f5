"""Engagement: how often customers come in a period, and how long they stay."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed
from zhiyin.warehouse.journeys.passes.calendars import apart, calendar, period_of
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.reading import fill, over, pad_for, reading

SUMS = ("customers", "came", "visits", "lasted", "squares", "vv", "vc", "cc", "ll", "lv")
"""Over customers, of: 1; periods in which she came; sessions; seconds; squares of the seconds of
each session; and products of sessions, periods and seconds. Means and their intervals are made of
them."""

NOWHERE = -1


def engagement(
    histories: Histories, periods: Ints, *, finished: int, gap: int, allowed: Allowed = ALL
) -> npt.NDArray[np.float64]:
    """`SUMS` by the period in which a session begins; in the last row, of the first `finished`
    periods together.

    Args:
        periods: when each begins and, last, when the last one ends; microseconds since 1970.
        gap: microseconds; a session ends with a longer pause.
    """
    read = reading(histories, allowed)
    by_time = calendar(periods, histories.epoch)
    out = np.zeros((len(periods), len(SUMS)))
    for part in over(read, lambda first, last: _sum(read, first, last, by_time, finished, gap)):
        out += part
    return out


def behind(
    histories: Histories,
    periods: Ints,
    page: Page,
    *,
    period: int,
    gap: int,
    allowed: Allowed = ALL,
) -> Located:
    """Who has a session that begins in a period; see `engagement`."""
    few, (row,) = apart(periods, period)
    read = reading(histories, allowed)
    by_time = calendar(few, histories.epoch)

    def count(first: int, last: int) -> int:
        return int(_sum(read, first, last, by_time, 0, gap)[row, 0])

    return located(read, count, page)


@numba.njit(nogil=True, cache=True)
def _sum(read, first, last, by_time, finished, gap, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, first, last)
    out = np.zeros((len(by_time.periods), len(SUMS)))
    key = np.int64(first)
    while key < last:
        key, count, words, _rests = fill(read, pad, key, last)
        _sum_pad(words, pad.bounds, count, read.bits, by_time, finished, gap, out)
    return out


@numba.njit(nogil=True)
def _sum_pad(words, bounds, count, bits, by_time, finished, gap, out):  # type: ignore[no-untyped-def]
    periods, cells, shift = by_time
    start, span = periods[0], np.uint64(periods[-1] - periods[0])
    for place in range(count):
        begin, end = bounds[place], bounds[place + 1]
        now = np.int64(NOWHERE)
        visits, lasted, squares = 0.0, 0.0, 0.0
        every_came, every_visits, every_lasted, every_squares = 0.0, 0.0, 0.0, 0.0
        first_at = before = np.int64(words[begin] >> bits)
        for i in range(begin + 1, end + 1):
            time = np.int64(words[i] >> bits) if i < end else before
            if i < end and time - before <= gap:
                before = time
                continue
            # A session has ended.
            since = np.uint64(first_at - start)
            if since < span:
                period = period_of(periods, cells, shift, since)
                if period != now:
                    _add(out, now, 1.0, visits, lasted, squares)
                    visits, lasted, squares = 0.0, 0.0, 0.0
                    now = period
                    every_came += now < finished
                long = (before - first_at) / 1e6
                visits += 1.0
                lasted += long
                squares += long * long
                if now < finished:
                    every_visits += 1.0
                    every_lasted += long
                    every_squares += long * long
            first_at = before = time
        _add(out, now, 1.0, visits, lasted, squares)
        if every_came:
            _add(out, len(out) - 1, every_came, every_visits, every_lasted, every_squares)


@numba.njit(nogil=True, inline="always")
def _add(out, row, came, visits, lasted, squares):  # type: ignore[no-untyped-def]
    """Add one customer to a row, or to none."""
    if row < 0:
        return
    out[row, 0] += 1.0
    out[row, 1] += came
    out[row, 2] += visits
    out[row, 3] += lasted
    out[row, 4] += squares
    out[row, 5] += visits * visits
    out[row, 6] += visits * came
    out[row, 7] += came * came
    out[row, 8] += lasted * lasted
    out[row, 9] += lasted * visits
