"""The relational store is copied and put back, whichever it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from zhiyin.accounts import actions, relational
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person, Workspace
from zhiyin.kernel.errors import Problem

pytestmark = pytest.mark.django_db(transaction=True)

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite is one file")
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="runs where ZHIYIN_DATABASE_URL is set"
)


@on_sqlite
def test_a_copy_of_sqlite_is_a_store_of_its_own(tmp_path: Path) -> None:
    """What is still in the write-ahead log is in it, and nobody has to go out for it."""
    actions.set_up(by=COMMAND_LINE, login="ana")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        relational.copy(tmp_path / "copy.sqlite3")
        cursor.execute("ROLLBACK")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copied:
        assert copied.execute("SELECT login FROM accounts_person").fetchall() == [("ana",)]
        assert copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@on_postgresql
def test_postgresql_is_as_it_was(tmp_path: Path) -> None:
    actions.set_up(by=COMMAND_LINE, login="ana")
    before = relational.migrations()
    relational.copy(tmp_path / "copy.pgdump")
    Person.objects.update(login="cleo")
    actions.create_workspace(by=COMMAND_LINE, slug="later", name="Later")
    relational.put_back(tmp_path / "copy.pgdump")
    assert [person.login for person in Person.objects.all()] == ["ana"]
    assert list(Workspace.objects.values_list("slug", flat=True)) == ["main"]
    assert relational.migrations() == before


@on_postgresql
def test_a_dump_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    actions.set_up(by=COMMAND_LINE, login="ana")
    relational.copy(tmp_path / "copy.pgdump")
    half = (tmp_path / "copy.pgdump").read_bytes()[:-2000]
    (tmp_path / "copy.pgdump").write_bytes(half)
    with pytest.raises(Problem) as met:
        relational.put_back(tmp_path / "copy.pgdump")
    assert met.value.code == "backup.postgresql"
    assert [person.login for person in Person.objects.all()] == ["ana"]


@on_postgresql
def test_without_its_programs_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem) as met:
        relational.copy(tmp_path / "copy.pgdump")
    assert met.value.code == "backup.no-program"


def test_forms_that_nobody_knows_here_are_named() -> None:
    known = relational.migrations()
    assert "accounts.0001_first" in known
    assert relational.unknown([*known, "accounts.9999_later"]) == ["accounts.9999_later"]


def test_a_store_that_is_fit_is_no_reason() -> None:
    assert relational.trouble() is None


def test_an_older_or_an_empty_store_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relational, "waiting", lambda: ["accounts.0099_later"])
    found = relational.trouble()
    assert found is not None
    assert (found.code, "1 steps" in str(found.message)) == ("store.older", True)
    monkeypatch.setattr(relational, "migrations", list)
    found = relational.trouble()
    assert found is not None
    assert found.code == "store.empty"
