"""What intake refused, kept with its reason until a person has dealt with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb
import msgspec
import pyarrow as pa

from zhiyin.warehouse.arriving import Letter, Refusal
from zhiyin.warehouse.engines.duckdb.counters import Numbers
from zhiyin.warehouse.engines.duckdb.workspace import Workspace


def add(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    refused: Sequence[tuple[Letter, Refusal]],
    at: datetime,
    numbers: Numbers,
) -> None:
    """Keep what was refused."""
    if not refused:
        return
    first = numbers.take("refusal", len(refused))
    rows = pa.table(
        {
            "number": pa.array(range(first, first + len(refused)), pa.int64()),
            "source": [letter.source for letter, _refusal in refused],
            "wire": [letter.wire for letter, _refusal in refused],
            "about": [_json(dict(letter.about)) for letter, _refusal in refused],
            "code": [refusal.code for _letter, refusal in refused],
            "sentence": [refusal.message.sentence for _letter, refusal in refused],
            "blanks": [
                _json({name: str(value) for name, value in refusal.message.blanks.items()})
                for _letter, refusal in refused
            ],
            "body": pa.array([refusal.body for _letter, refusal in refused], pa.binary()),
        }
    )
    cursor.register("arriving_refusals", rows)
    try:
        cursor.execute(
            f"INSERT INTO {held.sql}.refusals SELECT number, ?, source, wire, about, code,"
            " sentence, blanks, body, 'waiting', NULL FROM arriving_refusals",
            [at],
        )
    finally:
        cursor.unregister("arriving_refusals")


def count_blocked(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, blocked: Mapping[str, int], at: datetime
) -> None:
    """Count events that were left out because their name is blocked."""
    for name, count in blocked.items():
        ((known,),) = cursor.execute(
            f"UPDATE {held.sql}.blocked SET n = n + ?, last_at = ? WHERE name = ?",
            [count, at, name],
        ).fetchall()
        if not known:
            cursor.execute(f"INSERT INTO {held.sql}.blocked VALUES (?, ?, ?)", [name, count, at])


def _json(value: Mapping[str, str]) -> str:
    return msgspec.json.encode(value).decode()
