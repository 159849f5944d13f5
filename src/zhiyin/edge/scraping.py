"""``/metrics``: what the three processes say about themselves, for Prometheus.

Only this machine may ask, or whoever has the token where one is set. What has to be read from
files is read beside the event loop, so that intake waits for no scrape.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from zhiyin import __version__
from zhiyin.edge import replies
from zhiyin.edge.addresses import is_this_machine
from zhiyin.edge.asgi import Receive, Scope, Send, respond
from zhiyin.edge.passing import CLAIMS, Passing
from zhiyin.edge.streams import Streams
from zhiyin.edge.tally import Tally
from zhiyin.kernel import exposition
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.exposition import Family, Labels, counter, gauge, histogram
from zhiyin.kernel.text import _, best_language, in_language
from zhiyin.warehouse.intake import Intake

PATH = "/metrics"


class Scraping:
    """Answers ``/metrics``.

    Args:
        look: figures that are read from files; called on another thread.
        token: what a scraper must present; blank: only this machine may ask.
    """

    def __init__(
        self,
        *,
        tally: Tally,
        passing: Passing,
        is_jobs_alive: Callable[[], bool],
        look: Callable[[], list[Family]] | None = None,
        intake: Intake | None = None,
        streams: Streams | None = None,
        token: str = "",
    ) -> None:
        self._tally = tally
        self._passing = passing
        self._is_jobs_alive = is_jobs_alive
        self._look = look
        self._intake = intake
        self._streams = streams
        self._token = token.encode()

    async def answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """The figures of this moment, or why they are not for this caller."""
        headers = dict(scope["headers"])
        try:
            self._check(scope, headers)
        except Problem as problem:
            accepted = headers.get(b"accept-language", b"").decode("latin-1")
            with in_language(best_language(accepted)):
                status, body = replies.refusal(problem)
            await _send(send, status, body, "application/json")
            return
        web = await self._passing.figures()
        beside = await asyncio.to_thread(self._beside)
        families = [*self._tally.families(), *self._of_this_process(), *(web or []), *beside]
        families.append(_up("web", web is not None))
        await _send(send, 200, exposition.text(families).encode(), exposition.CONTENT_TYPE)

    def _check(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """Whether this caller may ask.

        Raises:
            Problem: ``metrics.token``, ``metrics.elsewhere``.
        """
        if self._token:
            scheme, _space, given = headers.get(b"authorization", b"").partition(b" ")
            if scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), self._token):
                return
            raise Problem(
                "metrics.token",
                _("The figures of the server are for those who have its token."),
                _("Send it as `Authorization: Bearer …`; it is ZHIYIN_METRICS_TOKEN."),
            )
        client = scope.get("client")
        host = _host(headers.get(b"host", b"").decode("latin-1"))
        # A server in front of this one asks from this machine too, on behalf of anybody.
        is_for_another = not CLAIMS.isdisjoint(headers)
        if client and is_this_machine(client[0]) and is_this_machine(host) and not is_for_another:
            return
        raise Problem(
            "metrics.elsewhere",
            _("Only this machine may ask for the figures of the server."),
            _("Set ZHIYIN_METRICS_TOKEN, and ask with it from elsewhere."),
        )

    def _of_this_process(self) -> list[Family]:
        """What the event loop may read: numbers in memory."""
        found = [
            gauge(
                "zhiyin_build_info",
                "Always 1; the release stands in its label.",
                {(("version", __version__),): 1},
            ),
            _up("log", True),
        ]
        if self._streams is not None:
            found.append(
                gauge(
                    "zhiyin_stream_listeners",
                    "Pages that listen to live events.",
                    {(): len(self._streams)},
                )
            )
        if self._intake is not None:
            found += _of_intake(self._intake)
        return found

    def _beside(self) -> list[Family]:
        jobs = _up("jobs", self._is_jobs_alive())
        return [jobs, *(self._look() if self._look is not None else [])]


def _up(process: str, is_up: bool) -> Family:
    return gauge(
        "zhiyin_process_up",
        "1 where the process works, 0 where it does not answer.",
        {(("process", process),): int(is_up)},
    )


def _of_intake(intake: Intake) -> list[Family]:
    states = {_of(slug): state for slug, state in intake.states().items()}
    return [
        gauge(
            "zhiyin_backlog_rows",
            "Facts that are on disk and not in the log yet.",
            {labels: state.backlog_rows for labels, state in states.items()},
        ),
        gauge(
            "zhiyin_backlog_bytes",
            "Bytes of the journal that are not in the log yet.",
            {labels: state.backlog_bytes for labels, state in states.items()},
        ),
        gauge(
            "zhiyin_intake_trouble",
            "1 where the workspace takes no events, or cannot put them into the log.",
            {labels: int(state.trouble is not None) for labels, state in states.items()},
        ),
        counter(
            "zhiyin_facts_loaded_total",
            "Facts that intake has put into the log.",
            {labels: state.loaded_rows for labels, state in states.items()},
        ),
        counter(
            "zhiyin_facts_duplicate_total",
            "Facts that were left out because the log had them.",
            {labels: state.duplicates for labels, state in states.items()},
        ),
        histogram(
            "zhiyin_journal_sync_duration_seconds",
            "Writing a frame into the journal and syncing it.",
            {(): intake.syncs},
        ),
        histogram(
            "zhiyin_load_duration_seconds",
            "One transaction of intake into the log.",
            {(): intake.loads},
        ),
    ]


def _host(said: str) -> str:
    """The name in a Host header, without the port."""
    try:
        return urlsplit(f"//{said}").hostname or ""
    except ValueError:
        return ""


def _of(slug: str) -> Labels:
    return (("workspace", slug),)


async def _send(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    await respond(send, status, headers, body)
