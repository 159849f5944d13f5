"""Which workspaces a person may see."""

from __future__ import annotations

from zhiyin.accounts.models import Membership, Person, Workspace
from zhiyin.accounts.workspaces import Settings, of


def workspaces_of(person: Person) -> list[Settings]:
    """The workspaces that `person` works in, by short name."""
    if not person.is_active:
        return []
    mine = Workspace.objects.filter(memberships__person=person).order_by("slug")
    return [of(workspace) for workspace in mine]


def workspace_for(person: Person, slug: str) -> Settings | None:
    """The workspace called `slug` if `person` works in it; None otherwise, or if there is none.

    The two are not told apart, so that nobody learns which workspaces exist.
    """
    if not person.is_active:
        return None
    mine = Membership.objects.filter(person=person, workspace__slug=slug)
    membership = mine.select_related("workspace").first()
    return of(membership.workspace) if membership else None
