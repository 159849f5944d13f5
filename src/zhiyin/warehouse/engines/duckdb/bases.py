"""Derived tables that are too large to be redone at each commit: a base, and a tail.

A base is made from what the log held at one moment; its *marks* say which moment: the last
`seq` of each table. Whoever reads it adds the tail, the rows after the marks, so what it says is
never behind the log. A base whose tail has grown long is made anew beside the old one and takes
its place in one transaction: a process that is killed leaves the old one standing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from zhiyin.kernel.clock import now
from zhiyin.warehouse.engines.duckdb import finding, people, timeline
from zhiyin.warehouse.engines.duckdb.marks import Marks, row_of
from zhiyin.warehouse.engines.duckdb.workspace import Workspace

LONG_TAIL = 1_000_000
"""Rows after which a base is made anew, unless a twentieth of the log is more."""

OLD = timedelta(hours=20)
"""A base older than this is made anew when it has a tail at all."""

COUNTED = ("customers",)
"""Bases that hold counts, not rows: what is kept no longer must not be in them."""

NO_MARKS = Marks({}, datetime(1, 1, 1))

Make = Callable[[duckdb.DuckDBPyConnection, Workspace, Mapping[str, int]], None]


TABLES_OF_BASES = ("timeline", "finder", "customers", "current_traits")
"""Every table that a base fills. A file that is written anew begins without them."""


@dataclass(frozen=True, slots=True)
class Base:
    """One base.

    Args:
        name: also its main table's.
        version: raised when the recipe changes.
        inputs: the tables that it is made from; ``ids`` is marked by its last key.
        make: fills its tables from rows up to the marks, inside the caller's transaction.
    """

    name: str
    version: int
    inputs: tuple[str, ...]
    make: Make


BASES: dict[str, Base] = {
    base.name: base
    for base in (
        Base("timeline", 1, tuple(timeline.NUMBERED), timeline.make),
        Base("finder", 1, (*finding.INPUTS, "ids"), finding.make),
        Base("customers", 2, (*people.INPUTS, "traits", "ids"), people.make),
    )
}


def marks(connection: duckdb.DuckDBPyConnection, workspace: Workspace, name: str) -> Marks:
    """What the base of this name was made from; nothing where there is none of this recipe."""
    row = row_of(
        connection,
        f"SELECT inputs, started_at FROM {workspace.sql}.builds"
        " WHERE name = ? AND version = ? AND state = 'done'",
        [name, BASES[name].version],
    )
    if row is None:
        return NO_MARKS
    pairs = dict(part.split("=") for part in row[0].split())
    if name in COUNTED and pairs.pop("kept") != _kept(workspace):
        # It counts rows that are kept no longer, and nobody can take them out of it.
        return NO_MARKS
    rows = connection.execute(f"SELECT name, value FROM {workspace.sql}.counters").fetchall()
    counters: dict[str, int] = dict(rows)
    return Marks(
        {table: int(mark) for table, mark in pairs.items()},
        row[1],
        {
            table: counters[counter]
            for table in pairs
            if (counter := "key" if table == "ids" else f"seq:{table}") in counters
        },
    )


@contextmanager
def one_moment(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that is read inside is of one moment, though a base takes another's place meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        # A query that was stopped may have ended it already.
        with suppress(duckdb.TransactionException):
            connection.execute("ROLLBACK")


def tend(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, *, always: bool = False
) -> list[str]:
    """Make the bases anew whose tail is long, or that are old; returns their names.

    Intake and imports go on meanwhile: what they add is in the next tail.
    """
    made = []
    with workspace.tending:
        for base in BASES.values():
            if always or _is_due(connection, workspace, base):
                _make(connection, workspace, base)
                made.append(base.name)
    return made


def forget(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    """Say in a file that has no bases yet that it has none; its tables of bases are empty."""
    names = ", ".join(f"'{name}'" for name in BASES)
    connection.execute(f"DELETE FROM {catalog}.builds WHERE name IN ({names})")


def _is_due(connection: duckdb.DuckDBPyConnection, workspace: Workspace, base: Base) -> bool:
    last = _last(connection, workspace, base)
    found = marks(connection, workspace, base.name)
    tail = sum(max(last[table] - found.of(table), 0) for table in base.inputs)
    whole = sum(mark + 1 for mark in last.values())
    if workspace.undone and max(workspace.undone.values()) > found.made_at and found.tables:
        return True
    if base.name in COUNTED and not found.tables and _was_made(connection, workspace, base):
        return True
    if now() - found.made_at > OLD and found.tables:
        return tail > 0
    return tail > max(LONG_TAIL, whole // 20)


def _last(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, base: Base
) -> dict[str, int]:
    """The last `seq` of each input at this moment, -1 for an empty one."""
    found = {}
    for table in base.inputs:
        column = "key" if table == "ids" else "seq"
        row = row_of(connection, f"SELECT coalesce(max({column}), -1) FROM {workspace.sql}.{table}")
        found[table] = int(row[0]) if row else -1
    return found


def _inputs(workspace: Workspace, base: Base, last: Mapping[str, int]) -> str:
    kept = f" kept={_kept(workspace)}" if base.name in COUNTED else ""
    return " ".join(f"{table}={mark}" for table, mark in last.items()) + kept


def _kept(workspace: Workspace) -> str:
    rules = "|".join(f"{k.table}:{k.pattern}:{k.since.isoformat()}" for k in workspace.kept_since)
    return hashlib.sha256(rules.encode()).hexdigest()[:16]


def _was_made(connection: duckdb.DuckDBPyConnection, workspace: Workspace, base: Base) -> bool:
    row = row_of(
        connection,
        f"SELECT count(*) FROM {workspace.sql}.builds WHERE name = ? AND state = 'done'",
        [base.name],
    )
    return bool(row and row[0])


def _make(connection: duckdb.DuckDBPyConnection, workspace: Workspace, base: Base) -> None:
    table = f"{workspace.sql}.builds"
    connection.execute(f"DELETE FROM {table} WHERE name = ? AND state = 'started'", [base.name])
    connection.execute(
        f"INSERT INTO {table} VALUES (?, ?, 'started', '', ?, NULL)",
        [base.name, base.version, now()],
    )
    try:
        # Nobody writes at this moment: what was replaced before it is replaced in the base.
        with workspace.writing:
            at = max(now(), workspace.last_received_at)
            connection.execute("BEGIN")
            last = _last(connection, workspace, base)
        base.make(connection, workspace, last)
        connection.execute(f"DELETE FROM {table} WHERE name = ?", [base.name])
        connection.execute(
            f"INSERT INTO {table} VALUES (?, ?, 'done', ?, ?, ?)",
            [base.name, base.version, _inputs(workspace, base, last), at, now()],
        )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
