"""Background work 后台任务: asked for with what it belongs to, cancelled, asked for again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.kinds import KINDS
from zhiyin.accounts.models import Work, WorkState
from zhiyin.accounts.workspaces import slugs
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

OPEN = (WorkState.WAITING, WorkState.RUNNING)

KEPT = timedelta(days=90)
KEPT_OF_THE_CLOCK = timedelta(days=7)
"""Hundreds of runs a day that went well are no history."""

LATE = timedelta(minutes=10)
"""Work that could begin and has waited for longer finds nobody who does it."""


@transaction.atomic
def ask(
    *, by: Actor | None, kind: str, workspace: str, arguments: Mapping[str, Any] | None = None
) -> Work:
    """Ask for work. Call it inside the transaction of the write that it belongs to.

    Where the same work waits already this is it: asking twice does it once. Work that runs has
    begun before this was asked for, so another piece waits for its end.

    Args:
        by: who asks; None is the clock.
        kind: a key of `kinds.KINDS`.
        workspace: slug, or blank for the installation.
        arguments: JSON values, never anything about a customer.
    """
    given = dict(arguments or {})
    same_as = _same_as(kind, given)
    while True:
        # Locked, so that it does not begin before the write that it belongs to can be seen.
        waiting = Work.objects.select_for_update().filter(
            workspace=workspace, same_as=same_as, state=WorkState.WAITING
        )
        if found := waiting.first():
            return found
        try:
            with transaction.atomic():
                return _asked(by, kind, workspace, given, same_as)
        except IntegrityError:
            continue  # somebody asked for the same at this moment


def ask_by_the_clock(kind: str) -> None:
    """Ask for work whose time has come: in every workspace, or once for the installation."""
    for workspace in [""] if KINDS[kind].is_of_installation else slugs():
        ask(by=None, kind=kind, workspace=workspace)


@transaction.atomic
def cancel(*, by: Actor, number: int, workspace: str | None = None) -> Work:
    """Take work that waits off the list; tell work that runs to stop at its next piece.

    Args:
        workspace: whose work it must be; None where it may be anybody's.

    Raises:
        Problem: ``work.not-there``, ``work.over``.
    """
    held = _held(number, workspace)
    if held.state not in OPEN:
        raise Problem(
            "work.over",
            _("This background work is over."),
            _("There is nothing to cancel."),
        )
    if held.state == WorkState.WAITING:
        held.state, held.ended_at = WorkState.CANCELLED, timezone.now()
    held.is_unwanted = True
    held.save()
    audit.record(by=by, action="work.cancelled", subject=_name(held), workspace=held.workspace)
    return held


@transaction.atomic
def again(*, by: Actor, number: int, workspace: str | None = None) -> Work:
    """Ask once more for work that failed or was cancelled.

    Raises:
        Problem: ``work.not-there``, ``work.not-failed``.
    """
    held = _held(number, workspace)
    if held.state not in (WorkState.FAILED, WorkState.CANCELLED):
        raise Problem(
            "work.not-failed",
            _("Only background work that failed or was cancelled can be run again."),
            _("Load the page again."),
        )
    audit.record(by=by, action="work.repeated", subject=_name(held), workspace=held.workspace)
    return ask(by=by, kind=held.kind, workspace=held.workspace, arguments=held.arguments)


def failures() -> QuerySet[Work]:
    """Work that failed, and that has neither been done nor asked for again since."""
    since = Work.objects.filter(
        workspace=OuterRef("workspace"), same_as=OuterRef("same_as"), pk__gt=OuterRef("pk")
    ).exclude(state=WorkState.CANCELLED)
    return Work.objects.filter(~Exists(since), state=WorkState.FAILED)


def late(now: datetime | None = None) -> QuerySet[Work]:
    """Work that could have begun some time ago."""
    since = (now or timezone.now()) - LATE
    return Work.objects.filter(state=WorkState.WAITING, not_before__lt=since)


def remove_old(now: datetime | None = None) -> int:
    """Remove work that ended long ago; returns how many entries."""
    at = now or timezone.now()
    old = Q(ended_at__lt=at - KEPT)
    old |= Q(ended_at__lt=at - KEPT_OF_THE_CLOCK, asked_by="", state=WorkState.DONE)
    count, _by_model = Work.objects.filter(old).delete()
    return count


def _asked(
    by: Actor | None, kind: str, workspace: str, given: dict[str, Any], same_as: str
) -> Work:
    at = timezone.now()
    part_name = KINDS[kind].part_name
    made = Work.objects.create(
        workspace=workspace,
        kind=kind,
        arguments=given,
        same_as=same_as,
        asked_by=by.name if by else "",
        asked_at=at,
        not_before=at,
        part_name=part_name.sentence if part_name else "",
    )
    if by is not None:
        audit.record(
            by=by, action="work.asked", subject=_name(made), workspace=workspace, after=given
        )
    return made


def _held(number: int, workspace: str | None) -> Work:
    found = Work.objects.select_for_update().filter(pk=number)
    if workspace is not None:
        found = found.filter(workspace=workspace)
    held = found.first()
    if held is None:
        raise Problem(
            "work.not-there",
            _("There is no background work {number}.", number=number),
            _("`zhiyin jobs` and the page of jobs list what there is."),
        )
    return held


def _same_as(kind: str, arguments: dict[str, Any]) -> str:
    written = json.dumps([kind, arguments], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _name(held: Work) -> str:
    return f"{held.kind} {held.pk}"
