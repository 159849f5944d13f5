"""Erasure, the second half: the workspace's file is written anew, without what nobody reads.

DuckDB keeps deleted bytes in its file, whatever is asked of it afterwards; only a file into which
they were never written is free of them. So the rows that are read are copied into a new file while
the log goes on taking and answering; then writers wait for a moment, what came meanwhile is copied,
the new file gets its name (see `files`), and whoever asks next asks it. Questions that run already
end on the old file, which is gone from the folder by then.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from zhiyin.kernel.clock import now
from zhiyin.warehouse.engines.duckdb import bases, erasing, files, findings, forgotten
from zhiyin.warehouse.engines.duckdb.forgetting import names_that_are_gone
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.rights import Rewritten
from zhiyin.warehouse.tables import TABLES

Connection = duckdb.DuckDBPyConnection

CHUNK = 500_000
"""Rows that are copied and sorted at a time."""

BY_KEY = {"ids": "key"}
"""Big tables that only grow, beside the facts, and the column by which they do."""

NOT_COPIED = ("erased_keys", "rewritten", *bases.TABLES_OF_BASES)
"""What the new file has its own rows of, and what is derived from others and made there anew."""


@dataclass(slots=True)
class Rewrite:
    """One writing anew.

    Args:
        cursor: gives a connection of the instance.
        reload: reads the workspace into memory again, after the switch.
        drained: waits until whoever had begun a question has sent it to the old file.
    """

    workspace: Workspace
    folder: Path
    cursor: Callable[[], contextlib.AbstractContextManager[Connection]]
    reload: Callable[[Connection], None]
    drained: Callable[[], None]
    _began: datetime = field(default_factory=now)
    _erasures: tuple[str, ...] = ()
    _covered: frozenset[int] = frozenset()
    _removed: dict[str, int] = field(default_factory=dict)
    _reached: dict[str, int] = field(default_factory=dict)

    def run(self) -> Rewritten:
        """Write, switch, remove the old file."""
        held = self.workspace
        old = files.current(self.folder, held.slug)
        if old is None:
            msg = f"{held.slug} has no file"
            raise RuntimeError(msg)
        number = files.number_of(old) + 1
        draft = files.draft(self.folder, held.slug, number)
        files.remove(draft)
        before = old.stat().st_size
        left = held.catalog
        with self.cursor() as connection:
            self._forget_expired(connection)
            new = f"ws_{held.slug}.{number}"
            connection.execute(f"ATTACH '{draft}' AS {quoted(new)}")
            try:
                form = self._make_tables(connection, new)
                self._copy_growing(connection, new)
                with held.writing:
                    waiting = time.monotonic()
                    self._finish(connection, new, form)
                    named = self._name(connection, new, draft)
                    try:
                        self._switch(connection, new, named)
                    except BaseException:
                        # The old file is still the workspace: nothing was written since.
                        files.remove(named)
                        raise
                    waited = time.monotonic() - waiting
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    connection.execute(f"DETACH {quoted(new)}")
                files.remove(draft)
                raise
        self.drained()
        with self.cursor() as connection:
            connection.execute(f"DETACH {quoted(left)}")
        files.remove(old)
        return Rewritten(
            began_at=self._began,
            ended_at=now(),
            erasures=self._erasures,
            removed=dict(self._removed),
            bytes_before=before,
            bytes_after=named.stat().st_size,
            waited_seconds=round(waited, 4),
        )

    # Before the copy

    def _forget_expired(self, connection: Connection) -> None:
        """Take ids and words that only unread rows have out of the dictionaries."""
        held = self.workspace
        with held.writing:
            connection.execute("BEGIN")
            try:
                self._covered = held.erased_keys
                found = connection.execute(
                    f"SELECT DISTINCT erasure FROM {held.sql}.erased_keys ORDER BY 1"
                ).fetchall()
                self._erasures = tuple(erasure for (erasure,) in found)
                if held.kept_since:
                    erasing.forget_words(connection, held)
                    erasing.forget_ids(connection, held)
                    names_that_are_gone(connection, held)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            if held.kept_since:
                held.forgets += 1
                self.reload(connection)

    def _make_tables(self, connection: Connection, new: str) -> list[tuple[str, str]]:
        """The same tables as the old file has; returns its form."""
        form = self._form(connection)
        connection.execute(f"USE {quoted(new)}")
        try:
            for _name, sql in form:
                connection.execute(sql)
        finally:
            connection.execute("USE memory")
        return form

    def _form(self, connection: Connection) -> list[tuple[str, str]]:
        return connection.execute(
            """
            SELECT table_name, sql FROM duckdb_tables() WHERE database_name = $1
            UNION ALL
            SELECT index_name, sql FROM duckdb_indexes() WHERE database_name = $1
            """,
            [self.workspace.catalog],
        ).fetchall()

    # The copy

    def _copy_growing(self, connection: Connection, new: str) -> None:
        """Copy what only grows, up to where it was at the start; writers go on."""
        for table, column in self._growing():
            top = _top(connection, self.workspace, table, column)
            self._copy_range(connection, new, table, column, top)

    def _growing(self) -> Iterator[tuple[str, str]]:
        for table in TABLES:
            yield table, "seq"
        yield from BY_KEY.items()

    def _copy_range(
        self, connection: Connection, new: str, table: str, column: str, top: int
    ) -> None:
        """Copy the rows that are read, from where the copy has come to up to and with `top`."""
        sql = self.workspace.sql
        # An erasure that comes while this runs is left to the next writing anew: rows that it
        # names may be in the new file already.
        read = " AND ".join(self._readable(table)) if table in TABLES else ""
        where = f" AND {read}" if read else ""
        first = self._reached.get(table, -1) + 1
        while first <= top:
            last = min(first + CHUNK - 1, top)
            chunk = f"f.{column} >= {first} AND f.{column} <= {last}"
            # Sorted, for a filter by a list may lose the order of arrival.
            added = _changed(
                connection,
                f"INSERT INTO {quoted(new)}.{table} SELECT f.* FROM {sql}.{table} f"
                f" WHERE {chunk}{where} ORDER BY f.{column}",
            )
            if where:
                total = connection.execute(
                    f"SELECT count(*) FROM {sql}.{table} f WHERE {chunk}"
                ).fetchone()
                removed = (total[0] if total else 0) - added
                if removed:
                    self._removed[table] = self._removed.get(table, 0) + removed
            first = last + 1
        self._reached[table] = max(top, self._reached.get(table, -1))

    def _readable(self, table: str) -> list[str]:
        import dataclasses

        then = dataclasses.replace(self.workspace, erased_keys=self._covered)
        return list(forgotten.readable(then, table, "f"))

    # While writers wait

    def _finish(self, connection: Connection, new: str, form: list[tuple[str, str]]) -> None:
        """Copy what came meanwhile, and everything that does not only grow."""
        held = self.workspace
        if self._form(connection) != form:
            self._follow_form(connection, new, form)
        for table, column in self._growing():
            top = _top(connection, held, table, column)
            self._copy_range(connection, new, table, column, top)
        for table, column in BY_KEY.items():
            # What an erasure took out since is taken out here too; its bytes go next time.
            connection.execute(
                f"DELETE FROM {quoted(new)}.{table} WHERE {column} NOT IN"
                f" (SELECT {column} FROM {held.sql}.{table})"
            )
        growing = {table for table, _column in self._growing()}
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [held.catalog]
        ).fetchall()
        for (table,) in tables:
            if table in growing or table in NOT_COPIED:
                continue
            # What was found in a verbatim goes with it.
            is_part = table in findings.TABLES
            with_it = f" WHERE verbatim IN (SELECT seq FROM {quoted(new)}.verbatims)"
            connection.execute(
                f"INSERT INTO {quoted(new)}.{quoted(table)}"
                f" SELECT * FROM {held.sql}.{quoted(table)}{with_it if is_part else ''}"
            )
        bases.forget(connection, quoted(new))
        self._leave_word(connection, new)
        connection.execute(f"CHECKPOINT {quoted(new)}")

    def _follow_form(self, connection: Connection, new: str, form: list[tuple[str, str]]) -> None:
        """A column or a table came while the copy ran: begin again, and let writers wait."""
        for name, _sql in form:
            connection.execute(f"DROP TABLE IF EXISTS {quoted(new)}.{quoted(name)}")
        self._reached.clear()
        self._removed.clear()
        self._make_tables(connection, new)

    def _leave_word(self, connection: Connection, new: str) -> None:
        """What the new file says of this: which erasures it is free of."""
        held, target = self.workspace, quoted(new)
        connection.execute(
            f"INSERT INTO {target}.erased_keys SELECT * FROM {held.sql}.erased_keys"
            f" WHERE key NOT IN (SELECT unnest(?::INTEGER[]))",
            [sorted(self._covered)],
        )
        connection.execute(f"INSERT INTO {target}.rewritten SELECT * FROM {held.sql}.rewritten")
        connection.execute(
            f"INSERT INTO {target}.rewritten VALUES (?, ?, ?, ?)",
            [" ".join(self._erasures), json.dumps(self._removed), self._began, now()],
        )
        for table in TABLES:
            if self._removed.get(table):
                connection.execute(
                    f"DELETE FROM {target}.superseded WHERE tbl = '{table}'"
                    f" AND seq NOT IN (SELECT seq FROM {target}.{table})"
                )

    def _name(self, connection: Connection, new: str, draft: Path) -> Path:
        connection.execute(f"DETACH {quoted(new)}")
        return files.finished(draft)

    def _switch(self, connection: Connection, new: str, named: Path) -> None:
        """From here on the new file is asked and written."""
        held = self.workspace
        connection.execute(f"ATTACH '{named}' AS {quoted(new)}")
        old, held.catalog = held.catalog, new
        try:
            self.reload(connection)
        except BaseException:
            held.catalog = old
            with contextlib.suppress(duckdb.Error):
                connection.execute(f"DETACH {quoted(new)}")
            raise


def _top(connection: Connection, workspace: Workspace, table: str, column: str) -> int:
    row = connection.execute(
        f"SELECT coalesce(max({column}), -1) FROM {workspace.sql}.{table}"
    ).fetchone()
    return int(row[0]) if row else -1


def _changed(connection: Connection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
