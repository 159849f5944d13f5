"""The log process: it alone opens the log, and it owns the public address."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from types import FrameType

import uvicorn

from zhiyin.collect.events.reading import read
from zhiyin.collect.surveys import held, tokens
from zhiyin.collect.surveys.published import Published
from zhiyin.collect.widgets.choosing import Choosing
from zhiyin.collect.widgets.published import PublishedRules
from zhiyin.edge.addresses import Network, networks
from zhiyin.edge.app import Edge
from zhiyin.edge.intake import Reception
from zhiyin.edge.streams import Streams
from zhiyin.edge.surveys.anonymous.keeping import Keeping
from zhiyin.edge.surveys.anonymous.store import HOLDING, HoldingStore
from zhiyin.edge.surveys.responses import Responses
from zhiyin.edge.surveys.serving import Surveys
from zhiyin.edge.surveys.tending import Tending
from zhiyin.edge.widgets.serving import Widgets
from zhiyin.kernel import server_log, tracing
from zhiyin.kernel.exposition import Family, gauge
from zhiyin.processes import locks, parent, places, prctl, usage
from zhiyin.processes.exits import CANNOT_START
from zhiyin.warehouse import intake, joining, nearness, products, totals
from zhiyin.warehouse.intake import Intake
from zhiyin.warehouse.journeys import asking, index
from zhiyin.warehouse.owner import Held, Owner
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.wire import socket_of

PATIENCE_SECONDS = 60.0
"""A command may be using the log when the server starts."""

COLLECT_AFTER = 100_000
"""Objects made before the garbage collector looks at the youngest. Facts on their way are dicts by
the ten thousand, none in a cycle: looking at them every 700 costs a third of reading them."""

SWITCH_SECONDS = 0.0005
"""How long a thread keeps the interpreter while another wants it. The loader computes and the
event loop answers in one process: at Python's 5 ms each answer waits on the loader several times,
and the loader, which gives the interpreter up at every call of the engine, gets it back late."""

_log = logging.getLogger("zhiyin.log")


def run(data: str, host: str, port: str) -> int:
    """The whole process; returns its exit status."""
    prctl.take_name("zhiyin-log")
    server_log.begin("log", level=logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    tracing.begin("log")
    return main(Path(data), host, int(port))


def prepare() -> None:
    """Nobody's first question waits for a compiler."""
    totals.warm()
    products.warm()
    intake.warm()
    joining.warm()
    nearness.warm()
    index.warm()
    asking.warm()


def main(data: Path, host: str, port: int) -> int:
    """Serve until told to stop."""
    parent.follow()
    # uvicorn raises the signal again when it has drained; without a handler the process would
    # end there and then, before the log is closed.
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, _stop)
    owner = _own(data)
    if owner is None:
        return CANNOT_START
    with owner:
        server = LogServer(owner, socket_of(data))
        thread = threading.Thread(target=server.serve, name="flight", daemon=True)
        thread.start()
        try:
            prepare()
            sys.setswitchinterval(SWITCH_SECONDS)
            gc.freeze()
            gc.set_threshold(COLLECT_AFTER, 20, 100)
            streams = Streams(data / "secret-key", lambda slug: owner.rules(slug, "touchpoint"))
            with Intake(owner, data, read, fatal=_end) as taking:
                taking.watch(streams.tell)
                owner.teller = streams.tell_topic
                return _listen(owner, host, port, taking, streams)
        finally:
            server.shutdown()
            thread.join(5)
            socket_of(data).unlink(missing_ok=True)


def _own(data: Path) -> Owner | None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return Owner(data)
        except Held as held:
            if time.monotonic() > until:
                _log.error("another program holds the log of %s (%s)", data, held.by)
                return None
            time.sleep(0.1)


