"""Findings are parts of verbatims: whatever becomes of these becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.findings import Finding, Readings
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.where import where

COLUMNS = ("id", "customer", "touchpoint", "language", "place", "aspect", "polarity", "read_by")


def say(log: Log, *texts: str, source: str = "desk", replace: bool = False, **more: Any) -> str:
    """Verbatims of a customer each, named by their place."""
    rows = [
        {"row": n, "id": f"v{n}", "occurred_at": DAY, "customer": f"c{n}", "question": "why",
         "text": text, "channel": "web", **more}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    return put(log, rows, table="verbatims", source=source, replace=replace).import_id


def found(verbatim: int, place: int = 0, **more: Any) -> Finding:
    given: dict[str, Any] = {
        "starts": 0, "ends": 2, "language": "zh", "polarity": "negative", "probability": 0.9,
        "aspect": "refund", **more,
    }  # fmt: skip
    return Finding(verbatim, place, **given)


def clauses(
    log: Log, *columns: str, only: str = "", of: str = "clauses", **options: Any
) -> list[tuple[Any, ...]]:
    schema = log.schema("main")
    table = lang.table(schema, of)
    if only:
        table = table.filter(where(parse(only), table, schema, table_name=of))
    query = table.order_by("seq", "place").select(*columns)
    rows = log.execute("main", query, words=True, **options).to_pylist()
    return [tuple(row[name] for name in columns) for row in rows]


def seqs(log: Log) -> Sequence[int]:
    return [seq for seq, _text in log.unread("main", "nothing")]


def test_a_clause_has_what_its_verbatim_has_and_what_was_found(log: Log) -> None:
    log.declare("main", {"verbatims": {"store": "text"}})
    say(log, "退款太慢，客服很好", "fine", d_store="pek")
    first, second = seqs(log)
    kept = [
        found(first, emotion="anger", urgency="urgent"),
        found(first, 1, aspect=None, polarity="positive", starts=5, ends=9),
        found(second, language="en"),
    ]
    log.keep_findings("main", "one", [first, second], kept)
    assert clauses(log, "id", "language", "place", "aspect", "polarity", "emotion", "d_store") == [
        ("v0", "zh", 0, "refund", "negative", "anger", "pek"),
        ("v0", "zh", 1, None, "positive", None, "pek"),
        ("v1", "en", 0, "refund", "negative", None, "pek"),
    ]
    words = "aspect = 'refund' and language = 'zh' and store = 'pek' and channel = 'web'"
    assert clauses(log, "text", "starts", "ends", "probability", only=words) == [
        ("退款太慢，客服很好", 0, 2, 0.9)
    ]
    by = log.totals(
        "main",
        lang.table(log.schema("main"), "clauses").mutate(num=lang.literal(1)),
        levels=[["polarity"], []],
    )[-1]
    assert (by["n"].to_pylist(), by["customers"].to_pylist()) == ([3], [2])


def test_what_is_unread_is_told_and_another_version_takes_the_place_of_the_first(log: Log) -> None:
    say(log, "慢", "。", "好")
    first, nothing, last = seqs(log)
    assert log.readings("main", "one") == Readings(3, 0, 0)
    log.keep_findings("main", "one", [first, nothing], [found(first)])
    assert log.unread("main", "one") == [(last, "好")]
    assert log.readings("main", "one") == Readings(3, 2, 2)
    assert log.unread("main", "two", after=first, limit=1) == [(nothing, "。")]
    log.keep_findings("main", "two", [first], [found(first, aspect="check_in")])
    assert log.readings("main", "one") == Readings(3, 2, 1)
    assert clauses(log, "aspect", "read_by") == [("check_in", "two")]


def earlier(log: Log, *columns: str, **options: Any) -> list[tuple[Any, ...]]:
    return clauses(log, *columns, of="earlier_clauses", **options)


def read_all(log: Log, version: str, *, most: int = 1_000, whole: bool = True) -> None:
    """Every text about a thing that is called after the version."""
    waiting = [seq for seq, _text in log.unread("main", version, limit=most)]
    log.keep_findings("main", version, waiting, [found(seq, aspect=version) for seq in waiting])
    if whole:
        log.end_reading("main", version)


def test_what_the_version_before_found_is_kept_and_no_more(log: Log) -> None:
    say(log, "慢", "贵", "好")
    read_all(log, "one")
    assert earlier(log, "id") == []
    read_all(log, "two", most=2, whole=False)
    assert earlier(log, "id", "aspect") == [("v0", "one"), ("v1", "one")]
    assert clauses(log, "id", "aspect") == [("v0", "two"), ("v1", "two"), ("v2", "one")]
    read_all(log, "two")
    every = [("v0", "one", "one"), ("v1", "one", "one"), ("v2", "one", "one")]
    assert earlier(log, "id", "aspect", "read_by") == every
    read_all(log, "three", most=1, whole=False)
    assert earlier(log, "id", "aspect") == [("v0", "two")], "of one version at a time"


def test_what_a_version_found_that_never_came_to_the_end_is_not_kept(log: Log) -> None:
    say(log, "慢", "贵")
    read_all(log, "one")
    read_all(log, "two", most=1, whole=False)
    read_all(log, "three")
    assert earlier(log, "id", "aspect") == [("v0", "one"), ("v1", "one")]
    assert {row[0] for row in clauses(log, "read_by")} == {"three"}


def test_a_change_that_is_taken_back_leaves_nothing_to_compare(log: Log) -> None:
    """Would catch a text that stands beside itself."""
    say(log, "慢", "贵")
    read_all(log, "one")
    read_all(log, "two", most=1, whole=False)
    read_all(log, "one")
    assert earlier(log, "id") == []
    read_all(log, "two")
    read_all(log, "one")
    assert earlier(log, "id", "aspect") == [("v0", "two"), ("v1", "two")]


def test_a_word_about_a_text_that_waits_keeps_what_stands_beside_the_others(log: Log) -> None:
    say(log, "慢", "贵")
    read_all(log, "one")
    read_all(log, "two", most=1, whole=False)
    last = seqs(log)[1]
    log.keep_findings("main", "one", [last], [found(last, aspect="put right")])
    assert earlier(log, "id", "aspect") == [("v0", "one")]
    read_all(log, "two")
    assert earlier(log, "id", "aspect") == [("v0", "one"), ("v1", "put right")]


def test_what_becomes_of_a_verbatim_becomes_of_its_earlier_clauses(log: Log) -> None:
    brought = say(log, "慢", "贵")
    log.set_rules("main", "unit", Rules((Rule("text contains '慢'", "north"),)))
    read_all(log, "one")
    read_all(log, "two")
    scope = Reader(scope=parse("unit = 'north'"))
    assert earlier(log, "id", "unit", reader=scope) == [("v0", "north")]
    say(log, "快", replace=True)
    assert earlier(log, "id") == [("v1",)]
    log.undo("main", brought)
    assert earlier(log, "id") == []


def test_what_becomes_of_a_verbatim_becomes_of_its_clauses(log: Log) -> None:
    brought = say(log, "慢", "贵")
    held = seqs(log)
    log.keep_findings("main", "one", held, [found(seq) for seq in held])
    replaced_at = log.imports("main")[0].committed_at
    say(log, "快", replace=True)
    assert clauses(log, "id") == [("v1",)]
    assert [text for _seq, text in log.unread("main", "one")] == ["快"]
    assert clauses(log, "id", reader=Reader(as_of=replaced_at)) == [("v0",), ("v1",)]
    log.undo("main", brought)
    assert clauses(log, "id") == []


def test_a_scope_and_a_rule_hold_for_clauses(log: Log) -> None:
    """Would catch clauses that are read past the rules, or that a scope does not narrow."""
    say(log, "慢", "贵")
    held = seqs(log)
    log.keep_findings("main", "one", held, [found(seq) for seq in held])
    scope = Reader(scope=parse("unit = 'north'"))
    assert clauses(log, "id", reader=scope) == []
    assert log.readings("main", "one", reader=scope) == Readings(0, 0, 0)
    log.set_rules("main", "unit", Rules((Rule("text contains '慢'", "south"),)))
    assert log.readings("main", "one", reader=scope) == Readings(0, 0, 0)
    log.set_rules("main", "unit", Rules((Rule("channel = 'web'", "north"),)))
    assert log.readings("main", "one", reader=scope) == Readings(2, 2, 2)
    assert clauses(log, "id", "unit", reader=scope) == [("v0", "north"), ("v1", "north")]
    (one,) = {row[0] for row in clauses(log, "customer", only="id = 'v1'")}
    assert clauses(log, "id", customers=[one]) == [("v1",)]
    assert clauses(log, "id", customers=[]) == []


def test_an_answer_is_not_that_of_fewer_findings(log: Log) -> None:
    say(log, "慢")
    (seq,) = seqs(log)
    assert clauses(log, "id") == []
    log.keep_findings("main", "one", [seq], [found(seq)])
    assert clauses(log, "id") == [("v0",)]
    log.keep_findings("main", "two", [seq], [found(seq, aspect="staff")])
    assert clauses(log, "aspect") == [("staff",)]


def test_clauses_are_no_facts(log: Log) -> None:
    with pytest.raises(Problem, match="no table clauses"):
        log.declare("main", {"clauses": {"store": "text"}})
    with pytest.raises(Problem, match="no table clauses"):
        log.rows_of("main", 1, {"clauses": None})


def test_nothing_found_of_who_is_erased_is_in_the_new_file(owner: Owner, data: Path) -> None:
    say(owner, "慢", "贵")
    first, last = seqs(owner)
    owner.keep_findings("main", "one", [first, last], [found(first), found(last, language="pt")])
    owner.end_reading("main", "one")
    owner.keep_findings("main", "two", [first, last], [found(first), found(last)])
    owner.erase("main", [Id("customer", "c1")], "asked")
    assert clauses(owner, "id") == [("v0",)]
    # A language that only she wrote in is no word about her: clauses of others may be in it.
    assert "pt" in owner.words("main", "language").values()
    owner.rewrite("main")
    with owner._cursor() as cursor:
        for table in ("findings", "readings", "earlier_findings"):
            held = owner._workspace("main").sql
            rows = cursor.execute(f"SELECT verbatim FROM {held}.{table}").fetchall()
            assert rows == [(first,)], table
    assert clauses(owner, "id") == earlier(owner, "id") == [("v0",)]


def test_findings_are_there_after_a_start(data: Path, owner: Owner) -> None:
    say(owner, "慢")
    (seq,) = seqs(owner)
    owner.keep_findings("main", "one", [seq], [found(seq)])
    owner.end_reading("main", "one")
    owner.close()
    with Owner(data) as again:
        assert clauses(again, "id", "aspect", "occurred_at") == [
            ("v0", "refund", datetime(2026, 3, 1, 12))
        ]
        read_all(again, "two")
    with Owner(data) as again:
        assert earlier(again, "id", "aspect") == [("v0", "refund")]
