"""Events put into a log, and its index looked at."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from zhiyin.warehouse.journeys.tests.naive import in_the_log, read_out
from zhiyin.warehouse.owner import Owner

FIRST = datetime(2026, 3, 1)
SECOND = timedelta(seconds=1)


def bring(log: Owner, rows: list[dict[str, Any]], *, replace: bool = False) -> str:
    """Events with what every event needs filled in; returns the import's id."""
    full = [
        {"row": n, "id": f"e{next(_NUMBERS)}", "occurred_at": FIRST, "name": "A", **row}
        for n, row in enumerate(rows)
    ]
    with log.begin("main", source="web", label="test") as batch:
        batch.write("events", pa.Table.from_pylist(full))
        return batch.commit(replace=replace).import_id


_NUMBERS = itertools.count()


def some(count: int, *, people: int = 20, first: int = 0) -> list[dict[str, Any]]:
    return [
        {"customer": f"c{n % people}", "occurred_at": FIRST + n * SECOND, "name": f"N{n % 5}"}
        for n in range(first, first + count)
    ]


def folder(log: Owner) -> Path:
    return log.data / "journeys" / "main"


def runs_of(log: Owner) -> list[str]:
    return sorted(path.name for path in folder(log).iterdir())


def is_right(log: Owner) -> bool:
    indexed = log.histories("main")
    assert indexed is not None
    return read_out(indexed) == in_the_log(log, indexed.columns)
