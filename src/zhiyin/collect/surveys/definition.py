"""A survey as it is written down: one JSON document, the same for builder, files and page.

A published version of it never changes. Texts are given by language (BCP 47: ``en``, ``zh-Hans``,
``zh-Hant``…); conditions are written in the one filter language over the answers so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import msgspec

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

FORMAT = 1

Texts = dict[str, str]
"""What is shown, by language."""

Type = Literal[
    "nps", "csat", "ces", "rating", "single", "dropdown", "multiple", "reasons", "ranking",
    "matrix", "number", "date", "text", "comment", "email", "phone", "consent", "statement", "file",
]  # fmt: skip
Kind = Literal["relationship", "journey", "touchpoint"]
Look = Literal["numbers", "stars", "faces"]
Direction = Literal["up", "down"]
Metric = Literal["nps", "csat", "ces", "rating", "choice", "text", "intent", "file"]

SCORED: frozenset[Type] = frozenset({"nps", "csat", "ces", "rating", "matrix"})
"""An answer is a number on a scale."""

CHOSEN: frozenset[Type] = frozenset({"single", "dropdown", "multiple", "reasons", "ranking"})
"""An answer is one or more of the question's choices."""

MANY: frozenset[Type] = frozenset({"multiple", "reasons", "ranking"})
"""It may be several of them."""

WRITTEN: frozenset[Type] = frozenset({"text", "comment", "email", "phone"})
"""An answer is what somebody typed."""

METRICS: dict[Type, Metric] = {
    "nps": "nps", "csat": "csat", "ces": "ces", "rating": "rating", "matrix": "rating",
    "number": "choice", "single": "choice", "dropdown": "choice", "multiple": "choice",
    "reasons": "choice", "ranking": "choice", "date": "choice", "consent": "choice",
    "text": "text", "comment": "text", "email": "text", "phone": "text",
    "file": "file",
}  # fmt: skip
"""What an answer is called in the log."""

NAME = re.compile(r"[^\W\d]\w{0,59}")
OTHER = "other"
"""The choice that is typed."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the document: an unknown key is an error, what is left out is not written."""


class Choice(_Written, frozen=True):
    """One thing to choose, or one row of a matrix.

    Args:
        value: what the log keeps; it stays when the label is worded anew.
        aspect: of the workspace's list, which a chosen reason counts under.
        shown_if: when it is offered; blank: always.
        is_exclusive: *none of these*: it is chosen alone.
    """

    value: str
    label: Texts = {}
    aspect: str = ""
    shown_if: str = ""
    is_exclusive: bool = False


class Question(_Written, frozen=True):
    """One question.

    Args:
        name: in this survey; conditions and files speak of it.
        series: under which its answers stand in the log, over versions and surveys; blank: `name`.
        title: blank for ``nps``, ``csat`` and ``ces``: their fixed wording of the language.
        kind: of a score; blank: that of the survey.
        variant: of ``ces``: 1 asks how hard it was (less is better), 2 whether it was made easy.
        scale_min, scale_max: of ``csat``, ``ces``, ``rating`` and ``matrix``; None: the usual.
        low, high: what stands at the ends of the scale.
        at_least, at_most: of a ``number`` its bounds; of choices how many; of texts how long.
        rows: of a ``matrix``, each a series of its own.
        is_shuffled: choices and rows come in an order drawn for each response, which is kept.
        need: what need a ``comment`` or choice tells of, for the list of needs; blank: none.
        pattern: of a text the form of the whole answer, in the syntax of RE2.
        step: of a ``number``; 1 asks for whole numbers.
        earliest, latest: of a ``date``; ``2026-01-31``, ``today``, ``today-18y``.
        wrong: what is said of an answer that has another form; blank: what the page says of itself.
        is_welcome: of a ``single`` or ``dropdown``: it asks what somebody wants to do, and the log
            keeps it as an ``intent``.
        strength_of: of a scale: the question whose chosen need it says the strength of.
    """

    name: str
    type: Type
    title: Texts = {}
    help: Texts = {}
    series: str = ""
    is_required: bool = False
    has_not_applicable: bool = False
    has_dont_know: bool = False
    shown_if: str = ""
    choices: tuple[Choice, ...] = ()
    rows: tuple[Choice, ...] = ()
    has_other: bool = False
    is_shuffled: bool = False
    kind: Kind | Literal[""] = ""
    touchpoint: str = ""
    variant: Literal[1, 2] = 2
    scale_min: int | None = None
    scale_max: int | None = None
    direction: Direction = "up"
    low: Texts = {}
    high: Texts = {}
    look: Look = "numbers"
    at_least: float | None = None
    at_most: float | None = None
    need: str = ""
    pattern: str = ""
    step: float | None = None
    earliest: str = ""
    latest: str = ""
    wrong: Texts = {}
    is_welcome: bool = False
    strength_of: str = ""

    @property
    def scale(self) -> tuple[int, int]:
        """The ends of its scale."""
        if self.type == "nps":
            return 0, 10
        usual = (1, 7) if self.type == "ces" else (1, 5)
        low = usual[0] if self.scale_min is None else self.scale_min
        return low, usual[1] if self.scale_max is None else self.scale_max

    @property
    def better(self) -> Direction:
        """Which end of its scale is better."""
        if self.type == "ces":
            return "down" if self.variant == 1 else "up"
        return self.direction

    @property
    def metric(self) -> Metric:
        """What an answer to it is called in the log."""
        return "intent" if self.is_welcome else METRICS[self.type]

    def items(self) -> tuple[Item, ...]:
        """What is answered: itself, or each row of a matrix."""
        series = self.series or self.name
        if self.type == "statement":
            return ()
        if self.type != "matrix":
            return (Item(self.name, series, self),)
        return tuple(
            Item(f"{self.name}.{row.value}", f"{series}.{row.value}", self, row)
            for row in self.rows
        )


