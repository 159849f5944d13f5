"""A filter on the log says what the same filter says of plain rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import holds, parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put
from zhiyin.warehouse.where import where

ROWS = [
    {"touchpoint": touchpoint, "score": score, "d_state": state, "d_age": age, "choice": choice,
     "occurred_at": at}
    for touchpoint, score, state, age, choice, at in [
        ("app", 1.0, "SP", 20.0, "10", datetime(2026, 1, 31, 15, 59)),
        ("web", 5.0, "RJ", None, None, datetime(2026, 1, 31, 16, 0)),
        (None, None, "7", 61.0, "Slow queue", datetime(2026, 2, 1, 15, 59, 59)),
        ("app", 3.0, None, 35.5, "", datetime(2026, 2, 1, 16, 0)),
        ("counter", 4.0, "上海", 44.0, "it's 100% _fine_", datetime(2026, 3, 1)),
    ]
]  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    folder: Path = tmp_path_factory.mktemp("where")
    with Owner(folder) as owner:
        owner.create("main")
        owner.declare("main", {"answers": {"state": "text", "age": "float"}})
        put(owner, ROWS)
        yield owner


def picked(log: Owner, text: str, zone: str = "UTC") -> list[int]:
    schema = log.schema("main")
    table = lang.table(schema, "answers")
    condition = where(parse(text), table, schema, table_name="answers", zone=zone)
    found = log.execute("main", table.filter(condition).order_by("seq").select("id"))
    return [int(str(name).removeprefix("r")) for name in found["id"].to_pylist()]


LEAVES = st.sampled_from(
    [
        "touchpoint = 'app'", "touchpoint != 'app'", "touchpoint in ('app', 'web')",
        "touchpoint not in ('app', 'nowhere')", "touchpoint > 'b'", "touchpoint is missing",
        "state = '上海'", "state contains 's'", "state not contains 'P'", "state is not missing",
        "score >= 3", "score != 5", "score in (1, 4)", "score < 3", "age > 35", "age <= 35.5",
        "choice contains 'SLOW'", "choice not contains '_'", "choice contains '%'", "choice = ''",
        "state = 7", "state != 7.0", "state in (7, 8)", "state not in (7)", "state > 6.5",
        "state = true", "choice = 10", "choice < 9", "choice in (9, 10.0)", "not choice != 10",
        "choice > 2026-01-31", "age is missing", "not score >= 3", "not touchpoint = 'app'",
    ]
)  # fmt: skip
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda three: f"({three[0]}) {three[1]} ({three[2]})"
        ),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=6,
)


@given(text=FILTERS)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_log_agrees_with_plain_rows(log: Owner, text: str) -> None:
    """Would catch SQL's third truth value, and words that are compared as codes."""
    plain = [{key.removeprefix("d_"): value for key, value in row.items()} for row in ROWS]
    expected = [place for place, row in enumerate(plain) if holds(parse(text), row)]
    assert picked(log, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("occurred_at = 2026-02-01", [1, 2]),
        ("occurred_at < 2026-02-01", [0]),
        ("occurred_at <= 2026-02-01", [0, 1, 2]),
        ("occurred_at > 2026-02-01", [3, 4]),
        ("occurred_at >= '2026-02-01'", [1, 2, 3, 4]),
        ("occurred_at != 2026-02-01", [0, 3, 4]),
        ("occurred_at in (2026-01-31, 2026-02-02)", [0, 3]),
        ("occurred_at >= 2026-02-01T00:01", [2, 3, 4]),
    ],
)
def test_a_day_is_the_whole_day_where_the_workspace_is(
    log: Owner, text: str, expected: list[int]
) -> None:
    assert picked(log, text, zone="Asia/Shanghai") == expected


def test_a_number_is_found_in_text_by_its_digits(log: Owner) -> None:
    assert picked(log, "state = 7") == picked(log, "state = '7'") == [2]
    assert picked(log, "choice in (10, 11)") == [0]
    assert picked(log, "choice < 9 and choice is not missing and choice != ''") == [0]


