"""What the log does for rights: it erases, keeps no longer than it may, and writes files anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb

from zhiyin.warehouse.engines.duckdb import erasing, files
from zhiyin.warehouse.engines.duckdb.cursors import Cursors
from zhiyin.warehouse.engines.duckdb.rewriting import Rewrite
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.journeys.index import Index
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.rights import Erased, ErasureInLog, Id, KeptSince, Rewritten, Subject
from zhiyin.warehouse.still import Still
from zhiyin.warehouse.tables import TABLES


class KeepsRights:
    """The part of `DuckdbLog` that customers' rights need, and that copies and rewrites files."""

    _folder: Path
    _cursors: Cursors
    _pseudonyms: Pseudonyms
    _rewriting: threading.Lock

    def _workspace(self, slug: str) -> Workspace:
        raise NotImplementedError

    def _cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        raise NotImplementedError

    def _refresh(
        self, cursor: duckdb.DuckDBPyConnection, held: Workspace, tables: set[str]
    ) -> None:
        raise NotImplementedError

    def _run_due_builds(self, cursor: duckdb.DuckDBPyConnection, held: Workspace) -> None:
        raise NotImplementedError

    def _index(self, held: Workspace) -> Index:
        raise NotImplementedError

    def subject(self, workspace: str, name: str, kind: str | None = None) -> Subject:
        """The customer of an id, with every key and id that is hers."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return erasing.subject(cursor, held, name, kind)

    def erase(
        self, workspace: str, ids: Sequence[Id], erasure: str, contacts: Sequence[str] = ()
    ) -> Erased:
        """Make the customers of ids unreadable; see `Log.erase`."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            found = erasing.subjects(cursor, held, ids)
            cursor.execute("BEGIN")
            try:
                done = erasing.erase(
                    cursor, held, self._pseudonyms, found, erasure, frozenset(contacts)
                )
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            held.forgets += 1
            self._refresh(cursor, held, set())
            self._run_due_builds(cursor, held)
            self._index(held).forget(held.erased_keys)
            held.points.forget()
        return done

    def rewrite(self, workspace: str) -> Rewritten:
        """Write the workspace's file anew without what nobody reads; see `Log.rewrite`."""
        held = self._workspace(workspace)

        def reload(cursor: duckdb.DuckDBPyConnection) -> None:
            self._refresh(cursor, held, set(TABLES))
            self._run_due_builds(cursor, held)
            held.points.forget()

        with self._rewriting, held.tending:
            return Rewrite(held, self._folder, self._cursor, reload, self._cursors.drain).run()

    @contextmanager
    def hold_still(self, workspace: str) -> Iterator[Still]:
        """Keep the workspace's file as it is, to be copied; see `Log.hold_still`."""
        held = self._workspace(workspace)
        with self._rewriting, self._without_checkpoints():
            with held.tending, held.writing, self._cursor() as cursor:
                cursor.execute(f"CHECKPOINT {held.sql}")
                path = files.current(self._folder, workspace)
                if path is None:
                    msg = f"{workspace} has no file"
                    raise RuntimeError(msg)
                still = Still(path, path.stat().st_size, held.version)
            yield still

    @contextmanager
    def _without_checkpoints(self) -> Iterator[None]:
        """What is committed inside goes to the write-ahead logs, and the files keep their heads."""
        with self._cursor() as cursor:
            cursor.execute("SET checkpoint_threshold = '1TB'")
        try:
            yield
        finally:
            # The next commit makes up for it.
            with self._cursor() as cursor:
                cursor.execute("RESET checkpoint_threshold")

    def erasures(self, workspace: str) -> list[ErasureInLog]:
        """Every erasure that the log knows, oldest first."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return erasing.erasures(cursor, held)

    def erased_hashes(self, workspace: str) -> list[str]:
        """Keyed hashes of the ids whose rows are refused; none where they start anew."""
        held = self._workspace(workspace)
        if not (held.refuses_erased and held.has_erased_ids):
            return []
        with self._cursor() as cursor:
            found = cursor.execute(f"SELECT hash FROM {held.sql}.erased_ids").fetchall()
        return [hash_ for (hash_,) in found]

    def refuse_erased(self, workspace: str, *, refuse: bool) -> None:
        """Whether rows of an erased id are refused, or start a new customer."""
        self._change_rights(
            workspace, lambda cursor, held: erasing.set_rule(cursor, held, refuse=refuse)
        )

    def keep_since(self, workspace: str, rules: Sequence[KeptSince]) -> None:
        """Nobody reads what happened earlier; see `Log.keep_since`."""
        self._change_rights(
            workspace, lambda cursor, held: erasing.set_kept_since(cursor, held, rules)
        )

    def expiring(self, workspace: str, rules: Sequence[KeptSince]) -> dict[str, int]:
        """Rows per table that these rules would take away."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            return erasing.expiring(cursor, held, rules)

    def _change_rights(
        self, workspace: str, change: Callable[[duckdb.DuckDBPyConnection, Workspace], None]
    ) -> None:
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                change(cursor, held)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            self._refresh(cursor, held, set())
            self._run_due_builds(cursor, held)
            held.points.forget()
