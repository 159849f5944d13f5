"""The audit log 审计日志, read: searched, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from zhiyin.accounts.models import AuditEntry, Membership


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries; what is blank or None asks nothing.

    Args:
        text: in who, what, to whom or from where.
        action: what was done: the whole of it, or its noun (``person``).
        start: not before.
        end: before.
    """

    text: str = ""
    action: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first, and where the older ones begin."""

    entries: list[AuditEntry]
    older: int | None


def found(workspace: str, asked: Asked) -> QuerySet[AuditEntry]:
    """The entries of a workspace that pass, the newest first.

    What its members did with their own accounts (signing in, a password) belongs to no workspace
    and is shown in each where they work.
    """
    entries = of(workspace)
    if asked.text:
        fields = ("by", "action", "subject", "where")
        condition = Q(pk__in=[])
        for field in fields:
            condition |= Q(**{f"{field}__icontains": asked.text})
        entries = entries.filter(condition)
    if asked.action:
        noun = Q(action__startswith=f"{asked.action}.")
        entries = entries.filter(Q(action=asked.action) | noun)
    if asked.start:
        entries = entries.filter(at__gte=asked.start)
    if asked.end:
        entries = entries.filter(at__lt=asked.end)
    return entries.order_by("-pk")


def page(workspace: str, asked: Asked, *, before: int | None = None, limit: int = 50) -> Page:
    """The newest entries that pass, or those before `before`."""
    entries = found(workspace, asked)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    some = list(entries[: limit + 1])
    older = some[limit - 1].pk if len(some) > limit else None
    return Page(some[:limit], older)


def as_dict(entry: AuditEntry) -> dict[str, Any]:
    """An entry as the API writes it."""
    return {
        "number": entry.pk,
        "at": entry.at,
        "by": entry.by,
        "where": entry.where,
        "action": entry.action,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
    }


def actions(workspace: str) -> list[str]:
    """What was done here so far, in order."""
    done = of(workspace).order_by("action").values_list("action", flat=True)
    return list(done.distinct())


def of(workspace: str) -> QuerySet[AuditEntry]:
    """The entries of a workspace, and those about the accounts of its members."""
    logins = Membership.objects.filter(workspace__slug=workspace).values("person__login")
    here = Q(workspace=workspace) | Q(workspace="", subject__in=logins)
    return AuditEntry.objects.filter(here)
