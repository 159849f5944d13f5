"""Imports of files."""

from __future__ import annotations

from datetime import datetime

from zhiyin.api.documents.form import Document, Page


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


class ImportsPage(Page):
    """Imports, newest first."""

    items: list[ImportDocument]
