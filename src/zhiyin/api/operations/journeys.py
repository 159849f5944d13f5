"""Journeys: funnels, paths, whole histories, retention, sessions, and who is behind a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from urllib.parse import parse_qsl

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.customers import PeoplePage
from zhiyin.api.documents.journeys import (
    CohortsDocument,
    ConversionDocument,
    FunnelDocument,
    PathsDocument,
    RepeatsDocument,
    SessionsDocument,
    VariantsDocument,
    WaitsDocument,
)
from zhiyin.api.operations.parameters import Asking, Day, Paging, facts_filter, gives
from zhiyin.journey import conversion, funnel, paths, repeats, retention, sessions, variants, waits
from zhiyin.journey.asking import Chosen, read_span, read_steps
from zhiyin.journey.behind import Listing
from zhiyin.journey.funnel import FunnelAsked
from zhiyin.journey.paths import PathsAsked
from zhiyin.kernel.text import _
from zhiyin.unify import documents as written
from zhiyin.unify import people
from zhiyin.web import journeys_behind, personal

router = Router(tags=["journeys"], by_alias=True)

Every = Literal["day", "week", "month", "quarter"]


class EventsAsked(Asking):
    """Which events there are; the others are as if they had never happened."""

    where: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only events for which this holds, e.g. channel = 'app'.")),
    )  # fmt: skip
    customers: str | None = Field(
        default=None, max_length=10_000,
        description=str(_("Only of customers of this segment, or for whom this rule holds.")),
    )  # fmt: skip
    start_on: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end_on: Day | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )


class StepsAsked(EventsAsked):
    """The steps of a funnel."""

    steps: str = Field(
        max_length=4_000,
        description=str(
            _('Names of events in order: "A > B | C > D"; "A > !X > B": no X between.')
        ),
    )
    within: str = Field(
        default="7d", max_length=12,
        description=str(_("From the first step to the last: 30m, 12h, 7d.")),
    )  # fmt: skip
    order: Literal["any", "earliest", "strict"] = "any"
    confidence: float = Field(default=0.95, gt=0, lt=1)


class GroupedAsked(StepsAsked):
    """What `zhiyin journey funnel` takes."""

    by: str | None = Field(
        default=None, max_length=200,
        description=str(_("Break down by this column of the first step.")),
    )  # fmt: skip
    by_segment: list[str] = Field(
        default=[], max_length=100,
        description=str(
            _("Break down by these segments, or rules over customers, in place of a column.")
        ),
    )  # fmt: skip


class ConversionAsked(StepsAsked):
    """What `zhiyin journey conversion` takes."""

    every: Every = "week"


class WaitsAsked(StepsAsked):
    """What `zhiyin journey waits` takes."""

    last: int | None = Field(
        default=None, ge=2,
        description=str(_("How long until step N; the last where it is not said.")),
    )  # fmt: skip


class EdgesAsked(EventsAsked):
    """What `zhiyin journey paths` takes."""

    start: str | None = Field(
        default=None, max_length=500,
        description=str(_("Leave out what came before the first event of this name.")),
    )  # fmt: skip
    end: str | None = Field(
        default=None, max_length=500,
        description=str(_("Leave out what came after the last event of this name.")),
    )  # fmt: skip
    gap: str | None = Field(
        default=None, max_length=12,
        description=str(_("Events further apart than this do not follow one another: 30m.")),
    )  # fmt: skip
    top: int = Field(default=200, ge=1, le=5_000, description=str(_("How many at most.")))


class VariantsAsked(EventsAsked):
    """What `zhiyin journey variants` and `repeats` take."""

    top: int = Field(default=50, ge=1, le=500, description=str(_("How many at most.")))


class RetentionAsked(EventsAsked):
    """What `zhiyin journey retention` takes."""

    every: Every


class SessionsAsked(EventsAsked):
    """What `zhiyin journey sessions` takes."""

    gap: str = Field(
        default="30m", max_length=12, description=str(_("A longer pause begins a new session."))
    )


class BehindAsked(Paging):
    """A figure of the pages of journeys."""

    figure: str = Field(
        max_length=8_000,
        description=str(_("The query of the address to which its n leads on the page.")),
    )


@router.get(
    "/journeys/funnel", auth=may(Right.SEE_FIGURES), response=gives(FunnelDocument),
    operation_id="funnel", summary=str(_("How many customers pass steps in order")),
)  # fmt: skip
def one_funnel(request: Asked, asked: Query[GroupedAsked]) -> HttpResponse:
    """The document of `zhiyin journey funnel --json`."""
    if asked.by is not None:
        personal.check_facts([asked.by], sees_it=request.auth.sees_personal_data)
    for text in asked.by_segment:
        personal.check_segment(request.auth.slug, text, sees_it=request.auth.sees_personal_data)
    question = replace(_steps(request, asked), by=asked.by, by_segments=tuple(asked.by_segment))
    return send(funnel.funnel(request.auth.log, request.auth.workspace, question).as_dict())


@router.get(
    "/journeys/conversion", auth=may(Right.SEE_FIGURES), response=gives(ConversionDocument),
    operation_id="conversion", summary=str(_("How many who begin come to the end, over time")),
)  # fmt: skip
def one_conversion(request: Asked, asked: Query[ConversionAsked]) -> HttpResponse:
    """The document of `zhiyin journey conversion --json`."""
    question, caller = _steps(request, asked), request.auth
    found = conversion.conversion(caller.log, caller.workspace, question, every=asked.every)
    return send(found.as_dict())


@router.get(
    "/journeys/waits", auth=may(Right.SEE_FIGURES), response=gives(WaitsDocument),
    operation_id="waits", summary=str(_("How long customers take to a step, as a survival curve")),
)  # fmt: skip
def one_curve(request: Asked, asked: Query[WaitsAsked]) -> HttpResponse:
    """The document of `zhiyin journey waits --json`."""
    question, caller = _steps(request, asked), request.auth
    return send(waits.waits(caller.log, caller.workspace, question, last=asked.last).as_dict())


@router.get(
    "/journeys/paths", auth=may(Right.SEE_FIGURES), response=gives(PathsDocument),
    operation_id="paths", summary=str(_("Which event directly follows which")),
)  # fmt: skip
def all_paths(request: Asked, asked: Query[EdgesAsked]) -> HttpResponse:
    """The document of `zhiyin journey paths --json`."""
    question = PathsAsked(
        start=asked.start,
        end=asked.end,
        gap=None if asked.gap is None else read_span(asked.gap),
        top=asked.top,
        chosen=events_of(request, asked),
    )
    return send(paths.paths(request.auth.log, request.auth.workspace, question).as_dict())


@router.get(
    "/journeys/repeats", auth=may(Right.SEE_FIGURES), response=gives(RepeatsDocument),
    operation_id="repeats", summary=str(_("To which events customers come again")),
)  # fmt: skip
def all_repeats(request: Asked, asked: Query[VariantsAsked]) -> HttpResponse:
    """The document of `zhiyin journey repeats --json`."""
    caller, chosen = request.auth, events_of(request, asked)
    return send(repeats.repeats(caller.log, caller.workspace, chosen, top=asked.top).as_dict())


@router.get(
    "/journeys/variants", auth=may(Right.SEE_FIGURES), response=gives(VariantsDocument),
    operation_id="variants", summary=str(_("Whole histories by the order of their events")),
)  # fmt: skip
def all_variants(request: Asked, asked: Query[VariantsAsked]) -> HttpResponse:
    """The document of `zhiyin journey variants --json`."""
    caller, chosen = request.auth, events_of(request, asked)
    return send(variants.variants(caller.log, caller.workspace, chosen, top=asked.top).as_dict())


@router.get(
    "/journeys/retention", auth=may(Right.SEE_FIGURES), response=gives(CohortsDocument),
    operation_id="journey_retention", summary=str(_("Who comes again, by the first period")),
)  # fmt: skip
def cohorts(request: Asked, asked: Query[RetentionAsked]) -> HttpResponse:
    """The document of `zhiyin journey retention --json`."""
    caller, chosen = request.auth, events_of(request, asked)
    found = retention.retention(caller.log, caller.workspace, chosen, every=asked.every)
    return send(found.as_dict())


@router.get(
    "/journeys/sessions", auth=may(Right.SEE_FIGURES), response=gives(SessionsDocument),
    operation_id="sessions", summary=str(_("How often customers come, and for how long")),
)  # fmt: skip
def all_sessions(request: Asked, asked: Query[SessionsAsked]) -> HttpResponse:
    """The document of `zhiyin journey sessions --json`."""
    caller, chosen = request.auth, events_of(request, asked)
    gap = read_span(asked.gap)
    return send(sessions.sessions(caller.log, caller.workspace, chosen, gap=gap).as_dict())


@router.get(
    "/journeys/customers", auth=may(Right.SEE_CUSTOMERS, personal=True),
    response=gives(PeoplePage), operation_id="journey_customers",
    summary=str(_("The customers behind a figure of journeys")),
)  # fmt: skip
def customers(request: Asked, asked: Query[BehindAsked]) -> HttpResponse:
    """In the order of their keys; the list of the page that the figure's n opens."""
    caller = request.auth
    first = read(asked.cursor, int) or 0
    query = dict(parse_qsl(asked.figure.removeprefix("?"), keep_blank_values=True))
    find = journeys_behind.finder(caller.workspace, query, sees_it=caller.sees_personal_data)
    found = find(Listing(caller.log, caller.workspace, first, asked.limit))
    shown = people.of_keys(caller.log, caller.workspace, found.keys)
    following = first + len(found.keys)
    return page(
        [written.person(one) for one in shown],
        following if following < found.customers and found.keys else None,
    )


def _steps(request: Asked, asked: StepsAsked) -> FunnelAsked:
    return FunnelAsked(
        steps=read_steps(asked.steps),
        within=read_span(asked.within),
        order=asked.order,
        chosen=events_of(request, asked),
        confidence=asked.confidence,
    )


def events_of(request: Asked, asked: EventsAsked) -> Chosen:
    """The events that a question is about.

    Raises:
        Problem: ``filter.…``, ``segments.none``, ``personal.filter``.
    """
    caller, customers = request.auth, asked.customers or ""
    personal.check_segment(caller.slug, customers, sees_it=caller.sees_personal_data)
    where = facts_filter(request, asked.where)
    return Chosen(where, asked.start_on, asked.end_on, customers)
