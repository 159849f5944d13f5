"""The newest events, one event, and who they are about."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhiyin.kernel.filters import And, Compare, Filter, In, Node, parse
from zhiyin.kernel.filters.writing import write_node
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.newest import Place, newest_first
from zhiyin.warehouse.tables import COMMON, DIMENSION_PREFIX, TABLES
from zhiyin.warehouse.where import where

EVERYTHING = Reader()


@dataclass(frozen=True, slots=True)
class Search:
    """Which events are asked for.

    Args:
        name: of the event.
        customer: any id of hers.
        first: the first day.
        last: the last day.
        where: a filter, as it was typed.
        leaving_out: names that are not shown.
    """

    name: str = ""
    customer: str = ""
    first: date | None = None
    last: date | None = None
    where: str = ""
    leaving_out: tuple[str, ...] = ()

    def filter(self) -> Filter | None:
        """All of it as one filter; None asks for everything.

        Raises:
            FilterProblem: what was typed cannot be read.
        """
        nodes: list[Node] = []
        if self.name:
            nodes.append(Compare("name", "=", self.name))
        if self.customer:
            nodes.append(Compare("customer", "=", self.customer))
        if self.first:
            nodes.append(Compare("occurred_at", ">=", self.first))
        if self.last:
            nodes.append(Compare("occurred_at", "<=", self.last))
        if self.where.strip():
            nodes.append(parse(self.where).root)
        if self.leaving_out and not self.name:
            nodes.append(In("name", self.leaving_out, negated=True))
        if not nodes:
            return None
        root = nodes[0] if len(nodes) == 1 else And(tuple(nodes))
        return Filter(root, write_node(root))


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it is shown; times are naive UTC, `customer` is the log's key."""

    seq: int
    id: str
    source: str | None
    name: str | None
    occurred_at: datetime
    received_at: datetime
    customer: int
    customer_id: str | None
    touchpoint: str | None
    channel: str | None
    properties: str | None
    """The JSON as it came."""

    def as_dict(self, *, sees_it: bool) -> dict[str, Any]:
        """As the API writes it; `sees_it` says whether who she is, and what was sent, is shown."""
        return {
            "seq": self.seq,
            "id": self.id if sees_it else None,
            "source": self.source,
            "name": self.name,
            "occurred_at": f"{self.occurred_at.isoformat()}Z",
            "received_at": f"{self.received_at.isoformat()}Z",
            "customer": self.customer_id if sees_it else None,
            "touchpoint": self.touchpoint,
            "channel": self.channel,
            "properties": self.properties if sees_it else None,
        }


def newest(
    log: Log,
    workspace: str,
    search: Search,
    *,
    zone: str,
    limit: int = 50,
    after: Place | None = None,
    reader: Reader = EVERYTHING,
) -> list[Event]:
    """Events, the newest first.

    Raises:
        Problem: a filter that cannot be read, or names a column that there is none of.
    """
    events = matching(log, workspace, search, zone)
    # Which they are is found first: their properties are long, and read for these alone.
    rows = newest_first(events, limit=limit, after=after)
    found = log.execute(workspace, rows.select("seq"), reader=reader)
    numbers = [row["seq"] for row in found.to_pylist()]
    return these(log, workspace, numbers, reader)


def one(
    log: Log, workspace: str, seq: int, *, reader: Reader = EVERYTHING
) -> tuple[Event, dict[str, Any]] | None:
    """An event, and every column of it that holds something; None where there is none."""
    found = these(log, workspace, [seq], reader)
    if not found:
        return None
    schema = log.schema(workspace)
    events = lang.table(schema, "events")
    row = log.execute(
        workspace, events.filter(events.seq == seq), words=True, reader=reader
    ).to_pylist()[0]
    names = [column.name for column in (*COMMON, *TABLES["events"].columns)]
    shown = {n: row[n] for n in names if n not in ("customer", "properties")}
    shown |= {
        dimension: row[DIMENSION_PREFIX + dimension]
        for dimension in schema.dimensions.get("events", {})
    }
    return found[0], {name: value for name, value in shown.items() if value is not None}


def state(log: Log, workspace: str) -> tuple[int, int]:
    """How many events there are and the number of the newest: changes when the list may."""
    events = lang.table(log.schema(workspace), "events")
    query = events.aggregate(n=events.count(), newest=events.seq.max())
    row = log.execute(workspace, query).to_pylist()[0]
    return int(row["n"]), int(row["newest"] if row["newest"] is not None else -1)


def count(log: Log, workspace: str, name: str | None, chosen: Filter | None, zone: str) -> int:
    """How many events of this name there are for which the filter holds.

    Raises:
        Problem: the filter names what is no column, or compares it with what it cannot hold.
    """
    schema = log.schema(workspace)
    rows = lang.table(schema, "events")
    if name is not None:
        root = Compare("name", "=", name)
        rows = rows.filter(where(Filter(root, ""), rows, schema, table_name="events"))
    if chosen is not None:
        rows = rows.filter(where(chosen, rows, schema, table_name="events", zone=zone))
    found = log.execute(workspace, rows.aggregate(n=rows.count()), seconds=120)
    return int(found["n"][0].as_py() or 0)


def pretty(properties: str | None, hidden: Collection[str] = ()) -> str:
    """The properties as JSON that people read, without the hidden; what is no JSON as it came."""
    if not properties:
        return ""
    try:
        held = json.loads(properties)
    except ValueError:
        return properties
    if isinstance(held, dict):
        held = {name: value for name, value in held.items() if name not in hidden}
    return json.dumps(held, ensure_ascii=False, indent=2)


def ids_of(
    log: Log, workspace: str, keys: Iterable[int], *, reader: Reader = EVERYTHING
) -> dict[int, str]:
    """An id in words for each customer who has one; the first that the log learnt."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    ids = lang.ids()
    rows = log.execute(workspace, ids.filter(ids.key.isin(wanted)), reader=reader).to_pylist()
    known: dict[int, str] = {}
    # An id that a device made up stands for her only where there is no better one.
    for row in sorted(rows, key=lambda row: (row["kind"] != "customer", row["kind"])):
        known.setdefault(row["key"], row["id"])
    return known


def matching(log: Log, workspace: str, search: Search, zone: str) -> lang.Expression:
    """The rows of `events` that a search asks for, to build on."""
    schema = log.schema(workspace)
    events = lang.table(schema, "events")
    asked = search.filter()
    if asked is None:
        return events
    return events.filter(where(asked, events, schema, table_name="events", zone=zone))


def these(
    log: Log, workspace: str, numbers: Sequence[int], reader: Reader = EVERYTHING
) -> list[Event]:
    """The events of these numbers, the newest first."""
    if not numbers:
        return []
    events = lang.table(log.schema(workspace), "events")
    columns = [
        "seq", "id", "source", "name", "occurred_at", "received_at", "customer", "touchpoint",
        "channel", "properties",
    ]  # fmt: skip
    query = events.filter(events.seq.isin(list(numbers))).select(*columns)
    rows = log.execute(workspace, query, words=True, reader=reader).to_pylist()
    known = ids_of(log, workspace, (row["customer"] for row in rows), reader=reader)
    found = [Event(**row, customer_id=known.get(row["customer"])) for row in rows]
    return sorted(found, key=lambda event: (event.occurred_at, event.seq), reverse=True)
