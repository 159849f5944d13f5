"""Themes: what many customers say and nobody named."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from zhiyin.api.documents.form import Document


class ThemeEstimateDocument(Document):
    """A figure with its interval; `low` and `high` are null where there is none."""

    value: float | None
    low: float | None
    high: float | None


class ThemeGrowthDocument(Document):
    """How often it is said now against before. `ratio` and `high` are null where nobody had said
    it; the interval is that of all themes as one family."""

    ratio: float | None
    low: float
    high: float | None
    p: float
    q: float
    is_more_than_noise: bool


class ThemeWeekDocument(Document):
    """One week; all is null where too few customers said anything."""

    first: date
    customers: int | None
    spoke: int | None
    share: ThemeEstimateDocument | None


class ThemeExampleDocument(Document):
    """A clause of a theme. Personal data in it is masked, and `start` null, for a key that may not
    see it."""

    row: int
    start: int | None
    at: datetime
    text: str
    touchpoint: str | None
    polarity: str
    aspect: str | None


class ThemeTurnDocument(Document):
    """What became of a theme by itself: `split` off the `other`, `merged` into it, or `back`."""

    kind: Literal["split", "merged", "back"]
    other: int | None
    at: datetime


class ThemeWordsDocument(Document):
    """Its own words, each said by three customers of it at least."""

    zh: list[str]
    en: list[str]


class KeptThemeDocument(Document):
    """What is kept of a theme. `under`: the aspect that names it already; `aspect`: what it was
    promoted to."""

    number: int
    name: str
    given_name: str | None
    words: ThemeWordsDocument
    state: Literal["open", "hidden", "promoted"]
    under: str | None
    aspect: str | None
    is_silent: bool
    first_said: date
    found_at: datetime
    turns: list[ThemeTurnDocument]


class ThemeDocument(KeptThemeDocument):
    """A theme with its figures, null where its customers are too few. `sentiment` is from -100 to
    100, shares from 0 to 1."""

    trend: Literal["few", "new", "growing", "shrinking", "steady"]
    customers: int | None
    clauses: int | None
    share: ThemeEstimateDocument | None
    sentiment: ThemeEstimateDocument | None
    growth: ThemeGrowthDocument | None
    weeks: list[ThemeWeekDocument]
    examples: list[ThemeExampleDocument]


class ThemesDocument(Document):
    """The themes of the weeks that were looked at last. `customers` said anything; `tests` are in
    the family."""

    found_at: datetime | None
    version: str
    first: date | None = Field(alias="from")
    to: date | None
    now_weeks: int
    customers: int
    clauses: int
    clauses_in_themes: int
    tests: int
    themes: list[ThemeDocument]
