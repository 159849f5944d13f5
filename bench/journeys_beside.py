"""Other requests to the log process while it walks over all histories: ``python -m bench.journeys_beside [EVENTS]``.

A log of 10 M events, as `bench.journey_index` makes it, is served by a log process of its own. ``/healthz`` is asked every
few milliseconds, in turn for some seconds alone and for some beside a client that asks funnels, paths and sessions one
after another, none of them twice. Two minutes and 1 GB on disk, most of both to make the log.
"""

from __future__ import annotations

import http.client
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench import journey_index
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.wire import socket_of

PATIENCE_SECONDS = 300
SECONDS, ROUNDS = 8, 3
PAUSE_SECONDS = 0.004
DAY = 86_400_000_000
NODES = [2 * name for name in range(journey_index.NAMES)]
FUNNEL = {"names": [[0], [2], [5], [7], [9]], "between": [[]] * 4}


def questions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Without end; each with a time of its own, so that no answer is remembered."""
    for more in itertools.count():
        yield "funnel", {**FUNNEL, "within": 7 * DAY + more}
        yield "paths", {"nodes": NODES, "gap": DAY + more, "medians": 0}
        yield "sessions", {"gap": DAY + more}


def asked(log: RemoteLog, is_over: threading.Event, took: list[float]) -> None:
    """Ask until it is over."""
    for question, what in questions():
        if is_over.is_set():
            return
        began = time.perf_counter()
        log.ask_journeys("bench", question, what)
        took.append(time.perf_counter() - began)


def waits(port: int, seconds: float) -> list[float]:
    """Milliseconds that each of many requests took, one after another on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    found, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        found.append((time.perf_counter() - began) * 1e3)
        time.sleep(PAUSE_SECONDS)
    connection.close()
    return found


def told(name: str, found: list[float]) -> None:
    """One line."""
    p50, p99 = np.percentile(found, [50, 99])
    print(
        f"{name:40s} {len(found):6d} requests, ms: p50 {p50:.2f}, p99 {p99:.2f}, max {max(found):.1f}"
    )


def served(data: Path, port: int) -> RemoteLog:
    """The log, as soon as its process answers on both sides."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        time.sleep(0.2)
        log = RemoteLog.if_answering(socket_of(data))
        if log is not None and is_open(port):
            return log
    raise TimeoutError(data)


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def measure(data: Path, port: int) -> None:
    """In turn alone and beside questions."""
    log = served(data, port)
    for _question, (question, what) in zip(range(3), questions(), strict=False):
        log.ask_journeys("bench", question, what, seconds=PATIENCE_SECONDS)
    alone, beside, took = list[float](), list[float](), list[float]()
    for _round in range(ROUNDS):
        alone += waits(port, SECONDS)
        is_over = threading.Event()
        asking = threading.Thread(target=asked, args=(log, is_over, took))
        asking.start()
        beside += waits(port, SECONDS)
        is_over.set()
        asking.join()
    told("alone", alone)
    told(f"beside {len(took)} questions of {np.mean(took):.2f} s", beside)
    print(f"load {os.getloadavg()[0]:.1f}")


def main(events: int = 10_000_000) -> None:
    """Make a log, serve it, measure."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with Owner(data) as log:
            journey_index.prepare(log, events)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        child = subprocess.Popen(
            [sys.executable, "-m", "zhiyin.processes.log", folder, "127.0.0.1", str(port)]
        )
        try:
            measure(data, port)
        finally:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
