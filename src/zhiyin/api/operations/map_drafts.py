"""What is done to the draft of a journey map, one operation after another."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, Caller, may
from zhiyin.api.documents.maps import (
    MapDecisionGiven,
    OperationDocument,
    OperationGiven,
    OperationsDocument,
    UndoGiven,
)
from zhiyin.api.once import once
from zhiyin.api.operations.parameters import ONCE, Asking, gives
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import _
from zhiyin.maps import actions, kept
from zhiyin.maps.document import RULES
from zhiyin.maps.models import Operation
from zhiyin.maps.operations import Wanted
from zhiyin.web import personal
from zhiyin.web.workshop import page

router = Router(tags=["journeys"], by_alias=True)

MOST = 500


class SinceAsked(Asking):
    """After which operation."""

    after: int = Field(default=0, ge=0, lt=2**31, description=str(_("The last that is known.")))


@router.get(
    "/maps/{key}/operations", auth=may(Right.SEE_FIGURES), response=gives(OperationsDocument),
    operation_id="map_operations", summary=str(_("What was done to the draft of a map")),
)  # fmt: skip
def since(request: Asked, key: str, asked: Query[SinceAsked]) -> HttpResponse:
    """The first 500 after a number; ask again with the last one's."""
    held = kept.get(request.auth.slug, key)
    found = kept.since(held, asked.after)[:MOST]
    told = [_told(request.auth, one) for one in found]
    return send({"key": key, "number": held.number, "operations": told})


@router.post(
    "/maps/{key}/operations", auth=may(Right.DEFINE), response=gives(OperationDocument),
    operation_id="change_map", summary=str(_("Do one thing to the draft of a map")),
    openapi_extra=ONCE,
)  # fmt: skip
def perform(request: Asked, key: str, given: OperationGiven) -> HttpResponse:
    """One that was sent twice under its `id` is done once. Where somebody else was first, both are
    kept, and its `outcome` is open."""
    caller = request.auth
    try:
        wanted = msgspec.convert(given.model_dump(), Wanted)
    except msgspec.ValidationError as error:
        raise Problem(
            "map.operation",
            _("This cannot be done to a map: {why}.", why=str(error)),
            _("docs/maps.md lists what can be done."),
        ) from error
    part = wanted.value if isinstance(wanted.value, dict) else {wanted.field: wanted.value}
    for rule in map(part.get, RULES):
        if isinstance(rule, str) and rule:
            personal.check_facts(parse(rule).columns(), sees_it=caller.sees_personal_data)

    def done() -> dict[str, object]:
        made = actions.perform(by=caller.by, workspace=caller.slug, key=key, wanted=wanted)
        return _told(caller, made)

    return once(request, done)


@router.post(
    "/maps/{key}/operations/{int:number}/undo", auth=may(Right.DEFINE),
    response=gives(OperationDocument), operation_id="undo_in_map",
    summary=str(_("Take an operation on a map back")), openapi_extra=ONCE,
)  # fmt: skip
def undo(request: Asked, key: str, number: int, given: UndoGiven) -> HttpResponse:
    """As one more operation."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = actions.undo(
            by=caller.by, workspace=caller.slug, key=key, number=number, id_=given.id,
            seen=given.seen,
        )  # fmt: skip
        return _told(caller, made)

    return once(request, done)


@router.post(
    "/maps/{key}/operations/{int:number}/settle", auth=may(Right.DEFINE),
    response=gives(OperationDocument), operation_id="settle_in_map",
    summary=str(_("Decide which of two values of a map holds")), openapi_extra=ONCE,
)  # fmt: skip
def settle(request: Asked, key: str, number: int, given: MapDecisionGiven) -> HttpResponse:
    """For everybody."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = actions.settle(
            by=caller.by, workspace=caller.slug, key=key, number=number, takes=given.takes
        )
        return _told(caller, made)

    return once(request, done)


def _told(caller: Caller, one: Operation) -> dict[str, Any]:
    return page.told(one, sees_it=caller.sees_personal_data)
