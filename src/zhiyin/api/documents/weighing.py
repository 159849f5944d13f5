"""What two groups say differently, and what to fix first."""

from __future__ import annotations

from zhiyin.api.documents.form import Document


class SaidShareDocument(Document):
    """A share of customers, 0 to 1, with its interval."""

    value: float
    low: float | None
    high: float | None
    customers: int


class BlameShareDocument(SaidShareDocument):
    """A share of `n` responses, its interval over customers."""

    n: int


class ThingDocument(Document):
    """One thing that is said: of an aspect with its polarity, an emotion, intent, effort or
    urgency; `difference` is the share here less the share there."""

    kind: str
    name: str
    polarity: str | None
    here: SaidShareDocument
    there: SaidShareDocument
    difference: float
    low: float | None
    high: float | None
    q: float | None
    marked: bool


class ApartDocument(Document):
    """Two groups of so many customers; what distinguishes most stands first. Empty where either has
    fewer than the workspace's minimum."""

    here: int
    there: int
    tests: int
    confidence: float
    things: list[ThingDocument]


class BlamedDocument(Document):
    """One aspect: how often it is blamed, low scores with it and without, and `weight`, how often
    times that difference."""

    aspect: str
    often: BlameShareDocument
    low_with: BlameShareDocument
    low_without: BlameShareDocument
    difference: float
    low: float | None
    high: float | None
    weight: float
    q: float | None
    marked: bool


class FirstDocument(Document):
    """What to fix first: `left_out` aspects are blamed by too few customers, or by all."""

    n: int
    customers: int
    low_share: float | None
    left_out: int
    tests: int
    confidence: float
    aspects: list[BlamedDocument]
