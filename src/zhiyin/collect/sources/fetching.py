"""Sources, fetched from when their time has come.

Records are brought into the log first and the cursor is kept afterwards: whoever is killed between
the two brings the same once more, and the log knows it by its id. So nothing is lost or doubled.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhiyin.accounts import sealing
from zhiyin.accounts.running import Unwanted
from zhiyin.accounts.workspaces import Settings as Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.files.seen import kept as sentence
from zhiyin.collect.sources import bringing, kept, known
from zhiyin.collect.sources.models import SourceRun, VerbatimSource
from zhiyin.collect.sources.source import Cursor, Later, reading
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log

TURN_SECONDS = 60.0
"""A source that has more goes on after the others had their turn."""

AT_ONCE = 2_000
"""Records that become one import of the log, where so many come in `GATHER_SECONDS`."""
GATHER_SECONDS = 20.0

HELD = timedelta(minutes=5)
"""Longer than a turn with its last page: so long whoever was killed is waited for."""

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
KEPT_RUNS = 200
"""Of each source."""


def due(workspace: str, now: datetime | None = None) -> QuerySet[VerbatimSource]:
    """The sources whose time has come, the one that waited longest first."""
    at = now or timezone.now()
    return (
        VerbatimSource.objects.filter(_is_free(at))
        .filter(workspace__slug=workspace, is_paused=False, next_at__lte=at)
        .order_by("next_at", "pk")
    )


def _is_free(at: datetime) -> Q:
    return Q(held_until__isnull=True) | Q(held_until__lt=at)


def fetch_due(
    log: Log, workspace: str, *, data: Path, between: Progress = unseen
) -> dict[str, int]:
    """Fetch from every source whose time has come; returns how many ``sources`` there were, and
    what was ``added``, ``rejected``, and how many runs ``failed``."""
    found = {"sources": 0, "added": 0, "rejected": 0, "failed": 0}
    waiting = list(due(workspace))
    settings = settings_of(workspace)
    for number, held in enumerate(waiting):
        between(number, len(waiting))
        run = fetch(log, settings, held, data=data, stop=partial(between, number, len(waiting)))
        if run is None:
            continue
        found["sources"] += 1
        found["added"] += run.added
        found["rejected"] += run.rejected
        found["failed"] += bool(run.error)
    between(len(waiting), len(waiting))
    return found


def fetch(
    log: Log,
    workspace: Workspace,
    held: VerbatimSource,
    *,
    data: Path,
    stop: Callable[[], None] = lambda: None,
) -> SourceRun | None:
    """One turn of one source; None where somebody else has one now.

    Args:
        stop: asked between pages; what it raises ends the turn where it is.
    """
    at = timezone.now()
    mine = VerbatimSource.objects.filter(pk=held.pk)
    if not mine.filter(_is_free(at)).update(held_until=at + HELD):
        return None
    try:
        held.refresh_from_db()
        return _fetched(log, workspace, held, data, stop)
    finally:
        mine.update(held_until=None)


def _fetched(
    log: Log, workspace: Workspace, held: VerbatimSource, data: Path, stop: Callable[[], None]
) -> SourceRun:
    run = SourceRun(source=held, began_at=timezone.now())
    try:
        has_more = _Turn(log, workspace, held, run, data, stop).take()
    except Unwanted:
        raise
    except Problem as problem:
        _failed(held, run, problem)
    except Exception as error:
        # A source may come from elsewhere. Its faults are its own, and not those of the others.
        fault = Problem(
            "source.fault",
            _("A fault of the program: {error}.", error=type(error).__name__),
            _("Report it to whoever wrote this kind of source."),
        )
        _failed(held, run, fault)
    else:
        every = timedelta(minutes=held.every_minutes)
        _ended(held, run, wait=timedelta() if has_more else every)
    return run


class _Turn:
    """What is gathered until it is worth an import."""

    def __init__(
        self,
        log: Log,
        workspace: Workspace,
        held: VerbatimSource,
        run: SourceRun,
        data: Path,
        stop: Callable[[], None],
    ) -> None:
        self._log, self._workspace, self._held, self._run = log, workspace, held, run
        self._data, self._stop = data, stop
        self._mapping = kept.mapping_of(held)
        self._records: list[Any] = []
        self._cursor: Cursor | None = None
        self._since = time.monotonic()

    def take(self) -> bool:
        """Read until there is no more, or the turn is over; returns whether there is more."""
        source = known.of(self._held.kind)
        until = time.monotonic() + TURN_SECONDS
        with reading(source, kept.cursor_of(self._held), kept.settings_of(self._held)) as pages:
            try:
                for page in pages:
                    self._run.pages += 1
                    self._records += page.records
                    self._cursor = page.cursor
                    if self._is_enough():
                        self._bring()
                    self._stop()
                    if time.monotonic() > until:
                        return True
                return False
            finally:
                # What came before a page that failed is not lost with it.
                self._bring()

    def _is_enough(self) -> bool:
        return len(self._records) >= AT_ONCE or time.monotonic() - self._since > GATHER_SECONDS

    def _bring(self) -> None:
        if self._cursor is None:
            return
        run, held = self._run, self._held
        if self._records:
            found = bringing.bring(
                self._log, self._workspace, self._records, self._mapping,
                data=self._data, replace=held.replaces,
            )  # fmt: skip
            run.read += found.rows_read
            run.added += found.rows_added
            run.doubles += found.rows_duplicate
            run.rejected += found.rows_rejected
            run.imports = [*run.imports, found.import_id]
        sealed = sealing.seal(msgspec.json.encode(self._cursor).decode())
        with transaction.atomic():
            # Whoever changed the source meanwhile wants it to begin anew.
            VerbatimSource.objects.filter(pk=held.pk, cursor=held.cursor).update(cursor=sealed)
            if run.read:
                run.save()
        held.cursor = sealed
        self._records, self._cursor, self._since = [], None, time.monotonic()


def _failed(held: VerbatimSource, run: SourceRun, problem: Problem) -> None:
    error: dict[str, Any] = {"code": problem.code, "message": list(sentence(problem.message))}
    if problem.hint is not None:
        error["hint"] = list(sentence(problem.hint))
    run.error = error
    wait = min(FIRST_WAIT * 2 ** min(held.failures, 12), LONGEST_WAIT)
    if isinstance(problem, Later):
        wait = max(wait, min(timedelta(seconds=problem.seconds), LONGEST_WAIT))
    _ended(held, run, wait=wait)


@transaction.atomic
def _ended(held: VerbatimSource, run: SourceRun, *, wait: timedelta) -> None:
    at = timezone.now()
    run.ended_at = at
    mine = VerbatimSource.objects.select_for_update().filter(pk=held.pk).first()
    if mine is None:
        return  # it was removed meanwhile, and its runs with it
    was_asked = mine.next_at > held.next_at
    mine.error, mine.last_at = run.error, at
    mine.failures = held.failures + 1 if run.error else 0
    if not was_asked:
        mine.next_at = at + wait
    mine.save(update_fields=["error", "last_at", "failures", "next_at"])
    # One failure after another is one line of the history, with its end.
    last = mine.runs.first()
    if run.error and last and last.pk != run.pk and last.error == run.error and not run.read:
        last.ended_at = at
        last.save(update_fields=["ended_at"])
    elif run.read or run.error:
        run.save()
    old = list(mine.runs.values_list("pk", flat=True)[KEPT_RUNS:])
    if old:
        mine.runs.filter(pk__in=old).delete()
