"""Saved views."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


class ViewDocument(Document):
    """A saved view: a page and the query of its address."""

    number: int
    name: str
    page: str
    query: str
    address: str
    is_shared: bool
    is_pinned: bool
    created_at: datetime


class ViewsDocument(Document):
    """Every view that the workspace shares."""

    views: list[ViewDocument]


class ViewChanged(Given):
    """What is to be said of a view that is shared."""

    name: str = Field(max_length=200)
    is_pinned: bool = False


class ViewGiven(Given):
    """A view to be shared with the workspace."""

    name: str = Field(max_length=200)
    page: str = Field(max_length=40)
    query: str = Field(default="", max_length=10_000)
    is_pinned: bool = False
