"""Facts on their way into the log: staged in words, then coded and appended in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.engines.duckdb import layout
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.reading import live
from zhiyin.warehouse.engines.duckdb.refusing import refuse_erased
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.log import Receipt
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.tables import TABLES

SEPARATOR = "chr(31)"

REQUIRED = ("row", "id", "occurred_at")


class DuckdbBatch:
    """One batch on one connection of its own. See `warehouse.log.Batch`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        workspace: Workspace,
        *,
        source: str,
        label: str,
        import_id: str,
        committed: Callable[[set[str]], None],
        pseudonyms: Pseudonyms,
    ) -> None:
        self.import_id = import_id
        self._connection = connection
        self._workspace = workspace
        self._source = source
        self._label = label
        self._committed = committed
        self._pseudonyms = pseudonyms
        self._staged: dict[str, list[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop what is staged and let go of the connection."""
        for table in self._staged:
            with contextlib.suppress(duckdb.Error):
                self._connection.execute(f"DROP TABLE IF EXISTS temp.{_stage(table)}")
        self._staged.clear()
        self._connection.close()

    def write(self, table: str, rows: pa.Table | pa.RecordBatch) -> None:
        """Stage rows of `table`."""
        columns = self._staged.get(table)
        if columns is None:
            columns = self._open_stage(table, rows.schema.names)
        if list(rows.schema.names) != columns:
            msg = f"every write of {table} in one batch has the same columns: {columns}"
            raise ValueError(msg)
        self._connection.register("arriving", rows)
        try:
            self._connection.execute(f"INSERT INTO temp.{_stage(table)} SELECT * FROM arriving")
        finally:
            self._connection.unregister("arriving")

    def _open_stage(self, table: str, columns: list[str]) -> list[str]:
        if table not in TABLES:
            msg = f"the log has no table {table}"
            raise ValueError(msg)
        if missing := [name for name in REQUIRED if name not in columns]:
            msg = f"rows of {table} need the columns {', '.join(missing)}"
            raise ValueError(msg)
        dimensions = self._workspace.dimensions.get(table, {})
        types = []
        for name in columns:
            kind = layout.staged_type(table, name, dimensions)
            if kind is None:
                msg = (
                    f"the log's table {table} has no column {name}; declare it as a dimension first"
                )
                raise ValueError(msg)
            types.append(f"{quoted(name)} {kind}")
        self._connection.execute(f"CREATE TEMP TABLE {_stage(table)} ({', '.join(types)})")
        self._staged[table] = columns
        return columns

    def commit(self, *, replace: bool = False, dry_run: bool = False) -> Receipt:
        """Append what is new, in one durable transaction."""
        with self._workspace.writing:
            connection = self._connection
            connection.execute("BEGIN")
            try:
                receipt = _Append(self, replace=replace).run()
                if dry_run or not receipt.facts_added:
                    connection.execute("ROLLBACK")
                else:
                    with self._workspace.knowing(self._fresh_words()):
                        connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                raise
            if not dry_run and receipt.facts_added:
                self._committed(set(receipt.by_table))
        return receipt

    def _fresh_words(self) -> list[tuple[str, str]]:
        """The words that the transaction brings, each with its domain, in order."""
        known = self._workspace.words
        every = self._connection.execute(
            f"SELECT domain, code, word FROM {self._workspace.sql}.words ORDER BY domain, code"
        ).fetchall()
        return [
            (domain, word) for domain, code, word in every if code >= len(known.get(domain, ()))
        ]


def _stage(table: str) -> str:
    return f"stage_{table}"


class _Append:
    """The steps of one commit, inside the transaction that `DuckdbBatch.commit` holds."""

    def __init__(self, batch: DuckdbBatch, *, replace: bool) -> None:
        self.replace = replace
        self.import_id = batch.import_id
        self.connection = batch._connection
        self.workspace = batch._workspace
        self.staged = batch._staged
        self.source = batch._source
        self.label = batch._label
        self.sql = self.workspace.sql
        self.pseudonyms = batch._pseudonyms

    def run(self) -> Receipt:
        for table in self.staged:
            self._mark(table)
        if self.workspace.refuses_erased and self.workspace.has_erased_ids:
            refuse_erased(
                self.connection, self.workspace, self.pseudonyms, self._who(), self.staged
            )
        batch = self._next("batch", 1)
        at = self._moment()
        anonymous = self._give_keys()
        self._learn_words()
        by_table: dict[str, int] = {}
        replaced = 0
        for table in self.staged:
            added = self._insert(table, batch, at)
            if added:
                by_table[table] = added
        if self.replace:
            replaced = self._supersede(batch, at)
        rows_added, rows_replaced, rows_refused, rows = self._count_rows()
        facts = sum(by_table.values())
        if facts:
            self.connection.execute(
                f"INSERT INTO {self.sql}.batches VALUES (?, ?, ?, ?, ?, ?)",
                [batch, self.import_id, self.source, self.label, at, facts],
            )
        return Receipt(
            import_id=self.import_id,
            rows_added=rows_added,
            rows_duplicate=rows - rows_added - rows_refused,
            rows_replaced=min(replaced, rows_replaced),
            facts_added=facts,
            by_table=by_table,
            anonymous=anonymous,
            rows_refused=rows_refused,
        )

    def _mark(self, table: str) -> None:
        """Tell new rows from those that the log holds: column `verdict` of ``marked_<table>``."""
        columns = self.staged[table]
        identity = ["id", *(name for name in TABLES[table].identity if name != "id")]
        parts = [f"coalesce({quoted(n)}::VARCHAR, '')" if n in columns else "''" for n in identity]
        id_hash = hash_of([_text(self.source), *parts])
        said = [n for n in columns if n not in ("row", "content")]
        content = (
            "content"
            if "content" in columns
            else hash_of([f"coalesce({quoted(n)}::VARCHAR, {SEPARATOR})" for n in said])
        )
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE marked_{table} AS
            SELECT s.rowid AS stage, s.row, {id_hash} AS id_hash, {content} AS content_hash,
                NULL::BIGINT AS old_seq, 'new' AS verdict
            FROM temp.{_stage(table)} s
            """
        )
        self._mark_repeats(table)
        self._mark_known(table)

    def _mark_repeats(self, table: str) -> None:
        # A batch seldom repeats itself; counting distinct hashes is ten times cheaper than ranking.
        total, distinct = self._row(
            f"SELECT count(*), count(DISTINCT id_hash) FROM temp.marked_{table}"
        )
        if total == distinct:
            return
        self.connection.execute(
            f"""
            UPDATE temp.marked_{table} SET verdict = 'repeat' WHERE stage NOT IN (
                SELECT min(stage) FROM temp.marked_{table} GROUP BY id_hash)
            """
        )

    def _mark_known(self, table: str) -> None:
        if not self.workspace.rows.get(table):
            return
        known = "old.content_hash = m.content_hash"
        verdict = (
            f"CASE WHEN {known} THEN 'known' ELSE 'changed' END" if self.replace else "'known'"
        )
        # The hash finds the candidates; the id itself confirms.
        self.connection.execute(
            f"""
            UPDATE temp.marked_{table} AS m SET verdict = f.verdict, old_seq = f.seq
            FROM (
                SELECT m.stage, min(old.seq) AS seq, min({verdict}) AS verdict
                FROM temp.marked_{table} m
                JOIN temp.{_stage(table)} s ON s.rowid = m.stage
                JOIN {self.sql}.{table} old ON old.id_hash = m.id_hash AND old.id = s.id
                WHERE m.verdict = 'new' AND {live(self.workspace, table, "old")}
                GROUP BY m.stage
            ) f
            WHERE f.stage = m.stage
            """
        )

    def _give_keys(self) -> int:
        """Give every new id its integer key, in order of first appearance.

        Rows without a customer get a key each (the same for all facts of a row), which no id names.
        """
        named, nameless = [], []
        for table, columns in self.staged.items():
            taken = "m.verdict IN ('new', 'changed') AND m.stage = s.rowid"
            frm = f"FROM temp.{_stage(table)} s, temp.marked_{table} m WHERE {taken}"
            for column in layout.KEY_COLUMNS:
                if column not in columns:
                    continue
                kind = _kind_of(column, columns)
                named.append(
                    f"SELECT {kind} AS kind, s.{column} AS id, s.row {frm}"
                    f" AND s.{column} IS NOT NULL"
                )
            missing = "AND s.customer IS NULL" if "customer" in columns else ""
            nameless.append(f"SELECT s.row {frm} {missing}")
        if not named and not nameless:
            return 0
        if named:
            self._give_named_keys(" UNION ALL ".join(named))
        anonymous = self._give_nameless_keys(" UNION ALL ".join(nameless))
        for table, columns in self.staged.items():
            self._set_keys(table, columns)
        return anonymous

    def _give_named_keys(self, found: str) -> None:
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE new_ids AS
            WITH f AS MATERIALIZED (
                SELECT kind, id, min("row") AS first FROM ({found}) GROUP BY kind, id
            ), known AS MATERIALIZED (
                -- Joined, not tested for absence: so few new ids are what is hashed, not the table.
                SELECT f.kind, f.id FROM {self.sql}.ids k JOIN f ON k.kind = f.kind AND k.id = f.id
            )
            SELECT kind, id, row_number() OVER (ORDER BY first, kind, id) AS place FROM f
            WHERE NOT EXISTS (
                SELECT 1 FROM known WHERE known.kind = f.kind AND known.id = f.id)
            """
        )
        (count,) = self._row("SELECT count(*) FROM temp.new_ids")
        first = self._next("key", count)
        self.connection.execute(
            f"INSERT INTO {self.sql}.ids SELECT {first} + place - 1, kind, id FROM temp.new_ids"
        )

    def _give_nameless_keys(self, found: str) -> int:
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE nameless AS
            SELECT "row", row_number() OVER (ORDER BY "row") AS place
            FROM (SELECT DISTINCT "row" FROM ({found}))
            """
        )
        (count,) = self._row("SELECT count(*) FROM temp.nameless")
        first = self._next("key", count)
        self.connection.execute(f"UPDATE temp.nameless SET place = {first} + place - 1")
        return int(count)

    def _set_keys(self, table: str, columns: list[str]) -> None:
        joins, sets = [], []
        for column, target in (("customer", "key"), ("other", "other")):
            if column not in columns:
                continue
            kind = _kind_of(column, columns)
            joins.append(
                f"LEFT JOIN {self.sql}.ids k_{column} ON k_{column}.kind = {kind}"
                f" AND k_{column}.id = s.{column}"
            )
            sets.append(f"k_{column}.key AS {target}")
        picked = {name.split(" AS ")[1]: name.split(" AS ")[0] for name in sets}
        key = f"coalesce({picked['key']}, n.place)" if "key" in picked else "n.place"
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE keyed_{table} AS
            SELECT s.rowid AS stage, {key} AS key, {picked.get("other", "NULL")} AS other
            FROM temp.{_stage(table)} s
            LEFT JOIN temp.nameless n ON n."row" = s."row"
            {" ".join(joins)}
            """
        )

    def _learn_words(self) -> None:
        """Append words that the dictionaries do not have yet, in order of first appearance."""
        domains: dict[str, list[str]] = {}
        for table, columns in self.staged.items():
            dimensions = self.workspace.dimensions.get(table, {})
            for name in columns:
                if layout.is_coded(table, name, dimensions):
                    domains.setdefault(name, []).append(
                        f"SELECT {quoted(name)} AS word, min(rowid) AS first"
                        f" FROM temp.{_stage(table)} WHERE {quoted(name)} IS NOT NULL GROUP BY ALL"
                    )
        domains.setdefault("source", []).append(f"SELECT {_text(self.source)} AS word, 0 AS first")
        for domain, found in domains.items():
            self.connection.execute(
                f"""
                INSERT INTO {self.sql}.words
                SELECT '{domain}', (SELECT count(*) FROM {self.sql}.words WHERE domain = '{domain}')
                    + row_number() OVER (ORDER BY min(first), word) - 1, word
                FROM ({" UNION ALL ".join(found)})
                WHERE word NOT IN (SELECT word FROM {self.sql}.words WHERE domain = '{domain}')
                GROUP BY word
                """
            )

    def _insert(self, table: str, batch: int, at: datetime) -> int:
        columns = self.staged[table]
        dimensions = self.workspace.dimensions.get(table, {})
        names = ["seq", "batch", "id_hash", "content_hash", "customer_key", "source", "received_at"]
        first = self._next(f"seq:{table}", self._staged_rows(table))
        source = (
            f"(SELECT code FROM {self.sql}.words"
            f" WHERE domain = 'source' AND word = {_text(self.source)})"
        )
        values = [
            f"{first} + m.stage",
            str(batch),
            "m.id_hash",
            "m.content_hash",
            "k.key",
            source,
            f"TIMESTAMP '{at.isoformat(sep=' ')}'",
        ]
        joins = []
        for name in columns:
            if name in ("row", "content", "customer", "customer_kind", "other_kind", "source"):
                continue
            names.append(quoted(name))
            if name == "other":
                values.append("k.other")
            elif layout.is_coded(table, name, dimensions):
                joins.append(
                    f"LEFT JOIN {self.sql}.words {quoted('w_' + name)} ON"
                    f" {quoted('w_' + name)}.domain = '{name}'"
                    f" AND {quoted('w_' + name)}.word = s.{quoted(name)}"
                )
                values.append(f"{quoted('w_' + name)}.code")
            else:
                values.append(f"s.{quoted(name)}")
        added = self._row(
            f"""
            INSERT INTO {self.sql}.{table} ({", ".join(names)})
            SELECT {", ".join(values)}
            FROM temp.{_stage(table)} s
            JOIN temp.marked_{table} m ON m.stage = s.rowid
            JOIN temp.keyed_{table} k ON k.stage = s.rowid
            {" ".join(joins)}
            WHERE m.verdict IN ('new', 'changed')
            """
        )
        return int(added[0])

    def _supersede(self, batch: int, at: datetime) -> int:
        replaced = 0
        for table in self.staged:
            (count,) = self._row(
                f"""
                INSERT INTO {self.sql}.superseded
                SELECT '{table}', old_seq, TIMESTAMP '{at.isoformat(sep=" ")}', {batch}
                FROM temp.marked_{table} WHERE verdict = 'changed'
                """
            )
            replaced += int(count)
        return replaced

    def _who(self) -> list[tuple[str, str, str]]:
        """(table, SQL of the kind, SQL of the id) of every id that is staged, as ``s``."""
        return [
            (table, _kind_of(column, columns), f"s.{column}")
            for table, columns in self.staged.items()
            for column in layout.KEY_COLUMNS
            if column in columns
        ]

    def _count_rows(self) -> tuple[int, int, int, int]:
        found = " UNION ALL ".join(
            f'SELECT "row", verdict FROM temp.marked_{table}' for table in self.staged
        )
        if not found:
            return 0, 0, 0, 0
        added, replaced, refused, rows = self._row(
            f"""
            SELECT count(*) FILTER (added), count(*) FILTER (replaced),
                count(*) FILTER (refused AND NOT added), count(*) FROM (
                SELECT "row", bool_or(verdict IN ('new', 'changed')) AS added,
                    bool_or(verdict = 'changed') AS replaced,
                    bool_or(verdict = 'refused') AS refused
                FROM ({found}) GROUP BY "row")
            """
        )
        return int(added), int(replaced), int(refused), int(rows)

    def _staged_rows(self, table: str) -> int:
        return int(self._row(f"SELECT count(*) FROM temp.{_stage(table)}")[0])

    def _next(self, counter: str, count: int) -> int:
        """Reserve `count` numbers of a counter and return the first."""
        row = self.connection.execute(
            f"SELECT value FROM {self.sql}.counters WHERE name = ?",
            [counter],
        ).fetchone()
        first = int(row[0]) if row else 0
        if row is None:
            self.connection.execute(
                f"INSERT INTO {self.sql}.counters VALUES (?, ?)",
                [counter, count],
            )
        else:
            self.connection.execute(
                f"UPDATE {self.sql}.counters SET value = ? WHERE name = ?",
                [first + count, counter],
            )
        if counter == "key" and first + count >= 2**31:
            raise Problem(
                "log.full",
                _("The log holds as many ids as it can name: 2,147,483,647."),
                _("Archive what is old into another workspace."),
            )
        return first

    def _moment(self) -> datetime:
        """When this batch is received: never before an earlier one, whatever the clock does."""
        return max(now(), self.workspace.last_received_at + timedelta(microseconds=1))

    def _row(self, sql: str) -> tuple[int, ...]:
        row = self.connection.execute(sql).fetchone()
        if row is None:
            msg = "the statement returned no row"
            raise RuntimeError(msg)
        return tuple(row)


def _kind_of(column: str, columns: list[str]) -> str:
    named = f"{column}_kind"
    return f"coalesce(s.{named}, 'customer')" if named in columns else "'customer'"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def hash_of(parts: list[str]) -> str:
    """A 64-bit hash that is the same on every machine and in every version of the engine."""
    return f"md5_number_lower(concat_ws({SEPARATOR}, {', '.join(parts)}))"
