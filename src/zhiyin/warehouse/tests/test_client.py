"""The lock and the socket: one owner, and everybody reaches it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import in_language
from zhiyin.warehouse.client import connect
from zhiyin.warehouse.owner import Held, Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.tests.planting import put, read
from zhiyin.warehouse.wire import socket_of

HOLDER = """
import sys, time
from pathlib import Path
from zhiyin.warehouse.owner import Owner
with Owner(Path(sys.argv[1])) as log:
    log.create("main")
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


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
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data), "0.7"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with connect(data) as log:
        assert log.workspaces() == ["main"]
    child.stdout.close()
    assert child.wait() == 0


def test_a_killed_owner_leaves_no_lock(data: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data), "60"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    began = time.monotonic()
    with connect(data) as log:
        assert log.workspaces() == ["main"]
    assert time.monotonic() - began < 5


def test_a_problem_crosses_the_socket_in_the_readers_language(served: RemoteLog) -> None:
    with pytest.raises(Problem) as caught:
        served.undo("main", "nothing")
    assert caught.value.code == "import.no-such-import"
    assert "nothing" in str(caught.value.message)
    with in_language("zh"):
        assert "没有" in str(caught.value.message)
