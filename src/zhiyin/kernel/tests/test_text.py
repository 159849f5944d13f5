"""Sentences are rendered when they are read, in the reader's language; problems carry them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.periods import read_bound
from zhiyin.kernel.text import LANGUAGES, Text, _, best_language, in_language, language


def test_a_sentence_is_rendered_when_it_is_read() -> None:
    """Would catch a sentence that keeps the language in which it was made."""
    with in_language("zh"):
        sentence = _("The filter is empty.")
        chinese = str(sentence)
    assert str(sentence) == "The filter is empty."
    assert chinese == "筛选条件为空。"
    with in_language("zh"):
        assert str(sentence) == chinese


def test_languages_nest_and_end_with_their_block() -> None:
    assert language() == "en"
    with in_language("zh-CN"):
        with in_language("en"):
            assert language() == "en"
        assert language() == "zh-hans"
        with pytest.raises(ZeroDivisionError), in_language("en-GB"):
            raise ZeroDivisionError
        assert language() == "zh-hans"
    assert language() == "en"


def test_the_language_of_one_thread_is_not_that_of_another() -> None:
    heard: list[str] = []
    with in_language("zh"):
        other = threading.Thread(target=lambda: heard.append(language()))
        other.start()
        other.join()
    assert heard == ["en"]


@pytest.mark.parametrize(
    ("code", "best"),
    [
        ("zh", "zh-hans"),
        ("zh-CN", "zh-hans"),
        ("zh_Hans", "zh-hans"),
        ("ZH-TW", "zh-hans"),
        ("en", "en"),
        ("en-US", "en"),
        ("pt-BR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_best_language(code: str | None, best: str) -> None:
    assert best_language(code) == best
    assert best in LANGUAGES


def test_blanks() -> None:
    assert str(Text("{a} of {b}", {"a": 1, "b": "{a}"})) == "1 of {a}"
    assert str(Text("{a} is written {b}", {})) == "{a} is written {b}"  # nothing to fill in


def test_a_sentence_in_a_blank_is_rendered_in_the_same_language() -> None:
    sentence = Text(
        "The filter ends where {what} should stand.", {"what": Text("a column name", {})}
    )
    assert str(sentence) == "The filter ends where a column name should stand."
    with in_language("zh"):
        assert str(sentence) == "筛选条件在应有列名处结束了。"


def test_sentences_are_equal_with_equal_blanks() -> None:
    one = Text("{n} rows", {"n": 1})
    assert one == Text("{n} rows", {"n": 1})
    assert one != Text("{n} rows", {"n": 2})
    assert one != Text("{n} columns", {"n": 1})
    assert one != "1 rows"
    assert hash(one) == hash(Text("{n} rows", {"n": 1}))
    assert hash(Text("{n}", {"n": ["no", "hash"]}))
    assert repr(one) == "Text('{n} rows')"
    with in_language("zh"):
        assert one == Text("{n} rows", {"n": 1})


# Problems


def test_a_problem_in_both_languages() -> None:
    with pytest.raises(Problem) as refused:
        read_bound("soon", "UTC")
    problem = refused.value
    assert problem.as_dict() == {
        "code": "period.not-a-date",
        "message": "“soon” is not a date.",
        "hint": "Write dates as 2026-01-31 and times as 2026-01-31T10:00.",
    }
    assert str(problem) == f"{problem.message} {problem.hint}"
    with in_language("zh-hans"):
        chinese = problem.as_dict()
    assert chinese["code"] == "period.not-a-date"
    assert chinese["message"] == "“soon”不是日期。"
    assert chinese["hint"] not in (None, problem.as_dict()["hint"])


def test_a_filter_is_refused_in_chinese_with_the_same_mark() -> None:
    with pytest.raises(Problem) as refused:
        parse("渠道 = 小程序")
    english = str(refused.value.hint).split("\n")
    with in_language("zh"):
        chinese = str(refused.value.hint).split("\n")
    assert english[1:] == chinese[1:]
    assert (english[0], chinese[0]) == (
        "Put text in quotes: '小程序'.",
        "文本要放在引号里：'小程序'。",
    )


def test_a_problem_without_a_hint() -> None:
    problem = Problem("room.what", Text("It is {how}.", {"how": "broken"}))
    assert problem.as_dict() == {"code": "room.what", "message": "It is broken.", "hint": None}
    assert str(problem) == "It is broken."


# The clock


def test_the_clock_tells_utc_without_a_zone() -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    now = clock.now()
    assert now.tzinfo is None
    assert before <= now <= datetime.now(UTC).replace(tzinfo=None)
