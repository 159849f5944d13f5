"""Rows put in the order of their customers by counting, a share of the customers at a time.

Rows that are put straight to one of a million customers are each a wait for memory; so they are
put to a share of a thousand first, whose rows are near the processor when they are put in order.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Made = TypeVar("Made")

SHARE_BITS = 10
SHARE = 1 << SHARE_BITS
"""So many customers' rows fit the memory that is nearest to the processor."""

MANY = 100_000
"""From so many rows on, the work is for several threads."""


@numba.njit(nogil=True, cache=True)
def shares_of(customer, lo, hi):  # type: ignore[no-untyped-def]
    """Where each share of the customers `lo` to `hi` begins among their rows, with the end; and how
    many rows the largest has."""
    count = hi - lo
    share = np.zeros((count >> SHARE_BITS) + 2, np.int64)
    for i in range(len(customer)):
        c = customer[i] - lo
        if 0 <= c < count:
            share[(c >> SHARE_BITS) + 1] += 1
    largest = 0
    for s in range(len(share) - 1):
        largest = max(largest, share[s + 1])
        share[s + 1] += share[s]
    return share, largest


@numba.njit(nogil=True, cache=True)
def in_order(own, begin, end, place, order):  # type: ignore[no-untyped-def]
    """Put one share's rows into `order` by customer; `place` is then where each one's end."""
    place[:] = 0
    for j in range(begin, end):
        place[own[j] + 1] += 1
    for c in range(SHARE):
        place[c + 1] += place[c]
    # A customer's place is where she begins; put in order, it is where the next one does.
    for j in range(begin, end):
        c = own[j]
        order[place[c]] = j
        place[c] += 1


def dense(values: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int32], int]:
    """Customers as dense enough integers for counting, and how many such integers there are."""
    top = int(values.max(initial=0)) + 1
    if top > 1_000_000 and top > 8 * len(values):
        _known, values = np.unique(values, return_inverse=True)
        top = int(values.max(initial=0)) + 1
    return values.astype(np.int32, copy=False), top


def threads_for(rows: int) -> int:
    """How many threads the work on so many rows is for."""
    return min(os.cpu_count() or 1, 8) if rows > MANY else 1


def shared_out(work: Callable[[int, int], Made], size: int, rows: int) -> list[Made]:
    """What threads make, each of its own part of `size`; one where there are few rows."""
    threads = threads_for(rows)
    edges = np.linspace(0, size, threads + 1).astype(np.int64).tolist()
    if threads == 1:
        return [work(0, size)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))
