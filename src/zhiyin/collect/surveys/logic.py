"""What a response is asked: which pages and questions are shown, given what was answered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
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
    Quota,
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
        order = asked
        if page.is_shuffled:
            order = _drawn(asked, f"{seed} {page.name}", lambda one: one.question.name)
        if order:
            found.append(Step(page, tuple(order)))
    return tuple(found)


def whole(page: Page) -> Step:
    """A page with all that it can ever ask, in the order in which it is written."""
    return Step(page, tuple(Asked(one, one.choices, one.rows) for one in page.questions))


def ending(survey: Survey, answers: Answers, fields: Mapping[str, str], *, seed: str) -> Ending:
    """What is shown at the end."""
    row = _row(survey, answers, fields, seed)
    return next((one for one in survey.endings if _holds(one.shown_if, row)), Ending())


def quotas(
    survey: Survey, answers: Answers, fields: Mapping[str, str], *, seed: str
) -> tuple[Quota, ...]:
    """The quotas that a response counts in, by what was said so far."""
    if not survey.quotas:
        return ()
    row = _row(survey, answers, fields, seed)
    return tuple(one for one in survey.quotas if _holds(one.shown_if, row))


def drawn_version(response: str, share: float) -> bool:
    """Whether a response is given the newer of two versions that run beside each other.

    By the first 52 bits of the SHA-256 of its id, a blank and the word ``version``, as a part of 1.
    """
    digest = hashlib.sha256(f"{response} version".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 12) / 2**52 < share


def orders(survey: Survey, response: str) -> dict[str, tuple[str, ...]]:
    """The order of all that is shuffled, as a response was shown it: by page or question.

    What a condition hid from it stands here too, at the place that it would have had.
    """
    found: dict[str, tuple[str, ...]] = {}
    for page in survey.pages:
        if page.is_shuffled:
            drawn = _drawn(page.questions, f"{response} {page.name}", lambda one: one.name)
            found[f"page {page.name}"] = tuple(one.name for one in drawn)
        for question in page.questions:
            if question.is_shuffled:
                choices, rows = _shuffled(question, question.choices, question.rows, response)
                found[question.name] = tuple(one.value for one in (*choices, *rows))
    return found


def _shuffled(
    question: Question, choices: Sequence[Choice], rows: Sequence[Choice], seed: str
) -> tuple[list[Choice], list[Choice]]:
    drawn = _drawn(choices, f"{seed} {question.name}", _value_of)
    # What excludes the others stands behind them.
    drawn.sort(key=lambda one: one.is_exclusive)
    return drawn, _drawn(rows, f"{seed} {question.name}", _value_of)


def _row(
    survey: Survey, answers: Answers, fields: Mapping[str, str], seed: str
) -> dict[str, object]:
    row: dict[str, object] = {"field": dict(fields)}
    for step in steps(survey, answers, fields, seed=seed):
        for one in step.asked:
            row |= _values(one, answers)
    return row


def _asked(question: Question, row: Mapping[str, object], seed: str) -> Asked | None:
    """A question with what it offers; None where it has choices and none of them holds."""
    choices = [one for one in question.choices if _holds(one.shown_if, row)]
    rows = [one for one in question.rows if _holds(one.shown_if, row)]
    if (question.choices and not choices) or (question.rows and not rows):
        return None
    if question.is_shuffled:
        choices, rows = _shuffled(question, choices, rows, seed)
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


def _drawn(parts: Sequence[T], seed: str, name: Callable[[T], str]) -> list[T]:
    """The parts in an order that the seed alone decides, the same at every look and anywhere.

    They stand by the SHA-256 of the seed, a blank and their names.
    """
    return sorted(parts, key=lambda one: hashlib.sha256(f"{seed} {name(one)}".encode()).digest())


def _value_of(choice: Choice) -> str:
    return choice.value


def _holds(condition: str, row: Mapping[str, object]) -> bool:
    return not condition or holds(_read(condition), row)


@lru_cache(maxsize=4096)
def _read(condition: str) -> Filter:
    return parse(condition)
