"""A state of an index, and how it takes in what the log has got since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from zhiyin.warehouse.journeys import slices
from zhiyin.warehouse.journeys.histories import Slices
from zhiyin.warehouse.journeys.manifest import Manifest, Standing
from zhiyin.warehouse.journeys.slices import Lot
from zhiyin.warehouse.journeys.source import Moment, Rows
from zhiyin.warehouse.journeys.tuples import Dictionary, Packing
from zhiyin.warehouse.journeys.words import Bits

SMALL = 100_000
"""A tail of fewer events is never worth a new base; a log of fewer waits for its first question."""

LONG_TAIL = 20
"""A tail of more than this part of the base is due for a new one…"""
MANY_FLAGGED = 4
"""… and so is one that has events of more than this part of the customers."""
TOO_LONG_TAIL = 4
"""A tail of more than this part of the base does not wait for its turn."""


@dataclass(frozen=True, slots=True)
class State:
    """An index at one moment.

    Args:
        on_disk: what is read again after a crash.
        base: with offsets for more keys than there are.
        tail: all that came after the base.
        upto: the `seq` up to which (not with it) base and tail have the log's events.
        keys: how many keys there are.
        standing: what was taken back by then.
    """

    on_disk: Manifest
    base: Slices
    tail: Lot
    dictionary: Dictionary
    upto: int
    keys: int
    standing: Standing

    @property
    def bits(self) -> Bits:
        """How its words are made."""
        made = self.on_disk
        return Bits(made.epoch, made.name_bits, made.low_bits, made.rest_bits)

    @property
    def whole_base(self) -> Slices:
        """The base with an offset for each key that there is, and one more."""
        return Slices(self.base.offsets[: self.keys + 1], self.base.words, self.base.rests)

    @property
    def saved_upto(self) -> int:
        """The `seq` up to which it is on disk."""
        return (self.on_disk.tail or self.on_disk.base).upto

    def named(self, **changes: Any) -> State:
        """The same with another manifest, which says what was taken back by now."""
        changes = {"standing": self.standing, **changes}
        return replace(self, on_disk=msgspec.structs.replace(self.on_disk, **changes))


def with_room(base: Slices, keys: int) -> Slices:
    """The base with offsets for so many keys and some more: keys that came later have no events."""
    known = len(base.offsets)
    if known > keys:
        return base
    offsets = np.full(keys + keys // 4 + 1024, base.offsets[-1], np.int64)
    offsets[:known] = base.offsets
    return Slices(offsets, base.words, base.rests)


def grown(state: State, moment: Moment) -> State | None:
    """The state with the rows that came since; None where it is quicker, or necessary, to begin
    anew.

    Raises:
        TooManyTuples: one of the tuples' columns must be left out.
    """
    if (moment.upto, moment.keys) == (state.upto, state.keys):
        return state
    if moment.upto - state.upto > max(SMALL, len(state.base.words)):
        return None
    if not state.dictionary.packing.holds(moment.words):
        packing = Packing.fitting(state.on_disk.columns, moment.words)
        if packing is None:
            return None
        state = replace(state, dictionary=state.dictionary.widened(packing))
    tail = state.tail
    fresh = slices.NOTHING
    for rows in moment.rows(state.upto, moment.upto, state.dictionary.packing):
        lot = lot_of(state, moment, rows)
        if lot is None:
            return None
        fresh = slices.merged(fresh, lot, state.bits.shift) if len(fresh) else lot
    if len(fresh):
        tail = slices.merged(tail, fresh, state.bits.shift) if len(tail) else fresh
    base = with_room(state.base, moment.keys)
    return replace(state, base=base, tail=tail, upto=moment.upto, keys=moment.keys)


def lot_of(state: State, moment: Moment, rows: Rows) -> Lot | None:
    """Rows as the index holds events; None where its bits do not hold them."""
    bits = state.bits
    if not len(rows.keys):
        return slices.NOTHING
    numbers = state.dictionary.number(rows.packed)
    first, last = int(rows.us.min()), int(rows.us.max())
    if not bits.holds(first, last, names=moment.names, tuples=len(state.dictionary)):
        return None
    words = bits.packed(rows.us, rows.names, numbers)
    return slices.lot_of(rows.keys, words, bits.rests(numbers), bits.shift)


def is_due(state: State) -> bool:
    """Whether a new base is worth its while."""
    if len(state.tail) <= SMALL:
        return False
    people = int(np.count_nonzero(np.diff(state.base.offsets)))
    is_flagged = len(state.tail.keys) * MANY_FLAGGED > people
    return is_flagged or len(state.tail) * LONG_TAIL > len(state.base.words)


def is_overdue(state: State) -> bool:
    """Whether the next question should not be asked without one."""
    return len(state.tail) > max(SMALL, len(state.base.words) // TOO_LONG_TAIL)


def is_of(manifest: Manifest, moment: Moment) -> bool:
    """Whether an index was made from this log: not from one that was put in its place."""
    upto = (manifest.tail or manifest.base).upto
    if moment.upto < upto or moment.standing.rewritten != manifest.standing.rewritten:
        # Where the file was written anew without it, it may have whom nobody knows as erased.
        return False
    if manifest.last is None:
        return True
    seq, known = manifest.last
    found = moment.hash_of(seq)
    # A row may be gone because its customer was erased.
    return found is None or found == known