def _listen(owner: Owner, host: str, port: int, taking: Intake, streams: Streams) -> int:
    data = owner.data
    public_url = os.environ.get("ZHIYIN_PUBLIC_URL", "")
    reception = Reception(
        data=data, intake=taking, public_url=public_url, address_rate=_address_rate()
    )
    rules = PublishedRules(data)
    asking = surveys(owner, taking, rules)
    edge = Edge(
        web_socket=places.web_socket(data),
        is_jobs_alive=lambda: locks.holder(places.jobs_lock(data)) is not None,
        public_url=public_url,
        reception=reception,
        intake=taking,
        streams=streams,
        surveys=asking,
        widgets=widgets(owner, taking, reception, asking, rules),
        look=lambda: _figures(owner),
        proxies=_proxies(),
        metrics_token=os.environ.get("ZHIYIN_METRICS_TOKEN", ""),
        writes_access=os.environ.get("ZHIYIN_ACCESS_LOG") == "all",
    )
    config = uvicorn.Config(
        edge,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )
    try:
        _Server(config, streams).run()
    except Told:
        return 0
    except SystemExit:
        # uvicorn has said why: most often the address is in use.
        return CANNOT_START
    return 0


def surveys(owner: Owner, taking: Intake, rules: PublishedRules) -> Surveys:
    """The survey page, which finds in the log what nobody has in memory."""

    def look_up(workspace: str, response: str, invitation: str, since: datetime) -> held.Held:
        taking.settle(workspace)
        return held.of(owner, workspace, response, invitation=invitation, since=since)

    def ended(workspace: str, survey: str) -> Counter[str]:
        taking.settle(workspace)
        return held.came_to_the_end(owner, workspace, survey)

    def left_open(before: datetime, since: datetime) -> list[held.LeftOpen]:
        return [
            one
            for slug in owner.workspaces()
            for one in held.left_open(owner, slug, before=before, since=since)
        ]

    published = Published(owner.data)
    keeping = Keeping(HoldingStore(owner.data / HOLDING), taking, published)
    responses = Responses(taking, look_up, ended, published, keeping, tokens.key(owner.data))
    tending = Tending(responses, published, keeping, left_open)
    return Surveys(published, responses, tending=tending, data=owner.data, framing=rules)


def widgets(
    owner: Owner, taking: Intake, reception: Reception, asking: Surveys, rules: PublishedRules
) -> Widgets:
    """The widget, which invites to the survey page."""
    return Widgets(
        reception=reception,
        intake=taking,
        rules=rules,
        surveys=asking.published,
        responses=asking.responses,
        choosing=Choosing(owner, rules),
        secret=tokens.key(owner.data),
    )


def _figures(owner: Owner) -> list[Family]:
    """What `/metrics` says of files and processes."""
    return [
        gauge(
            "zhiyin_log_file_bytes",
            "How large the file of a workspace is, with its write-ahead log.",
            {(("workspace", slug),): size for slug, size in owner.file_bytes().items()},
        ),
        *usage.families("log", os.getpid()),
        *usage.families("jobs", _jobs_process(owner.data)),
    ]


def _jobs_process(data: Path) -> int:
    """The number of the jobs process, as its lock says; 0, which none has, while there is none."""
    said = (locks.holder(places.jobs_lock(data)) or "").rpartition(" ")[2]
    return int(said) if said.isdecimal() else 0


class _Server(uvicorn.Server):
    """Ends the streams when it is told to stop: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._streams.stop()
        super().handle_exit(sig, frame)


def _address_rate() -> float | None:
    said = os.environ.get("ZHIYIN_ADDRESS_REQUESTS", "")
    try:
        return float(said) if said else None
    except ValueError:
        _log.error("ZHIYIN_ADDRESS_REQUESTS is %r, which is no number; the usual limit holds", said)
        return None


def _proxies() -> tuple[Network, ...]:
    said = os.environ.get("ZHIYIN_PROXIES", "")
    try:
        return networks(said)
    except ValueError as error:
        _log.error("ZHIYIN_PROXIES: %s; the word of no proxy is taken", error)
        return ()


class Told(SystemExit):
    """The process was told to stop."""


def _end() -> None:
    """Stop as if told to; the supervisor starts the process again."""
    _log.critical("the engine of the log takes nothing more in this process")
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(_signal: int, _frame: object) -> None:
    raise Told(0)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
