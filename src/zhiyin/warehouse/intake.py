"""Intake: what comes in by the network, durable before it is answered, in the log soon after.

Two threads beside the one that answers. The *writer* takes the letters of a tick, writes one
frame a workspace into its journal, and lets the answers go when they are on disk. The *loader*
takes what is durable and appends it to the log, in one transaction with how far the journal is
in. What was durable and not yet in the log when the process ended is read again at the next start.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from zhiyin.kernel import tracing
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.exposition import Durations
from zhiyin.kernel.text import _
from zhiyin.warehouse import journal
from zhiyin.warehouse.arriving import Letter, Reader, Reading
from zhiyin.warehouse.desks import Desk, Waiting
from zhiyin.warehouse.engines.duckdb import tally
from zhiyin.warehouse.engines.duckdb.arrivals import Arrived, Summary
from zhiyin.warehouse.loading import Loader
from zhiyin.warehouse.owner import Owner

__all__ = ["Bounds", "Intake", "State", "Summary"]

TICK_SECONDS = 0.01
"""Frames are written this far apart at the closest; the first after a rest is written at once."""

Watcher = Callable[[str, list[Summary]], None]

_log = logging.getLogger("zhiyin.intake")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait.

    Args:
        waiting_bytes: bodies that are not on disk yet; beyond it intake is busy.
        backlog_rows: rows on disk that the log does not have yet; beyond it intake is busy.
        backlog_bytes: the same in bytes of the journal.
        held_rows: rows of the backlog whose facts stay in memory; the others are read again.
        free_bytes: what must stay free on the disk; with less, intake is full.
    """

    waiting_bytes: int = 32 << 20
    backlog_rows: int = 2_000_000
    backlog_bytes: int = 1 << 30
    held_rows: int = 60_000
    free_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class State:
    """How a workspace's intake is doing.

    Args:
        backlog_rows: facts that are durable and not in the log yet.
        backlog_bytes: the same in bytes of the journal.
        last_received_at: when the last letter came that was acknowledged, since the start.
        trouble: why it takes nothing at present.
        loaded_rows: facts put into the log since the start.
        duplicates: facts left out because the log had them, since the start.
    """

    backlog_rows: int = 0
    backlog_bytes: int = 0
    last_received_at: datetime | None = None
    trouble: Problem | None = None
    loaded_rows: int = 0
    duplicates: int = 0


