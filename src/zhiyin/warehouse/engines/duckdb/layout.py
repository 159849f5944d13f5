"""The physical form of a workspace's file, and how an older one becomes the present one."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.folders import cannot_open
from zhiyin.warehouse.log import DimensionKind
from zhiyin.warehouse.tables import COMMON, DIMENSION_PREFIX, READ, TABLES, Column

KEY_COLUMNS = {"customer": "customer_key", "other": "other"}
"""Columns that hold the integer key of an id, by the name that writers use."""

_TYPES = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "text": "VARCHAR",
    "time": "TIMESTAMP",
    "bool": "BOOLEAN",
    "json": "VARCHAR",
    "money": "DECIMAL(18, 4)",
}


@cache
def migrations() -> tuple[tuple[int, str], ...]:
    """(version, SQL) of every form that the log has had, in order."""
    folder = files(__package__) / "migrations"
    found = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple((int(name.split("_")[0]), (folder / name).read_text("utf-8")) for name in found)


PRESENT = max(version for version, _sql in migrations())
"""The version of the log's form that this program writes."""


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def version_of(connection: duckdb.DuckDBPyConnection, catalog: str) -> int:
    """The form of an attached file; 0 for an empty one."""
    has_meta = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND table_name = 'form'",
        [catalog],
    ).fetchone()
    if not has_meta or not has_meta[0]:
        return 0
    row = connection.execute(f"SELECT max(version) FROM {quoted(catalog)}.form").fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def settled(path: Path) -> int:
    """The form of a workspace's file that nobody has open; its write-ahead log goes into it.

    Raises:
        Problem: ``log.damaged``.
    """
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"ATTACH '{path}' AS held")
            connection.execute("CHECKPOINT held")
            return version_of(connection, "held")
    except duckdb.Error as error:
        raise cannot_open(path.name.split(".")[0], error) from error


def migrate(connection: duckdb.DuckDBPyConnection, catalog: str, upto: int | None = None) -> int:
    """Bring an attached file forward, form by form, in one transaction.

    Returns:
        The version that it has now.

    Raises:
        Problem: ``log.newer`` when the file was written by a later program.
    """
    present = version_of(connection, catalog)
    if present > PRESENT:
        raise newer(catalog.removeprefix("ws_"), present)
    last = PRESENT if upto is None else upto
    later = [(version, sql) for version, sql in migrations() if present < version <= last]
    if not later:
        return present
    connection.execute("BEGIN")
    try:
        connection.execute(f"USE {quoted(catalog)}")
        connection.execute("CREATE TABLE IF NOT EXISTS form (version INTEGER, made_at TIMESTAMP)")
        for version, sql in later:
            connection.execute(sql)
            connection.execute(
                "INSERT INTO form VALUES (?, current_timestamp::TIMESTAMP)", [version]
            )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("USE memory")
    return later[-1][0]


def newer(workspace: str, form: int) -> Problem:
    """What is said of a file that a later program has written."""
    return Problem(
        "log.newer",
        _(
            "The log of workspace {workspace} has form {found}; this program knows up to {known}.",
            workspace=workspace,
            found=form,
            known=PRESENT,
        ),
        _("Start it with the newer program that wrote it."),
    )


def physical_columns(table: str) -> list[tuple[str, str]]:
    """(name, type) of a fact table's columns, dimensions left out, in the present form."""
    columns = [
        ("seq", "BIGINT"),
        ("batch", "INTEGER"),
        ("id_hash", "UBIGINT"),
        ("content_hash", "UBIGINT"),
    ]
    for column in (*COMMON, *TABLES[table].columns):
        if column.name in KEY_COLUMNS:
            columns.append((KEY_COLUMNS[column.name], "INTEGER"))
        else:
            columns.append((column.name, column_type(column)))
    return columns


def column_type(column: Column) -> str:
    """The SQL type of a declared column."""
    return "INTEGER" if column.coded else _TYPES[column.kind]


def dimension_type(kind: DimensionKind) -> str:
    """The SQL type of a declared dimension."""
    return "INTEGER" if kind == "text" else _TYPES[kind]


def staged_type(table: str, name: str, dimensions: dict[str, DimensionKind]) -> str | None:
    """The SQL type of a column as writers give it (words, ids), or None where there is none."""
    own = {
        "row": "BIGINT",
        "content": "UBIGINT",
        "customer_kind": "VARCHAR",
        "other_kind": "VARCHAR",
    }
    if name in own:
        return own[name]
    if name in KEY_COLUMNS:
        return "VARCHAR"
    if name.startswith(DIMENSION_PREFIX):
        kind = dimensions.get(name.removeprefix(DIMENSION_PREFIX))
        return None if kind is None else _TYPES[kind]
    column = TABLES[table].column(name)
    return None if column is None else _TYPES[column.kind]


def coded_columns(table: str) -> list[str]:
    """The columns of a table that hold codes of words, dimensions left out."""
    return [column.name for column in (*COMMON, *TABLES[table].columns) if column.coded]


def is_coded(table: str, name: str, dimensions: dict[str, DimensionKind]) -> bool:
    """Whether a column of the log holds codes of words."""
    if name.startswith(DIMENSION_PREFIX):
        return dimensions.get(name.removeprefix(DIMENSION_PREFIX)) == "text"
    column = READ[table].column(name)
    return column is not None and column.coded