def test_a_customer_is_found_by_the_id_in_words(log: Owner) -> None:
    assert picked(log, "customer = 'c3'") == [3]
    assert picked(log, "customer in ('c3', 'c0', 'nobody')") == [0, 3]
    assert picked(log, "customer = 3") == picked(log, "customer in (3, 4)") == []
    assert picked(log, "customer != 'c3'") == [0, 1, 2, 4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stat = 'SP'", "Did you mean state"),
        ("score = 'high'", "a number"),
        ("score contains '1'", "a text column"),
        ("occurred_at > 'soon'", "Write a day as"),
        ("occurred_at > '9999-12-31'", "Write a day as"),
        ("customer > 'c1'", "= or !="),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_way_out(log: Owner, text: str, said: str) -> None:
    with pytest.raises(Problem) as caught:
        picked(log, text)
    assert said in str(caught.value)


PROPERTIES: list[dict[str, Any] | None] = [
    {"plan": "gold", "price": 12.5, "seats": 3, "is_new": True, "tags": ["vip", "家庭"]},
    {"plan": "12", "price": "99", "trip": {"from": "HGH", "legs": 2}, "a b": "x"},
    {"plan": None, "price": "about 9", "seats": 0, "is_new": False},
    None,
    {"plan": "Gold leaf", "price": -1e3, "trip": "none", 'it\'s "q"': 1, "tags": "vip"},
]
NAMED = ["Order Completed", "Page Viewed", None, "Order Refunded", "Order Completed"]


@pytest.fixture(scope="module")
def events(log: Owner) -> Owner:
    rows = [
        {"row": place, "id": f"e{place}", "occurred_at": datetime(2026, 3, 1, place),
         "customer": f"c{place}", "name": name,
         "properties": None if held is None else json.dumps(held, ensure_ascii=False)}
        for place, (held, name) in enumerate(zip(PROPERTIES, NAMED, strict=True))
    ]  # fmt: skip
    put(log, rows, table="events")
    return log


def picked_events(log: Owner, text: str, dictionaries: bool = False) -> list[int]:
    schema = log.schema("main")
    table = lang.table(schema, "events")
    known = {"name": list(log.words("main", "name").values())} if dictionaries else None
    condition = where(parse(text), table, schema, table_name="events", dictionaries=known)
    found = log.execute("main", table.filter(condition).order_by("seq").select("id"))
    return [int(str(name).removeprefix("e")) for name in found["id"].to_pylist()]


EVENT_LEAVES = st.sampled_from(
    [
        "properties.plan = 'gold'", "properties.plan != 'gold'", "properties.plan contains 'GOLD'",
        "properties.plan = 12", "properties.plan < 13", "properties.price > 12",
        "properties.price < 12.5", "properties.price in (99, 12.5)", "properties.price != 99",
        "properties.price not in (99)", "properties.seats = 0", "properties.seats is missing",
        "properties.is_new = true", "properties.is_new != true", "properties.trip.from = 'HGH'",
        "properties.trip.legs >= 2", "properties.trip contains 'hgh'", "properties.plan is missing",
        "properties.tags contains '家庭'", "properties.tags not contains 'vip'",
        "`properties.a b` = 'x'", "`properties.it's \"q\"` = 1", "properties.nothing is missing",
        "properties.plan >= 2026-01-01", "properties.price >= 'a'", "properties.seats = '3'",
        "name = 'Order Completed'", "name != 'Order Completed'", "name contains 'order'",
        "name in ('Page Viewed', 'nothing')", "name not in ('Page Viewed')", "name > 'P'",
        "name is missing", "name not contains 'viewed'",
    ]
)  # fmt: skip


@given(text=st.recursive(EVENT_LEAVES, lambda inner: st.one_of(
    st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
        lambda three: f"({three[0]}) {three[1]} ({three[2]})"),
    inner.map(lambda one: f"not ({one})")), max_leaves=5), known=st.booleans())  # fmt: skip
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_properties_and_given_dictionaries_agree_with_plain_rows(
    events: Owner, text: str, known: bool
) -> None:
    """Would catch a property that is text in one place and a number in the other."""
    plain = [
        {"properties": held, "name": name} for held, name in zip(PROPERTIES, NAMED, strict=True)
    ]
    expected = [place for place, row in enumerate(plain) if holds(parse(text), row)]
    assert picked_events(events, text, known) == expected


def test_a_star_is_no_name_of_a_property(events: Owner) -> None:
    with pytest.raises(Problem, match="a plain name"):
        picked_events(events, "`properties.*` = 'x'")
    with pytest.raises(Problem, match="no column"):
        picked(events, "properties.plan = 'gold'")
