"""Cases as files."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from zhiyin.act.cases import kept
from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.web import personal
from zhiyin.web.cases_page import Row

_FILE: dict[str, pa.DataType] = {
    "number": pa.int64(),
    "title": pa.string(),
    "kind": pa.string(),
    "key": pa.string(),
    "status": pa.string(),
    "severity": pa.string(),
    "owner": pa.string(),
    "unit": pa.string(),
    "touchpoint": pa.string(),
    "reason": pa.string(),
    "is_overdue": pa.bool_(),
    "opened_by": pa.string(),
    "opened_at": pa.timestamp("us"),
    "due_at": pa.timestamp("us"),
    "first_response_at": pa.timestamp("us"),
    "closed_at": pa.timestamp("us"),
}


def table(rows: Sequence[Row], *, sees_it: bool) -> Rows:
    """Cases as the lines of a file.

    Args:
        sees_it: whether titles are told whole; else personal data in them is masked.
    """
    return rows_of(
        _FILE,
        [
            {
                "number": row.case.number,
                "title": personal.words(row.case.title, sees_it=sees_it),
                "kind": row.kind,
                "key": row.case.key,
                "status": row.status,
                "severity": row.severity,
                "owner": row.case.owner.login if row.case.owner else None,
                "unit": row.case.unit or None,
                "touchpoint": row.case.touchpoint or None,
                "reason": row.reason or None,
                "is_overdue": row.is_overdue,
                "opened_by": row.case.opened_by,
                "opened_at": kept.naive(row.case.opened_at),
                "due_at": None if row.is_waiting else kept.naive(row.case.due_at),
                "first_response_at": _naive(row.case.first_response_at),
                "closed_at": _naive(row.case.closed_at),
            }
            for row in rows
        ],
    )


def _naive(moment: object) -> object:
    return kept.naive(moment) if moment else None  # type: ignore[arg-type]
