"""What the log has of one response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

Row = Mapping[str, Any]

_ANSWERS = ("id", "question", "answer_state", "score", "choice")
_VERBATIMS = ("id", "question", "text")
_RESPONSES = ("id", "version", "started_at", "last_at", "ended_at", "language")


@dataclass(frozen=True, slots=True)
class Held:
    """The live rows of a response, with words for codes.

    Args:
        filling: of ``responses``; None: the log knows of none.
    """

    answers: list[Row]
    texts: list[Row]
    filling: Row | None


def of(log: Log, workspace: str, response: str, *, since: datetime) -> Held:
    """Look it up.

    Args:
        since: when it began, or before (UTC, naive): rows that the log took earlier are not read.
    """
    schema = log.schema(workspace)

    def rows(table: str, columns: tuple[str, ...]) -> list[Row]:
        found = lang.table(schema, table)
        is_of_it = (
            found.id.startswith(f"{response}:")
            if table == "responses"
            else (found.response == response)
        )
        chosen = found.filter(is_of_it, found.received_at >= lang.timestamp(since))
        query = chosen.select("source", *columns)
        return [
            row
            for row in log.execute(workspace, query, words=True).to_pylist()
            if row["source"] == SOURCE
        ]

    filling = rows("responses", _RESPONSES)
    if not filling:
        return Held([], [], None)
    return Held(rows("answers", _ANSWERS), rows("verbatims", _VERBATIMS), filling[-1])
