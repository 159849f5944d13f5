"""Who is behind a count: the same pass, asked of few customers at a time.

A pass counts the customers of a range of keys. Counted in short ranges, the counts say where those
of one page of a list are; there the ranges are halved until each has one customer. So a list is of
exactly those whom the figure counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from zhiyin.warehouse.journeys.histories import Ints
from zhiyin.warehouse.journeys.passes.reading import Reading, over

SHORT = 2048
"""Keys in a range that is counted at once: each costs the start of a pass."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Args:
        first: how many customers are passed over.
        limit: how many are returned at most.
    """

    first: int
    limit: int


Count = Callable[[int, int], int]
"""How many customers from one key up to another, not included, are counted."""


@dataclass(frozen=True, slots=True)
class Located:
    """One page of the customers of a count.

    Args:
        keys: those that stand for them, rising.
        customers: how many they are in all.
    """

    keys: Ints
    customers: int


def located(read: Reading, count: Count, page: Page) -> Located:
    """Find them.

    Args:
        count: of customers whom `read` reads, each once.
    """

    def work(low: int, high: int) -> list[tuple[int, int, int]]:
        ranges = [(at, min(at + SHORT, high)) for at in range(low, high, SHORT)]
        return [(*one, count(*one)) for one in ranges]

    found: list[int] = []
    passed = 0
    ranges = [one for part in over(read, work) for one in part]
    for low, high, customers in ranges:
        # A range that ends before the page begins, or begins when it is full, is counted alone.
        if passed + customers > page.first and len(found) < page.limit:
            keys = islice(_each(count, low, high, customers), max(0, page.first - passed), None)
            found += islice(keys, page.limit - len(found))
        passed += customers
    return Located(np.array(found, np.int64), passed)


def _each(count: Count, low: int, high: int, customers: int) -> Iterator[int]:
    """The keys of the customers of a range, of whom there are so many."""
    if not customers:
        return
    if high - low == 1:
        yield low
        return
    middle = (low + high) // 2
    before = count(low, middle)
    yield from _each(count, low, middle, before)
    yield from _each(count, middle, high, customers - before)
