"""The survey page of a running server: views at a steady rate, and whole responses as fast as go.

A response is the page and the post of all its answers, each durable, up to the end. Beside it the
same server's ``/healthz`` at the same rate. ``python -m bench.surveys [SECONDS] [CONNECTIONS]``
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from tests.processes.conftest import wait_for, zhiyin
from tests.processes.sending import backlog

from bench.intake import serving
from bench.sender import milliseconds
from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.definition import Page, Question, Survey
from zhiyin.edge.surveys.tests.visiting import Browser

RATE = 200
"""Views a second."""

VISIT = Survey(
    title={"en": "Your visit", "zh-Hans": "您的来访"},
    languages=("zh-Hans",),
    company={"en": "Qingchuan Air", "zh-Hans": "晴川航空"},
    pages=(
        Page(
            "score",
            (
                Question("recommend", "nps", is_required=True),
                Question("why", "comment", {"en": "Why?", "zh-Hans": "为什么？"}),
            ),
        ),
    ),
)
ANSWERED = b"&p=score&l=en&a.recommend=%d&a.why=The+crew+was+kind"
_RESPONSE = re.compile(rb'name=r value="([a-z0-9]+)"')


class Asker:
    """Asks over kept connections.

    Args:
        path: of the survey.
    """

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.path = path.encode()
        self.views: list[float] = []
        self.posts: list[float] = []
        self.failed = 0

    async def look(self, path: bytes, seconds: float, rate: int) -> list[float]:
        """Views at a steady rate, whoever waits for whom; how long each took."""
        taken: list[float] = []
        began = time.perf_counter()

        async def one(number: int, every: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                while (at := began + number / rate) < began + seconds:
                    await asyncio.sleep(max(at - time.perf_counter(), 0))
                    await _ask(reader, writer, _get(path))
                    # From when it should have been asked: who waits is counted.
                    taken.append(time.perf_counter() - at)
                    number += every
            finally:
                writer.close()

        connections = 32
        await asyncio.gather(*(one(n, connections) for n in range(connections)))
        return taken

    async def respond(self, seconds: float, connections: int) -> float:
        """Whole responses, each connection one after another; returns the seconds that it took."""
        began = time.perf_counter()

        async def one() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                while time.perf_counter() < began + seconds:
                    await self._one(reader, writer)
            finally:
                writer.close()

        await asyncio.gather(*(one() for _n in range(connections)))
        return time.perf_counter() - began

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = time.perf_counter()
        _status, page = await _ask(reader, writer, _get(self.path))
        self.views.append(time.perf_counter() - at)
        found = _RESPONSE.search(page)
        assert found is not None
        body = b"r=" + found[1] + ANSWERED % (len(self.posts) % 11)
        at = time.perf_counter()
        status, _page = await _ask(reader, writer, _post(self.path, body))
        if status == 200:
            self.posts.append(time.perf_counter() - at)
        else:
            self.failed += 1


def _get(path: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n\r\n"


def _post(path: bytes, body: bytes) -> bytes:
    return (
        b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    ) + body


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.lower().index(b"content-length:")
    body = await reader.readexactly(int(head[at + 15 : head.index(b"\r\n", at)]))
    return int(head[9:12]), body


def main(seconds: float = 20.0, connections: int = 64) -> int:
    """Print one line a measurement."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with serving(data) as server:
            file = Path(folder) / "visit.json"
            file.write_bytes(definition.write(VISIT))
            made = json.loads(zhiyin(data, "survey", "import", str(file)).stdout)
            zhiyin(data, "survey", "publish", "visit")
            browser = Browser(server.port, made["id"])
            wait_for(lambda: browser.open().status == 200, 30, "published")
            page = browser.open()
            print(f"the page: {len(page.body.encode()):,} bytes, not packed")
            asker = Asker(server.port, f"/s/{made['id']}")
            for name, path in (("healthz", b"/healthz"), ("survey page", asker.path)):
                taken = sorted(uvloop.run(asker.look(path, seconds, RATE)))
                print(f"{name} at {RATE}/s: {_times(taken)}", flush=True)
            wall = uvloop.run(asker.respond(seconds, connections))
            posts = sorted(asker.posts)
            print(
                f"responses, {connections} connections: {len(posts) / wall:,.0f}/s,"
                f" post {_times(posts)}, page {_times(sorted(asker.views))},"
                f" {asker.failed} failed",
                flush=True,
            )
            began = time.perf_counter()
            wait_for(lambda: backlog(server) == 0, 300, "loaded")
            print(f"  in the log {time.perf_counter() - began:.1f} s after the last answer")
    return 0


def _times(taken: list[float]) -> str:
    parts = ((50, 0.5), (95, 0.95), (99, 0.99))
    return ", ".join(f"p{name} {milliseconds(taken, share)} ms" for name, share in parts)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])))
