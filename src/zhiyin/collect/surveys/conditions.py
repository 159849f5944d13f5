"""What the conditions of a survey may speak of: earlier answers by name, and what each can be.

A scored question, a number, a date, a text and one choice go by the question's name, a row of a
matrix by ``question.row``. Of questions that take several choices ``question.choice`` is true where
it was chosen. ``field.city`` is what a link brought. What was not answered, not chosen or not shown
is missing. `logic` fills these columns from answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from zhiyin.collect.surveys.definition import (
    CHOSEN,
    MANY,
    OTHER,
    SCORED,
    WRITTEN,
    Choice,
    Ending,
    Page,
    Question,
    Quota,
    Survey,
)
from zhiyin.kernel.filters import Value

FIELD = "field"
"""``field.city``: what stands before the point."""

Kind = Literal["score", "number", "choice", "chosen", "several", "date", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that a condition can name.

    Args:
        kind: ``chosen`` is a truth; ``several`` is only missing or not.
        values: all that it can be beside missing; empty where they cannot be listed.
        low, high: of a number, where it has bounds.
        question: whose answer it is; None for a field.
    """

    name: str
    kind: Kind
    values: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a condition stands.

    Args:
        pointer: into the document (RFC 6901), as ``/pages/0/questions/1/shown_if``.
        says: the condition; never blank.
        owner: what is shown by it.
        earlier: names of the questions whose answers are known there.
        under: the conditions of what it stands in, the page's and the question's.
    """

    pointer: str
    says: str
    owner: Page | Question | Choice | Ending | Quota
    earlier: frozenset[str]
    under: tuple[str, ...] = ()


def offered(question: Question) -> tuple[str, ...]:
    """The values of its choices, the typed one too."""
    values = tuple(choice.value for choice in question.choices)
    return (*values, OTHER) if question.has_other and OTHER not in values else values


def columns_of(question: Question) -> dict[str, Column]:
    """What conditions may say of a question, by name."""
    name = question.name
    if question.type == "statement":
        return {}
    if question.type in SCORED:
        low, high = question.scale
        # A scale that is far too long is a fault of its own, and is listed by nobody.
        scores = tuple(range(low, min(high, low + 100) + 1))
        return {
            item.name: Column(item.name, "score", scores, low, high, question)
            for item in question.items()
        }
    if question.type in MANY:
        return {one.name: one for one in _several(question)}
    if question.type in CHOSEN:
        return {name: Column(name, "choice", offered(question), question=question)}
    if question.type == "number":
        low_, high_ = question.at_least, question.at_most
        return {name: Column(name, "number", (), low_, high_, question)}
    if question.type == "consent":
        return {name: Column(name, "chosen", (True, False), question=question)}
    if question.type == "file":
        return {name: Column(name, "several", question=question)}
    kind: Kind = "text" if question.type in WRITTEN else "date"
    return {name: Column(name, kind, question=question)}


def column(name: str, questions: Mapping[str, Question]) -> Column | None:
    """What a name in a condition stands for; None where there is no such thing."""
    first, _point, rest = name.partition(".")
    if first == FIELD:
        return Column(name, "text") if rest else None
    question = questions.get(first)
    return columns_of(question).get(name) if question else None


def by_name(survey: Survey) -> dict[str, Question]:
    """The questions of a survey by name; of two with one name, the first."""
    found: dict[str, Question] = {}
    for question in survey.questions():
        found.setdefault(question.name, question)
    return found


def places(survey: Survey) -> Iterator[Place]:
    """Every condition of a survey, in order.

    On a page whose questions are shuffled nothing is earlier than anything else.
    """
    known: set[str] = set()
    for number, page in enumerate(survey.pages):
        at = f"/pages/{number}"
        before = frozenset(known)
        if page.shown_if:
            yield Place(f"{at}/shown_if", page.shown_if, page, before)
        for count, question in enumerate(page.questions):
            earlier = before if page.is_shuffled else frozenset(known)
            yield from _of_question(f"{at}/questions/{count}", question, page, earlier)
            known.add(question.name)
    for number, ending in enumerate(survey.endings):
        if ending.shown_if:
            at = f"/endings/{number}/shown_if"
            yield Place(at, ending.shown_if, ending, frozenset(known))
    for number, quota in enumerate(survey.quotas):
        if quota.shown_if:
            yield Place(f"/quotas/{number}/shown_if", quota.shown_if, quota, frozenset(known))


def shown_ifs(survey: Survey) -> dict[str, tuple[str, ...]]:
    """By name of each question, the conditions that must all hold where it is shown."""
    found: dict[str, tuple[str, ...]] = {}
    for page in survey.pages:
        for question in page.questions:
            both = tuple(one for one in (page.shown_if, question.shown_if) if one)
            found.setdefault(question.name, both)
    return found


def as_day(value: Value) -> date | None:
    """A date that a condition names, in quotes or not."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _of_question(
    at: str, question: Question, page: Page, earlier: frozenset[str]
) -> Iterator[Place]:
    around = (page.shown_if,) if page.shown_if else ()
    if question.shown_if:
        yield Place(f"{at}/shown_if", question.shown_if, question, earlier, around)
    within = (*around, question.shown_if) if question.shown_if else around
    for part, choices in (("choices", question.choices), ("rows", question.rows)):
        for number, choice in enumerate(choices):
            if choice.shown_if:
                pointer = f"{at}/{part}/{number}/shown_if"
                yield Place(pointer, choice.shown_if, choice, earlier, within)


def _several(question: Question) -> Iterator[Column]:
    yield Column(question.name, "several", question=question)
    for value in offered(question):
        # What was not chosen is missing, not false.
        yield Column(f"{question.name}.{value}", "chosen", (True,), question=question)
