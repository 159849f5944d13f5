"""Mappings that the workspace keeps for the next file of the same kind."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.imports import MappingDocument, MappingGiven, MappingsDocument
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.collect import saved_mappings
from zhiyin.kernel.text import _

router = Router(tags=["data"], by_alias=True)


@router.get(
    "/mappings", auth=may(Right.SEE_DATA), response=gives(MappingsDocument),
    operation_id="mappings", summary=str(_("The saved mappings of imports")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """By name, each with its text."""
    found = saved_mappings.of(request.auth.slug)
    return send({"mappings": [saved_mappings.as_dict(one) for one in found]})


@router.put(
    "/mappings", auth=may(Right.CHANGE_DATA), response=gives(MappingDocument),
    operation_id="save_mapping", summary=str(_("Save a mapping of imports")), openapi_extra=ONCE,
)  # fmt: skip
def save(request: Asked, given: MappingGiven) -> HttpResponse:
    """One that has the name is replaced; a mapping that makes no sense is refused."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = saved_mappings.save(
            by=caller.by, workspace=caller.slug, name=given.name, says=given.mapping
        )
        return saved_mappings.as_dict(held)

    return once(request, done)


@router.get(
    "/mappings/{name}", auth=may(Right.SEE_DATA), response=gives(MappingDocument),
    operation_id="mapping", summary=str(_("One saved mapping")),
)  # fmt: skip
def one(request: Asked, name: str) -> HttpResponse:
    """By its name or its number."""
    return send(saved_mappings.as_dict(saved_mappings.named(request.auth.slug, name)))


@router.delete(
    "/mappings/{name}", auth=may(Right.CHANGE_DATA), response=gives(MappingDocument),
    operation_id="remove_mapping", summary=str(_("Keep a mapping no longer")), openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, name: str) -> HttpResponse:
    """By its name or its number; imports made with it stay. The answer is what it was."""
    caller = request.auth

    def done() -> dict[str, object]:
        held = saved_mappings.named(caller.slug, name)
        was = saved_mappings.as_dict(held)
        saved_mappings.remove(by=caller.by, held=held)
        return was

    return once(request, done)
