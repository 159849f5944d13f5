"""What a first look tells of a file, and the mapping that is guessed from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zhiyin.collect.files import written
from zhiyin.collect.files.choices import covers, draft_of
from zhiyin.collect.files.guessing import guess
from zhiyin.collect.files.looking import look
from zhiyin.collect.files.mapping import Reading, read
from zhiyin.collect.files.seen import Look

ROOT = Path(__file__).resolve().parents[5]
EXAMPLES = sorted((ROOT / "docs" / "examples").rglob("*.yaml"))
SHOP = ROOT / "src" / "zhiyin" / "web" / "sample" / "tea-shop.csv"


def seen(tmp_path: Path, text: str, name: str = "file.csv") -> Look:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return look(file, Reading(), tmp_path / "data")


@pytest.mark.parametrize(
    ("cells", "kind", "formats"),
    [
        (["1", "2", "-3"], "int", ()),
        (["1.5", "2", "3"], "float", ()),
        (["yes", "No", "y"], "bool", ()),
        (["2026-01-31", "2026/2/1", "2026-03-01 10:00"], "time", ()),
        (["2026年1月31日", "2026年2月1日"], "time", ()),
        (["20260131", "20260201"], "time", ()),
        (["20269931", "20260201"], "int", ()),
        (["31/01/2026", "01/02/2026"], "time", ("%d/%m/%Y",)),
        (["01/31/2026", "01/02/2026"], "time", ("%m/%d/%Y",)),
        (["03/04/2026", "05/06/2026"], "time", ("%d/%m/%Y", "%m/%d/%Y")),
        (["31.01.2026 10:15", "01.02.2026 00:00"], "time", ("%d.%m.%Y %H:%M",)),
        (["1-2", "3-4"], "text", ()),
        (["5", "6", "7", "eleven"], "int", ()),
        (["5", "6", "six", "eleven"], "text", ()),
    ],
)
def test_what_stands_in_a_column(
    tmp_path: Path, cells: list[str], kind: str, formats: tuple[str, ...]
) -> None:
    found = seen(tmp_path, "id,x\n" + "".join(f"{n},{c}\n" for n, c in enumerate(cells)))
    column = found.columns[1]
    assert (column.kind, column.formats) == (kind, formats)
    assert (column.filled, column.examples) == (len(cells), tuple(cells[:3]))


def test_the_first_rows_alone_are_looked_at(tmp_path: Path) -> None:
    """Would catch a look that reads a file of a gigabyte to its end."""
    rows = "".join(f"{n},{'x' if n < 2_000 else 'y'}\n" for n in range(5_000))
    found = seen(tmp_path, f"id,x\n{rows}")
    assert (found.rows, found.is_all, found.columns[1].distinct) == (2_000, False, 1)
    lines = "".join(f'{{"id": {n}}}\n' for n in range(5_000))
    assert seen(tmp_path, lines, "file.jsonl").rows == 2_000
    assert list((tmp_path / "data" / "tmp").iterdir()) == []


def guessed(tmp_path: Path, text: str, table: str = "") -> dict[str, Any]:
    found = guess(seen(tmp_path, text), source="desk", timezone="Asia/Shanghai", table=table)
    return found.document()


def test_a_survey_is_guessed() -> None:
    found = guess(look(SHOP, Reading(), SHOP.parent), source="shop", timezone="Asia/Shanghai")
    document = found.document()
    read(document, "guess")
    assert document == {
        "as": "answers",
        "source": "shop",
        "id": "编号",
        "at": {"column": "时间", "timezone": "Asia/Shanghai"},
        "customer": "会员号",
        "touchpoint": "触点",
        "questions": [
            {"column": "推荐意愿", "metric": "nps"},
            {"column": "满意度", "metric": "csat"},
        ],
        "dimensions": {"city": "城市"},
    }


def test_orders_events_and_traits_are_guessed(tmp_path: Path) -> None:
    orders = "order_id,created,customer,total,status\n" + "".join(
        f"{n},2026-01-0{n},c{n},{n}.5,paid\n" for n in (1, 2, 3)
    )
    assert guessed(tmp_path, orders) == {
        "as": "orders", "source": "desk", "id": "order_id",
        "at": {"column": "created", "timezone": "Asia/Shanghai"},
        "customer": "customer", "status": "status", "amount": "total",
    }  # fmt: skip
    events = "activity,timestamp,user\n" + "".join(f"click,2026-01-0{n},u{n}\n" for n in (1, 2, 3))
    found = guessed(tmp_path, events)
    assert (found["as"], found["name"], found["customer"]) == ("events", "activity", "user")
    people = "customer_id,tier\nu1,gold\nu2,silver\nu3,gold\n"
    found = guessed(tmp_path, people)
    assert (found["as"], found["customer"], found["traits"]) == (
        "traits", "customer_id", {"tier": "tier"},
    )  # fmt: skip


def test_zero_on_a_scale_from_one_is_no_score(tmp_path: Path) -> None:
    rows = "".join(f"{n},2026-01-01,{n % 6}\n" for n in range(30))
    found = guessed(tmp_path, f"id,at,seat\n{rows}")
    assert found["questions"] == [{"column": "seat", "metric": "csat", "not_applicable": "0"}]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_a_mapping_that_the_form_covers_loses_nothing_in_it(file: Path) -> None:
    """What the form would lose it must not claim to cover."""
    for document, _lines in written.documents(file):
        draft = draft_of(document, ())
        if covers(draft, document):
            meant = read(document, "m").says
            assert read(draft.document(), "m").columns == read(document, "m").columns, meant


def test_what_the_form_cannot_show_is_not_covered() -> None:
    covered = {
        "as": "answers", "source": "desk", "id": ["a", "b"],
        "at": {"column": "t", "timezone": "UTC", "format": "%d/%m/%Y"},
        "customer": {"column": "who", "kind": "email"}, "channel": {"value": "web"},
        "questions": [
            {"column": "q1", "metric": "rating", "scale": {"min": 0, "max": 10.0}},
            {"column": "q2", "metric": "csat", "not_applicable": [0, 99],
             "touchpoint": {"value": "desk"}, "kind": "touchpoint"},
        ],
        "dimensions": {"city": {"column": "城市", "kind": "text"}},
    }  # fmt: skip
    assert covers(draft_of(covered, ()), covered)
    for more in (
        {"at": {"column": "t", "format": ["%d/%m/%Y", "%Y"]}},
        {"read": {"header": ["a", "b"]}},
        {"dimensions": {"city": "who"}},
        {"properties": "*"},
        {"questions": [{"column": "q1", "metric": "text", "channel": "c"}]},
        {"query": "select 1"},
    ):
        beyond = covered | more
        assert not covers(draft_of(beyond, ()), beyond), more
