"""A small wire of its own for tests of intake: one event a line, made into facts by `read`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from zhiyin.kernel.clock import now
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading, Refusal

COLUMNS = ("id", "occurred_at", "customer", "name", "properties")


def read(letter: Letter) -> Reading:
    """An event without a name is refused; ``traits`` and ``link`` make facts of other tables."""
    found = Reading()
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for place, event in enumerate(msgspec.json.decode(letter.body)):
        if "name" not in event:
            message = _("The event {id} has no name.", id=event["id"])
            body = msgspec.json.encode(event)
            found.refused.append(Refusal(place, "event.no-name", message, body))
            continue
        columns["id"].append(event["id"])
        columns["occurred_at"].append(event.get("at", 1_700_000_000_000_000))
        columns["customer"].append(event.get("customer"))
        columns["name"].append(event["name"])
        columns["properties"].append(event.get("properties", {}))
        for table in ("traits", "identities"):
            if (says := event.get(table)) is not None:
                rows = found.facts.setdefault(
                    table, {name: [] for name in ("id", "occurred_at", *says)}
                )
                rows["id"].append(event["id"])
                rows["occurred_at"].append(event.get("at", 1_700_000_000_000_000))
                for name, value in says.items():
                    rows[name].append(value)
    if columns["id"]:
        found.facts["events"] = columns
    return found


def letter(events: Iterable[dict[str, Any]], *, source: str = "site", slug: str = "main") -> Letter:
    """A letter with these events."""
    return Letter(slug, source, "test", now(), msgspec.json.encode(list(events)), {"path": "/t"})


def sent(events: Iterable[dict[str, Any]], **about: str) -> tuple[Letter, Reading]:
    """A letter and its reading."""
    made = letter(events, **about)
    return made, read(made)


def event(number: int | str, **says: Any) -> dict[str, Any]:
    """One event."""
    return {"id": f"m{number}", "name": "Order Completed", "customer": f"c{number}", **says}
