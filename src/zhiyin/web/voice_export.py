"""What the page *Voice* finds as a file: a row for each clause, the newest verbatim first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import tail
from zhiyin.collect.exports.rows import Rows
from zhiyin.listen.searching import Search, Wanted
from zhiyin.warehouse.log import Log

PART = 2_000
"""Verbatims that are held in memory at once."""

_COLUMNS: dict[str, pa.DataType] = {
    "row": pa.int64(),
    "at": pa.timestamp("us"),
    "customer": pa.string(),
    "text": pa.string(),
    **dict.fromkeys(("language", "touchpoint", "channel", "source"), pa.string()),
    "clause": pa.string(),
    "start": pa.int64(),
    "end": pa.int64(),
    **dict.fromkeys(("aspect", "polarity"), pa.string()),
    "probability": pa.float64(),
    **dict.fromkeys(("emotion", "intent", "effort", "urgency"), pa.string()),
    "likeness": pa.float64(),
}


def rows(log: Log, settings: Settings, wanted: Wanted) -> Rows:
    """Every verbatim that is wanted, in the order of the page; one that nobody has read is one
    row."""
    schema = pa.schema(list(_COLUMNS.items()))
    return Rows(schema, _parts(log, settings, wanted, schema))


def _parts(log: Log, settings: Settings, wanted: Wanted, schema: pa.Schema) -> Iterator[pa.Table]:
    search, after = Search(log, settings, wanted), ""
    while found := search.page(limit=PART, after=after):
        after = found[-1].place
        ids = tail.ids_of(log, settings.slug, (one.customer for one in found))
        made: list[dict[str, Any]] = []
        for one in found:
            said = one.as_dict(ids.get(one.customer), sees_it=True)
            clauses = said.pop("clauses")
            said["at"] = one.at
            made += [
                said | {**clause, "text": said["text"], "clause": clause["text"]}
                for clause in clauses
            ] or [said]
        yield pa.Table.from_pylist(made, schema=schema)
