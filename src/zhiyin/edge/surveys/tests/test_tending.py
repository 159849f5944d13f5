"""Responses that nobody came back to."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from zhiyin.collect.surveys.held import Held, LeftOpen
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.edge.surveys.anonymous.keeping import Keeping
from zhiyin.edge.surveys.anonymous.store import HoldingStore
from zhiyin.edge.surveys.responses import Responses
from zhiyin.edge.surveys.tending import Tending
from zhiyin.edge.surveys.tests.conftest import Desk, Shelf
from zhiyin.edge.surveys.tests.test_serving import STARTED, filling, row

NOW = datetime(2026, 11, 27, 12)


def test_after_two_days_every_question_has_a_state(tmp_path: Path) -> None:
    desk = Desk()
    asked: list[tuple[datetime, datetime]] = []
    answers = [
        row("r", 1, "nps", "answered", 3.0),
        row("r", 1, "why", "skipped"),
        row("r", 1, "parts.checkin", "skipped"),
        row("r", 1, "parts.bag", "skipped"),
    ]
    held = Held(answers, [], filling())

    def left_open(before: datetime, since: datetime) -> list[LeftOpen]:
        asked.append((before, since))
        return [LeftOpen("main", "flight", 1, "r"), LeftOpen("main", "gone", 1, "s")]

    shelf = Shelf(FLIGHT)

    async def tend() -> list[int]:
        keeping = Keeping(HoldingStore(tmp_path), desk, shelf)
        responses = Responses(
            desk,
            lambda *_asked: held,
            lambda *_of: Counter(),
            shelf,
            keeping,
            b"k",
            clock=NOW.timestamp,
        )
        tending = Tending(responses, shelf, keeping, left_open, clock=lambda: NOW)
        return [await tending.once(), await tending.once()]

    assert asyncio.run(tend()) == [1, 1]
    assert asked[0] == (NOW - timedelta(hours=48), NOW - timedelta(days=60))
    (told,) = desk.taken
    assert told.filling is not None
    assert told.filling.ended_at is None
    assert told.filling.last_at == told.about.started_at
    assert told.about.device == "phone"
    assert told.about.started_at == int((STARTED - datetime(1970, 1, 1)).total_seconds() * 1e6)
    said = desk.said
    assert said["reasons"] == ("shown",), "she stood on that page when she went"
    assert said["how_late"] == ("hidden",)
    assert said["city"] == ("not_reached",)
    assert "nps" not in said
