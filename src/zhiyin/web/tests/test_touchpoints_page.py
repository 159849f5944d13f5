"""The page of touchpoint rules: order, preview, undo, and who changed what."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from zhiyin.accounts.models import AuditEntry
from zhiyin.collect import caught, rules
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_pages import text

# The rules are in the log; what these pages ask the store, the guard's walk asks every one.
pytestmark = pytest.mark.any_store

RULES = "/main/data/touchpoints/"
SHOP = Rule("properties.path contains '/shop'", "shop")
TEA = Rule("properties.path = '/shop/tea'", "tea shelf")


@pytest.fixture
def with_events(as_ana: Client, log: Owner) -> Client:
    paths = ["/shop/tea"] * 3 + ["/shop/cups"] * 4 + ["/about"] * 5
    rows = [
        {"row": n, "id": f"e{n}", "occurred_at": datetime(2026, 3, 1) + timedelta(hours=n),
         "customer": f"c{n % 2}", "name": "Page Viewed", "touchpoint": "own" if n == 3 else None,
         "properties": json.dumps({"path": path})}
        for n, path in enumerate(paths)
    ]  # fmt: skip
    rows.append(
        {**rows[0], "row": 99, "id": "old", "occurred_at": datetime(2025, 3, 1), "customer": "x"}
    )
    put(log, rows, table="events")
    return as_ana


def post(client: Client, address: str, log: Owner, **given: object) -> str:
    seen = rules.digest(log.rules("main", "touchpoint"))
    return text(client.post(address, {"seen": seen, **given}, follow=True))


def test_rules_are_added_moved_edited_removed_and_put_back(with_events: Client, log: Owner) -> None:
    post(with_events, RULES, log, where=SHOP.where, touchpoint=SHOP.gives)
    post(with_events, RULES, log, where=TEA.where, touchpoint=TEA.gives)
    assert log.rules("main", "touchpoint").listed == (SHOP, TEA)
    post(with_events, f"{RULES}change/", log, do="up", place=1)
    assert log.rules("main", "touchpoint").listed == (TEA, SHOP)
    said = post(with_events, f"{RULES}change/", log, do="remove", place=0)
    assert "The rule for tea shelf is gone" in said
    assert log.rules("main", "touchpoint").listed == (SHOP,)
    post(
        with_events, f"{RULES}change/", log, do="restore", place=0, where=TEA.where,
        touchpoint=TEA.gives,
    )  # fmt: skip
    assert log.rules("main", "touchpoint").listed == (TEA, SHOP)
    post(with_events, f"{RULES}1/", log, where="name = 'Page Viewed'", touchpoint="site")
    assert [rule.gives for rule in log.rules("main", "touchpoint")] == ["tea shelf", "site"]
    acts = list(AuditEntry.of("main").filter(action__startswith="touchpoint_rule"))
    assert [entry.action.split(".")[1] for entry in reversed(acts)] == [
        "added", "added", "moved", "removed", "added", "changed",
    ]  # fmt: skip
    assert acts[0].before["rules"][1] == [SHOP.where, "shop"]
    assert acts[0].by == "ana"


def test_the_page_counts_what_each_rule_and_nothing_explains(
    with_events: Client, log: Owner
) -> None:
    log.set_rules("main", "touchpoint", Rules((TEA, SHOP)))
    found = caught.traffic(log, "main", "touchpoint", "events")
    assert [(c.facts, c.customers) for c in found.rules] == [(3, 2), (3, 2)]
    assert (found.own.facts, found.nothing.facts) == (1, 5)
    assert dict(found.unexplained)["Page Viewed"].facts == 5
    said = text(with_events.get(RULES))
    assert "Traffic without a touchpoint 5 events of 2 customers in the last 30 days" in said


def test_a_preview_says_what_a_rule_catches_and_from_whom_it_takes(
    with_events: Client, log: Owner
) -> None:
    log.set_rules("main", "touchpoint", Rules((TEA, SHOP)))
    wide = Rule("name = 'Page Viewed'", "site")
    (last,) = caught.preview(log, "main", "touchpoint", wide, place=None, instead=False)
    assert (last.caught.facts, last.own) == (5, 1)
    assert [(rule.gives, n) for rule, n in last.before] == [("tea shelf", 3), ("shop", 3)]
    assert last.taken == ()
    assert len(last.examples) == 5
    (first,) = caught.preview(log, "main", "touchpoint", wide, place=0, instead=True)
    assert first.caught.facts == 11
    assert [(rule.gives, n) for rule, n in first.taken] == [("shop", 3)]
    part = with_events.get(
        RULES, {"where": wide.where, "touchpoint": "site"}, headers={"HX-Request": "true"}
    )
    assert "<html" not in part.content.decode()
    assert "3 more are taken by the earlier rule for tea shelf" in text(part)
    assert log.rules("main", "touchpoint").listed == (TEA, SHOP), "looking changes nothing"


def test_what_somebody_else_changed_is_not_overwritten(with_events: Client, log: Owner) -> None:
    seen = rules.digest(Rules())
    log.set_rules("main", "touchpoint", Rules((SHOP,)))
    given = {"seen": seen, "where": TEA.where, "touchpoint": "x"}
    answer = with_events.post(RULES, given)
    assert answer.status_code == 422
    assert "Somebody else has changed" in text(answer)
    assert log.rules("main", "touchpoint").listed == (SHOP,)
    assert not AuditEntry.of("main").filter(action__startswith="touchpoint_rule").exists()


def test_a_rule_that_cannot_be_read_is_shown_with_what_was_typed(
    with_events: Client, log: Owner
) -> None:
    seen = rules.digest(Rules())
    for where, said in (("nothing = 1", "no column nothing"), ("name =", "ends where")):
        answer = with_events.post(RULES, {"seen": seen, "where": where, "touchpoint": "x"})
        assert answer.status_code == 422
        assert said in text(answer)
        assert re.search(rf">{re.escape(where)}</textarea>", answer.content.decode())
    assert log.rules("main", "touchpoint").listed == ()
