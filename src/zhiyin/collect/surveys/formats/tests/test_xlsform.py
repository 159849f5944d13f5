"""What comes over from XLSForms."""

from __future__ import annotations

import pytest

from zhiyin.collect.surveys import checking
from zhiyin.collect.surveys.formats.tests.files import (
    brought,
    logic,
    outcomes,
    questions,
    workbook,
)
from zhiyin.kernel.errors import Problem

HEAD: list[object] = ["type", "name", "label::English (en)", "label::中文 (zh)", "relevant",
                      "required", "constraint", "parameters", "choice_filter"]  # fmt: skip
CHOICES: list[list[object]] = [
    ["list_name", "name", "label::English (en)", "label::中文 (zh)", "country"],
    ["yn", "yes", "Yes", "是"],
    ["yn", "no", "No", "否"],
    ["city", "rio", "Rio", "里约", "br"],
    ["city", "xian", "Xi'an", "西安", "cn"],
    ["country", "br", "Brazil", "巴西"],
    ["country", "cn", "China", "中国"],
]
SETTINGS: list[list[object]] = [
    ["form_title", "default_language"], ["Visit", "English (en)"],
]  # fmt: skip


def _form(*rows: list[object]) -> bytes:
    return workbook(survey=[HEAD, *rows], choices=CHOICES, settings=SETTINGS)


def _both(kind: str, name: str, *more: object) -> list[object]:
    return [kind, name, f"About {name}?", f"关于{name}？", *more]


def test_sheets_become_a_survey_in_two_languages() -> None:
    found = brought("a.xlsx", _form(
        _both("select_one yn", "came", "", "yes"),
        _both("select_multiple city or_other", "where", "${came} = 'yes'"),
        _both("rank city", "best", "selected(${where}, 'rio')"),
        _both("integer", "age", "", "", ". >= 18 and . < 100"),
        _both("note", "thanks", "not(selected(${came}, 'yes')) or ${age} > 60"),
        _both("date", "day", "string-length(${why}) > 0"),
        _both("acknowledge", "agreed"),
    ))  # fmt: skip
    asked = questions(found)
    assert found.survey.spoken() == ("en", "zh-Hans")
    assert {name: one.type for name, one in asked.items()} == {
        "came": "single", "where": "multiple", "best": "ranking", "age": "number",
        "thanks": "statement", "day": "date", "agreed": "consent",
    }  # fmt: skip
    assert asked["came"].is_required
    assert asked["where"].has_other
    assert (asked["age"].at_least, asked["age"].at_most) == (18, 99)
    assert asked["came"].choices[0].label == {"en": "Yes", "zh-Hans": "是"}
    assert logic(found) == {
        "where": "came = 'yes'",
        "best": "where.rio = true",
        "thanks": "came != 'yes' or age > 60",
    }
    assert [o for o, _n in outcomes(found, "day: relevant")] == ["lost"]
    assert checking.faults(found.survey) == []


def test_labels_without_a_language_stand_beside_those_with_one() -> None:
    found = brought("a.xlsx", workbook(
        survey=[["type", "name", "label", "label::中文 (zh)"],
                ["select_one yn", "good", "Good day?", "今天好吗？"]],
        choices=[["list_name", "name", "label", "label::中文 (zh)"],
                 ["yn", "yes", "Yes", "是"], ["yn", "no", "No", "否"]],
    ))  # fmt: skip
    assert found.survey.spoken() == ("en", "zh-Hans")
    asked = questions(found)["good"]
    assert asked.title == {"en": "Good day?", "zh-Hans": "今天好吗？"}
    assert asked.choices[1].label == {"en": "No", "zh-Hans": "否"}
    ((outcome, note),) = outcomes(found, "label")
    assert (outcome, note) == ("changed", "Texts without a language are taken for en.")


