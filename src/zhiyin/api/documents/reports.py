"""Reports and what was published of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.reports.blocks import DATES


class EditionHeading(Document):
    """A report as it was published, without what it says."""

    number: int
    published_at: datetime
    published_by: str
    as_of: datetime
    scope: str | None


class ReportDocument(Document):
    """A report, with its newest edition first."""

    number: int
    title: str
    language: str
    blocks: int
    made_by: str
    changed_at: datetime
    editions: list[EditionHeading]


class ReportsDocument(Document):
    """As `zhiyin report list --json`."""

    reports: list[ReportDocument]


class DraftDocument(Document):
    """A report that is being made: its blocks in order, as references and words.

    A block has an `id` and a `type`: figure, said, words or break.
    """

    number: int
    title: str
    language: str
    blocks: list[dict[str, Any]]
    can_put_back: bool


class ReportGiven(Given):
    """The title and the language of a report."""

    title: str = Field(min_length=1, max_length=200)
    language: Literal["en", "zh-hans"]


class FigureShown(Given):
    """How a figure is shown; `dates` is one of the page's periods, blank for the figure's own."""

    show: Literal["number", "chart", "table"] = "chart"
    dates: str = Field(default="", pattern=f"^({'|'.join(DATES)})$")
    title: str = Field(default="", max_length=120)


class FigureGiven(Given):
    """A figure: `query` is that of an address of *Scores*, or an address of *Funnels*, *Paths* or
    *Retention* with its query: ``journeys/funnels/?steps=…``; ``part=over-time`` for its course."""

    type: Literal["figure"]
    query: str = Field(max_length=10_000)
    show: Literal["number", "chart", "table"] = "chart"
    dates: str = Field(default="", pattern=f"^({'|'.join(DATES)})$")


class SaidGiven(Given):
    """Customers' own words, by their rows: `/verbatims` and `/responses` name them."""

    type: Literal["said"]
    rows: list[Annotated[int, Field(ge=0, lt=2**63)]] = Field(min_length=1, max_length=50)


class WordsGiven(Given):
    """Own words."""

    type: Literal["words"]
    text: str = Field(default="", max_length=20_000)


class BreakGiven(Given):
    """A new page."""

    type: Literal["break"]


class BlockGiven(Given):
    """What is to be put at the end of a report."""

    block: FigureGiven | SaidGiven | WordsGiven | BreakGiven = Field(discriminator="type")


class TextGiven(Given):
    """Own words in the place of others."""

    text: str = Field(max_length=20_000)


class StepsGiven(Given):
    """How far a block is moved: up is less than 0."""

    steps: int = Field(ge=-200, le=200)


class QuoteDocument(Document):
    """A customer's own words; personal data in them is masked for a key that may not see it."""

    row: int
    text: str
    about: str


class QuotesDocument(Document):
    """The newest words that hold what was searched."""

    verbatims: list[QuoteDocument]


class ReaderDocument(Document):
    """A member to whom a report is or may be sent."""

    number: int
    login: str


class ScheduleOfReport(Document):
    """When a report is sent: `day` is of the week (0 is Monday) or of the month."""

    every: Literal["week", "month"]
    day: int
    hour: int
    attaches: bool
    to: list[ReaderDocument]
    asked_by: str
    next_at: datetime


class LetterOfReport(Document):
    """What became of a letter."""

    login: str
    edition: int | None
    became: str


class SendingDocument(Document):
    """One time at which a report was sent."""

    due_at: datetime
    done_at: datetime | None
    letters: list[LetterOfReport]


class SendingsDocument(Document):
    """When a report is sent, to whom it may be, and what was sent, the newest first."""

    schedule: ScheduleOfReport | None
    may_read: list[ReaderDocument]
    sendings: list[SendingDocument]


class ScheduleGiven(Given):
    """When a report is to be sent, to whom (numbers of members), and whether the PDF goes along."""

    every: Literal["week", "month"]
    day: int = Field(ge=0, le=28)
    hour: int = Field(ge=0, le=23)
    to: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(min_length=1, max_length=1000)
    attaches: bool = True


class ContentDocument(Document):
    """What a report says. A block's `type` is figure, fault, said, words or break."""

    title: str
    language: str
    workspace: str
    scope: str
    as_of: str
    blocks: list[dict[str, Any]]


class EditionDocument(EditionHeading):
    """A report as it was published."""

    content: ContentDocument


class ChangedDocument(Document):
    """A figure of a published report, asked again."""

    block: str
    title: str
    is_same: bool
    then: float | None
    now: float | None
    rows: int
    reasons: dict[str, int]
    was_defined_anew: bool
    was_read_anew: bool
    problem: str | None


class ChangesDocument(Document):
    """What has changed since a report was published."""

    figures: list[ChangedDocument]
    merges: int
    erasures: int
    settings: dict[str, int]
