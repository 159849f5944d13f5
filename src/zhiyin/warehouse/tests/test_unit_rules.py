"""Unit rules: facts without a unit join one, in every reading and in every scope, at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import reading
from zhiyin.warehouse.log import Log, Reader, TimelineAsked
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tables import HAPPENING, TABLES
from zhiyin.warehouse.tests.planting import DAY, put, read

SOUTH_EAST = Rule("state in ('SP', 'RJ')", "south-east")
LOUNGE = Rule("touchpoint = 'lounge' and channel = 'airport-pek'", "beijing")
DESK = Rule("source = 'desk'", "desk")
OF_BEIJING = Reader(scope=parse("unit = 'beijing'"))


def units(log: Log, table: str = "answers", **reader: Any) -> list[str | None]:
    facts = lang.table(log.schema("main"), table)
    query = facts.order_by("seq").select("unit")
    found = log.execute("main", query, words=True, reader=Reader(**reader))
    return list(found["unit"].to_pylist())


def plant_states(log: Log) -> None:
    log.declare("main", {"answers": {"state": "text"}})
    rows: list[dict[str, Any]] = [
        {"d_state": "SP"}, {"d_state": "SP", "unit": "own"}, {"d_state": "MG"},
    ]  # fmt: skip
    put(log, rows)


def plant_kinds(log: Log) -> None:
    """A fact of each kind that says where it was, if its kind can."""
    put(log, [{"customer": "of answers", "touchpoint": "lounge", "channel": "airport-pek"}])
    for table in HAPPENING:
        if table == "answers":
            continue
        own = {column.name for column in TABLES[table].columns}
        said = {"touchpoint": "lounge", "channel": "airport-pek"} if "touchpoint" in own else {}
        row = {"row": 0, "id": table, "occurred_at": DAY, "customer": f"of {table}", **said}
        put(log, [row], table=table)


def test_facts_without_a_unit_join_that_of_the_first_rule_that_holds(log: Log) -> None:
    plant_states(log)
    log.set_rules("main", "unit", Rules((SOUTH_EAST, DESK)))
    assert units(log) == ["south-east", "own", "desk"]
    assert log.rules("main", "unit") == Rules((SOUTH_EAST, DESK))
    log.set_rules("main", "unit", Rules((DESK, SOUTH_EAST)))
    assert units(log) == ["desk", "own", "desk"]
    assert units(log, rules=("touchpoint",)) == [None, "own", None]
    log.set_rules("main", "unit", Rules())
    assert units(log) == [None, "own", None]


def test_rules_may_come_before_what_a_fact_says_itself(log: Log) -> None:
    plant_states(log)
    renamed = Rule("unit = 'own'", "new name")
    log.set_rules("main", "unit", Rules((renamed, SOUTH_EAST), come_first=True))
    assert units(log) == ["south-east", "new name", None]
    assert log.rules("main", "unit").come_first


def test_a_scope_sees_every_kind_of_facts_by_rule_and_no_other(log: Log) -> None:
    """Would catch a kind of facts, or a way of asking, that the scope reads without the rules."""
    plant_kinds(log)
    for table in HAPPENING:
        assert units(log, table, scope=OF_BEIJING.scope) == []
    log.set_rules("main", "unit", Rules((LOUNGE, DESK)))
    for table in HAPPENING:
        is_lounge = TABLES[table].column("touchpoint") is not None
        seen, elsewhere = (["beijing"], []) if is_lounge else ([], ["desk"])
        assert units(log, table, scope=OF_BEIJING.scope) == seen, table
        assert units(log, table, scope=parse("unit = 'desk'")) == elsewhere, table
        # A reader cannot widen her scope by leaving the rules out.
        assert units(log, table, scope=OF_BEIJING.scope, rules=()) == seen, table


def test_a_customers_page_shows_a_scope_what_rules_bring_into_it(log: Log) -> None:
    plant_kinds(log)
    put(log, [{"id": "second", "customer": "of answers", "occurred_at": DAY + timedelta(days=1)}])
    log.set_rules("main", "unit", Rules((LOUNGE,)))
    ann = log.subject("main", "of answers").customer
    asked = TimelineAsked(ann, reader=OF_BEIJING)
    assert log.timeline("main", asked)["occurred_at"].to_pylist() == [DAY]
    assert log.timeline_counts("main", asked)["n"].to_pylist() == [1]
    found = log.rows_of("main", ann, {"answers": None}, reader=OF_BEIJING)["answers"]
    assert found["unit"].to_pylist() == ["beijing"]
    assert [one.customer for one in log.find_customers("main", "of answers", reader=OF_BEIJING)]
    assert not log.find_customers("main", "of refunds", reader=OF_BEIJING)
    people = lang.customers(["answers", "orders"], at=datetime(2026, 4, 1))
    rows = log.execute("main", people, reader=OF_BEIJING).to_pylist()
    assert {row["customer"]: (row["answers"], row["orders"]) for row in rows}[ann] == (1, 0)
    assert log.subject("main", "of costs").customer not in {row["customer"] for row in rows}


def test_totals_are_of_the_facts_in_scope(log: Log) -> None:
    plant_states(log)
    log.set_rules("main", "unit", Rules((SOUTH_EAST,)))
    answers = lang.table(log.schema("main"), "answers")
    query = answers.select("customer", num=answers.score)
    scope = parse("unit = 'south-east'")
    (whole,) = log.totals("main", query, levels=[[]])
    (part,) = log.totals("main", query, levels=[[]], reader=Reader(scope=scope))
    assert (whole["n"].to_pylist(), part["n"].to_pylist()) == ([3], [1])


def test_a_filter_a_group_and_the_past_see_the_unit_that_a_rule_gave(log: Log) -> None:
    plant_states(log)
    then = max(row[0] for row in read(log, "received_at"))
    put(log, [{"id": "later", "d_state": "RJ"}])
    log.set_rules("main", "unit", Rules((SOUTH_EAST,)))
    assert units(log, as_of=then) == ["south-east", "own", None]
    answers = lang.table(log.schema("main"), "answers")
    query = answers.group_by("unit").agg(n=answers.count())
    counted = log.execute("main", query, words=True).to_pylist()
    assert {row["unit"]: row["n"] for row in counted} == {"south-east": 2, "own": 1, None: 1}


def test_a_unit_rule_sees_the_touchpoint_that_a_touchpoint_rule_gave(log: Log) -> None:
    row = {"row": 0, "id": "e", "occurred_at": DAY, "name": "Door", "channel": "airport-pek"}
    put(log, [row], table="events")
    log.set_rules("main", "unit", Rules((LOUNGE,)))
    assert units(log, "events") == [None]
    log.set_rules("main", "touchpoint", Rules((Rule("name = 'Door'", "lounge"),)))
    assert units(log, "events") == ["beijing"]
    assert units(log, "events", scope=OF_BEIJING.scope) == ["beijing"]


def test_a_rule_may_be_about_one_kind_of_facts(log: Log) -> None:
    plant_kinds(log)
    log.set_rules("main", "unit", Rules((Rule(LOUNGE.where, "beijing", table="orders"),)))
    assert (units(log, "orders"), units(log, "answers")) == (["beijing"], [None])


def test_a_dimension_that_is_declared_later_is_read_from_then_on(log: Log) -> None:
    plant_states(log)
    log.set_rules("main", "unit", Rules((SOUTH_EAST,)))
    log.declare("main", {"orders": {"state": "text"}})
    order = {"row": 0, "id": "o", "occurred_at": DAY, "customer": "c", "d_state": "RJ"}
    put(log, [order], table="orders")
    assert units(log, "orders") == ["south-east"]


def test_a_query_that_reads_no_unit_does_not_even_look_at_the_rules(owner: Owner) -> None:
    """The counterpart: whatever may read the unit, by name or by taking all columns, does."""
    plant_states(owner)
    owner.set_rules("main", "unit", Rules((DESK,)))
    held = owner._workspace("main")

    def is_ruled(query: lang.Expression) -> bool:
        sql, tables = lang.compile_sql(query), lang.tables_of(query)
        written = reading.with_reading_forms(held, sql, tables, Reader(), merged=None)
        return "own answers" in written

    answers = lang.table(owner.schema("main"), "answers")
    by_question = answers.group_by("question").agg(n=answers.count(), mean=answers.score.mean())
    assert not is_ruled(by_question)
    assert is_ruled(answers.filter(answers.unit.notnull()).agg(n=lambda rows: rows.count()))
    assert is_ruled(answers.filter(answers.score > 1))
    assert is_ruled(answers)


def test_what_is_known_of_a_customer_joins_no_unit(log: Log) -> None:
    trait = {"row": 0, "id": "t", "occurred_at": DAY, "customer": "ann", "name": "tier"}
    put(log, [{**trait, "value": "gold"}], table="traits")
    log.set_rules("main", "unit", Rules((DESK,)))
    assert units(log, "traits") == [None]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (Rule("nothing = 1", "x"), "rules.no-such-facts"),
        (Rule("queue = 'a' and question = 'b'", "x"), "rules.no-such-facts"),
        (Rule("score > 'high'", "x"), "filter.wrong-kind"),
        (Rule("queue = 'a'", "x", table="answers"), "filter.no-such-column"),
        (Rule("source = 'a'", "x", table="traits"), "rules.no-such-table"),
        (Rule("source =", "x"), "filter.syntax"),
        (Rule("source = 'a'", " "), "rules.gives-nothing"),
    ],
)
def test_a_rule_that_cannot_be_read_changes_nothing(owner: Owner, rule: Rule, code: str) -> None:
    owner.set_rules("main", "unit", Rules((DESK,)))
    with pytest.raises(Problem) as refused:
        owner.set_rules("main", "unit", Rules((DESK, rule)))
    assert refused.value.code == code
    assert owner.rules("main", "unit") == Rules((DESK,))


def test_rules_are_there_again_after_a_restart_and_apart_by_column(data: Path) -> None:
    kept = Rules((LOUNGE, Rule("source = 'x'", "y", "Asia/Shanghai", "orders")), come_first=True)
    with Owner(data) as log:
        log.create("main")
        log.set_rules("main", "unit", kept)
        log.set_rules("main", "touchpoint", Rules((Rule("name = 'a'", "b"),)))
        log.set_rules("main", "touchpoint", Rules())
    with Owner(data) as log:
        assert log.rules("main", "unit") == kept
        assert log.rules("main", "touchpoint") == Rules()
