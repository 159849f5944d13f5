"""A workspace's aspects as they are kept: listed, found, and asked for by surveys."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from zhiyin.collect.aspects import starters
from zhiyin.collect.models import Aspect
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def of(workspace: str, *, with_retired: bool = True) -> QuerySet[Aspect]:
    """The aspects of a workspace in their order."""
    found = Aspect.objects.filter(workspace__slug=workspace).select_related("parent")
    return found if with_retired else found.filter(is_retired=False)


def get(workspace: str, key: str) -> Aspect:
    """The aspect of this key.

    Raises:
        Problem: ``aspects.none``.
    """
    found = of(workspace).filter(key=key).first()
    if found is None:
        raise Problem(
            "aspects.none",
            _("There is no aspect {key}.", key=key[:80] or "“”"),
            _("`zhiyin aspects list` shows those that there are."),
        )
    return found


def usable(workspace: str) -> frozenset[str]:
    """What a survey may name: the workspace's own, and ours, which it brings with it."""
    return frozenset(of(workspace).values_list("key", flat=True)) | starters.known()


def tree(workspace: str) -> list[tuple[Aspect, int]]:
    """Every aspect with how deep it stands, those under one right behind it."""
    under: dict[int | None, list[Aspect]] = {}
    for one in of(workspace):
        under.setdefault(one.parent_id, []).append(one)

    def below(parent: int | None, depth: int) -> list[tuple[Aspect, int]]:
        return [
            row
            for one in under.get(parent, ())
            for row in ((one, depth), *below(one.pk, depth + 1))
        ]

    return below(None, 0)


def as_dict(one: Aspect) -> dict[str, Any]:
    """As the command line and the API write it."""
    return {
        "key": one.key,
        "label": {"en": one.label_en, "zh-Hans": one.label_zh},
        "parent": one.parent.key if one.parent else None,
        "place": one.place,
        "is_retired": one.is_retired,
        "revision": one.revision,
    }
