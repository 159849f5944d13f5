"""What a page of a survey is made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape

from zhiyin.collect.surveys import piping, wordings
from zhiyin.collect.surveys.definition import Question, Survey, Texts, said
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
        told: by item the answers that texts may name: without those that are hidden now.
        today: where the survey is.
        hosts: origins whose pages may hold it in a frame.
        is_preview: it is looked at by whoever edits it, without a script.
    """

    survey: Survey
    address: str
    response: str
    language: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    wrong: Mapping[str, Text | str] = field(default_factory=dict)
    sent: Mapping[str, list[str]] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    invitation: str = ""
    trouble: Text | None = None
    told: Mapping[str, Answer] = field(default_factory=dict)
    today: date = date.min
    is_preview: bool = False
    hosts: tuple[str, ...] = ()

    def say(self, texts: Texts) -> str:
        """A text in the customer's language, with what it pipes."""
        return self.piped(said(texts, self.language, self.survey))

    def piped(self, text: str, quote: Callable[[str], str] = lambda said: said) -> str:
        """A text with what it pipes."""
        if "{" not in text:
            return text
        known = piping.values(self.survey, self.told, self.fields, self.language)
        return piping.filled(text, known, quote)

    def title(self, question: Question) -> str:
        """What a question asks."""
        if question.title:
            return self.say(question.title)
        return wordings.title(question, self.language, self.survey)

    def ends(self, question: Question) -> tuple[str, str]:
        """What stands at the ends of its scale."""
        low, high = wordings.ends(question, self.language, self.survey)
        return self.piped(low), self.piped(high)


def lines(text: str) -> str:
    """A text of several lines, escaped."""
    return escape(text).replace("\n", "<br>")
