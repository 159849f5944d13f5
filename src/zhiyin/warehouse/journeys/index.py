"""The journey index of one workspace: made from the log, growing with it, never ahead of it.

A *base* on disk holds all events up to a moment; the *tail* what came since, in memory, and on
disk as one run from time to time. Whoever asks brings the index up to the log first: new rows are
put into the tail, and what was taken back since is taken out. The log is the truth: whatever is
missing or damaged here is made anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from zhiyin.warehouse.journeys import (
    compacting,
    groups,
    growing,
    manifest,
    runs,
    slices,
)
from zhiyin.warehouse.journeys.compacting import Unfit
from zhiyin.warehouse.journeys.growing import State
from zhiyin.warehouse.journeys.histories import Histories, Ints, Slices
from zhiyin.warehouse.journeys.manifest import Manifest, Run
from zhiyin.warehouse.journeys.slices import Lot
from zhiyin.warehouse.journeys.source import Merges, Moment
from zhiyin.warehouse.journeys.tuples import Codes, Dictionary, Packing, TooManyTuples
from zhiyin.warehouse.journeys.words import Bits

MUCH_TOUCHED = 10
"""Where more than this part of the events was taken back, all are read again."""

SAVED = 1_000_000
"""So many events of the tail may be in memory alone."""

NO_LIMIT = np.zeros(0, np.int64)
NOBODY = np.zeros(0, np.int64)

_log = logging.getLogger("zhiyin.journeys")


@dataclass(frozen=True, slots=True)
class Indexed:
    """What questions read, and what its numbers stand for.

    Args:
        columns: of the tuples, physical names.
        codes: of each tuple its codes (tuples × columns), -1 for a missing word.
        upto: the `seq` that the log's next event gets.
    """

    histories: Histories
    columns: tuple[str, ...]
    codes: Codes
    upto: int


class Index:
    """The index of one workspace.

    Args:
        folder: of its own.
        moment: gives the log as it is now, for as long as its block lasts.
    """

    def __init__(self, folder: Path, moment: Callable[[], AbstractContextManager[Moment]]) -> None:
        self._folder = folder
        self._moment = moment
        # Whoever changes the index holds the first, for as long as that takes; the second is held
        # while one state takes another's place, and while erased customers are taken out.
        self._making = threading.Lock()
        self._guard = threading.Lock()
        self._state: State | None = None
        self._written: Manifest | None = None
        self._is_opened = self._is_checked = False
        self._dead: frozenset[int] = frozenset()
        self._dead_before: frozenset[int] = frozenset()
        self._read: tuple[State, frozenset[int], Merges, Indexed] | None = None
        self._unfit_at: int | None = None

    def current(self) -> Indexed | None:
        """The index with all that the log has committed; None where words cannot hold it.

        Raises:
            OSError: the disk is full, or worse.
        """
        with self._turn() as moment:
            state = self._followed(moment)
            if state is None:
                return None
            if growing.is_overdue(state):
                state = self._compacted(state, moment)
            elif state.upto - state.saved_upto >= SAVED:
                state = self._saved(state)
            return self._as_read(state, moment)

    def tend(self, *, always: bool = False) -> bool:
        """Bring it up to the log, and make a new base where one is due; returns whether it was."""
        with self._turn() as moment:
            if moment.upto < growing.SMALL and self._state is None and not always:
                return False
            self._unfit_at = None
            before = self._written
            state = self._followed(moment)
            if state is None:
                return False
            known = {*state.on_disk.columns, *state.on_disk.left_out}
            if not known.issuperset(moment.columns):
                state = self._built(moment)
            elif growing.is_due(state) or (always and len(state.tail)):
                state = self._compacted(state, moment)
            elif state.upto - state.saved_upto >= growing.SMALL:
                state = self._saved(state)
            return before is None or before.base != state.on_disk.base

    def forget(self, keys: frozenset[int]) -> None:
        """Erase keys: nobody reads them from here on, and their bytes are gone on return."""
        with self._guard:
            self._open()
            fresh = keys - self._dead
            self._dead |= fresh
            if self._state is None or not fresh:
                return
            # What was read out of the tail lies in memory.
            self._read = None
            try:
                self._state = self._without(self._state, fresh)
                self._write(self._state.on_disk)
            except OSError:
                _log.exception("the journey index is removed and made anew")
                self._clear()

    def close(self) -> None:
        """Keep what is in memory alone, where it is much."""
        with self._making:
            state = self._state
            if state is not None and state.upto - state.saved_upto >= growing.SMALL:
                self._saved(state)

    def remove(self) -> None:
        """Remove it and all that is on disk of it."""
        with self._making, self._guard:
            self._clear()

    @contextmanager
    def _turn(self) -> Iterator[Moment]:
        """The right to change the index, and the log as it is."""
        with self._making:
            # Before the log is looked at: who is erased from here on may be in what is read of it.
            self._dead_before = self._dead
            with self._moment() as moment:
                yield moment

    def _as_read(self, state: State, moment: Moment) -> Indexed:
        """What questions read, made again where anything has changed."""
        dead, kept = self._dead, self._read
        merges = moment.merges(kept[2] if kept else None)
        if kept is None or kept[0] is not state or kept[1] != dead or kept[2] is not merges:
            found = groups.histories(
                state.bits, state.whole_base, state.tail, state.keys, dead, merges
            )
            codes = state.dictionary.codes
            indexed = Indexed(found, state.on_disk.columns, codes, state.upto)
            kept = self._read = (state, dead, merges, indexed)
        return kept[3]

    # Following the log

    def _followed(self, moment: Moment) -> State | None:
        """The state with all that the log has; None where words cannot hold it."""
        if self._unfit_at is not None and moment.upto < 2 * self._unfit_at:
            return None
        self.forget(moment.erased)
        self._check(moment)
        try:
            state = None if self._state is None else self._brought_up(self._state, moment)
            return state or self._built(moment)
        except Unfit:
            self._unfit_at = max(moment.upto, 1)
            return None

    def _check(self, moment: Moment) -> None:
        """Let go of an index that was made from another log."""
        with self._guard:
            state = self._state
            if state and not self._is_checked and not growing.is_of(state.on_disk, moment):
                _log.warning("%s is of another log, and is made anew", self._folder)
                self._state, self._dead = None, moment.erased
            self._is_checked = True

    def _brought_up(self, state: State, moment: Moment) -> State | None:
        """The state without what was taken back and with what is new; None: begin anew."""
        try:
            corrected = self._corrected(state, moment)
            found = None if corrected is None else growing.grown(corrected, moment)
        except TooManyTuples:
            return None
        if found is None or found is state:
            return found
        return self._published(found)

    def _corrected(self, state: State, moment: Moment) -> State | None:
        before, after = state.standing, moment.standing
        if before == after:
            return state
        old, new = moment.least(before.kept), moment.least(after.kept)
        if (new < old).any():
            return None
        touched = moment.touched(before, state.upto)
        if touched.count * MUCH_TOUCHED > max(len(state.base.words), growing.SMALL):
            return None
        is_less_kept = bool((new > old).any())
        state = replace(state, standing=after)
        if not touched.count and not is_less_kept:
            return state if before.rewritten == after.rewritten else _seen(state)
        base_upto = state.on_disk.base.upto
        if touched.first >= base_upto and not is_less_kept:
            # Only the tail has them: it is read again.
            return replace(state, tail=slices.NOTHING, upto=base_upto).named(tail=None)
        keys = moment.touched_keys(before, state.upto) if touched.count else NOBODY
        instead = growing.lot_of(
            state, moment, moment.rows_of(keys, state.upto, state.dictionary.packing)
        )
        if instead is None:
            return None
        return self._compacted(state, moment, touched=keys, instead=instead, least=new)

    # Making a base

    def _built(self, moment: Moment) -> State:
        """A state made from the log alone.

        Raises:
            Unfit: words cannot hold it.
        """
        columns, left_out = moment.columns, moment.left_out
        number = self._next_number()
        while True:
            folder = self._new_folder("base", number)
            packing = Packing.fitting(columns, moment.words)
            if packing is not None:
                with suppress(TooManyTuples):
                    bits, dictionary = compacting.build(moment, folder, packing)
                    break
            # The last of them has the most words.
            columns, left_out = columns[:-1], (*left_out, columns[-1])
        made = Manifest(
            number=number + 1,
            epoch=bits.epoch,
            name_bits=bits.name_bits,
            low_bits=bits.low_bits,
            rest_bits=bits.rest_bits,
            columns=columns,
            left_out=left_out,
            base=Run(folder.name, moment.upto),
            tail=None,
            dead=(),
            standing=moment.standing,
            last=moment.last_row(moment.upto),
        )
        return self._published(self._mapped(made, dictionary, moment.keys))

    def _compacted(
        self,
        state: State,
        moment: Moment,
        *,
        touched: Ints = NOBODY,
        instead: Lot | None = None,
        least: Ints = NO_LIMIT,
    ) -> State:
        """A state whose base has what base and tail had.

        Args:
            touched: keys whose events are `instead`, whatever base and tail have of them.
            least: by name: earlier events are left out (microseconds since 1970).
        """
        dead = self._dead
        instead = slices.NOTHING if instead is None else instead
        gone = [np.fromiter(dead, np.int64, len(dead)), np.setdiff1d(touched, instead.keys)]
        folder = self._new_folder("base", state.on_disk.number)
        compacting.merge(
            folder,
            state.whole_base,
            state.tail,
            bits=state.bits,
            dictionary=state.dictionary,
            gone=np.concatenate(gone),
            instead=instead,
            least=least,
        )
        made = state.named(
            number=state.on_disk.number + 1,
            base=Run(folder.name, state.upto),
            tail=None,
            dead=(),
            last=moment.last_row(state.upto),
        ).on_disk
        return self._published(self._mapped(made, state.dictionary, state.keys))

    def _saved(self, state: State) -> State:
        """The same, with its tail on disk."""
        number = state.on_disk.number
        folder = self._new_folder("tail", number)
        runs.write(folder, state.tail, state.dictionary.codes, state.bits.kind)
        run = Run(folder.name, state.upto)
        return self._published(state.named(number=number + 1, tail=run))

    def _new_folder(self, what: str, number: int) -> Path:
        """Where a run is made; nothing is there."""
        folder = self._folder / f"{what}-{number:06d}"
        runs.remove(folder)
        return folder

    def _next_number(self) -> int:
        return 0 if self._written is None else self._written.number

    # One state in another's place

    def _open(self) -> None:
        """Read what is on disk, once, and remove what a crash left."""
        if self._is_opened:
            return
        self._is_opened = True
        found = manifest.read(self._folder)
        if found is not None:
            try:
                self._state = self._from_disk(found)
                self._written = found
                self._dead |= frozenset(found.dead)
            except runs.Damaged as error:
                _log.warning("the journey index is made anew: %s", error)
        manifest.sweep(self._folder, self._written)

    def _from_disk(self, found: Manifest) -> State:
        newest = found.tail or found.base
        codes = runs.open_codes(self._folder / newest.folder)
        words = {name: int(codes[:, n].max(initial=0)) for n, name in enumerate(found.columns)}
        packing = Packing.fitting(found.columns, words)
        if packing is None:
            raise runs.Damaged(newest.folder)
        dictionary = Dictionary.of(packing, codes)
        state = self._mapped(found, dictionary, 0)
        if found.tail is None:
            return state
        tail = runs.open_lot(self._folder / found.tail.folder)
        # Keys that were erased are overwritten there, and no longer in order.
        tail = slices.without(tail, np.array(found.dead, np.int64))
        keys = max(state.keys, int(tail.keys.max(initial=-1)) + 1)
        base = growing.with_room(state.base, keys)
        return replace(state, base=base, tail=tail, upto=found.tail.upto, keys=keys)

    def _mapped(self, made: Manifest, dictionary: Dictionary, keys: int) -> State:
        """A base that lies there, without a tail, for so many keys or as many as it has."""
        base = runs.open_slices(self._folder / made.base.folder)
        keys = max(keys, len(base.offsets) - 1)
        room = growing.with_room(base, keys)
        return State(made, room, slices.NOTHING, dictionary, made.base.upto, keys, made.standing)

    def _published(self, state: State) -> State:
        """From here on this is the index, without whoever was erased while it was made."""
        with self._guard:
            missed = self._dead - self._dead_before
            state = self._without(state, missed) if missed else state
            if state.on_disk != self._written:
                self._write(state.on_disk)
                manifest.sweep(self._folder, self._written)
            self._state = state
        return state

    def _clear(self) -> None:
        self._state = self._written = self._read = None
        runs.remove(self._folder)

    def _write(self, made: Manifest) -> None:
        manifest.write(self._folder, made)
        self._written = made

    def _without(self, state: State, keys: frozenset[int]) -> State:
        """The state without the events of some keys, whose bytes are gone from its files."""
        dead = set(state.on_disk.dead)
        for run in (state.on_disk.base, state.on_disk.tail):
            if run is not None:
                folder = self._folder / run.folder
                spans = runs.spans(folder, keys)
                if spans:
                    runs.overwrite(folder, list(spans.values()))
                dead.update(spans)
        gone = np.fromiter(keys, np.int64, len(keys))
        state = replace(state, tail=slices.without(state.tail, gone))
        on_disk = state.on_disk
        return state if dead == set(on_disk.dead) else _with_dead(state, dead)


def _seen(state: State) -> State:
    """The state whose manifest has seen that the log's file was written anew."""
    known = msgspec.structs.replace(state.on_disk.standing, rewritten=state.standing.rewritten)
    return state.named(standing=known)


