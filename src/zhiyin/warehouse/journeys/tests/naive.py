"""The histories read out the plain way, and what the log says of the same in SQL."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from zhiyin.kernel.clock import microseconds
from zhiyin.warehouse import lang
from zhiyin.warehouse.journeys.histories import MERGED, SKIPPED, Histories, Slices
from zhiyin.warehouse.journeys.index import Indexed
from zhiyin.warehouse.journeys.words import Bits
from zhiyin.warehouse.owner import Owner

Event = tuple[int, int, tuple[int, ...]]
"""Microseconds since 1970, the code of the name, and those of the tuple."""

Found = Mapping[int, list[Event]]
"""Each customer's events in order, by her key."""


def read_out(indexed: Indexed) -> dict[int, list[Event]]:
    """What an index holds."""
    found = indexed.histories
    check(found)
    everybody = {}
    for key, flag in enumerate(found.flags.tolist()):
        if flag == SKIPPED:
            continue
        group = int(found.group[key])
        members = [key]
        if group >= 0:
            begin, end = found.group_offsets[group], found.group_offsets[group + 1]
            members = found.members[begin:end].tolist()
            assert members[0] == key
            assert members == sorted(set(members))
        events = []
        for member in members:
            parts = [_slice(indexed, found.base, member)]
            place = int(found.tail_place[member])
            if place >= 0:
                assert flag == MERGED
                parts.append(_slice(indexed, found.tail, place))
            # Sorting is stable: at one time the base comes before the tail.
            own = sorted((event for part in parts for event in part), key=lambda one: one[0])
            events += [(event[0], member, place, event) for place, event in enumerate(own)]
        everybody[key] = [event for _us, _member, _place, event in sorted(events)]
    return everybody


def check(found: Histories) -> None:
    """What every pass relies on."""
    keys = len(found.flags)
    assert len(found.base.offsets) == keys + 1
    assert len(found.tail_place) == len(found.group) == keys
    for part in (found.base, found.tail):
        assert (np.diff(part.offsets) >= 0).all()
        assert part.offsets[0] == 0
        assert part.offsets[-1] == len(part.words) == len(part.rests)
        times = part.words >> np.uint64(found.name_bits + found.low_bits)
        falls = np.flatnonzero(times[1:] < times[:-1]) + 1
        alive = {int(part.offsets[k]) for k in range(len(part.offsets) - 1)}
        assert set(falls.tolist()) <= alive
    assert found.base.rests.dtype == found.tail.rests.dtype


def _slice(indexed: Indexed, part: Slices, place: int) -> list[Event]:
    begin, end = part.offsets[place], part.offsets[place + 1]
    found = indexed.histories
    bits = Bits(found.epoch, found.name_bits, found.low_bits, 8 * part.rests.itemsize)
    words = part.words[begin:end]
    codes = indexed.codes[bits.tuples(words, part.rests[begin:end])]
    return [
        (us, name, tuple(code))
        for us, name, code in zip(
            bits.times(words).tolist(), bits.names(words).tolist(), codes.tolist(), strict=True
        )
    ]


def in_the_log(owner: Owner, columns: tuple[str, ...]) -> dict[int, list[Event]]:
    """The same out of the log."""
    events = lang.table(owner.schema("main"), "events", has_own_key=True)
    rows = events.filter(events.name.notnull()).select(
        "customer", "own_key", "seq", "name", "occurred_at", *columns
    )
    found: dict[int, list[tuple[int, int, int, Event]]] = {}
    for row in owner.execute("main", rows).to_pylist():
        us = microseconds(row["occurred_at"])
        codes = tuple(-1 if row[name] is None else row[name] for name in columns)
        event = (us, row["name"], codes)
        found.setdefault(row["customer"], []).append((us, row["own_key"], row["seq"], event))
    return {
        customer: [event for _us, _own, _seq, event in sorted(events)]
        for customer, events in found.items()
    }
