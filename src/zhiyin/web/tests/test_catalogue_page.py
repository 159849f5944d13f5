"""The catalogue of events, and the dead letters, as a person meets them."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.collect import definitions
from zhiyin.collect.events.reading import read
from zhiyin.collect.models import EventDefinition
from zhiyin.warehouse.arriving import Letter
from zhiyin.warehouse.intake import Intake
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "<img src=x onerror=alert(1)>"
DEFINE = "/main/events/catalogue/definition/"
AT = datetime(2026, 3, 1, 12)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def intake(log: Owner, tmp_path: Path) -> Intake:
    return Intake(log, tmp_path, read)


def send(intake: Intake, *events: dict[str, object]) -> None:
    """Through the door that an SDK uses: read, kept in the journal, loaded."""

    async def play() -> None:
        kept = []
        for event in events:
            said = {"type": "track", "userId": "c1", "messageId": uuid4().hex, **event}
            body = json.dumps(said).encode()
            letter = Letter("main", "site", "tracking", AT, body, {"path": "/v1/track"})
            kept.append(intake.submit(letter, read(letter)))
        await asyncio.gather(*kept)

    asyncio.run(play())
    assert intake.settle("main")


def test_what_was_seen_is_described_hidden_and_blocked(
    as_ana: Client, log: Owner, intake: Intake, tmp_path: Path
) -> None:
    with intake:
        send(
            intake,
            {"event": "Order Completed", "properties": {"total": 59, "coupon": HOSTILE}},
            {"event": "Order Completed", "properties": {"total": 12.5}},
            {"event": "Page Viewed", "properties": {"path": "/"}},
        )
        said = text(as_ana.get("/main/events/catalogue/"))
        assert "Order Completed" in said
        assert "Page Viewed" in said
        page = as_ana.get(DEFINE, {"name": "Order Completed"})
        assert HOSTILE not in page.content.decode()
        said = text(page)
        assert "total a number" in said
        assert "coupon text" in said

        as_ana.post(
            DEFINE,
            {"name": "Order Completed", "description_en": "paid", "description_zh": "已付款"},
        )
        as_ana.post(DEFINE, {"name": "Order Completed", "property": "coupon", "is_blocked": "1"})
        as_ana.post(DEFINE, {"name": "Page Viewed", "is_blocked": "1", "is_hidden": "1"})
        assert "paid" in text(as_ana.get("/main/events/catalogue/"))
        snapshot = json.loads(definitions.snapshot_file(tmp_path).read_text())
        assert snapshot["workspaces"] == {
            "main": {
                "blocked": ["Page Viewed"],
                "blocked_properties": {"Order Completed": ["coupon"]},
            }
        }
        # Hidden: it is not on the page of events. Blocked: it does not come in any more.
        tail = as_ana.get("/main/events/").content.decode()
        assert tail.count("<tr data-seq=") == 2
        assert "<option>Page Viewed" not in tail
        send(
            intake,
            {"event": "Page Viewed", "properties": {"path": "/again"}},
            {"event": "Order Completed", "properties": {"total": 1, "coupon": "late"}},
        )
        said = text(as_ana.get("/main/events/catalogue/"))
        assert "blocked 1" in said
        newest = as_ana.get("/main/events/", {"where": "properties.total = 1"}).content.decode()
        number = newest.split('data-seq="')[1].split('"')[0]
        assert "late" not in text(as_ana.get(f"/main/events/{number}/"))
    acts = AuditEntry.of("main").filter(action="event.defined")
    assert {entry.subject for entry in acts} == {
        "Order Completed", "Order Completed.coupon", "Page Viewed",
    }  # fmt: skip


def test_a_name_that_is_none_and_a_long_description_are_refused(as_ana: Client, log: Owner) -> None:
    assert as_ana.get(DEFINE, {"name": "never seen"}).status_code == 404
    for given in ({"name": " "}, {"name": "x", "description_en": "y" * 2001}):
        assert as_ana.post(DEFINE, given).status_code == 422
    assert not EventDefinition.objects.exists()


def test_definitions_of_another_workspace_are_not_mixed_in(
    as_ana: Client, cleo: Person, log: Owner
) -> None:
    from zhiyin.accounts.audit import COMMAND_LINE

    definitions.define(by=COMMAND_LINE, workspace="other", name="Secret", is_hidden=True)
    assert "Secret" not in text(as_ana.get("/main/events/catalogue/"))
    assert definitions.hidden_names("main") == ()
    assert definitions.hidden_names("other") == ("Secret",)


def test_dead_letters_are_listed_read_again_and_put_aside(
    as_ana: Client, log: Owner, intake: Intake
) -> None:
    with intake:
        send(intake, {"event": ""}, {"event": "", "properties": {"x": HOSTILE}})
        counts = log.dead_letter_counts("main")
        assert sum(one.count for one in counts) == 2
        assert counts[0].code in text(as_ana.get("/main/data/"))
        page = as_ana.get("/main/data/dead-letters/")
        assert HOSTILE not in page.content.decode()
        assert "onerror" in text(page)
        letters = log.dead_letters("main")
        settle = "/main/data/dead-letters/settle/"
        said = text(as_ana.post(settle, {"do": "replay", "number": letters[0].number}, follow=True))
        assert "0 of 1 are in the log now" in said
        said = text(as_ana.post(settle, {"do": "replay"}, follow=True))
        assert "No event was chosen" in said
        assert len(log.dead_letters("main")) == 2
        as_ana.post(settle, {"do": "dismiss", "number": [one.number for one in letters]})
        assert log.dead_letters("main") == []
        assert "None waits" in text(as_ana.get("/main/data/dead-letters/"))
    acts = AuditEntry.of("main").filter(action__startswith="dead_letters")
    assert [(entry.action, entry.after["events"]) for entry in acts] == [
        ("dead_letters.dismissed", 2), ("dead_letters.replayed", 1),
    ]  # fmt: skip
