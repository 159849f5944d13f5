"""From when to when there are events."""

from __future__ import annotations

import numba
import numpy as np

from zhiyin.warehouse.journeys.histories import Histories
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, ANY_TIME, Allowed
from zhiyin.warehouse.journeys.passes.reading import fill, over, pad_for, reading


def extent(histories: Histories, *, allowed: Allowed = ALL) -> tuple[int, int] | None:
    """When the first event was and the last, microseconds since 1970; None where there is none."""
    read = reading(histories, allowed)
    ends = list(over(read, lambda first, last: _ends(read, first, last)))
    first, last = min(one for one, _last in ends), max(one for _first, one in ends)
    return None if last < 0 else (first + histories.epoch, last + histories.epoch)


@numba.njit(nogil=True, cache=True)
def _ends(read, first, last, _sources=SOURCES):  # type: ignore[no-untyped-def]
    pad = pad_for(read, first, last)
    least, most = np.int64(ANY_TIME), np.int64(-1)
    key = np.int64(first)
    while key < last:
        key, count, words, _rests = fill(read, pad, key, last)
        for place in range(count):
            least = min(least, np.int64(words[pad.bounds[place]] >> read.bits))
            most = max(most, np.int64(words[pad.bounds[place + 1] - 1] >> read.bits))
    return least, most
