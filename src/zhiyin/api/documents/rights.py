"""What customers have a right to: consents, erasures and their receipts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from zhiyin.api.documents.form import Document, Given, Page


class ConsentGiven(Given):
    """What a customer said about a purpose."""

    id: str = Field(min_length=1, max_length=500)
    kind: str | None = Field(default=None, max_length=60)
    purpose: str = Field(min_length=1, max_length=200)
    channel: str | None = Field(default=None, max_length=200)
    is_given: bool
    evidence: str = Field(min_length=1, max_length=200)


class ErasureGiven(Given):
    """A customer to be erased, by any id of hers."""

    id: str = Field(min_length=1, max_length=500)
    kind: str | None = Field(default=None, max_length=60)
    reason: Literal["request", "withdrawn", "not_needed", "unlawful"] = "request"


class ErasureDocument(Document):
    """How far an erasure is."""

    number: str
    asked_by: str
    asked_at: datetime
    reason: str
    state: str
    unreadable_at: datetime | None
    gone_by: datetime
    gone_at: datetime | None


class ReceiptDocument(Schema):
    """A signed receipt, as `zhiyin erase --json`."""

    model_config = ConfigDict(extra="allow")

    form: str
    number: str


class ErasuresPage(Page):
    """Erasures, newest first."""

    items: list[ErasureDocument]
