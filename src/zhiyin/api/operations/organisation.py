"""The workspace itself: its units, and who did what in it."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import jobs as all_jobs
from zhiyin.accounts import saved_views, trail, units, work
from zhiyin.accounts.rights import Right
from zhiyin.api import documents
from zhiyin.api.answers import page, page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.once import once
from zhiyin.api.operations.common import ONCE, Paging, gives
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["organisation"])


class AuditAsked(Paging):
    """Which entries."""

    text: str = Field(default="", max_length=200)
    action: str = Field(default="", max_length=64)


class JobsAsked(Paging):
    """Which work."""

    state: Literal["waiting", "running", "done", "failed", "cancelled"] | None = None


@router.get(
    "/units", auth=may(Right.SEE_FIGURES), response=gives(documents.UnitsDocument),
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
    "/jobs", auth=may(Right.CHANGE_WORKSPACE), response=gives(documents.JobsPage),
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
    response=gives(documents.JobDocument), operation_id="cancel_job",
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
    "/audit", auth=may(Right.SEE_AUDIT, personal=True), response=gives(documents.AuditPage),
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
    "/views", auth=may(Right.SEE_FIGURES), response=gives(documents.ViewsDocument),
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
    "/views", auth=may(Right.DEFINE), response=gives(documents.ViewDocument, 201),
    operation_id="save_view", summary=str(_("Save a view, shared with the workspace")),
    openapi_extra=ONCE,
)  # fmt: skip
def save_view(request: Asked, given: documents.ViewGiven) -> HttpResponse:
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
    "/views/{number}", auth=may(Right.DEFINE), response=gives(documents.ViewDocument),
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
