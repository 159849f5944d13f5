"""What comes over from LimeSurvey."""

from __future__ import annotations

import pytest

from zhiyin.collect.surveys import checking
from zhiyin.collect.surveys.formats.tests.files import (
    asked,
    brought,
    logic,
    lss,
    outcomes,
    part,
    questions,
    words,
)


def _labelled(qid: int, codes: dict[str, str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Answers with their texts, as version 4 and later keep them."""
    answers = [
        {"aid": f"{qid}{n}", "qid": str(qid), "code": code, "sortorder": str(n), "scale_id": "0"}
        for n, code in enumerate(codes)
    ]
    texts = [
        {"aid": f"{qid}{n}", "answer": text, "language": "en"}
        for n, text in enumerate(codes.values())
    ]
    return answers, texts


def test_both_generations_say_the_same() -> None:
    old = lss(
        questions=[asked(1, "L", "where", question="Where?", language="en", help="Choose")],
        answers=[
            {"qid": "1", "code": "B", "answer": "Web", "sortorder": "2", "language": "en"},
            {"qid": "1", "code": "A", "answer": "Shop", "sortorder": "1", "language": "en"},
        ],
    )
    answers, texts = _labelled(1, {"A": "Shop", "B": "Web"})
    new = lss(
        questions=[asked(1, "L", "where")],
        question_l10ns=[{"qid": "1", "question": "Where?", "help": "Choose", "language": "en"}],
        answers=answers,
        answer_l10ns=texts,
    )
    assert brought("old.lss", old) == brought("new.lss", new)
    found = questions(brought("old.lss", old))["where"]
    assert [(c.value, c.label["en"]) for c in found.choices] == [("A", "Shop"), ("B", "Web")]
    assert found.help == {"en": "Choose"}


def test_each_type_has_its_equal() -> None:
    kinds = "5DGNSTUXY"
    listed = [asked(n, kind, f"q{kind}") for n, kind in enumerate(kinds, start=1)]
    parts = [part(100, 20, "a"), part(101, 20, "b"), part(102, 21, "a"), part(103, 22, "a"),
             part(104, 23, "a"), part(105, 24, "a")]  # fmt: skip
    listed += [asked(20, "M", "many"), asked(21, "A", "five"), asked(22, "B", "ten"),
               asked(23, "C", "yesno"), asked(24, "K", "numbers"), asked(25, "|", "upload"),
               asked(26, "I", "tongue"), asked(27, "*", "sum")]  # fmt: skip
    found = brought("a.lss", lss(questions=listed, subquestions=parts))
    assert {name: (one.type, one.scale if one.rows else None)
            for name, one in questions(found).items()} == {
        "q5": ("rating", None), "qD": ("date", None), "qG": ("single", None),
        "qN": ("number", None), "qS": ("text", None), "qT": ("comment", None),
        "qU": ("comment", None), "qX": ("statement", None), "qY": ("single", None),
        "many": ("multiple", None), "five": ("matrix", (1, 5)), "ten": ("matrix", (1, 10)),
        "yesno_a": ("single", None), "numbers_a": ("number", None), "upload": ("file", None),
    }  # fmt: skip
    assert ("changed", "It takes one picture or PDF here.") in outcomes(found, "upload")
    for element in ("tongue", "sum"):
        ((outcome, note),) = outcomes(found, element)
        assert outcome == "lost"
        assert note.startswith("No equal here: ")
    assert checking.faults(found.survey) == []


@pytest.mark.parametrize(
    ("says", "filter"),
    [
        ('where.NAOK == "A"', "where = 'A'"),
        ("((where.NAOK == 'A') and (age >= 18))", "where = 'A' and age >= 18"),
        ('many_a.NAOK == "Y" or many_b == "Y"', "many.a = true or many.b = true"),
        ("many_a == ''", "many.a != true"),
        ('where ne "A" && !is_empty(age)', "where != 'A' and age is not missing"),
        ("is_empty(age.NAOK)", "age is missing"),
        ("7X1X1.NAOK == 'B'", "where = 'B'"),
        ("7X1X3b.NAOK == 'Y'", "many.b = true"),
        ('age!=""', "age is not missing"),
        ("1", ""),
    ],
)
def test_relevance_becomes_filters(says: str, filter: str) -> None:
    answers, texts = _labelled(1, {"A": "Shop", "B": "Web"})
    found = brought("a.lss", lss(
        questions=[asked(1, "L", "where"), asked(2, "N", "age"), asked(3, "M", "many"),
                   asked(4, "T", "why", relevance=says)],
        subquestions=[part(10, 3, "a"), part(11, 3, "b")],
        answers=answers, answer_l10ns=texts,
    ))  # fmt: skip
    assert logic(found) == ({"why": filter} if filter else {})
    assert checking.faults(found.survey) == []


def test_conditions_of_old_files_hold_by_scenario() -> None:
    def row(scenario: str, cqid: str, field: str, value: str) -> dict[str, str]:
        return {"qid": "9", "scenario": scenario, "cqid": cqid, "cfieldname": field,
                "method": "==", "value": value}  # fmt: skip

    found = brought("a.lss", lss(
        questions=[asked(1, "Y", "a"), asked(2, "Y", "b"), asked(3, "M", "m"),
                   asked(9, "T", "why", relevance="1")],
        subquestions=[part(10, 3, "x")],
        conditions=[row("1", "1", "7X1X1", "Y"), row("1", "1", "7X1X1", "N"),
                    row("1", "2", "7X1X2", "Y"), row("2", "3", "+7X1X3x", "Y")],
    ))  # fmt: skip
    assert logic(found) == {"why": "(a = 'Y' or a = 'N') and b = 'Y' or m.x = true"}


def test_a_row_is_shown_where_its_code_was_chosen_before() -> None:
    found = brought("a.lss", lss(
        questions=[asked(1, "M", "used"), asked(2, "A", "rated")],
        subquestions=[part(10, 1, "a"), part(11, 1, "b"), part(12, 2, "a"), part(13, 2, "b")],
        question_attributes=[{"qid": "2", "attribute": "array_filter", "value": "used"}],
    ))  # fmt: skip
    rows = questions(found)["rated"].rows
    assert [row.shown_if for row in rows] == ["used.a = true", "used.b = true"]
    assert checking.faults(found.survey) == []


def test_scores_are_known_by_codes_and_words() -> None:
    numbers = {str(n): str(n) for n in range(11)}
    answers, texts = _labelled(1, numbers)
    more, others = _labelled(2, {str(n): str(n) for n in range(1, 8)})
    found = questions(brought("a.lss", lss(
        questions=[asked(1, "L", "nps"), asked(2, "L", "ces")],
        question_l10ns=words({1: "How likely are you to recommend us?",
                              2: "They made it easy to handle my issue"}),
        answers=[*answers, *more], answer_l10ns=[*texts, *others],
    )))  # fmt: skip
    assert (found["nps"].type, found["nps"].scale) == ("nps", (0, 10))
    assert (found["ces"].type, found["ces"].scale, found["ces"].better) == ("ces", (1, 7), "up")


def test_texts_of_the_whole_and_markup() -> None:
    settings = {"surveyls_language": "en", "surveyls_title": "<b>Visit</b>",
                "surveyls_welcometext": "<p>Hello&amp;welcome</p><script>x()</script>",
                "surveyls_endtext": "Bye", "surveyls_url": "https://example.org/"}  # fmt: skip
    survey = {"sid": "7", "language": "en", "format": "A", "expires": "2026-12-31 10:00:00"}
    found = brought("a.lss", lss(
        surveys=[survey], surveys_languagesettings=[settings], questions=[asked(1, "S", "name")],
        question_l10ns=words({1: 'Hi {TOKEN:FIRSTNAME} <img src="x.png">'}),
    ))  # fmt: skip
    made = found.survey
    assert (made.title, made.welcome) == ({"en": "Visit"}, {"en": "Hello&welcome"})
    assert str(made.closes_on) == "2026-12-31"
    assert (made.endings[0].text, made.endings[0].link) == ({"en": "Bye"}, "https://example.org/")
    assert outcomes(found, "format") == [("changed", "Each group of questions is a page here.")]
    assert questions(found)["name"].title == {"en": "Hi {field.firstname}"}
    assert outcomes(found, "name")[0] == ("lost", "Not words: img.")


def test_answers_that_a_text_quotes_are_piped_where_they_were_given_before() -> None:
    found = brought("a.lss", lss(
        groups=[{"gid": "1", "group_order": "1"}, {"gid": "2", "group_order": "2"}],
        questions=[asked(1, "S", "where"), asked(2, "S", "same"), asked(3, "S", "after", gid="2")],
        question_l10ns=words({
            1: "Where?", 2: "In {where}?",
            3: "{where.shown}, {INSERTANS:7X1X1}, {where.NAOK}: {if(where == 1, 2)} {after}",
        }),
    ))  # fmt: skip
    made = questions(found)
    assert made["after"].title == {"en": "{where}, {where}, {where}: {{if(where == 1, 2)} {{after}"}
    # On one page nobody has answered yet.
    assert made["same"].title == {"en": "In {{where}?"}
    for name in ("same", "after"):
        assert ("changed", "Its text quotes an answer: write it anew.") in outcomes(found, name)
    assert checking.faults(found.survey) == []


def test_what_shows_a_question_may_stand_among_its_attributes() -> None:
    found = brought("a.lss", lss(
        questions=[asked(1, "S", "where"), asked(2, "S", "why", relevance="")],
        question_attributes=[{"qid": "2", "attribute": "relevance", "value": "where == 'home'"}],
    ))  # fmt: skip
    assert logic(found) == {"why": "where = 'home'"}
    assert outcomes(found, "why") == [("kept", "")]


@pytest.mark.parametrize(
    ("preg", "kept"),
    [
        (r"/^[0-9]{5}$/", "[0-9]{5}"),
        ("#abc#i", "(?i:(?s:.*)abc(?s:.*))"),
        ("/^a|b$/", "(?s:.*)(?:^a|b$)(?s:.*)"),
        ("/(?=a)b/", ""),
        ("/a/x", ""),
        ("a", ""),
    ],
)
def test_the_form_of_a_text_comes_over_where_it_has_an_equal(preg: str, kept: str) -> None:
    found = brought("a.lss", lss(questions=[asked(1, "S", "q", preg=preg)]))
    assert questions(found)["q"].pattern == kept
    assert checking.faults(found.survey) == []
    is_lost = ("lost", f"No equal here: preg {preg}.") in outcomes(found, "q")
    assert is_lost == (not kept)


def test_quotas_are_named() -> None:
    found = brought("a.lss", lss(questions=[asked(1, "S", "q")], quota=[{"name": "Men"}]))
    assert outcomes(found, "quota: Men") == [("lost", "No equal here: quota.")]
