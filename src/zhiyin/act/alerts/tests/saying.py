"""Customers who say something at a moment, for tests: read at once, clause by clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.act.alerts import actions
from zhiyin.act.alerts.actions import Wanted
from zhiyin.act.alerts.conditions import Condition
from zhiyin.act.alerts.models import Rule
from zhiyin.kernel import clock
from zhiyin.kernel.periods import day_start
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

ZONE = "Asia/Shanghai"
ANGRY = "退款太慢，请打13812345678，气死了"


def say(log: Owner, *said: Mapping[str, Any], reads: bool = True) -> list[int]:
    """Verbatims, and what was found in each: one clause, angry about refunds unless it says so.

    Returns:
        Their numbers.
    """
    before = {seq for seq, _text in log.unread("main", "never")}
    rows = [
        {
            "row": n, "id": f"v{len(before) + n}", "occurred_at": clock.now(),
            "customer": f"c{len(before) + n}", "text": ANGRY, "touchpoint": "refund",
            "channel": "app", "unit": "north",
            **{k: v for k, v in one.items() if k not in _FOUND},
        }
        for n, one in enumerate(said)
    ]  # fmt: skip
    put(log, rows, table="verbatims")
    seqs = [seq for seq, _text in log.unread("main", "never") if seq not in before]
    if reads:
        read(log, seqs, said)
    return seqs


_FOUND = ("polarity", "aspect", "emotion", "intent", "urgency")


def read(log: Owner, seqs: Sequence[int], said: Sequence[Mapping[str, Any]]) -> None:
    """What was found in them."""
    found = [
        Finding(
            seq, 0, 0, 4, "zh", one.get("polarity", "negative"), 0.9,
            aspect=one.get("aspect", "refund"), emotion=one.get("emotion", "anger"),
            intent=one.get("intent", "complain"), urgency=one.get("urgency"),
        )
        for seq, one in zip(seqs, said, strict=True)
    ]  # fmt: skip
    log.keep_findings("main", "test", seqs, found)


def scored(
    log: Owner,
    first: int,
    last: int,
    share: float,
    *,
    each: int = 20,
    seed: int = 1,
    unit: str = "north",
    name: str = "a",
) -> None:
    """CSAT answers of new customers on the local days from `first` to `last` days from today,
    of whom a share is satisfied."""
    chance = np.random.default_rng(seed)
    today = clock.now() + timedelta(hours=8)
    rows: list[dict[str, Any]] = []
    for day in range(first, last):
        at = day_start(today.date() + timedelta(days=day), ZONE) + timedelta(hours=9)
        for n in range(each):
            who = f"{name}{day}-{n}"
            score = 5.0 if chance.random() < share else 2.0
            rows.append({
                "row": len(rows), "id": who, "customer": who, "occurred_at": at, "score": score,
                "scale_min": 1.0, "scale_max": 5.0, "direction": "up", "kind": "touchpoint",
                "touchpoint": "refund", "unit": unit,
            })  # fmt: skip
    put(log, rows)


def rule(log: Owner, condition: Condition, *, since: datetime | None = None, **more: Any) -> Rule:
    """A rule, which watches since some time ago where that is said."""
    wanted = Wanted(name=more.pop("name", "Angry about refunds"), condition=condition, **more)
    made = actions.add(by=COMMAND_LINE, workspace="main", wanted=wanted, log=log)
    if since is not None:
        Rule.objects.filter(pk=made.pk).update(watches_since=since)
        made.refresh_from_db()
    return made
