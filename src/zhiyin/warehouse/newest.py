"""Rows of the log, the newest first, and the place where such a list goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhiyin.warehouse import lang


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: after the row of this time (UTC, naive) and number."""

    at: datetime
    seq: int

    def written(self) -> str:
        """For an address."""
        return f"{self.at.isoformat()}~{self.seq}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """From an address; None where it is none."""
        at, tilde, seq = text.partition("~")
        try:
            return cls(datetime.fromisoformat(at), int(seq)) if tilde else None
        except ValueError:
            return None


def newest_first(
    rows: lang.Expression, *, limit: int, at: str = "occurred_at", after: Place | None = None
) -> lang.Expression:
    """The newest rows, or those after a place; of one instant, what arrived last comes first.

    Args:
        at: the column of their time; their number is `seq`.
    """
    if after is not None:
        moment = lang.timestamp(after.at)
        rows = rows.filter((rows[at] < moment) | ((rows[at] == moment) & (rows.seq < after.seq)))
    return rows.order_by(lang.desc(at), lang.desc("seq")).limit(limit)
