"""What a membership or an invitation allows, and who may give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhiyin.accounts.access import access_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Allowed, Role, Unit
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import _

ALLOWED = ("role", "unit", "scope", "sees_personal_data")


@dataclass(frozen=True, slots=True)
class Allows:
    """What a membership is to allow.

    Args:
        unit: the key of the branch that she sees; blank is the whole workspace.
        scope: a filter that every fact must pass as well; blank is none.
    """

    role: str
    unit: str = ""
    scope: str = ""
    sees_personal_data: bool = True


def may_give(by: Actor, workspace: str, role: str) -> None:
    """Only an administrator in chief makes, changes or takes out another; an API key nobody.

    Raises:
        Problem: ``people.not-by-key``, ``people.role``, ``people.not-yours-to-give``.
    """
    if by.key:
        raise Problem(
            "people.not-by-key",
            _("An API key gives rights to nobody, and takes none away."),
            _("A person does that under Settings, People, or by: zhiyin person"),
        )
    if role not in Role.values:
        raise Problem(
            "people.role",
            _("There is no role {role}.", role=role),
            _("Roles: {roles}.", roles=", ".join(Role.values)),
        )
    if role != Role.ADMINISTRATOR_IN_CHIEF or by.person is None:
        return
    access = access_for(by.person, workspace)
    if access is None or not access.may(Right.CHANGE_CHIEFS):
        raise Problem(
            "people.not-yours-to-give",
            _("Only an administrator in chief names or changes another."),
            _("Ask one of them."),
        )


def may_show(by: Actor, workspace: str, sees_personal_data: bool) -> None:
    """Who does not see personal data gives the right to nobody, herself included.

    Raises:
        Problem: ``people.not-yours-to-give``.
    """
    if not sees_personal_data or by.person is None:
        return
    access = access_for(by.person, workspace)
    if access is None or not access.sees_personal_data:
        raise Problem(
            "people.not-yours-to-give",
            _("Your membership does not show personal data, so you cannot give that right."),
            _("Ask an administrator who has it."),
        )


def fill(held: Allowed, workspace: str, allows: Allows) -> None:
    """Write into a membership or an invitation what it is to allow; it is not saved.

    Raises:
        Problem: ``people.no-such-unit``; a filter that cannot be read.
    """
    held.role = allows.role
    held.unit = None
    if allows.unit:
        held.unit = Unit.objects.filter(workspace__slug=workspace, key=allows.unit).first()
        if held.unit is None:
            raise Problem(
                "people.no-such-unit",
                _("There is no unit {key}.", key=allows.unit),
                _("Choose one of the organisation tree."),
            )
    held.scope = str(parse(allows.scope)) if allows.scope.strip() else ""
    held.sees_personal_data = allows.sees_personal_data


def as_json(held: Allowed) -> Mapping[str, Any]:
    """As the audit log keeps it."""
    return {
        "role": held.role,
        "unit": held.unit.key if held.unit else "",
        "scope": held.scope,
        "sees_personal_data": held.sees_personal_data,
    }
