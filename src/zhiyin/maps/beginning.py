"""Ways in which a map begins: stages alone, a file, another map."""

from __future__ import annotations

import msgspec

from zhiyin.accounts.audit import Actor
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import actions, document, kept, starters
from zhiyin.maps.document import Map, Texts
from zhiyin.maps.models import JourneyMap


def with_stages(*, by: Actor, workspace: str, key: str, name: Texts, starter: str) -> JourneyMap:
    """A blank map with the stages of a starter.

    Raises:
        Problem: ``map.no-starter``, ``map.unnamed``; as `actions.create`.
    """
    made = starters.starter(starter).map(_named(name))
    return actions.create(by=by, workspace=workspace, key=key, map_=made)


def from_file(*, by: Actor, workspace: str, key: str, name: Texts, content: bytes) -> JourneyMap:
    """A map out of its JSON, under its own name where no other is given.

    Raises:
        Problem: as `document.read` and `actions.create`.
    """
    return actions.create(
        by=by, workspace=workspace, key=key, map_=_renamed(document.read(content), name)
    )


def from_map(*, by: Actor, workspace: str, key: str, name: Texts, other: str) -> JourneyMap:
    """A map like the draft of another one of the workspace.

    Raises:
        Problem: ``map.none``; as `actions.create`.
    """
    made = _renamed(kept.draft(kept.get(workspace, other)), name)
    return actions.create(by=by, workspace=workspace, key=key, map_=made)


def _renamed(map_: Map, name: Texts) -> Map:
    return msgspec.structs.replace(map_, name=name) if name else map_


def _named(name: Texts) -> Texts:
    if not name:
        raise Problem(
            "map.unnamed",
            _("The map needs a name."),
            _("Write it in one language at least."),
        )
    return name
