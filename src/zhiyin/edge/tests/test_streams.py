"""Live events to pages: who may listen, what is told, and that nobody holds the server up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from zhiyin.edge import sse
from zhiyin.edge.sse import QUEUE
from zhiyin.edge.streams import Streams
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.warehouse.intake import Summary
from zhiyin.warehouse.rules import Rule

KEY = b"a key of this installation"


AT = datetime(2026, 3, 1, 16, 5)
USUAL: dict[str, Any] = {
    "id": "e", "name": "Order Completed", "customer": "c1", "customer_kind": "customer",
    "occurred_at": AT, "received_at": AT, "source": "site", "channel": "web", "touchpoint": None,
    "properties": '{"path": "/shop", "price": 12}',
}  # fmt: skip


def summary(seq: int, **said: Any) -> Summary:
    return Summary(seq=seq, **{**USUAL, **said})


@dataclass
class Visit:
    """One request whose answer is read as it comes."""

    status: int = 0
    written: list[bytes] = field(default_factory=list)
    is_over: bool = False
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    leave: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        await self.may_read.wait()
        self.written.append(message["body"])
        self.is_over = not message.get("more_body")

    def messages(self) -> list[tuple[str, Any]]:
        found = []
        for block in b"".join(self.written).decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] not in ":")
            if "event" in lines:
                found.append((lines["event"], json.loads(lines["data"])))
        return found


def scope(workspace: str = "main", **query: str) -> dict[str, Any]:
    good = passes.issue(KEY, workspace=workspace, now=now())
    return {
        "type": "http",
        "method": "GET",
        "path": f"/{workspace}/stream/events",
        "query_string": urlencode({"pass": good, **query}).encode(),
    }


@pytest.fixture
def rules() -> list[Rule]:
    return []


@pytest.fixture
def streams(tmp_path: Path, rules: list[Rule]) -> Streams:
    (tmp_path / "secret-key").write_bytes(KEY + b"\n")
    return Streams(tmp_path / "secret-key", lambda _workspace: rules, beat_seconds=0.05)


@asynccontextmanager
async def listening(streams: Streams, **query: str) -> AsyncIterator[Visit]:
    visit = Visit()
    if query.pop("reads", "yes") == "yes":
        visit.may_read.set()
    task = asyncio.ensure_future(streams.serve(scope(**query), visit.receive, visit.send))
    await until(lambda: visit.status != 0)
    yield visit
    visit.leave.set()
    await asyncio.wait_for(task, 60)


async def until(holds: Any) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.005)


def shown(visit: Visit) -> list[Any]:
    return [says for kind, says in visit.messages() if kind == "event"]


def test_an_event_reaches_everybody_who_listens_to_its_workspace_and_nobody_else(
    streams: Streams,
) -> None:
    async def play() -> None:
        async with (
            listening(streams, zone="Asia/Shanghai") as one,
            listening(streams) as two,
            listening(streams, workspace="other") as other,
        ):
            await until(lambda: len(streams) == 3)
            streams.tell("main", [summary(8, name="b"), summary(7, name="<b>a</b>")])
            await until(lambda: len(shown(one)) == len(shown(two)) == 2)
            assert [(e["seq"], e["name"]) for e in shown(one)] == [(7, "<b>a</b>"), (8, "b")]
            assert shown(one)[0]["at"] == "2026-03-02 00:05:00"
            assert "touchpoint" not in shown(one)[0]
            assert shown(other) == []
        assert len(streams) == 0

    asyncio.run(play())


def test_a_filter_of_the_page_and_the_touchpoint_rules_hold_in_the_stream(
    streams: Streams, rules: list[Rule]
) -> None:
    rules += [Rule("properties.path contains '/shop'", "shop")]

    async def play() -> None:
        async with listening(streams, where="properties.price > 10 and touchpoint = 'shop'") as one:
            cheap = summary(2, properties='{"price": 3, "path": "/shop"}')
            own = summary(3, touchpoint="counter")
            streams.tell("main", [own, cheap, summary(1)])
            await until(lambda: shown(one))
            assert [(e["seq"], e["touchpoint"]) for e in shown(one)] == [(1, "shop")]

    asyncio.run(play())


@pytest.mark.parametrize("where", ["customer = 'c1'", "city = '杭州'", "about_kind = 'order'"])
def test_what_an_arriving_event_does_not_say_is_looked_up_by_the_page(
    streams: Streams, where: str
) -> None:
    """Would catch a tail that stays empty because a dimension is missing in the summary."""

    async def play() -> None:
        async with listening(streams, where=where) as one:
            streams.tell("main", [summary(1)])
            await until(lambda: ("look", {}) in one.messages())
            assert shown(one) == []

    asyncio.run(play())


def test_a_slow_listener_loses_the_oldest_and_is_told_and_holds_nobody_up(
    streams: Streams,
) -> None:
    async def play() -> None:
        async with listening(streams, reads="no") as slow, listening(streams) as quick:
            for first in range(0, 1000, 50):
                streams.tell("main", [summary(n) for n in reversed(range(first, first + 50))])
                await until(lambda first=first: len(shown(quick)) == first + 50)
            slow.may_read.set()
            await until(lambda: shown(slow))
            assert [e["seq"] for e in shown(slow)] == list(range(1000 - QUEUE, 1000))
            assert ("lost", {"n": 1000 - QUEUE}) in slow.messages()

    asyncio.run(play())


def test_a_rest_has_a_heartbeat(streams: Streams) -> None:
    async def play() -> None:
        async with listening(streams) as one:
            await until(lambda: b": beat\n\n" in one.written)

    asyncio.run(play())


def test_a_stream_ends_with_its_pass_and_when_the_server_stops(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        short = passes.issue(KEY, workspace="main", now=now(), seconds=60)
        async with listening(streams, **{"pass": short}) as one, listening(streams) as two:
            began = now()
            later = began + timedelta(seconds=90)
            monkeypatch.setattr(sse, "now", lambda: later)
            await until(lambda: one.is_over)
            assert not two.is_over
            streams.stop()
            await until(lambda: two.is_over)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"pass": ""}, 403),
        ({"pass": "99999999999.aa"}, 403),
        ({"pass": passes.issue(b"another key", workspace="main", now=now())}, 403),
        ({"pass": passes.issue(KEY, workspace="other", now=now())}, 403),
        ({"pass": passes.issue(KEY, workspace="main", now=datetime(2020, 1, 1))}, 403),
        ({"where": "name = "}, 400),
        ({"zone": "Middle/Earth"}, 400),
    ],
)
def test_who_has_no_good_pass_hears_nothing(
    streams: Streams, asked: dict[str, str], status: int
) -> None:
    async def play() -> None:
        async with listening(streams, **asked) as one:
            assert one.status == status
            assert len(streams) == 0

    asyncio.run(play())


def test_without_a_key_file_nobody_is_let_in(tmp_path: Path) -> None:
    """Would catch a pass signed with the empty key."""
    streams = Streams(tmp_path / "nothing", lambda _workspace: [])

    async def play() -> None:
        empty = passes.issue(b"", workspace="main", now=now())
        async with listening(streams, **{"pass": empty}) as one:
            assert one.status == 403

    asyncio.run(play())
