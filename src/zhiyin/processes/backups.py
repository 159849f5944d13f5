"""A backup: both stores and all that belongs to them in one file, made while the product runs.

The order makes it whole. A store that says what was done is copied before the one in which it was
done: first the background work and the relational store, then the journal, then the log. So
whatever an earlier copy speaks of is in a later one, and what an earlier copy does not know yet of
a later one is made good when it is used again: a request that is both in the journal and in the
log is taken once, an erasure that was written down is carried on.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zhiyin import __version__
from zhiyin.accounts import audit, relational, workspaces
from zhiyin.accounts.audit import Actor
from zhiyin.kernel.archive import Writer
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.processes import locks, places
from zhiyin.unify.models import Erasure
from zhiyin.warehouse import journal
from zhiyin.warehouse.engines.duckdb import files, layout
from zhiyin.warehouse.folders import log_folder
from zhiyin.warehouse.log import Log

RELATIONAL = "zhiyin.sqlite3"
DUMP = "zhiyin.pgdump"
"""The relational store in a backup, where it is PostgreSQL."""

JOBS = "jobs.sqlite3"
KEY = "secret-key"

FOLDERS = (
    "answer_files", "demo", "keys", "rejects", "reports", "snapshots", "walkthroughs", "widgets",
)  # fmt: skip
"""Folders whose files are copied as they are."""

IN_IT = frozenset({RELATIONAL, JOBS, KEY, "journal", "log", *FOLDERS})
"""What of a data folder is in a backup."""

NOT_IN_IT = frozenset({"holding", "journeys", "run", "seen", "static", "themes", "tmp", "uploads"})
"""Locks, what is made anew from the rest, files that wait for a day to be imported, and anonymous
answers that have not come together to a group: two backups would tell when each came."""

ATTEMPTS = 3
"""An erasure that falls into the middle makes the copies begin anew."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a backup has in it.

    Args:
        created_at: all that was acknowledged by then is in it (UTC).
    """

    file: Path
    bytes: int
    created_at: datetime
    workspaces: tuple[str, ...]


def write(file: Path, data: Path, log: Log, *, by: Actor) -> Written:
    """Make a backup of a data folder; `file` is there when it is whole, and not before.

    Raises:
        Problem: ``accounts.no-workspace-yet``, ``archive.exists``, ``archive.cannot-write``,
            ``backup.held``, ``backup.erasing``, ``log.moved`` and those of `accounts.relational`.
    """
    workspaces.made_slugs()
    with _alone(data):
        for _attempt in range(ATTEMPTS):
            with Writer(file) as writer:
                created_at = datetime.now(UTC)
                erased = _erased(log)
                about = _copy(writer, data, log, list(erased))
                if _erased(log) != erased:
                    continue
                size = writer.finish({"created_at": created_at.isoformat(), **about})
            after = {"bytes": size, "created_at": created_at.isoformat()}
            audit.record(by=by, action="backup.written", subject=file.name[:254], after=after)
            return Written(file, size, created_at, tuple(erased))
    raise Problem(
        "backup.erasing",
        _("Customers were erased while the backup was made, again and again."),
        _("Try again in a while; nothing was kept."),
    )


def write_still(file: Path, data: Path) -> Written:
    """Make a backup of a data folder that nobody works with, in whatever earlier form it is.

    It is no audit entry: the store may not have the form for one.

    Raises:
        Problem: ``archive.exists``, ``archive.cannot-write``, ``backup.held``, ``log.damaged`` and
            those of `accounts.relational`.
    """
    with _alone(data), Writer(file) as writer:
        created_at = datetime.now(UTC)
        _add_stores(writer, data)
        for name in (KEY, *FOLDERS):
            _add_files(writer, data, data / name)
        for segment in sorted((data / "journal").rglob("*.seg")):
            _add_segment(writer, data, segment)
        forms = forms_of(data)
        for path in _log_files(data).values():
            _add_file(writer, data, path)
        about = {
            "created_at": created_at.isoformat(),
            "version": __version__,
            "store": relational.kind(),
            "migrations": relational.migrations(),
            "erasures": sorted(relational.column(Erasure, "number")),
            "log": forms,
        }
        return Written(file, writer.finish(about), created_at, tuple(forms))


def forms_of(data: Path) -> dict[str, int]:
    """The form of each workspace's file, by slug; nobody may have them open.

    Raises:
        Problem: ``log.damaged``.
    """
    return {slug: layout.settled(path) for slug, path in _log_files(data).items()}


def _log_files(data: Path) -> dict[str, Path]:
    folder = log_folder(data)
    found = {slug: files.current(folder, slug) for slug in files.slugs(folder)}
    return {slug: path for slug, path in found.items() if path is not None}


def _copy(writer: Writer, data: Path, log: Log, slugs: list[str]) -> dict[str, Any]:
    """Put everything in, in the order that makes it whole; returns what the manifest says."""
    about = {
        "version": __version__,
        "store": relational.kind(),
        "migrations": relational.migrations(),
        "erasures": sorted(Erasure.objects.values_list("number", flat=True)),
    }
    _add_stores(writer, data)
    for name in (KEY, *FOLDERS):
        _add_files(writer, data, data / name)
    for slug in slugs:
        for segment in journal.segments(data / "journal" / slug):
            _add_segment(writer, data, segment)
    forms = {}
    for slug in slugs:
        with log.hold_still(slug) as still, still.opened() as opened:
            writer.add(f"log/{still.path.name}", opened, still.size)
            forms[slug] = still.form
    return {**about, "log": forms}


def _add_stores(writer: Writer, data: Path) -> None:
    """The background work, then the relational store, which it speaks of."""
    (data / "tmp").mkdir(exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=data / "tmp", prefix="backup-") as folder:
        if (data / JOBS).exists():
            relational.copy_sqlite(data / JOBS, Path(folder) / JOBS)
            _add_file(writer, Path(folder), Path(folder) / JOBS)
        store = Path(folder) / (RELATIONAL if relational.kind() == "sqlite" else DUMP)
        relational.copy(store)
        _add_file(writer, Path(folder), store)


def _add_files(writer: Writer, data: Path, place: Path) -> None:
    """A file, or those of a folder; drafts, which begin with a point, are nobody's yet."""
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.is_file() and not path.name.startswith("."):
            _add_file(writer, data, path)


def _add_file(writer: Writer, root: Path, path: Path) -> None:
    """One file; one that is gone by now was not wanted any more."""
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        return
    with opened:
        name = path.relative_to(root).as_posix()
        writer.add(name, opened, os.fstat(opened.fileno()).st_size)


def _add_segment(writer: Writer, root: Path, path: Path) -> None:
    """A segment of a journal, which grows, and goes when the log has it: copied after it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    writer.add(path.relative_to(root).as_posix(), io.BytesIO(content), len(content))


def _erased(log: Log) -> dict[str, set[str]]:
    """Which erasures the log of each workspace knows."""
    return {slug: {one.erasure for one in log.erasures(slug)} for slug in log.workspaces()}


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One backup at a time; what one that was killed has left is removed."""
    lock = locks.take(places.backup_lock(data), "backup\n")
    if lock is None:
        raise Problem(
            "backup.held",
            _("Another backup of {data} is being made.", data=data),
            _("Wait until it ends."),
        )
    with lock:
        for left in (data / "tmp").glob("backup-*"):
            for path in left.iterdir():
                path.unlink()
            left.rmdir()
        yield
