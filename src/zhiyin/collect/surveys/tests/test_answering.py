"""What a form says, question by question."""

from __future__ import annotations

import time
from datetime import date

import pytest

from zhiyin.collect.surveys import answering, logic, validating
from zhiyin.collect.surveys.answering import Read
from zhiyin.collect.surveys.definition import Choice, Page, Question, Survey
from zhiyin.collect.surveys.logic import SKIPPED, Answer
from zhiyin.kernel.text import Text

PARTS = tuple(Choice(value) for value in ("price", "time", "comfort"))


def read(question: Question, **form: str | list[str]) -> Read:
    (step,) = logic.steps(Survey({}, (Page("p", (question,)),)), {}, {}, seed="r")
    fields = {name: [v] if isinstance(v, str) else v for name, v in form.items()}
    return answering.read(step, fields, today=date(2026, 3, 31), language="en")


def said(question: Question, **form: str | list[str]) -> Answer | str:
    found = read(question, **form)
    every: list[Answer | Text | str] = [*found.answers.values(), *found.wrong.values()]
    (one,) = every
    return str(one) if isinstance(one, Text) else one


def chosen(*values: str, text: str = "") -> Answer:
    return Answer("answered", chosen=values, text=text)


def test_a_scale_takes_its_points_and_nothing_else() -> None:
    nps = Question("q", "nps")
    assert said(nps, **{"a.q": "0"}) == Answer("answered", score=0.0)
    assert said(nps, **{"a.q": "10"}) == Answer("answered", score=10.0)
    for wrong in ("11", "-1", "1.5", "x", "１"):
        assert said(nps, **{"a.q": wrong}) == "Please choose a number from 0 to 10."
    assert said(Question("q", "ces", variant=2), **{"a.q": "7"}) == Answer("answered", score=7.0)


def test_nothing_is_skipped_unless_it_is_required() -> None:
    assert said(Question("q", "nps")) == SKIPPED
    assert said(Question("q", "text"), **{"a.q": "  "}) == SKIPPED
    required = Question("q", "nps", is_required=True)
    assert said(required) == "Please answer this question."


def test_states_are_taken_only_where_they_are_offered() -> None:
    offers = Question("q", "csat", has_not_applicable=True, has_dont_know=True, is_required=True)
    assert said(offers, **{"a.q": ".not_applicable"}) == Answer("not_applicable")
    assert said(offers, **{"a.q": ".dont_know"}) == Answer("dont_know")
    assert isinstance(said(Question("q", "csat"), **{"a.q": ".dont_know"}), str)


def test_choices_come_in_the_order_of_the_question() -> None:
    several = Question("q", "multiple", choices=PARTS, has_other=True)
    assert said(several, **{"a.q": ["time", "price", "time"]}) == chosen("price", "time")
    form: dict[str, str | list[str]] = {"a.q": ["other"], "t.q": " legroom "}
    assert said(several, **form) == chosen("other", text="legroom")
    assert said(several, **{"t.q": "legroom"}) == chosen("other", text="legroom")
    assert said(several, **{"a.q": "price", "t.q": "x"}) == chosen("price")
    assert said(several, **{"a.q": ["price", "bogus"]}) == "Please choose one of what is offered."
    one = Question("q", "single", choices=PARTS)
    assert said(one, **{"a.q": "other"}) == "Please choose one of what is offered."
    assert said(one, **{"a.q": ["price", "time"]}) == "Please choose one."


def test_how_many_may_be_chosen() -> None:
    choices = (*PARTS, Choice("none", is_exclusive=True))
    several = Question("q", "multiple", choices=choices, at_least=2, at_most=2)
    assert said(several, **{"a.q": ["price", "time"]}) == chosen("price", "time")
    assert said(several, **{"a.q": ["price"]}) == "Please choose at least 2."
    assert said(several, **{"a.q": ["price", "time", "comfort"]}) == "Please choose at most 2."
    assert said(several, **{"a.q": ["none"]}) == chosen("none")
    assert said(several, **{"a.q": ["none", "time"]}) == (
        "What excludes the others is chosen alone."
    )


def test_a_ranking_gives_each_place_once_and_from_the_first_on() -> None:
    ranking = Question("q", "ranking", choices=PARTS)
    places = {"k.q.time": "1", "k.q.price": "2"}
    assert said(ranking, **places) == chosen("time", "price")
    assert said(ranking, **{**places, "k.q.price": "1"}) == "Please give each place once."
    assert said(ranking, **{"k.q.time": "2"}) == (
        "Please give the places from 1 on, without a gap."
    )
    assert said(ranking, **{"k.q.time": "9"}) == "Please choose one of what is offered."
    assert said(ranking) == SKIPPED


@pytest.mark.parametrize(
    ("given", "number"), [("42", 42.0), ("4,5", 4.5), (" ４２ ", 42.0), ("-3", -3.0)]
)
def test_numbers_as_people_type_them(given: str, number: float) -> None:
    assert said(Question("q", "number"), **{"a.q": given}) == Answer("answered", score=number)


