"""Whose targets and marks a reader sees and changes: those of her own branch of the tree."""

from __future__ import annotations

from zhiyin.accounts import units
from zhiyin.accounts.models import Unit
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, In, write_node
from zhiyin.kernel.text import _


def own_units(scope: Filter | None) -> frozenset[str] | None:
    """The keys of the units that a scope is; None for the whole workspace.

    A scope that says anything else beside units is a part of no unit that has a figure of its own,
    so nothing of the tree is hers.
    """
    if scope is None:
        return None
    match scope.root:
        case In("unit", values, negated=False):
            return frozenset(str(value) for value in values)
        case Compare("unit", "=", value):
            return frozenset({str(value)})
    return frozenset()


def is_hers(unit: str, own: frozenset[str] | None) -> bool:
    """Whether something of this unit (blank: of the whole) is within what `own_units` said."""
    return own is None or unit in own


def check(unit: str, own: frozenset[str] | None) -> None:
    """Refuse to change what is outside a reader's branch.

    Raises:
        Problem: ``branch.not-yours``.
    """
    if not is_hers(unit, own):
        raise Problem(
            "branch.not-yours",
            _("This is of the whole company, and you answer for a part of it.")
            if not unit
            else _("The unit {unit} is not in the branch that you answer for.", unit=unit),
            _("Choose a unit of your own branch."),
        )


def known(workspace: str, key: str) -> None:
    """Refuse a unit that is not in the tree; blank is the whole company.

    Raises:
        Problem: ``units.no-such-unit``.
    """
    if key and not Unit.objects.filter(workspace__slug=workspace, key=key).exists():
        raise Problem(
            "units.no-such-unit",
            _("There is no unit {key}.", key=key),
            _("Units are listed under Settings; leave it blank for the whole company."),
        )


def condition(workspace: str, key: str) -> Filter | None:
    """Only facts of a unit's branch; of a unit that has left the tree, those that name it."""
    if not key:
        return None
    held = Unit.objects.filter(workspace__slug=workspace, key=key).select_related("workspace")
    found = held.first()
    if found is not None:
        return units.branch_filter(found)
    root = In("unit", (key,))
    return Filter(root, write_node(root))


def names(workspace: str) -> dict[str, str]:
    """What each unit is called, by its key."""
    return dict(Unit.objects.filter(workspace__slug=workspace).values_list("key", "name"))
