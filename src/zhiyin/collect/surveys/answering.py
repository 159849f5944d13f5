"""Reading what somebody sent from a page: the fields of a form, as answers or as what is wrong.

Fields: ``a.<item>`` is the value, or one of several; ``t.<item>`` what was typed beside *other*;
``k.<item>.<choice>`` the place in a ranking. A value that begins with a dot says why there is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from zhiyin.collect.surveys.definition import (
    MANY,
    OTHER,
    SCORED,
    WRITTEN,
    Item,
    Question,
    Type,
)
from zhiyin.collect.surveys.logic import SKIPPED, Answer, Asked, Step
from zhiyin.collect.surveys.validating import day as bound_of
from zhiyin.collect.surveys.validating import fits, is_step
from zhiyin.kernel.text import Text, _

NOT_APPLICABLE = ".not_applicable"
DONT_KNOW = ".dont_know"
DECLINED = frozenset({NOT_APPLICABLE, DONT_KNOW})

LONGEST: dict[Type, int] = {"text": 200, "comment": 5_000, "email": 254, "phone": 30}
"""Characters, where the question says nothing else."""

_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,180}\.[^@\s.,;<>]{2,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-]{4,28}")
_NUMBER = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,6})?")
_DIGITS = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
"""What a Chinese keyboard types for them."""

Form = Mapping[str, list[str]]


@dataclass(slots=True)
class Read:
    """What a form says of the items of one step.

    Args:
        answers: of every item of the step that is as it should be.
        wrong: what is wrong with the others.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    wrong: dict[str, Text | str] = field(default_factory=dict)


def read(step: Step, form: Form, *, today: date, language: str = "") -> Read:
    """The answers to a whole step that was sent; a blank one is *skipped*.

    Args:
        today: where the survey is.
        language: of what the question itself says of an answer that has another form.
    """
    found = Read()
    for asked in step.asked:
        for item in asked.items():
            said = one(asked, item, form, today=today, language=language)
            if isinstance(said, Text | str):
                found.wrong[item.name] = said
            elif said == SKIPPED and asked.question.is_required:
                found.wrong[item.name] = _("Please answer this question.")
            else:
                found.answers[item.name] = said
    return found


def one(
    asked: Asked, item: Item, form: Form, *, today: date, language: str = ""
) -> Answer | Text | str:
    """The answer to one item, *skipped* where there is none; a sentence where it is none.

    Args:
        today, language: as in `read`.
    """
    found = _one(asked, item, form, today)
    own = asked.question.wrong
    if isinstance(found, Text) and own:
        return own.get(language) or next(iter(own.values()))
    return found


def _one(asked: Asked, item: Item, form: Form, today: date) -> Answer | Text:
    question = asked.question
    given = [value for value in form.get(f"a.{item.name}", ()) if value]
    if NOT_APPLICABLE in given and question.has_not_applicable:
        return Answer("not_applicable")
    if DONT_KNOW in given and question.has_dont_know:
        return Answer("dont_know")
    if question.type == "ranking":
        return _ranking(asked, item, form)
    typed = form.get(f"t.{item.name}", [""])[0].strip()
    if not given:
        # What is other was typed, and its box not ticked.
        if typed and question.has_other:
            return _chosen(asked, [OTHER], typed)
        return SKIPPED
    if question.type in SCORED:
        return _scored(question, given[0])
    if question.type in WRITTEN:
        return _written(question, given[0])
    match question.type:
        case "number":
            return _numbered(question, given[0])
        case "date":
            return _dated(question, given[0], today)
        case "file":
            # What was sent was looked at and kept where it came in.
            return Answer("answered", chosen=(given[0],))
        case "consent":
            return Answer("answered", chosen=("yes",)) if given[0] == "yes" else _not_offered()
    return _chosen(asked, given, typed)


def _scored(question: Question, value: str) -> Answer | Text:
    low, high = question.scale
    if not re.fullmatch(r"-?[0-9]{1,4}", value) or not low <= int(value) <= high:
        return _("Please choose a number from {low} to {high}.", low=low, high=high)
    return Answer("answered", score=float(value))


