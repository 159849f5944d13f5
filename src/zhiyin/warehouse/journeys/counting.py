"""How many events of each name there are, and of how many customers."""

from __future__ import annotations

from typing import Any

import msgspec
import numba
import numpy as np
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.histories import SKIPPED, Histories, Slices
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.reading import Split, tuple_of

ANY_TIME = 1 << 62
"""No bound, in microseconds since 1970."""


class NamesAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events within a time.

    Args:
        start: microseconds since 1970, included.
        end: not included.
    """

    start: int = -ANY_TIME
    end: int = ANY_TIME


def names(chosen: Chosen, asked: NamesAsked) -> pa.Table:
    """One row for each name that occurs, by group where there are some.

    Returns:
        ``group`` (the code of its word, -1 for a missing one; only with a break-down), ``name``
        (its code), ``events`` and ``customers``, ordered by the first two.
    """
    found, groups = chosen.histories, chosen.groups
    counts = _count(
        found.epoch, np.uint64(found.name_bits), np.uint64(found.low_bits),
        found.base.offsets, found.base.words, found.base.rests,
        found.tail.offsets, found.tail.words, found.tail.rests,
        found.tail_place, found.flags, found.group, found.group_offsets, found.members,
        asked.start, asked.end,
        np.zeros(0, np.uint8) if chosen.tuples is None else chosen.tuples, chosen.tuples is None,
        np.zeros(0, np.uint8) if chosen.names is None else chosen.names, chosen.names is None,
        np.zeros(0, np.int32) if groups is None else groups.of_tuple,
        1 if groups is None else len(groups.codes),
    )  # fmt: skip
    group, name = np.nonzero(counts[0])
    columns: dict[str, Any] = {} if groups is None else {"group": groups.codes[group]}
    columns["name"] = name.astype(np.int32)
    columns |= {"events": counts[0][group, name], "customers": counts[1][group, name]}
    return pa.table(columns)


@numba.njit(nogil=True, cache=True)
def _count(  # type: ignore[no-untyped-def]
    epoch, name_bits, low_bits, base_offsets, base_words, base_rests,
    tail_offsets, tail_words, tail_rests,
    tail_place, flags, group, group_offsets, members,
    start, end, tuples, all_tuples, allowed, all_names, of_tuple, groups, _sources=SOURCES,
):  # fmt: skip
    bits, split = name_bits + low_bits, Split(low_bits, name_bits)
    counts = np.zeros((2, groups, np.int64(1) << np.int64(name_bits)), np.int64)
    seen = np.full((groups, np.int64(1) << np.int64(name_bits)), -1, np.int64)
    mask = (np.uint64(1) << name_bits) - np.uint64(1)
    # Times of words, so that each event costs one comparison.
    first, last = start - epoch, end - epoch
    for key in range(len(flags)):
        if flags[key] == SKIPPED:
            continue
        g = group[key]
        begin, stop = (group_offsets[g], group_offsets[g + 1]) if g >= 0 else (0, 1)
        for at in range(begin, stop):
            own = members[at] if g >= 0 else key
            for part in range(2):
                if part == 0:
                    words, rests = base_words, base_rests
                    lo, hi = base_offsets[own], base_offsets[own + 1]
                else:
                    place = tail_place[own]
                    if place < 0:
                        continue
                    words, rests = tail_words, tail_rests
                    lo, hi = tail_offsets[place], tail_offsets[place + 1]
                for i in range(lo, hi):
                    time = np.int64(words[i] >> bits)
                    name = np.int64(words[i] & mask)
                    if time < first or time >= last:
                        continue
                    number = tuple_of(words[i], rests[i], split)
                    if not all_tuples and not tuples[number]:
                        continue
                    if not all_names and not (name < len(allowed) and allowed[name]):
                        continue
                    row = of_tuple[number] if groups > 1 else 0
                    counts[0, row, name] += 1
                    if seen[row, name] != key:
                        seen[row, name] = key
                        counts[1, row, name] += 1
    return counts


def warm(kind: np.dtype[Any]) -> None:
    """Compile for tuples of this type, or load what is compiled."""
    nothing = Slices(np.zeros(1, np.int64), np.zeros(0, np.uint64), np.zeros(0, kind))
    nobody = np.zeros(0, np.int32)
    empty = Histories(
        0,
        1,
        0,
        nothing,
        nothing,
        nobody,
        np.zeros(0, np.uint8),
        nobody,
        np.zeros(1, np.int64),
        nobody,
    )
    codes = np.zeros((0, 0), np.int32)
    names(Chosen(empty, None, None, None, (), codes), NamesAsked())
