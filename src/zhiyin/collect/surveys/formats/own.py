"""Our own document, as `zhiyin survey show --json` and the API give it."""

from __future__ import annotations

from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.formats.brought import Brought, Fidelity
from zhiyin.collect.surveys.formats.translating import Target


def read(content: bytes) -> Brought:
    """The survey of a document; nothing is changed.

    Raises:
        Problem: ``survey.not-one``.
    """
    survey = definition.read(content)
    kept = tuple(Fidelity(question.name, "kept") for question in survey.questions())
    names = {item.name: Target(item.name, item.question) for item in survey.items()}
    return Brought(survey, kept, names)
