"""Answers one by one, in the order in which the log learnt them."""

from __future__ import annotations

from typing import Any

from zhiyin.collect import tail
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.tables import DIMENSION_PREFIX
from zhiyin.warehouse.where import where

COLUMNS = (
    "seq", "id", "source", "customer", "occurred_at", "received_at", "response", "survey",
    "version", "question", "metric", "kind", "score", "scale_min", "scale_max", "direction",
    "answer_state", "choice", "touchpoint", "channel", "weight",
)  # fmt: skip

PERSONAL = ("id", "customer", "response", "choice")
"""What says who a customer is, or what she chose among options that people worded."""


def following(
    log: Log,
    workspace: str,
    chosen: Filter | None,
    *,
    zone: str,
    after: int,
    limit: int,
    sees_it: bool,
) -> list[dict[str, Any]]:
    """Answers of whatever state for which the filter holds, from the one after `after`.

    Args:
        after: the `seq` of the last one that the reader has; -1 for the first.
        sees_it: whether ids, and the options that were chosen, are shown.

    Raises:
        Problem: the filter names what is no column, or compares it with what it cannot hold.
    """
    schema = log.schema(workspace)
    answers = lang.table(schema, "answers")
    if chosen is not None:
        answers = answers.filter(where(chosen, answers, schema, table_name="answers", zone=zone))
    dimensions = tuple(schema.dimensions.get("answers", {}))
    columns = [*COLUMNS, *(DIMENSION_PREFIX + name for name in dimensions)]
    query = answers.filter(answers.seq > after).order_by("seq").limit(limit).select(*columns)
    rows = log.execute(workspace, query, words=True).to_pylist()
    known = tail.ids_of(log, workspace, (row["customer"] for row in rows)) if sees_it else {}
    return [_as_dict(row, dimensions, known, sees_it) for row in rows]


def _as_dict(
    row: dict[str, Any], dimensions: tuple[str, ...], known: dict[int, str], sees_it: bool
) -> dict[str, Any]:
    found = {name: row[name] for name in COLUMNS}
    found["customer"] = known.get(row["customer"])
    for name in ("occurred_at", "received_at"):
        found[name] = f"{row[name].isoformat()}Z"
    if not sees_it:
        found |= dict.fromkeys(PERSONAL)
    found["dimensions"] = {name: row[DIMENSION_PREFIX + name] for name in dimensions}
    return found
