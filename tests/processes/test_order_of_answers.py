"""No answer leaves before the sync that covers it: what the kernel saw of the real log process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.processes.conftest import Server, free_port, wait_for
from tests.processes.installation import Made
from tests.processes.sending import batch, post, write_key

CALLS = "read,recvfrom,recvmsg,pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg"


@dataclass
class Traced:
    """The log process under strace."""

    server: Server
    file: Path


@pytest.fixture
def traced(made: Made, tmp_path: Path) -> Iterator[Traced]:
    data = made.copy(tmp_path / "data")
    port = free_port()
    file = tmp_path / "trace"
    process = subprocess.Popen(
        ["strace", "-f", "--seccomp-bpf", "-yy", "-s", "4000", "-o", str(file), "-e",
         f"trace={CALLS}", sys.executable, "-m", "zhiyin.processes.log", str(data), "127.0.0.1",
         str(port)],
        text=True,
    )  # fmt: skip
    server = Server(data, port, process)

    def answers() -> bool:
        try:
            return server.get("/healthz")[0] == 200
        except OSError:
            return False

    try:
        wait_for(answers, 120, "healthy")
        yield Traced(server, file)
    finally:
        stop(server)


def stop(server: Server) -> None:
    """Tell the log process, not strace, which would leave it running."""
    if traced_process := server.child("log"):
        os.kill(traced_process, signal.SIGTERM)
    server.process.wait(60)


def test_each_answer_comes_after_the_sync_of_the_frame_that_has_its_request(traced: Traced) -> None:
    """Would catch an answer at submit, one before the sync, and one of the tick before."""
    server = traced.server
    key = write_key(server.data)
    wait_for(lambda: post(server, key, batch(["first"])) == 200, 60, "the key is known")
    marks = [f"mark{n:04d}." for n in range(120)]
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda mark: post(server, key, batch([mark])), marks))
    assert set(statuses) == {200}
    stop(server)
    seen = read_trace(traced.file)
    assert set(marks) <= set(seen.answered), "the trace has every request"
    assert seen.too_early == []
    assert seen.syncs >= 2


@dataclass
class Seen:
    """What a trace says.

    Args:
        answered: requests that were answered, by their mark.
        too_early: those that were before they were on disk.
    """

    answered: list[str] = field(default_factory=list)
    too_early: list[str] = field(default_factory=list)
    syncs: int = 0


def read_trace(file: Path) -> Seen:
    """Follow every request from the socket into a segment, through the sync, to its answer."""
    seen = Seen()
    asked: dict[str, str] = {}
    written: dict[str, set[str]] = {}
    synced: set[str] = set()
    syncing: dict[str, tuple[str, set[str]]] = {}
    for line in whole_calls(file):
        thread, call, rest = line
        marks = set(re.findall(r"mark\d{4}\.", rest))
        place = re.match(r"\w+\((\d+<(?:TCP\S*|[^<>]*)>)", rest)
        where = place[1] if place else ""
        if call in ("read", "recvfrom", "recvmsg") and "TCP" in rest and marks:
            asked[where] = marks.pop()
        elif call == "pwrite64" and ".seg" in where:
            written.setdefault(where, set()).update(marks)
        elif call in ("fdatasync", "fsync") and ".seg" in where:
            if "..." in rest:  # it begins; what is written from here on it need not cover
                syncing[thread] = (where, set(written.get(where, ())))
            elif rest.endswith("= 0"):
                seen.syncs += 1
                began = syncing.pop(thread, None)
                synced |= began[1] if began else written.get(where, set())
        elif call in ("write", "writev", "sendto", "sendmsg") and "HTTP/1.1 200" in rest:
            mark = asked.pop(where, None)
            if mark is not None:
                seen.answered.append(mark)
                if mark not in synced:
                    seen.too_early.append(mark)
    return seen


def whole_calls(file: Path) -> Iterator[tuple[str, str, str]]:
    """(thread, call, the line); a call that was interrupted by another appears twice: as it begins,
    with ``...``, and as it ends, whole."""
    begun: dict[str, str] = {}
    for line in file.read_text("utf-8", "replace").splitlines():
        thread, _space, rest = line.partition(" ")
        rest = rest.strip()
        if rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>")
            call = rest.partition("(")[0]
            if call in ("fdatasync", "fsync"):
                yield thread, call, rest
            elif call not in ("read", "recvfrom", "recvmsg", "pwrite64"):
                # An answer counts as given when its call begins.
                yield thread, call, rest
        elif resumed := re.match(r"<\.\.\. (\w+) resumed>(.*)", rest):
            head = begun.pop(thread, "")
            if resumed[1] in ("write", "writev", "sendto", "sendmsg"):
                continue
            yield thread, resumed[1], head + resumed[2]
        else:
            yield thread, rest.partition("(")[0], rest
