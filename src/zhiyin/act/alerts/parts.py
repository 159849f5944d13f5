"""Which part of a workspace's rules somebody may see who sees a part of it alone."""

from __future__ import annotations

from zhiyin.accounts import units
from zhiyin.accounts.access import Access
from zhiyin.accounts.models import Membership
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def units_of(access: Access) -> list[str]:
    """The keys of the units whose figures somebody with a scope may see whole: her branch of the
    tree. None where her scope is narrower than a branch, or something else."""
    held = Membership.objects.filter(
        person=access.person, workspace__slug=access.workspace.slug
    ).select_related("unit")
    found = held.first()
    if found is None or found.unit is None or access.scope != units.branch_filter(found.unit):
        return []
    return units.branch(found.unit)


def check_unit(access: Access, key: str) -> None:
    """Refuse a rule about more than somebody may see.

    Args:
        key: of the rule's unit; blank: the whole organisation.

    Raises:
        Problem: ``alerts.part``.
    """
    if access.scope is not None and key not in units_of(access):
        raise Problem(
            "alerts.part",
            _("You see a part of the workspace, so a rule of yours watches that part."),
            _("Choose a unit of yours."),
        )
