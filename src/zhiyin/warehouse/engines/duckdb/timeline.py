"""Where each customer's facts are: an index over every table, by customer and time.

It holds what a line of the time line is filtered by, so that choosing fifty of a hundred
thousand touches no table of facts; what the lines say is then read from the facts, by `seq`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb

from zhiyin.warehouse.engines.duckdb.marks import Marks
from zhiyin.warehouse.engines.duckdb.reading import live
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.tables import TABLES

NUMBERED: dict[str, int] = {
    name: number
    for number, name in enumerate(
        (
            "events",
            "answers",
            "responses",
            "exposures",
            "verbatims",
            "orders",
            "order_lines",
            "refunds",
            "costs",
            "service_contacts",
            "traits",
            "consents",
            "assignments",
            "identities",
        )
    )
}
"""The number of each table in the index. Numbers are never given anew."""

WHAT: dict[str, str] = {
    "events": "name",
    "answers": "question",
    "responses": "survey",
    "exposures": "action",
    "verbatims": "question",
    "orders": "status",
    "order_lines": "category",
    "refunds": "reason",
    "costs": "cost_kind",
    "service_contacts": "reason",
    "traits": "name",
    "consents": "purpose",
    "assignments": "assignment",
    "identities": "action",
}
"""Per table, the coded column that says most of what a row is."""

MANY = 5_000
"""With more rows than these, reading the whole column of customers is cheaper than seeking each."""

COLUMNS = "customer_key, occurred_at, tbl, seq, batch, what, touchpoint, channel"


def make(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, marks: Mapping[str, int]
) -> None:
    """The base: every row up to the marks, in the order of customers and times."""
    parts = [
        f"{_rows(workspace, table)} WHERE seq <= {marks[table]}"
        for table in NUMBERED
        if marks[table] >= 0
    ]
    source = " UNION ALL ".join(parts) or f"SELECT {COLUMNS} FROM {workspace.sql}.timeline LIMIT 0"
    connection.execute(
        f"CREATE OR REPLACE TABLE {workspace.sql}.timeline AS"
        f" SELECT {COLUMNS} FROM ({source}) ORDER BY customer_key, occurred_at, tbl, seq"
    )


def entries(
    workspace: Workspace,
    marks: Marks,
    keys: Sequence[int],
    tables: Sequence[str],
    *,
    only_live: bool = True,
) -> str:
    """SQL for the entries of these ids in these tables: from the base and from the tail."""
    held = ", ".join(str(int(key)) for key in keys)
    parts = []
    if marks.tables:
        void = [
            f"NOT (t.tbl = {NUMBERED[table]} AND NOT ({condition}))"
            for table in tables
            if only_live and (condition := live(workspace, table, "t")) != "true"
        ]
        numbers = ", ".join(str(NUMBERED[table]) for table in tables)
        parts.append(
            f"SELECT {COLUMNS} FROM {workspace.sql}.timeline t WHERE t.customer_key IN ({held})"
            f" AND t.tbl IN ({numbers}) AND {' AND '.join(void) or 'true'}"
        )
    parts += [
        f"{_rows(workspace, table)} WHERE f.seq > {marks.of(table)} AND f.customer_key IN ({held})"
        f" AND {live(workspace, table, 'f') if only_live else 'true'}"
        for table in tables
        if workspace.rows.get(table) and marks.has_tail(table)
    ]
    return " UNION ALL ".join(parts) or f"SELECT {COLUMNS} FROM {workspace.sql}.timeline LIMIT 0"


def page(
    source: str,
    workspace: Workspace,
    *,
    channels: Sequence[str] = (),
    what: Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    before: tuple[datetime, str, int] | None = None,
    limit: int | None = None,
) -> str:
    """SQL for the newest entries of `source` that pass, newest first."""
    conditions = []
    if channels:
        conditions.append(f"e.channel IN ({_codes(workspace, 'channel', channels)})")
    if what:
        per_table = [
            f"(e.tbl = {number} AND e.what IN ({_codes(workspace, WHAT[table], what)}))"
            for table, number in NUMBERED.items()
        ]
        conditions.append(f"({' OR '.join(per_table)})")
    if start is not None:
        conditions.append(f"e.occurred_at >= {_instant(start)}")
    if end is not None:
        conditions.append(f"e.occurred_at < {_instant(end)}")
    if before is not None:
        at, table, seq = before
        last = f"({_instant(at)}, {NUMBERED[table]}, {int(seq)})"
        conditions.append(f"e.occurred_at <= {_instant(at)}")
        conditions.append(f"(e.occurred_at, e.tbl, e.seq) < {last}")
    cut = "" if limit is None else f" LIMIT {int(limit)}"
    return (
        f"SELECT e.* FROM ({source}) e WHERE {' AND '.join(conditions) or 'true'}"
        f" ORDER BY e.occurred_at DESC, e.tbl DESC, e.seq DESC{cut}"
    )


def narrowed(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    marks: Marks,
    keys: Sequence[int],
    tables: Sequence[str],
) -> dict[str, str]:
    """Per table the condition (on alias ``f``) that only rows of these ids pass, made fast."""
    found = dict.fromkeys(tables, of_keys(keys))
    seqs = seqs_of(connection, workspace, marks, keys, tables)
    return found | {table: among(rows) for table, rows in seqs.items()}


def of_keys(keys: Sequence[int]) -> str:
    """The condition (on alias ``f``) that a row is of one of these ids."""
    held = ", ".join(str(int(key)) for key in keys) or "-1"
    return f"f.customer_key IN ({held})"


def seqs_of(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    marks: Marks,
    keys: Sequence[int],
    tables: Sequence[str],
) -> dict[str, list[int]]:
    """The `seq` of every row of these ids, of the tables in which seeking rows is the quicker way.

    What is live is the reading form's business: at an earlier moment other rows were.
    """
    indexed = [table for table in tables if marks.of(table) >= MANY]
    if not indexed:
        return {}
    source = entries(workspace, marks, keys, indexed, only_live=False)
    rows = connection.execute(f"SELECT tbl, seq FROM ({source}) LIMIT {MANY + 1}").fetchall()
    if len(rows) > MANY:
        return {}
    by_table: dict[int, list[int]] = {}
    for number, seq in rows:
        by_table.setdefault(number, []).append(seq)
    return {table: by_table.get(NUMBERED[table], []) for table in indexed}


def among(seqs: Sequence[int]) -> str:
    """The condition (on alias ``f``) that a row is one of these."""
    # The engine skips what a join's values rule out, and does not for a plain list.
    values = ", ".join(f"({int(seq)})" for seq in seqs)
    return f"f.seq IN (SELECT s FROM (VALUES {values}) v(s))" if seqs else "false"


def _rows(workspace: Workspace, table: str) -> str:
    own = {column.name for column in TABLES[table].columns}
    wanted = ("touchpoint", "channel")
    columns = [name if name in own else f"NULL::INTEGER AS {name}" for name in wanted]
    return (
        f"SELECT customer_key, occurred_at, {NUMBERED[table]}::UTINYINT AS tbl, seq, batch,"
        f" {WHAT[table]} AS what, {', '.join(columns)} FROM {workspace.sql}.{table} f"
    )


def _codes(workspace: Workspace, domain: str, words: Sequence[str]) -> str:
    known = workspace.words.get(domain, [])
    codes = [str(known.index(word)) for word in words if word in known]
    return ", ".join(codes) or "-1"


def _instant(at: datetime) -> str:
    return f"TIMESTAMP '{at.isoformat(sep=' ')}'"
