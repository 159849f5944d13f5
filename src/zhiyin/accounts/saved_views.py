"""Saved views 已保存的视图: what a page was asked, under a name, to be opened and pinned again.

A view holds the query of a page's address and no figure, so it opens on what is known then, and
shows each reader what she may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person, SavedView
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

PAGES: dict[str, Text] = {
    "scores": _("Scores"),
    "journeys/funnels": _("Funnels"),
    "journeys/paths": _("Paths"),
    "journeys/retention": _("Retention"),
    "journeys/before": _("Before an outcome"),
    "journeys/parting": _("Parting"),
    "journeys/adoption": _("Adoption"),
    "journeys/engagement": _("Engagement"),
    "journeys/tasks": _("Tasks"),
    "journeys/losses": _("Losses"),
}
"""The pages whose address can be saved, by what stands in the address after the workspace."""
FIGURED = frozenset({"scores", "journeys/funnels", "journeys/paths", "journeys/retention"})
"""Pages that come down to one figure: their views are pinned to the Overview, and put into
reports."""
LONGEST_NAME, LONGEST_QUERY = 80, 4000
MOST = 500
"""Views of one person, and views that a workspace shares."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody says of a view.

    Args:
        is_shared: whether all who work here find it; else only who saved it.
        is_pinned: whether the Overview shows it to those who find it.
    """

    name: str
    is_shared: bool = False
    is_pinned: bool = False


def seen_by(workspace: str, person: Person | None, search: str = "") -> list[SavedView]:
    """The views that a person finds: her own and shared ones, by name.

    Args:
        person: None is a program, which finds the shared ones.
        search: only those with this in their names.
    """
    found = _visible(workspace, person)
    if search.strip():
        found = found.filter(name__icontains=search.strip())
    return list(found)


def pinned(workspace: str, person: Person) -> list[SavedView]:
    """The views that the Overview shows this person, by name."""
    return list(_visible(workspace, person).filter(is_pinned=True))


def get(workspace: str, person: Person | None, number: int) -> SavedView:
    """One of the views that she finds.

    Raises:
        Problem: ``views.none``; also where it is somebody else's own.
    """
    held = _visible(workspace, person).filter(pk=number).first()
    if held is None:
        raise none()
    return held


def none() -> Problem:
    """What is said where there is no such view for whoever asks."""
    return Problem(
        "views.none",
        _("There is no such saved view."),
        _("Somebody may have removed it: the list has those that there are."),
    )


@transaction.atomic
def save(
    *, by: Actor, workspace: str, page: str, query: str, chosen: Chosen, may_share: bool
) -> SavedView:
    """Save what a page was asked.

    Args:
        page: one of `PAGES`.
        query: of its address, without the question mark.
        may_share: whether whoever asks may share with the workspace.

    Raises:
        Problem: ``views.page``, ``views.name``, ``views.query``, ``views.taken``,
            ``views.not-yours``, ``views.too-many``, ``views.pin``.
    """
    if page not in PAGES:
        raise Problem(
            "views.page",
            _("No view of a page {page} can be saved.", page=page),
            _("Pages with views: {known}.", known=", ".join(PAGES)),
        )
    if len(query) > LONGEST_QUERY:
        raise Problem(
            "views.query",
            _("This address is too long to be saved: {n} characters.", n=len(query)),
            _("Shorten its filter to at most {most}.", most=LONGEST_QUERY),
        )
    name = _name(chosen.name)
    _can_be_pinned(page, chosen)
    if chosen.is_shared:
        _may_share(may_share)
    place = find(workspace)
    _room(workspace, by.person, chosen.is_shared)
    _free(workspace, by.person, name, chosen.is_shared, None)
    held = SavedView.objects.create(
        workspace=place,
        person=by.person,
        name=name,
        page=page,
        query=query,
        is_shared=chosen.is_shared,
        is_pinned=chosen.is_pinned,
    )
    audit.record(
        by=by, action="view.saved", subject=name, workspace=workspace, after=_as_audited(held)
    )
    return held


@transaction.atomic
def change(*, by: Actor, workspace: str, number: int, chosen: Chosen, may_share: bool) -> SavedView:
    """Give a view another name, share or pin it, or take that back.

    Raises:
        Problem: ``views.none``, ``views.name``, ``views.taken``, ``views.not-yours``,
            ``views.pin``.
    """
    held = get(workspace, by.person, number)
    _may_change(held, by.person, may_share=may_share)
    if chosen.is_shared and not held.is_shared:
        _may_share(may_share)
    name = _name(chosen.name)
    _can_be_pinned(held.page, chosen)
    _free(workspace, held.person, name, chosen.is_shared, held)
    before = _as_audited(held)
    held.name, held.is_shared, held.is_pinned = name, chosen.is_shared, chosen.is_pinned
    held.save()
    audit.record(
        by=by,
        action="view.changed",
        subject=name,
        workspace=workspace,
        before=before,
        after=_as_audited(held),
    )
    return held


@transaction.atomic
def remove(*, by: Actor, workspace: str, number: int, may_share: bool) -> SavedView:
    """Take a view out; the figures that it led to stay as they are.

    Raises:
        Problem: ``views.none``, ``views.not-yours``.
    """
    held = get(workspace, by.person, number)
    _may_change(held, by.person, may_share=may_share)
    before = _as_audited(held)
    held.delete()
    audit.record(
        by=by, action="view.removed", subject=held.name, workspace=workspace, before=before
    )
    return held


def may_change(view: SavedView, person: Person | None, *, may_share: bool) -> bool:
    """Whether she changes it: her own always, another's shared one if she may share herself."""
    is_own = person is not None and view.person_id == person.pk
    return is_own or (view.is_shared and may_share)


