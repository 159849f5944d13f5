"""The loader: takes what is durable in the journals and appends it to the log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import duckdb

from zhiyin.kernel import server_log
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.exposition import Durations
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reader, Reading, Refusal
from zhiyin.warehouse.desks import Desk, Entry
from zhiyin.warehouse.engines.duckdb.arrivals import Arrived
from zhiyin.warehouse.owner import Owner

LOAD_ROWS = 10_000
"""About so many facts make one transaction."""

LOAD_SECONDS = 0.15
"""Transactions begin this far apart at the closest while fewer facts wait."""

REST_SHARE = 1.0
"""While fewer facts wait, the loader rests this many times as long as it worked: it and the event
loop share one interpreter, and a few larger loads cost less than many small ones."""

MOST_REST_SECONDS = 0.5

REST_SECONDS = 30.0
"""After so long without a letter the journal of a workspace is emptied; sets are flushed."""

RETRY_SECONDS = 2.0
NEWEST = 100
BODY_BYTES = 64 << 10

Letters = list[tuple[Letter, Reading]]

_log = logging.getLogger("zhiyin.intake")

PASSING = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException,
           duckdb.TransactionException, duckdb.ConnectionException, duckdb.InterruptException,
           OSError, MemoryError)  # fmt: skip
"""Errors of the machine, not of what is loaded: the same is tried again."""


class Loader:
    """One thread for all workspaces.

    Args:
        desks: the workspaces; others come while it runs.
        tell: called after each load.
        fatal: called when the engine takes nothing more in this process.
        loads: how long each load took is added to it.
    """

    def __init__(
        self,
        owner: Owner,
        reader: Reader,
        desks: dict[str, Desk],
        tell: Callable[[Arrived], None],
        fatal: Callable[[], None],
        loads: Durations,
    ) -> None:
        self.is_watched = False
        self._owner = owner
        self._reader = reader
        self._desks = desks
        self._tell = tell
        self._fatal = fatal
        self._loads = loads
        self._work = threading.Event()
        self._until: float | None = None
        self._thread = threading.Thread(target=self._run, name="loader", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to load."""
        self._work.set()

    def settle(self, desk: Desk, seconds: float) -> bool:
        """Wait until the log has all that the desk has now; then empty its journal."""
        until = time.monotonic() + seconds
        desk.turn_over()
        last = desk.queue[-1].place.number if desk.queue else -1
        while desk.queue and desk.queue[0].place.number <= last:
            if time.monotonic() > until:
                return False
            self._work.set()
            time.sleep(0.01)
        desk.settle()
        return True

    def close(self, seconds: float) -> None:
        """Load for so long, then stop."""
        self._until = time.monotonic() + seconds
        self._work.set()
        if self._thread.is_alive():
            self._thread.join(seconds + 30)

    def _run(self) -> None:
        rested = time.monotonic()
        while True:
            self._work.wait(1.0)
            self._work.clear()
            began = time.monotonic()
            more = [desk for desk in list(self._desks.values()) if self._load(desk)]
            if self._until is not None and (not more or time.monotonic() > self._until):
                break
            if more:
                self._work.set()
                if self._until is None and not any(desk.backlog_rows > LOAD_ROWS for desk in more):
                    time.sleep(_pause(time.monotonic() - began))
            elif self._until is None:
                self._count()
            if time.monotonic() - rested > REST_SECONDS:
                rested = time.monotonic()
                self._rest()
        self._rest()

    def _count(self) -> None:
        """A step of the catalogue where nothing else is to be done."""
        for desk in list(self._desks.values()):
            try:
                if self._owner.catch_up_catalogue(desk.slug):
                    self._work.set()
            except Problem:
                _log.debug("%s is gone", desk.slug)
            except (duckdb.Error, OSError, MemoryError):
                _log.exception("the catalogue of %s", desk.slug)

    def _rest(self) -> None:
        for desk in list(self._desks.values()):
            if not desk.queue and desk.load_trouble is None:
                desk.settle()
                try:
                    self._owner.flush_arrivals(desk.slug)
                except Problem:
                    _log.debug("%s is gone", desk.slug)
                except PASSING:
                    _log.exception("the sets of %s", desk.slug)

    def _load(self, desk: Desk) -> bool:
        """Load some; returns whether there was something, so that there may be more."""
        entries = desk.take(LOAD_ROWS)
        if not entries or time.monotonic() < desk.load_again:
            return False
        try:
            desk.check_room_to_load()
            began = time.perf_counter()
            arrived = self._append(desk, entries)
            self._loads.add(time.perf_counter() - began)
        except (Problem, *PASSING) as error:
            if self._desks.get(desk.slug) is desk:
                desk.load_trouble = _cannot_load(desk.slug, error)
                desk.load_again = time.monotonic() + RETRY_SECONDS
                _log.error("a load of %s: %s", desk.slug, server_log.kind(error))
            if isinstance(error, duckdb.FatalException):
                self._fatal()
            return False
        desk.load_trouble = None
        desk.done(entries)
        desk.loaded_rows += arrived.rows
        desk.duplicates += arrived.duplicates
        self._tell(arrived)
        return True

    def _append(self, desk: Desk, entries: list[Entry]) -> Arrived:
        letters: Letters = []
        for entry in entries:
            letters += entry.held or [self._read(letter) for letter in desk.letters_of(entry)]
        position = entries[-1].place.number + 1
        newest = NEWEST if self.is_watched else 0
        try:
            return self._owner.arrive(desk.slug, letters, position=position, newest=newest)
        except (Problem, *PASSING):
            raise
        except Exception as error:
            # One letter that no reader should have let through must not stop all others. What the
            # error says may quote it, so only its kind is told.
            kind = type(error).__name__
            _log.error("a load of %s (%s); trying its letters one by one", desk.slug, kind)
            sound = [self._sound(desk.slug, letter, reading) for letter, reading in letters]
            return self._owner.arrive(desk.slug, sound, position=position, newest=newest)

    def _read(self, letter: Letter) -> tuple[Letter, Reading]:
        try:
            return letter, self._reader(letter)
        except Exception as error:
            _log.error("a letter of %s (%s)", letter.workspace, type(error).__name__)
            return letter, _refused(letter, error)

    def _sound(self, slug: str, letter: Letter, reading: Reading) -> tuple[Letter, Reading]:
        try:
            self._owner.arrive(slug, [(letter, reading)], position=None, dry_run=True)
        except (Problem, *PASSING):
            raise
        except Exception as error:
            return letter, _refused(letter, error)
        return letter, reading


def _pause(worked: float) -> float:
    """Seconds until the next load, after one that took so long."""
    return max(LOAD_SECONDS - worked, min(worked * REST_SHARE, MOST_REST_SECONDS))


def _refused(letter: Letter, error: Exception) -> Reading:
    says = _("Zhiyin met a fault of its own in this request: {error}", error=type(error).__name__)
    return Reading(refused=[Refusal(0, "event.fault", says, letter.body[:BODY_BYTES])])


def _cannot_load(slug: str, error: BaseException) -> Problem:
    if isinstance(error, Problem):
        return error
    return Problem(
        "intake.not-loaded",
        _(
            "Events wait to be put into the log of {workspace}: {error}",
            workspace=slug,
            error=error,
        ),
        _("Nothing is lost; it is tried again every few seconds."),
    )
