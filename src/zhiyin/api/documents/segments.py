"""Segments: rules that choose customers, under a name."""

from __future__ import annotations

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.kernel.text import _


class SegmentDocument(Document):
    """A saved rule that chooses customers; a kept list of them has none."""

    slug: str
    name: str
    rule: str
    is_kept: bool


class SegmentsDocument(Document):
    """Every saved segment."""

    segments: list[SegmentDocument]


class SegmentGiven(Given):
    """A segment to be saved."""

    name: str = Field(max_length=200)
    rule: str = Field(default="", max_length=10_000)


class KeptListGiven(Given):
    """The customers behind a figure of journeys, to be kept as they are now."""

    name: str = Field(max_length=200)
    figure: str = Field(
        max_length=8_000,
        description=str(_("The query of the address to which its n leads on the page.")),
    )
