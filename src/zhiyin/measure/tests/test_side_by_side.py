"""Works beside one another: their order, their language, their faults."""

from __future__ import annotations

import threading

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, in_language, language
from zhiyin.measure import side_by_side


def test_they_are_done_at_once_and_given_back_in_order() -> None:
    met = threading.Barrier(2, timeout=30)

    def one(number: int) -> int:
        met.wait()  # alone, neither would ever come past this
        return number

    assert side_by_side.found([lambda: one(1), lambda: one(2)]) == [1, 2]


def test_each_speaks_the_language_of_who_asks() -> None:
    for code in ("zh-hans", "en"):
        with in_language(code):
            assert side_by_side.found([language]) == [code]


def test_a_fault_is_the_callers() -> None:
    def wrong() -> int:
        raise Problem(
            "score.mixed-kinds",
            _("Answers of different kinds are never in one figure: {questions}.", questions="q"),
            None,
        )

    with pytest.raises(Problem, match="different kinds"):
        side_by_side.found([lambda: 1, wrong])
