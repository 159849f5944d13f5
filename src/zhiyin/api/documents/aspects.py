"""Aspects: what chosen reasons count under."""

from __future__ import annotations

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.kernel.text import _


class AspectDocument(Document):
    """One aspect; `parent` is the key of that above it."""

    key: str
    label: dict[str, str]
    parent: str | None
    place: int
    is_retired: bool
    revision: int


class AspectsDocument(Document):
    """Every aspect, those under one right behind it."""

    aspects: list[AspectDocument]


class AspectGiven(Given):
    """A new aspect."""

    key: str = Field(max_length=60)
    en: str = Field(max_length=120)
    zh: str = Field(max_length=120)
    parent: str = Field(default="", max_length=60)


class AspectChangeGiven(Given):
    """What changes of an aspect; what is left out stays."""

    en: str | None = Field(default=None, max_length=120)
    zh: str | None = Field(default=None, max_length=120)
    parent: str | None = Field(
        default=None, max_length=60, description=str(_("The aspect above it; '' is none."))
    )
    place: int | None = Field(
        default=None, ge=0, lt=10_000, description=str(_("In the order, from 0."))
    )
    is_retired: bool | None = None
    revision: int | None = Field(
        default=None, ge=1, lt=2**31, description=str(_("Of the aspect that was looked at."))
    )


class AspectsStarterGiven(Given):
    """Which industry to begin with."""

    starter: str = Field(max_length=60)


class AspectsAddedDocument(Document):
    """What was added, and how many were there already."""

    added: list[AspectDocument]
    same: int
