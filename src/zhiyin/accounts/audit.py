"""The audit trail: one entry for each thing done, written in the same transaction as the thing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from zhiyin.accounts.done import ACTIONS
from zhiyin.accounts.models import AuditEntry, Person


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where.

    Args:
        person: None when a program acts: Zhiyin itself, started by whoever owns the machine, or
            one with an API key.
        where: a network address, or ``command line``.
        key: the name of the API key that it came with.
    """

    person: Person | None
    where: str
    key: str = ""

    @property
    def name(self) -> str:
        """The login, ``api: `` and the name of a key, or ``zhiyin`` for the program itself."""
        if self.person:
            return self.person.login
        return f"api: {self.key}" if self.key else "zhiyin"


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
        action: what was done: a noun and a past participle, a key of `done.ACTIONS`.
        subject: to what or whom: a slug, a login.
        workspace: slug, or blank for the installation.
        before: the values that changed, as they were; JSON values only.
        after: the same, as they are now.

    Raises:
        TypeError: the action is none of `done.ACTIONS`, so no page could say what it was.
    """
    if action not in ACTIONS:
        raise TypeError(f"no words for the action {action}: add it to accounts.done")
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


def naming(workspace: str, names: Collection[str]) -> list[AuditEntry]:
    """The entries of a workspace that name a customer by one of `names`, alone and whole."""
    listed = list(names)
    condition = Q(pk__in=[])
    for name in listed:
        condition |= Q(subject__contains=name)
        for form in {name, json.dumps(name)[1:-1]}:
            condition |= Q(before_as_text__contains=form) | Q(after_as_text__contains=form)
    found = (
        AuditEntry.of(workspace)
        .annotate(
            before_as_text=Cast("before", TextField()), after_as_text=Cast("after", TextField())
        )
        .filter(condition)
    )
    return [entry for entry in found if _without(entry, frozenset(listed), "") is not None]


def forget(workspace: str, names: Collection[str], pseudonym: str) -> int:
    """Put a pseudonym in the place of a customer's names; returns how many entries named her.

    The one change that an entry ever sees: who did what, and when, stays as evidence.
    """
    wanted = frozenset(names)
    count = 0
    for entry in naming(workspace, wanted):
        changed = _without(entry, wanted, pseudonym)
        if changed is not None:
            # The class refuses changes; this is the place that may make one.
            QuerySet(AuditEntry).filter(pk=entry.pk).update(**changed)
            count += 1
    return count


def _without(entry: AuditEntry, names: frozenset[str], pseudonym: str) -> dict[str, Any] | None:
    """The fields of an entry with the names replaced; None where there was none."""
    words = re.split(r"(\s+|[,;:()→]+)", entry.subject)
    subject = (
        pseudonym
        if entry.subject in names
        else "".join(pseudonym if word in names else word for word in words)
    )
    changed = {
        "subject": subject[:254],
        "before": _replaced(entry.before, names, pseudonym),
        "after": _replaced(entry.after, names, pseudonym),
    }
    same = all(changed[name] == getattr(entry, name) for name in changed)
    return None if same else changed


def _replaced(value: Any, names: frozenset[str], pseudonym: str) -> Any:
    if isinstance(value, str):
        return pseudonym if value in names else value
    if isinstance(value, dict):
        return {
            pseudonym if key in names else key: _replaced(one, names, pseudonym)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_replaced(one, names, pseudonym) for one in value]
    return value
