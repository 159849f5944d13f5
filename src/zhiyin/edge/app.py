"""What the log process answers at the public address.

It answers ``/healthz`` and ``/readyz`` itself, takes events (`edge.intake`), streams them to pages
(`edge.streams`), and passes every other path to the web process, unparsed, without ever waiting on
it with more than one coroutine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from zhiyin.edge.answering import answer
from zhiyin.edge.intake import Reception
from zhiyin.edge.passing import Passing
from zhiyin.edge.streams import SUFFIX, Streams
from zhiyin.warehouse.intake import Intake

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Edge:
    """The ASGI application of the log process.

    Args:
        web_socket: where the web process listens.
        is_jobs_alive: whether the jobs process works.
        public_url: the address that browsers use, for what the pages are told; blank: as asked.
        reception: takes events.
        intake: what becomes of them, for ``/readyz``.
        streams: tells pages what comes in.
    """

    def __init__(
        self,
        *,
        web_socket: Path,
        is_jobs_alive: Callable[[], bool],
        public_url: str = "",
        reception: Reception | None = None,
        intake: Intake | None = None,
        streams: Streams | None = None,
    ) -> None:
        self._reception = reception
        self._intake = intake
        self._streams = streams
        self._passing = Passing(web_socket, public_url=public_url)
        self._is_jobs_alive = is_jobs_alive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            if scope["path"] == "/healthz":
                await answer(send, 200, {"log": "ok"})
            elif scope["path"] == "/readyz":
                await self._ready(send)
            elif self._reception is not None and (handler := self._reception.handler(scope)):
                await handler(scope, receive, send)
            elif self._streams is not None and scope["path"].endswith(SUFFIX):
                await self._streams.serve(scope, receive, send)
            else:
                await self._passing.forward(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._passing.open()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._passing.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _ready(self, send: Send) -> None:
        parts = {
            "log": True,
            "web": await self._passing.is_web_alive(),
            "jobs": self._is_jobs_alive(),
        }
        body: dict[str, object] = {
            name: "ok" if fine else "starting" for name, fine in parts.items()
        }
        if self._intake is not None:
            body["intake"] = self._intake.summary()
        await answer(send, 200 if all(parts.values()) else 503, body)
