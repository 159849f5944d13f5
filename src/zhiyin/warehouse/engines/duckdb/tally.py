"""Compiled look-ups of the loader: sets of 64-bit hashes, and a table from fingerprint to key.

Both are open addressing in plain arrays; nothing is ever taken out of them.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.int32]

FULL = 0.6
"""A table that is fuller than this is doubled."""

_FEWEST = 1 << 12


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def add_to_set(slots: Hashes, hashes: Hashes) -> int:
    """Put hashes into a set (0 is an empty slot; a hash of 0 counts as 1); returns how many."""
    mask = np.uint64(len(slots) - 1)
    added = 0
    for value in hashes:
        wanted = value if value != 0 else np.uint64(1)
        at = wanted & mask
        while slots[at] != 0 and slots[at] != wanted:
            at = (at + np.uint64(1)) & mask
        if slots[at] == 0:
            slots[at] = wanted
            added += 1
    return added


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def find_in_set(slots: Hashes, hashes: Hashes, found: npt.NDArray[np.bool_]) -> None:
    """Mark in `found` which hashes the set has."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(hashes)):
        if found[i]:
            continue
        wanted = hashes[i] if hashes[i] != 0 else np.uint64(1)
        at = wanted & mask
        while slots[at] != 0:
            if slots[at] == wanted:
                found[i] = True
                break
            at = (at + np.uint64(1)) & mask


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _put_keys(table: npt.NDArray[np.uint64], low: Hashes, packed: Hashes) -> None:
    mask = np.uint64(len(table) - 1)
    for i in range(len(low)):
        at = low[i] & mask
        while table[at, 1] != 0:
            at = (at + np.uint64(1)) & mask
        table[at, 0] = low[i]
        table[at, 1] = packed[i]


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _get_keys(table: npt.NDArray[np.uint64], low: Hashes, high: Hashes, keys: Keys) -> None:
    mask = np.uint64(len(table) - 1)
    bits = np.uint64(32)
    rest = np.uint64(0xFFFFFFFF)
    for i in range(len(low)):
        at = low[i] & mask
        wanted = high[i] & rest
        keys[i] = -1
        while table[at, 1] != 0:
            if table[at, 0] == low[i] and table[at, 1] >> bits == wanted:
                keys[i] = np.int32(np.int64(table[at, 1] & rest) - 1)
                break
            at = (at + np.uint64(1)) & mask


class KeyTable:
    """Fingerprint of an id (96 bits of its MD5) → its integer key, 16 bytes a slot."""

    def __init__(self) -> None:
        self._table = np.zeros((_FEWEST, 2), np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def get(self, low: Hashes, high: Hashes) -> Keys:
        """The keys of ids; -1 where there is none."""
        keys = np.empty(len(low), np.int32)
        _get_keys(self._table, low, high, keys)
        return keys

    def put(self, low: Hashes, high: Hashes, keys: Keys) -> None:
        """Add ids that the table does not have."""
        needed = self._count + len(low)
        if needed > FULL * len(self._table):
            self._grow(needed)
        # A slot's second word is 0 when it is empty, so keys are kept one higher.
        packed = (high << np.uint64(32)) | (keys.astype(np.int64) + 1).astype(np.uint64)
        _put_keys(self._table, low, packed)
        self._count = needed

    def _grow(self, needed: int) -> None:
        old = self._table
        self._table = np.zeros((slots_for(needed), 2), np.uint64)
        used = old[old[:, 1] != 0]
        _put_keys(self._table, used[:, 0].copy(), used[:, 1].copy())


def slots_for(count: int) -> int:
    """The size of a table that has room for `count` and as many again."""
    slots = _FEWEST
    while slots * FULL < 1.5 * count:
        slots *= 2
    return slots


def warm() -> None:
    """Compile, or read what was compiled at set-up."""
    one = np.ones(1, np.uint64)
    slots = np.zeros(16, np.uint64)
    add_to_set(slots, one)
    find_in_set(slots, one, np.zeros(1, np.bool_))
    table = KeyTable()
    table.put(one, one, np.ones(1, np.int32))
    table.get(one, one)
