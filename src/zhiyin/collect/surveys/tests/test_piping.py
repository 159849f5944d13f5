"""Earlier answers in later texts: in the customer's words, and never what nobody said."""

from __future__ import annotations

import pytest

from zhiyin.collect.surveys import piping
from zhiyin.collect.surveys.definition import Ending, Question
from zhiyin.collect.surveys.logic import Answer
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.collect.surveys.tests.test_checking import found
from zhiyin.collect.surveys.tests.written import NPS, asking, choices, survey

SAID = {
    "nps": Answer("answered", score=3.0),
    "parts.bag": Answer("answered", score=2.0),
    "reasons": Answer("answered", chosen=("late", "other"), text="the seat"),
    "city": Answer("answered", chosen=("hgh",)),
    "trip": Answer("dont_know"),
    "why": Answer("answered", text="x" * 900),
    "born": Answer("answered", chosen=("1990-05-01",)),
}


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("You gave {nps}, bags {parts.bag}.", "en", "You gave 3, bags 2."),
        ("{reasons}", "en", "It was late, the seat"),
        ("{reasons}", "zh-Hans", "晚点、the seat"),
        ("{city} {born}", "zh-Hans", "杭州 1990-05-01"),
        ("{trip|your trip} {mail}!", "en", "your trip !"),
        ("Dear {field.name|guest}, {field.none|}.", "en", "Dear Ana {nps}, ."),
        ("{company}", "zh-Hans", "晴川航空"),
        ("{{nps} { nps } {} {", "en", "{nps} { nps } {} {"),
    ],
)
def test_what_a_text_pipes(text: str, language: str, shown: str) -> None:
    # What is put in pipes nothing itself.
    value = piping.values(FLIGHT, SAID, {"name": "Ana {nps}"}, language)
    assert piping.filled(text, value) == shown


def test_what_is_put_in_is_bounded() -> None:
    value = piping.values(FLIGHT, SAID, {}, "en")
    assert len(piping.filled("{why}", value)) == piping.LONGEST


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{recommend} {field.name|there} {company} {rated.staff}", ""),
        ("{{nothing}", ""),
        ("{nothing}", "pipe-unknown"),
        ("{rated}", "pipe-unknown"),
        ("{rated.nobody}", "pipe-unknown"),
        ("{same}", "pipe-later"),
        ("{last}", "pipe-later"),
    ],
)
def test_pipes_are_checked(text: str, code: str) -> None:
    rated = asking("rated", "matrix", rows=choices("staff"))
    piped = Question("asked", "text", {"en": text})
    whole = survey((NPS, rated), (asking("same", "text"), piped), (asking("last", "text"),))
    codes = [one[1] for one in found(whole)]
    assert codes == ([code] if code else [])


def test_endings_may_name_all_and_the_welcome_fields_alone() -> None:
    thanks = Ending({"en": "Thank you, {field.name|dear guest}: {last}"})
    assert found(survey((NPS,), (asking("last", "text"),), endings=(thanks,))) == []
    welcome = {"en": "Hello {field.name}, {recommend}"}
    assert found(survey((NPS,), welcome=welcome)) == [("/welcome/en", "pipe-later")]
    away = Ending({"en": "T"}, link="https://{field.host}/", link_label={"en": "On"})
    assert found(survey((NPS,), endings=(away,))) == [("/endings/0/link", "link")]
