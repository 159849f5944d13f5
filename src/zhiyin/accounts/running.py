"""Background work, done: taken by one process at a time, shown while it goes on, tried again.

Whoever runs a piece of work holds it for half a minute and says so every few seconds. A process
that was killed says nothing, and the next takes what it held. So work may be begun again at any
place: every kind of work must end as if it had run once.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from zhiyin.accounts.models import Work, WorkState
from zhiyin.kernel import tracing
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

HELD = timedelta(seconds=30)
SAYS_SECONDS = 5.0
"""How often whoever runs work says that it still does."""

SHOWN_SECONDS = 0.5
"""Progress is written down no oftener."""

TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
"""Doubled after each failure: the last try is some eight minutes after the first."""

Result = Mapping[str, Any]

_log = logging.getLogger("zhiyin.work")


class Unwanted(Exception):  # noqa: N818 - not a fault
    """The work is to stop here: somebody cancelled it, or the process ends, or lost it."""


class Running:
    """A piece of work in the hands of whoever runs it.

    Args:
        held: its row.
        stop: set when the process ends.
    """

    def __init__(self, held: Work, stop: threading.Event) -> None:
        self.workspace = held.workspace
        self.arguments: dict[str, Any] = held.arguments
        self._held = held
        self._stop = stop
        self._shown = 0.0
        self.was_told_to_stop = False

    def is_wanted(self) -> bool:
        """Whether to go on. Ask it between pieces."""
        wanted = not self._stop.is_set() and _mine(self._held).filter(is_unwanted=False).exists()
        self.was_told_to_stop |= not wanted
        return wanted

    def show(self, done: int, of: int) -> None:
        """Let people see how far it is."""
        at = time.monotonic()
        if done < of and at - self._shown < SHOWN_SECONDS:
            return
        self._shown = at
        _mine(self._held).update(parts_done=done, parts=of)

    def between(self, done: int, of: int) -> None:
        """Show how far it is, and go on only if that is wanted.

        Raises:
            Unwanted: it is not.
        """
        self.show(done, of)
        if done < of and not self.is_wanted():
            raise Unwanted


Doing = Callable[[Running], Result]


def run_next(doing: Mapping[str, Doing], stop: threading.Event) -> Work | None:
    """Take the piece of work that has waited longest and do it; None where none is due.

    Args:
        doing: what does each kind of work; other kinds are left to others.
    """
    held = take(doing)
    if held is None:
        return None
    running = Running(held, stop)
    try:
        with _said_to_live(held), _traced(held):
            result = doing[held.kind](running)
    except Unwanted:
        _stopped(held)
    except Exception as error:
        _failed(held, error)
    else:
        if running.was_told_to_stop:
            _stopped(held)
        else:
            _end(held, WorkState.DONE, result=dict(result))
    held.refresh_from_db()
    return held


def take(doing: Mapping[str, Any], now: datetime | None = None) -> Work | None:
    """Hold the piece of work that is due longest; None where none is."""
    at = now or timezone.now()
    # Asked first outside a transaction: on SQLite one would keep all others from writing.
    if not _due(doing, at).exists():
        return None
    with transaction.atomic():
        for found in _due(doing, at).select_for_update(skip_locked=True)[:10]:
            if found.state == WorkState.RUNNING and not _may_be_taken_over(found, at):
                continue
            try:
                with transaction.atomic():
                    return _hold(found, at)
            except IntegrityError:
                continue  # another of its kind began at this moment
    return None


def _due(doing: Mapping[str, Any], at: datetime) -> QuerySet[Work]:
    runs = Work.objects.filter(
        state=WorkState.RUNNING, workspace=OuterRef("workspace"), kind=OuterRef("kind")
    )
    waits = Q(~Exists(runs), state=WorkState.WAITING, not_before__lte=at)
    was_dropped = Q(state=WorkState.RUNNING, held_until__lt=at)
    return Work.objects.filter(waits | was_dropped, kind__in=list(doing)).order_by(
        "not_before", "pk"
    )


def _may_be_taken_over(dropped: Work, at: datetime) -> bool:
    """Whether what a killed process held is to be tried again; else it is over."""
    if dropped.is_unwanted:
        _end(dropped, WorkState.CANCELLED, at=at)
    elif dropped.attempts >= TRIES:
        error = Problem(
            "work.killed",
            _("The process that did this ended {times} times in the middle.", times=TRIES),
            _("Look at the messages of the server: memory or the disk may be full."),
        )
        _end(dropped, WorkState.FAILED, at=at, error=_written(error))
    else:
        return True
    return False


def _hold(found: Work, at: datetime) -> Work:
    found.state = WorkState.RUNNING
    found.holder = secrets.token_hex(16)
    found.held_until = at + HELD
    found.started_at = at
    found.attempts += 1
    found.parts_done = found.parts = 0
    found.save()
    return found


def _traced(held: Work) -> AbstractContextManager[tracing.Span]:
    facts: dict[str, str | int] = {
        "zhiyin.workspace": held.workspace,
        "zhiyin.work": held.pk,
        "zhiyin.attempt": held.attempts,
    }
    return tracing.span(f"work {held.kind}", facts)


@contextmanager
def _said_to_live(held: Work) -> Iterator[None]:
    """Say every few seconds that the work is being done."""
    is_over = threading.Event()

    def say() -> None:
        while not is_over.wait(SAYS_SECONDS):
            try:
                _mine(held).update(held_until=timezone.now() + HELD)
            except DatabaseError:
                _log.exception("work %d", held.pk)
            finally:
                connection.close()

    # A process that ends while work is stuck must not wait here, and go on saying that it lives.
    thread = threading.Thread(target=say, name=f"work-{held.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _stopped(held: Work) -> None:
    """It stopped where it was told to: for good where somebody cancelled it, else for now."""
    if _mine(held).filter(is_unwanted=True).exists():
        _end(held, WorkState.CANCELLED)
    else:
        _wait(held, timezone.now(), attempts=held.attempts - 1)


def _failed(held: Work, error: Exception) -> None:
    """Try again where that may help, later each time; else it is over."""
    _log.error("work %d, %s, try %d", held.pk, held.kind, held.attempts, exc_info=error)
    written = _written(error)
    # The log may be away or busy for a moment. Any other problem is the same the next time.
    is_certain = isinstance(error, Problem) and not error.code.startswith("log.")
    if _mine(held).filter(is_unwanted=True).exists():
        _end(held, WorkState.CANCELLED, error=written)
    elif is_certain or held.attempts >= TRIES:
        _end(held, WorkState.FAILED, error=written)
    else:
        wait = FIRST_WAIT * 2 ** (held.attempts - 1)
        _wait(held, timezone.now() + wait, attempts=held.attempts, error=written)


def _wait(
    held: Work, not_before: datetime, *, attempts: int, error: dict[str, Any] | None = None
) -> None:
    try:
        with transaction.atomic():
            _mine(held).update(
                state=WorkState.WAITING, not_before=not_before, attempts=attempts,
                holder="", held_until=None, error=error or {},
            )  # fmt: skip
    except IntegrityError:
        # The same was asked for while this ran, and waits: one of the two is enough.
        _end(held, WorkState.FAILED if error else WorkState.CANCELLED, error=error)


def _end(
    held: Work,
    state: WorkState,
    *,
    at: datetime | None = None,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    _mine(held).update(
        state=state, ended_at=at or timezone.now(), holder="", held_until=None,
        result=result or {}, error=error or {},
    )  # fmt: skip


def _mine(held: Work) -> QuerySet[Work]:
    """The row, unless another has taken it over: whoever lost it changes nothing any more."""
    return Work.objects.filter(pk=held.pk, holder=held.holder, state=WorkState.RUNNING)


def _written(error: Exception) -> dict[str, Any]:
    """An error as the store keeps it, to be read in any language.

    What is no `Problem` is written without its words, which may quote a customer.
    """
    if not isinstance(error, Problem):
        places = traceback.extract_tb(error.__traceback__)
        origin = f"{Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
        error = Problem(
            "work.fault",
            _("A fault of the program: {error} at {place}.", error=type(error).__name__,
              place=origin),
            _("Run it again; if it fails again, report it with the messages of the server."),
        )  # fmt: skip
    written: dict[str, Any] = {"code": error.code, "message": _sentence(error.message)}
    if error.hint is not None:
        written["hint"] = _sentence(error.hint)
    return written


def _sentence(text: Text) -> list[Any]:
    return [text.sentence, {name: str(blank) for name, blank in text.blanks.items()}]
