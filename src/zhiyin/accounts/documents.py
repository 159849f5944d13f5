"""What the command line and the API write of members, invitations and settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from zhiyin.accounts.models import Allowed, Invitation, Membership
from zhiyin.accounts.workspaces import Settings


def workspace(settings: Settings) -> dict[str, Any]:
    """The settings of a workspace."""
    held = asdict(settings)
    return {"workspace": held.pop("slug"), **held}


def member(held: Membership) -> dict[str, Any]:
    """Somebody who works in a workspace."""
    return {
        "number": held.pk,
        "login": held.person.login,
        "name": held.person.name,
        "is_active": held.person.is_active,
        "joined_at": held.created_at,
        **_allows(held),
    }


def invitation(held: Invitation) -> dict[str, Any]:
    """An invitation that waits, without the word that accepts it."""
    return {
        "number": held.pk,
        "login": held.login,
        "invited_by": held.invited_by.login if held.invited_by else None,
        "created_at": held.created_at,
        "expires_at": held.expires_at,
        **_allows(held),
    }


def _allows(held: Allowed) -> dict[str, Any]:
    return {
        "role": held.role,
        "unit": held.unit.key if held.unit else None,
        "scope": held.scope or None,
        "sees_personal_data": held.sees_personal_data,
    }
