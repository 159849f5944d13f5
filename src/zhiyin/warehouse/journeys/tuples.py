"""Tuples of dimensions: each combination of codes that occurs has a number.

A filter or a break-down by these columns is then a look-up by one small number an event. What a
number stands for never changes; new combinations get the next ones.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Tuples

Codes = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.uint32]

MOST = 1 << 20
"""So many combinations are held; beyond, a column must be left out."""

ROOM: dict[np.dtype[Any], int] = {
    np.dtype(np.uint8): 1 << 8,
    np.dtype(np.uint16): 1 << 16,
    np.dtype(np.uint32): MOST,
}
"""How many numbers a type holds."""

_FEWEST = 1 << 10


class TooManyTuples(Exception):  # noqa: N818 - a state of the log, not an error of a person's
    """More combinations than are held."""


class Dictionary:
    """The combinations of the values of some columns.

    Args:
        columns: physical names, in the order of the codes.
        codes: of each combination that is known, int32 (combinations × columns), -1 for a missing
            word.
    """

    def __init__(self, columns: tuple[str, ...], codes: Codes | None = None) -> None:
        self.columns = columns
        self._codes = np.empty((_FEWEST, len(columns)), np.int32)
        # Found, and how many of each kind of node: [combinations, inner nodes].
        self._counts = np.array([0, 1], np.int64)
        self._keys = np.zeros(_FEWEST, np.uint64)
        self._values = np.zeros(_FEWEST, np.int32)
        if codes is not None:
            self.number(codes)

    def __len__(self) -> int:
        return int(self._counts[0])

    @property
    def codes(self) -> Codes:
        """Of each combination its codes, by number (a view)."""
        return self._codes[: len(self)]

    def number(self, codes: Codes) -> Numbers:
        """The number of each row of codes (rows × columns, C order); new ones get the next.

        Raises:
            TooManyTuples: and some of the rows may have got theirs.
        """
        out = np.empty(len(codes), np.uint32)
        if not self.columns:
            if len(codes):
                self._counts[0] = 1
            out[:] = 0
            return out
        begin = 0
        while True:
            begin = _number(codes, begin, out, self._keys, self._values, self._codes, self._counts)
            if begin == len(codes):
                return out
            if len(self) >= MOST:
                raise TooManyTuples
            self._grow()

    def _grow(self) -> None:
        if len(self) == len(self._codes):
            self._codes = np.concatenate([self._codes, np.empty_like(self._codes)])
        else:
            keys, values = self._keys, self._values
            self._keys = np.zeros(2 * len(keys), np.uint64)
            self._values = np.zeros(2 * len(keys), np.int32)
            _put_all(keys, values, self._keys, self._values)


def type_for(count: int) -> np.dtype[Any]:
    """The smallest type that holds so many combinations and half as many again."""
    for kind, room in ROOM.items():
        if count + count // 2 <= room:
            return kind
    return np.dtype(np.uint32)


def holds(kind: np.dtype[Any], count: int) -> bool:
    """Whether the numbers of so many combinations are of this type."""
    return count <= ROOM[kind]


def cast(numbers: Numbers | Tuples, kind: np.dtype[Any]) -> Tuples:
    """Numbers as an index holds them."""
    return numbers.astype(kind, copy=False)


@numba.njit(nogil=True, cache=True)
def _place(keys, key):  # type: ignore[no-untyped-def]
    """Where a key is, or the empty slot where it belongs. 0 is an empty slot."""
    mask = np.uint64(len(keys) - 1)
    at = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
    while keys[at] != 0 and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@numba.njit(nogil=True, cache=True)
def _number(codes, begin, out, keys, values, known, counts):  # type: ignore[no-untyped-def]
    """Number rows from `begin` on; returns where it stopped because a table is full.

    A tree: from each node a code leads to the next; what the last code leads to is the number.
    """
    columns = codes.shape[1]
    bound = len(keys) // 2 - columns - 1
    for i in range(begin, len(codes)):
        if i > begin:
            same = True
            for j in range(columns):
                if codes[i, j] != codes[i - 1, j]:
                    same = False
                    break
            if same:
                out[i] = out[i - 1]
                continue
        if counts[0] == len(known) or counts[0] + counts[1] >= bound:
            return i
        node = np.int64(0)
        for j in range(columns):
            # Shifted by two, so that no key is 0.
            key = np.uint64(node) << np.uint64(32) | np.uint64(codes[i, j] + 2)
            at = _place(keys, key)
            if keys[at] == 0:
                keys[at] = key
                if j == columns - 1:
                    values[at] = counts[0]
                    known[counts[0], :] = codes[i, :]
                    counts[0] += 1
                else:
                    values[at] = counts[1]
                    counts[1] += 1
            node = np.int64(values[at])
        out[i] = node
    return len(codes)


@numba.njit(nogil=True, cache=True)
def _put_all(keys, values, into_keys, into_values):  # type: ignore[no-untyped-def]
    for i in range(len(keys)):
        if keys[i] != 0:
            at = _place(into_keys, keys[i])
            into_keys[at] = keys[i]
            into_values[at] = values[i]
