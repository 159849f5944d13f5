"""The answers behind the figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhiyin.api.documents.form import Document, Page


class AnswerDocument(Document):
    """One question put to one customer; ids and options are null for a key that may not see."""

    seq: int
    id: str | None
    source: str | None
    customer: str | None
    occurred_at: datetime
    received_at: datetime
    response: str | None
    survey: str | None
    version: int | None
    question: str | None
    metric: str | None
    kind: str | None
    score: float | None
    scale_min: float | None
    scale_max: float | None
    direction: str | None
    answer_state: str | None
    choice: str | None
    touchpoint: str | None
    channel: str | None
    weight: float | None
    dimensions: dict[str, Any]


class AnswersPage(Page):
    """Answers, in the order in which the log learnt them."""

    items: list[AnswerDocument]
