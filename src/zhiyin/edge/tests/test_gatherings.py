"""Those at one map: who may listen, what all are told, who is there and which part each holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from zhiyin.edge import gatherings, streams
from zhiyin.edge.app import Edge
from zhiyin.edge.sse import QUEUE
from zhiyin.edge.streams import Streams
from zhiyin.edge.tests.test_streams import KEY, Visit, until
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now

TRIP = "maps/trip"


@pytest.fixture
def served(tmp_path: Path) -> Streams:
    (tmp_path / "secret-key").write_bytes(KEY)
    return Streams(tmp_path / "secret-key", lambda _workspace: [], beat_seconds=0.05)


def pass_of(who: str, *, topic: str = TRIP, workspace: str = "main") -> str:
    return passes.issue_to(
        KEY, workspace=workspace, topic=topic, who=who, name=who.title(), now=now()
    )


@asynccontextmanager
async def at(
    served: Streams, who: str, *, path: str = f"/main/stream/{TRIP}", pass_: str | None = None,
    reads: bool = True,
) -> AsyncIterator[Visit]:  # fmt: skip
    visit = Visit()
    if reads:
        visit.may_read.set()
    query = urlencode({"pass": pass_of(who) if pass_ is None else pass_})
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    task = asyncio.ensure_future(served.serve(scope, visit.receive, visit.send))
    await until(lambda: visit.status != 0)
    yield visit
    visit.leave.set()
    await asyncio.wait_for(task, 60)


def said(visit: Visit, kind: str) -> list[Any]:
    return [says for found, says in visit.messages() if found == kind]


def there(visit: Visit) -> dict[str, str]:
    """Names and what each holds, as this visitor was told last."""
    told = said(visit, "present")
    return {one["name"]: one["holds"] for one in told[-1]["people"]} if told else {}


def test_those_at_a_map_hear_what_is_done_there_and_nobody_else(served: Streams) -> None:
    async def play() -> None:
        async with (
            at(served, "ana") as ana,
            at(served, "ben") as ben,
            at(
                served, "cy", path="/main/stream/maps/other",
                pass_=pass_of("cy", topic="maps/other"),
            ) as cy,
            at(
                served, "di", path=f"/branch/stream/{TRIP}", pass_=pass_of("di", workspace="branch")
            ) as di,
        ):  # fmt: skip
            served.tell_topic("main", TRIP, {"kind": "done", "number": 1})
            await until(lambda: said(ana, "done") and said(ben, "done"))
            served.tell_topic("main", "maps/other", {"kind": "done", "number": 7})
            await until(lambda: said(cy, "done"))
            assert said(ana, "done") == said(ben, "done") == [{"number": 1}]
            assert said(cy, "done") == [{"number": 7}]
            assert said(di, "done") == []
            served.tell("main", [])  # events of the workspace are no matter of a map
        assert len(served) == 0

    asyncio.run(play())


def test_all_are_told_who_is_there_what_each_holds_and_that_she_is_gone(served: Streams) -> None:
    async def play() -> None:
        async with at(served, "ana") as ana:
            async with at(served, "ben") as ben:
                await until(lambda: set(there(ana)) == {"Ana", "Ben"})
                number = said(ben, "open")[0]["you"]
                held = {"kind": "holding", "visitor": number, "who": "ben", "holds": "node:pay"}
                served.tell_topic("main", TRIP, held)
                await until(lambda: there(ana) == {"Ana": "", "Ben": "node:pay"})
                # Her number is seen by all; only she moves what it holds.
                served.tell_topic("main", TRIP, {**held, "who": "ana", "holds": "node:fly"})
                served.tell_topic("main", TRIP, {**held, "visitor": "none"})
                served.tell_topic("main", TRIP, {"kind": "done", "number": 1})
                await until(lambda: said(ana, "done"))
                assert there(ana) == {"Ana": "", "Ben": "node:pay"}
            await until(lambda: there(ana) == {"Ana": ""})
            # A login is for the server: the others are shown a name.
            assert "ben" not in b"".join(ana.written).decode().replace("Ben", "")

    asyncio.run(play())


def test_who_comes_and_goes_in_a_moment_is_told_at_once(
    served: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a list of all to all for each of fifty who come at once."""
    monkeypatch.setattr(gatherings, "SHOWN", 3)

    async def play() -> None:
        async with at(served, "ana") as ana:
            await until(lambda: said(ana, "present"))
            many = [at(served, f"p{number}") for number in range(20)]
            for one in many:
                await one.__aenter__()
            await until(lambda: said(ana, "present")[-1]["n"] == 21)
            assert len(said(ana, "present")[-1]["people"]) == 3
            assert len(said(ana, "present")) < 10
            for one in many:
                await one.__aexit__(None, None, None)

    asyncio.run(play())


def test_a_slow_one_loses_the_oldest_and_is_told_and_holds_up_nobody(served: Streams) -> None:
    async def play() -> None:
        async with at(served, "ana", reads=False) as slow, at(served, "ben") as quick:
            for number in range(QUEUE + 20):
                served.tell_topic("main", TRIP, {"kind": "done", "number": number})
                await asyncio.sleep(0)
            await until(lambda: len(said(quick, "done")) == QUEUE + 20)
            slow.may_read.set()
            await until(lambda: said(slow, "lost"))
            assert said(slow, "lost") == [{"n": 20}]
            assert said(slow, "done")[-1] == {"number": QUEUE + 19}

    asyncio.run(play())


@pytest.mark.parametrize(
    "pass_",
    [
        "",
        passes.issue(KEY, workspace="main", now=now()),
        pass_of("ana", topic="maps/other"),
        pass_of("ana", workspace="branch"),
        pass_of("ana").replace(".", ".x", 1),
        pass_of("ana") + "0",
    ],
)
def test_a_pass_for_something_else_opens_no_map(served: Streams, pass_: str) -> None:
    async def play() -> None:
        async with at(served, "ana", pass_=pass_) as visit:
            assert visit.status == 403
            assert len(served) == 0

    asyncio.run(play())


def test_a_pass_for_a_map_opens_no_events(served: Streams) -> None:
    async def play() -> None:
        async with at(served, "ana", path="/main/stream/events") as visit:
            assert visit.status == 403

    asyncio.run(play())


def test_those_at_maps_count_among_all_who_listen(
    served: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LISTENERS", 1)

    async def play() -> None:
        async with at(served, "ana") as one, at(served, "ben") as other:
            assert (one.status, other.status) == (200, 503)

    asyncio.run(play())


def test_the_edge_leads_there(served: Streams, tmp_path: Path) -> None:
    edge = Edge(web_socket=tmp_path / "none", is_jobs_alive=lambda: True, streams=served)
    routed = {
        path: edge._route({"type": "http", "path": path, "method": "GET", "headers": []})[0]
        for path in (f"/main/stream/{TRIP}", "/main/stream/events", "/main/journeys/maps/trip/")
    }
    assert list(routed.values()) == ["stream", "stream", "pages"]
