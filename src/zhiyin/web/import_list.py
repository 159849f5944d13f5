"""The list of imports: what was asked of it, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from zhiyin.collect import tries, uploads
from zhiyin.collect.models import Upload
from zhiyin.collect.tries import Counts
from zhiyin.warehouse.log import Import, Log

PER_PAGE = 50

STATES = ("", "live", "undone", "nothing")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which imports; what is blank asks nothing.

    Args:
        text: in the id, the file, the source or who brought it.
        state: one of `STATES`; ``nothing`` are files of which no row was new.
        page: from 1.
    """

    text: str = ""
    state: str = ""
    page: int = 1

    def query(self, page: int) -> str:
        """The address of a page of the same list."""
        given = {"q": self.text, "state": self.state, "page": str(page) if page > 1 else ""}
        return urlencode({name: said for name, said in given.items() if said})


@dataclass(frozen=True, slots=True)
class Entry:
    """One import.

    Args:
        at: when it ended.
        by: login; blank for one that was not made in the browser.
        number: of the upload; None for one that was not made in the browser.
        counts: rows; None where nobody kept them.
    """

    import_id: str
    label: str
    source: str
    at: datetime
    by: str
    number: int | None
    counts: Counts | None
    facts: int
    undone_at: datetime | None

    @property
    def state(self) -> str:
        """Live, undone, or with nothing new."""
        if self.undone_at is not None:
            return "undone"
        return "live" if self.facts else "nothing"

    def has(self, text: str) -> bool:
        """Whether a text is in what the list shows of it."""
        said = f"{self.import_id} {self.label} {self.source} {self.by}"
        return text.casefold() in said.casefold()


@dataclass(frozen=True, slots=True)
class ImportList:
    """A page of the list."""

    asked: Asked
    entries: list[Entry]
    count: int
    has_any: bool

    @property
    def newer(self) -> str | None:
        """The address of the page before; None on the first."""
        return f"?{self.asked.query(self.asked.page - 1)}" if self.asked.page > 1 else None

    @property
    def older(self) -> str | None:
        """The address of the page after; None on the last."""
        is_last = self.asked.page * PER_PAGE >= self.count
        return None if is_last else f"?{self.asked.query(self.asked.page + 1)}"


def asked(given: Mapping[str, str]) -> Asked:
    """What an address asks of the list."""
    state = given.get("state", "")
    page = given.get("page", "")
    return Asked(
        text=given.get("q", "").replace("\0", "").strip()[:100],
        state=state if state in STATES else "",
        page=max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def listed(log: Log, workspace: str, wanted: Asked) -> ImportList:
    """A page of the imports of a workspace, the newest first."""
    brought = {one.import_id: one for one in uploads.imported(workspace)}
    batches = log.imports(workspace)
    known = {one.import_id for one in batches}
    entries = [_of_batch(one, brought.get(one.import_id)) for one in batches]
    entries += [_of_upload(one) for one in brought.values() if one.import_id not in known]
    entries.sort(key=lambda one: one.at, reverse=True)
    found = [
        one
        for one in entries
        if (not wanted.text or one.has(wanted.text))
        and (not wanted.state or one.state == wanted.state)
    ]
    first = (wanted.page - 1) * PER_PAGE
    return ImportList(wanted, found[first : first + PER_PAGE], len(found), bool(entries))


def _of_batch(one: Import, upload: Upload | None) -> Entry:
    return Entry(
        one.import_id,
        one.label,
        one.source,
        one.committed_at,
        upload.uploaded_by if upload else "",
        upload.pk if upload else None,
        tries.counts_of(upload) if upload else None,
        one.facts,
        one.undone_at,
    )


def _of_upload(upload: Upload) -> Entry:
    """A file that brought nothing new: the log knows of no such import."""
    at = upload.imported_at or upload.uploaded_at
    return Entry(
        upload.import_id,
        upload.name,
        "",
        at.replace(tzinfo=None),
        upload.uploaded_by,
        upload.pk,
        tries.counts_of(upload),
        0,
        None,
    )
