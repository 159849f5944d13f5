"""Questions about some customers, answered from the tables that are sorted by customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import duckdb
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.customers import wanted_of
from zhiyin.warehouse.engines.duckdb import bases, finding, people, reading, timeline
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.marks import row_of
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.log import Found, Reader, Schema, TimelineAsked
from zhiyin.warehouse.tables import TABLES, facts_of
from zhiyin.warehouse.where import where

EVERYTHING = Reader()

_MERGED_HERE = "(SELECT key, customer FROM {merged} WHERE customer IN ({customers}))"


def written(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    sql: str,
    tables: frozenset[str],
    reader: Reader,
    *,
    merged: str | None,
    customers: Sequence[int] | None,
    near: str | None = None,
) -> str:
    """The whole SQL of a query: reading forms, narrowed to `customers` where they are given, and
    to the clauses of the table `near`."""
    keys = None if customers is None else keys_of(cursor, customers, merged)
    derived, needed = _derived(cursor, workspace, tables, reader, merged, customers, keys)
    facts = frozenset(table for table in tables | needed if wanted_of(table) is None)
    if customers is None or keys is None:
        return reading.with_reading_forms(
            workspace, sql, facts, reader, merged=merged, derived=derived, near=near
        )
    marks = bases.marks(cursor, workspace, "timeline")
    held = sorted({facts_of(table) for table in facts} & set(TABLES))
    narrowed = timeline.narrowed(cursor, workspace, marks, keys, held)
    if "ids" in facts:
        narrowed["ids"] = f"f.key IN ({_numbers(keys)})"
    return reading.with_reading_forms(
        workspace,
        sql,
        facts,
        reader,
        merged=_merged_here(merged, customers),
        narrowed=narrowed,
        derived=derived,
        near=near,
    )


def rows_of(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    customer: int,
    tables: Mapping[str, Sequence[int] | None],
    reader: Reader,
    *,
    merged: str | None,
    columns: Sequence[str] = (),
    limit: int,
) -> dict[str, pa.Table]:
    """Rows of a customer, of several tables; see `Log.rows_of`."""
    reading.check_tables(frozenset(tables), TABLES)
    if reader.scope is not None and not _is_seen(cursor, workspace, customer, reader, merged):
        return {table: _nothing(cursor, workspace, table) for table in tables}
    keys = keys_of(cursor, [customer], merged)
    whole = [table for table, seqs in tables.items() if table in TABLES and seqs is None]
    seqs = {}
    if whole:
        marks = bases.marks(cursor, workspace, "timeline")
        seqs = timeline.seqs_of(cursor, workspace, marks, keys, whole)
    seqs |= {table: [*chosen] for table, chosen in tables.items() if chosen is not None}
    found = {}
    for table in tables:
        rows = seqs.get(table)
        as_read = replace(reader, scope=None) if table in ABOUT_HER else reader
        if table in TABLES and not _is_honoured(workspace, table, as_read):
            rows = []
        if rows is not None and not rows:
            found[table] = _nothing(cursor, workspace, table)
            continue
        narrowed = timeline.of_keys(keys) if table in TABLES else f"f.key IN ({_numbers(keys)})"
        is_few = rows is not None and len(rows) <= limit
        shape = _nothing(cursor, workspace, table).schema
        if columns:
            shape = pa.schema([field for field in shape if field.name in {*PLACE, *columns}])
        chosen = ", ".join(map(quoted, shape.names))
        order = "occurred_at DESC, seq DESC" if table in TABLES else "kind, id"
        sql = reading.with_reading_forms(
            workspace,
            # A few rows are put in order below: the engine plans a sort for longer than it takes.
            f"SELECT {chosen} FROM {quoted(table)}"
            + ("" if is_few else f" ORDER BY {order} LIMIT {int(limit)}"),
            frozenset([table]),
            as_read,
            merged=_merged_here(merged, [customer]),
            narrowed={table: f"{timeline.among(rows)} AND {narrowed}" if rows else narrowed},
        )
        if is_few:
            found[table] = _few(cursor, sql, shape).sort_by(NEWEST_FIRST)
        else:
            found[table] = cursor.sql(sql).to_arrow_table()
    return found


PLACE = ("seq", "occurred_at")

ABOUT_HER = frozenset({"traits", "consents", "ids"})
"""What is known of a customer belongs to no unit: who may see one of her facts may see it."""

NEWEST_FIRST: list[tuple[str, Literal["ascending", "descending"]]] = [
    ("occurred_at", "descending"),
    ("seq", "descending"),
]


def _few(cursor: duckdb.DuckDBPyConnection, sql: str, shape: pa.Schema) -> pa.Table:
    """A few rows: to set up an Arrow result takes longer than to read them."""
    names = [column[0] for column in cursor.execute(sql).description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return pa.Table.from_pylist(rows, schema=shape)


def _nothing(cursor: duckdb.DuckDBPyConnection, workspace: Workspace, table: str) -> pa.Table:
    """No row of a table, in the columns that its rows have."""
    shape = (table, *workspace.dimensions.get(table, {}))
    if shape not in workspace.empty:
        sql = reading.with_reading_forms(
            workspace, f"FROM {quoted(table)} LIMIT 0", frozenset([table]), EVERYTHING, merged=None
        )
        workspace.empty[shape] = cursor.sql(sql).to_arrow_table()
    return workspace.empty[shape]


def find(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    text: str,
    reader: Reader,
    *,
    merged: str | None,
    limit: int,
) -> list[Found]:
    """Whom a text names; see `Log.find_customers`."""
    marks = bases.marks(cursor, workspace, "finder")
    found: dict[int, Found] = {}
    for key, by in finding.find(cursor, workspace, marks, text, limit * 4):
        customer = customer_of(cursor, key, merged)
        found.setdefault(customer, Found(customer, by))
    if reader.scope is None and reader.as_of is None:
        return list(found.values())[:limit]
    # Whoever may see none of her facts must not learn that she is there.
    seen = [
        one for one in found.values() if _is_seen(cursor, workspace, one.customer, reader, merged)
    ]
    return seen[:limit]


def _is_seen(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    customer: int,
    reader: Reader,
    merged: str | None,
) -> bool:
    """Whether the reader may see any fact of a customer."""
    asked = TimelineAsked(customer, limit=1, reader=reader)
    return bool(timeline_page(cursor, workspace, asked, merged=merged).num_rows)


def timeline_page(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    asked: TimelineAsked,
    *,
    merged: str | None,
) -> pa.Table:
    """The newest facts of a customer; see `Log.timeline`."""
    chosen = timeline.page(
        _entries(cursor, workspace, asked, merged),
        workspace,
        channels=asked.channels,
        what=asked.what,
        start=asked.start,
        end=asked.end,
        before=asked.before,
        limit=asked.limit,
    )
    found = cursor.sql(_before(cursor, workspace, asked, merged, chosen)).to_arrow_table()
    numbers = found["tbl"].to_pylist()
    names = {number: table for table, number in timeline.NUMBERED.items()}
    tables = [names[number] for number in numbers]
    what = [
        _word(workspace, timeline.WHAT[table], code)
        for table, code in zip(tables, found["what"].to_pylist(), strict=True)
    ]
    return pa.table(
        {
            "occurred_at": found["occurred_at"],
            "table": pa.array(tables, pa.string()),
            "seq": found["seq"],
            "what": pa.array(what, pa.string()),
            **{
                name: pa.array(
                    [_word(workspace, name, code) for code in found[name].to_pylist()], pa.string()
                )
                for name in ("touchpoint", "channel")
            },
        }
    )


def timeline_counts(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    asked: TimelineAsked,
    *,
    merged: str | None,
) -> pa.Table:
    """How many facts of a customer there are; see `Log.timeline_counts`."""
    source = _entries(cursor, workspace, asked, merged)
    counted = (
        "SELECT tbl, channel, count(*) AS n, min(occurred_at) AS first_at,"
        f" max(occurred_at) AS last_at FROM ({source}) e GROUP BY 1, 2 ORDER BY 1, 2"
    )
    found = cursor.sql(_before(cursor, workspace, asked, merged, counted)).to_arrow_table()
    names = {number: table for table, number in timeline.NUMBERED.items()}
    tables = [names[number] for number in found["tbl"].to_pylist()]
    channels = [_word(workspace, "channel", code) for code in found["channel"].to_pylist()]
    return pa.table(
        {
            "table": pa.array(tables, pa.string()),
            "channel": pa.array(channels, pa.string()),
            "n": found["n"],
            "first_at": found["first_at"],
            "last_at": found["last_at"],
        }
    )


def keys_of(
    cursor: duckdb.DuckDBPyConnection, customers: Sequence[int], merged: str | None
) -> list[int]:
    """Every key of these customers: their own and those merged into them."""
    keys = [int(customer) for customer in customers]
    if merged is None or not keys:
        return keys
    rows = cursor.execute(
        f"SELECT key FROM {merged} WHERE customer IN ({_numbers(keys)}) ORDER BY key"
    ).fetchall()
    return [*keys, *(int(row[0]) for row in rows)]


def customer_of(cursor: duckdb.DuckDBPyConnection, key: int, merged: str | None) -> int:
    """Whose id a key is."""
    if merged is None:
        return key
    row = row_of(cursor, f"SELECT customer FROM {merged} WHERE key = {int(key)}")
    return int(row[0]) if row else key


def _entries(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    asked: TimelineAsked,
    merged: str | None,
) -> str:
    """SQL of her entries, of those that the reader may see."""
    reading.check_tables(frozenset(asked.tables), TABLES)
    marks = bases.marks(cursor, workspace, "timeline")
    keys = keys_of(cursor, [asked.customer], merged)
    tables = [
        table
        for table in timeline.NUMBERED
        if (not asked.tables or table in asked.tables)
        and _is_honoured(workspace, table, asked.reader)
    ]
    is_plain = asked.reader.scope is None and asked.reader.as_of is None
    found = timeline.entries(workspace, marks, keys, tables, only_live=is_plain)
    if is_plain:
        return found
    seen = [f"SELECT {timeline.NUMBERED[t]} AS tbl, seq FROM {quoted(t)}" for t in tables]
    all_seen = " UNION ALL ".join(seen) or "SELECT -1 AS tbl, -1 AS seq"
    return f"SELECT e.* FROM ({found}) e SEMI JOIN ({all_seen}) s USING (tbl, seq)"


def _before(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    asked: TimelineAsked,
    merged: str | None,
    sql: str,
) -> str:
    """`sql` with the reading forms that `_entries` names, where the reader does not see all."""
    if asked.reader.scope is None and asked.reader.as_of is None:
        return sql
    tables = frozenset(
        table
        for table in timeline.NUMBERED
        if (not asked.tables or table in asked.tables)
        and _is_honoured(workspace, table, asked.reader)
    )
    return written(
        cursor, workspace, sql, tables, asked.reader, merged=merged, customers=[asked.customer]
    )


def _is_honoured(workspace: Workspace, table: str, reader: Reader) -> bool:
    """Whether `table` has the columns that the reader's scope names."""
    if reader.scope is None:
        return True
    from zhiyin.warehouse import lang

    schema = Schema(workspace.version, workspace.dimensions)
    try:
        where(reader.scope, lang.table(schema, table), schema, table_name=table)
    except Problem:
        return False
    return True


