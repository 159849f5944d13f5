"""Maps, their versions and personas as the command line and the API write them."""

from __future__ import annotations

from typing import Any

from zhiyin.maps import document, kept
from zhiyin.maps.models import JourneyMap, MapVersion, Persona


def map_(held: JourneyMap) -> dict[str, Any]:
    """A map with its draft and its versions, the newest first."""
    return {
        **kept.as_dict(held),
        "document": document.builtins(kept.draft(held)),
        "versions": versions(held),
    }


def versions(held: JourneyMap) -> list[dict[str, Any]]:
    """What was kept of a map, the newest first."""
    return [version(one) for one in held.versions.order_by("-number")]


def version(one: MapVersion) -> dict[str, Any]:
    """A version without what it says."""
    return {
        "number": one.number,
        "kept_by": one.kept_by,
        "kept_at": one.kept_at.isoformat(),
        "operation": one.operation,
        "notes": one.notes,
    }


def whole_version(held: JourneyMap, number: int) -> dict[str, Any]:
    """A version with what it says.

    Raises:
        Problem: ``map.no-version``.
    """
    one, map_ = kept.version(held, number)
    return {"key": held.key, **version(one), "document": document.builtins(map_)}


def persona(one: Persona) -> dict[str, Any]:
    """A persona 客户角色."""
    return {
        "key": one.key,
        "name": {"en": one.name_en, "zh-Hans": one.name_zh},
        "says": {"en": one.says_en, "zh-Hans": one.says_zh},
        "customers": one.customers,
        "place": one.place,
    }


def personas(workspace: str) -> dict[str, Any]:
    """Those of a workspace, in their order."""
    return {"personas": [persona(one) for one in kept.personas(workspace)]}
