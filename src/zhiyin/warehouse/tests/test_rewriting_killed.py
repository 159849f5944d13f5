"""The writing anew is killed at every step and at random: there is always one whole file."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from zhiyin.warehouse.engines.duckdb import files, rewriting
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.children import Child, Says
from zhiyin.warehouse.tests.planting import put, read

NEEDLE = secrets.token_hex(20)
OTHERS = 3_000


def rewrites(says: Says, data: Path, place: str, when: str) -> None:
    """Writes the log anew, and dies before, after or half way through a step; without end where
    no step is named."""
    with Owner(data) as log:
        log.schema("main")
        if place == "remove_old":
            _dies_at_second_removal(when)
        elif place:
            _dies(files if hasattr(files, place) else rewriting.Rewrite, place, when)
        says("ready")
        while True:
            log.rewrite("main")
            if place:
                break


def _dies(holder: Any, name: str, when: str) -> None:
    whole = getattr(holder, name)

    def dying(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = whole(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, name, dying)


def _dies_at_second_removal(when: str) -> None:
    remove, calls = files.remove, []

    def second(path: Path) -> None:
        calls.append(path)
        if len(calls) == 2 and when == "half":
            Path(f"{path}.wal").unlink(missing_ok=True)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        remove(path)

    files.remove = second


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with an erased customer, some of it still in the write-ahead log."""
    data = tmp_path_factory.mktemp("erased")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIYIN_LOG_COMPRESSION", "uncompressed")
        log = Owner(data)
        log.create("main")
        put(log, [{"id": f"r{i}", "customer": f"c{i}"} for i in range(OTHERS)])
        put(log, [{"id": NEEDLE, "customer": NEEDLE, "choice": NEEDLE}])
        log.erase("main", [Id("customer", NEEDLE)], "e1")
        copy = tmp_path_factory.mktemp("copy") / "data"
        shutil.copytree(data, copy)  # as a kill would leave it: the write-ahead log not applied
        assert (copy / "log" / "main.duckdb.wal").stat().st_size
        log.close()
    return copy


def begin(data: Path, place: str = "", when: str = "") -> Child:
    child = Child(rewrites, data, place, when)
    assert child.hears() == "ready"
    return child


def check(data: Path) -> None:
    """All of the others, nothing of hers; and the next writing anew does its work."""
    with Owner(data) as log:
        assert len(list((data / "log").glob("*.duckdb"))) == 1
        assert not list((data / "log").glob("*.draft*"))
        assert read(log, "id") == [(f"r{i}",) for i in range(OTHERS)]
        assert [one.erasure for one in log.erasures("main")] == ["e1"]
        assert put(log, [{"id": "again", "customer": NEEDLE}]).rows_refused == 1
        put(log, [{"id": f"r{OTHERS}", "customer": "new"}])
        log.rewrite("main")
        assert log.erasures("main")[0].gone_at is not None
        assert len(read(log, "id")) == OTHERS + 1
    holding = [p for p in data.rglob("*") if p.is_file() and NEEDLE.encode() in p.read_bytes()]
    assert holding == []


@pytest.mark.parametrize(
    ("place", "when"),
    [
        ("_forget_expired", "after"),
        ("_make_tables", "after"),
        ("_copy_growing", "after"),
        ("_finish", "after"),
        ("finished", "before"),
        ("finished", "after"),
        ("_switch", "after"),
        ("remove_old", "before"),
        ("remove_old", "half"),
    ],
)
def test_killed_at_a_step(
    erased: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, when: str
) -> None:
    monkeypatch.setenv("ZHIYIN_LOG_COMPRESSION", "uncompressed")
    data = tmp_path / "data"
    shutil.copytree(erased, data)
    assert begin(data, place, when).wait() == -9
    check(data)


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_some_moment(
    erased: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Writing anew without end; at five moments."""
    monkeypatch.setenv("ZHIYIN_LOG_COMPRESSION", "uncompressed")
    data = tmp_path / "data"
    shutil.copytree(erased, data)
    child = begin(data)
    time.sleep(random.Random(seed).uniform(0.05, 1.5))  # noqa: S311 - any moment will do
    child.kill()
    assert child.wait() == -9
    check(data)
    assert files.number_of(next((data / "log").glob("*.duckdb"))) >= 1
