"""Live events to pages, as Server-Sent Events: ``/<workspace>/stream/events``.

Each listener has a queue with an end: who reads slowly loses the oldest and is told how many.
A listener whose filter asks what an arriving event does not say (a dimension, another id of the
customer) is told that there is news, and looks for itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from zhiyin.edge.asgi import Receive, Scope, Send, answer
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, holds, parse
from zhiyin.kernel.periods import to_local, zone_info
from zhiyin.warehouse.intake import Summary
from zhiyin.warehouse.rules import Rule

SUFFIX = "/stream/events"
QUEUE = 100
"""Events that wait for one listener at most."""
LISTENERS = 1000
BEAT_SECONDS = 15.0
STUCK_SECONDS = 30.0
"""Who takes nothing for so long has left without a word."""
SHOWN = 200
"""Characters of a cell."""

KNOWN = frozenset(
    {"name", "source", "channel", "touchpoint", "occurred_at", "received_at", "id", "properties"}
)
"""Columns that an arriving event says; `customer` is what she is called now, before merges."""


@dataclass(slots=True, eq=False)
class _Listener:
    workspace: str
    where: Filter | None
    zone: str
    news: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: deque[str] = field(default_factory=lambda: deque(maxlen=QUEUE))
    lost: int = 0
    must_look: bool = False

    def put(self, messages: Sequence[str]) -> None:
        self.lost += max(len(self.waiting) + len(messages) - QUEUE, 0)
        self.waiting.extend(messages)
        self.news.set()

    def look(self) -> None:
        self.must_look = True
        self.news.set()

    def take(self) -> str:
        """What is written next, and nothing waits any more."""
        parts = list(self.waiting)
        if self.lost:
            parts.append(_message("lost", {"n": self.lost}))
        if self.must_look:
            parts.append(_message("look", {}))
        self.waiting.clear()
        self.lost, self.must_look = 0, False
        self.news.clear()
        return "".join(parts)


class Streams:
    """Everybody who listens, and what they are told.

    Args:
        key_file: the installation's secret key; read at each visit, since the web process makes it.
        rules: the touchpoint rules of a workspace.
    """

    def __init__(
        self,
        key_file: Path,
        rules: Callable[[str], Iterable[Rule]],
        *,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._key_file = key_file
        self._rules = rules
        self._beat = beat_seconds
        self._listeners: set[_Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_stopping = False

    def __len__(self) -> int:
        return len(self._listeners)

    def tell(self, workspace: str, summaries: Sequence[Summary]) -> None:
        """These events are in the log, the newest first. May be called by any thread."""
        if self._loop is None or not any(one.workspace == workspace for one in self._listeners):
            return
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(self._deliver, workspace, summaries)

    def stop(self) -> None:
        """End every stream, so that the server can. May be called by any thread."""
        self._is_stopping = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one visit, for as long as the visitor stays and the pass is good."""
        workspace = scope["path"].strip("/").removesuffix(SUFFIX.strip("/")).strip("/")
        asked = parse_qs(scope["query_string"].decode("latin-1"), errors="replace")
        given = {name: values[0] for name, values in asked.items()}
        if scope["method"] != "GET":
            await answer(send, 405, {"error": "only GET"})
            return
        ends_at = passes.until(self._key(), given.get("pass", ""), workspace=workspace, now=now())
        if ends_at is None:
            await answer(send, 403, {"error": "the pass is not good, or no longer"})
            return
        if len(self._listeners) >= LISTENERS or self._is_stopping:
            await answer(send, 503, {"error": "too many listen already"})
            return
        try:
            where = parse(given["where"]) if given.get("where") else None
            zone_info(zone := given.get("zone", "UTC"))
        except Problem as problem:
            await answer(send, 400, {"error": str(problem)})
            return
        await self._speak(_Listener(workspace, where, zone), ends_at, receive, send)

    async def _speak(
        self, listener: _Listener, ends_at: datetime, receive: Receive, send: Send
    ) -> None:
        self._loop = asyncio.get_running_loop()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        self._listeners.add(listener)
        leaving = asyncio.ensure_future(_left(receive))
        try:
            text = "retry: 2000\n" + _message("open", {})
            while not self._is_stopping and (left := (ends_at - now()).total_seconds()) > 0:
                # Writing waits while the visitor's line is full; meanwhile the queue loses its
                # oldest, and nothing grows.
                if not await _before(leaving, _write(send, text), STUCK_SECONDS):
                    return
                await _before(leaving, listener.news.wait(), min(self._beat, left))
                text = listener.take() or ": beat\n\n"
            await _before(leaving, _end(send), 1.0)
        finally:
            self._listeners.discard(listener)
            leaving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await leaving

    def _deliver(self, workspace: str, summaries: Sequence[Summary]) -> None:
        listeners = [one for one in self._listeners if one.workspace == workspace]
        if not listeners:
            return
        rules = [(parse(r.where), r.gives, r.zone) for r in self._rules(workspace)]
        is_ruled = all(_is_known(where) for where, _touchpoint, _zone in rules)
        # The page shows the newest first; it is told the oldest first.
        rows = [_row(one, rules) for one in reversed(summaries)]
        made: dict[tuple[str, str], list[str]] = {}
        for listener in listeners:
            if not is_ruled or not _is_known(listener.where):
                listener.look()
                continue
            kind = (str(listener.where or ""), listener.zone)
            if kind not in made:
                made[kind] = [
                    _message("event", _shown(row, listener.zone))
                    for row in rows
                    if listener.where is None or holds(listener.where, row, zone=listener.zone)
                ]
            if made[kind]:
                listener.put(made[kind])

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.news.set()

    def _key(self) -> bytes:
        try:
            return self._key_file.read_bytes().strip()
        except OSError:
            return b""


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def _is_known(where: Filter | None) -> bool:
    return where is None or all(name.split(".")[0] in KNOWN for name in where.columns())


def _row(one: Summary, rules: Sequence[tuple[Filter, str, str]]) -> dict[str, object]:
    try:
        properties = json.loads(one.properties) if one.properties else None
    except ValueError:
        properties = None
    row: dict[str, object] = {
        "seq": one.seq,
        "id": one.id,
        "name": one.name,
        "customer": one.customer,
        "occurred_at": one.occurred_at,
        "received_at": one.received_at,
        "source": one.source,
        "channel": one.channel,
        "touchpoint": one.touchpoint,
        "properties": properties,
    }
    if one.touchpoint is None:
        held = (word for where, word, zone in rules if holds(where, row, zone=zone))
        row["touchpoint"] = next(held, None)
    return row


def _shown(row: dict[str, object], zone: str) -> dict[str, object]:
    at = row["occurred_at"]
    assert isinstance(at, datetime)  # noqa: S101 - `_row` has put it there
    cells = ("name", "customer", "touchpoint", "channel", "source")
    shown = {name: str(row[name])[:SHOWN] for name in cells if row[name] is not None}
    return {"seq": row["seq"], "at": f"{to_local(at, zone):%Y-%m-%d %H:%M:%S}", **shown}


def _message(kind: str, says: dict[str, object]) -> str:
    return f"event: {kind}\ndata: {json.dumps(says, ensure_ascii=False)}\n\n"


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b""})


async def _before(
    leaving: asyncio.Future[None], doing: Coroutine[Any, Any, Any], seconds: float
) -> bool:
    """Whether it was done before the visitor left and in so many seconds."""
    task = asyncio.ensure_future(doing)
    await asyncio.wait({task, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if task.done() and not leaving.done():
        await task
        return True
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, OSError):
        await task
    return False


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
