"""The log on DuckDB, in the process that owns it. See `warehouse.log.Log`."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb

from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.blocks import BlockList
from zhiyin.warehouse.engines.duckdb import (
    bases,
    builds,
    days,
    erasing,
    files,
    findings,
    layout,
    merges,
    reading,
)
from zhiyin.warehouse.engines.duckdb import rules as kept_rules
from zhiyin.warehouse.engines.duckdb.answering import EVERYTHING, AnswersQueries
from zhiyin.warehouse.engines.duckdb.append import DuckdbBatch
from zhiyin.warehouse.engines.duckdb.cursors import Cursors
from zhiyin.warehouse.engines.duckdb.journeying import KeepsJourneys
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.queue import Queue
from zhiyin.warehouse.engines.duckdb.rights import KeepsRights
from zhiyin.warehouse.engines.duckdb.taking import TakesArrivals
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.findings import Finding, Readings
from zhiyin.warehouse.folders import cannot_open
from zhiyin.warehouse.log import (
    DimensionKind,
    Import,
    Reader,
    Schema,
    new_import_id,
)
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.rules import Ruled, Rules
from zhiyin.warehouse.tables import COLUMN_NAMES, DIMENSION_PREFIX, TABLES

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class DuckdbLog(TakesArrivals, AnswersQueries, KeepsJourneys, KeepsRights):
    """One DuckDB instance with one attached file a workspace. Methods may be called by any thread.

    Args:
        folder: holds the files, ``<slug>.duckdb``.
        scratch: for what does not fit in memory; emptied at start.
        memory: DuckDB's limit, as it writes it (``4GiB``); by default half of the machine's.
        keys: where the installation's keys lie; by default beside `folder`.
        compression: of new data, as DuckDB names it; ``uncompressed`` lets a test find bytes.
    """

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        *,
        memory: str | None = None,
        keys: Path | None = None,
        compression: str | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        files.sweep(folder)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        self._folder = folder
        self._root = duckdb.connect(
            ":memory:",
            config={
                "temp_directory": str(scratch),
                "memory_limit": memory or f"{_memory_bytes() // 2_000_000}MB",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        # Whatever reaches this instance as SQL, it opens the log's files and no others.
        self._root.execute(f"SET allowed_directories = ['{folder}', '{scratch}']")
        if compression:
            self._root.execute(f"SET force_compression = '{compression}'")
        self._root.execute("SET enable_external_access = false")
        self._cursors = Cursors(self._root)
        self._pseudonyms = Pseudonyms(keys or folder.parent)
        self._rewriting = threading.Lock()
        self._attached: dict[str, Workspace] = {}
        self._attaching = threading.RLock()
        self._queue = Queue()
        self._seen_folder = folder.parent / "seen"
        self._journeys_folder = folder.parent / "journeys"
        self._blocks = BlockList(folder.parent / "snapshots" / "events.json")

    # Workspaces

    def workspaces(self) -> list[str]:
        """The slugs that have a file."""
        return files.slugs(self._folder)

    def create(self, workspace: str) -> None:
        """Make the workspace's file, or bring it to the present version."""
        if not SLUG.fullmatch(workspace):
            raise Problem(
                "log.bad-workspace",
                _("{slug} cannot be the name of a workspace.", slug=workspace),
                _("Use up to 40 small letters, digits and hyphens, not beginning with a hyphen."),
            )
        self._attach(workspace, create=True)

    def drop(self, workspace: str) -> None:
        """Remove the workspace's file and all in it."""
        with self._attaching:
            self._workspace(workspace)
            held = self._attached.pop(workspace)
            with held.tending, held.writing:
                self._root.cursor().execute(f"DETACH {held.sql}")
            files.remove_all(self._folder, workspace)
            shutil.rmtree(self._seen_folder / workspace, ignore_errors=True)
            self._index(held).remove()

    def _workspace(self, slug: str) -> Workspace:
        held = self._attached.get(slug)
        return held or self._attach(slug, create=False)

    def _attach(self, slug: str, *, create: bool) -> Workspace:
        with self._attaching:
            if held := self._attached.get(slug):
                return held
            path = files.current(self._folder, slug)
            if not create and path is None:
                raise Problem(
                    "log.no-such-workspace",
                    _("There is no workspace {slug} in this log.", slug=slug),
                    _("Workspaces: {known}.", known=", ".join(self.workspaces()) or "–"),
                )
            held = Workspace(slug, f"ws_{slug}", 0)
            with self._cursor() as cursor:
                named = path or self._folder / f"{slug}.duckdb"
                try:
                    cursor.execute(f"ATTACH '{named}' AS {held.sql}")
                except duckdb.Error as error:
                    raise cannot_open(slug, error) from error
                try:
                    held.version = layout.migrate(cursor, held.catalog)
                    self._refresh(cursor, held, set(TABLES))
                    self._run_due_builds(cursor, held)
                except BaseException:
                    cursor.execute(f"DETACH {held.sql}")
                    raise
            if held.erased_keys:
                # What an erasure that was cut off has left.
                self._index(held).forget(held.erased_keys)
            self._attached[slug] = held
            return held

    def _refresh(
        self, cursor: duckdb.DuckDBPyConnection, held: Workspace, tables: set[str]
    ) -> None:
        """Read again what is kept in memory, after a commit that touched `tables`."""
        sql = held.sql
        dimensions: dict[str, dict[str, DimensionKind]] = {}
        for table, name, kind in cursor.execute(f"FROM {sql}.dimensions").fetchall():
            dimensions.setdefault(table, {})[name] = kind
        held.dimensions = dimensions
        words: dict[str, list[str]] = {}
        for domain, word in cursor.execute(
            f"SELECT domain, word FROM {sql}.words ORDER BY domain, code"
        ).fetchall():
            words.setdefault(domain, []).append(word)
        held.words = words
        held.rules = kept_rules.load(cursor, held)
        held.undone = dict(cursor.execute(f"SELECT batch, undone_at FROM {sql}.undone").fetchall())
        held.superseded = dict(
            cursor.execute(f"SELECT tbl, count(*) FROM {sql}.superseded GROUP BY 1").fetchall()
        )
        for table in tables:
            row = cursor.execute(f"SELECT count(*) FROM {sql}.{table}").fetchone()
            held.rows[table] = row[0] if row else 0
        held.rows |= findings.counts(cursor, held)
        erasing.load(cursor, held)
        row = cursor.execute(f"SELECT max(committed_at) FROM {sql}.batches").fetchone()
        held.last_received_at = (row[0] if row else None) or held.last_received_at
        held.remembered.forget()

    def _run_due_builds(self, cursor: duckdb.DuckDBPyConnection, held: Workspace) -> None:
        for build in builds.due(cursor, held):
            builds.run(cursor, held, build)
        row = cursor.execute(f"SELECT count(*) FROM {held.sql}.customer_of").fetchone()
        held.has_merges = bool(row and row[0])
        held.remembered.forget()

    # What it holds

    def schema(self, workspace: str) -> Schema:
        """Version and declared dimensions."""
        held = self._workspace(workspace)
        return Schema(held.version, {t: dict(d) for t, d in held.dimensions.items()})

    def declare(
        self, workspace: str, dimensions: Mapping[str, Mapping[str, DimensionKind]]
    ) -> None:
        """Declare dimensions per table; see `Log.declare`."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            fresh = []
            for table, wanted in dimensions.items():
                for name, kind in wanted.items():
                    _check_dimension(held, table, name, kind)
                    if name not in held.dimensions.get(table, {}):
                        fresh.append((table, name, kind))
            if not fresh:
                return
            cursor.execute("BEGIN")
            try:
                for table, name, kind in fresh:
                    column = quoted(DIMENSION_PREFIX + name)
                    cursor.execute(
                        f"ALTER TABLE {held.sql}.{table}"
                        f" ADD COLUMN {column} {layout.dimension_type(kind)}"
                    )
                    cursor.execute(
                        f"INSERT INTO {held.sql}.dimensions VALUES (?, ?, ?)",
                        [table, name, kind],
                    )
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            self._refresh(cursor, held, set())

    def words(self, workspace: str, domain: str) -> dict[int, str]:
        """The dictionary of a coded column or text dimension."""
        return self._workspace(workspace).decode(domain)

    def imports(self, workspace: str) -> list[Import]:
        """Every import, newest first."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            rows = cursor.execute(
                f"SELECT import_id, source, label, committed_at, facts, undone_at"
                f" FROM {held.sql}.batches LEFT JOIN {held.sql}.undone USING (batch)"
                f" ORDER BY batch DESC"
            ).fetchall()
        return [Import(*row) for row in rows]

    def rules(self, workspace: str, column: Ruled) -> Rules:
        """The rules that give facts their word in a column."""
        return self._workspace(workspace).rules.get(column, Rules())

    # Writing

    def set_rules(
        self, workspace: str, column: Ruled, rules: Rules, *, instead_of: Rules | None = None
    ) -> None:
        """Put `rules` in the place of all of the column; see `Log.set_rules`."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            kept_rules.save(cursor, held, column, rules, instead_of)
            self._refresh(cursor, held, set())

    def begin(self, workspace: str, *, source: str, label: str, import_id: str = "") -> DuckdbBatch:
        """Start a batch."""
        held = self._workspace(workspace)

        def committed(tables: set[str]) -> None:
            with self._cursor() as cursor:
                self._refresh(cursor, held, tables)
                self._run_due_builds(cursor, held)

        return DuckdbBatch(
            self._root.cursor(),
            held,
            source=source,
            label=label,
            import_id=import_id or new_import_id(),
            committed=committed,
            pseudonyms=self._pseudonyms,
        )

    def undo(self, workspace: str, import_id: str) -> int:
        """Take a whole import back; see `Log.undo`."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            row = cursor.execute(
                f"SELECT batch, facts FROM {held.sql}.batches WHERE import_id = ?",
                [import_id],
            ).fetchone()
            if row is None:
                raise Problem(
                    "import.no-such-import",
                    _("There is no import {import_id} in this workspace.", import_id=import_id),
                    _("`zhiyin import` prints the id of each import when it ends."),
                )
            batch, facts = row
            if days.is_intake(import_id):
                raise Problem(
                    "import.is-intake",
                    _(
                        "{import_id} is a day of intake and cannot be taken back.",
                        import_id=import_id,
                    ),
                    _("Block the events of a name on the Events page, or erase a customer."),
                )
            if batch in held.undone:
                raise Problem(
                    "import.already-undone",
                    _("Import {import_id} was taken back already.", import_id=import_id),
                    _("Import the file again to have it back."),
                )
            at = max(now(), held.last_received_at)
            cursor.execute(f"INSERT INTO {held.sql}.undone VALUES (?, ?)", [batch, at])
            self._refresh(cursor, held, set())
            self._run_due_builds(cursor, held)
        return int(facts)

    def keep_findings(
        self, workspace: str, read_by: str, verbatims: Sequence[int], found: Sequence[Finding]
    ) -> None:
        """Keep what was found in verbatims; see `Log.keep_findings`."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            findings.keep(cursor, held, read_by, verbatims, found)

    def end_reading(self, workspace: str, read_by: str) -> None:
        """Note that a version has read everything; see `Log.end_reading`."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            findings.end(cursor, held, read_by)

    def unread(
        self, workspace: str, read_by: str, *, after: int = -1, limit: int = 1_000
    ) -> list[tuple[int, str]]:
        """Verbatims that this has not read; see `Log.unread`."""
        held = self._workspace(workspace)
        with self._reading(held, held.rows.get("verbatims", 0), 60.0, None) as (cursor, merged):
            return findings.unread(cursor, held, merged, read_by, after=after, limit=limit)

    def readings(self, workspace: str, read_by: str, *, reader: Reader = EVERYTHING) -> Readings:
        """How many verbatims were read; see `Log.readings`."""
        held = self._workspace(workspace)
        with self._reading(held, held.rows.get("verbatims", 0), 60.0, None) as (cursor, merged):
            return findings.readings(cursor, held, merged, read_by, reader)

    # The house

    def tend(self, workspace: str, *, always: bool = False) -> list[str]:
        """Make derived tables anew that are due; see `Log.tend`."""
        held = self._workspace(workspace)
        with self._cursor() as cursor:
            made = bases.tend(cursor, held, always=always)
        with held.tending:
            if self._index(held).tend(always=always):
                # What the index could not say before, it may say now.
                held.remembered.forget()
                made.append("journeys")
        return made

    def limit_clusters(self, workspace: str, customers: int) -> None:
        """How many known customers may become one by themselves; see `Log.limit_clusters`."""
        held = self._workspace(workspace)
        with held.writing, self._cursor() as cursor:
            if merges.limit_of(cursor, held) != customers:
                at = max(now(), held.last_received_at)
                cursor.execute(
                    f"INSERT INTO {held.sql}.identity_limits VALUES (?, ?)", [customers, at]
                )
                self._run_due_builds(cursor, held)

    def check(self) -> list[tuple[str, str, str]]:
        """For `zhiyin doctor`."""
        found = []
        for slug in self.workspaces():
            try:
                held = self._workspace(slug)
                with self._cursor() as cursor:
                    late = [build.name for build in builds.due(cursor, held)]
                rows = sum(held.rows.values())
                seen = f"form {held.version}, {rows} rows"
                found.append((f"log {slug}", "fault" if late else "ok", seen))
            except (Problem, duckdb.Error) as error:
                found.append((f"log {slug}", "fault", str(error)))
        return found

    def close(self) -> None:
        """Write what is in the write-ahead logs into the files and let go of them."""
        with self._attaching:
            for held in self._attached.values():
                if held.journeys is not None:
                    held.journeys.close()
                with held.writing, contextlib.suppress(duckdb.Error):
                    self._root.cursor().execute(f"CHECKPOINT {held.sql}")
            self._attached.clear()
            self._root.close()

    def _cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return self._cursors.one()


def _memory_bytes() -> int:
    """The memory that this process may use: the machine's, or its control group's if less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return machine


def _check_dimension(held: Workspace, table: str, name: str, kind: DimensionKind) -> None:
    if table not in TABLES:
        reading.check_tables(frozenset([table]), TABLES)
    if name in COLUMN_NAMES:
        raise Problem(
            "log.dimension-name-taken",
            _("A dimension cannot be called {name}: the log has a column of that name.", name=name),
            _("Choose another name, for instance {name}_of_customer.", name=name),
        )
    known = held.dimensions.get(table, {}).get(name)
    if known is not None and known != kind:
        raise Problem(
            "log.dimension-kind",
            _(
                "The dimension {name} of {table} holds {known}, and is now declared as {kind}.",
                name=name,
                table=table,
                known=known,
                kind=kind,
            ),
            _("Declare it as before, or choose another name."),
        )
