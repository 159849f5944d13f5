"""The stores of an older Zhiyin, brought to the form that this one writes, after a backup.

Each step is a transaction of its store, and what is done is not done again: an upgrade that was
cut off is run again. Until the backup is whole and on disk nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.core.management import call_command
from django.db import connections

from zhiyin import __version__
from zhiyin.accounts import audit, relational
from zhiyin.accounts.audit import Actor
from zhiyin.kernel.archive import Archive
from zhiyin.kernel.durable import sync_folder
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.processes import backups, locks, places
from zhiyin.warehouse.engines.duckdb import layout
from zhiyin.warehouse.folders import check_whole
from zhiyin.warehouse.owner import Held, Owner, hold


class Begun(msgspec.Struct, frozen=True):
    """What an upgrade has written down before it changes anything.

    Args:
        backup: the file that holds what was there before.
        target: the form that it goes to.
    """

    backup: str
    target: list[str]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did.

    Args:
        backup: what was there before; None where none was asked for, or nothing was to be done.
        migrations: the forms that the relational store has gone through.
        log: the form that each changed file had, by workspace.
    """

    backup: Path | None
    migrations: tuple[str, ...]
    log: dict[str, int]


def upgrade(data: Path, backup: Path | None, *, by: Actor) -> Upgraded:
    """Bring both stores up to date.

    Args:
        backup: where to keep what was there before; None is nowhere.

    Raises:
        Problem: ``upgrade.nothing``, ``upgrade.held``, ``store.newer``, ``log.newer``,
            ``restore.cut-off`` and those of `backups.write_still`; nothing was changed.
    """
    check_whole(data)
    _check_made(data)
    with _alone(data):
        with _log_held(data):
            relational.check_known()
            forms = backups.forms_of(data)
            older = {slug: form for slug, form in forms.items() if form != layout.PRESENT}
            _check_forms(older)
            waiting = relational.waiting()
            if not waiting and not older:
                _mark(data).unlink(missing_ok=True)
                return Upgraded(None, (), {})
            if backup is not None:
                _keep(backup, data)
            call_command("migrate", verbosity=0, interactive=False)
        with Owner(data) as log:
            for slug in forms:
                log.schema(slug)  # a file is brought forward as it is opened
    if backup is not None:
        _record(backup, by)
    after = {"migrations": waiting, "log": older}
    audit.record(by=by, action="upgrade.done", subject=__version__, after=after)
    _mark(data).unlink(missing_ok=True)
    return Upgraded(backup, tuple(waiting), older)


def _check_made(data: Path) -> None:
    is_there = (data / backups.RELATIONAL).exists() or relational.kind() != "sqlite"
    if not is_there or not relational.migrations():
        raise Problem(
            "upgrade.nothing",
            _("{data} holds no Zhiyin yet.", data=data),
            _("Name the right folder with --data, or make one with: zhiyin init"),
        )


def _check_forms(older: dict[str, int]) -> None:
    for slug, form in older.items():
        if form > layout.PRESENT:
            raise layout.newer(slug, form)


def _keep(backup: Path, data: Path) -> None:
    """Make the backup, unless this same upgrade has made it before it was cut off."""
    begun = Begun(str(backup), [*relational.all_known(), str(layout.PRESENT)])
    mark = _mark(data)
    mark.parent.mkdir(exist_ok=True, mode=0o700)
    if mark.exists() and mark.read_bytes() == msgspec.json.encode(begun) and backup.exists():
        return
    backups.write_still(backup, data)
    mark.write_bytes(msgspec.json.encode(begun))
    sync_folder(mark.parent)


def _record(backup: Path, by: Actor) -> None:
    """Let receipts of erasures know of the backup, as of any other."""
    with Archive(backup) as archive:
        created_at = archive.about["created_at"]
    after = {"bytes": backup.stat().st_size, "created_at": created_at}
    audit.record(by=by, action="backup.written", subject=backup.name[:254], after=after)


def _mark(data: Path) -> Path:
    return data / "tmp" / "upgrade-begun"


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """No server starts meanwhile."""
    lock = locks.take(places.serve_lock(data), "upgrade\n")
    if lock is None:
        raise _held(data, locks.holder(places.serve_lock(data)) or "?")
    with lock:
        try:
            yield
        finally:
            connections.close_all()


@contextmanager
def _log_held(data: Path) -> Iterator[None]:
    """No command has the log open."""
    try:
        lock = hold(data)
    except Held as held:
        raise _held(data, held.by) from held
    with lock:
        yield


def _held(data: Path, by: str) -> Problem:
    return Problem(
        "upgrade.held",
        _("Another program works with {data} ({by}).", data=data, by=by),
        _("Stop it, and run the upgrade again."),
    )
