"""Verbatims: what customers said, with the clauses that were read in it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from zhiyin.api.documents.form import Document, Page


class ClauseDocument(Document):
    """One clause, as it was read.

    `start` and `end` are characters of the whole text, half-open; null for a key that may not see
    who customers are, since what is masked in its text has another length.
    """

    start: int | None
    end: int | None
    text: str
    aspect: str | None
    polarity: Literal["negative", "neutral", "positive", "mixed"]
    probability: float
    emotion: str | None
    intent: str | None
    effort: str | None
    urgency: str | None
    likeness: float | None


class VerbatimDocument(Document):
    """One thing said in a customer's own words; `row` is its number in the log.

    Without clauses nobody has read it yet. Who the customer is, is null for a key that may not see,
    and personal data in words is masked for it. `likeness` is the cosine of what a clause means and
    what `like` asked for, that of the nearest for the whole; null where it is below the least that
    counts, and where nothing was asked for by its meaning.
    """

    row: int
    at: datetime
    text: str
    language: str | None
    touchpoint: str | None
    channel: str | None
    source: str | None
    likeness: float | None
    customer: str | None
    clauses: list[ClauseDocument]


class VerbatimsPage(Page):
    """Verbatims, the newest first; the nearest first where `like` asks for a meaning."""

    items: list[VerbatimDocument]


class VoiceStateDocument(Document):
    """How far verbatims are read: `verbatims` that have a text, `read` by any version, `up_to_date`
    by this one."""

    version: str
    verbatims: int
    read: int
    up_to_date: int


class VerbatimCountDocument(Document):
    """How many verbatims there are, and of how many customers."""

    n: int
    customers: int
