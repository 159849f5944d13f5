"""Tuples of dimensions: each combination of codes that occurs has a number.

A filter or a break-down by these columns is then a look-up by one small number an event. What a
number stands for never changes; new combinations get the next ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Ints

Codes = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.uint32]

NUMBER_BITS = 20
MOST = 1 << NUMBER_BITS
"""So many combinations are held; beyond, a column must be left out."""

PACKED_BITS = 63

_FEWEST = 1 << 10


class TooManyTuples(Exception):  # noqa: N818 - a state of the log, not an error of a person's
    """More combinations than are held."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How the codes of a combination stand side by side in one integer.

    Args:
        columns: physical names.
        widths: of each how many bits; a code is counted from 1, 0 is a missing word.
    """

    columns: tuple[str, ...]
    widths: tuple[int, ...]

    @classmethod
    def fitting(cls, columns: tuple[str, ...], words: Mapping[str, int]) -> Packing | None:
        """Room for twice the words of each column; None where that is too much for one integer."""
        widths = tuple((2 * words[name] + 2).bit_length() for name in columns)
        return cls(columns, widths) if sum(widths) <= PACKED_BITS else None

    def holds(self, words: Mapping[str, int]) -> bool:
        """Whether all words of the columns have room."""
        named = zip(self.columns, self.widths, strict=True)
        return all(words[name] < 1 << width for name, width in named)

    @property
    def shifts(self) -> tuple[int, ...]:
        """Of each column, by how many bits its code is shifted."""
        return tuple(sum(self.widths[:place]) for place in range(len(self.widths)))

    def packed(self, codes: Codes) -> Ints:
        """Each row of codes (rows × columns, -1 for a missing word) as one integer."""
        found = np.zeros(len(codes), np.int64)
        for place, shift in enumerate(self.shifts):
            found |= (codes[:, place].astype(np.int64) + 1) << shift
        return found

    def codes(self, packed: Ints) -> Codes:
        """The codes of each integer."""
        found = np.empty((len(packed), len(self.columns)), np.int32)
        for place, (shift, width) in enumerate(zip(self.shifts, self.widths, strict=True)):
            found[:, place] = (packed >> shift & (1 << width) - 1) - 1
        return found


class Dictionary:
    """The combinations that are known, each with its number.

    Args:
        known: of each combination, by its number, its codes as one integer.
    """

    def __init__(self, packing: Packing, known: Ints) -> None:
        self.packing = packing
        self._known = np.empty(_FEWEST, np.int64)
        self._count = 0
        self._slots = np.zeros((4 * _FEWEST, 2), np.int64)
        self._codes: Codes | None = None
        self.number(known)

    @classmethod
    def of(cls, packing: Packing, codes: Codes) -> Dictionary:
        """Of combinations whose numbers are given: they are their places."""
        return cls(packing, packing.packed(codes))

    def __len__(self) -> int:
        return self._count

    @property
    def codes(self) -> Codes:
        """Of each combination its codes, by number."""
        if self._codes is None or len(self._codes) < self._count:
            self._codes = self.packing.codes(self._known[: self._count])
        return self._codes

    def widened(self, packing: Packing) -> Dictionary:
        """The same numbers with more room for words."""
        return Dictionary.of(packing, self.codes)

    def number(self, packed: Ints) -> Numbers:
        """The number of each combination; new ones get the next.

        Raises:
            TooManyTuples: and some may have got theirs.
        """
        out = np.empty(len(packed), np.uint32)
        begin = 0
        while True:
            begin, self._count = _number(packed, begin, out, self._slots, self._known, self._count)
            if begin == len(packed):
                return out
            if self._count >= MOST:
                raise TooManyTuples
            self._known = np.concatenate([self._known, np.empty_like(self._known)])
            self._slots = np.zeros((4 * len(self._known), 2), np.int64)
            _put_all(self._known, self._count, self._slots)


@numba.njit(nogil=True, cache=True)
def _place(slots, packed):  # type: ignore[no-untyped-def]
    """Where a combination is, or the empty slot where it belongs. What a slot has is counted from
    1, so that 0 is an empty one."""
    mask = np.uint64(len(slots) - 1)
    at = (np.uint64(packed) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32) & mask
    while slots[at, 0] != 0 and slots[at, 0] != packed + 1:
        at = (at + np.uint64(1)) & mask
    return at


@numba.njit(nogil=True, cache=True)
def _number(packed, begin, out, slots, known, count):  # type: ignore[no-untyped-def]
    """Number from `begin` on; returns where it stopped because all is full, and how many there
    are."""
    for i in range(begin, len(packed)):
        at = _place(slots, packed[i])
        if slots[at, 0] == 0:
            if count == len(known):
                return i, count
            slots[at, 0] = packed[i] + 1
            slots[at, 1] = count
            known[count] = packed[i]
            count += 1
        out[i] = slots[at, 1]
    return len(packed), count


@numba.njit(nogil=True, cache=True)
def _put_all(known, count, slots):  # type: ignore[no-untyped-def]
    for number in range(count):
        at = _place(slots, known[number])
        slots[at, 0] = known[number] + 1
        slots[at, 1] = number
