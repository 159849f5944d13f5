"""Customers' events in their order, as the compiled passes read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Rests = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.uint32]

PLAIN, MERGED, SKIPPED = 0, 1, 2
"""A flag of each key: read its base slice in place; gather at reading; leave out."""


@dataclass(frozen=True, slots=True)
class Slices:
    """Events of some keys: those of the key at place i are ``offsets[i]`` up to ``offsets[i + 1]``.

    The arrays are contiguous, and writable for numpy though nobody writes (a file is mapped with
    mode "c"): a pass would be compiled anew for any other kind.

    Args:
        offsets: one more than there are places; does not fall.
        words: of each event its microseconds since the epoch of the index, the low bits of the
            number of its tuple of dimensions, and its name; see `words.Bits`. Rising within a key
            by time; equal times in the order of arrival.
        rests: of each event the other bits of that number; one dtype for a whole index.
    """

    offsets: Ints
    words: Words
    rests: Rests


@dataclass(frozen=True, slots=True)
class Histories:
    """What one question reads; immutable.

    A *key* is the small integer of an id, before merges; a *customer* is one key or a group of
    keys. A customer's events stand in the order of (exact microsecond, key, arrival).

    Args:
        epoch: microseconds since 1970 that a word's time counts from.
        name_bits: how many low bits of a word are the event's name.
        low_bits: how many bits above them are the low ones of its tuple's number.
        base: the place of a key is the key itself.
        tail: what came later than the base; the place of a key is ``tail_place[key]``.
        tail_place: int32 by key; -1 where nothing came later.
        flags: uint8 by key: PLAIN, MERGED (it has a tail, or is the first of a group), or SKIPPED
            (erased, without events, or a later member of a group).
        group: int32 by key: the group of which it is the first member, or -1.
        group_offsets: where each group's members begin and end.
        members: keys, rising within a group; the first of them stands for the customer.
    """

    epoch: int
    name_bits: int
    low_bits: int
    base: Slices
    tail: Slices
    tail_place: npt.NDArray[np.int32]
    flags: npt.NDArray[np.uint8]
    group: npt.NDArray[np.int32]
    group_offsets: Ints
    members: npt.NDArray[np.int32]

    def known(self, names: Iterable[int]) -> list[int]:
        """Those of these names that a word may have; a newer one no event here has."""
        return sorted(name for name in names if name >> self.name_bits == 0)
