"""The page of unit rules: order, preview, undo, who comes first, and units that are gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Unit
from zhiyin.collect import caught, rules
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_pages import text

# The rules are in the log; what these pages ask the store, the guard's walk asks every one.
pytestmark = pytest.mark.any_store

PAGE = "/main/data/units/"
WEB = Rule("channel = 'web'", "online", "Asia/Shanghai")
LOUNGE = Rule("channel = 'web' and touchpoint = 'lounge'", "station", "Asia/Shanghai", "answers")


@pytest.fixture
def with_facts(as_ana: Client, log: Owner) -> Client:
    """Three answers and two events on the web, and an answer of a unit of its own."""
    for key in ("online", "station"):
        units.save(by=COMMAND_LINE, workspace="main", key=key, name=f"{key.title()} unit")
    at = datetime(2026, 3, 1)
    answers: list[dict[str, Any]] = [
        {"channel": "web", "touchpoint": "lounge"},
        {"channel": "web"},
        {"channel": "web", "touchpoint": "lounge", "unit": "station"},
        {"channel": "desk"},
    ]
    put(log, answers)
    events = [
        {"row": n, "id": f"e{n}", "occurred_at": at + timedelta(hours=n), "customer": "c0",
         "name": "Page Viewed", "channel": "web"}
        for n in range(2)
    ]  # fmt: skip
    put(log, events, table="events")
    return as_ana


def post(client: Client, address: str, log: Owner, **given: object) -> str:
    seen = rules.digest(log.rules("main", "unit"))
    return text(client.post(address, {"seen": seen, **given}, follow=True))


def listed(log: Owner) -> tuple[Rule, ...]:
    return log.rules("main", "unit").listed


def test_rules_are_added_moved_edited_removed_and_put_back(with_facts: Client, log: Owner) -> None:
    post(with_facts, PAGE, log, where=WEB.where, unit="online")
    post(with_facts, PAGE, log, where=LOUNGE.where, unit="station", table="answers")
    zone = listed(log)[0].zone
    web, lounge = (Rule(r.where, r.gives, zone, r.table) for r in (WEB, LOUNGE))
    assert listed(log) == (web, lounge)
    post(with_facts, f"{PAGE}change/", log, do="up", place=1)
    assert listed(log) == (lounge, web)
    said = post(with_facts, f"{PAGE}change/", log, do="remove", place=0)
    assert "The rule for station is gone" in said
    assert listed(log) == (web,)
    post(
        with_facts, f"{PAGE}change/", log, do="restore", place=0, where=lounge.where,
        unit="station", table="answers",
    )  # fmt: skip
    assert listed(log) == (lounge, web)
    post(with_facts, f"{PAGE}1/", log, where="channel = 'desk'", unit="online")
    said = post(with_facts, f"{PAGE}change/", log, do="rules-first")
    assert "The rules come first" in said
    assert log.rules("main", "unit").come_first
    acts = list(AuditEntry.of("main").filter(action__startswith="unit_rule"))
    assert [entry.action.split(".")[1] for entry in reversed(acts)] == [
        "added", "added", "moved", "removed", "added", "changed", "ordered",
    ]  # fmt: skip
    assert acts[0].after["come_first"] is True
    assert acts[1].before["rules"] == [[lounge.where, "station", "answers"], [web.where, "online"]]


def test_a_unit_that_the_tree_lacks_is_refused_with_what_was_typed(
    with_facts: Client, log: Owner
) -> None:
    seen = rules.digest(Rules())
    answer = with_facts.post(PAGE, {"seen": seen, "where": WEB.where, "unit": "onlin"})
    assert answer.status_code == 422
    assert "There is no unit onlin in the organisation tree" in text(answer)
    assert listed(log) == ()
    assert not AuditEntry.of("main").filter(action__startswith="unit_rule").exists()


def test_the_page_counts_by_kind_what_each_rule_and_nothing_says(
    with_facts: Client, log: Owner
) -> None:
    log.set_rules("main", "unit", Rules((LOUNGE, WEB)))
    said = text(with_facts.get(PAGE))
    assert "Online unit 3 Events 2 · Answers 1" in said
    assert "Station unit 1 Answers 1" in said
    assert "Answers 1 2 1 from desk 1" in said
    assert "Events 0 2 0" in said


def test_a_preview_says_what_a_rule_catches_of_each_kind(with_facts: Client, log: Owner) -> None:
    log.set_rules("main", "unit", Rules((LOUNGE,)))
    events, answers = caught.preview(log, "main", "unit", WEB, place=None, instead=False)
    assert (events.table, events.caught.facts, events.caught.customers) == ("events", 2, 1)
    assert [one.name for one in events.examples] == ["Page Viewed"] * 2
    assert (answers.caught.facts, answers.own) == (1, 1)
    assert [(rule.gives, n) for rule, n in answers.before] == [("station", 1)]
    _events, first = caught.preview(log, "main", "unit", WEB, place=0, instead=False)
    assert (first.caught.facts, [n for _rule, n in first.taken]) == (2, [1])
    log.set_rules("main", "unit", Rules((LOUNGE,), come_first=True))
    _events, over = caught.preview(log, "main", "unit", WEB, place=0, instead=False)
    assert (over.caught.facts, over.own) == (3, 1)
    part = with_facts.get(PAGE, {"where": WEB.where}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "2 more are taken by the earlier rule for station" in text(part)
    (orders,) = caught.preview(log, "main", "unit", LOUNGE, place=None, instead=False)
    assert orders.table == "answers", "a rule about answers is about nothing else"


def test_rules_that_come_first_count_what_they_take_from_facts_themselves(
    with_facts: Client, log: Owner
) -> None:
    log.set_rules("main", "unit", Rules((WEB,), come_first=True))
    found = caught.traffic(log, "main", "unit", "answers")
    assert (found.own.facts, found.by_rule, found.nothing.facts) == (0, 3, 1)
    log.set_rules("main", "unit", Rules((WEB,)))
    found = caught.traffic(log, "main", "unit", "answers")
    assert (found.own.facts, found.by_rule, found.nothing.facts) == (1, 2, 1)


def test_a_unit_that_a_rule_gives_stays_in_the_tree_and_one_that_is_gone_is_said(
    with_facts: Client, log: Owner
) -> None:
    log.set_rules("main", "unit", Rules((WEB,)))
    online = Unit.objects.get(key="online")
    answer = with_facts.post(f"/main/settings/units/{online.pk}/remove/")
    assert answer.status_code == 422
    assert "A unit rule gives Online unit to facts" in text(answer)
    online.delete()
    said = text(with_facts.get(PAGE))
    assert "A rule gives the unit online, which the organisation tree lacks" in said
    # What is broken elsewhere does not stop an edit that has nothing to do with it.
    post(with_facts, PAGE, log, where=LOUNGE.where, unit="station")
    assert len(listed(log)) == 2


def test_without_a_tree_the_page_leads_to_it(as_ana: Client, log: Owner) -> None:
    said = text(as_ana.get(PAGE))
    assert "The organisation tree has no unit yet" in said
    assert "No fact has come yet" in said