def _chosen(asked: Asked, given: list[str], typed: str) -> Answer | Text:
    question = asked.question
    offered = [choice.value for choice in asked.choices]
    if question.has_other:
        offered.append(OTHER)
    # In the order of the question, each once.
    chosen = tuple(value for value in offered if value in given)
    if not chosen or set(given) - set(offered):
        return _not_offered()
    text = typed if OTHER in chosen else ""
    longest = LONGEST["text"]
    if len(text) > longest:
        return _too_long(longest)
    if question.type not in MANY:
        if len(chosen) > 1:
            return _("Please choose one.")
        return Answer("answered", chosen=chosen, text=text)
    return _several(asked, chosen, text)


def _several(asked: Asked, chosen: tuple[str, ...], text: str) -> Answer | Text:
    question = asked.question
    alone = {choice.value for choice in asked.choices if choice.is_exclusive}
    if len(chosen) > 1 and alone & set(chosen):
        return _("What excludes the others is chosen alone.")
    if question.at_most is not None and len(chosen) > question.at_most:
        return _("Please choose at most {most}.", most=int(question.at_most))
    least = question.at_least
    if least is not None and len(chosen) < least and not alone & set(chosen):
        return _("Please choose at least {least}.", least=int(least))
    return Answer("answered", chosen=chosen, text=text)


def _ranking(asked: Asked, item: Item, form: Form) -> Answer | Text:
    places: dict[int, str] = {}
    for choice in asked.choices:
        value = form.get(f"k.{item.name}.{choice.value}", [""])[0]
        if not value:
            continue
        if not value.isdecimal() or not 1 <= int(value) <= len(asked.choices):
            return _not_offered()
        if int(value) in places:
            return _("Please give each place once.")
        places[int(value)] = choice.value
    if not places:
        return SKIPPED
    if sorted(places) != list(range(1, len(places) + 1)):
        return _("Please give the places from 1 on, without a gap.")
    least = asked.question.at_least
    if least is not None and len(places) < least:
        return _("Please give at least {least} places.", least=int(least))
    return Answer("answered", chosen=tuple(places[place] for place in sorted(places)))


def _numbered(question: Question, value: str) -> Answer | Text:
    plain = value.strip().translate(_DIGITS)
    if not _NUMBER.fullmatch(plain):
        return _("Please write a number.")
    number = float(plain.replace(",", "."))
    if question.at_least is not None and number < question.at_least:
        return _("Please write a number of {least} or more.", least=f"{question.at_least:g}")
    if question.at_most is not None and number > question.at_most:
        return _("Please write a number of {most} or less.", most=f"{question.at_most:g}")
    if not is_step(question, number):
        if question.step == 1:
            return _("Please write a whole number.")
        return _("Please write a number in steps of {step}.", step=f"{question.step:g}")
    return Answer("answered", score=number)


def _dated(question: Question, value: str, today: date) -> Answer | Text:
    try:
        day = date.fromisoformat(value.strip().translate(_DIGITS))
    except ValueError:
        return _("Please write a date: year-month-day.")
    first, last = (bound_of(says, today) for says in (question.earliest, question.latest))
    if first is not None and day < first:
        return _("Please write a date from {day} on.", day=first.isoformat())
    if last is not None and day > last:
        return _("Please write a date until {day}.", day=last.isoformat())
    return Answer("answered", chosen=(day.isoformat(),))


def _written(question: Question, value: str) -> Answer | Text:
    text = value.strip().replace("\r\n", "\n")
    if not text:
        return SKIPPED
    longest = LONGEST[question.type] if question.at_most is None else int(question.at_most)
    if len(text) > longest:
        return _too_long(longest)
    if question.type == "email" and not _EMAIL.fullmatch(text):
        return _("Please write an e-mail address.")
    if question.type == "phone":
        text = text.translate(_DIGITS)
        if not _PHONE.fullmatch(text):
            return _("Please write a telephone number.")
    if question.at_least is not None and len(text) < question.at_least:
        return _("Please write at least {least} characters.", least=int(question.at_least))
    text = text.replace("\0", "")
    if question.pattern and not fits(question.pattern, text):
        return _("Please look at the form of this answer again.")
    return Answer("answered", text=text)


def _too_long(longest: int) -> Text:
    return _("Please write at most {most} characters.", most=longest)


def _not_offered() -> Text:
    return _("Please choose one of what is offered.")
