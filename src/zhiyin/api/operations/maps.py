"""Journey maps: drawn, brought in, kept as versions; their figures; personas."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked, Caller, may
from zhiyin.api.documents.map_figures import DifficultiesDocument, MapFiguresDocument
from zhiyin.api.documents.map_journeys import ConformanceDocument, WholeJourneysDocument
from zhiyin.api.documents.maps import (
    KeptMapDocument,
    MapDocument,
    MapDraftGiven,
    MapGiven,
    MapNotesGiven,
    MapsDocument,
    MapVersionsDocument,
    PersonaDocument,
    PersonaGiven,
    PersonasDocument,
    RemovedMapDocument,
    WholeMapDocument,
    WholeMapVersionDocument,
)
from zhiyin.api.once import once
from zhiyin.api.operations.journeys import EventsAsked, events_of
from zhiyin.api.operations.parameters import ONCE, gives
from zhiyin.kernel.documents import as_json
from zhiyin.kernel.text import _
from zhiyin.maps import actions, bringing, document, documents, kept, looking
from zhiyin.maps.document import Map
from zhiyin.maps.looking import Looked, Opened
from zhiyin.maps.whole import whole
from zhiyin.web import map_export, map_masked, personal

router = Router(tags=["journeys"], by_alias=True)

FILES: dict[str, Any] = {
    "responses": {
        200: {
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in map_export.TYPES.values()
            }
        }
    }
}
"""A file is none of the documents."""


class AlongAsked(EventsAsked):
    """What `zhiyin journey conformance` takes, but for the key."""

    version: int | None = Field(
        default=None, ge=1, lt=2**31,
        description=str(_("As it was kept under this number; the newest where it is not said.")),
    )  # fmt: skip
    confidence: float = Field(default=0.95, gt=0, lt=1)


class LookedAsked(AlongAsked):
    """What `zhiyin journey map KEY` takes, but for the key."""

    before: Literal["previous", "last-year", "lunar-year"] = "previous"
    metric: str = Field(
        default="", max_length=64,
        description=str(_("What touchpoints show; the map's own where it is not said.")),
    )  # fmt: skip


@router.get(
    "/maps", auth=may(Right.SEE_FIGURES), response=gives(MapsDocument),
    operation_id="maps", summary=str(_("The journey maps of the workspace")),
)  # fmt: skip
def listed(request: Asked) -> HttpResponse:
    """The document of `zhiyin journey map list --json`."""
    return send({"maps": [kept.as_dict(one) for one in kept.of(request.auth.slug)]})


@router.post(
    "/maps", auth=may(Right.DEFINE), response=gives(MapDocument, 201),
    operation_id="create_map", summary=str(_("Make a journey map")), openapi_extra=ONCE,
)  # fmt: skip
def create(request: Asked, given: MapGiven) -> HttpResponse:
    """Out of its document."""
    caller = request.auth
    map_ = _read(caller, given.document)

    def done() -> dict[str, object]:
        actions.create(
            by=caller.by, workspace=caller.slug, key=given.key, map_=map_, keeps=given.keep
        )
        return kept.as_dict(kept.get(caller.slug, given.key))

    return once(request, done, status=201)


@router.get(
    "/maps/{key}", auth=may(Right.SEE_FIGURES), response=gives(WholeMapDocument),
    operation_id="map", summary=str(_("One journey map as it is drawn")),
)  # fmt: skip
def one(request: Asked, key: str) -> HttpResponse:
    """The document of `zhiyin journey map show --json`."""
    held = kept.get(request.auth.slug, key)
    return send({**documents.map_(held), "document": _shown(request.auth, kept.draft(held))})


@router.put(
    "/maps/{key}", auth=may(Right.DEFINE), response=gives(MapDocument),
    operation_id="save_map", summary=str(_("Put another document in the place of a draft")),
    openapi_extra=ONCE,
)  # fmt: skip
def save(request: Asked, key: str, given: MapDraftGiven) -> HttpResponse:
    """What others did to the draft since is in its history; one operation after another is
    gentler."""
    caller = request.auth
    map_ = _read(caller, given.document)
    kept.get(caller.slug, key)

    def done() -> dict[str, object]:
        bringing.bring(
            by=caller.by, workspace=caller.slug, key=key, content=document.write(map_),
            keeps=given.keep,
        )  # fmt: skip
        return kept.as_dict(kept.get(caller.slug, key))

    return once(request, done)


@router.delete(
    "/maps/{key}", auth=may(Right.DEFINE), response=gives(RemovedMapDocument),
    operation_id="remove_map", summary=str(_("Remove a journey map")), openapi_extra=ONCE,
)  # fmt: skip
def remove(request: Asked, key: str) -> HttpResponse:
    """With its versions and what is pinned on it."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.remove(by=caller.by, workspace=caller.slug, key=key)
        return {"key": key, "removed": True}

    return once(request, done)


