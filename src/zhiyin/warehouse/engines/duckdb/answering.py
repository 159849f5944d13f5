"""What the log does for whoever asks: queries, totals, and one customer's facts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhiyin.kernel import tracing
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import (
    bases,
    by_customer,
    findings,
    merges,
    reading,
    remembered,
)
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.queue import Queue, stopped_after
from zhiyin.warehouse.engines.duckdb.remembered import Growing
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.findings import Near
from zhiyin.warehouse.lang import Expression
from zhiyin.warehouse.log import Found, Reader, TimelineAsked
from zhiyin.warehouse.products import CELL, ONCE, Ints, Rows, products
from zhiyin.warehouse.shares import MANY
from zhiyin.warehouse.tables import TABLES
from zhiyin.warehouse.totals import totals

EVERYTHING = Reader()

_NEAR = "near_points"


@dataclass(frozen=True, slots=True)
class _Ask:
    """One moment of the log.

    Args:
        form: a query with the reading forms of what it names before it.
    """

    cursor: duckdb.DuckDBPyConnection
    form: Callable[[str], str]

    def rows(self, sql: str) -> pa.Table:
        """What a query finds."""
        found: pa.Table = self.cursor.sql(self.form(sql)).to_arrow_table()
        return found


class AnswersQueries:
    """The part of `DuckdbLog` that reads."""

    _queue: Queue

    def _workspace(self, slug: str) -> Workspace:
        raise NotImplementedError

    def _cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        raise NotImplementedError

    def execute(
        self,
        workspace: str,
        query: Expression,
        *,
        reader: Reader = EVERYTHING,
        words: bool = False,
        seconds: float = 30.0,
        customers: Sequence[int] | None = None,
        near: Near | None = None,
    ) -> pa.Table:
        """Run a query; see `Log.execute`."""
        return self.execute_sql(
            workspace,
            lang.compile_sql(query),
            lang.tables_of(query),
            reader=reader,
            words=words,
            seconds=seconds,
            customers=customers,
            near=near,
        )

    def execute_sql(
        self,
        workspace: str,
        sql: str,
        tables: frozenset[str],
        *,
        reader: Reader,
        words: bool,
        seconds: float,
        customers: Sequence[int] | None = None,
        near: Near | None = None,
    ) -> pa.Table:
        """What a query finds, remembered where it is small; see `remembered`."""
        reading.check_tables(tables)
        held = self._workspace(workspace)
        asked = None if customers is not None else ("rows", sql, words, near)

        def find() -> list[pa.Table]:
            found = self._run(held, sql, tables, reader, seconds, customers, near)
            return [_in_words(found, held) if words else found]

        return self._remembered(held, asked, tables, reader, find)[0]

    def _remembered(
        self,
        held: Workspace,
        asked: tuple[Hashable, ...] | None,
        tables: frozenset[str],
        reader: Reader,
        find: Callable[[], list[pa.Table]],
    ) -> list[pa.Table]:
        if asked is None:
            return find()
        key = remembered.key_of(asked, tables, held.rows, held.superseded, reader)
        return held.remembered.answer(key, find)

    def _run(
        self,
        held: Workspace,
        sql: str,
        tables: frozenset[str],
        reader: Reader,
        seconds: float,
        customers: Sequence[int] | None = None,
        near: Near | None = None,
    ) -> pa.Table:
        """What one query finds."""
        with self._asking(held, tables, reader, seconds, customers, near) as ask:
            return ask.rows(sql)

    @contextmanager
    def _asking(
        self,
        held: Workspace,
        tables: frozenset[str],
        reader: Reader,
        seconds: float,
        customers: Sequence[int] | None = None,
        near: Near | None = None,
    ) -> Iterator[_Ask]:
        """The one place where queries run: reading forms, scope, time limit, queue. All that are
        asked before it ends see one moment of the log."""
        rows = 0 if customers is not None else sum(held.rows.get(table, 0) for table in tables)
        reads = self._reading(held, rows, seconds, reader.as_of, tables)
        with reads as (cursor, merges_then):
            merged = merges_then if reader.is_merged else None
            if near is not None:
                source = partial(findings.points, self._cursor, held, near.point)
                cursor.register(_NEAR, held.points.near(source, near))

            def form(sql: str) -> str:
                return by_customer.written(
                    cursor,
                    held,
                    sql,
                    tables,
                    reader,
                    merged=merged,
                    customers=customers,
                    near=None if near is None else _NEAR,
                )

            yield _Ask(cursor, form)

    @contextmanager
    def _reading(
        self,
        held: Workspace,
        rows: int,
        seconds: float,
        as_of: datetime | None,
        tables: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, str | None]]:
        """A turn, a time limit, one moment of the log, and who was whose then."""
        with (
            tracing.span("query", {"db.system.name": "duckdb"}) as span,
            self._queue.turn(rows, seconds) as left,
            self._cursor() as cursor,
            bases.one_moment(cursor),
            stopped_after(cursor, left),
        ):
            span.note(
                {
                    "zhiyin.workspace": held.slug,
                    "zhiyin.tables": " ".join(sorted(tables)),
                    "zhiyin.table_rows": rows,
                    "zhiyin.waited_seconds": seconds - left,
                }
            )
            yield cursor, self._merged(cursor, held, as_of)

    def find_customers(
        self, workspace: str, text: str, *, reader: Reader = EVERYTHING, limit: int = 20
    ) -> list[Found]:
        """Whom a text names; see `Log.find_customers`."""
        held = self._workspace(workspace)
        with self._reading(held, 0, 30.0, reader.as_of) as (cursor, merged):
            return by_customer.find(cursor, held, text, reader, merged=merged, limit=limit)

    def timeline(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """The newest facts of a customer; see `Log.timeline`."""
        held = self._workspace(workspace)
        with self._reading(held, 0, asked.seconds, asked.reader.as_of) as (cursor, merged):
            return by_customer.timeline_page(cursor, held, asked, merged=merged)

    def timeline_counts(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """How many facts of a customer there are; see `Log.timeline_counts`."""
        held = self._workspace(workspace)
        with self._reading(held, 0, asked.seconds, asked.reader.as_of) as (cursor, merged):
            return by_customer.timeline_counts(cursor, held, asked, merged=merged)

    def rows_of(
        self,
        workspace: str,
        customer: int,
        tables: Mapping[str, Sequence[int] | None],
        *,
        columns: Sequence[str] = (),
        limit: int = 5_000,
        reader: Reader = EVERYTHING,
    ) -> dict[str, pa.Table]:
        """Rows of a customer, of several tables; see `Log.rows_of`."""
        held = self._workspace(workspace)
        with self._reading(held, 0, 30.0, reader.as_of) as (cursor, merged):
            found = by_customer.rows_of(
                cursor, held, customer, tables, reader, merged=merged, columns=columns, limit=limit
            )
        return {name: _in_words(table, held) for name, table in found.items()}

    def totals(
        self,
        workspace: str,
        query: Expression,
        *,
        levels: Sequence[Sequence[str]],
        side: str | None = None,
        latest: str | None = None,
        reader: Reader = EVERYTHING,
        seconds: float = 30.0,
    ) -> list[pa.Table]:
        """Sums per cell and over customers; see `Log.totals`."""
        return self.totals_sql(
            workspace,
            lang.compile_sql(query),
            lang.tables_of(query),
            levels=levels,
            side=side,
            latest=latest,
            reader=reader,
            seconds=seconds,
        )

    def totals_sql(
        self,
        workspace: str,
        sql: str,
        tables: frozenset[str],
        *,
        levels: Sequence[Sequence[str]],
        side: str | None,
        latest: str | None,
        reader: Reader,
        seconds: float,
    ) -> list[pa.Table]:
        """`totals` for a query that is SQL already."""
        reading.check_tables(tables)
        held = self._workspace(workspace)
        asked = ("totals", sql, tuple(tuple(level) for level in levels), side, latest)

        def find() -> list[pa.Table]:
            rows = self._run(held, sql, tables, reader, seconds)
            return totals(rows, levels=levels, side=side, latest=latest)

        return self._remembered(held, asked, tables, reader, find)

    def products(
        self,
        workspace: str,
        query: Expression,
        *,
        what: Sequence[str],
        within: str,
        levels: Sequence[Sequence[str]] = (),
        once: Sequence[str] = (),
        latest: str | None = None,
        reader: Reader = EVERYTHING,
        seconds: float = 30.0,
    ) -> list[pa.Table]:
        """How often customers said each thing; see `Log.products`."""
        return self.products_sql(
            workspace,
            lang.compile_sql(query),
            lang.tables_of(query),
            what=what,
            within=within,
            levels=levels,
            once=once,
            latest=latest,
            reader=reader,
            seconds=seconds,
        )

    def products_sql(
        self,
        workspace: str,
        sql: str,
        tables: frozenset[str],
        *,
        what: Sequence[str],
        within: str,
        levels: Sequence[Sequence[str]],
        once: Sequence[str],
        latest: str | None,
        reader: Reader,
        seconds: float,
    ) -> list[pa.Table]:
        """`products` for a query that is SQL already.

        The engine makes one hash of all that a cell is, much faster than it groups by it; what
        each is made of is then read from one of its rows.
        """
        reading.check_tables(tables)
        held = self._workspace(workspace)
        each = tuple(tuple(level) for level in levels)
        asked = ("products", sql, tuple(what), within, each, tuple(once), latest)
        parts = [*map(quoted, what), *([f"{ONCE} IS NOT NULL"] if once else [])]
        cell = f"hash({', '.join(parts)}) AS {CELL}"
        columns = [cell, "customer", "seq"]
        if once:
            columns.append(f"CASE WHEN {ONCE} IS NOT NULL THEN hash({ONCE}) END AS {ONCE}")
        if latest:
            columns.append(quoted(latest))
        told = dict.fromkeys([*what, *(name for level in levels for name in level)])
        told_of = ", ".join([cell, *map(quoted, told)])

        rows_sql = f"SELECT {', '.join(columns)} FROM ({sql}) AS said"
        cells_sql = f"SELECT {told_of} FROM ({sql}) AS said"
        facts = tables - {"words"}
        may_grow = len(facts) == 1 and facts <= set(TABLES) and latest is None and not reader.as_of
        key = (rows_sql, cells_sql, reader)

        def find() -> list[pa.Table]:
            # Read before the log is: rows of an epoch that has ended are not kept.
            epoch, known = held.remembered.growing(key)
            with self._asking(held, tables, reader, seconds) as ask:
                if held.remembered.growing(key)[0] != epoch:
                    known = None
                found, is_large = _grown(
                    held, ask, rows_sql, cells_sql, min(facts), known, latest=latest
                )
            if may_grow and is_large:
                held.remembered.keep_growing(key, epoch, found)
            return products(
                found.cells, found.rows, what=what, within=within, levels=levels, once=once
            )

        return self._remembered(held, asked, tables, reader, find)

    def _merged(
        self, cursor: duckdb.DuckDBPyConnection, held: Workspace, as_of: datetime | None
    ) -> str | None:
        """The table of ids that are somebody else's, as known at `as_of`."""
        if as_of is not None and held.rows.get("identities"):
            found = merges.merged(cursor, held, as_of).customers
            if not found.num_rows:
                return None
            cursor.register("merged_then", found)
            return "merged_then"
        return f"{held.sql}.customer_of" if held.has_merges else None


