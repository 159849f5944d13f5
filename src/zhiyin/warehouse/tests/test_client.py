"""The lock and the socket: one owner, and everybody reaches it."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import in_language
from zhiyin.warehouse import remote
from zhiyin.warehouse.client import connect
from zhiyin.warehouse.owner import Held, Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.tests.children import Child, Says
from zhiyin.warehouse.tests.planting import put, read
from zhiyin.warehouse.wire import socket_of


def holds(says: Says, data: Path, seconds: float) -> None:
    with Owner(data) as log:
        log.create("main")
        says("held")
        time.sleep(seconds)


def test_without_a_server_the_log_is_held_here(data: Path) -> None:
    with connect(data) as log:
        assert isinstance(log, Owner)
        log.create("main")
        put(log, [{}])
    with connect(data) as log:
        assert read(log, "id") == [("r0",)]


def test_with_a_server_it_is_reached_over_the_socket(data: Path, served: RemoteLog) -> None:
    put(served, [{}])
    with connect(data) as log:
        assert isinstance(log, RemoteLog)
        assert read(log, "id") == [("r0",)]


def test_only_the_owner_of_the_files_may_ask(data: Path, served: RemoteLog) -> None:
    mode = socket_of(data).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_a_second_owner_is_told_who_holds_it(data: Path, owner: Owner) -> None:
    with pytest.raises(Held, match=f"process {os.getpid()}"):
        Owner(data)
    with pytest.raises(Problem, match="Another program holds the log"):
        connect(data, patience=0.1)


def test_a_command_waits_for_another_to_end(data: Path) -> None:
    child = Child(holds, data, 0.7)
    assert child.hears() == "held"
    with connect(data) as log:
        assert log.workspaces() == ["main"]
    assert child.wait() == 0


def test_a_killed_owner_leaves_no_lock(data: Path) -> None:
    child = Child(holds, data, 60)
    assert child.hears() == "held"
    child.kill()
    assert child.wait() == -9
    began = time.monotonic()
    with connect(data) as log:
        assert log.workspaces() == ["main"]
    assert time.monotonic() - began < 30, "it would have held it for 60"


def test_a_problem_crosses_the_socket_in_the_readers_language(served: RemoteLog) -> None:
    with pytest.raises(Problem) as caught:
        served.undo("main", "nothing")
    assert caught.value.code == "import.no-such-import"
    assert "nothing" in str(caught.value.message)
    with in_language("zh"):
        assert "没有" in str(caught.value.message)


def test_who_listens_is_told_by_any_process_and_nobody_waits_for_one_who_is_away(
    data: Path, owner: Owner, served: RemoteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str, dict[str, object]]] = []
    served.tell("main", "maps/trip", {"kind": "done", "number": 1})
    owner.teller = lambda workspace, topic, says: heard.append((workspace, topic, dict(says)))
    served.tell("main", "maps/trip", {"kind": "done", "number": 2, "value": {"en": "知音"}})
    owner.tell("main", "maps/trip", {"kind": "done", "number": 3})
    assert [says["number"] for _workspace, _topic, says in heard] == [2, 3]
    assert heard[0] == (
        "main", "maps/trip", {"kind": "done", "number": 2, "value": {"en": "知音"}},
    )  # fmt: skip
    monkeypatch.setattr(remote, "TELL_SECONDS", 0.2)
    owner.teller = lambda *_said: time.sleep(3)
    began = time.monotonic()
    served.tell("main", "maps/trip", {"kind": "done", "number": 4})
    assert time.monotonic() - began < 2
    with RemoteLog(data / "run" / "nobody.sock") as away:
        away.tell("main", "maps/trip", {"kind": "done", "number": 5})