def test_groups_are_pages_whose_conditions_hold_within() -> None:
    found = brought("a.xlsx", _form(
        _both("select_one yn", "came"),
        _both("begin group", "more", "${came} = 'yes'"),
        _both("text", "why"),
        _both("begin repeat", "again", "${why} != ''"),
        _both("text", "what"),
        ["end repeat"], ["end group"],
        _both("text", "last"),
    ))  # fmt: skip
    assert [page.name for page in found.survey.pages] == ["page", "more", "page_2"]
    assert logic(found)["what"] == "came = 'yes' and why is not missing"
    assert "last" not in logic(found)
    assert outcomes(found, "again") == [("changed", "What is repeated is asked once.")]


def test_a_filter_of_choices_shows_each_by_its_column() -> None:
    found = brought("a.xlsx", _form(
        _both("select_one country", "country"),
        _both("select_one city", "city", "", "", "", "", "country=${country}"),
    ))  # fmt: skip
    assert [one.shown_if for one in questions(found)["city"].choices] == [
        "country = 'br'", "country = 'cn'",
    ]  # fmt: skip
    assert checking.faults(found.survey) == []


def test_a_range_is_a_score() -> None:
    found = questions(brought("a.xlsx", _form(
        ["range", "nps", "Would you recommend us?", "您会推荐我们吗？", "", "", "",
         "start=0 end=10 step=1"],
        _both("range", "stars", "", "", "", "start=1 end=5"),
        _both("range", "share", "", "", "", "start=0 end=100 step=5"),
    )))  # fmt: skip
    assert {name: one.type for name, one in found.items()} == {
        "nps": "nps", "stars": "rating", "share": "number",
    }  # fmt: skip
    assert (found["stars"].scale, found["share"].at_most) == ((1, 5), 100)


def test_spellings_of_older_files_are_read() -> None:
    found = brought("a.xlsx", workbook(
        survey=[["type", "name", "label:English", "bind:relevant"],
                ["select one from yn", "good", "Good day?"],
                ["select all that apply from yn", "all", "All?"],
                ["string", "why", "Why?", "${good}='no'"]],
        choices=[["list name", "name", "label:English"], ["yn", "yes", "Yes"], ["yn", "no", "No"]],
    ))  # fmt: skip
    assert {name: one.type for name, one in questions(found).items()} == {
        "good": "single", "all": "multiple", "why": "text",
    }  # fmt: skip
    assert logic(found) == {"why": "good = 'no'"}


@pytest.mark.parametrize(
    ("sheets", "code", "says"),
    [
        ({"answers": [["a"], ["1"]]}, "survey.not-one", "answers"),
        ({"survey": [["kind"], ["text"]]}, "survey.file-broken", "type"),
        ({"survey": [["type", "name"], ["end group", ""]]}, "survey.file-broken", "Row 2"),
        ({"survey": [["type", "name"], *([["begin group", "g"]] * 30)]}, "survey.file-broken",
         "Row 22"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_with_the_place(
    sheets: dict[str, list[list[object]]], code: str, says: str
) -> None:
    with pytest.raises(Problem) as caught:
        brought("a.xlsx", workbook(**sheets))
    assert caught.value.code == code
    assert says in str(caught.value)


def test_unknown_types_and_lists_are_named_by_row() -> None:
    found = brought("a.xlsx", _form(
        _both("geopoint", "spot"), _both("select_one nobody", "which"), _both("start", "begun"),
        _both("text", "q", "", "", "starts-with(., 'a')"),
        _both("text", "code", "", "", "regex(., '[a-z]+')"), _both("image", "photo"),
    ))  # fmt: skip
    assert outcomes(found, "spot") == [
        ("lost", "Row 2: questions of type geopoint have no equal here.")
    ]
    assert "no list" in outcomes(found, "which: nobody")[0][1]
    assert questions(found)["which"].type == "text"
    assert outcomes(found, "begun")[0][0] == "lost"
    assert "starts-with" in outcomes(found, "q: constraint")[0][1]
    assert questions(found)["code"].pattern == "[a-z]+"
    assert not outcomes(found, "code: constraint")
    assert questions(found)["photo"].type == "file"
