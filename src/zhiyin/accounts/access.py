"""Which workspaces a person may see, and what she may do there."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.accounts import units
from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.accounts.rights import Right, rights_of
from zhiyin.accounts.workspaces import Settings, of
from zhiyin.kernel.filters import Filter, both, parse


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do in one workspace.

    Args:
        scope: only facts for which this holds; None is the whole workspace.
        unit: the branch of the tree that the scope is, where it is one.
        sees_personal_data: names, addresses and ids are shown to her.
    """

    workspace: Settings
    person: Person
    role: Role
    rights: frozenset[Right]
    scope: Filter | None = None
    unit: str = ""
    sees_personal_data: bool = True

    def may(self, right: Right) -> bool:
        """Whether her role, and the scope of her membership, allow this."""
        return right in self.rights


def workspaces_of(person: Person) -> list[Settings]:
    """The workspaces that `person` works in, by short name."""
    if not person.is_active:
        return []
    mine = Workspace.objects.filter(memberships__person=person).order_by("slug")
    return [of(workspace) for workspace in mine]


def access_for(person: Person, slug: str) -> Access | None:
    """What `person` may do in the workspace called `slug`; None where she does not work there.

    A workspace that does not exist looks the same, so that nobody learns which ones do.
    """
    if not person.is_active:
        return None
    mine = Membership.objects.filter(person=person, workspace__slug=slug)
    found = mine.select_related("workspace", "unit").first()
    if found is None:
        return None
    found.person = person
    return of_member(found)


def of_member(found: Membership) -> Access:
    """What a member may do; whether she is active is not looked at."""
    scope = scope_of(found)
    return Access(
        workspace=of(found.workspace),
        person=found.person,
        role=Role(found.role),
        rights=rights_of(found.role, is_scoped=scope is not None),
        scope=scope,
        unit=found.unit.name if found.unit else "",
        sees_personal_data=found.sees_personal_data,
    )


def scope_of(membership: Membership) -> Filter | None:
    """The filter of a membership: its branch of the tree, and what is written beside it."""
    branch = units.branch_filter(membership.unit) if membership.unit else None
    return both(branch, parse(membership.scope) if membership.scope else None)