def _with_dead(state: State, dead: set[int]) -> State:
    standing = state.on_disk.standing
    return state.named(dead=tuple(sorted(dead)), standing=standing)


def warm() -> None:
    """Compile what makes an index, or load it from disk."""
    keys, us = np.zeros(2, np.int32), np.zeros(2, np.int64)
    bits = Bits(0, 1, 0, 32)
    dictionary = Dictionary(Packing(("column",), (2,)), us)
    # What comes out of the engine cannot be written to, which is another kind of array.
    keys.setflags(write=False)
    us.setflags(write=False)
    numbers = dictionary.number(us)
    words = bits.packed(us, keys, numbers)
    slices.count(keys, np.zeros(1, np.int64))
    lot = slices.lot_of(keys, words, numbers, bits.shift)
    lot = slices.merged(lot, lot, bits.shift)
    room = Slices(np.array([0, 2], np.int64), words.copy(), numbers.copy())
    narrow = Slices(room.offsets, room.words, numbers.astype(np.uint8))
    slices.scatter(keys, words, narrow.rests, 0, np.zeros(1, np.int64), room.words, narrow.rests)
    slices.sort(narrow, bits.shift)
    offsets = np.zeros(2, np.int64)
    parts = (NOBODY, slices.NOTHING, NO_LIMIT, offsets, compacting.SHARE_MERGED)
    list(compacting.merged_shares(room, lot, bits, *parts))
    nobody = Merges("", np.zeros(0, np.int32), np.zeros(0, np.int32))
    groups.histories(bits, room, lot, 1, frozenset(), nobody)
