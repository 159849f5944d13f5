"""What comes over from SurveyJS."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.collect.surveys import checking, definition
from zhiyin.collect.surveys.formats.tests.files import (
    brought,
    logic,
    outcomes,
    questions,
    surveyjs,
)
from zhiyin.collect.surveys.tests.written import NPS, survey

REASONS = {"type": "checkbox", "name": "reasons", "title": "Why?",
           "choices": ["slow", {"value": "rude", "text": "Rude staff"}], "showNoneItem": True,
           "showOtherItem": True}  # fmt: skip
STARS = {"type": "rating", "name": "stars", "title": "How was it?"}
WHERE = {"type": "radiogroup", "name": "where", "title": "Where?", "choices": [1, 2, 3]}
WHY = {"type": "comment", "name": "why", "title": "Why?"}


def test_a_rating_from_0_to_10_that_asks_for_a_recommendation_is_nps() -> None:
    found = brought("a.json", surveyjs(
        {"type": "rating", "name": "r", "title": "Would you recommend us?", "rateMin": 0,
         "rateMax": 10},
        {"type": "rating", "name": "legacy", "title": "Would you recommend us?", "rateMin": 1,
         "rateMax": 10},
    ))  # fmt: skip
    asked = questions(found)
    assert (asked["r"].type, asked["r"].scale) == ("nps", (0, 10))
    assert (asked["legacy"].type, asked["legacy"].scale) == ("rating", (1, 10))
    assert checking.faults(found.survey) == []


def test_choices_keep_their_values_and_what_excludes_others() -> None:
    found = questions(brought("a.json", surveyjs(REASONS)))["reasons"]
    assert [one.value for one in found.choices] == ["slow", "rude", "none"]
    assert [one.is_exclusive for one in found.choices] == [False, False, True]
    assert found.has_other
    assert found.choices[1].label == {"en": "Rude staff"}


@pytest.mark.parametrize(
    ("says", "filter"),
    [
        ("{stars} = 1", "stars = 1"),
        ("{stars} < 3 and {where} = '2'", "stars < 3 and where = '2'"),
        ("{stars} >= 4 or {reasons} contains 'slow'", "stars >= 4 or reasons.slow = true"),
        ("{reasons} anyof ['slow', 'rude']", "reasons.slow = true or reasons.rude = true"),
        ("{reasons} allof ['slow', 'rude']", "reasons.slow = true and reasons.rude = true"),
        ("{reasons} notcontains 'slow'", "reasons.slow != true"),
        ("{where} anyof [1, 2]", "where in ('1', '2')"),
        ("{where} noneof [1, 2]", "where not in ('1', '2')"),
        ("{where} > 1", "where in ('2', '3')"),
        ("{where} empty", "where is missing"),
        ("{where} notempty", "where is not missing"),
        ("!({where} = 1)", "where != '1'"),
        ("not ({stars} = 1 or {stars} = 2)", "not (stars = 1 or stars = 2)"),
        ("3 < {stars}", "stars > 3"),
        ("{Where} <> 1", "where != '1'"),
        ("{where} == ''", "where is missing"),
        ("{stars}", "stars is not missing"),
    ],
)
def test_conditions_become_filters(says: str, filter: str) -> None:
    found = brought("a.json", surveyjs(STARS, WHERE, REASONS, WHY | {"visibleIf": says}))
    assert logic(found) == {"why": filter}
    assert checking.faults(found.survey) == []


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("age({stars}) >= 16", "calculates"),
        ("{stars} + 1 = 2", "cannot be read"),
        ("{nobody} = 1", "nobody"),
        ("{later} = 1", "later"),
        ("{where} = 9", "does not offer"),
        ("{stars} = {where}", "compares answers with each other"),
        ("{stars} =", "ends too soon"),
        ("(" * 300 + "{stars} = 1", "nested too deeply"),
        ("[] = {where}", "list"),
    ],
)
def test_a_condition_without_an_equal_is_named_and_left_out(says: str, why: str) -> None:
    later = {"type": "text", "name": "later", "title": "And?"}
    data = surveyjs(STARS, WHERE, WHY | {"visibleIf": says}, later)
    found = brought("a.json", data)
    assert logic(found) == {}
    ((outcome, note),) = outcomes(found, "why.visibleIf")
    assert outcome == "lost"
    assert why in note
    assert checking.faults(found.survey) == []


def test_a_panel_hides_all_that_is_in_it() -> None:
    panel = {"type": "panel", "name": "more", "title": "More", "visibleIf": "{stars} < 3",
             "elements": [WHY, {**WHERE, "visibleIf": "{why} contains 'late'"}]}  # fmt: skip
    found = brought("a.json", surveyjs(STARS, panel))
    assert logic(found) == {
        "more_title": "stars < 3",
        "why": "stars < 3",
        "where": "stars < 3 and why contains 'late'",
    }


def test_texts_come_in_all_their_languages() -> None:
    words = {"default": "Why?", "zh-cn": "为什么？", "zh-tw": "為什麼？", "fr": "Pourquoi ?"}
    title = {"default": "Visit", "zh-cn": "到访", "zh-tw": "到訪"}
    found = brought("a.json", surveyjs({**WHY, "title": words}, title=title))
    assert found.survey.spoken() == ("en", "zh-Hans", "zh-Hant")
    assert questions(found)["why"].title["zh-Hans"] == "为什么？"
    ((outcome, note),) = outcomes(found, "fr")
    assert outcome == "changed"
    assert "1 texts are lacking in this language (title)" in note


@pytest.mark.parametrize(
    ("title", "language"), [("为什么？", "zh-Hans"), ("なぜですか", "ja"), ("Why?", "en")]
)
def test_texts_without_a_language_have_one_by_their_signs(title: str, language: str) -> None:
    data = surveyjs({"type": "text", "name": "q", "title": title}, title=title)
    assert brought("a.json", data).survey.language == language


def test_a_matrix_is_one_where_its_columns_are_a_scale() -> None:
    rows = ["staff", {"value": "the room", "text": "Room"}]
    scale = {"type": "matrix", "name": "m", "title": "Rate", "rows": rows,
             "columns": [{"value": n, "text": t} for n, t in
                         [(1, "Very poor"), (2, "Fair"), (3, "Excellent")]]}  # fmt: skip
    things = {"type": "matrix", "name": "t", "title": "Which?", "rows": rows,
              "columns": ["red", "blue"]}  # fmt: skip
    why = WHY | {"visibleIf": "{m.staff} = 1 and {t.the room} = 'red'"}
    found = brought("a.json", surveyjs(scale, things, why))
    asked = questions(found)
    assert asked["m"].type == "matrix"
    assert [row.value for row in asked["m"].rows] == ["staff", "the_room"]
    assert (asked["m"].low, asked["m"].high) == ({"en": "Very poor"}, {"en": "Excellent"})
    assert [asked[name].type for name in ("t_staff", "t_the_room")] == ["single", "single"]
    assert logic(found) == {"why": "m.staff = 1 and t_the_room = 'red'"}
    assert checking.faults(found.survey) == []


def test_nothing_is_dropped_without_a_word() -> None:
    elements: list[dict[str, Any]] = [
        {"type": "file", "name": "photo"},
        {"type": "paneldynamic", "name": "children"},
        {"type": "expression", "name": "sum"},
        {"type": "text", "name": "q", "defaultValue": "x", "requiredIf": "{a} = 1",
         "validators": [{"type": "regex"}]},
    ]  # fmt: skip
    more = {"triggers": [{"type": "complete"}], "calculatedValues": [{"name": "c"}], "logo": "x"}
    found = brought("a.json", surveyjs(*elements, **more))
    lost = {one.element: str(one.note) for one in found.fidelity if one.outcome == "lost"}
    assert lost.keys() == {
        "children", "sum", "q", "q.validators", "triggers[0]", "calculatedValues[0]",
        "survey",
    }  # fmt: skip
    assert lost["q"] == "No equal here: defaultValue, requiredIf."
    assert questions(found)["photo"].type == "file"
    assert lost["survey"] == "No equal here: logo."


def test_a_form_comes_over_with_what_is_said_of_another() -> None:
    check = {"type": "regex", "regex": "^[A-Z]{2}\\d{4}$", "text": "Two letters, four digits."}
    found = brought("a.json", surveyjs({"type": "text", "name": "q", "validators": [check]}))
    made = questions(found)["q"]
    assert (made.pattern, made.wrong) == ("[A-Z]{2}\\d{4}", {"en": "Two letters, four digits."})
    assert outcomes(found, "q") == [("kept", "")]


def test_answers_are_piped_from_pages_before() -> None:
    pages = [
        {"name": "a", "elements": [{"type": "text", "name": "where"}]},
        {
            "name": "b",
            "elements": [{"type": "text", "name": "why", "title": "Why {where}, {x.y}?"}],
        },
    ]
    found = brought("a.json", surveyjs(pages=pages))
    assert questions(found)["why"].title == {"en": "Why {where}, {{x.y}?"}


def test_endings_come_over_with_their_conditions() -> None:
    more = {
        "completedHtmlOnCondition": [{"expression": "{stars} > 3", "html": "<h3>Great</h3>"}],
        "completedHtml": "<p>Thank&nbsp;you</p><p>Bye</p>",
        "navigateToUrl": "https://example.org/",
    }
    first, last = brought("a.json", surveyjs(STARS, **more)).survey.endings
    assert (first.text, first.shown_if) == ({"en": "Great"}, "stars > 3")
    assert last.text == {"en": "Thank you\nBye"}
    assert last.link == "https://example.org/"


def test_our_own_document_stays_what_it_is() -> None:
    made = survey((NPS,))
    found = brought("own.json", definition.write(made))
    assert found.survey == made
    assert {one.outcome for one in found.fidelity} == {"kept"}
