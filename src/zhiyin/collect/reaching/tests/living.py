"""Events that arrive over the network, for tests of triggers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zhiyin.kernel.clock import now
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.arriving import Letter, Reading
from zhiyin.warehouse.owner import Owner

NAME = "Order Delivered"


def micro(at: datetime) -> int:
    """Microseconds since 1970 of a naive UTC time."""
    return int(at.replace(tzinfo=UTC).timestamp()) * 1_000_000 + at.microsecond


def arrive(log: Owner, *events: dict[str, Any], source: str = "shop") -> None:
    """Let events arrive at this moment; each is Order Delivered now, unless it says otherwise."""
    full = [
        {"name": NAME, "customer_kind": "customer", "channel": "app", "properties": {}, **one}
        for one in events
    ]
    for one in full:
        one["occurred_at"] = micro(one.get("occurred_at", now()))
        if "experienced_at" in one:
            one["experienced_at"] = micro(one["experienced_at"])
    names = list(dict.fromkeys(name for one in full for name in one))
    facts = {"events": {name: [one.get(name) for one in full] for name in names}}
    letter = Letter("main", source, "test", now(), b"[]")
    log.arrive("main", [(letter, Reading(facts))], position=None)


def reached(log: Owner, *customers: str) -> None:
    """Let the log know an address of each."""
    rows(
        log,
        "traits",
        *(
            {"id": f"mail-{one}", "customer": one, "name": "email", "value": f"{one}@example.com"}
            for one in customers
        ),
        source="crm",
    )
