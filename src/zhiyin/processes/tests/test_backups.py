"""What a backup has in it, in what order, and what becomes of one that is put back half."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts import actions, relational
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.kernel.archive import Archive, Writer
from zhiyin.kernel.errors import Problem
from zhiyin.processes import backups, locks, places, restoring
from zhiyin.unify import places as held_places
from zhiyin.warehouse import client
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.planting import put, read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(two_workspaces: Owner) -> Owner:
    """The log of two workspaces, whose relational store the tests have."""
    actions.set_up(by=COMMAND_LINE, login="ana")
    put(two_workspaces, [{"id": "one", "customer": "her"}, {"id": "two"}])
    return two_workspaces


def names(file: Path) -> list[str]:
    with Archive(file) as archive:
        return [member.name for member in archive.members]


def test_every_folder_is_in_a_backup_or_said_not_to_be() -> None:
    folders = {h.place for h in held_places.holdings() if h.kind == "folder"}
    known = backups.IN_IT | backups.NOT_IN_IT
    files = {backups.RELATIONAL, backups.JOBS, backups.KEY}
    assert folders == known - files
    assert not backups.IN_IT & backups.NOT_IN_IT


def test_what_speaks_of_another_is_copied_before_it(log: Owner, tmp_path: Path) -> None:
    """The other order would lose what was loaded in between, or speak of what is not there."""
    (tmp_path / "journal" / "main").mkdir(parents=True)
    (tmp_path / "journal" / "main" / f"{0:020d}.seg").write_bytes(b"frames")
    (tmp_path / "secret-key").write_text("secret")
    (tmp_path / "keys").mkdir(exist_ok=True)
    (tmp_path / "keys" / ".receipts-draft").write_text("half")
    (tmp_path / "keys" / "receipts").write_text("key")
    (tmp_path / "seen" / "main").mkdir(parents=True)
    (tmp_path / "seen" / "main" / "state.json").write_text("{}")
    backups.write(tmp_path / "backup.tar", tmp_path, log, by=COMMAND_LINE)
    found = names(tmp_path / "backup.tar")
    store = backups.RELATIONAL if relational.kind() == "sqlite" else backups.DUMP
    assert found[0] == store
    assert found[-3:] == [
        f"journal/main/{0:020d}.seg", "log/main.duckdb", "log/other.duckdb",
    ]  # fmt: skip
    assert {"secret-key", "keys/receipts"} <= set(found[1:-3])
    assert not [name for name in found if "draft" in name or name.startswith("seen")]


def test_an_erasure_in_the_middle_makes_the_copies_begin_anew(
    log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the relational store would not know of it, and would hold her still."""
    copied: list[int] = []
    copy = relational.copy

    def copy_and_erase(to: Path) -> None:
        copy(to)
        if not copied:
            log.erase("main", [Id("customer", "her")], "e1")
        copied.append(1)

    monkeypatch.setattr(relational, "copy", copy_and_erase)
    backups.write(tmp_path / "backup.tar", tmp_path, log, by=COMMAND_LINE)
    assert len(copied) == 2
    assert len(set(names(tmp_path / "backup.tar"))) == len(names(tmp_path / "backup.tar"))


