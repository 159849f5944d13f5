"""What an index asks of the log that it is made from, all of it of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Ints
from zhiyin.warehouse.journeys.manifest import Rule, Standing
from zhiyin.warehouse.journeys.slices import Keys
from zhiyin.warehouse.journeys.tuples import Packing


@dataclass(frozen=True, slots=True)
class Rows:
    """Events in the order of arrival, of equal lengths.

    Args:
        us: microseconds since 1970.
        packed: the codes of each row's tuple, side by side.
    """

    keys: Keys
    us: Ints
    names: npt.NDArray[np.int32]
    packed: Ints


@dataclass(frozen=True, slots=True)
class Touched:
    """Events that were taken back, replaced, or brought back because what replaced them was.

    Args:
        count: how many.
        first: the least `seq` among them.
    """

    count: int
    first: int


@dataclass(frozen=True, slots=True)
class Merges:
    """Which keys are somebody else's.

    Args:
        state: differs where they may.
        keys: that are another's, rising.
        customers: whose.
    """

    state: str
    keys: Keys
    customers: Keys


class Moment(Protocol):
    """The log as one transaction sees it.

    Attributes:
        upto: the `seq` that the next event gets.
        keys: the key that the next id gets.
        names: how many names of events there are.
        words: of each coded column of events, how many words.
        columns: of events, coded, with few enough words for tuples; fewest first.
        left_out: those with more.
        erased: keys whose rows nobody reads.
        standing: what was taken back.
    """

    upto: int
    keys: int
    names: int
    words: Mapping[str, int]
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    erased: frozenset[int]
    standing: Standing

    def rows(self, first: int, last: int, packing: Packing) -> Iterator[Rows]:
        """Events with a name that are read, from `first` up to and without `last`."""

    def rows_of(self, keys: Ints, last: int, packing: Packing) -> Rows:
        """The same of some keys alone, from the beginning."""

    def tuples(self, packing: Packing) -> Ints:
        """The combinations of codes that occur, each once."""

    def touched(self, since: Standing, last: int) -> Touched:
        """What has changed since then of the events before `last`, but for what is kept."""

    def touched_keys(self, since: Standing, last: int) -> Ints:
        """Whose events those are."""

    def least(self, rules: tuple[Rule, ...]) -> Ints:
        """Of each name the least time that is kept under these rules."""

    def merges(self, known: Merges | None) -> Merges:
        """Which ids are one; what is known where it still holds."""

    def last_row(self, before: int) -> tuple[int, int] | None:
        """`seq` and hash of the last row before a `seq`, if one is near."""

    def hash_of(self, seq: int) -> int | None:
        """The hash of a row; None where it is gone."""
