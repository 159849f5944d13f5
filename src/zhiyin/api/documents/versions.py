"""Two versions of a reading side by side."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from zhiyin.api.documents.form import Document
from zhiyin.api.documents.labels import LabelShareDocument


class ClausesReadDocument(Document):
    """So many clauses, of so many customers."""

    clauses: int
    customers: int


class ReadAsDocument(Document):
    """One thing that clauses are read as; a `name` of null is about no single thing. `kept` were
    read so by both, `stayed` is their share of those that were before; null: too few customers."""

    name: str | None
    before: ClausesReadDocument
    now: ClausesReadDocument
    kept: ClausesReadDocument
    stayed: LabelShareDocument | None


class MovedDocument(ClausesReadDocument):
    """Clauses that were read as `before` and are as `now`; `share` is of all that were so before,
    null for too few customers."""

    before: str | None
    now: str | None
    share: LabelShareDocument | None


class ReadDocument(Document):
    """How a version read a clause."""

    aspect: str | None
    polarity: str
    language: str


class ChangedClauseDocument(Document):
    """A clause that is not read as it was. `start` and `end` are null for a key that may not see
    who customers are, as of a verbatim."""

    row: int
    at: datetime
    start: int | None
    end: int | None
    text: str
    before: ReadDocument
    now: ReadDocument


class VersionsDocument(Document):
    """Two versions of a reading. `both` of the `verbatims` were read by both, and figures are of
    the `clauses` that both cut alike; `only_before` and `only_now` were cut otherwise."""

    by: Literal["aspect", "polarity", "language"]
    language: str | None
    version: str
    earlier: str | None
    verbatims: int
    both: int
    clauses: int
    customers: int
    only_before: int
    only_now: int
    same: LabelShareDocument | None
    groups: list[ReadAsDocument]
    moves: list[MovedDocument]
    changed: list[ChangedClauseDocument]
