"""API keys: secrets with which programs read and write a workspace.

A key has rights of its own, no more than whoever makes it; it can never hand out rights. What it
presents is looked up by its hash: the secret has 256 random bits, so a slow hash gains nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.access import Access
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import ApiKey, Unit
from zhiyin.accounts.rights import WHOLE, Right
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

GIVEN = tuple(right for right in Right if right not in {Right.CHANGE_PEOPLE, Right.CHANGE_CHIEFS})
"""Rights that a key may have: none that gives rights to people."""

LONGEST_DAYS = 3650
USED_EVERY = timedelta(minutes=1)
"""A key that is used all the time is written down as used so often."""

_PREFIX = "zk_"
_SHOWN = 9


@dataclass(frozen=True, slots=True)
class Made:
    """A new key, with the secret that is shown this once."""

    key: ApiKey
    secret: str


def create(
    *,
    by: Actor,
    workspace: str,
    name: str,
    rights: Collection[str],
    sees_personal_data: bool = False,
    unit: str = "",
    days: int | None = None,
    maker: Access | None = None,
) -> Made:
    """Make a key.

    Args:
        rights: values of `GIVEN`.
        unit: the key of a unit: nothing but facts of its branch, and no right about the whole.
        days: after so many it ends by itself; None is never.
        maker: what whoever makes it may do herself; None for the command line, which may all.

    Raises:
        Problem: ``accounts.no-workspace``, ``api-keys.name``, ``api-keys.rights``,
            ``api-keys.not-yours``, ``api-keys.days``, ``units.no-such-unit``.
    """
    place = find(workspace)
    branch = _unit(workspace, unit) if unit else None
    given = _rights(rights, is_scoped=branch is not None)
    if maker is not None:
        _may_give(maker, given, sees_personal_data)
    secret = _PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            workspace=place,
            name=_name(name),
            hash=_hash(secret),
            start=secret[:_SHOWN],
            rights=given,
            unit=branch,
            sees_personal_data=sees_personal_data,
            made_by=by.person,
            expires_at=_end(days),
        )
        audit.record(
            by=by,
            action="api_key.created",
            subject=str(key),
            workspace=workspace,
            after={
                "rights": given,
                "unit": unit,
                "sees_personal_data": sees_personal_data,
                "expires_at": key.expires_at.isoformat() if key.expires_at else None,
            },
        )
    return Made(key, secret)


@transaction.atomic
def revoke(*, by: Actor, workspace: str, number: int) -> ApiKey:
    """End a key at once. Ended already, it stays as it is.

    Raises:
        Problem: ``api-keys.no-such-key``.
    """
    held = ApiKey.objects.select_for_update(of=("self",))
    found = held.filter(workspace=find(workspace), pk=number).first()
    if found is None:
        raise Problem(
            "api-keys.no-such-key",
            _("There is no such API key in this workspace."),
            _("Load the list again: `zhiyin key list` shows it, too."),
        )
    if found.revoked_at is None:
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        audit.record(by=by, action="api_key.revoked", subject=str(found), workspace=workspace)
    return found


def of(workspace: str) -> list[ApiKey]:
    """The keys of a workspace, ended ones too, by name."""
    held = ApiKey.objects.filter(workspace__slug=workspace)
    return list(held.select_related("unit", "made_by", "workspace").order_by("name", "pk"))


def presented(secret: str) -> ApiKey | None:
    """The live key of this secret; that it was used is written down."""
    held = ApiKey.objects.select_related("workspace", "unit")
    found = held.filter(hash=_hash(secret)).first()
    if found is None or not found.is_live:
        return None
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    if found.last_used_at is None or found.last_used_at < now - USED_EVERY:
        ApiKey.objects.filter(stale, pk=found.pk).update(last_used_at=now)
    return found


def as_dict(key: ApiKey) -> dict[str, Any]:
    """A key as the command line and the API write it, without its secret."""
    return {
        "number": key.pk,
        "kind": "api",
        "name": key.name,
        "start": key.start,
        "workspace": key.workspace.slug,
        "rights": list(key.rights),
        "unit": key.unit.key if key.unit else None,
        "sees_personal_data": key.sees_personal_data,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 60:
        raise Problem(
            "api-keys.name",
            _("An API key needs a name of up to 60 characters."),
            _("Say what it is for: nightly report, till in Beijing."),
        )
    return name


def _rights(asked: Collection[str], *, is_scoped: bool) -> list[str]:
    unknown = sorted(set(asked) - set(GIVEN))
    if not asked or unknown:
        raise Problem(
            "api-keys.rights",
            _("These are no rights of an API key: {names}.", names=", ".join(unknown))
            if unknown
            else _("An API key without a right can do nothing."),
            _("Choose from {names}.", names=", ".join(GIVEN)),
        )
    if is_scoped and set(asked) & WHOLE:
        raise Problem(
            "api-keys.rights",
            _("These need the whole workspace: {names}.",
              names=", ".join(sorted(set(asked) & WHOLE))),
            _("Leave them out, or the unit."),
        )  # fmt: skip
    return [right.value for right in GIVEN if right in asked]


def _may_give(maker: Access, rights: Collection[str], sees_personal_data: bool) -> None:
    more = [right for right in rights if not maker.may(Right(right))]
    if more or (sees_personal_data and not maker.sees_personal_data):
        raise Problem(
            "api-keys.not-yours",
            _("You cannot give a key what you may not do yourself."),
            _("Ask an administrator of the workspace to make it."),
        )


def _unit(workspace: str, key: str) -> Unit:
    found = Unit.objects.filter(workspace__slug=workspace, key=key).first()
    if found is None:
        raise Problem(
            "units.no-such-unit",
            _("There is no unit {key}.", key=key),
            _("Load the page again: somebody may have taken it out."),
        )
    return found


def _end(days: int | None) -> Any:
    if days is None:
        return None
    if not 1 <= days <= LONGEST_DAYS:
        raise Problem(
            "api-keys.days",
            _("A key lives for 1 to {days} days, or until it is revoked.", days=LONGEST_DAYS),
            _("Leave the days out for a key without an end."),
        )
    return timezone.now() + timedelta(days=days)
