"""The connections that are in use, so that a file is let go of when nobody is about to ask it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

DRAIN_SECONDS = 5.0
"""A question that runs longer than this is past the moment when it looks for its file by name."""


class Cursors:
    """Connections of one instance, counted while they are used."""

    def __init__(self, root: duckdb.DuckDBPyConnection) -> None:
        self._root = root
        self._used: set[int] = set()
        self._next = 0
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for as long as the block lasts."""
        with self._changed:
            number, self._next = self._next, self._next + 1
            self._used.add(number)
        cursor = self._root.cursor()
        try:
            yield cursor
        finally:
            cursor.close()
            with self._changed:
                self._used.discard(number)
                self._changed.notify_all()

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait until every connection that is in use now is given back, or the time is up."""
        until = time.monotonic() + seconds
        with self._changed:
            before = set(self._used)
            while before & self._used:
                left = until - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)
