"""Live events and what is done to a map, to pages, as Server-Sent Events.

At ``/<workspace>/stream/events`` a listener whose filter asks what an arriving event does not say
(a dimension, another id of the customer) is told that there is news, and looks for itself. At
``/<workspace>/stream/maps/<key>`` people are told what others do there, and who they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from zhiyin.edge.asgi import Receive, Scope, Send, answer
from zhiyin.edge.gatherings import Gatherings, Visitor
from zhiyin.edge.sse import HEADERS, Listener, message, speak
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, holds, parse
from zhiyin.kernel.periods import to_local, zone_info
from zhiyin.warehouse.intake import Summary
from zhiyin.warehouse.rules import Rule

SUFFIX = "/stream/events"
TOPICS = "/stream/maps/"
LISTENERS = 1000
BEAT_SECONDS = 15.0
SHOWN = 200
"""Characters of a cell."""

KNOWN = frozenset(
    {"name", "source", "channel", "touchpoint", "occurred_at", "received_at", "id", "properties"}
)
"""Columns that an arriving event says; `customer` is what she is called now, before merges."""


@dataclass(slots=True, eq=False, kw_only=True)
class _Listener(Listener):
    where: Filter | None
    zone: str
    must_look: bool = False

    def look(self) -> None:
        self.must_look = True
        self.news.set()

    def take(self) -> str:
        # Not by super(): a dataclass with slots is made anew, and that would find the first.
        text = Listener.take(self)
        if self.must_look:
            self.must_look = False
            text += message("look", {})
        return text


def is_stream(path: str) -> bool:
    """Whether a path is that of a stream."""
    return path.endswith(SUFFIX) or TOPICS in path


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
        self._listeners: set[Listener] = set()
        self._gatherings = Gatherings()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_stopping = False

    def __len__(self) -> int:
        return len(self._listeners)

    def tell(self, workspace: str, summaries: Sequence[Summary]) -> None:
        """These events are in the log, the newest first. May be called by any thread."""
        if self._loop is None or not self._of(workspace):
            return
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(self._deliver, workspace, summaries)

    def tell_topic(self, workspace: str, topic: str, says: Mapping[str, Any]) -> None:
        """Something that those at a topic are to know. May be called by any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._gatherings.deliver, workspace, topic, says)

    def stop(self) -> None:
        """End every stream, so that the server can. May be called by any thread."""
        self._is_stopping = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one visit, for as long as the visitor stays and the pass is good."""
        if scope["method"] != "GET":
            await answer(send, 405, {"error": "only GET"})
            return
        asked = parse_qs(scope["query_string"].decode("latin-1"), errors="replace")
        given = {name: values[0] for name, values in asked.items()}
        try:
            found = self._visit(scope["path"], given)
        except Problem as problem:
            await answer(send, 400, {"error": str(problem)})
            return
        if found is None:
            await answer(send, 403, {"error": "the pass is not good, or no longer"})
            return
        if len(self._listeners) >= LISTENERS or self._is_stopping:
            await answer(send, 503, {"error": "too many listen already"})
            return
        await self._speak(*found, receive, send)

    def _visit(self, path: str, given: Mapping[str, str]) -> tuple[Listener, datetime] | None:
        """Who listens, and until when; None where the pass does not allow it."""
        pass_ = given.get("pass", "")
        if TOPICS in path:
            workspace, _middle, key = path.strip("/").partition(TOPICS)
            topic = f"maps/{key}"
            by = passes.holder(self._key(), pass_, workspace=workspace, topic=topic, now=now())
            if by is None:
                return None
            visitor = Visitor(workspace=workspace, topic=topic, who=by.who, name=by.name)
            return visitor, by.ends_at
        workspace = path.strip("/").removesuffix(SUFFIX.strip("/")).strip("/")
        ends_at = passes.until(self._key(), pass_, workspace=workspace, now=now())
        if ends_at is None:
            return None
        where = parse(given["where"]) if given.get("where") else None
        zone_info(zone := given.get("zone", "UTC"))
        return _Listener(workspace=workspace, where=where, zone=zone), ends_at

    async def _speak(
        self, listener: Listener, ends_at: datetime, receive: Receive, send: Send
    ) -> None:
        self._loop = asyncio.get_running_loop()
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        self._listeners.add(listener)
        says = {}
        if isinstance(listener, Visitor):
            says["you"] = listener.number
            self._gatherings.join(listener)
        try:
            await speak(
                listener,
                receive,
                send,
                opening=message("open", says),
                ends_at=ends_at,
                beat=self._beat,
                is_stopping=lambda: self._is_stopping,
            )
        finally:
            self._listeners.discard(listener)
            if isinstance(listener, Visitor):
                self._gatherings.leave(listener)

    def _deliver(self, workspace: str, summaries: Sequence[Summary]) -> None:
        listeners = self._of(workspace)
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
                    message("event", _shown(row, listener.zone))
                    for row in rows
                    if listener.where is None or holds(listener.where, row, zone=listener.zone)
                ]
            if made[kind]:
                listener.put(made[kind])

    def _of(self, workspace: str) -> list[_Listener]:
        """Who of a workspace listens to its events."""
        return [
            one
            for one in list(self._listeners)
            if isinstance(one, _Listener) and one.workspace == workspace
        ]

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.news.set()

    def _key(self) -> bytes:
        try:
            return self._key_file.read_bytes().strip()
        except OSError:
            return b""


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
