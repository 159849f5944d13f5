"""Events sent to a real server, and what it said of them."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.processes.conftest import Server, zhiyin


def write_key(data: Path, source: str = "load") -> str:
    """A new write key; the server knows it within a second."""
    made = zhiyin(data, "key", "create", "--write", "--source", source)
    assert made.returncode == 0, made.stdout + made.stderr
    return str(json.loads(made.stdout)["key"])


def batch(ids: Iterable[str], **says: Any) -> bytes:
    """A batch of the tracking API, one event for each id."""
    events = [
        {
            "type": "track",
            "event": "Order Completed",
            "messageId": one,
            "userId": f"c{hash(one) % 500}",
            "properties": {"n": one},
            **says,
        }
        for one in ids
    ]
    return json.dumps({"batch": events}).encode()


def post(server: Server, key: str, body: bytes, path: str = "/v1/batch") -> int:
    """The status of one request."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    try:
        connection.request("POST", path, body, {"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


class Sending:
    """Threads that send batches until told to stop, and remember which were acknowledged, what was
    said to the others, and the longest wait for an answer.

    A batch that got no answer is sent again, as SDKs do, until the server is gone for good.
    """

    def __init__(self, server: Server, key: str, mark: str, *, threads: int = 4, size: int = 20):
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.refused: list[int] = []
        self.longest_seconds = 0.0
        self._server = server
        self._key = key
        self._mark = mark
        self._size = size
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(number,), daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, thread: int) -> None:
        count = 0
        connection = http.client.HTTPConnection(self._server.host, self._server.port, timeout=10)
        while not self._is_over.is_set():
            ids = [f"{self._mark}-{thread}-{count + n}" for n in range(self._size)]
            body = batch(ids)
            self.sent.update(ids)
            while not self._is_over.is_set():
                began = time.monotonic()
                try:
                    headers = {"Authorization": f"Bearer {self._key}"}
                    connection.request("POST", "/v1/batch", body, headers)
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, http.client.HTTPException):
                    connection.close()
                    self._is_over.wait(0.05)
                    continue
                self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)
                if answer.status == 200:
                    self.acknowledged.update(ids)
                    break
                self.refused.append(answer.status)
                self._is_over.wait(0.05)
            count += self._size
        connection.close()


def stored(data: Path, source: str = "load") -> list[str]:
    """The ids of the source's events in the log, repeats and all."""
    from zhiyin.warehouse import client, lang

    log = client.connect(data)
    try:
        (slug,) = log.workspaces()
        events = lang.table(log.schema(slug), "events")
        found = log.execute(slug, events.select("id", "source"), words=True, seconds=120)
    finally:
        log.close()
    return [row["id"] for row in found.to_pylist() if row["source"] == source]


def backlog(server: Server) -> int:
    """Facts on their way into the log, as ``/readyz`` says."""
    return int(json.loads(server.get("/readyz")[2])["intake"]["backlog"])
