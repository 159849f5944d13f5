"""What the log process answers at the public address.

It answers ``/healthz``, ``/readyz`` and ``/metrics`` itself, takes events (`edge.intake`), streams
them and what is done to maps to pages (`edge.streams`), asks surveys (`edge.surveys`), on
companies' sites too (`edge.widgets`), and passes every other path to the web process, unparsed,
without ever waiting on it with more than one coroutine. Every request has an id, which its answer
says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter

from zhiyin.edge.addresses import Network, visitor
from zhiyin.edge.asgi import Handler, Message, Receive, Scope, Send, answer
from zhiyin.edge.intake import Reception
from zhiyin.edge.passing import Passing
from zhiyin.edge.scraping import PATH as METRICS
from zhiyin.edge.scraping import Scraping
from zhiyin.edge.streams import Streams, is_stream
from zhiyin.edge.surveys.serving import Surveys
from zhiyin.edge.tally import Tally
from zhiyin.edge.widgets.serving import Widgets
from zhiyin.kernel import server_log
from zhiyin.kernel.exposition import Family
from zhiyin.warehouse.intake import Intake

_ID = server_log.HEADER.lower().encode()


class Edge:
    """The ASGI application of the log process.

    Args:
        web_socket: where the web process listens.
        is_jobs_alive: whether the jobs process works.
        public_url: the address that browsers use, for what the pages are told; blank: as asked.
        reception: takes events.
        intake: what becomes of them, for ``/readyz`` and ``/metrics``.
        streams: tells pages what comes in.
        surveys: the page that customers see.
        widgets: surveys on companies' own sites.
        look: figures for ``/metrics`` that are read from files.
        proxies: whose word about who asks is taken.
        metrics_token: who has it may ask for ``/metrics``; blank: this machine may.
        writes_access: write a line for each request that is answered here; those of pages are
            written by the web process.
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
        surveys: Surveys | None = None,
        widgets: Widgets | None = None,
        look: Callable[[], list[Family]] | None = None,
        proxies: tuple[Network, ...] = (),
        metrics_token: str = "",
        writes_access: bool = False,
    ) -> None:
        self._proxies = proxies
        self._reception = reception
        self._intake = intake
        self._streams = streams
        self._surveys = surveys
        self._widgets = widgets
        self._passing = Passing(web_socket, public_url=public_url)
        self._is_jobs_alive = is_jobs_alive
        self._writes_access = writes_access
        self._tally = reception.tally if reception is not None else Tally()
        self._scraping = Scraping(
            tally=self._tally,
            passing=self._passing,
            is_jobs_alive=is_jobs_alive,
            look=look,
            intake=intake,
            streams=streams,
            token=metrics_token,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            if client := scope.get("client"):
                lines = (value for name, value in scope["headers"] if name == b"x-forwarded-for")
                scope["client"] = (visitor(client[0], lines, self._proxies), client[1])
            route, handler = self._route(scope)
            await self._answer(route, handler, scope, receive, send)

    def _route(self, scope: Scope) -> tuple[str, Handler]:
        """What kind of request it is, in one word, and who answers it."""
        path = scope["path"]
        if path == "/healthz":
            return "healthz", _healthy
        if path == "/readyz":
            return "readyz", self._ready
        if path == METRICS:
            return "metrics", self._scraping.answer
        if self._reception is not None and (found := self._reception.route(scope)):
            return found
        if self._surveys is not None and (found := self._surveys.route(scope)):
            return found
        if self._widgets is not None and (found := self._widgets.route(scope)):
            return found
        if self._streams is not None and is_stream(path):
            return "stream", self._streams.serve
        return "pages", self._passing.forward

    async def _answer(
        self, route: str, handler: Handler, scope: Scope, receive: Receive, send: Send
    ) -> None:
        said = (_ID, server_log.begin_request(_given_id(scope)).encode())
        status = 0

        def told(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], said]
            return send(message)

        began = perf_counter()
        try:
            await handler(scope, receive, told)
        except Exception:
            # The server answers what nobody has answered with 500.
            status = status or 500
            raise
        finally:
            seconds = perf_counter() - began
            self._tally.answered(route, status, seconds)
            if self._writes_access and route != "pages":
                server_log.access(scope["method"], route, status, seconds)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._passing.open()
                if self._surveys is not None and self._surveys.tending is not None:
                    self._surveys.tending.begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._surveys is not None and self._surveys.tending is not None:
                    self._surveys.tending.end()
                await self._passing.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _ready(self, _scope: Scope, _receive: Receive, send: Send) -> None:
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


def _given_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _ID:
            return str(value, "latin-1")
    return ""


async def _healthy(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, 200, {"log": "ok"})
