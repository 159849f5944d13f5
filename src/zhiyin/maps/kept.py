"""Journey maps of a workspace as they are kept: found, shown, with what was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Max, QuerySet

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import document
from zhiyin.maps.document import Map
from zhiyin.maps.models import JourneyMap, MapVersion, Operation, Outcome, Persona
from zhiyin.maps.operations import Board


def of(workspace: str) -> QuerySet[JourneyMap]:
    """The maps of a workspace by key, each with its newest version's number (`newest`)."""
    mine = JourneyMap.objects.filter(workspace__slug=workspace)
    return mine.annotate(newest=Max("versions__number")).order_by("key")


def get(workspace: str, key: str) -> JourneyMap:
    """The map of this key.

    Raises:
        Problem: ``map.none``.
    """
    found = of(workspace).filter(key=key).first()
    if found is None:
        raise none_such(key)
    return found


def none_such(key: str) -> Problem:
    """That there is no map of this key."""
    return Problem(
        "map.none",
        _("There is no journey map {key}.", key=key[:80]),
        _("`zhiyin journey map list` shows those that there are."),
    )


def draft(held: JourneyMap) -> Map:
    """What people edit."""
    return document.read(held.draft)


def board(held: JourneyMap) -> Board:
    """The draft with what was last done to each of its fields."""
    touched = {name: (number, by) for name, (number, by) in held.touched.items()}
    return Board(draft(held), held.number, touched)


def version(held: JourneyMap, number: int | None = None) -> tuple[MapVersion, Map]:
    """What was kept under a number, or last.

    Raises:
        Problem: ``map.no-version``.
    """
    found = held.versions.order_by("number")
    one = found.last() if number is None else found.filter(number=number).first()
    if one is None:
        raise Problem(
            "map.no-version",
            _("The map {key} has no version {number}.", key=held.key, number=number or 1),
            _("Keep the draft as a version, or look at the map: it names its versions."),
        )
    return one, document.read(one.document)


def shown(held: JourneyMap) -> tuple[MapVersion | None, Map]:
    """The newest version; of a map that has none the draft."""
    newest = held.versions.order_by("number").last()
    return (newest, document.read(newest.document)) if newest else (None, draft(held))


def has_changes(held: JourneyMap) -> bool:
    """Whether the draft differs from the newest version."""
    newest = held.versions.order_by("number").last()
    return newest is None or newest.document != held.draft


def since(held: JourneyMap, number: int) -> Sequence[Operation]:
    """The operations after a number, in their order."""
    return list(held.operations.filter(number__gt=number).order_by("number"))


def undecided(held: JourneyMap) -> Sequence[Operation]:
    """Operations that met another's, and about which nobody has decided."""
    return list(held.operations.filter(outcome=Outcome.OPEN).order_by("number"))


def told(one: Operation) -> dict[str, Any]:
    """An operation as editors, the API and the command line are told of it."""
    return {
        "number": one.number,
        "id": one.id_there,
        "does": one.does,
        "part": one.part,
        "target": one.target,
        "field": one.field,
        "value": one.value,
        "before": one.before,
        "seen": one.seen,
        "of": one.of,
        "outcome": one.outcome,
        "by": one.by,
        "at": one.at.isoformat(),
    }


def as_dict(held: JourneyMap) -> dict[str, Any]:
    """A map in a list: as the command line and the API write it."""
    map_ = draft(held)
    newest = held.versions.order_by("number").last()
    return {
        "key": held.key,
        "name": dict(map_.name),
        "persona": map_.persona or None,
        "stages": len(map_.stages),
        "touchpoints": len(map_.nodes),
        "bound": sum(one.is_bound for one in map_.nodes),
        "version": newest.number if newest else None,
        "kept_at": newest.kept_at.isoformat() if newest else None,
        "has_changes": has_changes(held),
        "operation": held.number,
        "undecided": held.operations.filter(outcome=Outcome.OPEN).count(),
        "created_by": held.created_by,
        "created_at": held.created_at.isoformat(),
        "changed_by": held.changed_by,
        "changed_at": held.changed_at.isoformat(),
    }


def personas(workspace: str) -> list[Persona]:
    """The personas of a workspace, in their order."""
    return list(Persona.objects.filter(workspace__slug=workspace))


def called(one: Persona) -> str:
    """A persona, as the reader calls it."""
    return document.said({"en": one.name_en, "zh-Hans": one.name_zh})


def persona(workspace: str, key: str) -> Persona:
    """One of them.

    Raises:
        Problem: ``map.no-persona``.
    """
    found = Persona.objects.filter(workspace__slug=workspace, key=key).first()
    if found is None:
        raise Problem(
            "map.no-persona",
            _("There is no persona {key}.", key=key[:80]),
            _("Personas: {known}.",
              known=", ".join(one.key for one in personas(workspace)) or "–"),
        )  # fmt: skip
    return found
