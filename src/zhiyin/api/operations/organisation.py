"""The workspace itself: its units, and who did what in it."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts import trail, units
from zhiyin.accounts.rights import Right
from zhiyin.api import documents
from zhiyin.api.answers import page, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.operations.common import Paging, gives
from zhiyin.kernel.text import _

router = Router(tags=["organisation"])


class AuditAsked(Paging):
    """Which entries."""

    text: str = Field(default="", max_length=200)
    action: str = Field(default="", max_length=64)


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
