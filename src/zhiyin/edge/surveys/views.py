"""What a page of a survey is made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from zhiyin.collect.surveys.definition import Survey
from zhiyin.collect.surveys.logic import Answer
from zhiyin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class View:
    """What a page is made for.

    Args:
        address: the path of the survey.
        response: its id.
        language: of the survey's texts.
        answers: by item, what stands.
        wrong: by item, what is wrong with what was sent.
        sent: by field of the form, what was sent and is wrong.
        fields: what the link said.
        invitation: by whose link it is seen; blank: anybody's.
        trouble: why nothing of what was sent is kept.
        hosts: origins whose pages may hold it in a frame.
    """

    survey: Survey
    address: str
    response: str
    language: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    wrong: Mapping[str, Text] = field(default_factory=dict)
    sent: Mapping[str, list[str]] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    invitation: str = ""
    trouble: Text | None = None
    hosts: tuple[str, ...] = ()


def lines(text: str) -> str:
    """A text of several lines, escaped."""
    return escape(text).replace("\n", "<br>")