class Intake:
    """Takes letters for every workspace of the log that `owner` holds.

    Args:
        reader: makes facts of a letter that is read again after a crash.
        fatal: called when the engine can do nothing more in this process: end it, and what is
            durable is loaded by the next.

    Attributes:
        syncs: how long frames took to be written and synced.
        loads: how long transactions into the log took.
    """

    def __init__(
        self,
        owner: Owner,
        data: Path,
        reader: Reader,
        *,
        bounds: Bounds | None = None,
        tick_seconds: float = TICK_SECONDS,
        fatal: Callable[[], None] | None = None,
    ) -> None:
        self._owner = owner
        self._folder = data.resolve() / "journal"
        self._bounds = bounds or Bounds()
        self._tick = tick_seconds
        self.syncs = Durations()
        self.loads = Durations()
        self._desks: dict[str, Desk] = {}
        self._guard = threading.Condition()
        self._pending: list[Waiting] = []
        self._pending_bytes = 0
        self._watchers: list[Watcher] = []
        self._is_closing = False
        self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
        self._loader = Loader(
            owner, reader, self._desks, self._tell, fatal or _say_fatal, self.loads
        )
        owner.intake = self
        owner.reader = reader

    # From outside

    def start(self) -> None:
        """Open the journals and begin to load what the log does not have."""
        for slug in self._owner.workspaces():
            self._desk(slug)
        self._writer.start()
        self._loader.start()

    def submit(self, letter: Letter, reading: Reading) -> asyncio.Future[None]:
        """Take a letter and what its reader made of it; await it: done when it is on disk.

        Called on a running event loop.

        Raises:
            Problem: ``intake.busy`` (429: more waits than may), ``intake.full``,
                ``intake.damaged``, ``intake.closing`` (503); the future may raise them too.
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._take(Waiting(letter, reading, future, loop))
        return future

    def put(self, letter: Letter, reading: Reading) -> Future[None]:
        """The same as `submit` for a thread without an event loop."""
        future: Future[None] = Future()
        self._take(Waiting(letter, reading, future, None))
        return future

    def _take(self, waiting: Waiting) -> None:
        letter = waiting.letter
        desk = self._desks.get(letter.workspace)
        if desk is not None and desk.trouble and desk.is_shut and not desk.must_reopen():
            raise desk.trouble
        size = len(letter.body)
        with self._guard:
            if self._is_closing:
                raise _closing()
            if self._pending_bytes + size > self._bounds.waiting_bytes or (
                desk is not None and self._is_behind(desk)
            ):
                raise _busy()
            self._pending.append(waiting)
            self._pending_bytes += size
            if len(self._pending) == 1:
                self._guard.notify()

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Call `callback(workspace, summaries)` after each load with the newest events.

        It is called on the loader's thread and must not wait. Returns what ends it.
        """
        self._watchers.append(callback)
        self._loader.is_watched = True

        def end() -> None:
            if callback in self._watchers:
                self._watchers.remove(callback)
            self._loader.is_watched = bool(self._watchers)

        return end

    def state(self, workspace: str) -> State:
        """How a workspace's intake is doing."""
        desk = self._desks.get(workspace)
        if desk is None:
            return State()
        return State(
            desk.backlog_rows,
            desk.backlog_bytes,
            desk.last_received_at,
            desk.trouble or desk.load_trouble,
            desk.loaded_rows,
            desk.duplicates,
        )

    def states(self) -> dict[str, State]:
        """How the intake of each workspace is doing, in order."""
        return {slug: self.state(slug) for slug in sorted(self._desks)}

    def summary(self) -> dict[str, object]:
        """For ``/readyz``: how much is on its way, and which workspaces take nothing."""
        states = self.states()
        return {
            "backlog": sum(state.backlog_rows for state in states.values()),
            "trouble": {s: state.trouble.code for s, state in states.items() if state.trouble},
        }

    def check(self) -> list[tuple[str, str, str]]:
        """For `zhiyin doctor`: (what, ``ok`` or ``fault``, what was seen)."""
        found = []
        for slug, state in self.states().items():
            if state.trouble is not None:
                found.append((f"intake {slug}", "fault", str(state.trouble)))
            else:
                seen = f"{state.backlog_rows} rows on their way into the log"
                found.append((f"intake {slug}", "ok", seen))
        return found

    def drop(self, workspace: str) -> None:
        """Forget a workspace and remove its journal. What was sent and is not loaded is gone."""
        desk = self._desks.pop(workspace, None)
        if desk is not None:
            desk.close()
        journal.remove(self._folder / workspace)

    def settle(self, workspace: str, seconds: float = 30.0) -> bool:
        """Wait until all that was acknowledged by now is in the log, and its journal removed.

        What must not be found in any file any more (erasure) calls this before it looks.
        """
        desk = self._desks.get(workspace)
        return desk is None or self._loader.settle(desk, seconds)

    def close(self, seconds: float = 5.0) -> None:
        """Take nothing more; write what waits; load what can be loaded in `seconds`."""
        with self._guard:
            self._is_closing = True
            self._guard.notify()
        if self._writer.is_alive():
            self._writer.join(30)
        self._loader.close(seconds)
        for desk in self._desks.values():
            desk.close()
        self._owner.intake = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # The writer's thread

    def _write(self) -> None:
        last = 0.0
        while True:
            with self._guard:
                while not self._pending:
                    if self._is_closing:
                        return
                    self._guard.wait()
            pause = last + self._tick - time.monotonic()
            if pause > 0 and not self._is_closing:
                time.sleep(pause)
            last = time.monotonic()
            with self._guard:
                taken, self._pending = self._pending, []
                self._pending_bytes = 0
            by_workspace: dict[str, list[Waiting]] = {}
            for waiting in taken:
                by_workspace.setdefault(waiting.letter.workspace, []).append(waiting)
            errors: dict[str, BaseException | None] = {}
            for slug, letters in by_workspace.items():
                errors[slug] = self._keep(slug, letters)
            _answer(taken, errors)
            self._loader.wake()

    def _keep(self, slug: str, letters: list[Waiting]) -> BaseException | None:
        """Make the letters of a workspace durable; returns why not."""
        try:
            with tracing.now_and_then("intake group", _about(slug, letters)):
                self._desk(slug).keep(letters)
        except Problem as problem:
            return problem
        except Exception as error:
            _log.exception("the journal of %s", slug)
            return error
        return None

    def _desk(self, slug: str) -> Desk:
        desk = self._desks.get(slug)
        if desk is None or desk.must_reopen():
            fresh = Desk(slug, self._folder / slug, self._owner, self._bounds, self.syncs)
            if desk is None or fresh.trouble is None:
                self._desks[slug] = desk = fresh
        return desk

    def _is_behind(self, desk: Desk) -> bool:
        bounds = self._bounds
        return desk.backlog_rows > bounds.backlog_rows or desk.backlog_bytes > bounds.backlog_bytes

    def _tell(self, arrived: Arrived) -> None:
        for callback in list(self._watchers):
            try:
                callback(arrived.workspace, arrived.newest)
            except Exception:
                _log.exception("a watcher of the newest events")


def _about(slug: str, letters: list[Waiting]) -> dict[str, str | int]:
    return {"zhiyin.workspace": slug, "zhiyin.requests": len(letters)}


def _answer(taken: list[Waiting], errors: dict[str, BaseException | None]) -> None:
    """Let the answers of a tick go: one call into each event loop, however many there are."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[Any, BaseException | None]]] = {}
    for waiting in taken:
        error = errors[waiting.letter.workspace]
        if waiting.loop is not None:
            loops.setdefault(waiting.loop, []).append((waiting.future, error))
        else:
            _resolve([(waiting.future, error)])
    for loop, answers in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, answers)
        except RuntimeError:
            _log.debug("the event loop is gone; nobody waits for %d answers", len(answers))


def _resolve(answers: list[tuple[Any, BaseException | None]]) -> None:
    for future, error in answers:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


def _say_fatal() -> None:
    _log.critical("the engine takes nothing more; start the process again")


def _busy() -> Problem:
    return Problem(
        "intake.busy",
        _("More events wait to be taken into the log than may wait."),
        _("Send them again in a few seconds."),
    )


def _closing() -> Problem:
    return Problem(
        "intake.closing",
        _("The server is stopping and takes no more events."),
        _("Send them again in a few seconds."),
    )


def warm() -> None:
    """Compile what the loader needs, or read what was compiled at set-up."""
    tally.warm()
