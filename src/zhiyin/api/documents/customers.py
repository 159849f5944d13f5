"""Customers: one, many, and how many a rule chooses."""

from __future__ import annotations

from datetime import datetime

from zhiyin.api.documents.form import Document, Page


class IdDocument(Document):
    """An id of a customer."""

    kind: str
    id: str


class LineDocument(Document):
    """One line of a time line."""

    at: datetime
    table: str
    title: str
    detail: str | None
    says: str | None
    amount: str | None
    channel: str | None
    touchpoint: str | None


class MoneyDocument(Document):
    """What a customer has paid in a currency."""

    currency: str
    orders: int
    paid: float
    refunds: int
    refunded: float


class IssueDocument(Document):
    """Something that waits for us."""

    issue: str
    reason: str | None
    since: datetime
    contacts: int
    promised_until: datetime | None


class ConsentDocument(Document):
    """What a customer said about a purpose."""

    purpose: str
    channel: str | None
    is_given: bool
    at: datetime


class CustomerDocument(Document):
    """As `zhiyin customer --json`."""

    customer: str | None
    name: str
    ids: list[IdDocument]
    traits: dict[str, str]
    counts: dict[str, int]
    channels: dict[str, int]
    first_at: datetime | None
    last_at: datetime | None
    money: list[MoneyDocument]
    open_issues: list[IssueDocument]
    consents: list[ConsentDocument]
    timeline: list[LineDocument]


class PersonDocument(Document):
    """A customer in a list."""

    ids: list[IdDocument]
    name: str
    tier: str | None
    last_at: datetime | None
    orders: int
    spent: float | None
    contacts: int
    last_nps: float | None


class CountDocument(Document):
    """How many customers a rule chooses, of how many."""

    rule: str
    n: int
    of: int
    seconds: float


class PeoplePage(Page):
    """Customers."""

    items: list[PersonDocument]


class LinesPage(Page):
    """Lines of a time line, newest first."""

    items: list[LineDocument]
