"""Events through the public address, with everything on: keys, checks, de-duplication, catalogue.

Beside it, in the same run: the same loop without checks (`bench.plain_intake`), and intake while
dashboards are asked.
``python -m bench.intake [SECONDS]``
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes.conftest import Server, free_port, wait_for
from tests.processes.sending import backlog, write_key


def main(seconds: float = 20.0) -> int:
    """Print one line a measurement."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with _plain(Path(folder) / "plain") as port:
            plain = _send(port, "wk_plain", seconds, 16, 100)
            plain_single = _send(port, "wk_plain", seconds, 256, 1)
        print(f"without checks, batches of 100: {_line(plain)}", flush=True)
        print(f"without checks, single events, 256 connections: {_line(plain_single)}", flush=True)
        with serving(data) as server:
            key = write_key(data, "bench")
            _send(server.port, key, 3, 16, 100, "warm")
            before = _memory(server)
            full = _send(server.port, key, seconds, 16, 100, "a")
            print(f"batches of 100, durable, everything on: {_line(full)}; {_share(full, plain)}")
            print(f"  in the log {_until_loaded(server):.1f} s after the last answer", flush=True)
            with _dashboards(data, server):
                beside = _send(server.port, key, seconds, 16, 100, "b")
            print(f"beside dashboards: {_line(beside)}", flush=True)
            _until_loaded(server)
            single = _send(server.port, key, seconds, 256, 1, "c")
            print(
                f"single events, 256 connections: {_line(single)}; {_share(single, plain_single)}",
                flush=True,
            )
            _until_loaded(server)
            marks = []
            for turn in range(4):
                _send(server.port, key, seconds, 16, 100, f"m{turn}")
                _until_loaded(server)
                marks.append(_memory(server))
            print(
                f"memory of its own, MiB: {before} at first, then after each {seconds:g} s: {marks}"
            )
    return 0


def _send(
    port: int, key: str, seconds: float, connections: int, size: int, mark: str = "p"
) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.sender", str(port), key, str(seconds), str(connections),
         str(size), mark],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _line(found: dict[str, float]) -> str:
    refused = f", refused {found['refused']}" if found["refused"] else ""
    return (
        f"{found['events_per_second']:,} events/s, p50 {found['p50_ms']} ms,"
        f" p99 {found['p99_ms']} ms{refused}"
    )


def _share(found: dict[str, float], plain: dict[str, float]) -> str:
    return f"{found['events_per_second'] / plain['events_per_second']:.2f} × without checks"


@contextmanager
def serving(data: Path) -> Iterator[Server]:
    """A server over a new data folder."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "zhiyin", "--data", str(data), "--json", "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    server = Server(data, port, process)
    try:
        wait_for(server.is_ready, 120, "ready")
        yield server
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _plain(folder: Path) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.plain_intake", str(folder), str(port)])
    server = Server(folder, port, process)  # type: ignore[arg-type]
    try:
        wait_for(lambda: _answers(server), 60, "answering")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _answers(server: Server) -> bool:
    try:
        return server.get("/healthz")[0] == 200
    except OSError:
        return False


@contextmanager
def _dashboards(data: Path, server: Server) -> Iterator[None]:
    """Two people who look at counts by name and day, again and again, over the log's socket."""
    from zhiyin.warehouse import client, lang

    is_over = threading.Event()

    def look() -> None:
        log = client.connect(data)
        (slug,) = log.workspaces()
        events = lang.table(log.schema(slug), "events")
        day = events.occurred_at.truncate("D")
        query = events.group_by(events.name, day=day).aggregate(
            n=events.count(), customers=events.customer.nunique()
        )
        while not is_over.is_set():
            log.execute(slug, query)
            is_over.wait(0.2)
        log.close()

    threads = [threading.Thread(target=look) for _person in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def _until_loaded(server: Server) -> float:
    began = time.perf_counter()
    wait_for(lambda: backlog(server) == 0, 300, "loaded")
    return time.perf_counter() - began


def _memory(server: Server) -> int:
    """What the log process has for itself, MiB: files that are mapped into memory left out."""
    status = Path(f"/proc/{server.child('log')}/status").read_text()
    return int(next(line for line in status.splitlines() if "RssAnon" in line).split()[1]) // 1024


if __name__ == "__main__":
    sys.exit(main(*(float(value) for value in sys.argv[1:2])))
