"""How long a survey takes, before anybody has answered it: reading, choosing, typing.

Reading: 238 words a minute of a language that parts words by blanks (Brysbaert, How many words do
we read per minute?, Journal of Memory and Language 109, 2019: silent reading of English
non-fiction), and 255 characters a minute of Chinese (Trauzettel-Klosinski and Dietz, IReST,
Investigative Ophthalmology & Visual Science 53, 2012: reading aloud, so it is rather too long).
Typing: 36 words a minute on a telephone (Palin and others, How do people type on mobile devices?,
MobileHCI 2019). Choosing, and how much is typed,
are our assumptions, which the median time of real responses replaces as soon as there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from zhiyin.collect.surveys import logic, wordings
from zhiyin.collect.surveys.definition import (
    CHOSEN,
    SCORED,
    WRITTEN,
    Choice,
    Question,
    Survey,
    said,
)
from zhiyin.collect.surveys.logic import Asked, Step

WORDS_A_MINUTE = 238.0
CHARACTERS_A_MINUTE = 255.0
TYPED_A_MINUTE = 36.0

SCALE_SECONDS = 4.0
CHOICE_SECONDS = 3.0
PLACE_SECONDS = 4.0
"""Each place of a ranking."""
PAGE_SECONDS = 2.0
"""Sending a page and seeing the next."""

TYPED_WORDS = {"text": 4.0, "comment": 12.0, "email": 4.0, "phone": 3.0, "number": 1.0, "date": 2.0}
ANY_SECONDS = 5.0
"""An answer of a type that is not spoken of here."""

_CHARACTER = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Lasting:
    """Seconds by what they go into."""

    reading: float
    choosing: float
    typing: float

    @property
    def seconds(self) -> float:
        """All together."""
        return self.reading + self.choosing + self.typing

    def __add__(self, other: Lasting) -> Lasting:
        """Both."""
        return Lasting(
            self.reading + other.reading,
            self.choosing + other.choosing,
            self.typing + other.typing,
        )

    def as_dict(self) -> dict[str, Any]:
        """In seconds."""
        return {
            "seconds": round(self.seconds), "reading": round(self.reading),
            "choosing": round(self.choosing), "typing": round(self.typing),
        }  # fmt: skip


NONE = Lasting(0.0, 0.0, 0.0)


def longest(survey: Survey, language: str) -> Lasting:
    """The time of who is asked everything."""
    return of_steps(survey, map(logic.whole, survey.pages), language)


def of_steps(survey: Survey, steps: Iterable[Step], language: str) -> Lasting:
    """The time of who is asked these pages."""
    found = Lasting(reading(said(survey.welcome, language, survey)), 0.0, 0.0)
    for step in steps:
        found += Lasting(0.0, PAGE_SECONDS, 0.0)
        for asked in step.asked:
            found += of_question(survey, asked, language)
    return found


def of_question(survey: Survey, asked: Asked, language: str) -> Lasting:
    """The time of one question as it is asked."""
    question = asked.question
    low, high = wordings.ends(question, language, survey) if question.type in SCORED else ("", "")
    texts = [
        wordings.title(question, language, survey),
        said(question.help, language, survey), low, high,
        *(_label(one, language, survey) for one in (*asked.choices, *asked.rows)),
    ]  # fmt: skip
    return Lasting(
        sum(map(reading, texts)),
        _choosing(question, asked),
        60 * TYPED_WORDS.get(question.type, 0.0) / TYPED_A_MINUTE,
    )


def reading(text: str) -> float:
    """Seconds in which a text is read.

    >>> round(reading("How satisfied were you?"), 2)
    1.01
    >>> round(reading("您对这次体验是否满意？"), 2)
    2.35
    """
    characters = len(_CHARACTER.findall(text))
    words = len(_WORD.findall(_CHARACTER.sub(" ", text)))
    return 60 * (words / WORDS_A_MINUTE + characters / CHARACTERS_A_MINUTE)


def _choosing(question: Question, asked: Asked) -> float:
    if question.type == "matrix":
        return SCALE_SECONDS * len(asked.rows)
    if question.type in SCORED:
        return SCALE_SECONDS
    if question.type == "ranking":
        return PLACE_SECONDS * len(asked.choices)
    if question.type in CHOSEN or question.type == "consent":
        return CHOICE_SECONDS
    if question.type in WRITTEN or question.type in TYPED_WORDS or question.type == "statement":
        return 0.0
    return ANY_SECONDS


def _label(choice: Choice, language: str, survey: Survey) -> str:
    return said(choice.label, language, survey) or choice.value
