"""What was said is found by words and by meaning, and shown in pieces that hide what they must."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.wordforms import Sought
from zhiyin.listen.searching import Part, Search, Wanted, pieces_of
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

SETTINGS = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")

SAID = (
    ("退款太慢，客服很好", datetime(2026, 3, 1, 12)),
    ("The Refund took three weeks", datetime(2026, 3, 2, 12)),
    ("refund: took ages, nobody cared", datetime(2026, 3, 3, 17)),
    ("退款很快", datetime(2026, 3, 4, 12)),
)


def part(starts: int, ends: int, polarity: str = "negative") -> Part:
    return Part(starts, ends, "refund", polarity, 0.9, None, None, None, None)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with Owner(tmp_path_factory.mktemp("searching") / "data") as log:
        log.create("main")
        rows = [
            {"row": n, "id": f"v{n}", "occurred_at": at, "customer": f"c{n % 3}", "text": text,
             "channel": "app" if n % 2 else "web", "language": "xx"}
            for n, (text, at) in enumerate(SAID)
        ]  # fmt: skip
        put(log, [*rows, {"row": 9, "id": "none", "occurred_at": SAID[0][1]}], table="verbatims")
        first, _second, _third, last = [seq for seq, _text in log.unread("main", "one")]
        found = [
            Finding(first, 0, 0, 5, "zh", "negative", 0.9, aspect="refund", emotion="anger"),
            Finding(first, 1, 5, 9, "zh", "positive", 0.8, aspect="staff"),
            Finding(last, 0, 0, 4, "zh", "positive", 0.7, aspect="refund"),
        ]
        log.keep_findings("main", "one", [first, last], found)
        yield log


def texts(log: Owner, **wanted: object) -> list[str]:
    search = Search(log, SETTINGS, Wanted(**wanted))  # type: ignore[arg-type]
    found = search.page(limit=10)
    assert search.count()[0] == len(found)
    return [one.text for one in found]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", [3, 2, 1, 0]),
        ("退款", [3, 0]),
        ("慢", [0]),
        ("REFUND took", [2, 1]),
        ('"refund took"', [1]),
        ("“refund took”", [1]),
        ("refund 100%", []),
        ("refund:", [2]),
        ("r.fund", []),
        ("(", []),
        ("_", []),
        ("'; DROP TABLE verbatims", []),
    ],
)
def test_all_words_must_stand_in_it(log: Owner, text: str, places: list[int]) -> None:
    assert texts(log, text=text) == [SAID[place][0] for place in places]


def test_it_is_found_by_what_one_of_its_clauses_says(log: Owner) -> None:
    blames = parse("aspect = 'refund' and polarity = 'negative'")
    assert texts(log, meaning=blames) == [SAID[0][0]]
    # Both of one clause, not each of some clause.
    assert texts(log, meaning=parse("aspect = 'staff' and polarity = 'negative'")) == []
    assert texts(log, meaning=parse("emotion = 'anger'"), text="快") == []
    assert texts(log, meaning=parse("channel = 'app' and aspect = 'refund'")) == [SAID[3][0]]
    with pytest.raises(Problem, match="no column"):
        texts(log, meaning=parse("nothing = 1"))


def test_days_are_those_of_the_workspace(log: Owner) -> None:
    """17:00 in UTC is the next day in Shanghai."""
    assert texts(log, start=date(2026, 3, 4), end=date(2026, 3, 5)) == [SAID[3][0], SAID[2][0]]


def test_a_list_goes_on_where_it_ended_and_clauses_come_along(log: Owner) -> None:
    search = Search(log, SETTINGS, Wanted())
    assert search.count() == (4, 3)
    newest = search.page(limit=3)
    (oldest,) = search.page(limit=3, after=newest[-1].place)
    assert oldest.text == SAID[0][0]
    assert [(one.aspect, one.polarity, one.starts) for one in oldest.clauses] == [
        ("refund", "negative", 0), ("staff", "positive", 5),
    ]  # fmt: skip
    assert (oldest.language, newest[1].language) == ("zh", "xx"), "as read, else as its source says"
    assert newest[1].clauses == ()


def test_pieces_are_the_text_with_its_clauses_and_what_was_looked_for() -> None:
    text = "退款太慢，客服很好"
    clauses = [part(0, 5), part(5, 9, "positive")]
    pieces = pieces_of(text, clauses, [Sought("慢，客")], sees_it=True)
    assert "".join(piece.text for piece in pieces) == text
    assert [(piece.text, piece.clause, piece.is_hit) for piece in pieces] == [
        ("退款太", clauses[0], False),
        ("慢，", clauses[0], True),
        ("客", clauses[1], True),
        ("服很好", clauses[1], False),
    ]
    # A sign that is two in small letters moves no place.
    odd = pieces_of("İ çok", [], [Sought("ok")], sees_it=True)
    assert [one.text for one in odd] == ["İ ç", "ok"]


def test_what_is_masked_is_whole_wherever_a_clause_ends() -> None:
    """Would catch a number of which each half is too short to be hidden."""
    text = "打13766601235没人接"
    pieces = pieces_of(text, [part(0, 5), part(5, len(text))], [Sought("666")], sees_it=False)
    shown = "".join(piece.text for piece in pieces)
    assert "6660" not in shown
    assert shown.startswith("打")
    assert shown.endswith("没人接")
    whole = pieces_of(text, [part(0, 5), part(5, len(text))], [Sought("666")], sees_it=True)
    assert "".join(piece.text for piece in whole) == text
