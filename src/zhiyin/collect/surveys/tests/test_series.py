"""Where a question is asked otherwise, somebody decides whether its series goes on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from zhiyin.collect.surveys import series
from zhiyin.collect.surveys.definition import Choice, Question, Survey
from zhiyin.collect.surveys.tests.written import NPS, asking, choices, survey
from zhiyin.kernel.errors import Problem

RATED = asking("rated", "rating", low={"en": "bad"}, high={"en": "good"})
WHICH = asking("which", "single", choices=choices("a", "b"))
GRID = asking("grid", "matrix", rows=choices("staff", "price"))
FIRST = survey((NPS, RATED, WHICH, GRID, asking("why", "comment")))


def but(question: Question, **more: Any) -> Survey:
    """The survey with one question otherwise."""
    page = FIRST.pages[0]
    asked = tuple(
        msgspec.structs.replace(one, **more) if one.name == question.name else one
        for one in page.questions
    )
    pages = (msgspec.structs.replace(page, questions=asked),)
    return msgspec.structs.replace(FIRST, pages=pages)


def what(now: Survey, before: Survey = FIRST) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.question, one.what) for one in series.changed(now, [(1, before)])]


@pytest.mark.parametrize(
    ("question", "more", "expected"),
    [
        (RATED, {"title": {"en": "Otherwise?"}}, ("wording",)),
        (RATED, {"high": {"en": "great"}}, ("wording",)),
        (RATED, {"scale_max": 7}, ("scale",)),
        (RATED, {"direction": "down"}, ("scale",)),
        (RATED, {"look": "stars"}, ("look",)),
        (RATED, {"type": "csat"}, ("type",)),
        (WHICH, {"choices": choices("b", "a")}, ("choices",)),
        (WHICH, {"choices": choices("a", "b", "c")}, ("choices",)),
        (WHICH, {"choices": (Choice("a", {"en": "Ay"}), WHICH.choices[1])}, ("wording",)),
        (WHICH, {"is_shuffled": True}, ("choices",)),
        (WHICH, {"has_other": True}, ("choices",)),
        (GRID, {"rows": choices("price", "staff")}, ("choices",)),
        (GRID, {"rows": choices("staff", "price", "speed")}, ()),  # which is a series of its own
        (RATED, {"title": {"en": "About rated?", "zh-Hans": "评分？"}}, ()),
        (RATED, {"help": {"en": "x"}, "is_required": True, "shown_if": "recommend < 7"}, ()),
        (RATED, {"series": "rated_anew", "scale_max": 7}, ()),
    ],
)  # fmt: skip
def test_what_counts_as_asked_otherwise(
    question: Question, more: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert what(but(question, **more)) == ([(question.name, expected)] if expected else [])


def test_the_fixed_wording_says_the_company() -> None:
    renamed = msgspec.structs.replace(FIRST, company={"en": "Other"})
    assert what(renamed) == [("recommend", ("wording",))]


def test_it_is_the_last_version_that_asked_it_that_counts() -> None:
    """Would catch a question that comes back, changed, after a version without it."""
    without = survey((NPS,))
    now = but(RATED, scale_max=7)
    found = series.changed(now, [(1, FIRST), (2, without)])
    assert [(one.question, one.version) for one in found] == [("rated", 1)]


def test_each_changed_question_is_decided() -> None:
    now = but(RATED, scale_max=7)
    for decisions, code in (
        ({}, "survey.series-undecided"),
        ({"why": "same"}, "survey.series-undecided"),
        ({"rated": "perhaps"}, "survey.series-decision"),
        ({"rated": "same", "nobody": "new"}, "survey.series-decision"),
    ):
        with pytest.raises(Problem) as caught:
            series.decided(now, [(1, FIRST)], decisions)
        assert caught.value.code == code
    assert series.decided(now, [(1, FIRST)], {"rated": "same"}) == now


def test_a_new_series_gets_a_number_that_none_has_had() -> None:
    now = series.decided(but(RATED, scale_max=7), [(1, FIRST)], {"rated": "new"})
    assert [item.series for item in now.items()][:2] == ["recommend", "rated-2"]
    later = series.with_series(but(RATED, scale_max=5), {"rated": "rated-2"})
    third = series.decided(later, [(1, FIRST), (2, now)], {"rated": "new", "grid": "new"})
    assert [item.series for item in third.items()] == [
        "recommend", "rated-3", "which", "grid-2.staff", "grid-2.price", "why",
    ]  # fmt: skip