class Item(msgspec.Struct, frozen=True):
    """One thing that has one answer: a question, or a row of a matrix.

    Args:
        name: as conditions and forms say it.
        series: as the log says it.
    """

    name: str
    series: str
    question: Question
    row: Choice | None = None


class Page(_Written, frozen=True):
    """Questions that are seen together."""

    name: str
    questions: tuple[Question, ...]
    shown_if: str = ""
    is_shuffled: bool = False


class Ending(_Written, frozen=True):
    """What is shown at the end; the first whose condition holds.

    Args:
        is_redirect: whoever comes there is led on by the link at once.
    """

    title: Texts = {}
    text: Texts = {}
    link: str = ""
    link_label: Texts = {}
    shown_if: str = ""
    is_redirect: bool = False


class Quota(_Written, frozen=True):
    """So many responses of a kind, and no more.

    Args:
        shown_if: which responses count in it, over their answers and fields.
        most: how many come to the end.
    """

    name: str
    shown_if: str
    most: int


class Survey(_Written, frozen=True):
    """The whole document.

    Args:
        language: in which it was written first; others are translations of it.
        company: whose survey it is, as customers know them.
        colour: of the company, ``#rrggbb``.
        kind: of its scores.
        privacy: what becomes of the answers, in a sentence or two.
        is_anonymous: nobody can tell who answered what: see `edge.surveys.anonymous`.
        closes_on: the first day on which it takes no answers any more, in the workspace's zone.
        most_responses: it is full after so many have come to the end.
        stale: by language the names of translations whose source was changed since; see `stale`.
    """

    title: Texts
    pages: tuple[Page, ...]
    format: Literal[1] = 1
    language: str = "en"
    languages: tuple[str, ...] = ()
    company: Texts = {}
    colour: str = "#0b5563"
    kind: Kind = "touchpoint"
    touchpoint: str = ""
    channel: str = ""
    welcome: Texts = {}
    privacy: Texts = {}
    endings: tuple[Ending, ...] = ()
    is_anonymous: bool = False
    closes_on: date | None = None
    most_responses: int | None = None
    stale: dict[str, tuple[str, ...]] = {}
    quotas: tuple[Quota, ...] = ()

    def questions(self) -> Iterator[Question]:
        """Every question, in order."""
        for page in self.pages:
            yield from page.questions

    def items(self) -> Iterator[Item]:
        """Everything that has an answer, in order."""
        for question in self.questions():
            yield from question.items()

    def spoken(self) -> tuple[str, ...]:
        """The languages that it can be read in, its own first."""
        others = (code for code in self.languages if code != self.language)
        return (self.language, *others)


_decoder = msgspec.json.Decoder(Survey)


def read(document: bytes) -> Survey:
    """A survey out of its document.

    Raises:
        Problem: ``survey.not-one``: it is not JSON, or not of this shape.
    """
    try:
        return _decoder.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            "survey.not-one",
            _("This is not a survey: {what}.", what=str(error)[:300]),
            _("docs/surveys.md describes the document, key by key."),
        ) from error


def write(survey: Survey) -> bytes:
    """The document of a survey, as `read` reads it."""
    return msgspec.json.format(msgspec.json.encode(survey), indent=2)


def as_dict(survey: Survey) -> dict[str, Any]:
    """The document as plain values."""
    found: dict[str, Any] = msgspec.to_builtins(survey)
    return found


def language_of(code: str) -> str:
    """A language of pages and commands, as surveys name it."""
    return "zh-Hans" if code == "zh-hans" else "en"


def said(texts: Texts, language: str, survey: Survey) -> str:
    """What is shown in a language, or in the survey's own where it has no translation."""
    return texts.get(language) or texts.get(survey.language) or next(iter(texts.values()), "")
