"""Events one by one and counted, and the catalogue of their names."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.events import (
    CatalogueDocument,
    DefinitionGiven,
    EventCountDocument,
    EventsPage,
)
from zhiyin.api.once import once
from zhiyin.api.operations.answers import RowsAsked
from zhiyin.api.operations.common import ONCE, Asking, facts_filter, gives
from zhiyin.collect import definitions, tail
from zhiyin.collect.tail import Search
from zhiyin.kernel.text import _
from zhiyin.warehouse.newest import Place

router = Router(tags=["data"])


class EventsAsked(RowsAsked):
    """Which events."""

    name: str | None = Field(default=None, max_length=200)


class EventsCounted(Asking):
    """Which events."""

    name: str | None = Field(default=None, max_length=200)
    where: str | None = Field(default=None, max_length=10_000)


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
