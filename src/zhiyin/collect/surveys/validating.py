"""Validation 作答校验: what form an answer must have, beyond its type.

Patterns are those of RE2, which reads a text once from start to end however they are written: there
is none that a text can make slow. A pattern is of the whole answer.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from zhiyin.collect.surveys.definition import WRITTEN, Question
from zhiyin.collect.surveys.fault import Fault
from zhiyin.kernel.text import _

LONGEST_PATTERN = 200
_DAY = re.compile(r"today(?:([+-])([0-9]{1,4})([dwmy]))?")


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is of a pattern.

    Raises:
        ValueError: RE2 does not know the pattern.
    """
    found = pc.match_substring_regex(pa.array([text]), rf"\A(?:{pattern})\z")
    return bool(found[0].as_py())


def is_step(question: Question, number: float) -> bool:
    """Whether a number is on one of the question's steps, counted from its least."""
    if question.step is None:
        return True
    steps = (number - (question.at_least or 0)) / question.step
    return abs(steps - round(steps)) < 1e-9 * max(1.0, abs(steps))


def day(says: str, today: date) -> date | None:
    """A bound of a date: ``2026-01-31``, ``today``, ``today+14d``, ``today-18y``; None: none."""
    found = _DAY.fullmatch(says)
    if found is None:
        try:
            return date.fromisoformat(says) if re.fullmatch(r"\d{4}-\d\d-\d\d", says) else None
        except ValueError:
            return None
    if not found[1]:
        return today
    count = int(found[2]) * (1 if found[1] == "+" else -1)
    try:
        return _moved(today, count, found[3])
    except (ValueError, OverflowError):
        return None


def _moved(today: date, count: int, unit: str) -> date:
    if unit in "dw":
        return today + timedelta(days=count * (7 if unit == "w" else 1))
    months = today.year * 12 + today.month - 1 + count * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    # The 31st a month later is that month's last day.
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def faults(at: str, question: Question) -> Iterator[Fault]:
    """What is wrong with the forms that a question asks for."""
    name = question.name[:60]
    for part, is_there, is_meant in (
        ("pattern", bool(question.pattern), question.type in WRITTEN),
        ("step", question.step is not None, question.type == "number"),
        ("earliest", bool(question.earliest), question.type == "date"),
        ("latest", bool(question.latest), question.type == "date"),
    ):
        if is_there and not is_meant:
            yield idle(f"{at}/{part}", question)
    if question.pattern and not _is_pattern(question.pattern):
        yield Fault(
            f"{at}/pattern", "survey.pattern",
            _("{name}: the pattern {pattern} cannot be read.",
              name=name, pattern=question.pattern[:40]),
            _("Write up to {most} characters in the syntax of RE2, which knows no look-ahead and"
              " no reference back: [0-9]{{6}} is six digits.", most=LONGEST_PATTERN),
        )  # fmt: skip
    if question.step is not None and not 0 < question.step < 1e9:
        yield Fault(
            f"{at}/step", "survey.step",
            _("{name}: numbers cannot go by steps of {step}.", name=name, step=question.step),
            _("Write a number above 0; 1 asks for whole numbers."),
        )  # fmt: skip
    yield from _of_days(at, question)


def _of_days(at: str, question: Question) -> Iterator[Fault]:
    today = date(2000, 1, 1)
    bounds = {part: getattr(question, part) for part in ("earliest", "latest")}
    for part, says in bounds.items():
        if says and day(says, today) is None:
            yield Fault(
                f"{at}/{part}", "survey.day",
                _("{name}: {day} is no day.", name=question.name[:60], day=says[:40]),
                _("Write 2026-01-31, today, or today+14d, with d, w, m or y."),
            )  # fmt: skip
    if all(bounds.values()) and len({says.startswith("today") for says in bounds.values()}) == 1:
        first, last = (day(says, today) for says in bounds.values())
        if first and last and first > last:
            yield Fault(
                f"{at}/latest", "survey.days",
                _("{name}: no day is both from {earliest} on and until {latest}.",
                  name=question.name[:60], earliest=bounds["earliest"], latest=bounds["latest"]),
                _("Correct the two."),
            )  # fmt: skip


def idle(place: str, question: Question) -> Fault:
    """That something says nothing about a question of its type."""
    return Fault(
        place, "survey.idle",
        _("{name}: this means nothing for a question of type {type}.",
          name=question.name[:60], type=question.type),
        _("Leave it out, or choose another type."),
    )  # fmt: skip


@lru_cache(1024)
def _is_pattern(pattern: str) -> bool:
    if len(pattern) > LONGEST_PATTERN:
        return False
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
        fits(pattern, "")
    except (ValueError, UnicodeEncodeError):
        return False
    return True