def as_dict(view: SavedView) -> dict[str, Any]:
    """A view as the API writes it."""
    return {
        "number": view.pk,
        "name": view.name,
        "page": view.page,
        "query": view.query,
        "address": address(view),
        "is_shared": view.is_shared,
        "is_pinned": view.is_pinned,
        "created_at": view.created_at,
    }


def address(view: SavedView) -> str:
    """The path that opens it."""
    query = f"?{view.query}" if view.query else ""
    return f"/{view.workspace.slug}/{view.page}/{query}"


def _visible(workspace: str, person: Person | None) -> QuerySet[SavedView]:
    mine = Q(is_shared=True) if person is None else Q(is_shared=True) | Q(person=person)
    held = SavedView.objects.filter(mine, workspace__slug=workspace)
    return held.select_related("workspace", "person")


def _as_audited(view: SavedView) -> dict[str, Any]:
    names: Sequence[str] = ("name", "page", "query", "is_shared", "is_pinned")
    return {name: getattr(view, name) for name in names}


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Problem(
            "views.name",
            _("A saved view needs a name of at most {most} characters.", most=LONGEST_NAME),
            _("Say what it shows: satisfaction by touchpoint, this quarter."),
        )
    return name


def _can_be_pinned(page: str, chosen: Chosen) -> None:
    if chosen.is_pinned and page not in FIGURED:
        raise Problem(
            "views.pin",
            _("The Overview shows single figures, and {page} has many.", page=PAGES[page]),
            _("Save this one without a pin."),
        )


def _may_share(may_share: bool) -> None:
    if not may_share:
        raise Problem(
            "views.not-yours",
            _("Your role does not let you share views with the workspace."),
            _("Save it for yourself, or ask an analyst or an administrator to share it."),
        )


def _may_change(view: SavedView, person: Person | None, *, may_share: bool) -> None:
    if not may_change(view, person, may_share=may_share):
        raise Problem(
            "views.not-yours",
            _("“{name}” was saved by somebody else.", name=view.name),
            _("Open it and save it under a name of your own."),
        )


def _room(workspace: str, person: Person | None, is_shared: bool) -> None:
    held = SavedView.objects.filter(workspace__slug=workspace, is_shared=is_shared)
    if not is_shared:
        held = held.filter(person=person)
    if held.count() >= MOST:
        raise Problem(
            "views.too-many",
            _("There are {most} saved views already.", most=MOST),
            _("Remove one that nobody opens any more."),
        )


def _free(
    workspace: str, person: Person | None, name: str, is_shared: bool, mine: SavedView | None
) -> None:
    """A name is there once among the shared views, and once among each person's own."""
    held = SavedView.objects.filter(workspace__slug=workspace, name=name, is_shared=is_shared)
    if not is_shared:
        held = held.filter(person=person)
    if mine is not None:
        held = held.exclude(pk=mine.pk)
    if held.exists():
        raise Problem(
            "views.taken",
            _("There is already a saved view {name}.", name=name),
            _("Choose another name."),
        )
