"""Facts put into a log for a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Receipt

DAY = datetime(2026, 3, 1, 12)


def answers(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Answers with what every answer needs filled in."""
    full = [
        {
            "row": place,
            "id": f"r{place}",
            "occurred_at": DAY,
            "customer": f"c{place}",
            "question": "overall",
            "metric": "csat",
            "answer_state": "answered",
            "score": 5.0,
            **row,
        }
        for place, row in enumerate(rows)
    ]
    names = list(dict.fromkeys(name for row in full for name in row))
    columns = {name: [row.get(name) for row in full] for name in names}
    table = pa.table({n: pa.array(v) for n, v in columns.items()})
    return table.set_column(
        names.index("occurred_at"),
        "occurred_at",
        pa.array(columns["occurred_at"], pa.timestamp("us")),
    )


def put(
    log: Log,
    rows: Sequence[Mapping[str, Any]],
    *,
    table: str = "answers",
    source: str = "desk",
    replace: bool = False,
    dry_run: bool = False,
) -> Receipt:
    """One batch of `rows`."""
    facts = answers(rows) if table == "answers" else pa.table(_columns(rows))
    with log.begin("main", source=source, label="test") as batch:
        batch.write(table, facts)
        return batch.commit(replace=replace, dry_run=dry_run)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array[Any]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: pa.array([row.get(name) for row in rows]) for name in names}


def read(log: Log, *columns: str, **options: Any) -> list[tuple[Any, ...]]:
    """Columns of the live answers in the order of arrival, in words."""
    table = lang.table(log.schema("main"), "answers")
    query = table.order_by("seq").select(*columns)
    found = log.execute("main", query, words=True, **options)
    return [tuple(row[name] for name in columns) for row in found.to_pylist()]
