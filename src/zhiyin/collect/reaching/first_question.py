"""The first question of a survey inside the letter: one link for each thing that can be said.

A link only opens the survey with that choice made; it counts when she sends it there. A mail
scanner that follows every link answers nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from zhiyin.collect.surveys import logic, wordings
from zhiyin.collect.surveys.definition import SCORED, Survey, said

MOST_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be said: what it is called, and where it is said."""

    label: str
    link: str


@dataclass(frozen=True, slots=True)
class FirstQuestion:
    """The question as a letter asks it.

    Args:
        is_scale: its offers are points in a row; else each has a line.
        low, high: what stands at the ends of the scale.
    """

    title: str
    offers: tuple[Offer, ...]
    is_scale: bool
    low: str = ""
    high: str = ""


def of(survey: Survey, language: str, link: str, fields: Mapping[str, str]) -> FirstQuestion | None:
    """The first question that she is asked; None where it is none that one click answers.

    Args:
        link: hers to the survey.
    """
    steps = logic.steps(survey, {}, fields, seed="")
    if not steps:
        return None
    asked = steps[0].asked[0]
    question = asked.question
    title = wordings.title(question, language, survey)

    def to(value: str) -> str:
        between = "&" if "?" in link else "?"
        return link + between + urlencode({f"a.{question.name}": value, "lang": language})

    if question.type in SCORED and question.type != "matrix":
        low, high = question.scale
        points = tuple(Offer(str(point), to(str(point))) for point in range(low, high + 1))
        return FirstQuestion(title, points, True, *wordings.ends(question, language, survey))
    if question.type in ("single", "dropdown") and not question.is_shuffled:
        offers = tuple(
            Offer(said(choice.label, language, survey) or choice.value, to(choice.value))
            for choice in asked.choices
        )
        return FirstQuestion(title, offers, False) if len(offers) <= MOST_CHOICES else None
    return None
