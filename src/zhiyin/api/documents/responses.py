"""Responses: each filling-in of a survey, whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhiyin.api.documents.form import Document, Page


class GivenDocument(Document):
    """What became of one question; `row` is the number of the words in the log."""

    question: str
    metric: str | None
    state: str | None
    score: float | None
    scale_min: float | None
    scale_max: float | None
    choice: str | None
    text: str | None
    row: int | None


class ResponseDocument(Document):
    """One filling-in of a survey.

    `score` is that of the answer which the figure counts, null in a list of all responses. Who the
    customer is, is null for a key that may not see, and personal data in words is masked for it.
    """

    number: int | None
    at: datetime
    customer: str | None
    score: float | None
    touchpoint: str | None
    channel: str | None
    answers: list[GivenDocument]
    columns: dict[str, Any]


class ResponsesPage(Page):
    """Responses, the newest first."""

    items: list[ResponseDocument]


class ResponseCountDocument(Document):
    """How many responses there are, and of how many customers."""

    n: int
    customers: int
