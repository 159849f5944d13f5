"""Marks on journey maps as files."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.maps import pins
from zhiyin.web.pins_page import Row

_FILE: dict[str, pa.DataType] = {
    "map": pa.string(),
    "number": pa.int64(),
    "kind": pa.string(),
    "title": pa.string(),
    "says": pa.string(),
    "status": pa.string(),
    "touchpoint": pa.string(),
    "node": pa.string(),
    "owner": pa.string(),
    "contributors": pa.string(),
    "due_on": pa.string(),
    "is_overdue": pa.bool_(),
    "votes": pa.int64(),
    "comments": pa.int64(),
    "evidence": pa.int64(),
    "made_by": pa.string(),
    "made_at": pa.timestamp("us"),
    "changed_at": pa.timestamp("us"),
}


def table(rows: Sequence[Row]) -> Rows:
    """Marks as the lines of a file."""
    return rows_of(
        _FILE,
        [
            {
                "map": row.pin.map.key,
                "number": row.pin.number,
                "kind": row.kind,
                "title": row.pin.title,
                "says": row.pin.says,
                "status": row.status,
                "touchpoint": row.touchpoint or row.pin.node,
                "node": row.pin.node,
                "owner": row.pin.owner.login if row.pin.owner else None,
                "contributors": ", ".join(one.login for one in row.pin.contributors.all()),
                "due_on": row.pin.due_on.isoformat() if row.pin.due_on else None,
                "is_overdue": row.is_overdue,
                "votes": row.votes,
                "comments": pins.counted(row.pin, "said"),
                "evidence": pins.counted(row.pin, "proofs"),
                "made_by": row.pin.made_by,
                "made_at": row.pin.made_at.replace(tzinfo=None),
                "changed_at": row.pin.changed_at.replace(tzinfo=None),
            }
            for row in rows
        ],
    )
