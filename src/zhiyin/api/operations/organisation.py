"""The workspace itself: its settings, its units, its people, and who did what in it.

An API key gives rights to nobody: people are read here and never written, a unit is put nowhere
where somebody would see more for it, and the second step of sign-in is not among the settings.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import documents as written
from zhiyin.accounts import inviting, people, saved_views, trail, units, work, workspaces
from zhiyin.accounts import jobs as all_jobs
from zhiyin.accounts.actions import change_workspace
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page, page_of, read, send
from zhiyin.api.callers import ApiKeyAuth, Asked, may
from zhiyin.api.documents.jobs import JobDocument, JobsPage
from zhiyin.api.documents.rules import UnitRulePreviewDocument, UnitRulesDocument, UnitRulesGiven
from zhiyin.api.documents.views import ViewDocument, ViewGiven, ViewsDocument
from zhiyin.api.documents.workspace import (
    AuditPage,
    EverybodyDocument,
    SettingsGiven,
    UnitDocument,
    UnitGiven,
    UnitsDocument,
    WorkspaceDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.common import ONCE, Asking, Paging, facts_filter, gives
from zhiyin.collect import caught, rules
from zhiyin.kernel.text import _
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.web import personal

router = Router(tags=["organisation"])


class AuditAsked(Paging):
    """Which entries."""

    text: str = Field(default="", max_length=200)
    action: str = Field(default="", max_length=64)


class JobsAsked(Paging):
    """Which work."""

    state: Literal["waiting", "running", "done", "failed", "cancelled"] | None = None


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


class RuleTried(Asking):
    """A rule that is not kept."""

    where: str = Field(min_length=1, max_length=10_000)
    table: str = Field(default="", max_length=60)
    place: int | None = Field(
        default=None, ge=1, le=200, description=str(_("Its place in the list; else the last."))
    )


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


@router.get(
    "/unit-rules", auth=may(Right.SEE_DATA), response=gives(UnitRulesDocument),
    operation_id="unit_rules", summary=str(_("Which unit facts are of that came without one")),
)  # fmt: skip
def unit_rules(request: Asked) -> HttpResponse:
    """In order: the first that holds decides."""
    caller = request.auth
    return send(_as_shown(request, caller.log.rules(caller.slug, "unit")))


@router.put(
    "/unit-rules", auth=may(Right.CHANGE_WORKSPACE), response=gives(UnitRulesDocument),
    operation_id="set_unit_rules", summary=str(_("Put unit rules in the place of all")),
    openapi_extra=ONCE,
)  # fmt: skip
def set_unit_rules(request: Asked, given: UnitRulesGiven) -> HttpResponse:
    """Refused where the rules are no longer those of `seen`. Every scope follows at once."""
    caller = request.auth
    zone = caller.workspace.timezone
    for one in given.rules:
        facts_filter(request, one.where)
    listed = tuple(Rule(one.where, one.unit, zone, one.table) for one in given.rules)

    def done() -> dict[str, object]:
        edit = rules.Edit(caller.by, caller.log, caller.workspace, "unit", given.seen)
        rules.replace_all(edit, Rules(listed, given.come_first))
        return _as_shown(request, caller.log.rules(caller.slug, "unit"))

    return once(request, done, in_log=True)


@router.get(
    "/unit-rules/preview", auth=may(Right.SEE_DATA),
    response=gives(UnitRulePreviewDocument), operation_id="preview_unit_rule",
    summary=str(_("What a unit rule would catch")),
)  # fmt: skip
def preview_unit_rule(request: Asked, asked: Query[RuleTried]) -> HttpResponse:
    """Of the last 30 days of each kind of facts; nothing changes."""
    caller = request.auth
    facts_filter(request, asked.where)
    rule = Rule(asked.where, "", caller.workspace.timezone, asked.table)
    place = None if asked.place is None else asked.place - 1
    found = caught.preview(caller.log, caller.slug, "unit", rule, place=place, instead=False)
    return send({"kinds": [_counts_shown(request, one.as_dict()) for one in found]})


def _as_shown(request: Asked, held: Rules) -> dict[str, Any]:
    """The document, without values that say who a customer is for a key that may not see them."""
    document = rules.as_dict(held)
    for one in document["rules"]:
        one["where"] = personal.rule(one["where"], sees_it=request.auth.sees_personal_data)
    return document


def _counts_shown(request: Asked, document: dict[str, Any]) -> dict[str, Any]:
    for one in (*document["before"], *document["taken"]):
        one["where"] = personal.rule(one["where"], sees_it=request.auth.sees_personal_data)
    return document


@router.get(
    "/jobs", auth=may(Right.CHANGE_WORKSPACE), response=gives(JobsPage),
    operation_id="jobs", summary=str(_("Background work, newest first")),
)  # fmt: skip
def jobs(request: Asked, asked: Query[JobsAsked]) -> HttpResponse:
    """What waits, runs and is over; what the clock asked for, too."""
    held = all_jobs.of(request.auth.slug).order_by("-pk")
    if asked.state:
        held = held.filter(state=asked.state)
    before = read(asked.cursor, int)
    if before is not None:
        held = held.filter(pk__lt=before)
    return page_of(
        held[: asked.limit + 1],
        asked.limit,
        lambda one: all_jobs.seen(one).as_dict(),
        lambda one: one.pk,
    )


@router.post(
    "/jobs/{int:number}/cancel", auth=may(Right.CHANGE_WORKSPACE),
    response=gives(JobDocument), operation_id="cancel_job",
    summary=str(_("Cancel background work")), openapi_extra=ONCE,
)  # fmt: skip
def cancel_job(request: Asked, number: int) -> HttpResponse:
    """What waits never begins, what runs stops at its next piece."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = work.cancel(by=caller.by, number=number, workspace=caller.slug)
        return all_jobs.seen(held).as_dict()

    return once(request, done)


