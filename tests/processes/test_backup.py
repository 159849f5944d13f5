"""A backup is made of a product that runs, and put back elsewhere or in its place."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes.answers import FIGURES, bring, done, figures
from tests.processes.conftest import ZHIYIN, wait_for, zhiyin
from tests.processes.installation import Installation, Made
from tests.processes.sending import Sending, backlog, batch, post, stored, write_key
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.wire import socket_of


@pytest.fixture
def house(made: Made, tmp_path: Path) -> Iterator[Installation]:
    """An installation with answers in it; no server runs yet."""
    found = Installation(tmp_path / "data", made)
    bring(found.data, tmp_path, range(300))
    yield found
    found.close()


def refused(data: Path, *arguments: str, status: int = 1) -> str:
    """The code of the problem of a command that fails."""
    ended = zhiyin(data, *arguments)
    assert ended.returncode == status, ended.stdout + ended.stderr
    return str(json.loads(ended.stdout)["error"]["code"])


def held(data: Path) -> dict[str, str]:
    """What every file of a data folder holds, but for locks; of the relational store, its rows: its
    log of writes is taken into it whenever somebody closes it."""
    found = {
        path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.parent.name != "run" and ".sqlite3" not in path.name
    }
    if (store := data / "zhiyin.sqlite3").exists():
        with closing(sqlite3.connect(store)) as opened:
            found[store.name] = "".join(opened.iterdump())
    return found


def test_of_a_product_that_runs_and_takes_events(house: Installation, tmp_path: Path) -> None:
    """Nothing acknowledged before it is missing elsewhere, nothing is there twice, every figure is
    the same to the last digit, and intake refuses nobody meanwhile."""
    server = house.open()
    key = write_key(house.data)
    sending = Sending(server, key, "e")
    sending.start()
    try:
        wait_for(lambda: len(sending.acknowledged) > 2_000, 60, "events")
        before = set(sending.acknowledged)
        backup = done(house.data, "backup", str(tmp_path / "backup.tar"))
        meanwhile = len(sending.acknowledged) - len(before)
    finally:
        sending.stop()
    assert sending.refused == []
    assert meanwhile > 0
    assert backup["workspaces"] == ["main"]
    assert backup["bytes"] == (tmp_path / "backup.tar").stat().st_size
    wait_for(lambda: backlog(server) == 0, 60, "all is in the log")
    expected = figures(house.data, tmp_path / "export.csv")
    assert expected[0]["total"]["n"] == 300

    other = Installation(tmp_path / "other")
    told = done(other.data, "restore", str(tmp_path / "backup.tar"))
    assert told["workspaces"] == ["main"]
    assert told["erased_since"] is None
    assert figures(other.data, tmp_path / "export.csv") == expected
    try:
        again = other.open()
        assert again.said["password"] is None
        wait_for(lambda: backlog(again) == 0, 60, "the journal is in the log")
        found = stored(other.data)
        assert len(found) == len(set(found))
        assert before <= set(found) <= sending.sent
        assert done(other.data, "doctor")["ok"]
        # The keys came along: who sent events to the one sends them to the other.
        assert post(again, key, batch(["one-more"])) == 200
    finally:
        other.close()


def test_in_the_place_of_what_is_there(house: Installation, tmp_path: Path) -> None:
    """What came later is gone, and who was erased since is named, for she is back."""
    file = tmp_path / "backup.tar"
    before = figures(house.data, tmp_path / "export.csv")
    done(house.data, "backup", str(file))
    bring(house.data, tmp_path, range(300, 400))
    receipt = done(house.data, "erase", "c7", "--now")
    assert figures(house.data, tmp_path / "export.csv") != before
    assert refused(house.data, "restore", str(file)) == "restore.not-empty"
    assert refused(house.data, "restore", str(file), "--replace", status=2) == "usage"
    told = done(house.data, "restore", str(file), "--replace", "--yes")
    assert [one["number"] for one in told["erased_since"]] == [receipt["number"]]
    assert figures(house.data, tmp_path / "export.csv") == before
    assert not (house.data / "tmp" / "restore").exists()


def test_not_under_a_server_that_runs(house: Installation, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    house.open()
    done(house.data, "backup", str(file))
    before = done(house.data, *FIGURES)["total"]
    assert refused(house.data, "restore", str(file), "--replace", "--yes") == "restore.held"
    assert done(house.data, *FIGURES)["total"] == before


def test_a_damaged_file_changes_nothing(house: Installation, tmp_path: Path) -> None:
    """One bit in the log's file, and one byte missing at the end of the manifest."""
    file = tmp_path / "backup.tar"
    done(house.data, "backup", str(file))
    whole = file.read_bytes()
    log = next((house.data / "log").glob("*.duckdb")).read_bytes()
    at = whole.index(log[4096:8192])
    before = held(house.data)
    for changed, code in (
        (whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], "archive.damaged"),
        (whole[: whole.index(b'"created_at"')], "archive.cut-off"),
    ):
        file.write_bytes(changed)
        assert refused(house.data, "restore", str(file), "--replace", "--yes") == code
        assert held(house.data) == before
        empty = tmp_path / "empty"
        assert refused(empty, "restore", str(file)) == code
        assert held(empty) == {}


def test_one_that_is_killed_leaves_no_half_file(made: Made, tmp_path: Path) -> None:
    """It waits for its turn at the log, with half of its file written, when it is killed."""
    data = made.copy(tmp_path / "data")
    file = tmp_path / "backup.tar"
    part = tmp_path / "backup.tar.part"
    with Owner(data) as owner:
        server = LogServer(owner, socket_of(data))
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            with owner.hold_still("main"):
                killed = subprocess.Popen([*ZHIYIN, "--data", str(data), "backup", str(file)])
                wait_for(lambda: part.exists() and part.stat().st_size > 10_000, 60, "half")
                killed.kill()
                killed.wait()
            assert not file.exists()
            done(data, "backup", str(file))
        finally:
            server.shutdown()
            thread.join()
    assert not part.exists()
    done(tmp_path / "other", "restore", str(file))


def test_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    code = refused(tmp_path / "data", "backup", str(tmp_path / "backup.tar"))
    assert code == "accounts.no-workspace-yet"
    assert not (tmp_path / "backup.tar").exists()
