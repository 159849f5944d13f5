"""One log of many short random histories: ties, repeats, late events, merges, an undone import."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.tests.naive import Happened
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY

MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en", minimum_base=1)
"""Nothing is withheld."""
NAMES = ("A", "B", "C", "D > E")
CHANNELS = ("app", "shop", None)
TOUCHPOINTS = (None, None, None, "Desk", "Screen")
FIRST = datetime(2026, 1, 5)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Planted:
    """The log, and what it holds by plain reckoning.

    Attributes:
        histories: each customer's events in order, after merges.
    """

    log: Owner
    histories: dict[str, list[Happened]] = field(repr=False)

    def where_channel(self, word: str) -> dict[str, list[Happened]]:
        """The histories under the filter on one channel."""
        return {
            customer: [event for event in events if event.channel == word]
            for customer, events in self.histories.items()
        }


@pytest.fixture(scope="module", params=["index", "sql"])
def planted(held: Planted, request: pytest.FixtureRequest) -> Iterator[Planted]:
    """The log as its index answers, and as its queries do."""
    with pytest.MonkeyPatch.context() as patched:
        if request.param == "sql":
            patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
        yield held


@pytest.fixture(scope="module")
def held(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    data = tmp_path_factory.mktemp("journeys") / "data"
    shutil.copytree(empty_log, data)
    rows = _rows(random.Random(7))  # noqa: S311 - histories, not secrets
    merged = {f"c{k}": f"c{k - 1}" for k in range(1, 60, 6)}
    with Owner(data) as log:
        # Late events arrive in a second batch, with times of the first.
        half = len(rows) * 3 // 4
        _bring(log, rows[:half])
        _bring(log, rows[half:] + rows[:20])  # the first twenty again: duplicates
        gone = _bring(log, [{**row, "id": f"gone {row['id']}"} for row in rows[:40]])
        log.undo("main", gone)
        _merge(log, merged)
        yield Planted(log, _histories(rows, merged))


def _rows(chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for customer in range(160):
        for _event in range(chance.randint(1, 11)):
            # Few different seconds, so that many events share one; some days, some weeks.
            at = FIRST + timedelta(days=chance.choice((0, 0, 1, 9, 40)))
            at += chance.randint(0, 8) * SECOND + timedelta(microseconds=chance.choice((0, 1)))
            rows.append(
                {
                    "customer": f"c{customer}",
                    "occurred_at": at,
                    "name": chance.choice(NAMES),
                    "channel": chance.choice(CHANNELS),
                    "touchpoint": chance.choice(TOUCHPOINTS),
                }
            )
    chance.shuffle(rows)
    return [{"row": place, "id": f"e{place}", **row} for place, row in enumerate(rows)]


def _bring(log: Owner, rows: list[dict[str, Any]]) -> str:
    with log.begin("main", source="web", label="test") as batch:
        batch.write("events", pa.Table.from_pylist(rows))
        return batch.commit().import_id


def _merge(log: Owner, merged: dict[str, str]) -> None:
    rows = [
        {
            "row": place,
            "id": f"m{place}",
            "occurred_at": DAY,
            "customer": one,
            "customer_kind": "customer",
            "other": other,
            "other_kind": "customer",
            "action": "link",
            "reason": "same card",
            "linked_by": "person",
        }
        for place, (one, other) in enumerate(merged.items())
    ]
    with log.begin("main", source="identity", label="test") as batch:
        batch.write("identities", pa.Table.from_pylist(rows))
        batch.commit()


def _histories(rows: list[dict[str, Any]], merged: dict[str, str]) -> dict[str, list[Happened]]:
    # At one instant the id that came into the log first goes before another of the same customer.
    known: dict[str, int] = {}
    found: dict[str, list[tuple[tuple[int, int, int], Happened]]] = {}
    for row in rows:
        us = (row["occurred_at"] - datetime(1970, 1, 1)) // timedelta(microseconds=1)
        event = Happened(us, row["name"], row["channel"])
        customer = merged.get(row["customer"], row["customer"])
        id_ = known.setdefault(row["customer"], len(known))
        found.setdefault(customer, []).append(((us, id_, row["row"]), event))
    return {
        customer: [event for _place, event in sorted(events, key=lambda one: one[0])]
        for customer, events in found.items()
    }
