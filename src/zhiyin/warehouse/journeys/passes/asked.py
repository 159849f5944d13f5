"""Which events a pass is about, and what it calls them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]

ANY_TIME = 1 << 62
"""No bound, in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which events there are. The others are as if they had never happened.

    A code beyond the end of a table, which came in after the table was made, is not allowed.

    Args:
        tuples: 0 or 1 by code of the tuple of dimensions; None allows all.
        names: 0 or 1 by code of the name; None allows all.
        keys: 0 or 1 by key; of a group, its first member's counts; None allows everybody.
        start: microseconds since 1970, included.
        end: not included.
    """

    tuples: Flags | None = None
    names: Flags | None = None
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
        table: int32, [name, column]: a number below `count`.
        columns: uint16 by code of the tuple, 0 for one beyond the end; None where there is one.
        count: how many nodes there are.
    """

    table: Numbers
    count: int
    columns: npt.NDArray[np.uint16] | None = None

    @classmethod
    def named(cls, names: int) -> Nodes:
        """Each of so many names is a node."""
        return cls(np.arange(names, dtype=np.int32).reshape(-1, 1), names)


@dataclass(frozen=True, slots=True)
class Groups:
    """A break-down by the tuple of an event.

    Args:
        of_tuple: int32 by code of the tuple: its group, a number below `count`; -1 in none.
        count: how many groups there are.
    """

    of_tuple: Numbers
    count: int


WHOLE = Groups(np.zeros(0, np.int32), 0)
"""No break-down."""
