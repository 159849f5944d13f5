"""Up to where a base was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Marks:
    """The last `seq` of each table that a base holds, and when it was begun.

    Args:
        tables: table → last `seq`; a table that is not named has nothing in the base.
        made_at: what was taken back or replaced after it is still in the base.
    """

    tables: Mapping[str, int]
    made_at: datetime

    def of(self, table: str) -> int:
        """The last `seq` of `table` in the base, -1 where there is none."""
        return self.tables.get(table, -1)
