"""Measures, scores and comparisons."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from zhiyin.api.documents.form import Document


class MeasureDocument(Document):
    """A measure, and how it is counted."""

    metric: str
    label: str
    question: str
    definition: str
    definition_version: int
    population: str
    numerator: str
    denominator: str
    date: str
    unit: str
    better: str
    interval: str


class MeasuresDocument(Document):
    """Every measure."""

    measures: list[MeasureDocument]


class ScoreDocument(Document):
    """One figure; null where it is not shown, and `state` says why."""

    group: dict[str, Any]
    period: str | None
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    design_effect: float | None
    method: str
    state: str
    flags: list[str]


class LeftOutDocument(Document):
    """A mark of the calendar that a figure is without."""

    number: int
    name: str


class Heading(Document):
    """What a table of figures says of itself."""

    metric: str
    questions: list[str]
    kind: str | None
    per: str
    definition: str
    definition_version: int
    unit: str
    better: str
    scale: list[float] | None
    timezone: str
    from_: date | None = Field(alias="from")
    to: date | None
    as_of: datetime
    confidence: float
    minimum_base: int
    without: list[LeftOutDocument]


class ScoresDocument(Heading):
    """As `zhiyin score --json`."""

    rows: list[ScoreDocument]
    total: ScoreDocument
    states: dict[str, int]


class ComparisonDocument(Document):
    """One difference, with its interval and whether it is more than chance."""

    group: dict[str, Any]
    period: str | None
    reference_period: str | None
    value: float | None
    reference_value: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool
    n: int | None
    customers: int | None
    reference_n: int | None
    reference_customers: int | None
    method: str
    state: str
    place: Any
    flags: list[str]


class ComparisonsDocument(Heading):
    """As `zhiyin compare --json`."""

    against: Any
    q: float
    fdr: str
    tests: int
    interval_confidence: float
    rows: list[ComparisonDocument]
