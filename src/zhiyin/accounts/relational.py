"""The relational store as one file: copied while it is used, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from psycopg.conninfo import make_conninfo

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

SQLITE_SECONDS = 20.0
"""How long a copy waits for whoever has locked a store."""


def kind() -> str:
    """Which store it is: ``sqlite`` or ``postgresql``."""
    return connection.vendor


def copy(to: Path) -> None:
    """Write all of the store, as it is at one moment, into a new file.

    Raises:
        Problem: ``backup.no-program``, ``backup.postgresql``.
    """
    if kind() == "sqlite":
        copy_sqlite(Path(connection.settings_dict["NAME"]), to)
    else:
        _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={to}"])


def copy_sqlite(source: Path, to: Path) -> None:
    """Copy a SQLite store at one moment; whoever writes to it goes on."""
    with (
        closing(sqlite3.connect(source, timeout=SQLITE_SECONDS)) as opened,
        closing(sqlite3.connect(to)) as copied,
    ):
        opened.backup(copied)


def put_back(file: Path) -> None:
    """Let what `copy` has written take the place of all that the PostgreSQL store holds.

    One transaction: where it fails the store is as it was.

    Raises:
        Problem: ``backup.no-program``, ``backup.postgresql``.
    """
    connection.close()
    _run("pg_restore", ["--clean", "--if-exists", "--no-owner", "--no-privileges",
                        "--exit-on-error", "--single-transaction", str(file)])  # fmt: skip


def migrations() -> list[str]:
    """The forms that the store has gone through, as ``room.0001_name``; none where it is empty."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def all_known() -> list[str]:
    """Every form that this program has."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return sorted(f"{app}.{name}" for app, name in known)


def unknown(names: Sequence[str]) -> list[str]:
    """Those of `names` that this program does not have: a newer one made them."""
    return sorted(set(names) - set(all_known()))


def waiting() -> list[str]:
    """The forms that the store has not gone through and this program has, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _is_backward in plan]


def check_known() -> None:
    """Let nobody work with a store of which this program does not know all.

    Raises:
        Problem: ``store.newer``.
    """
    later = unknown(migrations())
    if later:
        raise Problem(
            "store.newer",
            _("A newer Zhiyin has changed the relational store ({form}).", form=later[0]),
            _("Install that version, or a later one, or restore a backup from before it."),
        )


def trouble() -> Problem | None:
    """Why queries fail, where the store is the reason: it is away, empty, or an older Zhiyin's."""
    try:
        held, steps = migrations(), waiting()
    except DatabaseError as error:
        return Problem(
            "store.cannot-open",
            _("The relational store cannot be used: {error}.", error=str(error).strip()),
            _("Is --data the folder of an installation? A new one is made with: zhiyin init"),
        )
    if not held:
        return Problem(
            "store.empty",
            _("There is nothing in the relational store yet."),
            _("Make an installation with: zhiyin init"),
        )
    if steps:
        return Problem(
            "store.older",
            _("An older Zhiyin wrote the relational store; {steps} steps bring it up to date.",
              steps=len(steps)),
            _("Run: zhiyin upgrade FILE, which makes a backup into FILE first."),
        )  # fmt: skip
    return None


def column(model: type[Model], name: str) -> list[str]:
    """The values of a column, none where the store's form has no such table yet."""
    if model._meta.db_table not in connection.introspection.table_names():
        return []
    return list(model._default_manager.values_list(name, flat=True))


def _run(program: str, arguments: Sequence[str]) -> None:
    """Run one of PostgreSQL's own programs on the store."""
    found = shutil.which(program)
    if found is None:
        raise Problem(
            "backup.no-program",
            _("{program} is not installed; PostgreSQL is copied with it.", program=program),
            _("Install PostgreSQL's client programs, of the server's version or later."),
        )
    said = connection.settings_dict
    parts = {"dbname": said["NAME"], "user": said["USER"], "host": said["HOST"],
             "port": said["PORT"], **said["OPTIONS"]}  # fmt: skip
    store = make_conninfo(**{name: str(value) for name, value in parts.items() if value})
    # A password among the arguments would be seen by everybody on the machine.
    environment = {**os.environ, "PGPASSWORD": said["PASSWORD"]}
    done = subprocess.run(
        [found, f"--dbname={store}", *arguments],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Problem(
            "backup.postgresql",
            _("{program} failed: {error}", program=program, error=done.stderr.strip()),
            _("See that it reaches the server and is not older than it."),
        )
