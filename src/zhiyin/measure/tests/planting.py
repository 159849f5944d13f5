"""Facts put into a log, in words, as a short list of dicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from zhiyin.warehouse.log import Log

NOON = datetime(2026, 3, 10, 4)
"""Noon in Shanghai."""


def plant(
    log: Log,
    workspace: str,
    table: str,
    rows: Sequence[dict[str, Any]],
    dimensions: dict[str, str] | None = None,
) -> None:
    """Append rows; ids, rows and times are filled in where they are left out."""
    if dimensions:
        log.declare(workspace, {table: dimensions})  # type: ignore[dict-item]
    names = sorted(
        {name for row in rows for name in row} | {"id", "row", "occurred_at", "customer"}
    )
    filled = [
        {"id": f"{table}-{i}", "row": i, "occurred_at": NOON, "customer": None, **row}
        for i, row in enumerate(rows)
    ]
    columns = {name: pa.array([row.get(name) for row in filled]) for name in names}
    with log.begin(workspace, source="test", label="planted") as batch:
        batch.write(table, pa.table(columns))
        batch.commit()


def answer(score: float | None, **more: Any) -> dict[str, Any]:
    """One answered NPS question on 0–10; anything else by name."""
    return {
        "question": "recommend",
        "metric": "nps",
        "kind": "touchpoint",
        "score": score,
        "scale_min": 0.0,
        "scale_max": 10.0,
        "direction": "up",
        "answer_state": "answered",
        **more,
    }


def nps_answers(
    promoters: int, passives: int, detractors: int, **more: Any
) -> list[dict[str, Any]]:
    """So many of each, every one by a customer of their own."""
    scores = [10] * promoters + [8] * passives + [3] * detractors
    return [answer(float(score), **more) for score in scores]


def csat(score: float | None, **more: Any) -> dict[str, Any]:
    """One CSAT question on 1–5."""
    return answer(score, question="satisfied", metric="csat", scale_min=1.0, scale_max=5.0, **more)
