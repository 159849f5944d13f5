"""Simulated responses, what they take, and what two versions differ in."""

from __future__ import annotations

import msgspec
import pytest

from zhiyin.collect.surveys import lasting
from zhiyin.collect.surveys.definition import Choice, Ending, Page, Question
from zhiyin.collect.surveys.differing import Difference, differences
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.collect.surveys.tests.written import NPS, asking, choices, survey
from zhiyin.collect.surveys.trying import MOST, tried
from zhiyin.kernel.errors import Problem

replace = msgspec.structs.replace


def test_simulated_responses_go_where_the_conditions_lead_them() -> None:
    """NPS is drawn evenly: 7 of 11 are at most 6. Would catch a count of pages that are hidden."""
    found = tried(FLIGHT, n=400, seed=1)
    shown = found.shown
    assert shown["/pages/0"] == shown["/pages/2"] == shown["/pages/0/questions/0"] == 400
    low = shown["/pages/1"]
    assert abs(low / 400 - 7 / 11) < 0.1
    assert shown["/endings/0"] == low
    assert shown["/endings/1"] == 400 - low
    assert 0 < shown["/pages/1/questions/1"] < low
    assert 0 < shown["/pages/1/questions/0/choices/1"] < low
    assert not found.stuck
    assert tried(FLIGHT, n=400, seed=1) == found
    assert tried(FLIGHT, n=400, seed=2) != found


def test_rare_paths_are_walked_too() -> None:
    asked = survey(
        (asking("minutes", "number", at_most=100_000), asking("day", "date"),
         asking("word", "text")),
        (asking("exact", "comment", shown_if="minutes = 77777"),
         asking("on", "comment", shown_if="day = 2031-05-06"),
         asking("said", "comment", shown_if="word contains 'refund'"),
         asking("field", "comment", shown_if="field.city = 'Tallinn'"),
         asking("none", "comment", shown_if="minutes > 5 and minutes < 6")),
    )  # fmt: skip
    shown = tried(asked, n=300, seed=3).shown
    assert all(shown[f"/pages/1/questions/{at}"] > 5 for at in range(4))
    assert shown["/pages/1/questions/4"] == 0
    assert shown["/endings"] == 300


def test_a_question_that_takes_no_answer_is_said_to_hold_people_up() -> None:
    """Two of three must be chosen, and only one of them is offered to who gives a low score."""
    few = (Choice("a", {"en": "A"}), *(
        Choice(value, {"en": value}, shown_if="recommend > 6") for value in "bc"
    ))  # fmt: skip
    asked = survey(
        (Question("recommend", "nps", is_required=True),),
        (asking("why", "multiple", choices=few, at_least=2, is_required=True),),
    )
    found = tried(asked, n=200, seed=4)
    stuck = found.stuck["/pages/1/questions/0"]
    assert abs(stuck / 200 - 7 / 11) < 0.12
    fine = replace(asked, pages=(asked.pages[0], replace(asked.pages[1], questions=(
        asking("why", "multiple", choices=choices("a", "b", "c"), at_least=2, is_required=True),
    ))))  # fmt: skip
    assert not tried(fine, n=200, seed=4).stuck


def test_what_cannot_be_tried_is_said() -> None:
    for n in (0, MOST + 1):
        with pytest.raises(Problem) as size:
            tried(FLIGHT, n=n, seed=1)
        assert size.value.code == "survey.trial-size"
    with pytest.raises(Problem) as broken:
        tried(survey((NPS, asking("why", "text", shown_if="recommend <"))), n=1, seed=1)
    assert broken.value.code == "survey.trial-conditions"
    assert "/pages/0/questions/1/shown_if" in str(broken.value)


# How long it takes


def test_reading_typing_and_choosing_add_up() -> None:
    one = survey((Question("a", "comment", {"en": "word " * 238}),))
    found = lasting.longest(one, "en")
    assert found.reading == pytest.approx(60)
    assert found.typing == pytest.approx(60 * 12 / 36)
    assert found.seconds == pytest.approx(found.reading + found.choosing + found.typing)
    assert lasting.reading("字" * 255) == pytest.approx(60)
    rows = survey((asking("m", "matrix", rows=choices("a", "b", "c")),))
    assert lasting.longest(rows, "en").choosing == lasting.PAGE_SECONDS + 3 * lasting.SCALE_SECONDS


def test_who_is_asked_less_needs_less_time() -> None:
    middle, low, high = tried(FLIGHT, n=200, seed=1).seconds
    assert low <= middle <= high <= lasting.longest(FLIGHT, "en").seconds


# What is otherwise


def test_each_difference_of_two_versions_is_named_once() -> None:
    first, wrong, you = FLIGHT.pages
    assert differences(FLIGHT, FLIGHT) == []
    after = replace(
        FLIGHT,
        channel="app",
        pages=(
            replace(first, questions=(first.questions[1], first.questions[0])),
            replace(wrong, shown_if="nps <= 5"),
            Page("new", (NPS,)),
            you,
        ),
        endings=(replace(FLIGHT.endings[0], text={"en": "Sorry"}), Ending({"en": "More"})),
    )
    found = differences(FLIGHT, after)
    assert Difference("survey", "changed", "", ("channel",)) in found
    assert Difference("page", "changed", "wrong", ("shown_if",)) in found
    assert Difference("page", "added", "new") in found
    assert Difference("question", "added", "recommend") in found
    assert Difference("question", "removed", "parts") in found
    assert Difference("ending", "changed", "1", ("text",)) in found
    moved = [one.name for one in found if one.how == "moved"]
    assert moved in (["why"], ["nps"])
    assert len(found) == len(set(found)) == 8


def test_steps_and_bounds_of_days_hold_nobody_up() -> None:
    must = {"is_required": True}
    asked = survey((
        asking("half", "number", at_least=3, at_most=9, step=0.5, **must),
        asking("five", "number", step=5, **must),
        asking("soon", "date", earliest="today", latest="today+3d", **must),
        asking("adult", "date", latest="today-18y", **must),
        asking("picture", "file", **must),
    ))  # fmt: skip
    found = tried(asked, n=100, seed=4)
    assert not found.stuck
    assert found.shown["/endings"] == 100
