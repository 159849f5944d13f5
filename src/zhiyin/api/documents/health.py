"""Is the data whole? What the page *Data health* shows."""

from __future__ import annotations

from datetime import date, datetime

from zhiyin.api.documents.form import Document
from zhiyin.api.documents.letters import LetterCountDocument
from zhiyin.api.documents.rules import TrafficDocument


class DayOfSource(Document):
    """Rows of a day against the same weekdays before it; null where too few came before."""

    on: date
    rows: int
    usual: float | None
    low: float | None
    high: float | None
    is_unusual: bool
    festivals: list[str]


class SilenceDocument(Document):
    """A time in which a source should have sent and has not; `until` is null while it lasts."""

    source: str
    since: datetime
    until: datetime | None
    hours: int
    expected: float
    chance: float
    festivals: list[str]


class SourceDocument(Document):
    """A source, its last days that are over, and its silences, the newest first."""

    source: str
    rows: int
    tables: dict[str, int]
    last_at: datetime
    received_at: datetime
    is_live: bool
    days: list[DayOfSource]
    silences: list[SilenceDocument]


class UnlinkedDocument(Document):
    """Answers of the last days, and how many of them nobody is known to have given."""

    answers: int
    of_nobody: int
    days: int


class RejectsOfImport(Document):
    """How many rows an import did not take."""

    import_id: str
    label: str
    rows: int


class IntakeDocument(Document):
    """Rows that wait to be taken into the log, or what is wrong with intake."""

    rows: int | None
    fault: str | None


class HealthDocument(Document):
    """The data of the workspace; sources that are silent now stand first."""

    sources: list[SourceDocument]
    unlinked: UnlinkedDocument
    touchpoints: list[TrafficDocument]
    refused: list[LetterCountDocument]
    rejects: list[RejectsOfImport]
    intake: IntakeDocument | None
