"""Queries that differ in dates and words alone are written from one SQL, as if written anew."""

from __future__ import annotations

from datetime import datetime

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.warehouse import lang, shapes
from zhiyin.warehouse.log import Schema

SCHEMA = Schema(1, {"answers": {"region": "text"}})
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))
WORDS = st.text(max_size=6) | st.sampled_from(["'", "''", "‹0›", "\\", "a'b\n", "‹1›'"])


def query(start: datetime, end: datetime, word: str, choice: str) -> lang.Expression:
    answers = lang.table(SCHEMA, "answers")
    held = answers.filter(answers.score.notnull()).mutate(num=answers.score * 2)
    words = lang.words()
    codes = words.filter((words.domain == "d_region") & (words.word == word)).code
    held = held.filter(held.occurred_at >= lang.timestamp(start), held.d_region.isin(codes))
    held = held.filter(held.choice != choice)
    half = lang.ifelse(held.occurred_at < lang.timestamp(end), 0, 1)
    return held.select("customer", "num", half=half, said=lang.literal(choice))


def written_anew(asked: lang.Expression) -> str:
    return str(ibis.to_sql(asked, dialect="duckdb", pretty=False))


@given(start=TIMES, end=TIMES, word=WORDS, choice=WORDS)
@settings(max_examples=40, deadline=None)
def test_what_is_kept_is_what_would_be_written(
    start: datetime, end: datetime, word: str, choice: str
) -> None:
    """Would catch a word that is not escaped, and one that another's place is taken for."""
    asked = query(start, end, word, choice)
    assert lang.compile_sql(asked) == written_anew(asked)


def test_another_period_and_another_word_are_not_written_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lang.compile_sql(query(datetime(2026, 1, 1), datetime(2026, 2, 1), "north", "waiting"))
    monkeypatch.delattr(shapes, "_direct")
    found = lang.compile_sql(query(datetime(2026, 3, 1), datetime(2026, 4, 1), "east", "waiting"))
    assert "MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)" in found
    assert "'east'" in found
    assert "'north'" not in found


def test_equal_and_different_literals_have_different_shapes() -> None:
    """Would catch a kept SQL in which two places are one."""
    for start, end in ((1, 1), (1, 2), (2, 1)):
        asked = query(datetime(2026, start, 1), datetime(2026, end, 1), "a", "a")
        assert lang.compile_sql(asked) == written_anew(asked)


def test_numbers_of_different_types_are_not_one_shape() -> None:
    answers = lang.table(SCHEMA, "answers")
    for number in (1, 1.0, True):
        asked = answers.filter(answers.choice == "a").select("seq", n=lang.literal(number))
        assert lang.compile_sql(asked) == written_anew(asked)
