"""How journeys go along a map: whether they follow it, and how they are judged as a whole."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from zhiyin.api.documents.form import Document
from zhiyin.api.documents.tasks import RatioDocument

Texts = dict[str, str]


class _Along(Document):
    """Which map, and which days."""

    key: str
    name: Texts
    version: int | None
    from_: date = Field(alias="from")
    to: date
    confidence: float


class BeforeLeavingDocument(Document):
    """Events of a name directly before journeys left a map."""

    name: str
    customers: int
    share: float


class DeviationDocument(Document):
    """One way in which journeys leave a map: `back` or `skipped`, touchpoints by their ids."""

    kind: str
    before: str
    to: str
    missing: str | None
    instances: int
    customers: int
    share: float | None
    low: float | None
    high: float | None
    names: list[BeforeLeavingDocument]


class JudgedWayDocument(Document):
    """How journeys of one way are judged: `follows`, `back` or `skipped`; beside those that
    follow."""

    kind: str
    before: str | None
    to: str | None
    missing: str | None
    journeys: int
    customers: int
    score: RatioDocument
    difference: RatioDocument
    p: float | None
    q: float | None
    marked: bool


class JudgedWaysDocument(Document):
    """The ways of journeys that their customers judged as a whole; one family of tests."""

    question: str | None
    ways: list[JudgedWayDocument]
    tests: int
    minimum_base: int


class ConformanceDocument(_Along):
    """As `zhiyin journey conformance KEY --json`."""

    instances: int | None
    customers: int | None
    following: int | None
    following_customers: int | None
    share: RatioDocument
    share_of_instances: RatioDocument
    deviations: list[DeviationDocument]
    deviations_in_all: int
    state: str
    following_state: str
    minimum_base: int
    judged: JudgedWaysDocument


class BurdenedDocument(Document):
    """Journeys with so many bad touchpoints; 3 is 3 and more."""

    bad: int
    journeys: int | None
    customers: int | None
    score: RatioDocument
    nps: RatioDocument
    watched: int | None
    again: RatioDocument
    state: str
    again_state: str


class BurdenTrendDocument(Document):
    """By how much the score changes with each further bad touchpoint."""

    change: float
    low: float
    high: float
    p: float


class WholePartsDocument(Document):
    """How much of the score of the whole each part of the steps explains."""

    journeys: int
    customers: int
    explained: RatioDocument
    mean: RatioDocument
    last: RatioDocument
    worst: RatioDocument


class WholeJourneysDocument(_Along):
    """As `zhiyin journey whole KEY --json`."""

    question: str | None
    scale: list[float] | None
    better: str
    journeys: int | None
    customers: int | None
    by_bad_touchpoints: list[BurdenedDocument]
    trend: BurdenTrendDocument | None
    parts: WholePartsDocument | None
    again_within_days: float
    minimum_base: int
    state: str
