"""Aspects: the workspace's list of what customers judge."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.aspects import (
    AspectChangeGiven,
    AspectDocument,
    AspectGiven,
    AspectsAddedDocument,
    AspectsDocument,
    AspectsStarterGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.collect.aspects import actions, kept, starters
from zhiyin.kernel.text import _

router = Router(tags=["surveys"], by_alias=True)


@router.get(
    "/aspects", auth=may(Right.SEE_FIGURES), response=gives(AspectsDocument),
    operation_id="aspects", summary=str(_("What chosen reasons count under")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """The document of `zhiyin aspects list --json`."""
    return send({"aspects": [kept.as_dict(one) for one, _depth in kept.tree(request.auth.slug)]})


@router.post(
    "/aspects", auth=may(Right.DEFINE), response=gives(AspectDocument, 201),
    operation_id="add_aspect", summary=str(_("Add an aspect")), openapi_extra=ONCE,
)  # fmt: skip
def add(request: Asked, given: AspectGiven) -> HttpResponse:
    """Its key stays: surveys and facts name it."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = actions.add(by=caller.by, workspace=caller.slug, **given.model_dump())
        return kept.as_dict(made)

    return once(request, done, status=201)


@router.post(
    "/aspect-starters", auth=may(Right.DEFINE), response=gives(AspectsAddedDocument, 201),
    operation_id="begin_aspects", summary=str(_("Add the aspects of an industry")),
    openapi_extra=ONCE,
)  # fmt: skip
def begin(request: Asked, given: AspectsStarterGiven) -> HttpResponse:
    """Those that are there stay as they are."""
    caller = request.auth

    def done() -> dict[str, object]:
        written = starters.of(given.starter)
        made = actions.bring(by=caller.by, workspace=caller.slug, written=written)
        return {"added": [kept.as_dict(one) for one in made], "same": len(written) - len(made)}

    return once(request, done, status=201)


@router.put(
    "/aspects/{key}", auth=may(Right.DEFINE), response=gives(AspectDocument),
    operation_id="edit_aspect", summary=str(_("Change or retire an aspect")),
    openapi_extra=ONCE,
)  # fmt: skip
def edit(request: Asked, key: str, given: AspectChangeGiven) -> HttpResponse:
    """Refused where somebody else has changed it since the revision that was looked at."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = actions.edit(by=caller.by, workspace=caller.slug, key=key, **given.model_dump())
        return kept.as_dict(held)

    return once(request, done)
