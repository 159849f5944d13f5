"""What the log does for intake: loads, dead letters, and the catalogue of what was seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb

from zhiyin.warehouse.arriving import Letter, Reader, Reading
from zhiyin.warehouse.blocks import BlockList
from zhiyin.warehouse.deadletters import DeadLetter, DeadLetterCount, Replayed, Seen, State
from zhiyin.warehouse.engines.duckdb import catalogue, refusals
from zhiyin.warehouse.engines.duckdb.arrivals import Arrivals, Arrived
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.pseudonyms import Pseudonyms

REPLAYED_AT_ONCE = 1000

CATALOGUE_SECONDS = 3.0
"""Whoever asks for the catalogue waits so long for what is not counted yet."""


class TakesArrivals:
    """The part of `DuckdbLog` that intake uses."""

    reader: Reader | None = None
    """Makes facts of a dead letter that is tried again; whoever knows the wires sets it."""

    _seen_folder: Path
    _blocks: BlockList
    _attaching: threading.RLock
    _pseudonyms: Pseudonyms

    def _workspace(self, slug: str) -> Workspace:
        raise NotImplementedError

    def _cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        raise NotImplementedError

    def _run_due_builds(self, cursor: duckdb.DuckDBPyConnection, held: Workspace) -> None:
        raise NotImplementedError

    def journal_position(self, workspace: str) -> int:
        """The number of the first frame of the journal that the log does not have."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            found = cursor.execute(
                f"SELECT value FROM {held.sql}.counters WHERE name = 'journal'"
            ).fetchall()
        return int(found[0][0]) if found else 0

    def arrive(
        self,
        workspace: str,
        letters: Sequence[tuple[Letter, Reading]],
        *,
        position: int | None,
        newest: int = 0,
        dry_run: bool = False,
    ) -> Arrived:
        """Append what intake has read; see `Arrivals.load`."""
        return self._load(
            self._workspace(workspace), letters, position=position, newest=newest, dry_run=dry_run
        )

    def flush_arrivals(self, workspace: str) -> None:
        """Write to disk what intake keeps in memory about a workspace."""
        self._arrivals(self._workspace(workspace)).flush()

    # Dead letters

    def dead_letters(
        self,
        workspace: str,
        *,
        state: State = "waiting",
        code: str | None = None,
        source: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[DeadLetter]:
        """Refused events, the newest first; see `Log.dead_letters`."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return refusals.listed(
                cursor, held, state=state, code=code, source=source, before=before, limit=limit
            )

    def dead_letters_naming(self, workspace: str, names: Sequence[str]) -> list[DeadLetter]:
        """Refused events that name one of these; see `Log.dead_letters_naming`."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return refusals.numbered(cursor, held, refusals.naming(cursor, held, set(names)))

    def dead_letter_counts(self, workspace: str) -> list[DeadLetterCount]:
        """How many wait, by reason and source."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return refusals.counted(cursor, held)

    def replay_dead_letters(self, workspace: str, numbers: Sequence[int] | None = None) -> Replayed:
        """Try waiting events again; see `Log.replay_dead_letters`."""
        held = self._workspace(workspace)
        reader = self.reader
        if reader is None:
            msg = "no reader of dead letters is set"
            raise RuntimeError(msg)
        tried = taken = 0
        with self._cursor() as cursor:
            waiting = refusals.waiting(cursor, held, numbers)
        for first in range(0, len(waiting), REPLAYED_AT_ONCE):
            with self._cursor() as cursor:
                chunk = waiting[first : first + REPLAYED_AT_ONCE]
                letters = refusals.letters(cursor, held, chunk)
            sorted_out = refusals.sorted_out(held, letters, reader)
            self._load(held, sorted_out.good, position=None, settling=sorted_out)
            tried += len(letters)
            taken += len(sorted_out.taken)
        return Replayed(tried, taken, tried - taken)

    def dismiss_dead_letters(self, workspace: str, numbers: Sequence[int] | None = None) -> int:
        """Put waiting events aside for good; their bodies are removed. None: all of them."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            return refusals.dismiss(cursor, held, numbers)

    # The catalogue

    def catalogue(self, workspace: str) -> list[Seen]:
        """Names of events and their properties, with kinds and examples; see `Log.catalogue`."""
        held = self._workspace(workspace)
        until = time.monotonic() + CATALOGUE_SECONDS
        while self.catch_up_catalogue(workspace) and time.monotonic() < until:
            continue
        with self._cursor() as cursor:
            return catalogue.read(cursor, held)

    def catch_up_catalogue(self, workspace: str) -> bool:
        """Count some of what the log has got since; returns whether there is more."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return catalogue.catch_up(cursor, held)

    def blocked_counts(self, workspace: str) -> dict[str, int]:
        """How many events of blocked names were left out, by name."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return dict(cursor.execute(f"SELECT name, n FROM {held.sql}.blocked").fetchall())

    def _load(
        self,
        held: Workspace,
        letters: Sequence[tuple[Letter, Reading]],
        *,
        position: int | None,
        newest: int = 0,
        dry_run: bool = False,
        settling: refusals.SortedOut | None = None,
    ) -> Arrived:
        found = self._arrivals(held).load(
            letters,
            position=position,
            newest=newest,
            dry_run=dry_run,
            blocks=self._blocks.of(held.slug),
            also=settling.settle if settling else None,
        )
        if "identities" in found.by_table and not dry_run:
            with held.writing, self._cursor() as cursor:
                self._run_due_builds(cursor, held)
        return found

    def _arrivals(self, held: Workspace) -> Arrivals:
        with self._attaching:
            if held.arrivals is None:
                folder = self._seen_folder / held.slug
                held.arrivals = Arrivals(self._cursor, held, folder, self._pseudonyms)
            return held.arrivals
