"""Losses: unknown customers who ended where like ones elsewhere go on."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.losses import LossesDocument
from zhiyin.api.operations.journeys import EventsAsked, events_of
from zhiyin.api.operations.parameters import gives
from zhiyin.journey.asking import read_span, read_steps
from zhiyin.journey.losses import USUAL_BY, LossesAsked, losses
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["journeys"], by_alias=True)


class PlacesAsked(EventsAsked):
    """What `zhiyin journey losses` takes."""

    steps: str | None = Field(
        default=None, max_length=4_000,
        description=str(
            _('Names of events in order: "A > B | C > D"; the last is the goal (default: a'
              " look, a cart, an order).")
        ),
    )  # fmt: skip
    by: list[str] = Field(
        default=list(USUAL_BY), max_length=8,
        description=str(
            _("Where a session was, by this column of its first event (may be repeated).")
        ),
    )  # fmt: skip
    like: list[str] = Field(
        default=[], max_length=8,
        description=str(
            _("What sessions elsewhere must agree in to be compared (may be repeated).")
        ),
    )  # fmt: skip
    gap: str = Field(
        default="30m", max_length=12, description=str(_("A longer pause begins a new session."))
    )
    confidence: float = Field(default=0.95, gt=0, lt=1)


@router.get(
    "/journeys/losses", auth=may(Right.SEE_FIGURES), response=gives(LossesDocument),
    operation_id="losses",
    summary=str(_("Where unknown customers end who would go on elsewhere, and what that costs")),
)  # fmt: skip
def all_losses(request: Asked, asked: Query[PlacesAsked]) -> HttpResponse:
    """The document of `zhiyin journey losses --json`."""
    caller = request.auth
    personal.check_facts([*asked.by, *asked.like], sees_it=caller.sees_personal_data)
    question = LossesAsked(
        steps=None if asked.steps is None else read_steps(asked.steps),
        by=tuple(asked.by),
        like=tuple(asked.like),
        gap=read_span(asked.gap),
        chosen=events_of(request, asked),
        confidence=asked.confidence,
    )
    return send(losses(caller.log, caller.workspace, question).as_dict())
