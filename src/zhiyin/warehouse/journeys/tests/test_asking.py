"""A question asked of the index, here and over the socket, beside the same in SQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from zhiyin.kernel.clock import MICROSECOND, microseconds
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import lookups, moments
from zhiyin.warehouse.journeys import choosing
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.where import where

FIRST = datetime(2026, 3, 1)
HOUR = timedelta(hours=1)
EVERYTHING = Reader()


def bring(log: Log, first: int = 0, count: int = 60) -> None:
    """Events of three names, of seven customers and of nobody, one an hour."""
    log.declare("main", {"events": {"city": "text"}})
    rows = [
        {
            "row": n,
            "id": f"e{n}",
            "occurred_at": FIRST + n * HOUR,
            "customer": None if n % 11 == 0 else f"c{n % 7}",
            "name": "ABC"[n % 3],
            "channel": ("app", "shop", None)[n % 5 % 3],
            "d_city": ("Xi'an", "Porto", None)[n % 4 % 3],
        }
        for n in range(first, first + count)
    ]
    with log.begin("main", source="web", label="test") as batch:
        batch.write("events", pa.Table.from_pylist(rows))
        batch.commit()


ANYTHING = {"names": [[0, 1, 2], [0, 1, 2]], "between": [[]], "within": 1}


def in_sql(
    log: Log, text: str | None = None, by: str | None = None, reader: Reader = EVERYTHING
) -> dict[int | None, int]:
    """What SQL says of the same."""
    schema = log.schema("main")
    events = lang.table(schema, "events")
    if text:
        asked = where(parse(text), events, schema, table_name="events")
        events = events.filter(lang.coalesce(asked, False))
    whole = events.aggregate(customers=events.customer.nunique())
    found: dict[int | None, int] = {
        None: log.execute("main", whole, reader=reader)["customers"][0].as_py()
    }
    if by is not None:
        rows = events.mutate(part=lang.coalesce(events[by], -1)).group_by("part")
        counted = rows.aggregate(customers=lambda rows: rows.customer.nunique())
        for row in log.execute("main", counted, reader=reader).to_pylist():
            found[row["part"]] = row["customers"]
    return found


def by_index(
    log: Log, text: str | None = None, by: str | None = None, reader: Reader = EVERYTHING
) -> dict[int | None, int]:
    """Customers with a chosen event: all under None, and by the code of each group."""
    chosen, columns = parse(text) if text else None, () if by is None else (by,)
    found = log.ask_journeys("main", "funnel", ANYTHING, where=chosen, by=columns, reader=reader)
    assert found is not None
    return {row["part"]: row["n0"] for row in found.to_pylist() if row["n0"] or row["part"] is None}


def test_customers_by_group(log: Log) -> None:
    bring(log)
    assert by_index(log) == in_sql(log) == {None: 13}
    bring(log, 60, 9)
    assert by_index(log) == in_sql(log)
    for column in ("channel", "name", "source"):
        assert by_index(log, by=column) == in_sql(log, by=column)


def test_within_a_time(log: Log) -> None:
    bring(log)
    start = microseconds(FIRST + 3 * HOUR)
    end = microseconds(FIRST + 6 * HOUR)
    found = log.ask_journeys("main", "extent", {"start": start, "end": end})
    assert found is not None
    hour = HOUR // MICROSECOND
    assert found.to_pylist() == [{"first": start, "last": end - hour}]
    found = log.ask_journeys("main", "extent", {"start": start, "end": start})
    assert found is not None
    assert found.to_pylist() == [{"first": None, "last": None}]


@pytest.mark.parametrize(
    "text",
    [
        "channel = 'app'",
        "channel != 'app'",
        "not (channel in ('app', 'nothing'))",
        "city contains 'x' or channel is missing",
        "name = 'A' and city = 'Porto'",
        "name in ('A', 'B') and name != 'B' and source = 'web'",
        "channel = 'nobody said it'",
        "name = 'A' or channel = 'app'",
        "not (name = 'A' and city = 'Porto') or channel is missing",
    ],
)
def test_filters_mean_what_they_mean_in_sql(log: Log, text: str) -> None:
    bring(log)
    for by, column in ((None, None), ("city", "d_city"), ("channel", "channel")):
        assert by_index(log, text, by=by) == in_sql(log, text, column)


def test_a_reader_sees_her_scope(log: Log) -> None:
    bring(log)
    hers = Reader(scope=parse("channel = 'app' and name != 'C'"))
    assert by_index(log, reader=hers) == in_sql(log, reader=hers)
    assert by_index(log, "city = 'Porto'", reader=hers) == in_sql(
        log, "city = 'Porto'", reader=hers
    )


def test_what_the_index_cannot_say_is_left_to_sql(log: Log) -> None:
    bring(log)
    earlier = Reader(as_of=datetime(2026, 1, 1))
    for asked in (
        {"reader": earlier},
        {"reader": Reader(is_merged=False)},
        {"where": parse("session is missing")},
        {"where": parse("properties.path = '/'")},
        {"where": parse("occurred_at > 2026-03-01")},
        {"by": ("session",)},
    ):
        assert log.ask_journeys("main", "extent", {}, **asked) is None, asked


def test_rules_are_read_with_every_question(log: Log) -> None:
    bring(log)
    assert by_index(log, by="touchpoint") == {None: 13, -1: 13}
    log.set_rules("main", "touchpoint", Rules((Rule("name = 'A' or city = 'Porto'", "Shop"),)))
    assert by_index(log, by="touchpoint") == in_sql(log, by="touchpoint")
    assert by_index(log) == in_sql(log)
    own = Reader(rules=())
    assert by_index(log, by="touchpoint", reader=own) == {None: 13, -1: 13}
    scoped = Reader(scope=parse("touchpoint = 'Shop'"), rules=())
    assert by_index(log, reader=scoped) == in_sql(log, reader=scoped)
    log.set_rules("main", "touchpoint", Rules((Rule("properties.path = '/'", "Shop"),)))
    assert log.ask_journeys("main", "extent", {}, by=("touchpoint",)) is None
    assert log.ask_journeys("main", "extent", {}, reader=scoped) is None
    assert by_index(log) == in_sql(log)


NODES = (
    "name = 'A' and channel = 'app'",
    "channel = 'shop' or city = 'Porto'",
    "name = 'nobody sent it'",
    "not (name = 'C')",
)
MAP = {
    "goal": [], "begins": [False] * 4, "stage": [0] * 4, "required": [False] * 4, "stages": 1,
    "help": [False] * 4, "pause": 1, "gap": 1, "until": 0,
}  # fmt: skip


def test_an_event_is_at_the_first_node_whose_rule_holds(log: Log) -> None:
    bring(log)
    rules = tuple(parse(text) for text in NODES)

    def check() -> list[int]:
        schema = log.schema("main")
        events = lang.table(schema, "events")
        holds = [where(one, events, schema, table_name="events") for one in rules]
        cases = [(lang.coalesce(one, False), place) for place, one in enumerate(holds)]
        rows = events.filter(events.customer.notnull())
        rows = rows.mutate(node=lang.cases(*cases, else_=len(rules)))
        counts = rows.group_by("node").aggregate(n=rows.count())
        expected = {row["node"]: row["n"] for row in log.execute("main", counts).to_pylist()}
        found = log.ask_journeys("main", "map-traffic", MAP, nodes=rules)
        assert found is not None
        told = [row["events"] for row in found.to_pylist() if row["what"] in (0, 3)]
        nodes = told[: len(rules)]
        assert nodes == [expected.get(place, 0) for place in range(len(rules))]
        assert sum(told[len(rules) :]) == expected[len(rules)]
        return nodes

    assert min(check()[:2]) > 0
    bring(log, 60, 9)
    check()
    rules = (parse("touchpoint = 'Desk'"), *rules[1:])
    assert check()[0] == 0
    log.set_rules("main", "touchpoint", Rules((Rule("name = 'B'", "Desk"),)))
    assert check()[0] > 0
    for text in ("properties.path = '/'", "occurred_at > 2026-03-01", "session is missing"):
        more = (*rules[:3], parse(text))
        assert log.ask_journeys("main", "map-traffic", MAP, nodes=more) is None


def test_more_kinds_than_look_ups_hold_are_left_to_sql(
    owner: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(owner)
    both = parse("name = 'A' and channel = 'app' or name = 'B' and channel is missing")
    assert owner.ask_journeys("main", "extent", {}, where=both) is not None
    monkeypatch.setattr(choosing, "MOST_BITS", 1)
    bring(owner, 60, 1)
    assert owner.ask_journeys("main", "extent", {}, where=both) is None
    monkeypatch.undo()
    monkeypatch.setattr(lookups, "MOST_PAIRS", 8)
    bring(owner, 61, 1)
    assert owner.ask_journeys("main", "extent", {}, where=both) is None


def test_a_column_of_many_words_is_left_to_sql(owner: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOST_WORDS", 1)
    bring(owner)
    assert owner.ask_journeys("main", "extent", {}, by=("city",)) is None
    assert by_index(owner, by="source") == in_sql(owner, by="source")
    rules = tuple(parse(f"name = '{name}'") for name in "ABCD")
    found = owner.ask_journeys("main", "map-traffic", MAP, nodes=rules)
    assert found is not None
    assert found["events"][0].as_py() > 0
    assert found["switches"].null_count == len(found)


def test_a_question_that_nobody_knows(log: Log) -> None:
    with pytest.raises(Problem) as refused:
        log.ask_journeys("main", "weather", {})
    assert refused.value.code == "journey.no-such-question"
