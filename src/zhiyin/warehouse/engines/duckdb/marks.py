"""Up to where a base was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class Marks:
    """The last `seq` of each table that a base holds, and when it was begun.

    Args:
        tables: table → last `seq`; a table that is not named has nothing in the base.
        made_at: what was taken back or replaced after it is still in the base.
        ends: table → the `seq` that its next row gets, as the same moment of the log says.
    """

    tables: Mapping[str, int]
    made_at: datetime
    ends: Mapping[str, int] = field(default_factory=dict)

    def of(self, table: str) -> int:
        """The last `seq` of `table` in the base, -1 where there is none."""
        return self.tables.get(table, -1)

    def has_tail(self, table: str) -> bool:
        """Whether `table` may have rows after the base."""
        return table not in self.ends or self.ends[table] > self.of(table) + 1


def row_of(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()
) -> tuple[Any, ...] | None:
    """The only row of a statement, or None.

    Inside a transaction a result that is not read to its end keeps the connection busy, which
    `fetchone` leaves it.
    """
    rows = connection.execute(sql, list(values)).fetchall()
    return tuple(rows[0]) if rows else None
