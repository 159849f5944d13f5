"""What was said again in a response: intake supersedes the rows of smaller numbers.

The rows of a load are in the log by then, so one look finds what an earlier load brought and what
this one did, in whatever order it was said. See `arriving.Change`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from zhiyin.warehouse.arriving import Change
from zhiyin.warehouse.engines.duckdb import days
from zhiyin.warehouse.engines.duckdb.coding import Coding
from zhiyin.warehouse.engines.duckdb.reading import kept
from zhiyin.warehouse.engines.duckdb.workspace import Workspace

_SAID = {
    # How a row says its response and its question.
    "answers": ("f.response", "f.question"),
    "verbatims": ("f.response", "f.question"),
    "responses": ("split_part(f.id, ':', 1)", "-1"),
}

_NO_QUESTION = -1

_PLACE = "source, response, question"


def find(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    coding: Coding,
    changes: Sequence[tuple[str, Change]],
) -> dict[str, int]:
    """How many rows of each table these changes supersede; which, is kept for `write`.

    Args:
        changes: each with its source.
    """
    asked = _in_codes(coding, changes)
    if not asked.num_rows:
        return {}
    cursor.register("arriving_changes", asked)
    try:
        cursor.execute("CREATE OR REPLACE TEMP TABLE changes AS FROM arriving_changes")
    finally:
        cursor.unregister("arriving_changes")
    since = datetime(1970, 1, 1) + timedelta(microseconds=min(c.since for _s, c in changes))
    named = set(asked["tbl"].to_pylist())
    tables = ["responses"] if "responses" in named else []
    if named - {"responses"}:
        # A number counts for both: words that were taken back have no row of their own.
        tables += ["answers", "verbatims"]
    found = " UNION ALL ".join(_rows(held, table, since) for table in tables)
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE changed AS
        WITH found AS MATERIALIZED ({found}), newest AS (
            SELECT {_PLACE}, max(number) AS number FROM (
                SELECT {_PLACE}, number FROM found
                UNION ALL SELECT {_PLACE}, number FROM temp.changes
            ) GROUP BY ALL
        )
        SELECT f.tbl, f.seq FROM found f JOIN newest n USING ({_PLACE})
        WHERE f.number < n.number
            AND (f.tbl, f.source, f.response, f.question) IN (
                SELECT (tbl, {_PLACE}) FROM temp.changes)
            AND (f.tbl, f.seq) NOT IN ({_for_good(held, since)})
        """
    )
    return dict(cursor.execute("SELECT tbl, count(*) FROM temp.changed GROUP BY 1").fetchall())


def write(cursor: duckdb.DuckDBPyConnection, held: Workspace, at: datetime, batch: int) -> None:
    """Supersede what `find` has found."""
    cursor.execute(
        f"INSERT INTO {held.sql}.superseded SELECT tbl, seq, ?, ? FROM temp.changed", [at, batch]
    )


def _in_codes(coding: Coding, changes: Sequence[tuple[str, Change]]) -> pa.Table:
    """The changes of which the log may have a row: those whose words it has."""
    rows = []
    for source, change in changes:
        code = _NO_QUESTION
        origin = coding.known("source", source)
        if change.question is not None:
            known = coding.known("question", change.question)
            if known is None:
                continue
            code = known
        if origin is not None:
            rows.append((change.table, origin, change.response, code, change.number))
    columns = list(zip(*rows, strict=True)) or [()] * 5
    kinds = {
        "tbl": pa.string(),
        "source": pa.int32(),
        "response": pa.string(),
        "question": pa.int32(),
        "number": pa.int64(),
    }
    made = {
        name: pa.array(column, kind)
        for (name, kind), column in zip(kinds.items(), columns, strict=True)
    }
    return pa.table(made)


def _rows(held: Workspace, table: str, since: datetime) -> str:
    """SQL of all rows that were ever said where something changes, each with its number."""
    response, question = _SAID[table]
    own = "= -1" if table == "responses" else ">= 0"
    return f"""
        SELECT '{table}' AS tbl, f.seq, c.source, c.response, c.question, CASE
            WHEN starts_with(f.id, c.response || ':')
            THEN TRY_CAST(split_part(f.id, ':', 2) AS BIGINT) END AS number
        FROM {held.sql}.{table} f
        JOIN (SELECT DISTINCT {_PLACE} FROM temp.changes WHERE question {own}) c
            ON c.source = f.source AND c.response = {response} AND c.question = {question}
        WHERE f.received_at >= TIMESTAMP '{since.isoformat(sep=" ")}' AND {kept(held, table, "f")}
        """


def _for_good(held: Workspace, since: datetime) -> str:
    """SQL of what intake has superseded already. What an import has, it has until it is undone."""
    return f"""
        SELECT (s.tbl, s.seq) FROM {held.sql}.superseded s JOIN {held.sql}.batches b USING (batch)
        WHERE s.superseded_at >= TIMESTAMP '{since.isoformat(sep=" ")}'
            AND {days.in_sql("b.import_id")}
        """
