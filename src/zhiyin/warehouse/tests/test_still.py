"""A workspace's file is held still and copied while others write into the log."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.still import HEAD_BYTES, Still
from zhiyin.warehouse.tests.planting import put, read

MUCH = 100_000
"""Rows whose write-ahead log is longer than what makes the engine change the file by itself."""


def answers_in(file: Path, data: Path) -> list[tuple[object, ...]]:
    (data / "log").mkdir(parents=True)
    file.rename(data / "log" / "main.duckdb")
    with Owner(data) as log:
        return read(log, "id", "score")


def long_words(first: int, count: int) -> list[dict[str, object]]:
    return [{"id": f"r{n}", "response": f"{n:040}"} for n in range(first, first + count)]


def test_the_copy_is_the_log_of_the_moment_though_much_is_written_meanwhile(
    log: Log, tmp_path: Path
) -> None:
    """Without what keeps the engine from its checkpoints the head moves, and this fails."""
    put(log, [{"id": "before"}])
    with log.hold_still("main") as still, still.opened() as file:
        put(log, long_words(0, MUCH))
        put(log, [{"id": "before", "score": 1.0}], replace=True)
        wal = Path(f"{still.path}.wal")
        assert wal.stat().st_size > 16 << 20
        (tmp_path / "copy").write_bytes(file.read(still.size))
    put(log, [{"id": "after"}])
    assert answers_in(tmp_path / "copy", tmp_path / "other") == [("before", 5.0)]
    assert len(read(log, "id")) == MUCH + 2


def test_the_engine_goes_back_to_its_checkpoints(owner: Owner) -> None:
    with owner.hold_still("main") as still:
        put(owner, long_words(0, MUCH))
    put(owner, [{"id": "next"}])
    wal = Path(f"{still.path}.wal")
    assert not wal.exists() or wal.stat().st_size < 1 << 20


def test_what_was_changed_meanwhile_is_no_copy(tmp_path: Path) -> None:
    file = tmp_path / "main.duckdb"
    file.write_bytes(bytes(2 * HEAD_BYTES))

    def read_while_it_changes() -> None:
        with Still(file, 2 * HEAD_BYTES, 1).opened() as opened:
            opened.read()
            file.write_bytes(b"\x01" + bytes(2 * HEAD_BYTES - 1))

    with pytest.raises(Problem) as met:
        read_while_it_changes()
    assert met.value.code == "log.moved"


def test_an_unknown_workspace_is_told(log: Log) -> None:
    with pytest.raises(Problem) as met, log.hold_still("nobody"):
        pass
    assert met.value.code == "log.no-such-workspace"


def test_writing_anew_waits_and_then_goes_on(served: RemoteLog, owner: Owner) -> None:
    put(owner, [{"id": "one"}])
    done = threading.Event()

    def rewrite() -> None:
        owner.rewrite("main")
        done.set()

    with served.hold_still("main") as still:
        thread = threading.Thread(target=rewrite)
        thread.start()
        assert not done.wait(0.5)
        assert still.path.exists()
    thread.join(60)
    assert done.is_set()
    assert not still.path.exists()


def test_whoever_dies_holds_nothing(served: RemoteLog, owner: Owner) -> None:
    """Else a killed backup would stop every erasure until the next start."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from zhiyin.warehouse.remote import RemoteLog\n"
        "with RemoteLog(Path(sys.argv[1])).hold_still('main'):\n"
        "    print('held', flush=True); time.sleep(600)\n"
    )
    socket = owner.data / "run" / "log.sock"
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(socket)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        child.send_signal(signal.SIGKILL)
    began = time.monotonic()
    owner.rewrite("main")
    assert time.monotonic() - began < 60, "it would have held it for ten minutes"
    assert served.workspaces() == ["main"]


def test_a_server_that_ends_waits_for_nobody(owner: Owner, served: RemoteLog) -> None:
    """`served` is shut down after the test, while the file is held still for ever."""
    held = served.hold_still("main")
    held.__enter__()
    assert served.workspaces() == ["main"]
