"""A map out of a file, made or put in the place of a draft."""

from __future__ import annotations

from django.db import transaction

from zhiyin.accounts.audit import Actor
from zhiyin.maps import actions, document, kept
from zhiyin.maps.models import JourneyMap


@transaction.atomic
def bring(
    *, by: Actor, workspace: str, key: str, content: bytes, keeps: bool = False
) -> JourneyMap:
    """Make the map of this key out of its JSON, or put it in the place of its draft.

    Args:
        keeps: also as a version, where it differs from the newest.

    Raises:
        Problem: as `document.read`, `actions.create`, `actions.put` and `actions.keep`.
    """
    map_ = document.read(content)
    held = kept.of(workspace).filter(key=key).first()
    if held is None:
        return actions.create(by=by, workspace=workspace, key=key, map_=map_, keeps=keeps)
    if kept.draft(held) != map_:
        held = actions.put(by=by, workspace=workspace, key=key, map_=map_)
    if keeps and kept.has_changes(held):
        actions.keep(by=by, workspace=workspace, key=key)
    return held
