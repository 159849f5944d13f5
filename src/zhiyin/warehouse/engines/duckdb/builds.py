"""Tables that are derived from the log, and the promise about them.

A build is marked started, makes its table, and is marked done, together with the state of
its inputs that it has seen. One that was cut off is found as started and is redone whole; one
whose inputs have moved on is redone before anybody reads it. So a derived table is never
half-made, and never ahead of what it is made from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from zhiyin.kernel.clock import now
from zhiyin.warehouse.engines.duckdb import forgotten, merges
from zhiyin.warehouse.engines.duckdb.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Build:
    """One derived table.

    Args:
        name: also the table's.
        version: raised when the recipe changes, so that every workspace is rebuilt.
        inputs: the fact tables that it is made from.
        make: fills the table, inside a transaction that the runner holds.
        extend: brings a table that is done up to date with the rows of its one input that arrived
            after a `seq`, in the same transaction; says False when it would rather be made whole.
    """

    name: str
    version: int
    inputs: tuple[str, ...]
    make: Callable[[duckdb.DuckDBPyConnection, Workspace], None]
    extend: Callable[[duckdb.DuckDBPyConnection, Workspace, int], bool] | None = None


BUILDS: tuple[Build, ...] = (Build("customer_of", 2, ("identities",), merges.build, merges.extend),)


def due(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> list[Build]:
    """The builds that are not done, or done on older inputs or by an older recipe."""
    return [build for build in BUILDS if not _is_done(connection, workspace, build)]


def run(connection: duckdb.DuckDBPyConnection, workspace: Workspace, build: Build) -> None:
    """Bring a build up to date, by what is new or whole. The caller holds `workspace.writing`."""
    inputs = state_of_inputs(connection, workspace, build)
    after = _seen(connection, workspace, build, inputs)
    table = f"{workspace.sql}.builds"
    connection.execute(f"DELETE FROM {table} WHERE name = ?", [build.name])
    connection.execute(
        f"INSERT INTO {table} VALUES (?, ?, 'started', ?, ?, NULL)",
        [build.name, build.version, inputs, now()],
    )
    connection.execute("BEGIN")
    try:
        if after is None or not (build.extend and build.extend(connection, workspace, after)):
            build.make(connection, workspace)
        connection.execute(
            f"UPDATE {table} SET state = 'done', done_at = ? WHERE name = ?",
            [now(), build.name],
        )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def state_of_inputs(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, build: Build
) -> str:
    """What the inputs hold, as one comparable text: rows seen, taken back, replaced."""
    parts = [f"undone={len(workspace.undone)}", *forgotten.state(workspace)]
    if "identities" in build.inputs:
        parts.append(f"limit={merges.limit_of(connection, workspace)}")
    for table in build.inputs:
        row = connection.execute(
            f"SELECT coalesce(max(seq), -1) FROM {workspace.sql}.{table}"
        ).fetchone()
        parts.append(f"{table}={row[0] if row else -1}/{workspace.superseded.get(table, 0)}")
    return " ".join(parts)


def _is_done(connection: duckdb.DuckDBPyConnection, workspace: Workspace, build: Build) -> bool:
    row = connection.execute(
        f"SELECT version, state, inputs FROM {workspace.sql}.builds WHERE name = ?",
        [build.name],
    ).fetchone()
    wanted = (build.version, "done", state_of_inputs(connection, workspace, build))
    return row is not None and tuple(row) == wanted


def _seen(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, build: Build, inputs: str
) -> int | None:
    """The last `seq` that a finished build has seen, if only rows after it are new; else None."""
    rows = connection.execute(
        f"SELECT inputs FROM {workspace.sql}.builds WHERE name = ? AND version = ?"
        " AND state = 'done'",
        [build.name, build.version],
    ).fetchall()
    if not rows or len(build.inputs) != 1:
        return None
    (table,) = build.inputs
    rest, seen = _split(rows[0][0], table)
    return seen if rest == _split(inputs, table)[0] else None


def _split(inputs: str, table: str) -> tuple[str, int]:
    """The state of inputs without the last `seq` of a table, and that `seq`."""
    before, _name, after = inputs.partition(f"{table}=")
    seq, _slash, rest = after.partition("/")
    return f"{before}/{rest}", int(seq)
