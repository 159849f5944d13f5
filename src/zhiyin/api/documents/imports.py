"""Imports of files."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from zhiyin.api.documents.form import Document, Given, Page


class ImportDocument(Document):
    """One batch that the log has taken."""

    import_id: str
    source: str
    label: str
    committed_at: datetime
    facts: int
    undone_at: datetime | None


class RejectDocument(Document):
    """A row that was not taken."""

    line: int
    column: str
    value: str
    reason: str
    file: str


class ImportedDocument(Document):
    """What became of every row: read = added + duplicate + rejected.

    `rejects_file` is the name of the file of rejected rows in the folder `rejects` of the server;
    `rejects` has the first hundred of them.
    """

    rows_read: int
    rows_added: int
    rows_duplicate: int
    rows_rejected: int
    facts_added: int
    rejects_file: str | None
    import_id: str
    seconds: float
    notes: list[str]
    rejects: list[RejectDocument]


class UndoneDocument(Document):
    """An import that was taken back."""

    import_id: str
    facts_removed: int


class MappingDocument(Document):
    """A saved mapping: the text that `zhiyin import --map` reads."""

    number: int
    name: str
    mapping: str
    saved_by: str
    saved_at: datetime


class MappingsDocument(Document):
    """Every saved mapping, by name."""

    mappings: list[MappingDocument]


class MappingGiven(Given):
    """A mapping to be kept; one that has the name is replaced."""

    name: str = Field(min_length=1, max_length=80)
    mapping: str = Field(min_length=1, max_length=200_000)


class ImportsPage(Page):
    """Imports, newest first."""

    items: list[ImportDocument]
