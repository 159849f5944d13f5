"""A backup put back: seen to be whole first, unpacked beside what is there, then put in its place.

Until `begun` is on disk nothing of what is there is touched. From then on nobody works with the
folder (`warehouse.folders.check_whole`) until all is in place; a restore that is cut off in
between is run again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connections

from zhiyin.accounts import relational
from zhiyin.kernel.archive import Archive
from zhiyin.kernel.durable import sync_folder
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.processes import backups, locks, places
from zhiyin.unify.models import Erasure
from zhiyin.warehouse import folders
from zhiyin.warehouse.engines.duckdb import layout
from zhiyin.warehouse.owner import Held, hold

GONE = frozenset({"journeys", "seen"})
"""What is not in a backup and would not fit what is: it is made anew."""


@dataclass(frozen=True, slots=True)
class ErasedSince:
    """An erasure of what is replaced that the backup does not know: whom it named is back."""

    workspace: str
    number: str
    customer: str
    asked_at: datetime


def is_empty(data: Path) -> bool:
    """Whether a restore would replace nothing."""
    if folders.is_between(data):
        return True
    has_files = any(
        path.is_file() or any(path.rglob("*"))
        for path in (data / name for name in sorted(backups.IN_IT))
        if path.exists()
    )
    return not has_files and (relational.kind() == "sqlite" or not _applied())


def check(archive: Archive) -> None:
    """See that this program can use what the backup holds, here.

    Raises:
        Problem: ``restore.foreign-member``, ``restore.newer``, ``restore.other-store``.
    """
    about = archive.about
    known = {*backups.IN_IT, backups.DUMP}
    strange = [m.name for m in archive.members if m.name.split("/")[0] not in known]
    if strange:
        raise Problem(
            "restore.foreign-member",
            _("{file} holds {name}, which is no part of a backup.", file=archive.file,
              name=strange[0]),
            _("Use a backup that `zhiyin backup` has written."),
        )  # fmt: skip
    newest = max(about["log"].values(), default=0)
    if relational.unknown(about["migrations"]) or newest > layout.PRESENT:
        raise Problem(
            "restore.newer",
            _("The backup was made by Zhiyin {version}, which is newer than this one.",
              version=about["version"]),
            _("Install that version, or a later one, and restore then."),
        )  # fmt: skip
    if about["store"] != relational.kind():
        raise Problem(
            "restore.other-store",
            _("The backup's relational store is {theirs}, and {ours} is used here.",
              theirs=about["store"], ours=relational.kind()),
            _("Set or unset ZHIYIN_DATABASE_URL so that both are the same."),
        )  # fmt: skip


def erased_since(archive: Archive) -> list[ErasedSince] | None:
    """Erasures in the store of now that the backup does not know; None where it cannot be read."""
    known = set(archive.about["erasures"])
    try:
        found = list(Erasure.objects.select_related("workspace").order_by("asked_at"))
    except DatabaseError:
        return None
    finally:
        connections.close_all()
    return [
        ErasedSince(one.workspace.slug, one.number, one.customer, one.asked_at)
        for one in found
        if one.number not in known
    ]


def restore(archive: Archive, data: Path) -> None:
    """Let the backup take the place of all that the data folder holds.

    Raises:
        Problem: ``restore.held``, ``restore.newer-store``, ``archive.damaged`` and those of `check`
            and of `accounts.relational`; nothing was changed.
    """
    check(archive)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(data):
        _check_store(archive)
        place = folders.restore_folder(data)
        files = place / "files"
        shutil.rmtree(files, ignore_errors=True)
        try:
            archive.unpack(files)
            with _begun(data):
                if (files / backups.DUMP).exists():
                    relational.put_back(files / backups.DUMP)
        except BaseException:
            shutil.rmtree(files, ignore_errors=True)
            raise
        _put_in_place(files, data)
        shutil.rmtree(place)


@contextmanager
def _begun(data: Path) -> Iterator[None]:
    """Say on disk that the stores are about to change, and take it back where they did not."""
    was_between = folders.is_between(data)
    begun = folders.begun(data)
    begun.touch()
    sync_folder(begun.parent)
    try:
        yield
    except Problem:
        if not was_between:
            begun.unlink()
        raise


def _put_in_place(files: Path, data: Path) -> None:
    for name in sorted(backups.IN_IT | GONE):
        _remove(data / name)
        if (files / name).exists():
            (files / name).rename(data / name)
    sync_folder(data)


def _remove(path: Path) -> None:
    """Remove a folder, or a file with what SQLite keeps beside it."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        for kept in (path, *(Path(f"{path}{end}") for end in ("-wal", "-shm", "-journal"))):
            kept.unlink(missing_ok=True)


def _check_store(archive: Archive) -> None:
    """A table that only a newer form has would stay in PostgreSQL, and be in the way later."""
    if relational.kind() == "postgresql" and set(_applied()) - set(archive.about["migrations"]):
        raise Problem(
            "restore.newer-store",
            _("The PostgreSQL database has tables that the backup does not know."),
            _("Make an empty database, and let ZHIYIN_DATABASE_URL name it."),
        )


def _applied() -> list[str]:
    try:
        return relational.migrations()
    finally:
        connections.close_all()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Nobody else works with the data folder."""
    lock = locks.take(places.serve_lock(data), "restore\n")
    if lock is None:
        raise _held(data, locks.holder(places.serve_lock(data)) or "?")
    with lock:
        try:
            log = hold(data)
        except Held as held:
            raise _held(data, held.by) from held
        with log:
            yield


def _held(data: Path, by: str) -> Problem:
    return Problem(
        "restore.held",
        _("Another program works with {data} ({by}).", data=data, by=by),
        _("Stop it, and run the restore again."),
    )