def _in_words(found: pa.Table, held: Workspace) -> pa.Table:
    """Replace the integers of coded output columns by their words."""
    for place, field in enumerate(found.schema):
        domain = reading.words_domain(field.name, held)
        if domain is None or not pa.types.is_integer(field.type):
            continue
        dictionary = held.dictionary(domain)
        decoded = pc.take(dictionary, found[field.name])
        found = found.set_column(place, field.name, decoded)
    return found


def _cells_of(ask: _Ask, cells_sql: str, examples: Ints) -> pa.Table:
    """What the cells are whose rows have these ``seq``, of each one."""
    seqs = ", ".join(map(str, examples)) or "NULL"
    return ask.rows(f"{cells_sql} WHERE seq IN ({seqs})")


def _grown(
    held: Workspace,
    ask: _Ask,
    rows_sql: str,
    cells_sql: str,
    table: str,
    known: Growing | None,
    *,
    latest: str | None,
) -> tuple[Growing, bool]:
    """The rows of a query, and what their cells are; whether they are many, and can grow.

    Args:
        known: those that are kept: only what has come since is read, and what was replaced since
            is taken out.
    """
    # Read before the rows are: what is replaced meanwhile is taken out twice.
    upto = NEVER
    if held.superseded.get(table):
        upto = _replaced(ask, held, table, "max(superseded_at)")[0] or NEVER
    if known is None:
        later = rows = Rows.of(ask.rows(rows_sql), latest=latest)
        if latest is None:
            later = rows = rows.in_order()
        cells = _cells_of(ask, cells_sql, rows.examples)
    else:
        gone = _replaced(ask, held, table, "seq", known.replaced_upto)
        later = Rows.of(ask.rows(f"{rows_sql} WHERE seq > {known.rows.last}")).in_order()
        rows = known.rows.without(np.array(gone, np.int64)).joined(later)
        fresh = np.isin(rows.hashes, known.rows.hashes, invert=True)
        cells = known.cells
        if fresh.any():
            cells = pa.concat_tables([cells, _cells_of(ask, cells_sql, rows.examples[fresh])])
    return Growing(rows, cells, upto), len(rows.cell) >= MANY and later.is_in_order()


NEVER = datetime(1970, 1, 1)


def _replaced(
    ask: _Ask, held: Workspace, table: str, what: str, since: datetime = NEVER
) -> list[Any]:
    """Of the rows of a table that were replaced from `since` on."""
    found = ask.cursor.execute(
        f"SELECT {what} FROM {held.sql}.superseded WHERE tbl = ? AND superseded_at >= ?",
        [table, since],
    ).fetchall()
    return [value for (value,) in found]
