"""Marks on journey maps: problems and suggestions pinned to touchpoints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given

Kind = Literal["problem", "suggestion"]
Status = Literal["open", "planned", "doing", "done", "declined"]
Login = Annotated[str, Field(max_length=254)]


class PinDocument(Document):
    """A mark in a list; `touchpoint` is null where it is not drawn any more."""

    map: str
    number: int
    kind: Kind
    title: str
    says: str
    status: Status
    is_open: bool
    node: str
    touchpoint: str | None
    owner: str | None
    contributors: list[str]
    due_on: date | None
    is_overdue: bool
    votes: int
    comments: int
    evidence: int
    revision: int
    made_by: str
    made_at: datetime
    changed_at: datetime


class PinsDocument(Document):
    """As `zhiyin journey mark list --json`; send `next` as `cursor`, null is the last page."""

    marks: list[PinDocument]
    next: str | None


class PinEventDocument(Document):
    """A comment, or something that was done: what was before and became of it."""

    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    says: str
    by: str
    at: datetime


class PinWholeDocument(Document):
    """As `zhiyin journey mark show --json`: a mark with what it rests on, asked now."""

    map: str
    number: int
    kind: Kind
    title: str
    says: str
    status: Status
    is_open: bool
    node: str
    touchpoint: str | None
    owner: str | None
    contributors: list[str]
    due_on: date | None
    is_overdue: bool
    votes: int
    evidence: list[dict[str, Any]]
    voters: list[str]
    comments: list[PinEventDocument]
    history: list[PinEventDocument]
    revision: int
    made_by: str
    made_at: datetime
    changed_at: datetime


class PinRemovedDocument(Document):
    """As `zhiyin journey mark remove --json`."""

    map: str
    number: int
    removed: bool


class ProofGiven(Given):
    """What a mark rests on: a figure by its address on *Scores*, words by their number in the log,
    a page elsewhere by its address."""

    kind: Literal["figure", "words", "link"]
    says: str = Field(max_length=4_000)


class PinGiven(Given):
    """A mark to be made."""

    node: str = Field(max_length=40)
    title: str = Field(max_length=200)
    kind: Kind = "problem"
    says: str = Field(default="", max_length=4_000)
    status: Status = "open"
    owner: str = Field(default="", max_length=254)
    contributors: list[Login] = Field(default=[], max_length=40)
    due_on: str = Field(default="", max_length=10, description="2026-01-31")
    evidence: list[ProofGiven] = Field(default=[], max_length=40)


class PinChanged(Given):
    """What is to be changed of a mark; what is null stays. Without `revision` whatever stands is
    changed; with it, only what was looked at."""

    node: str | None = Field(default=None, max_length=40)
    title: str | None = Field(default=None, max_length=200)
    kind: Kind | None = None
    says: str | None = Field(default=None, max_length=4_000)
    status: Status | None = None
    owner: str | None = Field(default=None, max_length=254)
    contributors: list[Login] | None = Field(default=None, max_length=40)
    due_on: str | None = Field(default=None, max_length=10)
    revision: int | None = Field(default=None, ge=1, lt=2**31)
    evidence: list[ProofGiven] = Field(default=[], max_length=40)
    drop_evidence: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(default=[], max_length=40)


class PinCommentGiven(Given):
    """Something said about a mark."""

    text: str = Field(max_length=4_000)


class PinVoteGiven(Given):
    """A member's vote for a mark, or that she takes it back."""

    member: str = Field(max_length=254)
    is_for: bool = True
