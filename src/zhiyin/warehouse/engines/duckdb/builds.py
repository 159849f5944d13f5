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
    """

    name: str
    version: int
    inputs: tuple[str, ...]
    make: Callable[[duckdb.DuckDBPyConnection, Workspace], None]


def _customer_of(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    found = merges.merged(connection, workspace)
    connection.execute(f"DELETE FROM {workspace.sql}.customer_of")
    connection.register("found_merges", found)
    try:
        connection.execute(f"INSERT INTO {workspace.sql}.customer_of SELECT * FROM found_merges")
    finally:
        connection.unregister("found_merges")


BUILDS: tuple[Build, ...] = (Build("customer_of", 1, ("identities",), _customer_of),)


def due(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> list[Build]:
    """The builds that are not done, or done on older inputs or by an older recipe."""
    return [build for build in BUILDS if not _is_done(connection, workspace, build)]


def run(connection: duckdb.DuckDBPyConnection, workspace: Workspace, build: Build) -> None:
    """Redo a build whole. The caller holds `workspace.writing`."""
    inputs = state_of_inputs(connection, workspace, build)
    table = f"{workspace.sql}.builds"
    connection.execute(f"DELETE FROM {table} WHERE name = ?", [build.name])
    connection.execute(
        f"INSERT INTO {table} VALUES (?, ?, 'started', ?, ?, NULL)",
        [build.name, build.version, inputs, now()],
    )
    connection.execute("BEGIN")
    try:
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
