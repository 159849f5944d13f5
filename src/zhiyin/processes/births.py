"""How the supervisor gets its children: copies of the nursery, or interpreters of their own."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Protocol

import msgspec

from zhiyin.processes import nursery, prctl
from zhiyin.processes.nursery import Birth, Order

PAUSE_SECONDS = 1.0
"""Between a nursery that died and the next."""

NO_THREADS = {
    "OPENBLAS_NUM_THREADS": "1",
    # Of the allocator that Arrow brings beside the one that it uses.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""A copy of a process has none of its threads: libraries are to start none when imported."""

_log = logging.getLogger("zhiyin.serve")


class Births(Protocol):
    """Makes processes whose parent is this one."""

    def ask(self, order: Order) -> None:
        """Begin one; it may take seconds."""

    def look(self, ended: Mapping[int, int]) -> list[Birth]:
        """Who was born since the last look.

        Args:
            ended: the processes that have been waited for since then, and how they ended.
        """

    def close(self) -> None:
        """Nobody is born any more."""


def begin(environment: Mapping[str, str]) -> Births:
    """By the nursery on Linux. Elsewhere each child imports for itself: macOS's own libraries may
    not be used after a fork, and nobody there adopts orphans."""
    if prctl.adopt_orphans():
        return FromNursery(environment)
    return OnTheirOwn(environment)


def reap() -> dict[int, int]:
    """Wait for all that have ended: children, and what a killed child left behind; their exit
    statuses by their numbers."""
    ended = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended


class FromNursery:
    """Copies of one process that has imported everything."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**NO_THREADS, **environment}
        self._waiting: dict[str, Order] = {}
        self._due = 0.0
        self._begin()

    def _begin(self) -> None:
        self._orders, its_end = socket.socketpair()
        self._orders.setblocking(False)
        self._heard = b""
        os.set_inheritable(its_end.fileno(), True)
        self._pid = _spawn(nursery.NAME, [str(its_end.fileno())], self._environment)
        its_end.close()
        for order in self._waiting.values():
            self._send(order)

    def ask(self, order: Order) -> None:
        """Sent at once; a nursery that comes later is sent it again."""
        self._waiting[order.name] = order
        if self._pid:
            self._send(order)

    def _send(self, order: Order) -> None:
        # It may have died: that is seen at the next look.
        with contextlib.suppress(OSError):
            self._orders.sendall(msgspec.json.encode(order) + b"\n")

    def look(self, ended: Mapping[int, int]) -> list[Birth]:
        """Who was born. Whoever has been waited for is among them: a process is adopted only after
        its birth was told, so this is asked after `reap`."""
        if self._pid in ended:
            # A copy that it was making tells its number yet, and then closes its end.
            self._orders.settimeout(1.0)
        births = self._hear()
        for birth in births:
            del self._waiting[birth.name]
        if self._pid in ended:
            _log.warning("the nursery process ended; starting it again in %.1f s", PAUSE_SECONDS)
            self._orders.close()
            self._pid, self._due = 0, time.monotonic() + PAUSE_SECONDS
        elif not self._pid and time.monotonic() >= self._due:
            self._begin()
        return births

    def _hear(self) -> list[Birth]:
        if not self._pid:
            return []
        with contextlib.suppress(BlockingIOError, TimeoutError, ConnectionError):
            while said := self._orders.recv(4096):
                self._heard += said
        *lines, self._heard = self._heard.split(b"\n")
        return [msgspec.json.decode(line, type=Birth) for line in lines]

    def close(self) -> None:
        """End the nursery, whatever it is doing."""
        self._orders.close()
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)


class OnTheirOwn:
    """Each child is an interpreter of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._born: list[Birth] = []

    def ask(self, order: Order) -> None:
        """Started at once."""
        pid = _spawn(order.name, order.arguments, self._environment)
        self._born.append(Birth(order.name, pid))

    def look(self, ended: Mapping[int, int]) -> list[Birth]:
        """Who was asked for since the last look."""
        born, self._born = self._born, []
        return born

    def close(self) -> None:
        """There is nothing to end."""


def _spawn(name: str, arguments: list[str], environment: Mapping[str, str]) -> int:
    command = [sys.executable, "-m", f"zhiyin.processes.{name}", *arguments]
    nothing_to_read = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    return os.posix_spawn(sys.executable, command, environment, file_actions=[nothing_to_read])
