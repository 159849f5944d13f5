"""A text cut into clauses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.listen.clauses import MOST, split


def pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("物流很快，包装也不错。但是态度差！😡", ["物流很快，", "包装也不错。", "但是态度差！😡"]),
        ("价格有点贵不过质量可以", ["价格有点贵", "不过质量可以"]),
        ("好吃，实惠，下次还来", ["好吃，实惠，", "下次还来"]),
        ("一直loading，APP闪退，login不了", ["一直loading，", "APP闪退，", "login不了"]),
        ("很好", ["很好"]),
        ("Great food, terrible service!!! :(", ["Great food,", "terrible service!!! :("]),
        ("Mr. Smith was kind. It cost 3.5 dollars", ["Mr. Smith was kind.", "It cost 3.5 dollars"]),
        ("It was cheap but it broke at once", ["It was cheap", "but it broke at once"]),
        ("花了1,280元", ["花了1,280元"]),
        ("第一行很好\n第二行不好", ["第一行很好", "第二行不好"]),
        ("😡", ["😡"]),
        (" \n ", []),
        ("", []),
    ],
)  # fmt: skip
def test_clauses_are_cut_where_one_thing_ends(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text(alphabet=st.sampled_from("好坏 但是,，.。!？ab 1\n~😡、;“”"), max_size=60))
def test_clauses_stand_in_order_and_leave_nothing_but_gaps(text: str) -> None:
    """Would catch an offset that is off by one, or words that no clause holds."""
    at = 0
    for span in split(text):
        assert not text[at : span.start].strip()
        assert span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        at = span.end
    assert not text[at:].strip()


def test_a_text_without_punctuation_is_cut_all_the_same() -> None:
    text = "word " * 200
    assert max(map(len, pieces(text))) <= MOST
    assert " ".join(pieces(text)).split() == text.split()
