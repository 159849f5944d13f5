"""A log with a small cast: Ann buys often, Bea seldom, a browser belongs to Ann."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 30, 12)
SETTINGS = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")


def rows(log: Owner, table: str, *given: dict[str, Any], source: str = "test") -> None:
    """One batch of rows, each with what every row needs filled in."""
    full = [
        {"row": place, "id": f"{table}-{place}", "occurred_at": NOW - timedelta(days=1), **row}
        for place, row in enumerate(given)
    ]
    names = list(dict.fromkeys(name for row in full for name in row))
    columns = {name: pa.array([row.get(name) for row in full]) for name in names}
    with log.begin("main", source=source, label="test") as batch:
        batch.write(table, pa.table(columns))
        batch.commit()


def fill(log: Owner) -> Owner:
    """Ann: 12 orders in a year, two contacts of one open issue, words and a score."""
    log.declare("main", {"orders": {"route": "text", "promotion": "text", "city": "text"}})
    orders = [
        {
            "id": f"A{k}",
            "customer": "ann",
            "occurred_at": NOW - timedelta(days=30 * k + 5),
            "status": "completed",
            "amount": 100.0 + k,
            "currency": "CNY",
            "channel": "app" if k % 4 else "web",
            "d_route": "PVG-CAN",
            "d_city": "杭州",
        }
        for k in range(12)
    ]
    coming = {
        "id": "A-next", "customer": "ann", "status": "completed", "amount": 500.0,
        "currency": "CNY", "experienced_at": NOW + timedelta(days=9),
    }  # fmt: skip
    rows(log, "orders", *orders, coming, {"id": "B0", "customer": "bea", "status": "open"})
    rows(
        log,
        "order_lines",
        *(
            {
                "id": f"L{k}{c}", "customer": "ann", "order_id": f"A{k}", "category": c,
                "product": f"{c} {k % 2}", "quantity": 2.0, "amount": a,
            }
            for k in range(12)
            for c, a in (("fare", 90.0), ("seat", 10.0))
        ),
        *(
            {
                "id": f"M{k}", "customer": f"other{k}", "order_id": f"O{k}", "category": "fare",
                "product": "fare", "quantity": 1.0, "amount": 20.0,
            }
            for k in range(60)
        ),
    )  # fmt: skip
    rows(log, "refunds", {"customer": "ann", "order_id": "A1", "amount": 51.0, "currency": "CNY"})
    contact = {"customer": "ann", "issue": "I1", "reason": "refund", "channel": "phone"}
    rows(
        log,
        "service_contacts",
        {**contact, "is_resolved": True, "occurred_at": NOW - timedelta(days=9)},
        {**contact, "is_resolved": False, "talk_seconds": 200.0},
        {**contact, "issue": "I2", "is_resolved": True, "occurred_at": NOW - timedelta(days=20)},
        {**contact, "issue": "I2", "is_abandoned": True, "occurred_at": NOW - timedelta(days=21)},
    )
    rows(
        log,
        "answers",
        {
            "customer": "ann", "question": "q", "metric": "nps", "score": 2.0, "scale_min": 0.0,
            "scale_max": 10.0, "answer_state": "answered",
        },
        {"customer": "ann", "question": "q", "metric": "nps", "answer_state": "skipped"},
    )  # fmt: skip
    rows(log, "verbatims", {"customer": "ann", "question": "why", "text": "<b>等了三周</b>"})
    rows(
        log,
        "traits",
        {"id": "t1", "customer": "ann", "name": "tier", "value": "silver",
         "occurred_at": NOW - timedelta(days=400)},
        {"id": "t2", "customer": "ann", "name": "tier", "value": "gold"},
        {"id": "t3", "customer": "ann", "name": "name", "value": "欧阳安"},
        {"id": "t4", "customer": "ann", "name": "gender", "value": "female"},
        {"id": "t5", "customer": "ann", "name": "city", "value": "杭州"},
        {"id": "t6", "customer": "bea", "name": "age", "value": "9"},
        {"id": "t7", "customer": "ann", "name": "age", "value": "41"},
        *({"id": f"u{k}", "customer": f"other{k}", "name": "size"} for k in range(60)),
    )  # fmt: skip
    rows(
        log,
        "consents",
        {"customer": "ann", "purpose": "marketing", "channel": "sms", "is_given": True,
         "occurred_at": NOW - timedelta(days=90)},
        {"customer": "ann", "purpose": "marketing", "channel": "sms", "is_given": False},
        {"customer": "ann", "purpose": "surveys", "channel": "sms", "is_given": True},
    )  # fmt: skip
    rows(
        log,
        "events",
        {"customer": "browser-1", "customer_kind": "anonymous", "name": "Page Viewed",
         "channel": "web", "session": "s1", "properties": '{"url": "/a", "deep": {"x": 1}}'},
        {"customer": "browser-1", "customer_kind": "anonymous", "name": "Page Viewed",
         "channel": "web", "session": "s2"},
    )  # fmt: skip
    rows(
        log,
        "identities",
        {"customer": "ann", "other": "browser-1", "other_kind": "anonymous", "action": "link",
         "reason": "signed in"},
    )  # fmt: skip
    return log
