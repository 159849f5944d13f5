"""What was found in verbatims: kept beside them, and read as their parts.

A finding names its verbatim by `seq` and says nothing else of it, so that whatever becomes of the
verbatim (replaced, taken back, erased, given another touchpoint by a rule) becomes of its clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.warehouse.engines.duckdb import bases, forgotten, reading
from zhiyin.warehouse.engines.duckdb.coding import Coding
from zhiyin.warehouse.engines.duckdb.marks import row_of
from zhiyin.warehouse.engines.duckdb.points import Part
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.findings import SPACE, Finding, Readings
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.tables import CLAUSES

TABLES = ("findings", "readings")

Connect = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]

_COLUMNS = tuple(field.name for field in fields(Finding))
_NUMBERS: dict[str, pa.DataType] = {
    **dict.fromkeys(("verbatim", "place", "starts", "ends"), pa.int64()),
    "probability": pa.float64(),
    "point": pa.binary(),
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
    held.points.change(verbatims, rows)


def count(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> int:
    """How many findings there are."""
    row = row_of(cursor, f"SELECT count(*) FROM {held.sql}.findings")
    return int(row[0]) if row else 0


@contextmanager
def points(connect: Connect, held: Workspace, near: bytes) -> Iterator[tuple[int, Iterator[Part]]]:
    """The points of the space in which `near` lies, of verbatims that anybody may read; see
    `points.Source`."""
    read = list(forgotten.readable(held, "verbatims", "v"))
    readable = (
        f" AND f.verbatim IN (SELECT v.seq FROM {held.sql}.verbatims v WHERE {' AND '.join(read)})"
        if read
        else ""
    )
    wanted = f"FROM {held.sql}.findings f WHERE octet_length(f.point) = {len(near)}{readable}"
    with connect() as cursor, bases.one_moment(cursor):
        row = row_of(cursor, f"SELECT count(*) {wanted}")
        rows = cursor.sql(
            f"SELECT f.verbatim, f.place, f.point {wanted} ORDER BY f.verbatim"
        ).to_arrow_reader(_READ_AT_ONCE)
        with rows:
            yield (int(row[0]) if row else 0), _parts(rows, near)


def _parts(rows: pa.RecordBatchReader, near: bytes) -> Iterator[Part]:
    space = np.frombuffer(near[:SPACE], np.uint8)
    for batch in rows:
        if not len(batch):
            continue
        verbatims, places, told = batch.columns
        told = told.cast(pa.binary(len(near)))
        start = told.offset * len(near)
        held = np.frombuffer(memoryview(told.buffers()[1] or b""), np.uint8)
        points = held[start : start + len(told) * len(near)].reshape(len(told), len(near))
        of_it = (points[:, :SPACE] == space).all(axis=1)
        yield Part(
            verbatims.to_numpy()[of_it],
            places.to_numpy()[of_it],
            points[of_it, SPACE:].view(np.int8),
        )


_READ_AT_ONCE = 200_000
"""Points that are read from the file at a time."""


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
