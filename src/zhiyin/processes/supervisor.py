"""`zhiyin serve`: three children, started together, restarted when they die, stopped together."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.processes import births, locks, places
from zhiyin.processes.exits import CANNOT_START
from zhiyin.processes.nursery import Order

STOP_SECONDS = 15.0
"""What a child may use to finish its work when it is asked to stop."""

LONGEST_PAUSE = 5.0
STEADY_SECONDS = 30.0
"""A child that has lived so long is not in a crash loop: the next pause is short again."""

_log = logging.getLogger("zhiyin.serve")


@dataclass(slots=True)
class Child:
    """One process, over its restarts.

    Attributes:
        pid: its number; 0 while there is none.
        is_asked: one was asked for, and is not born yet.
    """

    name: str
    arguments: list[str]
    pid: int = 0
    is_asked: bool = False
    started: float = 0.0
    pause: float = 0.2
    due: float = field(default=0.0)


class Supervisor:
    """Starts and watches the processes of one data folder.

    Args:
        ready: called once, when the product can be used.

    Raises:
        Problem: ``serve.held`` when another server runs on the same data.
    """

    def __init__(self, data: Path, host: str, port: int, ready: Callable[[], None]) -> None:
        self.data = data
        self.host = host
        self.port = port
        self._ready = ready
        lock = locks.take(places.serve_lock(data), f"process {os.getpid()} at {host}:{port}\n")
        if lock is None:
            by = locks.holder(places.serve_lock(data)) or "?"
            raise Problem(
                "serve.held",
                _("A server already runs on {data} ({by}).", data=data, by=by),
                _("Open its address, stop it, or choose another folder with --data."),
            )
        self._lock = lock
        self._children = [
            Child("log", [str(data), host, str(port)]),
            Child("web", [str(data)]),
            Child("jobs", [str(data)]),
        ]
        # The children hold the reading end; it closes when this process is gone.
        self._reading, self._writing = os.pipe()
        os.set_inheritable(self._reading, True)
        self._is_stopping = threading.Event()

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns the exit status."""
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda _signal, _frame: self._is_stopping.set())
        threading.Thread(target=self._wait_until_ready, daemon=True).start()
        self._births = births.begin(
            {**os.environ, "ZHIYIN_DATA": str(self.data), "ZHIYIN_PARENT": str(self._reading)}
        )
        code = 0
        try:
            while not self._is_stopping.wait(0.1):
                code = self._look_after_children()
                if code:
                    break
        finally:
            self._stop()
        return code

    def _look_after_children(self) -> int:
        """Start what is due; a child that cannot start ends everything."""
        ended = births.reap()
        for birth in self._births.look(ended):
            child = next(child for child in self._children if child.name == birth.name)
            child.pid, child.is_asked, child.started = birth.pid, False, time.monotonic()
        code = 0
        for child in self._children:
            if child.pid in ended:
                status = ended[child.pid]
                child.pid = 0
                if status == CANNOT_START:
                    code = 1
                else:
                    self._pause(child, status)
            elif not (child.pid or child.is_asked) and time.monotonic() >= child.due:
                self._births.ask(Order(child.name, child.arguments))
                child.is_asked = True
        return code

    @staticmethod
    def _pause(child: Child, status: int) -> None:
        """One that ends again and again is started less and less often."""
        lived = time.monotonic() - child.started
        child.pause = 0.2 if lived > STEADY_SECONDS else min(child.pause * 2, LONGEST_PAUSE)
        child.due = time.monotonic() + child.pause
        _log.warning(
            "the %s process ended (%s); starting it again in %.1f s",
            child.name, _status(status), child.pause,
        )  # fmt: skip

    def _stop(self) -> None:
        self._births.close()
        # The log process first: it takes no more requests and finishes those that it has,
        # for which it needs the web process.
        until = time.monotonic() + STOP_SECONDS
        for child in self._children:
            if not child.pid:
                continue
            os.kill(child.pid, signal.SIGTERM)
            if not self._has_ended(child, max(until, time.monotonic() + 0.1)):
                _log.warning("the %s process did not end in time and was killed", child.name)
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
        os.close(self._reading)
        os.close(self._writing)
        self._lock.close()

    @staticmethod
    def _has_ended(child: Child, until: float) -> bool:
        while os.waitpid(child.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def _wait_until_ready(self) -> None:
        while not self._is_stopping.wait(0.1):
            if is_ready(self.host, self.port):
                self._ready()
                return


def is_ready(host: str, port: int) -> bool:
    """Whether ``/readyz`` answers 200."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    connection = http.client.HTTPConnection(reached, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _status(status: int) -> str:
    if status < 0:
        return signal.Signals(-status).name
    return f"status {status}"
