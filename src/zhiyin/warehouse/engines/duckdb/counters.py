"""The next numbers of a workspace's file, read and written once a load."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.engines.duckdb.workspace import Workspace


class Numbers:
    """The counters as one transaction sees them."""

    def __init__(self, values: dict[str, int]) -> None:
        self._values = values
        self._stored = dict(values)

    def __getitem__(self, name: str) -> int:
        return self._values.get(name, 0)

    def take(self, name: str, count: int) -> int:
        """Reserve `count` numbers and return the first."""
        first = self._values.get(name, 0)
        self._values[name] = first + count
        if name == "key" and first + count >= 2**31:
            raise Problem(
                "log.full",
                _("The log holds as many ids as it can name: 2,147,483,647."),
                _("Archive what is old into another workspace."),
            )
        return first

    def set(self, name: str, value: int) -> None:
        """Say what comes next."""
        self._values[name] = value

    def write(self, cursor: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
        """Store those that have changed."""
        changed = {n: v for n, v in self._values.items() if self._stored.get(n) != v}
        fresh = [name for name in changed if name not in self._stored]
        known = [name for name in changed if name in self._stored]
        if known:
            pairs = ", ".join(f"('{name}', {changed[name]})" for name in known)
            cursor.execute(
                f"UPDATE {workspace.sql}.counters SET value = v.value"
                f" FROM (VALUES {pairs}) v(name, value) WHERE counters.name = v.name"
            )
        if fresh:
            pairs = ", ".join(f"('{name}', {changed[name]})" for name in fresh)
            cursor.execute(f"INSERT INTO {workspace.sql}.counters VALUES {pairs}")


def read(cursor: duckdb.DuckDBPyConnection, workspace: Workspace) -> Numbers:
    """The counters as they stand."""
    return Numbers(
        dict(cursor.execute(f"SELECT name, value FROM {workspace.sql}.counters").fetchall())
    )


def table_of(
    cursor: duckdb.DuckDBPyConnection, sql: str, values: list[Any] | None = None
) -> pa.Table:
    """The rows of a query."""
    found = cursor.sql(sql, params=values or None).to_arrow_table()
    if not isinstance(found, pa.Table):
        msg = "the statement returned no rows"
        raise TypeError(msg)
    return found
