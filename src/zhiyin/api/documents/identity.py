"""Which ids are one customer: merges, suggestions, reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from zhiyin.api.documents.customers import IdDocument
from zhiyin.api.documents.form import Document, Given, Page


class MergeGiven(Given):
    """Two ids that are one customer; an id of another kind than `customer` is ``kind:id``."""

    a: str = Field(min_length=1, max_length=500)
    b: str = Field(min_length=1, max_length=500)
    note: str = Field(default="", max_length=500)


class MergeDocument(Document):
    """As `zhiyin merge --json`."""

    merge_id: str
    customer: str
    ids: list[IdDocument]


class UnmergeDocument(Document):
    """As `zhiyin unmerge --json`."""

    merge_id: str
    customers: list[str]
    is_still_one: bool


class WhyDocument(Document):
    """As `zhiyin why --json`."""

    customer: str
    ids: list[IdDocument]
    tree: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    held: list[dict[str, Any]]
    apart: list[dict[str, Any]]


class SuggestionDocument(Document):
    """Two ids that may be one customer."""

    number: int
    a: IdDocument
    b: IdDocument
    origin: str
    weight: float | None
    probability: float | None
    comparison: list[dict[str, Any]]
    state: str
    merge_id: str | None
    found_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class DecisionGiven(Given):
    """What a person says to a suggestion."""

    decision: Literal["accept", "reject", "reopen"]


class MatchRunDocument(Document):
    """The last run of the rules that changed something, and what it counted."""

    done_at: datetime
    found: dict[str, Any]


class IdentityRulesDocument(Document):
    """By what ids are one customer."""

    traits: list[str]
    shared_by_at_most: int
    country: str
    phone_alone: bool
    gmail_dots: bool
    cluster_limit: int
    last_run: MatchRunDocument | None


class IdentityRulesGiven(Given):
    """Rules of identity; what is not named stays."""

    traits: list[Annotated[str, Field(min_length=1, max_length=60)]] | None = Field(
        default=None, max_length=20
    )
    shared_by_at_most: int | None = Field(default=None, ge=2, le=32_767)
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    phone_alone: bool | None = None
    gmail_dots: bool | None = None
    cluster_limit: int | None = Field(default=None, ge=2, le=32_767)


class SuggestionsPage(Page):
    """Suggestions."""

    items: list[SuggestionDocument]
