"""Which events a pass is about, and what it calls them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint16]
Numbers = npt.NDArray[np.int32]

EVERY = np.uint16((1 << 16) - 1)
"""All bits: what no table speaks of is allowed whatever the other table says."""

ANY_TIME = 1 << 62
"""No bound, in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which events there are. The others are as if they had never happened.

    An event is allowed where its name and its tuple have a bit in common: one bit says that both
    are allowed, several say which names are with which tuples. A code beyond the end of a table,
    which came in after the table was made, is not allowed.

    Args:
        tuples: bits by code of the tuple of dimensions; None allows all.
        names: bits by code of the name; None allows all.
        keys: 0 or 1 by key; of a group, its first member's counts; None allows everybody.
        start: microseconds since 1970, included.
        end: not included.
    """

    tuples: Bits | None = None
    names: Bits | None = None
    keys: Flags | None = None
    start: int = -ANY_TIME
    end: int = ANY_TIME


ALL = Allowed()
"""Every event of everybody."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What a path calls its events: `table` at the event's name and its tuple's column.

    Names with touchpoints before them need one column for each touchpoint and one for none.

    Args:
        table: int32, [name, column]: a number below `count`; -1 in a whole row leaves the name out.
        columns: uint16 by code of the tuple, 0 for one beyond the end; None where there is one.
        count: how many nodes there are.
    """

    table: Numbers
    count: int
    columns: npt.NDArray[np.uint16] | None = None

    @property
    def known(self) -> Flags:
        """0 or 1 by code of the name: whether its events have a node, whatever their tuple."""
        return np.asarray((self.table >= 0).all(axis=1), np.uint8)

    def told_apart(self, *sets: Collection[int]) -> Nodes:
        """By which of these sets each is in: the number whose bit k says that it is in set k."""
        in_them = sum(np.isin(self.table, sorted(one)) * (1 << bit) for bit, one in enumerate(sets))
        table = np.where(self.table < 0, -1, in_them).astype(np.int32)
        return Nodes(table, 1 << len(sets), self.columns)

    @classmethod
    def named(cls, names: int) -> Nodes:
        """Each of so many names is a node."""
        return cls(np.arange(names, dtype=np.int32).reshape(-1, 1), names)


NOWHERE = Nodes(np.zeros((1, 1), np.int32), 0)
"""Of a map without nodes."""


@dataclass(frozen=True, slots=True)
class Groups:
    """A break-down of events: `table` at the event's name and its tuple's column.

    Args:
        table: int32, [name, column]: a number below `count`, -1 in no group. A name beyond the last
            row is as the last; one row is for all.
        columns: uint16 by code of the tuple; one beyond the end is in no group.
        count: how many groups there are.
    """

    table: Numbers
    columns: npt.NDArray[np.uint16]
    count: int

    @classmethod
    def by_tuple(cls, groups: Numbers, count: int) -> Groups:
        """Whatever the name: of each tuple its group, -1 in none."""
        table = np.append(np.arange(count, dtype=np.int32), np.int32(-1)).reshape(1, -1)
        return cls(table, np.where(groups < 0, count, groups).astype(np.uint16), count)


WHOLE = Groups.by_tuple(np.zeros(0, np.int32), 0)
"""No break-down."""


@dataclass(frozen=True, slots=True)
class Periods:
    """A break-down by the time of an event.

    Args:
        begins: when each begins and, last, when the last one ends; microseconds since 1970, rising.
    """

    begins: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.begins) - 1
