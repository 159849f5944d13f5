"""What was found in verbatims: kept beside them, and read as their parts.

A finding names its verbatim by `seq` and says nothing else of it, so that whatever becomes of the
verbatim (replaced, taken back, erased, given another touchpoint by a rule) becomes of its clauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import duckdb
import pyarrow as pa

from zhiyin.warehouse.engines.duckdb import reading
from zhiyin.warehouse.engines.duckdb.coding import Coding
from zhiyin.warehouse.engines.duckdb.marks import row_of
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.findings import Finding, Readings
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.tables import CLAUSES

TABLES = ("findings", "readings")

_COLUMNS = tuple(field.name for field in fields(Finding))
_NUMBERS: dict[str, pa.DataType] = {
    **dict.fromkeys(("verbatim", "place", "starts", "ends"), pa.int64()),
    "probability": pa.float64(),
}
_SHAPE = pa.schema([(name, _NUMBERS.get(name, pa.string())) for name in _COLUMNS])


def keep(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    read_by: str,
    verbatims: Sequence[int],
    found: Sequence[Finding],
) -> None:
    """Keep findings; see `Log.keep_findings`. The caller holds `held.writing`."""
    rows = pa.Table.from_pylist(
        [{name: getattr(one, name) for name in _COLUMNS} for one in found],
        schema=_SHAPE,
    )
    rows = rows.append_column("read_by", pa.array([read_by] * len(rows), pa.string()))
    read = pa.table(
        {
            "verbatim": pa.array(verbatims, pa.int64()),
            "read_by": pa.array([read_by] * len(verbatims), pa.string()),
        }
    )
    coding = Coding(held)
    rows, read = coding.coded(CLAUSES.name, rows), coding.coded(CLAUSES.name, read)
    cursor.execute("BEGIN")
    try:
        for table, fresh in (("findings", rows), ("readings", read)):
            cursor.register("fresh_findings", fresh)
            cursor.execute(
                f"DELETE FROM {held.sql}.{table} WHERE verbatim IN (SELECT unnest(?::BIGINT[]))",
                [list(verbatims)],
            )
            cursor.execute(f"INSERT INTO {held.sql}.{table} BY NAME SELECT * FROM fresh_findings")
            cursor.unregister("fresh_findings")
        coding.write(cursor)
        with held.knowing(coding.fresh()):
            cursor.execute("COMMIT")
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    # As `remembered` counts: what was answered of fewer findings is not the answer any more.
    held.rows[CLAUSES.name] = held.rows.get(CLAUSES.name, 0) + len(rows) + 1


def count(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> int:
    """How many findings there are."""
    row = row_of(cursor, f"SELECT count(*) FROM {held.sql}.findings")
    return int(row[0]) if row else 0


def unread(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    merged: str | None,
    read_by: str,
    *,
    after: int,
    limit: int,
) -> list[tuple[int, str]]:
    """Verbatims that this has not read; see `Log.unread`."""
    sql = (
        f"SELECT v.seq, v.text FROM verbatims v ANTI JOIN {_read_by(held, read_by)} r"
        f" ON r.verbatim = v.seq WHERE v.seq > {int(after)} AND v.text IS NOT NULL"
        f" ORDER BY v.seq LIMIT {int(limit)}"
    )
    return _asked(cursor, held, merged, sql, Reader())


def readings(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    merged: str | None,
    read_by: str,
    reader: Reader,
) -> Readings:
    """How many verbatims were read; see `Log.readings`."""
    sql = (
        "SELECT count(*) AS n, count(r.verbatim) AS read,"
        f" count(*) FILTER (r.read_by = {_code(held, read_by)}) AS read_by_this"
        f" FROM verbatims v LEFT JOIN {held.sql}.readings r ON r.verbatim = v.seq"
        " WHERE v.text IS NOT NULL"
    )
    return Readings(*_asked(cursor, held, merged, sql, reader)[0])


def _asked(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    merged: str | None,
    sql: str,
    reader: Reader,
) -> list[Any]:
    tables = frozenset(["verbatims"])
    return cursor.execute(
        reading.with_reading_forms(held, sql, tables, reader, merged=merged)
    ).fetchall()


def _read_by(held: Workspace, read_by: str) -> str:
    return f"(SELECT verbatim FROM {held.sql}.readings WHERE read_by = {_code(held, read_by)})"


def _code(held: Workspace, read_by: str) -> int:
    words = held.words.get("read_by", [])
    return words.index(read_by) if read_by in words else -1
