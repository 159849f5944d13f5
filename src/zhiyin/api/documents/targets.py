"""Targets with their verdicts."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


class TargetDocument(Document):
    """A target."""

    number: int
    metric: str
    kind: str | None
    question: str | None
    unit: str | None
    period: str
    from_: date = Field(alias="from")
    to: date
    target: float


class VerdictDocument(TargetDocument):
    """A target beside the figure of its period; `chance` is of reaching it by the end."""

    verdict: str
    is_over: bool
    better: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    flags: list[str]
    chance: float | None
    needed: float | None
    expected: float | None
    to_come: float | None
    problem: str | None


class TargetsDocument(Document):
    """As `zhiyin target list --json`."""

    targets: list[VerdictDocument]


class TargetHistoryDocument(Document):
    """A target, and the verdicts on all of the same measure, kind, question and unit."""

    target: TargetDocument
    history: list[VerdictDocument]


class TargetsBroughtDocument(Document):
    """As `zhiyin target import --json`: lines by what became of them."""

    new: int
    changed: int
    same: int
    is_dry_run: bool


class TargetGiven(Given):
    """A target to be set; one for the same measure, unit and period gets this value."""

    metric: str = Field(max_length=64)
    period: str = Field(max_length=30)
    value: float
    unit: str = Field(default="", max_length=120)
    kind: str = Field(default="", max_length=20)
    question: str = Field(default="", max_length=200)
