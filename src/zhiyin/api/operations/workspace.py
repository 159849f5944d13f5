"""The workspace itself: its settings, its units, its people, and who did what in it.

An API key gives rights to nobody: people are read here and never written, a unit is put nowhere
where somebody would see more for it, and the second step of sign-in is not among the settings.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import documents as written
from zhiyin.accounts import inviting, people, units, workspaces
from zhiyin.accounts.actions import change_workspace
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import ApiKeyAuth, Asked, may
from zhiyin.api.documents.workspace import (
    EverybodyDocument,
    SettingsGiven,
    UnitDocument,
    UnitGiven,
    UnitsDocument,
    WorkspaceDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, gives
from zhiyin.collect import rules
from zhiyin.kernel.text import _

router = Router(tags=["organisation"], by_alias=True)


class UnitAsked(Asking):
    """One unit."""

    key: str = Field(min_length=1, max_length=120)


@router.get(
    "/workspace", auth=ApiKeyAuth(None), response=gives(WorkspaceDocument),
    operation_id="workspace", summary=str(_("The workspace of this key, and what the key may do")),
)  # fmt: skip
def workspace(request: Asked) -> HttpResponse:
    """Any live key may ask this."""
    return send(request.auth.as_dict())


@router.patch(
    "/workspace", auth=may(Right.CHANGE_WORKSPACE), response=gives(WorkspaceDocument),
    operation_id="change_workspace", summary=str(_("Change settings of the workspace")),
    openapi_extra=ONCE,
)  # fmt: skip
def change_settings(request: Asked, given: SettingsGiven) -> HttpResponse:
    """Every figure goes by them at once; what is not named stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        changes = given.model_dump(exclude_none=True)
        if changes:
            change_workspace(by=caller.by, slug=caller.slug, **changes)
        return replace(caller, workspace=workspaces.settings_of(caller.slug)).as_dict()

    return once(request, done)


@router.get(
    "/people", auth=may(Right.SEE_AUDIT, personal=True),
    response=gives(EverybodyDocument), operation_id="people",
    summary=str(_("Who works here, and who is invited")),
)  # fmt: skip
def everybody(request: Asked) -> HttpResponse:
    """The document of `zhiyin person list --json`."""
    slug = request.auth.slug
    return send(
        {
            "members": [written.member(one) for one in people.members(slug)],
            "invitations": [written.invitation(one) for one in inviting.waiting(slug)],
        }
    )


@router.put(
    "/units", auth=may(Right.CHANGE_WORKSPACE), response=gives(UnitDocument),
    operation_id="save_unit", summary=str(_("Add a unit, or change it")), openapi_extra=ONCE,
)  # fmt: skip
def save_unit(request: Asked, given: UnitGiven) -> HttpResponse:
    """Nobody sees more for it: a place below a branch that somebody sees alone is refused."""
    caller = request.auth

    def done() -> dict[str, str]:
        saved = units.save(
            by=caller.by, workspace=caller.slug, key=given.key, name=given.name,
            kind=given.kind, parent=given.parent,
        )  # fmt: skip
        return units.as_dict(saved)

    return once(request, done)


@router.delete(
    "/units", auth=may(Right.CHANGE_WORKSPACE), response=gives(UnitDocument),
    operation_id="remove_unit", summary=str(_("Take a unit out of the tree")),
    openapi_extra=ONCE,
)  # fmt: skip
def remove_unit(request: Asked, asked: Query[UnitAsked]) -> HttpResponse:
    """Nothing may hang on it; facts keep its key."""
    caller = request.auth

    def done() -> dict[str, str]:
        document = units.as_dict(units.find(caller.slug, asked.key))
        by_rule = rules.given_units(caller.log, caller.slug)
        units.remove(by=caller.by, workspace=caller.slug, key=asked.key, by_rule=by_rule)
        return document

    return once(request, done)


@router.get(
    "/units", auth=may(Right.SEE_FIGURES), response=gives(UnitsDocument),
    operation_id="units", summary=str(_("The organisation tree")),
)  # fmt: skip
def tree(request: Asked) -> HttpResponse:
    """From the top down; facts name a unit by its key. A key with a unit sees its branch."""
    caller = request.auth
    mine = set(units.branch(caller.key.unit)) if caller.key.unit else None
    found = [
        units.as_dict(place.unit)
        for place in units.tree(caller.slug)
        if mine is None or place.unit.key in mine
    ]
    return send({"units": found})
