"""Events one by one and counted, and the catalogue of their names."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.events import (
    CatalogueDocument,
    DefinitionGiven,
    EventCountDocument,
    EventsPage,
    StreamDocument,
    VolumesDocument,
    WholeEventDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.answers import RowsAsked
from zhiyin.api.operations.parameters import ONCE, Asking, Day, Row, facts_filter, gives
from zhiyin.collect import definitions, tail, volumes
from zhiyin.collect.tail import Search
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.newest import Place
from zhiyin.web import events_page

router = Router(tags=["data"], by_alias=True)


class EventsAsked(RowsAsked):
    """Which events."""

    name: str | None = Field(default=None, max_length=200)


class EventsCounted(Asking):
    """Which events."""

    name: str | None = Field(default=None, max_length=200)
    where: str | None = Field(default=None, max_length=10_000)


class VolumesAsked(EventsCounted):
    """Which events, of which days."""

    start: Day | None = Field(default=None, alias="from", description=str(_("The first day.")))
    end: Day | None = Field(
        default=None, alias="to", description=str(_("The day after the last day."))
    )


class CatalogueAsked(Asking):
    """Which part of the catalogue."""

    name: str | None = Field(
        default=None,
        max_length=200,
        description=str(_("This name and its properties; else all names.")),
    )


@router.get(
    "/events", auth=may(Right.SEE_DATA), response=gives(EventsPage),
    operation_id="events", summary=str(_("Events, newest first")),
)  # fmt: skip
def events(request: Asked, asked: Query[EventsAsked]) -> HttpResponse:
    """As the page Events shows them, hidden names included."""
    caller = request.auth
    facts_filter(request, asked.where)
    rows = tail.newest(
        caller.log,
        caller.slug,
        Search(name=asked.name or "", where=asked.where or ""),
        zone=caller.workspace.timezone,
        limit=asked.limit + 1,
        after=Place.read(read(asked.cursor, str) or ""),
    )
    return page_of(
        rows,
        asked.limit,
        lambda one: one.as_dict(sees_it=caller.sees_personal_data),
        lambda one: Place(one.occurred_at, one.seq).written(),
    )


@router.get(
    "/events/count", auth=may(Right.SEE_DATA), response=gives(EventCountDocument),
    operation_id="count_events", summary=str(_("How many events there are")),
)  # fmt: skip
def count_events(request: Asked, asked: Query[EventsCounted]) -> HttpResponse:
    """The document of `zhiyin events --count --json`."""
    caller = request.auth
    chosen = facts_filter(request, asked.where)
    return send(
        {
            "count": tail.count(
                caller.log, caller.slug, asked.name, chosen, caller.workspace.timezone
            ),
            "name": asked.name,
            "where": asked.where,
            "workspace": caller.slug,
        }
    )


@router.get(
    "/events/volumes", auth=may(Right.SEE_DATA), response=gives(VolumesDocument),
    operation_id="event_volumes",
    summary=str(_("How many events came, by name and by hour, day or week")),
)  # fmt: skip
def event_volumes(request: Asked, asked: Query[VolumesAsked]) -> HttpResponse:
    """By default of the last fourteen days up to the newest event."""
    caller = request.auth
    facts_filter(request, asked.where)
    zone = caller.workspace.timezone
    last = None if asked.end is None else asked.end - timedelta(days=1)
    search = Search(name=asked.name or "", where=asked.where or "", first=asked.start, last=last)
    span = volumes.lately(caller.log, caller.slug, search, zone=zone, days=events_page.DAYS)
    if span is None:
        return send({"steps": [], "grain": "day", "from": None, "to": None, "rows": []})
    found = volumes.volumes(caller.log, caller.slug, search, first=span[0], last=span[1], zone=zone)
    return send(
        {
            "steps": list(found.steps),
            "grain": found.grain,
            "from": span[0],
            "to": span[1] + timedelta(days=1),
            "rows": [one.as_dict() for one in found.rows],
        }
    )


@router.get(
    "/events/stream", auth=may(Right.SEE_DATA, personal=True), response=gives(StreamDocument),
    operation_id="stream_events", summary=str(_("Where to listen to events as they come in")),
)  # fmt: skip
def stream_events(request: Asked, asked: Query[EventsCounted]) -> HttpResponse:
    """Server-sent events at an address of the same host, with a pass for some minutes."""
    given = {"name": asked.name or "", "where": asked.where or ""}
    return send({"stream": events_page.stream(request.auth.workspace, given)})


@router.get(
    "/events/{int:seq}", auth=may(Right.SEE_DATA, personal=True),
    response=gives(WholeEventDocument), operation_id="event", summary=str(_("One event, whole")),
)  # fmt: skip
def event(request: Asked, seq: Path[Row]) -> HttpResponse:
    """By its number in the log."""
    caller = request.auth
    found = tail.one(caller.log, caller.slug, seq)
    if found is None:
        raise Problem(
            "events.none",
            _("There is no event {number} in the log.", number=seq),
            _("Its import may have been taken back, or its customer erased."),
        )
    return send({**found[0].as_dict(sees_it=True), "columns": found[1]})


@router.get(
    "/event-catalogue", auth=may(Right.SEE_DATA), response=gives(CatalogueDocument),
    operation_id="catalogue", summary=str(_("Names of events and what people say of them")),
)  # fmt: skip
def catalogue(request: Asked, asked: Query[CatalogueAsked]) -> HttpResponse:
    """The most frequent first."""
    caller = request.auth
    found = definitions.catalogue(caller.log, caller.slug, name=asked.name)
    return send({"entries": [one.as_dict() for one in found]})


@router.put(
    "/event-catalogue", auth=may(Right.DEFINE), response=gives(DefinitionGiven),
    operation_id="define", summary=str(_("Describe, hide or block a name or a property")),
    openapi_extra=ONCE,
)  # fmt: skip
def define(request: Asked, given: DefinitionGiven) -> HttpResponse:
    """What is blocked is not taken in from then on."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = definitions.define(
            by=caller.by, workspace=caller.slug, name=given.name, of_property=given.property,
            description_en=given.description_en, description_zh=given.description_zh,
            is_hidden=given.is_hidden, is_blocked=given.is_blocked,
        )  # fmt: skip
        return {
            "name": made.name,
            "property": made.property,
            "description_en": made.description_en,
            "description_zh": made.description_zh,
            "is_hidden": made.is_hidden,
            "is_blocked": made.is_blocked,
        }

    return once(request, done)
