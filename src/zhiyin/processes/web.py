"""The web process: the pages, under WSGI with threads, on a Unix socket."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from zhiyin.kernel import server_log, tracing
from zhiyin.kernel.exposition import INSIDE, Family, gauge
from zhiyin.processes import parent, places, prctl, usage

THREADS = 8

LEFT = ("*.upload*", "look-*", "zhiyin-export-*")
"""Files on their way in and out, by their names in the folder for what is on its way."""

Start = Callable[..., Any]


def run(data: str) -> int:
    """The whole process; returns its exit status."""
    prctl.take_name("zhiyin-web")
    server_log.begin("web")
    tracing.begin("web")
    return main(Path(data))


def prepare() -> Start:
    """The application. Django would load the views for the first page, and somebody would wait."""
    from django.conf import settings

    from zhiyin.web.wsgi import application

    importlib.import_module(settings.ROOT_URLCONF)
    return application


def main(data: Path) -> int:
    """Serve until told to stop."""
    parent.follow()
    signal.signal(signal.SIGTERM, _stop)
    os.environ["ZHIYIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhiyin.settings"
    _keep_bodies_in(data / "tmp")
    import waitress

    application = prepare()
    from zhiyin.web import rehearsal

    rehearsal.begin()
    socket = places.web_socket(data)
    socket.unlink(missing_ok=True)
    waitress.serve(
        _bare_heads(_with_figures(_with_health(application))),
        unix_socket=str(socket),
        unix_socket_perms="600",
        threads=THREADS,
        # The only client is the log process, which says who asks and by which scheme.
        trusted_proxy="localhost",
        trusted_proxy_headers="x-forwarded-for x-forwarded-proto x-forwarded-host",
        clear_untrusted_proxy_headers=True,
        channel_timeout=300,
        ident="",
        _quiet=True,
    )
    return 0


def _keep_bodies_in(folder: Path) -> None:
    """Keep what is too large for the memory on the disk of the data, and not in ``/tmp``.

    That may be memory, and these are customers' data. What a killed process left goes first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in LEFT:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    tempfile.tempdir = str(folder)


def _with_health(application: Start) -> Start:
    """Answer ``/healthz`` once the relational store does, before any middleware."""
    from django.db import connection

    def answer(environment: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environment["PATH_INFO"] != "/healthz":
            found: Iterable[bytes] = application(environment, start)
            return found
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
        return [b"ok\n"]

    return answer


def _with_figures(application: Start) -> Start:
    """Tell the log process, and nobody else, what this process has done and uses."""
    from zhiyin.web.requests import TALLY

    mark = "HTTP_" + INSIDE.upper().replace("-", "_")

    def answer(environment: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environment["PATH_INFO"] != "/metrics" or mark not in environment:
            found: Iterable[bytes] = application(environment, start)
            return found
        families = [*TALLY.families(), *_work(), *usage.families("web", os.getpid())]
        body = msgspec.json.encode(families)
        length = str(len(body))
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", length)])
        return [body]

    return answer


def _work() -> list[Family]:
    """Background work by kind and state; nothing where the store does not answer."""
    from django.db import DatabaseError

    from zhiyin.accounts import jobs

    try:
        counts = jobs.counts()
    except DatabaseError:
        return []
    return [
        gauge(
            "zhiyin_jobs",
            "Background work that waits, runs, or has failed and was not run again.",
            {(("kind", kind), ("state", state)): n for (kind, state), n in counts.items()},
        )
    ]


def _bare_heads(application: Start) -> Start:
    """Answer HEAD without a body, which Django leaves to the server and waitress to Django.

    A body that follows such an answer would be taken for the beginning of the connection's next.
    """

    def answer(environment: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environment["REQUEST_METHOD"] != "HEAD":
            found: Iterable[bytes] = application(environment, start)
            return found
        begun: list[Any] = []
        body = application(environment, lambda *given: begun.extend(given))
        try:
            length = sum(len(chunk) for chunk in body)
        finally:
            if hasattr(body, "close"):
                body.close()
        status, headers, *_rest = begun
        # Without a length waitress would end the answer with an empty chunk, a body again.
        if not any(name.lower() == "content-length" for name, _value in headers):
            headers = [*headers, ("Content-Length", str(length))]
        start(status, headers)
        return []

    return answer


def _stop(_signal: int, _frame: object) -> None:
    # waitress finishes the requests that it has when it is left this way.
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
