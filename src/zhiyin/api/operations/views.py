"""Saved views."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts import saved_views
from zhiyin.accounts.models import SavedView
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.views import ViewChanged, ViewDocument, ViewGiven, ViewsDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["organisation"], by_alias=True)


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


@router.put(
    "/views/{int:number}", auth=may(Right.DEFINE), response=gives(ViewDocument),
    operation_id="change_view", summary=str(_("Give a saved view another name, or pin it")),
    openapi_extra=ONCE,
)  # fmt: skip
def change_view(request: Asked, number: int, given: ViewChanged) -> HttpResponse:
    """Only a shared one, and it stays shared."""
    caller = request.auth
    chosen = saved_views.Chosen(given.name, is_shared=True, is_pinned=given.is_pinned)

    def done() -> dict[str, object]:
        _held(request, number)
        held = saved_views.change(
            by=caller.by, workspace=caller.slug, number=number, chosen=chosen, may_share=True
        )
        return saved_views.as_dict(held)

    return once(request, done)


@router.delete(
    "/views/{int:number}", auth=may(Right.DEFINE), response=gives(ViewDocument),
    operation_id="remove_view", summary=str(_("Remove a saved view")), openapi_extra=ONCE,
)  # fmt: skip
def remove_view(request: Asked, number: int) -> HttpResponse:
    """Only a shared one; the answer is what it was."""
    caller = request.auth

    def done() -> dict[str, object]:
        was = saved_views.as_dict(_held(request, number))
        saved_views.remove(by=caller.by, workspace=caller.slug, number=number, may_share=True)
        return was

    return once(request, done)


def _held(request: Asked, number: int) -> SavedView:
    """A view that the list shows this key: one that asks by personal data is not for each."""
    held = saved_views.get(request.auth.slug, None, number)
    if not personal.may_open(held.query, sees_it=request.auth.sees_personal_data):
        raise saved_views.none()
    return held