def _derived(
    cursor: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    tables: frozenset[str],
    reader: Reader,
    merged: str | None,
    customers: Sequence[int] | None,
    keys: Sequence[int] | None,
) -> tuple[dict[str, str], frozenset[str]]:
    """The tables of customers that a query names, and the reading forms that they need."""
    found: dict[str, str] = {}
    needed: set[str] = set()
    from_facts = reader.scope is not None or reader.as_of is not None
    for table in tables:
        wanted = wanted_of(table)
        if wanted is None:
            continue
        marks = bases.marks(cursor, workspace, "customers")
        found[table], forms = people.form(
            workspace,
            wanted,
            marks,
            merged=_merged_here(merged, customers) if customers is not None else merged,
            from_facts=from_facts,
            keys=keys,
        )
        needed |= forms
    return found, frozenset(needed)


def _merged_here(merged: str | None, customers: Sequence[int]) -> str | None:
    if merged is None:
        return None
    return _MERGED_HERE.format(merged=merged, customers=_numbers(customers))


def _word(workspace: Workspace, domain: str, code: int | None) -> str | None:
    words = workspace.words.get(domain, [])
    return words[code] if code is not None and code < len(words) else None


def _numbers(values: Sequence[int]) -> str:
    return ", ".join(str(int(value)) for value in values) or "-1"
