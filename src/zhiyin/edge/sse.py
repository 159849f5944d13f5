"""Server-Sent Events: what waits for one listener, and how it is written to her.

Each listener has a queue with an end: who reads slowly loses the oldest and is told how many.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhiyin.edge.asgi import Receive, Send
from zhiyin.kernel.clock import now

QUEUE = 100
"""Messages that wait for one listener at most."""
STUCK_SECONDS = 30.0
"""Who takes nothing for so long has left without a word."""

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass(slots=True, eq=False, kw_only=True)
class Listener:
    """One page that listens."""

    workspace: str
    news: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: deque[str] = field(default_factory=lambda: deque(maxlen=QUEUE))
    lost: int = 0

    def put(self, messages: Sequence[str]) -> None:
        """These are written next."""
        self.lost += max(len(self.waiting) + len(messages) - QUEUE, 0)
        self.waiting.extend(messages)
        self.news.set()

    def take(self) -> str:
        """What is written next, and nothing waits any more."""
        parts = list(self.waiting)
        if self.lost:
            parts.append(message("lost", {"n": self.lost}))
        self.waiting.clear()
        self.lost = 0
        self.news.clear()
        return "".join(parts)


def message(kind: str, says: Mapping[str, Any]) -> str:
    """One event of a stream."""
    return f"event: {kind}\ndata: {json.dumps(says, ensure_ascii=False)}\n\n"


async def speak(
    listener: Listener,
    receive: Receive,
    send: Send,
    *,
    opening: str,
    ends_at: datetime,
    beat: float,
    is_stopping: Callable[[], bool],
) -> None:
    """Write to a listener until she leaves, her pass ends or the server stops.

    Args:
        opening: the first message.
        beat: seconds after which something is written where nothing happens.
    """
    leaving = asyncio.ensure_future(_left(receive))
    try:
        text = "retry: 2000\n" + opening
        while not is_stopping() and (left := (ends_at - now()).total_seconds()) > 0:
            # Writing waits while the visitor's line is full; meanwhile the queue loses its
            # oldest, and nothing grows.
            if not await _before(leaving, _write(send, text), STUCK_SECONDS):
                return
            await _before(leaving, listener.news.wait(), min(beat, left))
            text = listener.take() or ": beat\n\n"
        await _before(leaving, _end(send), 1.0)
    finally:
        leaving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await leaving


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
