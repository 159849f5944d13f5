"""Adoption: of those who were new in a period, who did something soon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Flags
from zhiyin.warehouse.journeys.passes.calendars import apart, calendar, period_of
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.reading import Reading, fill, over, pad_for, reading

NEVER = -(1 << 62)
NEW, DID = range(2)


@dataclass(frozen=True, slots=True)
class AdoptionAsked:
    """One question.

    Args:
        names: codes of the events that show it.
        since: codes of those of which the first makes a customer new; None: her first of all.
        within: microseconds from that one on, the end included.
        times: so many of them at least.
        periods: when each begins and, last, when the last one ends; microseconds since 1970.
    """

    names: frozenset[int]
    since: frozenset[int] | None
    within: int
    times: int
    periods: Ints


def adoption(histories: Histories, asked: AdoptionAsked, *, allowed: Allowed = ALL) -> Ints:
    """Customers by the period in which they were new: [period, `NEW`], and those of them who did
    it in time: [period, `DID`]."""
    read, count = _prepared(histories, asked, asked.periods, allowed)
    out = np.zeros((len(asked.periods) - 1, 2), np.int64)
    for part in over(read, count):
        out += part
    return out


def behind(
    histories: Histories,
    asked: AdoptionAsked,
    page: Page,
    *,
    period: int,
    did: bool | None,
    allowed: Allowed = ALL,
) -> Located:
    """Who was new in a period.

    Args:
        did: only those who did it in time, or only those who did not.
    """
    periods, (row,) = apart(asked.periods, period)
    read, counted = _prepared(histories, asked, periods, allowed)

    def count(first: int, last: int) -> int:
        new, done = counted(first, last)[row].tolist()
        return int(new if did is None else done if did else new - done)

    return located(read, count, page)


def _prepared(
    histories: Histories, asked: AdoptionAsked, periods: Ints, allowed: Allowed
) -> tuple[Reading, Callable[[int, int], Ints]]:
    """The reading, and what counts a range of its keys as `adoption` does all."""
    names = _marks(histories, asked.names)
    since = np.ones_like(names) if asked.since is None else _marks(histories, asked.since)
    read = reading(histories, allowed, None if asked.since is None else names | since)
    by_time = calendar(periods, histories.epoch)

    def count(first: int, last: int) -> Ints:
        found: Ints = _count(read, first, last, names, since, asked.within, asked.times, by_time)
        return found

    return read, count


def _marks(histories: Histories, names: frozenset[int]) -> Flags:
    found = np.zeros(1 << histories.name_bits, np.uint8)
    found[histories.known(names)] = 1
    return found


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, names, since, within, times, by_time, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, first, last)
    out = np.zeros((len(by_time.periods) - 1, 2), np.int64)
    key = np.int64(first)
    while key < last:
        key, count, words, _rests = fill(read, pad, key, last)
        _count_pad(
            words, pad.bounds, count, read.bits, read.mask, names, since, within, times, by_time,
            out,
        )  # fmt: skip
    return out


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words, bounds, count, bits, mask, names, since, within, times, by_time, out
):
    periods, cells, shift = by_time
    start, span = periods[0], np.uint64(periods[-1] - periods[0])
    for place in range(count):
        low, high = bounds[place], bounds[place + 1]
        new = np.int64(NEVER)
        while low < high and new == NEVER:
            if since[words[low] & mask]:
                new = np.int64(words[low] >> bits)
            low += 1
        if new == NEVER:
            continue
        since_start = np.uint64(new - start)
        if since_start >= span:
            continue
        period = period_of(periods, cells, shift, since_start)
        # What is at the same moment counts, whatever its place there.
        while low > bounds[place] and np.int64(words[low - 1] >> bits) == new:
            low -= 1
        did = 0
        while low < high and did < times and np.int64(words[low] >> bits) - new <= within:
            did += names[words[low] & mask]
            low += 1
        out[period, NEW] += 1
        out[period, DID] += did >= times