@router.get(
    "/audit", auth=may(Right.SEE_AUDIT, personal=True), response=gives(AuditPage),
    operation_id="audit", summary=str(_("Who did what, newest first")),
)  # fmt: skip
def audit(request: Asked, asked: Query[AuditAsked]) -> HttpResponse:
    """What programs did is here too, under the name of their key."""
    found = trail.page(
        request.auth.slug,
        trail.Asked(text=asked.text, action=asked.action),
        before=read(asked.cursor, int),
        limit=asked.limit,
    )
    return page([trail.as_dict(one) for one in found.entries], found.older)


@router.get(
    "/views", auth=may(Right.SEE_FIGURES), response=gives(ViewsDocument),
    operation_id="views", summary=str(_("The saved views that the workspace shares")),
)  # fmt: skip
def views(request: Asked) -> HttpResponse:
    """By name. A view that a person keeps for herself is in no list of a program's."""
    caller = request.auth
    found = [
        saved_views.as_dict(one)
        for one in saved_views.seen_by(caller.slug, None)
        if personal.may_open(one.query, sees_it=caller.sees_personal_data)
    ]
    return send({"views": found})


@router.post(
    "/views", auth=may(Right.DEFINE), response=gives(ViewDocument, 201),
    operation_id="save_view", summary=str(_("Save a view, shared with the workspace")),
    openapi_extra=ONCE,
)  # fmt: skip
def save_view(request: Asked, given: ViewGiven) -> HttpResponse:
    """`query` is that of the page's address, as the browser shows it."""
    caller = request.auth
    chosen = saved_views.Chosen(given.name, is_shared=True, is_pinned=given.is_pinned)

    def done() -> dict[str, object]:
        made = saved_views.save(
            by=caller.by, workspace=caller.slug, page=given.page, query=given.query,
            chosen=chosen, may_share=True,
        )  # fmt: skip
        return saved_views.as_dict(made)

    return once(request, done, status=201)


@router.delete(
    "/views/{number}", auth=may(Right.DEFINE), response=gives(ViewDocument),
    operation_id="remove_view", summary=str(_("Remove a saved view")), openapi_extra=ONCE,
)  # fmt: skip
def remove_view(request: Asked, number: int) -> HttpResponse:
    """Only a shared one; the answer is what it was."""
    caller = request.auth

    def done() -> dict[str, object]:
        was = saved_views.as_dict(saved_views.get(caller.slug, None, number))
        saved_views.remove(by=caller.by, workspace=caller.slug, number=number, may_share=True)
        return was

    return once(request, done)
