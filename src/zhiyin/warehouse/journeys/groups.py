"""What one question reads: base, tail, and who is whose, put together without copying events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import (
    MERGED,
    PLAIN,
    SKIPPED,
    Histories,
    Ints,
    Rests,
    Slices,
)
from zhiyin.warehouse.journeys.slices import Keys, Lot
from zhiyin.warehouse.journeys.source import Merges
from zhiyin.warehouse.journeys.words import Bits


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups of keys that are one customer, each with its members rising.

    Args:
        group: int32 by key: the group of which it is the first, or -1.
        offsets: where each group's members begin and end.
        members: keys.
    """

    group: npt.NDArray[np.int32]
    offsets: Ints
    members: Keys


def histories(
    bits: Bits, base: Slices, tail: Lot, keys: int, dead: frozenset[int], merges: Merges
) -> Histories:
    """What a question reads.

    Args:
        base: with an offset for each of `keys` and one more.
        keys: how many keys there are.
        dead: keys that nobody reads.
    """
    tail_place = np.full(keys, -1, np.int32)
    tail_place[tail.keys] = np.arange(len(tail.keys), dtype=np.int32)
    gone = np.zeros(keys, np.bool_)
    buried = np.fromiter(dead, np.int64, len(dead))
    gone[buried[buried < keys]] = True
    flags = np.empty(keys, np.uint8)
    _flag(base.offsets, tail_place, gone, flags)
    grouped = _groups(keys, flags, gone, merges)
    return Histories(
        epoch=bits.epoch,
        name_bits=bits.name_bits,
        low_bits=bits.low_bits,
        base=base,
        tail=Slices(
            tail.slices.offsets,
            tail.slices.words,
            cast("Rests", tail.slices.rests.astype(base.rests.dtype, copy=False)),
        ),
        tail_place=tail_place,
        flags=flags,
        group=grouped.group,
        group_offsets=grouped.offsets,
        members=grouped.members,
    )


def _groups(
    keys: int, flags: npt.NDArray[np.uint8], gone: npt.NDArray[np.bool_], merges: Merges
) -> Grouped:
    """The groups that have events; `flags` learns who is read with whom."""
    group = np.full(keys, -1, np.int32)
    nobody = Grouped(group, np.zeros(1, np.int64), np.zeros(0, np.int32))
    # The id that stands for all is a member, with events of its own or without.
    has_events = (merges.keys < keys) & (flags[np.minimum(merges.keys, keys - 1)] != SKIPPED)
    others, customers = merges.keys[has_events], merges.customers[has_events]
    alive = ~gone[customers]
    others, customers = others[alive], customers[alive]
    if not len(others):
        return nobody
    first = np.unique(customers)
    members = np.concatenate([first, others])
    of = np.concatenate([first, customers])
    # Stable, so that members stay in the order of their keys, the one that stands for all first.
    order = np.argsort(of, kind="stable")
    members, of = members[order].astype(np.int32), of[order]
    begins = np.flatnonzero(np.diff(of, prepend=-1))
    flags[members] = SKIPPED
    flags[first] = MERGED
    group[first] = np.arange(len(first), dtype=np.int32)
    return Grouped(group, np.append(begins, len(members)).astype(np.int64), members)


@numba.njit(nogil=True, cache=True)
def _flag(offsets, tail_place, gone, flags):  # type: ignore[no-untyped-def]
    for key in range(len(flags)):
        if gone[key]:
            flags[key] = SKIPPED
        elif tail_place[key] >= 0:
            flags[key] = MERGED
        elif offsets[key] == offsets[key + 1]:
            flags[key] = SKIPPED
        else:
            flags[key] = PLAIN
