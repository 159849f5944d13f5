"""`zhiyin serve`: everything at one address."""

from __future__ import annotations

import logging
import os
import socket
import sys

import click

from zhiyin.cli.demo import begin
from zhiyin.cli.init import prepare, sign_in_words
from zhiyin.cli.session import Session
from zhiyin.kernel import server_log
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


@click.command()
@click.option("--host", default="127.0.0.1", help="The address to listen at.")
@click.option("--port", default=8000, type=click.IntRange(1, 65535), help="The port to listen at.")
@click.option("--demo", is_flag=True, help="Begin a new data folder with the demo company.")
@click.pass_obj
def command(session: Session, host: str, port: int, demo: bool) -> None:
    """Start Zhiyin: pages, intake and background work."""
    from zhiyin.processes import locks, places
    from zhiyin.processes.supervisor import Supervisor

    data = session.data
    if (by := locks.holder(places.serve_lock(data))) is not None:
        raise Problem(
            "serve.held",
            _("A server already runs on {data} ({by}).", data=data, by=by),
            _("Open its address, stop it, or choose another folder with --data."),
        )
    _check_address(host, port)
    start = prepare(session, log_follows=True)
    if demo:
        begin(session, is_new=start.made_workspace)
    _collect_static_files()
    # The log belongs to the log process from here on.
    session.close()
    address = f"http://{_in_address(host)}:{port}"
    # Where nothing else is said, browsers use the address that is listened at.
    os.environ.setdefault("ZHIYIN_PUBLIC_URL", address)
    document = {
        "address": address,
        "data": str(data),
        "login": start.login,
        "password": start.administrator.password if start.administrator else None,
    }

    def ready() -> None:
        opened = _("Zhiyin is open at {address}", address=address)
        session.say(document, lambda: f"{opened}\n{sign_in_words(start)}")

    logging.getLogger("zhiyin").setLevel(logging.INFO)
    server_log.name_process("serve")
    sys.exit(Supervisor(data, host, port, ready).run())


def _check_address(host: str, port: int) -> None:
    """Say before anything is made that nobody could reach it."""
    try:
        (family, *_kind, place), *_others = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        socket.create_server(place[:2], family=family).close()
    except OSError as error:
        raise Problem(
            "serve.address",
            _(
                "Nothing can listen at {host}:{port}: {why}.",
                host=host,
                port=port,
                why=error.strerror,
            ),
            _("Stop what listens there, or choose another with --host and --port."),
        ) from error


def _in_address(host: str) -> str:
    """As a browser on this machine writes it."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    return f"[{reached}]" if ":" in reached else reached


def _collect_static_files() -> None:
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
