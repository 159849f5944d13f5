"""What customers have a right to: consents, erasures and their receipts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from zhiyin.api.documents.customers import ConsentDocument, IdDocument
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


class StatementDocument(ConsentDocument):
    """One thing that a customer said about a purpose, and how it is known."""

    source: str
    evidence: str | None


class ConsentsDocument(Document):
    """What holds for each purpose and channel, and all that was said, newest first."""

    ids: list[IdDocument]
    standing: list[ConsentDocument]
    history: list[StatementDocument]


class RightsRulesDocument(Document):
    """What the workspace has decided about erasure."""

    stated_days: int
    erased_ids: Literal["refuse", "anew"]


class RightsRulesGiven(Given):
    """What is to be decided; what is not named stays."""

    stated_days: int | None = Field(default=None, ge=1, le=90)
    erased_ids: Literal["refuse", "anew"] | None = None


class KeptDocument(Document):
    """How many months one kind of data is kept; `pattern` is of event names, with * and ?."""

    table: str
    pattern: str
    months: int


class RetentionDocument(Document):
    """What is kept how long; what is not named is kept for good."""

    kept: list[KeptDocument]


class KeptGiven(Given):
    """How many months one kind of data is to be kept."""

    table: str = Field(min_length=1, max_length=40)
    pattern: str = Field(default="", max_length=120)
    months: int = Field(ge=1, le=1200)


class RetentionGiven(Given):
    """What is to be kept how long, in the place of all; what is not named is kept for good."""

    kept: list[KeptGiven] = Field(max_length=200)


class GoingDocument(RetentionDocument):
    """What would go in the coming night: rows by table."""

    going: dict[str, int]


class ErasuresPage(Page):
    """Erasures, newest first."""

    items: list[ErasureDocument]
