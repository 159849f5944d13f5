"""Segments: rules that choose customers, under a name."""

from __future__ import annotations

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


class SegmentDocument(Document):
    """A saved rule that chooses customers."""

    slug: str
    name: str
    rule: str


class SegmentsDocument(Document):
    """Every saved segment."""

    segments: list[SegmentDocument]


class SegmentGiven(Given):
    """A segment to be saved."""

    name: str = Field(max_length=200)
    rule: str = Field(max_length=10_000)