@router.get(
    "/maps/{key}/figures", auth=may(Right.SEE_FIGURES), response=gives(MapFiguresDocument),
    operation_id="map_figures", summary=str(_("A journey map with every figure")),
)  # fmt: skip
def figures(request: Asked, key: str, asked: Query[LookedAsked]) -> HttpResponse:
    """The document of `zhiyin journey map KEY --json`."""
    found = _looked(request, key, asked).as_dict()
    return send({**found, "customers": _customers(request.auth, found["customers"])})


@router.get(
    "/maps/{key}/difficulties", auth=may(Right.SEE_FIGURES), response=gives(DifficultiesDocument),
    operation_id="map_difficulties", summary=str(_("Which touchpoints hurt most for certain")),
)  # fmt: skip
def difficulties(request: Asked, key: str, asked: Query[LookedAsked]) -> HttpResponse:
    """The document of `zhiyin journey map difficulties KEY --json`."""
    return send(_looked(request, key, asked).difficulties_as_dict())


@router.get(
    "/maps/{key}/files/{kind}", auth=may(Right.SEE_FIGURES), response={200: None},
    operation_id="map_file", openapi_extra=FILES,
    summary=str(_("A journey map as a file: png, pdf, xlsx, svg or json")),
)  # fmt: skip
def file(request: Asked, key: str, kind: str, asked: Query[LookedAsked]) -> HttpResponse:
    """As its page gives it."""
    caller = request.auth
    held, known = kept.get(caller.slug, key), map_export.kind_of(kind)
    if known == "json":
        number = asked.version
        _version, map_ = kept.shown(held) if number is None else kept.version(held, number)
        content = document.write(map_masked.map_(map_, sees_it=caller.sees_personal_data))
    else:
        page = map_export.page_of(_looked(request, key, asked))
        content = map_export.made(known, page, caller.workspace)
    told = {"Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{held.key}.{known}"'}  # fmt: skip
    return HttpResponse(content, content_type=map_export.TYPES[known], headers=told)


@router.get(
    "/maps/{key}/conformance", auth=may(Right.SEE_FIGURES), response=gives(ConformanceDocument),
    operation_id="map_conformance", summary=str(_("How many journeys follow a map as it is drawn")),
)  # fmt: skip
def followed(request: Asked, key: str, asked: Query[AlongAsked]) -> HttpResponse:
    """The document of `zhiyin journey conformance KEY --json`."""
    caller = request.auth
    told = looking.followed(caller.log, caller.workspace, key, _wanted(request, asked))
    return send(told.as_dict())


@router.get(
    "/maps/{key}/whole", auth=may(Right.SEE_FIGURES), response=gives(WholeJourneysDocument),
    operation_id="map_whole", summary=str(_("How whole journeys are judged")),
)  # fmt: skip
def judged(request: Asked, key: str, asked: Query[AlongAsked]) -> HttpResponse:
    """The document of `zhiyin journey whole KEY --json`."""
    caller, opened = request.auth, _opened(request, key, asked)
    found = whole(caller.log, caller.workspace, opened.map, opened.seen, hidden=opened.hidden)
    return send({**opened.along, **found.as_dict()})


@router.get(
    "/maps/{key}/versions", auth=may(Right.SEE_FIGURES), response=gives(MapVersionsDocument),
    operation_id="map_versions", summary=str(_("What was kept of a journey map")),
)  # fmt: skip
def versions(request: Asked, key: str) -> HttpResponse:
    """The newest first."""
    held = kept.get(request.auth.slug, key)
    return send({"key": key, "versions": documents.versions(held)})


@router.post(
    "/maps/{key}/versions", auth=may(Right.DEFINE), response=gives(KeptMapDocument, 201),
    operation_id="keep_map", summary=str(_("Keep the draft of a map as a version")),
    openapi_extra=ONCE,
)  # fmt: skip
def keep(request: Asked, key: str, given: MapNotesGiven) -> HttpResponse:
    """Pages show it from now on."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = actions.keep(by=caller.by, workspace=caller.slug, key=key, notes=given.notes)
        return {"key": key, **documents.version(made)}

    return once(request, done, status=201)


@router.get(
    "/maps/{key}/versions/{int:number}", auth=may(Right.SEE_FIGURES),
    response=gives(WholeMapVersionDocument), operation_id="map_version",
    summary=str(_("One version of a journey map")),
)  # fmt: skip
def version(request: Asked, key: str, number: int) -> HttpResponse:
    """The document of `zhiyin journey map show --version N --json`."""
    held = kept.get(request.auth.slug, key)
    _one, map_ = kept.version(held, number)
    told = documents.whole_version(held, number)
    return send({**told, "document": _shown(request.auth, map_)})


@router.get(
    "/personas", auth=may(Right.SEE_FIGURES), response=gives(PersonasDocument),
    operation_id="personas", summary=str(_("Whose journeys maps are")),
)  # fmt: skip
def personas(request: Asked) -> HttpResponse:
    """The document of `zhiyin journey map personas --json`."""
    caller = request.auth
    return send({"personas": [_persona(caller, one.key) for one in kept.personas(caller.slug)]})


@router.put(
    "/personas/{key}", auth=may(Right.DEFINE), response=gives(PersonaDocument),
    operation_id="save_persona", summary=str(_("Make or change a persona")), openapi_extra=ONCE,
)  # fmt: skip
def save_persona(request: Asked, key: str, given: PersonaGiven) -> HttpResponse:
    """All of it is given."""
    caller = request.auth
    personal.check_segment(caller.slug, given.customers, sees_it=caller.sees_personal_data)

    def done() -> dict[str, object]:
        actions.put_persona(by=caller.by, workspace=caller.slug, key=key, **given.model_dump())
        return _persona(caller, key)

    return once(request, done)


@router.delete(
    "/personas/{key}", auth=may(Right.DEFINE), response=gives(RemovedMapDocument),
    operation_id="remove_persona", summary=str(_("Take a persona out")), openapi_extra=ONCE,
)  # fmt: skip
def remove_persona(request: Asked, key: str) -> HttpResponse:
    """Refused while a map is of it."""
    caller = request.auth

    def done() -> dict[str, object]:
        actions.remove_persona(by=caller.by, workspace=caller.slug, key=key)
        return {"key": key, "removed": True}

    return once(request, done)


def _looked(request: Asked, key: str, asked: LookedAsked) -> Looked:
    caller = request.auth
    wanted = _wanted(request, asked, before=asked.before, metric=asked.metric)
    return looking.look(caller.log, caller.workspace, key, wanted)


def _opened(request: Asked, key: str, asked: AlongAsked) -> Opened:
    caller = request.auth
    return looking.opened(caller.log, caller.workspace, key, _wanted(request, asked))


def _wanted(request: Asked, asked: AlongAsked, **more: Any) -> looking.Asked:
    chosen = events_of(request, asked)
    return looking.Asked(
        start=chosen.start,
        end=chosen.end,
        where=chosen.where,
        customers=asked.customers,
        version=asked.version,
        confidence=asked.confidence,
        **more,
    )


def _read(caller: Caller, given: dict[str, Any]) -> Map:
    """What was sent, as a map; half of a pair, which no text can hold, is refused there."""
    found = document.read(as_json(given).encode("utf-8", "surrogatepass"))
    map_masked.check(found, sees_it=caller.sees_personal_data)
    return found


def _shown(caller: Caller, map_: Map) -> dict[str, Any]:
    return document.builtins(map_masked.map_(map_, sees_it=caller.sees_personal_data))


def _persona(caller: Caller, key: str) -> dict[str, Any]:
    found = documents.persona(kept.persona(caller.slug, key))
    return {**found, "customers": _customers(caller, found["customers"]) or ""}


def _customers(caller: Caller, text: str | None) -> str | None:
    return text and map_masked.customers(text, sees_it=caller.sees_personal_data)
