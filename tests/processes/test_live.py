"""Live: an acknowledged event is on the page in two seconds, and nobody holds a stop up."""

from __future__ import annotations

import base64
import http.client
import json
import statistics
import threading
import time
from urllib.parse import urlencode

from tests.processes.conftest import SOON_SECONDS, Server, wait_for, zhiyin
from tests.processes.installation import Installation
from tests.processes.sending import backlog
from tests.processes.visiting import Visitor
from zhiyin.collect import tail
from zhiyin.collect.tail import Search
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.wire import socket_of

SECONDS = 2.0


def stream_of(visitor: Visitor, query: str = "") -> str:
    """An address with a pass."""
    return str(json.loads(visitor.read(f"/main/events/pass/?{query}"))["stream"])


class Listener:
    """One page that listens, on a thread of its own."""

    def __init__(self, server: Server, stream: str) -> None:
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self.connection.request("GET", stream)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        self.heard: list[tuple[float, str, object]] = []
        self.is_over = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        wait_for(lambda: bool(self.heard), 60, "the stream is open")

    def _listen(self) -> None:
        kind = ""
        try:
            while line := self.answer.readline():
                said = line.decode().strip()
                if said.startswith("event: "):
                    kind = said.removeprefix("event: ")
                elif said.startswith("data: "):
                    self.heard.append((time.monotonic(), kind, json.loads(said[6:])))
        finally:
            self.is_over.set()

    def events(self) -> list[tuple[float, dict[str, object]]]:
        return [(at, says) for at, kind, says in self.heard if kind == "event"]  # type: ignore[misc]

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def track(server: Server, key: str, name: str, **properties: object) -> float:
    """Send one event; when it was acknowledged."""
    body = json.dumps(
        {"type": "track", "userId": "c1", "event": name, "messageId": f"{name}-{time.time()}",
         "properties": properties}
    )  # fmt: skip
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    try:
        basic = base64.b64encode(f"{key}:".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
        connection.request("POST", "/v1/track", body, headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return time.monotonic()
    finally:
        connection.close()


def test_an_event_is_live_within_two_seconds_and_a_stop_ends_the_streams(
    shared: Installation,
) -> None:
    server = shared.running()
    wait_for(lambda: backlog(server) == 0, 60, "nothing is on its way from before")
    key = json.loads(zhiyin(server.data, "key", "create", "--write", "--source", "app").stdout)
    ana = Visitor(server, shared.password)
    everything = Listener(server, stream_of(ana))
    dear = Listener(server, stream_of(ana, urlencode({"where": "properties.price > 100"})))
    took = []
    with RemoteLog(socket_of(server.data)) as log:
        tail.newest(log, "main", Search(), zone="UTC")  # pages have compiled their questions
        for n in range(5):
            acknowledged = track(server, key["key"], f"Bought {n}", price=50 * n)
            wait_for(lambda n=n: len(everything.events()) > n, 60, "told")  # type: ignore[misc]
            took.append(everything.events()[n][0] - acknowledged)
            newest = tail.newest(log, "main", Search(), zone="UTC")[0]
            took.append(time.monotonic() - acknowledged)
            assert (newest.name, newest.customer_id) == (f"Bought {n}", "c1")
    assert statistics.median(took) < SECONDS, took
    assert [says["name"] for _at, says in everything.events()] == [f"Bought {n}" for n in range(5)]
    assert [says["name"] for _at, says in dear.events()] == ["Bought 3", "Bought 4"]

    server.process.terminate()
    assert everything.is_over.wait(SOON_SECONDS)
    assert dear.is_over.wait(SOON_SECONDS)
    server.process.wait(SOON_SECONDS)
    # Without an end of their own the streams would hold the server until it cancels them.
    said = shared.data.with_name(f"{shared.data.name}.stderr").read_text("utf-8")
    assert "graceful shutdown exceeded" not in said
    for one in (everything, dear):
        one.close()
