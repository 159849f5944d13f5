"""Who may run now, and for how long: the one place where a query waits, runs and is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

HEAVY_ROWS = 2_000_000
"""A query over tables with more rows than this together counts as heavy."""


class Queue:
    """At most two heavy queries at once, and light ones beside them."""

    def __init__(self, heavy: int = 2, light: int = 8) -> None:
        self._heavy = threading.BoundedSemaphore(heavy)
        self._light = threading.BoundedSemaphore(light)

    @contextmanager
    def turn(self, rows: int, seconds: float) -> Iterator[float]:
        """Wait for a place; gives the seconds that are left to run.

        Raises:
            Problem: ``log.busy`` when no place came free in time.
        """
        gate = self._heavy if rows > HEAVY_ROWS else self._light
        began = time.monotonic()
        if not gate.acquire(timeout=seconds):
            raise Problem(
                "log.busy",
                _(
                    "Other questions kept the log busy for {seconds} seconds.",
                    seconds=round(seconds),
                ),
                _("Ask again in a moment."),
            )
        try:
            yield max(seconds - (time.monotonic() - began), 0.001)
        finally:
            gate.release()


@contextmanager
def stopped_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what runs on `connection` after `seconds`, and say so in plain words.

    Raises:
        Problem: ``log.too-slow`` or ``log.out-of-memory``.
    """
    late = threading.Event()

    def stop() -> None:
        late.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        if not late.is_set():
            raise
        raise Problem(
            "log.too-slow",
            _(
                "The question took more than {seconds} seconds and was stopped.",
                seconds=round(seconds),
            ),
            _("Choose a shorter period or fewer groups."),
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise Problem(
            "log.out-of-memory",
            _("The question needs more memory than the log may use."),
            _("Choose a shorter period or fewer groups, or raise ZHIYIN_LOG_MEMORY."),
        ) from error
    finally:
        timer.cancel()
