"""A question asked of the index, here and over the socket, beside the same in SQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import moments
from zhiyin.warehouse.engines.duckdb.moments import EPOCH, MICROSECOND
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


def in_sql(
    log: Log, text: str | None = None, by: str | None = None, reader: Reader = EVERYTHING
) -> list[dict[str, Any]]:
    """What SQL says of the same."""
    schema = log.schema("main")
    events = lang.table(schema, "events")
    if text:
        asked = where(parse(text), events, schema, table_name="events")
        events = events.filter(lang.coalesce(asked, False))
    groups = {} if by is None else {"group": lang.coalesce(events[by], -1)}
    rows = events.mutate(**groups).group_by([*groups, "name"])
    counted = rows.aggregate(
        events=lambda found: found.count(), customers=lambda found: found.customer.nunique()
    )
    return log.execute("main", counted.order_by([*groups, "name"]), reader=reader).to_pylist()


def by_index(log: Log, text: str | None = None, **asked: Any) -> list[dict[str, Any]]:
    found = log.ask_journeys("main", "names", {}, where=parse(text) if text else None, **asked)
    assert found is not None
    return found.to_pylist()


def test_events_and_customers_by_name(log: Log) -> None:
    bring(log)
    assert by_index(log) == in_sql(log)
    bring(log, 60, 9)
    assert by_index(log) == in_sql(log)
    assert sum(row["events"] for row in by_index(log)) == 69


def test_within_a_time(log: Log) -> None:
    bring(log)
    start = (FIRST + 3 * HOUR - EPOCH) // MICROSECOND
    end = (FIRST + 6 * HOUR - EPOCH) // MICROSECOND
    found = log.ask_journeys("main", "names", {"start": start, "end": end})
    assert found is not None
    assert found["events"].to_pylist() == [1, 1, 1]


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
        {"where": parse("name = 'A' or channel = 'app'")},
        {"where": parse("properties.path = '/'")},
        {"where": parse("occurred_at > 2026-03-01")},
        {"by": "session"},
    ):
        assert log.ask_journeys("main", "names", {}, **asked) is None, asked


def test_what_rules_decide_is_left_to_sql_as_soon_as_there_are_rules(log: Log) -> None:
    bring(log)
    assert by_index(log, by="touchpoint")
    log.set_rules("main", "touchpoint", Rules((Rule("name = 'A'", "Shop"),)))
    assert log.ask_journeys("main", "names", {}, by="touchpoint") is None
    assert by_index(log) == in_sql(log)
    own = Reader(rules=())
    assert by_index(log, by="touchpoint", reader=own) == in_sql(log, by="touchpoint", reader=own)
    scoped = Reader(scope=parse("touchpoint = 'Shop'"), rules=())
    assert log.ask_journeys("main", "names", {}, reader=scoped) is None


def test_a_column_of_many_words_is_left_to_sql(owner: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOST_WORDS", 1)
    bring(owner)
    assert owner.ask_journeys("main", "names", {}, by="city") is None
    assert by_index(owner, by="source") == in_sql(owner, by="source")


def test_a_question_that_nobody_knows(log: Log) -> None:
    with pytest.raises(Problem) as refused:
        log.ask_journeys("main", "weather", {})
    assert refused.value.code == "journey.no-such-question"
