"""What a dry run and an import came to, as it is kept for whoever looks."""

from __future__ import annotations

from pathlib import Path

import msgspec

from zhiyin.collect import uploads
from zhiyin.collect.files.seen import Sentence, Shown, told
from zhiyin.collect.models import Upload
from zhiyin.kernel.text import Text

REJECTS = "rejects.csv"


class Why(msgspec.Struct, frozen=True):
    """Why some rows are rejected, as it is kept.

    Args:
        examples: (line, what stands there) of the first of them; none after the import.
    """

    column: str
    reason: Sentence
    rows: int
    examples: tuple[tuple[int, str], ...] = ()

    @property
    def says(self) -> Text:
        """In the reader's language."""
        return told(self.reason)


class Counts(msgspec.Struct, frozen=True):
    """What became of the rows of a file: read = added + duplicate + rejected."""

    rows_read: int
    rows_added: int
    rows_duplicate: int
    rows_rejected: int
    facts: int
    by_table: dict[str, int]
    seconds: float
    why: tuple[Why, ...]
    notes: tuple[Sentence, ...]

    @property
    def said(self) -> list[Text]:
        """The notes in the reader's language."""
        return [told(note) for note in self.notes]


class Tried(msgspec.Struct, frozen=True):
    """What a dry run gave, and with which mapping."""

    digest: str
    counts: Counts
    shown: Shown


def tried(upload: Upload, data: Path) -> Tried | None:
    """What the dry run of the present mapping gave; None where there was none."""
    file = uploads.folder_of(upload, data) / "tried.json"
    if not file.exists():
        return None
    found = msgspec.json.decode(file.read_bytes(), type=Tried)
    return found if found.digest == uploads.digest_of(upload) else None


def counts_of(upload: Upload) -> Counts:
    """What an import came to."""
    return msgspec.convert(upload.result, Counts)


def rejects_of(upload: Upload, data: Path) -> Path | None:
    """The file of rejected rows, of the import or else of the dry run; None where there is none."""
    kept = (
        data / "rejects" / f"{upload.import_id}.csv"
        if upload.is_imported
        else uploads.folder_of(upload, data) / REJECTS
    )
    return kept if kept.exists() else None
