"""Which part of a workspace's rules and alerts somebody may see who sees a part of it alone."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.accounts import units
from zhiyin.accounts.access import Access
from zhiyin.accounts.models import Membership, Unit
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody sees of a workspace.

    Args:
        scope: None is the whole of it.
        unit: the branch that the scope is, where it is one.
    """

    workspace: str
    scope: Filter | None = None
    unit: Unit | None = None

    @property
    def units(self) -> list[str]:
        """The keys of the units whose figures she may see whole: her branch of the tree. None where
        her scope is narrower than a branch, or something else."""
        if self.unit is None or self.scope != units.branch_filter(self.unit):
            return []
        return units.branch(self.unit)

    def check_unit(self, key: str) -> None:
        """Refuse a rule about more than she may see.

        Args:
            key: of the rule's unit; blank: the whole organisation.

        Raises:
            Problem: ``alerts.part``.
        """
        if self.scope is not None and key not in self.units:
            raise Problem(
                "alerts.part",
                _("You see a part of the workspace, so a rule of yours watches that part."),
                _("Choose a unit of yours."),
            )


def of(access: Access) -> Part:
    """What a member sees."""
    slug = access.workspace.slug
    if access.scope is None:
        return Part(slug)
    held = Membership.objects.filter(person=access.person, workspace__slug=slug)
    found = held.select_related("unit__workspace").first()
    return Part(slug, access.scope, found.unit if found else None)
