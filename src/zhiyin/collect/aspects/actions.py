"""Every write to the list of aspects: one transaction, with its audit entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import find
from zhiyin.collect.aspects import kept, starters
from zhiyin.collect.aspects.starters import Written
from zhiyin.collect.models import Aspect
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
MOST = 500
"""Aspects of a workspace."""


@transaction.atomic
def add(*, by: Actor, workspace: str, key: str, en: str, zh: str, parent: str = "") -> Aspect:
    """A new aspect, behind those that there are.

    Raises:
        Problem: ``aspects.key``, ``aspects.key-taken``, ``aspects.label``, ``aspects.parent``,
            ``aspects.too-many``.
    """
    place = _locked(workspace)
    return _added(by, place, _by_key(place), Written(key, en, zh, parent))


@transaction.atomic
def edit(
    *,
    by: Actor,
    workspace: str,
    key: str,
    en: str | None = None,
    zh: str | None = None,
    parent: str | None = None,
    place: int | None = None,
    is_retired: bool | None = None,
    revision: int | None = None,
) -> Aspect:
    """Change an aspect; what is None stays. Its key stays always: facts name it.

    Args:
        parent: the aspect that it is under; blank: none.
        place: in the order; those from there on move one further.
        revision: of the aspect that was looked at; None takes it as it is.

    Raises:
        Problem: ``aspects.none``, ``aspects.changed``, ``aspects.label``, ``aspects.parent``.
    """
    kept.get(workspace, key)
    held = Aspect.objects.select_for_update().get(workspace__slug=workspace, key=key)
    if revision is not None and revision != held.revision:
        raise Problem(
            "aspects.changed",
            _("Somebody else has changed the aspect in the meantime."),
            _("Look at it as it is now, and change it again."),
        )
    before = kept.as_dict(held)
    above = held.parent.key if held.parent else ""
    _fill(
        held,
        en=held.label_en if en is None else en,
        zh=held.label_zh if zh is None else zh,
        parent=above if parent is None else parent,
    )
    held.is_retired = held.is_retired if is_retired is None else is_retired
    if place is not None:
        _move(held, place)
    if kept.as_dict(held) != before:
        held.revision += 1
        held.save()
        audit.record(
            by=by, action="aspect.changed", subject=key, workspace=workspace,
            before=before, after=kept.as_dict(held),
        )  # fmt: skip
    return held


@transaction.atomic
def bring(*, by: Actor, workspace: str, written: Iterable[Written]) -> list[Aspect]:
    """Add those of a list that are not there yet, all or none; returns them.

    Raises:
        Problem: as `add`.
    """
    wanted = tuple(written)
    if not wanted:
        return []
    place = _locked(workspace)
    held = _by_key(place)
    made = []
    for one in wanted:
        if one.key not in held:
            held[one.key] = _added(by, place, held, one)
            made.append(held[one.key])
    return made


def bring_named(*, by: Actor, workspace: str, keys: Iterable[str]) -> list[Aspect]:
    """Add those of ours that a survey names and the workspace lacks."""
    return bring(by=by, workspace=workspace, written=starters.with_parents(tuple(keys)))


def _locked(workspace: str) -> Workspace:
    """The workspace, to whose list nobody else adds until the transaction ends.

    Locked rows of the list would not keep others from adding more. The lock leaves the
    workspace's key free: whoever makes a survey beside us holds it already, and adds after that.
    """
    return Workspace.objects.select_for_update(no_key=True).get(pk=find(workspace).pk)


def _by_key(place: Workspace) -> dict[str, Aspect]:
    return {one.key: one for one in Aspect.objects.filter(workspace=place)}


def _added(by: Actor, place: Workspace, held: Mapping[str, Aspect], written: Written) -> Aspect:
    """A new aspect behind those that are `held`, all of the workspace's."""
    key = written.key
    if not KEY.fullmatch(key):
        raise Problem(
            "aspects.key",
            _("{key} cannot be the key of an aspect.", key=key[:80] or "“”"),
            _("Use up to 60 small letters, digits, hyphens and underscores."),
        )
    if key in held:
        raise Problem(
            "aspects.key-taken",
            _("There is an aspect {key} already.", key=key),
            _("Edit it, or choose another key."),
        )
    if len(held) >= MOST:
        raise Problem(
            "aspects.too-many",
            _("A workspace has at most {most} aspects.", most=MOST),
            _("Edit one that is not used any more."),
        )
    last = max((one.place for one in held.values()), default=-1)
    made = Aspect(workspace=place, key=key, place=last + 1)
    _fill(made, en=written.en, zh=written.zh, parent=written.parent)
    made.save()
    audit.record(
        by=by, action="aspect.added", subject=key, workspace=place.slug, after=kept.as_dict(made)
    )
    return made


def _fill(one: Aspect, *, en: str, zh: str, parent: str) -> None:
    one.label_en, one.label_zh = en.strip(), zh.strip()
    if not (0 < len(one.label_en) <= 120 and 0 < len(one.label_zh) <= 120):
        raise Problem(
            "aspects.label",
            _("The aspect {key} needs a label in English and in Chinese.", key=one.key),
            _("Write both, with up to 120 characters."),
        )
    above = None
    if parent:
        above = Aspect.objects.filter(workspace=one.workspace, key=parent).first()
        if above is None or _is_under(above, one):
            raise Problem(
                "aspects.parent",
                _("{key} cannot stand under {parent}.", key=one.key, parent=parent[:80]),
                _("Choose another aspect of the list, which does not itself stand under it."),
            )
    one.parent = above


def _is_under(one: Aspect | None, other: Aspect) -> bool:
    while one is not None:
        if one.pk == other.pk:
            return True
        one = one.parent
    return False


def _move(one: Aspect, place: int) -> None:
    others = [
        other
        for other in Aspect.objects.filter(workspace=one.workspace).order_by("place", "key")
        if other.pk != one.pk
    ]
    others.insert(min(max(place, 0), len(others)), one)
    for number, other in enumerate(others):
        if other.pk != one.pk and other.place != number:
            Aspect.objects.filter(pk=other.pk).update(place=number)
    one.place = others.index(one)
