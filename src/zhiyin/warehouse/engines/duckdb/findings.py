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

from zhiyin.kernel.clock import now
from zhiyin.warehouse.engines.duckdb import bases, forgotten, reading
from zhiyin.warehouse.engines.duckdb.coding import Coding
from zhiyin.warehouse.engines.duckdb.marks import row_of
from zhiyin.warehouse.engines.duckdb.points import Part
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.findings import SPACE, Finding, Readings
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.tables import CLAUSES, EARLIER_CLAUSES

TABLES = ("findings", "readings", "earlier_findings")

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
        moved = _keep_earlier(cursor, held, coding.known("read_by", read_by), verbatims)
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
    held.rows[EARLIER_CLAUSES.name] = held.rows.get(EARLIER_CLAUSES.name, 0) + moved
    held.points.change(verbatims, rows)


def _keep_earlier(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, reads: int | None, verbatims: Sequence[int]
) -> int:
    """Keep what the last whole version found in verbatims that another is about to read anew;
    returns how many verbatims those are.

    What a version found that never came to the end is not kept, and so what stands beside it still
    is of the last whole one.
    """
    of_them = "SELECT unnest(?::BIGINT[])"
    anew = row_of(
        cursor,
        f"SELECT count(*) FROM {held.sql}.readings WHERE verbatim IN ({of_them}) AND read_by <> ?",
        [list(verbatims), reads],
    )
    if not anew or not anew[0]:
        return 0
    before = row_of(
        cursor,
        f"SELECT max_by(read_by, ended_at) FROM {held.sql}.whole_readings WHERE read_by <> ?",
        [reads],
    )
    last = before[0] if before else None
    cursor.execute(
        f"DELETE FROM {held.sql}.earlier_findings WHERE read_by IS DISTINCT FROM ?", [last]
    )
    cursor.execute(
        f"INSERT INTO {held.sql}.earlier_findings BY NAME"
        " SELECT f.verbatim, f.place, f.starts, f.ends, f.language, f.polarity, f.aspect, f.read_by"
        f" FROM {held.sql}.findings f WHERE f.verbatim IN ({of_them}) AND f.read_by = ?",
        [list(verbatims), last],
    )
    return int(anew[0])


def end(cursor: duckdb.DuckDBPyConnection, held: Workspace, read_by: str) -> None:
    """Note that a version has read everything; see `Log.end_reading`. The caller holds
    `held.writing`."""
    code = _code(held, read_by)
    whole = f"{held.sql}.whole_readings"
    last = row_of(cursor, f"SELECT max_by(read_by, ended_at) FROM {whole}")
    if code < 0 or (last and last[0] == code):
        return
    cursor.execute("BEGIN")
    try:
        cursor.execute(f"DELETE FROM {whole} WHERE read_by = ?", [code])
        cursor.execute(f"INSERT INTO {whole} VALUES (?, ?)", [code, now()])
        cursor.execute("COMMIT")
    except BaseException:
        cursor.execute("ROLLBACK")
        raise


def counts(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> dict[str, int]:
    """How many clauses there are, by the name of the table as which they are read."""
    kept = {CLAUSES.name: "findings", EARLIER_CLAUSES.name: "earlier_findings"}
    rows = {name: row_of(cursor, f"SELECT count(*) FROM {held.sql}.{kept[name]}") for name in kept}
    return {name: int(row[0]) if row else 0 for name, row in rows.items()}


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


_READ_AT_ONCE = 50_000
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
