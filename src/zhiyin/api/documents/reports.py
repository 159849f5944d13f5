"""Reports and what was published of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhiyin.api.documents.form import Document


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
    problem: str | None


class ChangesDocument(Document):
    """What has changed since a report was published."""

    figures: list[ChangedDocument]
    merges: int
    erasures: int
    settings: dict[str, int]
