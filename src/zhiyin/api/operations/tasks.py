"""Tasks, time between, adoption and engagement, out of the order of events."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.tasks import (
    AdoptionDocument,
    BetweenDocument,
    EngagementDocument,
    TaskDocument,
)
from zhiyin.api.operations.journeys import EventsAsked, Every, events_of
from zhiyin.api.operations.parameters import gives
from zhiyin.journey import adoption, between, engagement, task
from zhiyin.journey.asking import read_names, read_span
from zhiyin.kernel.text import _
from zhiyin.web import personal

router = Router(tags=["journeys"], by_alias=True)

NAMES = str(_('Names of events that count alike: "Paid | Order Completed".'))


class TaskAsked(EventsAsked):
    """What `zhiyin journey task` takes."""

    start: str = Field(max_length=2_000, description=NAMES)
    goal: str = Field(max_length=2_000, description=NAMES)
    within: str = Field(
        default="1d", max_length=12,
        description=str(_("An attempt is given up so long after its start: 30m, 12h, 7d.")),
    )  # fmt: skip
    error: str | None = Field(default=None, max_length=2_000, description=NAMES)
    help: str | None = Field(default=None, max_length=2_000, description=NAMES)
    by: str | None = Field(
        default=None, max_length=200,
        description=str(_("Break down by this column of the start.")),
    )  # fmt: skip
    every: Every | None = None
    confidence: float = Field(default=0.95, gt=0, lt=1)


class BetweenAsked(EventsAsked):
    """What `zhiyin journey between` takes."""

    first: str = Field(max_length=2_000, description=NAMES)
    next: str | None = Field(
        default=None, max_length=2_000,
        description=str(_("Events that end it; without them, how long until the first again.")),
    )  # fmt: skip
    confidence: float = Field(default=0.95, gt=0, lt=1)


class AdoptionAsked(EventsAsked):
    """What `zhiyin journey adoption` takes."""

    of: str = Field(max_length=2_000, description=NAMES)
    every: Every
    within: str = Field(
        default="7d", max_length=12,
        description=str(_("So long after a customer was new: 30m, 12h, 7d.")),
    )  # fmt: skip
    times: int = Field(
        default=1, ge=1, le=1_000, description=str(_("So many of these events at least."))
    )
    since: str | None = Field(
        default=None, max_length=2_000,
        description=str(_("The event that makes a customer new; without it, her first of all.")),
    )  # fmt: skip
    confidence: float = Field(default=0.95, gt=0, lt=1)


class EngagementAsked(EventsAsked):
    """What `zhiyin journey engagement` takes."""

    gap: str = Field(
        default="30m", max_length=12, description=str(_("A longer pause begins a new session."))
    )
    every: Every = "week"
    confidence: float = Field(default=0.95, gt=0, lt=1)


@router.get(
    "/journeys/task", auth=may(Right.SEE_FIGURES), response=gives(TaskDocument),
    operation_id="task", summary=str(_("How many attempts at something succeed, and how fast")),
)  # fmt: skip
def one_task(request: Asked, asked: Query[TaskAsked]) -> HttpResponse:
    """The document of `zhiyin journey task --json`."""
    caller = request.auth
    if asked.by is not None:
        personal.check_facts([asked.by], sees_it=caller.sees_personal_data)
    question = task.TaskAsked(
        begins=read_names(asked.start),
        goal=read_names(asked.goal),
        within=read_span(asked.within),
        error=read_names(asked.error) if asked.error else task.NOTHING,
        help=read_names(asked.help) if asked.help else task.NOTHING,
        by=asked.by,
        every=asked.every,
        chosen=events_of(request, asked),
        confidence=asked.confidence,
    )
    return send(task.task(caller.log, caller.workspace, question).as_dict())


@router.get(
    "/journeys/between", auth=may(Right.SEE_FIGURES), response=gives(BetweenDocument),
    operation_id="time_between", summary=str(_("How long from each event to the next")),
)  # fmt: skip
def time_between(request: Asked, asked: Query[BetweenAsked]) -> HttpResponse:
    """The document of `zhiyin journey between --json`."""
    caller, first = request.auth, read_names(asked.first)
    question = between.BetweenAsked(
        first,
        read_names(asked.next) if asked.next else first,
        events_of(request, asked),
        asked.confidence,
    )
    return send(between.between(caller.log, caller.workspace, question).as_dict())


@router.get(
    "/journeys/adoption", auth=may(Right.SEE_FIGURES), response=gives(AdoptionDocument),
    operation_id="adoption", summary=str(_("Who of those that are new really starts something")),
)  # fmt: skip
def new_and_adopting(request: Asked, asked: Query[AdoptionAsked]) -> HttpResponse:
    """The document of `zhiyin journey adoption --json`."""
    caller = request.auth
    question = adoption.AdoptionAsked(
        names=read_names(asked.of),
        within=read_span(asked.within),
        times=asked.times,
        since=read_names(asked.since) if asked.since else None,
        every=asked.every,
        chosen=events_of(request, asked),
        confidence=asked.confidence,
    )
    return send(adoption.adoption(caller.log, caller.workspace, question).as_dict())


@router.get(
    "/journeys/engagement", auth=may(Right.SEE_FIGURES), response=gives(EngagementDocument),
    operation_id="engagement", summary=str(_("How often customers come, and how long they stay")),
)  # fmt: skip
def visits(request: Asked, asked: Query[EngagementAsked]) -> HttpResponse:
    """The document of `zhiyin journey engagement --json`."""
    caller = request.auth
    question = engagement.EngagementAsked(
        read_span(asked.gap), asked.every, events_of(request, asked), asked.confidence
    )
    return send(engagement.engagement(caller.log, caller.workspace, question).as_dict())
