"""Questions about some customers: the same answer with a base, without one, and with a tail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from zhiyin.kernel.clock import now
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import bases, timeline
from zhiyin.warehouse.log import Log, Reader, TimelineAsked
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.test_reading import link

NOW = DAY + timedelta(days=10)
EVERYTHING = Reader()


def events(log: Log, rows: list[dict[str, Any]]) -> None:
    full = [
        {"row": place, "id": f"e{place}", "occurred_at": DAY, "name": "Page Viewed", **row}
        for place, row in enumerate(rows)
    ]
    put(log, full, table="events", source="web")


def orders(log: Log, rows: list[dict[str, Any]], **options: Any) -> str:
    full = [
        {
            "row": place,
            "id": f"o{place}",
            "occurred_at": DAY,
            "status": "completed",
            "amount": 100.0,
            "currency": "CNY",
            **row,
        }
        for place, row in enumerate(rows)
    ]
    return put(log, full, table="orders", source="till", **options).import_id


def traits(log: Log, rows: list[tuple[str, str, str, int]]) -> None:
    put(
        log,
        [
            {
                "row": place,
                "id": f"t{customer}{name}{day}",
                "occurred_at": DAY + timedelta(days=day),
                "customer": customer,
                "name": name,
                "value": value,
            }
            for place, (customer, name, value, day) in enumerate(rows)
        ],
        table="traits",
        source="crm",
    )


def key_of(log: Log, text: str) -> int:
    (found,) = log.find_customers("main", text)
    return found.customer


def people(
    log: Log, *columns: str, reader: Reader = EVERYTHING, at: datetime = NOW
) -> dict[str, tuple[Any, ...]]:
    """Columns of every customer, by her first id in words."""
    table = lang.customers(columns, at=at, currency="CNY")
    found = log.execute("main", table, reader=reader).to_pylist()
    ids = log.execute("main", lang.ids()).to_pylist()
    names = {row["key"]: row["id"] for row in sorted(ids, key=lambda row: row["id"], reverse=True)}
    return {names[row["customer"]]: tuple(row[name] for name in columns) for row in found}


def test_the_time_line_is_the_same_with_a_base_and_with_a_tail(log: Log) -> None:
    events(
        log,
        [
            {"customer": "ann", "channel": "app", "occurred_at": DAY + timedelta(hours=k)}
            for k in range(5)
        ]
        + [{"customer": "bea", "channel": "web"}],
    )
    orders(log, [{"customer": "ann", "channel": "web", "occurred_at": DAY + timedelta(hours=2)}])
    ann = key_of(log, "ann")
    before = log.timeline("main", TimelineAsked(ann)).to_pylist()
    assert [row["table"] for row in before] == ["events", "events", "orders", *["events"] * 3]
    assert set(log.tend("main", always=True)) == {*bases.BASES, "journeys"}
    assert log.timeline("main", TimelineAsked(ann)).to_pylist() == before
    events(log, [{"id": "late", "customer": "ann", "name": "Late", "occurred_at": DAY}])
    after = log.timeline("main", TimelineAsked(ann)).to_pylist()
    assert [row["what"] for row in after[-2:]] == ["Late", "Page Viewed"]
    counts = log.timeline_counts("main", TimelineAsked(ann)).to_pylist()
    assert {(row["table"], row["channel"]): row["n"] for row in counts} == {
        ("events", "app"): 5,
        ("events", None): 1,
        ("orders", "web"): 1,
    }


def test_pages_of_the_time_line_are_whole_and_leave_nothing_twice(log: Log) -> None:
    """Many facts of one instant: a cursor of the time alone would lose or repeat some."""
    events(log, [{"customer": "ann", "id": f"e{k}"} for k in range(23)])
    orders(log, [{"customer": "ann", "id": f"o{k}"} for k in range(4)])
    log.tend("main", always=True)
    events(log, [{"customer": "ann", "id": f"f{k}"} for k in range(5)])
    ann = key_of(log, "ann")
    seen: list[tuple[str, int]] = []
    place = None
    for _page in range(20):
        page = log.timeline("main", TimelineAsked(ann, before=place, limit=5)).to_pylist()
        if not page:
            break
        seen += [(row["table"], row["seq"]) for row in page]
        last = page[-1]
        place = (last["occurred_at"], last["table"], last["seq"])
    assert len(seen) == len(set(seen)) == 32


def test_filters_of_the_time_line(log: Log) -> None:
    events(
        log,
        [
            {"customer": "ann", "channel": "app", "name": "Opened"},
            {"customer": "ann", "channel": "web", "name": "Closed"},
            {"customer": "ann", "occurred_at": DAY + timedelta(days=3)},
        ],
    )
    orders(log, [{"customer": "ann", "channel": "web"}])
    ann = key_of(log, "ann")

    def asked(**given: Any) -> list[str]:
        return [
            f"{row['table']}:{row['what']}"
            for row in log.timeline("main", TimelineAsked(ann, **given)).to_pylist()
        ]

    assert asked(tables=("orders",)) == ["orders:completed"]
    assert sorted(asked(channels=("web",))) == ["events:Closed", "orders:completed"]
    assert asked(what=("Opened",)) == ["events:Opened"]
    assert asked(start=DAY + timedelta(days=1)) == ["events:Page Viewed"]
    assert len(asked(end=DAY + timedelta(days=1))) == 3
    assert asked(channels=("no such channel",)) == []


def test_what_was_replaced_or_taken_back_leaves_the_time_line_and_the_counts(log: Log) -> None:
    """The base still holds those rows: one who trusts it counts them."""
    orders(log, [{"customer": "ann"}, {"customer": "bea"}])
    back = orders(log, [{"id": "again", "customer": "ann", "amount": 50.0}])
    log.tend("main", always=True)
    orders(log, [{"id": "o1", "customer": "bea", "amount": 70.0}], replace=True)
    assert people(log, "orders", "spent") == {"ann": (2, 150), "bea": (1, 70)}
    log.undo("main", back)
    assert people(log, "orders", "spent") == {"ann": (1, 100), "bea": (1, 70)}
    assert log.timeline("main", TimelineAsked(key_of(log, "ann"))).num_rows == 1
    assert log.timeline("main", TimelineAsked(key_of(log, "bea"))).num_rows == 1
    assert people(log, "orders", reader=Reader(as_of=now())) == {"ann": (1,), "bea": (1,)}
    assert "customers" in log.tend("main")  # taking back makes it due
    assert people(log, "orders", "spent") == {"ann": (1, 100), "bea": (1, 70)}


def test_merged_customers_are_one_and_come_apart_again(log: Log) -> None:
    events(log, [{"customer": "ann"}, {"customer": "x1"}, {"customer": "x1", "id": "e9"}])
    traits(log, [("ann", "tier", "gold", 0), ("x1", "tier", "silver", 1)])
    for _turn in range(2):
        link(log, f"m{_turn}", "link", "ann", "x1")
        assert people(log, "events", "tier") == {"ann": (3, "silver")}
        assert log.timeline("main", TimelineAsked(key_of(log, "x1"))).num_rows == 6 + _turn * 2
        link(log, f"u{_turn}", "unlink", "ann", "x1")
        assert people(log, "events", "tier") == {"ann": (1, "gold"), "x1": (2, "silver")}
        log.tend("main", always=True)
    link(log, "m2", "link", "ann", "x1")
    events(log, [{"customer": "x1", "id": "late"}, {"customer": "new", "id": "first"}])
    assert people(log, "events", "tier") == {"ann": (4, "silver"), "new": (1, None)}


@pytest.mark.parametrize("tended", [False, True])
def test_every_column_of_customers(log: Log, tended: bool) -> None:
    events(
        log,
        [
            {"customer": "ann", "session": "s1", "occurred_at": NOW - timedelta(days=2)},
            {"customer": "ann", "session": "s1", "occurred_at": NOW - timedelta(days=2)},
            {"customer": "ann", "session": "s2", "occurred_at": NOW - timedelta(days=40)},
            {"customer": "bea", "name": "Order Completed", "occurred_at": NOW - timedelta(days=1)},
            {"id": "nameless"},
        ],
    )
    orders(log, [{"customer": "bea"}, {"customer": "bea", "id": "o2", "currency": "JPY"}])
    refund = {"row": 0, "id": "r", "occurred_at": DAY, "customer": "bea", "amount": 30.0}
    put(log, [{**refund, "currency": "CNY"}], table="refunds")
    contact = {"row": 0, "occurred_at": DAY, "customer": "ann", "issue": "i1"}
    put(
        log,
        [
            {**contact, "id": "k1", "is_resolved": False},
            {**contact, "id": "k2", "issue": "i2", "is_resolved": False},
            {**contact, "id": "k3", "occurred_at": DAY + timedelta(1), "is_resolved": True},
        ],
        table="service_contacts",
    )
    put(
        log,
        [
            {"customer": "ann", "metric": "nps", "score": 9.0},
            {"customer": "ann", "metric": "nps", "score": 2.0, "occurred_at": DAY + timedelta(1)},
            {"customer": "ann", "metric": "csat", "answer_state": "skipped", "score": None},
        ],
    )
    traits(
        log, [("ann", "tier", "silver", 1), ("ann", "tier", "gold", 2), ("cat", "tier", "no", 0)]
    )
    if tended:
        log.tend("main", always=True)
    assert people(log, "events", "sessions_30d", "did Order Completed", "orders", "spent") == {
        "ann": (3, 1, 0, 0, 0),
        "bea": (1, 0, 1, 2, 70),
        "cat": (0, 0, 0, 0, 0),
    }
    assert people(log, "contacts", "open_contacts", "answers", "last_nps", "tier") == {
        "ann": (3, 1, 2, 2.0, "gold"),
        "bea": (0, 0, 0, None, None),
        "cat": (0, 0, 0, None, "no"),
    }
    assert people(log, "days_since_order", "last_at", "refunds")["bea"] == (
        10,
        NOW - timedelta(days=1),
        1,
    )
    assert people(log, "did Order Completed 30d", "events_7d", "spent_5d")["bea"] == (1, 1, 0)


def test_a_scope_holds_for_the_time_line_for_counts_and_for_finding(log: Log) -> None:
    events(log, [{"customer": "ann", "unit": "north"}, {"customer": "bea", "unit": "south"}])
    log.tend("main", always=True)
    ann, bea = key_of(log, "ann"), key_of(log, "bea")
    north = Reader(scope=parse("unit = 'north'"))
    assert log.timeline("main", TimelineAsked(ann, reader=north)).num_rows == 1
    assert log.timeline("main", TimelineAsked(bea, reader=north)).num_rows == 0
    assert log.find_customers("main", "bea", reader=north) == []
    assert people(log, "events", reader=north) == {"ann": (1,)}


def test_an_earlier_moment_is_read_as_it_was(log: Log) -> None:
    events(log, [{"customer": "ann"}])
    log.tend("main", always=True)
    events(log, [{"customer": "ann", "id": "later"}])
    ann = key_of(log, "ann")
    table = lang.table(log.schema("main"), "events")
    rows = log.execute("main", table.order_by("seq").select("received_at")).to_pylist()
    then = rows[0]["received_at"]
    asked = TimelineAsked(ann, reader=Reader(as_of=then))
    assert log.timeline("main", asked).num_rows == 1
    assert people(log, "events", reader=Reader(as_of=then)) == {"ann": (1,)}


@pytest.mark.parametrize("tended", [False, True])
def test_a_customer_is_found_by_whatever_one_has_in_hand(log: Log, tended: bool) -> None:
    orders(log, [{"customer": "QC1", "id": "QO-77"}, {"customer": "QC2", "id": "other"}])
    traits(
        log,
        [
            ("QC1", "email", "Ann.Lee@Example.com", 0),
            ("QC1", "phone", "+86 138-1234-2071", 0),
            ("QC1", "name", "李安", 0),
            ("QC1", "tier", "gold", 0),
        ],
    )
    if tended:
        log.tend("main", always=True)
    ann = key_of(log, "QC1")
    for text, by in (
        (" qc1 ", "id"),
        ("qo-77", "order"),
        ("ann.lee@example.com", "trait"),
        ("13812342071", "trait"),
        ("李安", "trait"),
    ):
        assert [(f.customer, f.by) for f in log.find_customers("main", text)] == [(ann, by)], text
    for text in ("", "gold", "QC", "' or 1=1 --", "2071"):
        assert log.find_customers("main", text) == []


def test_rows_of_some_customers_come_alone_with_the_index_or_without(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    events(owner, [{"customer": f"c{k % 7}", "id": f"e{k}"} for k in range(70)])
    owner.tend("main", always=True)
    events(owner, [{"customer": "c3", "id": "late"}])
    link(owner, "m", "link", "c3", "c5")
    three = key_of(owner, "c3")
    query = lang.table(owner.schema("main"), "events")
    for many in (5_000, 1):
        monkeypatch.setattr(timeline, "MANY", many)
        found = owner.execute("main", query, customers=[three])
        assert found.num_rows == 21
        assert set(found["customer"].to_pylist()) == {three}
        ids = owner.execute("main", lang.ids(), customers=[three]).to_pylist()
        assert sorted(row["id"] for row in ids) == ["c3", "c5"]


def test_a_base_that_was_cut_off_leaves_the_old_one_and_is_made_again(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    events(owner, [{"customer": "ann"}])
    owner.tend("main", always=True)
    events(owner, [{"customer": "ann", "id": "second"}])

    def half(connection: duckdb.DuckDBPyConnection, workspace: Any, marks: Any) -> None:
        timeline.make(connection, workspace, marks)
        raise KeyboardInterrupt

    whole = bases.BASES["timeline"]
    monkeypatch.setitem(bases.BASES, "timeline", bases.Base("timeline", 1, whole.inputs, half))
    with pytest.raises(KeyboardInterrupt):
        owner.tend("main", always=True)
    monkeypatch.undo()
    ann = key_of(owner, "ann")
    cursor = owner._root.cursor()
    states = "SELECT state FROM ws_main.builds WHERE name = 'timeline' ORDER BY 1"
    assert cursor.execute(states).fetchall() == [("done",), ("started",)]
    assert owner.timeline("main", TimelineAsked(ann)).num_rows == 2
    owner.tend("main", always=True)
    assert cursor.execute(states).fetchall() == [("done",)]
    assert cursor.execute("SELECT count(*) FROM ws_main.timeline").fetchone() == (2,)
    cursor.close()
    assert owner.timeline("main", TimelineAsked(ann)).num_rows == 2


def test_a_base_is_due_when_its_tail_is_long(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    events(owner, [{"customer": "ann", "id": f"e{k}"} for k in range(30)])
    assert owner.tend("main") == []
    monkeypatch.setattr(bases, "LONG_TAIL", 20)
    assert set(owner.tend("main")) == {"timeline", "customers"}
    assert owner.tend("main") == []
