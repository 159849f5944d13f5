"""A filter on the log says what the same filter says of plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

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
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
