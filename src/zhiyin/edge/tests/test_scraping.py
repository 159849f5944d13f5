"""Who may ask for ``/metrics``: this machine, or whoever has the token."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from zhiyin.edge.app import Edge
from zhiyin.edge.asgi import Message
from zhiyin.edge.passing import CLAIMS
from zhiyin.kernel import server_log
from zhiyin.kernel.tests.scraped import Scraped

HERE = {b"host": b"127.0.0.1:8000"}


def asked(
    edge: Edge,
    headers: dict[bytes, bytes] = HERE,
    *,
    client: tuple[str, int] | None = ("127.0.0.1", 5),
    path: str = "/metrics",
) -> tuple[int, str]:
    """Status and body of one answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"",
             "raw_path": path.encode(), "headers": list(headers.items()), "client": client,
             "scheme": "http"}  # fmt: skip
    asyncio.run(edge(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode()


def edge(tmp_path: Path, **more: Any) -> Edge:
    return Edge(web_socket=tmp_path / "none", is_jobs_alive=lambda: False, **more)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:8000", "127.8.9.10:1"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_may_ask(tmp_path: Path, host: str, address: str) -> None:
    headers = {b"host": host.encode()}
    status, body = asked(edge(tmp_path), headers, client=(address, 5))
    assert status == 200
    assert Scraped(body).get("zhiyin_process_up", process="log") == 1


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        (HERE, ("203.0.113.7", 5)),
        (HERE, None),
        ({b"host": b"cx.example.com"}, ("127.0.0.1", 5)),
        ({b"host": b"[::1"}, ("127.0.0.1", 5)),
        ({}, ("127.0.0.1", 5)),
        *(({**HERE, name: b"203.0.113.7"}, ("127.0.0.1", 5)) for name in sorted(CLAIMS)),
    ],
)
def test_nobody_else_may_not_even_through_a_server_on_this_machine(
    tmp_path: Path, headers: dict[bytes, bytes], client: tuple[str, int] | None
) -> None:
    status, body = asked(edge(tmp_path), headers, client=client)
    assert (status, json.loads(body)["error"]["code"]) == (403, "metrics.elsewhere")
    assert "zhiyin_" not in body


def test_the_refusal_is_in_the_language_of_who_asks(tmp_path: Path) -> None:
    _status, body = asked(edge(tmp_path), {b"accept-language": b"zh-CN"})
    assert "只能从本机" in body


@pytest.mark.parametrize(
    "headers",
    [HERE, {b"authorization": b"Bearer other"}, {b"authorization": b"Basic right"},
     {b"authorization": b"Bearer "}, {b"authorization": b"right"}],
)  # fmt: skip
def test_where_there_is_a_token_it_is_asked_of_everybody(
    tmp_path: Path, headers: dict[bytes, bytes]
) -> None:
    status, body = asked(edge(tmp_path, metrics_token="right"), headers)
    assert (status, json.loads(body)["error"]["code"]) == (401, "metrics.token")


def test_with_the_token_one_may_ask_from_anywhere(tmp_path: Path) -> None:
    headers = {b"authorization": b"bearer right", b"host": b"cx.example.com"}
    found = edge(tmp_path, metrics_token="right")
    assert asked(found, headers, client=("203.0.113.7", 5))[0] == 200


@pytest.mark.parametrize(("writes", "expected"), [(True, ["GET healthz 200"]), (False, [])])
def test_access_lines_of_what_is_answered_here_are_written_where_they_are_wanted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, writes: bool, expected: list[str]
) -> None:
    with caplog.at_level(logging.INFO, server_log.ACCESS):
        asked(edge(tmp_path, writes_access=writes), path="/healthz")
        asked(edge(tmp_path, writes_access=writes), path="/main/customers/ana/")
    assert [text.rpartition(" ")[0].rpartition(" ")[0] for text in caplog.messages] == expected
