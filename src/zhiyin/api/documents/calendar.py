"""Marked days and holidays."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


class MarkDocument(Document):
    """Days marked in the calendar; ids of customers only for keys that see them."""

    number: int
    name: str
    kind: str
    from_: date = Field(alias="from")
    to: date
    unit: str | None
    touchpoint: str | None
    where: str | None
    about: list[str]
    customers: list[str]
    listed_customers: int
    made_by: str


class DatedDocument(Document):
    """Days that were computed: a public holiday or a festival."""

    name: str
    kind: str
    from_: date = Field(alias="from")
    to: date
    number: int | None


class CalendarDocument(Document):
    """As `zhiyin calendar list --json`."""

    marks: list[MarkDocument]
    holidays: list[DatedDocument]


class HolidaysDocument(Document):
    """As `zhiyin calendar holidays --json`: whose holidays, and those of the coming year."""

    country: str | None
    lunar: bool
    coming: list[DatedDocument]


class HolidaysGiven(Given):
    """Whose holidays figures are read with: two letters, or null for none."""

    country: str | None = Field(max_length=2)
    lunar: bool


class MarksBroughtDocument(Document):
    """As `zhiyin calendar import --json`: lines by what became of them."""

    new: int
    same: int
    is_dry_run: bool


class MarkGiven(Given):
    """Days to be marked, the last one included."""

    name: str = Field(max_length=120)
    kind: Literal["incident", "campaign", "holiday", "process", "survey", "gap"]
    first: str = Field(max_length=10, description="2026-01-31")
    last: str = Field(default="", max_length=10)
    unit: str = Field(default="", max_length=120)
    touchpoint: str = Field(default="", max_length=120)
    where: str = Field(default="", max_length=10_000)
    about: list[str] = Field(default=[], max_length=5_000)
    customers: list[str] = Field(default=[], max_length=5_000)
