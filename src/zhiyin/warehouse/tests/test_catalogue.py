"""The catalogue counts what the log has, from intake and from files, and never more."""

from __future__ import annotations

import pytest

from zhiyin.warehouse.engines.duckdb import catalogue
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.sending import event, sent


def seen(log: Log) -> list[tuple[str, str, str, int]]:
    return [(one.name, one.property, one.kind, one.n) for one in log.catalogue("main")]


def test_names_properties_kinds_and_examples(owner: Owner, log: Log) -> None:
    first = {"total": 3.5, "ok": True, "tags": ["a"], "who": {"x": 1}, "none": None, "it's": "é"}
    owner.arrive("main", [sent([event(1, properties=first), event(2, properties={"total": "5"}),
                                event(3, name="Seen")])], position=None)  # fmt: skip
    assert seen(log) == [
        ("Order Completed", "", "event", 2),
        ("Order Completed", "it's", "text", 1),
        ("Order Completed", "ok", "truth", 1),
        ("Order Completed", "tags", "list", 1),
        ("Order Completed", "total", "number", 1),
        ("Order Completed", "total", "text", 1),
        ("Order Completed", "who", "object", 1),
        ("Seen", "", "event", 1),
    ]
    examples = {(one.property, one.kind): one.examples for one in log.catalogue("main")}
    assert examples["it's", "text"] == ["é"]
    assert examples["total", "number"] == ["3.5"]


def test_it_counts_on_from_where_it_was(
    owner: Owner, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch rows that are counted twice, or left out between two steps."""
    monkeypatch.setattr(catalogue, "STEP", 3)
    for start in range(0, 20, 5):
        owner.arrive(
            "main",
            [sent([event(n, properties={"n": n}) for n in range(start, start + 5)])],
            position=None,
        )
        assert ("Order Completed", "n", "number", start + 5) in seen(log)
    (found,) = [one for one in log.catalogue("main") if one.property == "n"]
    assert len(found.examples) == 3
    assert found.first_at == found.last_at


def test_files_and_dimensions_are_in_it(owner: Owner, log: Log) -> None:
    owner.declare("main", {"events": {"city": "text", "age": "int"}})
    rows = [{"row": 0, "id": "f1", "occurred_at": DAY, "customer": "c", "name": "Visited",
             "d_city": "Oslo", "properties": '{"a": 1}'}]  # fmt: skip
    put(owner, rows, table="events")
    owner.arrive("main", [sent([event(1, properties={"age": 7})])], position=None)
    assert seen(log) == [
        ("Order Completed", "", "event", 1),
        ("Order Completed", "age", "number", 1),
        ("Visited", "", "event", 1),
        ("Visited", "a", "number", 1),
        ("Visited", "city", "text", 1),
    ]


def test_names_without_end_do_not_fill_it(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MOST_PROPERTIES", 10)
    owner.arrive("main", [sent([event(n, name=f"n{n}") for n in range(50)])], position=None)
    assert len(owner.catalogue("main")) == 10
