"""The nursery: it has the libraries in memory, and a copy of it becomes a child of the supervisor.

Three interpreters that each import what they need use three times the processor and memory. The
copy (fork) is safe because the nursery only imports: it has one thread, no store open, and no
socket but the one on which it is asked. Whoever is born here has the supervisor for its parent, so
a nursery that dies takes nobody with it.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import socket
import sys
import time

import msgspec

from zhiyin.kernel import server_log
from zhiyin.processes import prctl

NAME = "nursery"

_log = logging.getLogger("zhiyin.nursery")


class Order(msgspec.Struct, array_like=True):
    """What the supervisor asks for: a module beside this one, and what its `run` is given."""

    name: str
    arguments: list[str]


class Birth(msgspec.Struct, array_like=True):
    """What it is answered: who was born, under which number."""

    name: str
    pid: int


def main(orders: socket.socket) -> int:
    """Copy this process for each order; returns in each copy when its work is done, and here when
    the supervisor is gone."""
    prctl.end_with_parent(signal.SIGKILL)
    prctl.take_name(f"zhiyin-{NAME}")
    # A Ctrl-C reaches every process of a terminal. The supervisor ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    _prepare()
    # Nothing that stands here is garbage, and to look at it would copy its memory.
    gc.freeze()
    order = _until_born(orders)
    if order is None:
        return 0
    orders.close()
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    status: int = importlib.import_module(f"zhiyin.processes.{order.name}").run(*order.arguments)
    return status


def _prepare() -> None:
    """Import what the children need. What fails is for the child that needs it to say: the others
    live without."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhiyin.settings"
    for name in ("log", "web", "jobs"):
        try:
            importlib.import_module(f"zhiyin.processes.{name}").prepare()
        except Exception:
            _log.exception("the %s process cannot be prepared", name)


def _until_born(orders: socket.socket) -> Order | None:
    """In a copy, the order that it is to fulfil; here None, when nobody will ask any more."""
    with orders.makefile("rb") as lines:
        for line in lines:
            order = msgspec.json.decode(line, type=Order)
            between = os.fork()
            if between == 0:
                _bear(order.name, orders)
                return order
            _pid, status = os.waitpid(between, 0)
            if status != 0:
                # Too little memory, most likely; the supervisor asks another nursery.
                _log.error("the %s process could not be made", order.name)
                return None
    return None


def _bear(name: str, orders: socket.socket) -> None:
    """Copy once more, and end the copy between: the supervisor adopts what it leaves behind."""
    between = os.getpid()
    try:
        child = os.fork()
        if child:
            orders.sendall(msgspec.json.encode(Birth(name, child)) + b"\n")
            os._exit(0)
    except BaseException:
        os._exit(1)
    while os.getppid() == between:
        time.sleep(0.001)


if __name__ == "__main__":
    server_log.begin(NAME)
    sys.exit(main(socket.socket(fileno=int(sys.argv[1]))))
