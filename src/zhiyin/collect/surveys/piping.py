"""Piping 题目引用: an earlier answer, or what the link brought, within a later text.

``{recommend}``, ``{rated.staff}``, ``{field.name}``, ``{company}``; ``{field.name|there}`` says
what stands where there is no answer. ``{{`` is a brace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from zhiyin.collect.surveys import texts
from zhiyin.collect.surveys.conditions import FIELD
from zhiyin.collect.surveys.definition import (
    CHOSEN,
    OTHER,
    Item,
    Survey,
    said,
)
from zhiyin.collect.surveys.fault import Fault
from zhiyin.collect.surveys.logic import Answer, Answers
from zhiyin.kernel.text import _

COMPANY = "company"
LONGEST = 200
"""Characters of what is put in a text."""

_PIPE = re.compile(r"\{(\{)|\{([^\W\d]\w{0,59}(?:\.[^{}|.\n]{1,100})?)(?:\|([^{}\n]{0,200}))?\}")


def filled(
    text: str, value: Callable[[str], str], quote: Callable[[str], str] = lambda said: said
) -> str:
    """A text with what it pipes.

    Args:
        value: of a name; blank where there is none.
        quote: what is put in, as the place needs it.
    """

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return "{"
        return quote((value(found[2]) or found[3] or "")[:LONGEST])

    return _PIPE.sub(one, text) if "{" in text else text


def names(text: str) -> list[str]:
    """What a text pipes, in order."""
    return [found[2] for found in _PIPE.finditer(text) if found[2]]


def values(
    survey: Survey, answers: Answers, fields: Mapping[str, str], language: str
) -> Callable[[str], str]:
    """What names stand for to one customer, in her language.

    Args:
        answers: those that she can see; what is hidden now is none.
    """
    items: dict[str, Item] = {}

    def value(name: str) -> str:
        first, _point, rest = name.partition(".")
        if first == FIELD:
            return fields.get(rest, "")
        if name == COMPANY:
            return said(survey.company, language, survey)
        held = answers.get(name)
        if held is None or held.state != "answered":
            return ""
        if not items:
            items.update({item.name: item for item in survey.items()})
        return _shown(items[name], held, language, survey) if name in items else ""

    return value


def _shown(item: Item, held: Answer, language: str, survey: Survey) -> str:
    question = item.question
    if question.type == "file":
        return ""
    if question.type in CHOSEN:
        labels = {one.value: said(one.label, language, survey) for one in question.choices}
        labels[OTHER] = held.text or labels.get(OTHER, "")
        between = "、" if language.startswith("zh") else ", "
        return between.join(filter(None, (labels.get(one, "") for one in held.chosen)))
    if held.score is not None:
        return f"{held.score:g}"
    return held.text or "".join(held.chosen)


def faults(survey: Survey) -> Iterator[Fault]:
    """Pipes of what nothing is called so, or of what is not answered yet when the text is read."""
    everything = {item.name for item in survey.items()}
    on_page: dict[str, int] = {}
    for number, page in enumerate(survey.pages):
        for question in page.questions:
            on_page.setdefault(question.name, number)
    for one in texts.of(survey):
        at = len(survey.pages) if one.place.startswith("/endings") else 0
        if one.asker is not None:
            at = int(one.place.split("/")[2])
        for language, text in one.texts.items():
            for name in names(text):
                first, _point, rest = name.partition(".")
                if (name == COMPANY and one.name != COMPANY) or (first == FIELD and rest):
                    continue
                place = f"{one.place}/{language}"
                if name not in everything:
                    yield Fault(
                        place, "survey.pipe-unknown",
                        _("The text names {name} in braces, and nothing is called so.",
                          name=name[:80]),
                        _("Name a question, field.name or company; for a brace itself write two."),
                    )  # fmt: skip
                elif on_page[first] >= at:
                    yield Fault(
                        place, "survey.pipe-later",
                        _("{name} is not answered yet where the text names it.", name=name[:80]),
                        _("Name questions of pages before."),
                    )  # fmt: skip