def test_erasures_without_end_are_told(
    log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = relational.copy

    def copy_and_erase(to: Path) -> None:
        copy(to)
        put(log, [{"id": str(to), "customer": str(to)}])
        log.erase("main", [Id("customer", str(to))], str(to))

    monkeypatch.setattr(relational, "copy", copy_and_erase)
    with pytest.raises(Problem) as met:
        backups.write(tmp_path / "backup.tar", tmp_path, log, by=COMMAND_LINE)
    assert met.value.code == "backup.erasing"
    assert not list(tmp_path.glob("backup.tar*"))


def test_what_a_killed_one_left_goes_with_the_next(log: Owner, tmp_path: Path) -> None:
    left = tmp_path / "tmp" / "backup-killed"
    left.mkdir()
    (left / backups.RELATIONAL).write_text("people")
    backups.write(tmp_path / "backup.tar", tmp_path, log, by=COMMAND_LINE)
    assert not list((tmp_path / "tmp").glob("backup-*"))


def test_one_at_a_time(log: Owner, tmp_path: Path) -> None:
    lock = locks.take(places.backup_lock(tmp_path), "backup\n")
    assert lock is not None
    with lock, pytest.raises(Problem) as met:
        backups.write(tmp_path / "backup.tar", tmp_path, log, by=COMMAND_LINE)
    assert met.value.code == "backup.held"


def test_a_restore_that_is_cut_off_is_run_again(
    log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the stores of two times in one folder nobody may work."""
    file, data = tmp_path / "backup.tar", tmp_path / "other"
    backups.write(file, tmp_path, log, by=COMMAND_LINE)
    expected = read(log, "id", "score")
    rename = Path.rename

    def until_the_log(path: Path, to: Path) -> Path:
        if path.name == "log":
            raise KeyboardInterrupt
        return rename(path, to)

    with monkeypatch.context() as patched, Archive(file) as archive:
        patched.setattr(Path, "rename", until_the_log)
        with pytest.raises(KeyboardInterrupt):
            restoring.restore(archive, data)
    with pytest.raises(Problem) as met:
        client.connect(data)
    assert met.value.code == "restore.cut-off"
    with Archive(file) as archive:
        assert restoring.is_empty(data)
        restoring.restore(archive, data)
    with Owner(data) as restored:
        assert read(restored, "id", "score") == expected
        assert restored.workspaces() == ["main", "other"]


def test_what_is_there_goes_whole(log: Owner, tmp_path: Path) -> None:
    """No segment, file or hash of the old installation stays beside the new one's."""
    file, data = tmp_path / "backup.tar", tmp_path / "other"
    backups.write(file, tmp_path, log, by=COMMAND_LINE)
    old = ["log/main.7.duckdb", "journal/main/00000000000000000003.seg", "seen/main/state.json",
           "zhiyin.sqlite3-wal", "rejects/old.csv"]  # fmt: skip
    for name in old:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("old")
    with Archive(file) as archive:
        assert not restoring.is_empty(data)
        restoring.restore(archive, data)
    assert not [name for name in old if (data / name).exists()]
    assert (data / "log" / "main.duckdb").exists()


def test_not_while_somebody_holds_the_log(log: Owner, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    backups.write(file, tmp_path, log, by=COMMAND_LINE)
    with Archive(file) as archive, pytest.raises(Problem) as met:
        restoring.restore(archive, tmp_path)
    assert met.value.code == "restore.held"
    assert read(log, "id") == [("one",), ("two",)]


def _newer_migration(about: dict[str, Any]) -> None:
    about["migrations"].append("accounts.9999_later")


def _newer_log(about: dict[str, Any]) -> None:
    about["log"]["main"] = 9999


def _other_store(about: dict[str, Any]) -> None:
    about["store"] = "oracle"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_newer_migration, "restore.newer"),
        (_newer_log, "restore.newer"),
        (_other_store, "restore.other-store"),
    ],
)
def test_what_this_program_cannot_use_is_refused(
    log: Owner, tmp_path: Path, change: Callable[[dict[str, Any]], None], code: str
) -> None:
    backups.write(tmp_path / "backup.tar", tmp_path, log, by=COMMAND_LINE)
    with Archive(tmp_path / "backup.tar") as archive:
        change(archive.about)
        with pytest.raises(Problem) as met:
            restoring.restore(archive, tmp_path / "other")
    assert met.value.code == code
    assert not (tmp_path / "other").exists()


def test_a_file_that_no_backup_has_is_refused(tmp_path: Path) -> None:
    """A manifest that fits is no reason to put a program into the folder of the browsers' files."""
    with Writer(tmp_path / "evil.tar") as writer:
        writer.add("static/z.js", io.BytesIO(b"x"), 1)
        about = {"version": "1", "store": relational.kind(), "migrations": [], "erasures": []}
        writer.finish({**about, "log": {}})
    with Archive(tmp_path / "evil.tar") as archive, pytest.raises(Problem) as met:
        restoring.restore(archive, tmp_path / "other")
    assert met.value.code == "restore.foreign-member"
