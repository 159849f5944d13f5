"""Touchpoint rules: the first that holds, in every reading, at once and for all of history."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tests.planting import put

HOME = Rule("properties.path = '/'", "home page")
SHOP = Rule("name contains 'product' or properties.path contains '/shop'", "shop")
NIGHT = Rule("occurred_at >= 2026-03-02", "second day", "Asia/Shanghai")

EVENTS = [
    ("Page Viewed", "/", None, datetime(2026, 3, 1, 12)),
    ("Page Viewed", "/shop/tea", None, datetime(2026, 3, 1, 15, 59)),
    ("Product Viewed", "/", None, datetime(2026, 3, 1, 16)),
    ("Product Viewed", None, "counter", datetime(2026, 3, 1, 17)),
    ("Signed Out", None, None, datetime(2026, 3, 1, 18)),
]


def plant(log: Log) -> None:
    rows = [
        {"row": n, "id": f"e{n}", "occurred_at": at, "customer": f"c{n}", "name": name,
         "touchpoint": own, "properties": json.dumps({"path": path} if path else {})}
        for n, (name, path, own, at) in enumerate(EVENTS)
    ]  # fmt: skip
    put(log, rows, table="events")


def touchpoints(log: Log, **reader: object) -> list[str | None]:
    events = lang.table(log.schema("main"), "events")
    query = events.order_by("seq").select("touchpoint")
    found = log.execute("main", query, words=True, reader=Reader(**reader))  # type: ignore[arg-type]
    return list(found["touchpoint"].to_pylist())


def test_the_first_rule_that_holds_decides_and_what_the_event_says_is_kept(log: Log) -> None:
    plant(log)
    assert touchpoints(log) == [None, None, None, "counter", None]
    log.set_rules("main", "touchpoint", Rules((HOME, SHOP)))
    assert touchpoints(log) == ["home page", "shop", "home page", "counter", None]
    log.set_rules("main", "touchpoint", Rules((SHOP, HOME)))
    assert touchpoints(log) == ["home page", "shop", "shop", "counter", None]
    assert log.rules("main", "touchpoint").listed == (SHOP, HOME)
    assert touchpoints(log, rules=()) == [None, None, None, "counter", None]
    log.set_rules("main", "touchpoint", Rules())
    assert touchpoints(log) == [None, None, None, "counter", None]


def test_days_of_a_rule_are_days_where_the_workspace_is(log: Log) -> None:
    plant(log)
    log.set_rules("main", "touchpoint", Rules((NIGHT,)))
    assert touchpoints(log) == [None, None, "second day", "counter", "second day"]


def test_a_filter_a_scope_and_a_group_see_the_touchpoint_that_a_rule_gave(log: Log) -> None:
    """Would catch rules that are applied after the reader's scope, or to one page only."""
    plant(log)
    log.set_rules("main", "touchpoint", Rules((HOME, SHOP)))
    assert touchpoints(log, scope=parse("touchpoint = 'shop'")) == ["shop"]
    events = lang.table(log.schema("main"), "events")
    query = events.group_by("touchpoint").agg(n=events.count()).order_by("touchpoint")
    counted = log.execute("main", query, words=True).to_pylist()
    assert {row["touchpoint"]: row["n"] for row in counted} == {
        "home page": 2, "shop": 1, "counter": 1, None: 1,
    }  # fmt: skip


def test_a_rule_holds_for_words_that_arrive_after_it(log: Log) -> None:
    plant(log)
    log.set_rules("main", "touchpoint", Rules((Rule("name contains 'refund'", "refund"),)))
    put(
        log,
        [{"row": 0, "id": "late", "occurred_at": datetime(2026, 3, 3), "name": "Refund Asked"}],
        table="events",
    )
    assert touchpoints(log)[-1] == "refund"


def test_a_rule_may_name_customers_and_dimensions(log: Log) -> None:
    log.declare("main", {"events": {"city": "text"}})
    plant(log)
    put(
        log,
        [{"row": 0, "id": "d", "occurred_at": datetime(2026, 3, 3), "d_city": "杭州"}],
        table="events",
    )
    log.set_rules(
        "main",
        "touchpoint",
        Rules((Rule("customer = 'c4'", "a test"), Rule("city = '杭州'", "lake"))),
    )
    assert touchpoints(log) == [None, None, None, "counter", "a test", "lake"]


def test_a_rule_that_cannot_be_read_changes_nothing(log: Log) -> None:
    plant(log)
    log.set_rules("main", "touchpoint", Rules((HOME,)))
    for wrong in ("nothing = 1", "name = ", "score > 3"):
        with pytest.raises(Problem, match=r"column|ends|character"):
            log.set_rules("main", "touchpoint", Rules((SHOP, Rule(wrong, "x"))))
    with pytest.raises(Problem, match="needs a touchpoint"):
        log.set_rules("main", "touchpoint", Rules((Rule("name = 'a'", " "),)))
    assert log.rules("main", "touchpoint").listed == (HOME,)


def test_two_who_edit_at_once_do_not_undo_each_other(log: Log) -> None:
    log.set_rules("main", "touchpoint", Rules((HOME,)), instead_of=Rules())
    with pytest.raises(Problem) as caught:
        log.set_rules("main", "touchpoint", Rules((SHOP,)), instead_of=Rules())
    assert caught.value.code == "rules.changed"
    assert log.rules("main", "touchpoint").listed == (HOME,)


def test_rules_are_there_again_after_a_restart(data: Path) -> None:
    with Owner(data) as log:
        log.create("main")
        plant(log)
        log.set_rules("main", "touchpoint", Rules((HOME,)))
    with Owner(data) as log:
        assert log.rules("main", "touchpoint").listed == (HOME,)
        assert touchpoints(log)[0] == "home page"
