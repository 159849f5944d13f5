"""The audit trail: one entry for each thing done, written in the same transaction as the thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from zhiyin.accounts.models import AuditEntry, Person


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where.

    Args:
        person: None when the program itself acts, started by whoever owns the machine.
        where: a network address, or ``command line``.
    """

    person: Person | None
    where: str

    @property
    def name(self) -> str:
        """The login, or ``zhiyin`` for the program itself."""
        return self.person.login if self.person else "zhiyin"


COMMAND_LINE = Actor(person=None, where="command line")


def record(
    *,
    by: Actor,
    action: str,
    subject: str,
    workspace: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry. Call it inside the transaction of what it records; no secrets in it.

    Args:
        by: who did it.
        action: what was done: a noun and a past participle, ``workspace.created``.
        subject: to what or whom: a slug, a login.
        workspace: slug, or blank for the installation.
        before: the values that changed, as they were; JSON values only.
        after: the same, as they are now.
    """
    return AuditEntry.objects.create(
        at=timezone.now(),
        workspace=workspace,
        by=by.name,
        by_person=by.person,
        where=by.where[:64],
        action=action,
        subject=subject,
        before=dict(before or {}),
        after=dict(after or {}),
    )
