"""The organisation tree 组织架构: read, changed, imported; and the filter of a branch."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import ApiKey, Invitation, Membership, Unit
from zhiyin.accounts.workspaces import find as find_workspace
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, In, write_node
from zhiyin.kernel.text import _

MOST = 5_000
"""Units in one workspace: a scope names each unit of its branch."""


@dataclass(frozen=True, slots=True)
class Place:
    """A unit where it stands in the tree.

    Args:
        depth: 0 for a root.
    """

    unit: Unit
    depth: int


def tree(workspace: str) -> list[Place]:
    """Every unit, each under its parent, siblings by name."""
    units = list(Unit.objects.filter(workspace__slug=workspace).select_related("parent"))
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id, []).append(unit)

    def walk(parent: int | None, depth: int) -> Iterator[Place]:
        for unit in below.get(parent, ()):
            yield Place(unit, depth)
            yield from walk(unit.pk, depth + 1)

    return list(walk(None, 0))


def branch(unit: Unit) -> list[str]:
    """The keys of a unit and of all below it."""
    places = tree(unit.workspace.slug)
    at = next(number for number, place in enumerate(places) if place.unit.pk == unit.pk)
    keys = [unit.key]
    for place in places[at + 1 :]:
        if place.depth <= places[at].depth:
            break
        keys.append(place.unit.key)
    return keys


def branch_filter(unit: Unit) -> Filter:
    """Only facts of a branch of the tree."""
    root = In("unit", tuple(branch(unit)))
    return Filter(root, write_node(root))


def find(workspace: str, key: str) -> Unit:
    """The unit with this key.

    Raises:
        Problem: ``units.no-such-unit``.
    """
    unit = Unit.objects.filter(workspace__slug=workspace, key=key).first()
    if unit is None:
        raise _none(key)
    return unit


@transaction.atomic
def add(
    *, by: Actor, workspace: str, key: str, name: str, kind: str = "", parent: str = ""
) -> Unit:
    """Add a unit, of whose key there is none yet.

    Raises:
        Problem: ``units.exists``, and those of `save`.
    """
    if Unit.objects.filter(workspace=find_workspace(workspace), key=key.strip()).exists():
        raise Problem(
            "units.exists",
            _("There is a unit {key} already.", key=key.strip()),
            _("Change it with: zhiyin unit change"),
        )
    return save(by=by, workspace=workspace, key=key, name=name, kind=kind, parent=parent)


@transaction.atomic
def save(
    *, by: Actor, workspace: str, key: str, name: str, kind: str = "", parent: str = ""
) -> Unit:
    """Add the unit with this key, or change it.

    Args:
        key: as facts name it.
        parent: the key of the unit above; blank for none.

    Raises:
        Problem: ``units.no-key``, ``units.no-such-parent``, ``units.circle``, ``units.too-many``,
            ``units.not-by-key``.
    """
    place, key, name = find_workspace(workspace), key.strip(), name.strip()
    is_text = (key + name + kind).isprintable()
    if not key or not is_text or len(key) > 120 or len(name) > 120 or len(kind) > 60:
        raise Problem(
            "units.no-key",
            _("A unit needs a key of 1 to 120 characters, as facts name it."),
            _("Write the key as it stands in the column unit of what you import."),
        )
    held = Unit.objects.select_for_update().filter(workspace=place, key=key).first()
    above = None
    if parent.strip():
        above = Unit.objects.filter(workspace=place, key=parent.strip()).first()
        if above is None:
            raise Problem(
                "units.no-such-parent",
                _("There is no unit {key}.", key=parent.strip()),
                _("Add the unit above first."),
            )
        if held is not None and above.key in branch(held):
            raise Problem(
                "units.circle",
                _("{parent} is below {key} itself.", parent=above.name, key=held.name),
                _("Choose a unit that is not below it."),
            )
    if held is None and Unit.objects.filter(workspace=place).count() >= MOST:
        raise Problem(
            "units.too-many",
            _("A workspace has at most {most} units.", most=MOST),
            _("Use a dimension for what is finer."),
        )
    if by.key:
        _check_nobody_sees_more(held, above)
    before = _as_json(held) if held else {}
    unit = held or Unit(workspace=place, key=key)
    unit.name, unit.kind, unit.parent = name or key, kind.strip(), above
    unit.save()
    audit.record(
        by=by,
        action="unit.changed" if held else "unit.created",
        subject=key,
        workspace=workspace,
        before=before,
        after=_as_json(unit),
    )
    return unit


@transaction.atomic
def remove(*, by: Actor, workspace: str, key: str, by_rule: Collection[str]) -> None:
    """Take out a unit that nothing hangs on. Facts keep its key.

    Args:
        by_rule: the units that unit rules give.

    Raises:
        Problem: ``units.no-such-unit``, ``units.in-use``, ``units.in-a-rule``.
    """
    unit = Unit.objects.select_for_update().filter(workspace__slug=workspace, key=key).first()
    if unit is None:
        raise _none(key)
    if unit.children.exists() or _is_a_scope([unit]):
        raise Problem(
            "units.in-use",
            _("Units, people or API keys hang on {name}.", name=unit.name),
            _(
                "Move the units below it and the people whose scope it is, revoke the keys,"
                " then take it out."
            ),
        )
    if key in by_rule:
        raise Problem(
            "units.in-a-rule",
            _("A unit rule gives {name} to facts.", name=unit.name),
            _("Delete the rule under Data, Unit rules, or let it give another unit, first."),
        )
    audit.record(
        by=by, action="unit.removed", subject=key, workspace=workspace, before=_as_json(unit)
    )
    # They are over; the audit log says what they were.
    Invitation.objects.filter(unit=unit).update(unit=None)
    ApiKey.objects.filter(unit=unit).update(unit=None)
    unit.delete()


def _check_nobody_sees_more(unit: Unit | None, above: Unit | None) -> None:
    """Refuse a place in the tree that shows the unit's facts to who did not see them before.

    An API key gives rights to nobody, and where a unit stands is what the holders of the branches
    above it may see.
    """
    before = _line(unit.parent) if unit else []
    known = {one.pk for one in before}
    if _is_a_scope([one for one in _line(above) if one.pk not in known]):
        raise Problem(
            "units.not-by-key",
            _("Somebody sees that branch alone, and would see more."),
            _("An API key gives rights to nobody: a person changes this under Settings, Units."),
        )


def _line(unit: Unit | None) -> list[Unit]:
    """A unit and all above it."""
    found = []
    while unit is not None:
        found.append(unit)
        unit = unit.parent
    return found


def _is_a_scope(some: list[Unit]) -> bool:
    """Whether one of these is what a member, an invited person or a live API key sees."""
    holding = (
        Invitation.waiting().filter(unit__in=some),
        Membership.objects.filter(unit__in=some),
        ApiKey.objects.filter(unit__in=some, revoked_at=None),
    )
    return any(one.exists() for one in holding)


def _none(key: str) -> Problem:
    return Problem(
        "units.no-such-unit",
        _("There is no unit {key}.", key=key),
        _("Load the page again: somebody may have taken it out."),
    )


def as_dict(unit: Unit) -> dict[str, str]:
    """A unit as the API writes it."""
    return {"key": unit.key, **_as_json(unit)}


def _as_json(unit: Unit) -> dict[str, str]:
    return {
        "name": unit.name,
        "kind": unit.kind,
        "parent": unit.parent.key if unit.parent else "",
    }
