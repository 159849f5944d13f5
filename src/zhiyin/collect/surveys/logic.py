"""What a response is asked: which pages and questions are shown, given what was answered."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, TypeVar

import msgspec

from zhiyin.collect.surveys.definition import (
    MANY,
    SCORED,
    Choice,
    Ending,
    Item,
    Page,
    Question,
    Survey,
)
from zhiyin.kernel.filters import Filter, holds, parse

State = Literal[
    "answered", "skipped", "not_applicable", "dont_know", "shown", "hidden", "not_reached",
    "dismissed",
]  # fmt: skip
"""What becomes of a question; see `kernel.answers`."""

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said to one item.

    Args:
        state: ``answered``, ``skipped``, ``not_applicable`` or ``dont_know``.
        score: of a scale or a number.
        chosen: values of choices; of a ranking the first is the best; of a date its ISO form.
        text: what was typed; beside the choice ``other`` what it is.
    """

    state: State
    score: float | None = None
    chosen: tuple[str, ...] = ()
    text: str = ""


SKIPPED = Answer("skipped")

Answers = Mapping[str, Answer]
"""By the name of the item."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as a response is asked it.

    Args:
        choices: those that are offered, in the order in which they stand.
        rows: of a matrix, likewise.
    """

    question: Question
    choices: tuple[Choice, ...]
    rows: tuple[Choice, ...]

    def items(self) -> tuple[Item, ...]:
        """What is answered, in the order in which it stands."""
        if self.question.type != "matrix":
            return self.question.items()
        by_row = {item.row.value: item for item in self.question.items() if item.row}
        return tuple(by_row[row.value] for row in self.rows)


@dataclass(frozen=True, slots=True)
class Step:
    """One page as a response is asked it."""

    page: Page
    asked: tuple[Asked, ...]

    def items(self) -> tuple[Item, ...]:
        """Everything on it that has an answer."""
        return tuple(item for one in self.asked for item in one.items())


def steps(
    survey: Survey, answers: Answers, fields: Mapping[str, str], *, seed: str
) -> tuple[Step, ...]:
    """The pages that are shown, each with its questions; a page without any is none.

    An answer to a question that is hidden now counts as missing for what comes after it.

    Args:
        fields: what the link said: conditions call them ``field.city``.
        seed: the response's id, from which orders are drawn.
    """
    row: dict[str, object] = {"field": dict(fields)}
    found: list[Step] = []
    for page in survey.pages:
        if not _holds(page.shown_if, row):
            continue
        asked: list[Asked] = []
        for question in page.questions:
            if not _holds(question.shown_if, row):
                continue
            one = _asked(question, row, seed)
            if one is None:
                continue
            asked.append(one)
            row |= _values(one, answers)
        order = _drawn(asked, f"{seed} {page.name}") if page.is_shuffled else asked
        if order:
            found.append(Step(page, tuple(order)))
    return tuple(found)


def ending(survey: Survey, answers: Answers, fields: Mapping[str, str], *, seed: str) -> Ending:
    """What is shown at the end."""
    row: dict[str, object] = {"field": dict(fields)}
    for step in steps(survey, answers, fields, seed=seed):
        for one in step.asked:
            row |= _values(one, answers)
    return next((one for one in survey.endings if _holds(one.shown_if, row)), Ending())


def _asked(question: Question, row: Mapping[str, object], seed: str) -> Asked | None:
    """A question with what it offers; None where it has choices and none of them holds."""
    choices = [one for one in question.choices if _holds(one.shown_if, row)]
    rows = [one for one in question.rows if _holds(one.shown_if, row)]
    if (question.choices and not choices) or (question.rows and not rows):
        return None
    if question.is_shuffled:
        choices = _drawn(choices, f"{seed} {question.name}")
        # What excludes the others stands behind them.
        choices.sort(key=lambda one: one.is_exclusive)
        rows = _drawn(rows, f"{seed} {question.name}")
    return Asked(question, tuple(choices), tuple(rows))


def _values(asked: Asked, answers: Answers) -> dict[str, object]:
    """What conditions see of a question's answers, by column."""
    question = asked.question
    if question.type == "matrix":
        rows = {
            item.row.value: str(_number(held.score))
            for item in asked.items()
            if item.row and (held := answers.get(item.name)) and held.score is not None
        }
        return {question.name: rows or None}
    held = answers.get(question.name)
    if held is None or held.state != "answered":
        return {question.name: None}
    if question.type in MANY:
        return {question.name: dict.fromkeys(held.chosen, True)}
    return {question.name: _value(question, held)}


def _value(question: Question, held: Answer) -> object:
    if question.type in SCORED or question.type == "number":
        return None if held.score is None else _number(held.score)
    if question.type == "consent":
        return bool(held.chosen)
    if question.type == "date":
        return date.fromisoformat(held.chosen[0])
    return held.chosen[0] if held.chosen else held.text


def _number(score: float) -> float:
    return int(score) if score == int(score) else score


def _drawn(parts: Sequence[T], seed: str) -> list[T]:
    """The parts in an order that the seed alone decides, the same at every look."""
    digest = hashlib.sha256(seed.encode()).digest()
    found = list(parts)
    random.Random(digest).shuffle(found)  # noqa: S311 - an order, not a secret
    return found


def _holds(condition: str, row: Mapping[str, object]) -> bool:
    return not condition or holds(_read(condition), row)


@lru_cache(maxsize=4096)
def _read(condition: str) -> Filter:
    return parse(condition)
