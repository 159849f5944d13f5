"""What a search for a word finds, in a page and in a database alike."""

from __future__ import annotations

import re

import duckdb
import pytest

from zhiyin.kernel import wordforms
from zhiyin.kernel.wordforms import Sought

FOUND = [
    ("退款", "上周退款了", True),
    ("发票", "沒有發票", True),
    ("發票", "没有发票", True),
    ("頭髮", "头发", True),
    ("里", "在裡面", True),
    ("慢", "快", False),
    ("refunded", "When is the Refund?", True),
    ("cancellation", "they cancelled it", True),
    ("cancel", "Cancellation fee", True),
    ("running", "the belt runs", True),
    ("running", "the runway", False),
    ("delay", "DELAYED again", True),
    ("delay", "dela yed", False),
    ("app退款", "用APP退款很慢", True),
    ("c++", "c++ is", True),
    ("a.b", "axb", False),
    ("50%", "50% off", True),
    ("it's", "IT'S LATE", True),
    ("x]", "[x]", True),
    ("\\d", "7", False),
]


@pytest.mark.parametrize(("word", "text", "is_found"), FOUND)
def test_words_are_found_in_their_forms(word: str, text: str, is_found: bool) -> None:
    (sought,) = wordforms.asked(word, most=5)
    assert any(wordforms.spans(text, sought)) is is_found


@pytest.mark.parametrize(("word", "text", "is_found"), FOUND)
def test_a_database_finds_the_same(word: str, text: str, is_found: bool) -> None:
    (sought,) = wordforms.asked(word, most=5)
    wanted = wordforms.pattern(sought)
    sql = "SELECT contains($1, $2)" if wanted is None else "SELECT regexp_matches($1, $2)"
    with duckdb.connect() as base:
        row = base.execute(sql, [text, sought.words if wanted is None else wanted]).fetchone()
    assert row == (is_found,)


@pytest.mark.parametrize(("word", "text", "is_found"), FOUND)
def test_what_is_found_has_what_is_needed(word: str, text: str, is_found: bool) -> None:
    """Would catch a quick look that loses what the slow one finds."""
    (sought,) = wordforms.asked(word, most=5)
    needed = wordforms.needed(sought)
    if is_found and needed is not None:
        assert re.search(needed, text)


def test_a_phrase_is_found_as_it_stands() -> None:
    (phrase,) = wordforms.asked('"refunded late"', most=5)
    assert phrase == Sought("refunded late", is_phrase=True)
    assert list(wordforms.spans("was Refunded Late!", phrase)) == [(4, 17)]
    assert not list(wordforms.spans("refund late", phrase))
    (chinese,) = wordforms.asked("“开发票”", most=5)
    assert list(wordforms.spans("要開發票", chinese)) == [(1, 4)]


def test_what_was_typed_is_taken_apart_once() -> None:
    asked = wordforms.asked('Slow slow "slow" 慢', most=20)
    assert asked == (Sought("slow", False), Sought("slow", True), Sought("慢", False))
    assert len(wordforms.asked(" ".join(map(str, range(50))), most=20)) == 20
    assert wordforms.asked("  ", most=20) == ()
