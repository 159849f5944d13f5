"""Events that intake refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from zhiyin.api.documents.form import Document, Given, Page


class LetterDocument(Document):
    """An event that intake refused."""

    number: int
    received_at: datetime
    source: str
    wire: str
    code: str
    message: str
    body: str


class LetterCountDocument(Document):
    """How many refused events wait for one reason from one source."""

    code: str
    source: str
    count: int
    last_at: datetime


class LetterCountsDocument(Document):
    """How many refused events wait, by reason and source, the most first."""

    waiting: int
    reasons: list[LetterCountDocument]


class NumbersGiven(Given):
    """Which refused events, by their numbers; none is all that wait."""

    numbers: list[Annotated[int, Field(ge=0, le=2**53)]] | None = Field(
        default=None, max_length=1000
    )


class ReplayDocument(Document):
    """What trying again did."""

    tried: int
    taken: int
    refused: int


class DismissDocument(Document):
    """How many were put aside."""

    dismissed: int


class LettersPage(Page):
    """Refused events, newest first."""

    items: list[LetterDocument]