def test_numbers_keep_to_their_bounds() -> None:
    age = Question("q", "number", at_least=1, at_most=120)
    assert said(age, **{"a.q": "0"}) == "Please write a number of 1 or more."
    assert said(age, **{"a.q": "121"}) == "Please write a number of 120 or less."
    assert said(age, **{"a.q": "1e5"}) == "Please write a number."
    assert said(age, **{"a.q": "nan"}) == "Please write a number."


def test_dates_addresses_and_telephones() -> None:
    assert said(Question("q", "date"), **{"a.q": "2026-02-28"}) == chosen("2026-02-28")
    assert isinstance(said(Question("q", "date"), **{"a.q": "2026-02-30"}), str)
    assert said(Question("q", "email"), **{"a.q": "a@b.cn"}) == Answer("answered", text="a@b.cn")
    assert isinstance(said(Question("q", "email"), **{"a.q": "a@b"}), str)
    assert said(Question("q", "phone"), **{"a.q": "+86 138-0000-0000"}) == Answer(
        "answered", text="+86 138-0000-0000"
    )
    assert isinstance(said(Question("q", "phone"), **{"a.q": "call me"}), str)


def test_texts_have_a_length() -> None:
    comment = Question("q", "comment", at_least=3, at_most=5)
    assert said(comment, **{"a.q": "四个字吧"}) == Answer("answered", text="四个字吧")
    assert said(comment, **{"a.q": "ab"}) == "Please write at least 3 characters."
    assert said(comment, **{"a.q": "abcdef"}) == "Please write at most 5 characters."
    assert said(Question("q", "text"), **{"a.q": "x" * 201}) == (
        "Please write at most 200 characters."
    )


def test_a_matrix_has_an_answer_a_row() -> None:
    matrix = Question("m", "matrix", rows=PARTS, is_required=True, has_not_applicable=True)
    found = read(matrix, **{"a.m.price": "5", "a.m.time": ".not_applicable"})
    assert found.answers == {
        "m.price": Answer("answered", score=5.0),
        "m.time": Answer("not_applicable"),
    }
    assert list(found.wrong) == ["m.comfort"]


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ("[0-9]{6}", ["100084"], ["10008", "1000844", "x100084", "100084\n1"]),
        ("(QC|ZX)[0-9]{4,8}", ["QC1234"], ["qc1234", "QC"]),
        ("a|b", ["a", "b"], ["ab", "ac"]),
        ("[一-龥]{2,4}", ["晴川"], ["A"]),
    ],
)
def test_a_text_has_the_form_that_is_asked_for(
    pattern: str, right: list[str], wrong: list[str]
) -> None:
    asked = Question("q", "comment", pattern=pattern, wrong={"en": "As on the ticket."})
    for text in right:
        assert said(asked, **{"a.q": text}) == Answer("answered", text=text)
    for text in wrong:
        assert said(asked, **{"a.q": text}) == "As on the ticket."
    plain = Question("q", "text", pattern=pattern)
    assert said(plain, **{"a.q": "?"}) == "Please look at the form of this answer again."


def test_no_pattern_is_slow_however_it_is_written() -> None:
    # With a backtracking engine this takes longer than the universe is old.
    began = time.perf_counter()
    assert not validating.fits("(a+)+(a|aa)*b", "a" * 5_000)
    assert time.perf_counter() - began < 1


def test_numbers_go_by_steps() -> None:
    whole = Question("q", "number", step=1)
    assert said(whole, **{"a.q": "3"}) == Answer("answered", score=3.0)
    assert said(whole, **{"a.q": "3.5"}) == "Please write a whole number."
    halves = Question("q", "number", step=0.1, at_least=0.05)
    assert said(halves, **{"a.q": "0.35"}) == Answer("answered", score=0.35)
    assert said(halves, **{"a.q": "0.3"}) == "Please write a number in steps of 0.1."


def test_dates_are_within_bounds_that_move_with_the_day() -> None:
    flown = Question("q", "date", earliest="today-1m", latest="today")
    assert said(flown, **{"a.q": "2026-03-31"}) == chosen("2026-03-31")
    assert said(flown, **{"a.q": "2026-02-28"}) == chosen("2026-02-28")
    assert said(flown, **{"a.q": "2026-02-27"}) == "Please write a date from 2026-02-28 on."
    assert said(flown, **{"a.q": "2026-04-01"}) == "Please write a date until 2026-03-31."


@pytest.mark.parametrize(
    ("says", "day"),
    [
        ("today", "2026-03-31"), ("today+14d", "2026-04-14"), ("today-2w", "2026-03-17"),
        ("today-18y", "2008-03-31"), ("today+11m", "2027-02-28"), ("2026-02-28", "2026-02-28"),
        ("2026-02-30", None), ("tomorrow", None), ("today-9999y", None), ("20260228", None),
    ],
)  # fmt: skip
def test_days(says: str, day: str | None) -> None:
    found = validating.day(says, date(2026, 3, 31))
    assert (found.isoformat() if found else None) == day
