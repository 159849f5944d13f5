"""In which order each response was shown what is shuffled: told again out of its id at any time.

`logic` draws it: by the SHA-256 of the response's id, the name of the page or question, and the
name of the part, with a blank between. What was not shown to a response stands in it as well.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.collect.surveys import kept, logic
from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

BETWEEN = "|"


def of(log: Log, workspace: str, key: str) -> list[dict[str, Any]]:
    """A row for each response and each part that is shuffled: `order` has values or names.

    Raises:
        Problem: ``survey.none``.
    """
    versions = dict(kept.versions(kept.get(workspace, key)))
    return [
        {"response": response, "version": number, "part": part, "order": BETWEEN.join(order)}
        for response, number in _responses(log, workspace, key)
        if number in versions
        for part, order in logic.orders(versions[number], response).items()
    ]


def as_file(found: list[dict[str, Any]]) -> Rows:
    """The same, to be written as a file."""
    text = pa.string()
    return rows_of({"response": text, "version": pa.int64(), "part": text, "order": text}, found)


def _responses(log: Log, workspace: str, key: str) -> list[tuple[str, int]]:
    code = {word: code for code, word in log.words(workspace, "survey").items()}.get(key)
    if code is None:
        return []
    found = lang.table(log.schema(workspace), "responses")
    query = found.filter(found.survey == code).select("source", "id", "version")
    # The state of a response is told twice; its id is the same before the colon.
    ids = {
        row["id"].rpartition(":")[0]: row["version"]
        for row in log.execute(workspace, query, words=True).to_pylist()
        if row["source"] == SOURCE
    }
    return sorted(ids.items())
