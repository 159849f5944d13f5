"""What came before an outcome, and where two groups' paths part."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.leading import BeforeDocument, PartingDocument
from zhiyin.api.operations.journeys import EventsAsked, events_of
from zhiyin.api.operations.parameters import gives
from zhiyin.journey import before, parting
from zhiyin.journey.asking import read_span
from zhiyin.journey.before import BeforeAsked
from zhiyin.journey.groups import read_groups
from zhiyin.journey.outcomes import read_outcome
from zhiyin.journey.parting import PartingAsked
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["journeys"], by_alias=True)


class OutcomeAsked(EventsAsked):
    """What `zhiyin journey before` takes."""

    outcome: Literal["event", "answer", "contact", "stopped", "stopped_ordering"]
    name: str | None = Field(
        default=None, max_length=500,
        description=str(_("Of the event, the question or the reason.")),
    )  # fmt: skip
    band: str | None = Field(
        default=None, max_length=40, description=str(_("Of an answer: its scores, e.g. 0-6."))
    )
    beside: str | None = Field(
        default=None, max_length=40,
        description=str(_("Of an answer: the scores to compare with; else all others.")),
    )  # fmt: skip
    after: str | None = Field(
        default=None, max_length=12,
        description=str(_("Of who stopped: how long nothing came, e.g. 90d.")),
    )  # fmt: skip
    which: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only outcomes for which this holds.")),
    )  # fmt: skip
    within: str = Field(
        default="7d", max_length=12,
        description=str(_("How long before the outcome: 1h, 7d.")),
    )  # fmt: skip
    against: Literal["others", "earlier"] | None = None
    steps: int = Field(
        default=3, ge=1, le=5, description=str(_("Tell the last N before the outcome."))
    )
    top: int = Field(default=50, ge=1, le=500, description=str(_("How many at most.")))


class GroupsAsked(EventsAsked):
    """What `zhiyin journey parting` takes."""

    one: str = Field(max_length=4_000, description=str(_("The first group: \"channel = 'app'\".")))
    two: str = Field(max_length=4_000, description=str(_("The second group: \"channel = 'web'\".")))
    whose: Literal["events", "customers"] = "events"
    gap: str = Field(
        default="7d", max_length=12,
        description=str(_("What comes later than this is no next step.")),
    )  # fmt: skip


@router.get(
    "/journeys/before", auth=may(Right.SEE_FIGURES), response=gives(BeforeDocument),
    operation_id="before", summary=str(_("What customers did before an outcome")),
)  # fmt: skip
def one_before(request: Asked, asked: Query[OutcomeAsked]) -> HttpResponse:
    """The document of `zhiyin journey before --json`."""
    caller = request.auth
    outcome = read_outcome(
        asked.outcome, asked.name, band=asked.band, beside=asked.beside, after=asked.after,
        which=asked.which,
    )  # fmt: skip
    named = outcome.where.columns() if outcome.where else ()
    personal.check_facts(named, sees_it=caller.sees_personal_data)
    question = BeforeAsked(
        outcome,
        within=read_span(asked.within),
        against=asked.against,
        steps=asked.steps,
        top=asked.top,
        chosen=events_of(request, asked),
    )
    return send(before.before(caller.log, caller.workspace, question).as_dict())


@router.get(
    "/journeys/parting", auth=may(Right.SEE_FIGURES), response=gives(PartingDocument),
    operation_id="parting", summary=str(_("After which events two groups go on differently")),
)  # fmt: skip
def one_parting(request: Asked, asked: Query[GroupsAsked]) -> HttpResponse:
    """The document of `zhiyin journey parting --json`."""
    caller = request.auth
    groups = read_groups(caller.log, caller.workspace, asked.whose, asked.one, asked.two)
    personal.check_groups(
        caller.slug, asked.whose, (asked.one, asked.two), sees_it=caller.sees_personal_data
    )
    question = PartingAsked(groups, read_span(asked.gap), events_of(request, asked))
    return send(parting.parting(caller.log, caller.workspace, question).as_dict())
