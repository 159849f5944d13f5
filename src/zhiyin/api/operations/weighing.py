"""What two groups say differently, and what to fix first."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.weighing import ApartDocument, FirstDocument
from zhiyin.api.operations.parameters import Asking, Day, facts_filter, gives
from zhiyin.kernel.text import _
from zhiyin.listen import apart as telling
from zhiyin.listen.apart import Wanted
from zhiyin.listen.first import first as weigh

router = Router(tags=["figures"], by_alias=True)


class SaidAsked(Asking):
    """Which clauses."""

    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only clauses for which this holds.")),
    )  # fmt: skip
    start: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: Day | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )


class ApartAsked(SaidAsked):
    """Which two groups."""

    sides: Literal["scores", "before", "filter"] = Field(
        default="scores",
        description=str(
            _("Low scores and high ones, the period and the one before, or a filter and the rest.")
        ),
    )
    one: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("The clauses of the first group, with sides=filter.")),
    )  # fmt: skip


@router.get(
    "/voice/apart", auth=may(Right.SEE_FIGURES), response=gives(ApartDocument),
    operation_id="voice_apart", summary=str(_("What two groups say differently")),
)  # fmt: skip
def apart(request: Asked, asked: Query[ApartAsked]) -> HttpResponse:
    """As `zhiyin listen apart`."""
    caller = request.auth
    among, one = facts_filter(request, asked.where), facts_filter(request, asked.one)
    wanted = Wanted(asked.sides, asked.start, asked.end, among, one)
    return send(telling.apart(caller.log, caller.workspace, wanted).as_dict())


@router.get(
    "/voice/first", auth=may(Right.SEE_FIGURES), response=gives(FirstDocument),
    operation_id="voice_first", summary=str(_("What to fix first")),
)  # fmt: skip
def first(request: Asked, asked: Query[SaidAsked]) -> HttpResponse:
    """As `zhiyin listen first`."""
    caller = request.auth
    among = facts_filter(request, asked.where)
    found = weigh(caller.log, caller.workspace, start=asked.start, end=asked.end, among=among)
    return send(found.as_dict())
