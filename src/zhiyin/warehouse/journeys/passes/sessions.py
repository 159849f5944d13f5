"""Sessions: stretches of a customer's events without a longer pause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES, grouping, medians
from zhiyin.warehouse.journeys.passes.asked import ALL, WHOLE, Allowed, Groups
from zhiyin.warehouse.journeys.passes.grouping import group_of
from zhiyin.warehouse.journeys.passes.medians import Book, Floats, note
from zhiyin.warehouse.journeys.passes.reading import fill, over, pad_for, reading, shares

NOBODY = -1
SESSIONS, SINGLE, CUSTOMERS, EVENTS, LASTED = range(5)


@dataclass(frozen=True, slots=True)
class Sessions:
    """How often customers come, and for how long. The first row is everybody; then come the
    groups, by their numbers.

    Args:
        sessions: by row.
        single: of them, those of one event.
        customers: who have one.
        events: in all of them.
        total_us: microseconds from their first events to their last, over sessions.
        median_events: of a session; NaN where there is none.
        median_us: from its first event to its last.
    """

    sessions: Ints
    single: Ints
    customers: Ints
    events: Ints
    total_us: Ints
    median_events: Floats
    median_us: Floats


def sessions(
    histories: Histories, *, gap: int, allowed: Allowed = ALL, by: Groups = WHOLE
) -> Sessions:
    """Count sessions; after a pause of more than `gap` microseconds the next one begins.

    A session is in the group of its first event.

    Raises:
        ValueError: there are too many groups to keep the values of all.
    """
    rows = by.count + 1
    if 2 * rows > medians.AT_ONCE:
        msg = f"sessions are broken down into at most {medians.AT_ONCE // 2 - 1} groups"
        raise ValueError(msg)
    read, (table, columns) = reading(histories, allowed), grouping.tables(by)
    counted = np.zeros((rows, 5), np.int64)

    def walk(books: Sequence[Book]) -> None:
        def work(first: int, last: int, book: Book) -> Ints:
            return np.asarray(_count(read, first, last, table, columns, rows, gap, book))

        # Twice over the same events: the second time counts as the first did.
        counted[:] = sum(over(read, work, books))

    both = medians.exact(2 * rows, len(shares(read)), walk)
    number, single, customers, events, total = np.ascontiguousarray(counted.T)
    return Sessions(number, single, customers, events, total, both[:rows], both[rows:])


@numba.njit(nogil=True, cache=True)
def _count(read, first, last, table, columns, rows, gap, book, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """By row: sessions, single ones, customers, events, microseconds; and each is noted."""
    pad = pad_for(read, first, last)
    out = np.zeros((rows, 5), np.int64)
    seen = np.full(rows, NOBODY, np.int64)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        _count_pad(
            words, rests, pad, count, read.bits, read.mask, read.split, table, columns, gap, out,
            seen, book,
        )  # fmt: skip
    return out


@numba.njit(nogil=True)
def _count_pad(  # type: ignore[no-untyped-def]
    words, rests, pad, count, bits, mask, split, table, columns, gap, out, seen, book
):
    bounds, keys = pad.bounds, pad.keys
    counts, low, high, next_place, values, real, real_bits = book
    rows = len(out)
    for place in range(count):
        begin, end = bounds[place], bounds[place + 1]
        first, first_at = begin, np.int64(words[begin] >> bits)
        before = first_at
        for i in range(begin + 1, end + 1):
            time = np.int64(words[i] >> bits) if i < end else before
            if i < end and time - before <= gap:
                before = time
                continue
            row = np.int64(0)
            for turn in range(2):
                if turn:
                    word = words[first]
                    row = group_of(table, columns, word & mask, word, rests[first], split) + 1
                    if row == 0:
                        break
                out[row, SESSIONS] += 1
                out[row, SINGLE] += i - first == 1
                out[row, CUSTOMERS] += seen[row] != keys[place]
                out[row, EVENTS] += i - first
                out[row, LASTED] += before - first_at
                seen[row] = keys[place]
                note(counts, low, high, next_place, values, real, real_bits, row, i - first)
                note(
                    counts, low, high, next_place, values, real, real_bits,
                    rows + row, before - first_at,
                )  # fmt: skip
            first, first_at, before = i, time, time
