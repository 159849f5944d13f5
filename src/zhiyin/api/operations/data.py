"""What came in: answers, events, imports, what was refused, and the keys with which it comes."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from zhiyin.accounts import api_keys, audit, keys
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.answers import AnswersPage
from zhiyin.api.documents.events import (
    CatalogueDocument,
    DefinitionGiven,
    EventCountDocument,
    EventsPage,
)
from zhiyin.api.documents.imports import ImportedDocument, ImportsPage, UndoneDocument
from zhiyin.api.documents.keys import (
    KeysDocument,
    MadeWriteKeyDocument,
    WriteKeyDocument,
    WriteKeyGiven,
)
from zhiyin.api.documents.letters import DismissDocument, LettersPage, NumbersGiven, ReplayDocument
from zhiyin.api.once import once
from zhiyin.api.operations.common import ONCE, Asking, Filled, Paging, facts_filter, gives
from zhiyin.collect import answers as all_answers
from zhiyin.collect import definitions, tail, undoing
from zhiyin.collect.files import sent
from zhiyin.collect.files.documents import imported, undone
from zhiyin.collect.files.limits import UPLOAD_BYTES
from zhiyin.collect.tail import Search
from zhiyin.collect.uploads import too_large
from zhiyin.kernel.text import _
from zhiyin.warehouse.deadletters import DeadLetter
from zhiyin.warehouse.log import Import
from zhiyin.warehouse.newest import Place

router = Router(tags=["data"])

MOST_REJECTS = 100
"""So many rejected rows are said at once."""


class RowsAsked(Paging):
    """Which rows."""

    where: str | None = Field(default=None, max_length=10_000)


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


class ImportFilled(Filled):
    """How a file is to be imported."""

    mapping: str = Field(
        min_length=1, max_length=1_000_000,
        description=str(_("The text of a mapping file, as `zhiyin import --map` takes it.")),
    )  # fmt: skip
    dry_run: bool = Field(
        default=False, description=str(_("Check and count everything, and change nothing."))
    )
    replace: bool = Field(
        default=False,
        description=str(_("Rows with a known id and other content supersede the old.")),
    )


@router.get(
    "/answers", auth=may(Right.EXPORT), response=gives(AnswersPage),
    operation_id="answers", summary=str(_("The answers behind the figures")),
)  # fmt: skip
def answers(request: Asked, asked: Query[RowsAsked]) -> HttpResponse:
    """In the order in which the log learnt them: keep `next`, and come back for the newer."""
    caller = request.auth
    after = read(asked.cursor, int)
    rows = all_answers.following(
        caller.log, caller.slug, facts_filter(request, asked.where),
        zone=caller.workspace.timezone, after=-1 if after is None else after,
        limit=asked.limit + 1, sees_it=caller.sees_personal_data,
    )  # fmt: skip
    return page_of(rows, asked.limit, dict, lambda row: row["seq"])


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


@router.get(
    "/imports", auth=may(Right.SEE_DATA), response=gives(ImportsPage),
    operation_id="imports", summary=str(_("Imports, newest first")),
)  # fmt: skip
def imports(request: Asked, asked: Query[Paging]) -> HttpResponse:
    """Those that were taken back, too."""
    caller = request.auth
    place = read(asked.cursor, str)
    found = caller.log.imports(caller.slug)
    if place is not None:
        names = [one.import_id for one in found]
        found = found[names.index(place) + 1 :] if place in names else []
    return page_of(found, asked.limit, Import.as_dict, lambda one: one.import_id)


@router.api_operation(["HEAD"], "/imports", auth=may(Right.CHANGE_DATA), include_in_schema=False)
def may_import(request: Asked) -> HttpResponse:  # noqa: ARG001 - the API reads its name
    """Whether this key may send a file: the edge asks so before it takes a large one."""
    return HttpResponse()


@router.post(
    "/imports", auth=may(Right.CHANGE_DATA), response=gives(ImportedDocument, 201),
    operation_id="import_file", summary=str(_("Import a file")), openapi_extra=ONCE,
)  # fmt: skip
def import_file(
    request: Asked, given: Form[ImportFilled], file: File[UploadedFile]
) -> HttpResponse:
    """The document of `zhiyin import --json`, once the file is in; a larger file takes longer."""
    caller = request.auth
    if (file.size or 0) > UPLOAD_BYTES:
        raise too_large(sent.safe(file.name or ""))

    def done() -> dict[str, object]:
        found = sent.bring(
            caller.log, caller.workspace, name=file.name or "", content=file.chunks(),
            mapping=given.mapping, data=settings.ZHIYIN_DATA, dry_run=given.dry_run,
            replace=given.replace,
        )  # fmt: skip
        if not given.dry_run:
            audit.record(
                by=caller.by, action="import.asked", workspace=caller.slug,
                subject=sent.safe(file.name or ""), after={"facts": found.facts_added},
            )  # fmt: skip
        name = None if found.rejects_file is None else found.rejects_file.name
        rejects = sent.rejected(found, MOST_REJECTS)
        return {**imported(found), "rejects_file": name, "rejects": rejects}

    return once(request, done, status=201, in_log=True)


@router.delete(
    "/imports/{import_id}", auth=may(Right.CHANGE_DATA),
    response=gives(UndoneDocument), operation_id="undo_import",
    summary=str(_("Take an import back")), openapi_extra=ONCE,
)  # fmt: skip
def undo_import(request: Asked, import_id: str) -> HttpResponse:
    """The document of `zhiyin import --undo --json`; all its parts, where it has several."""
    caller = request.auth

    def done() -> dict[str, object]:
        labels = {one.import_id: one.label for one in caller.log.imports(caller.slug)}
        facts = sum(
            undoing.undo(
                by=caller.by, workspace=caller.slug, log=caller.log, import_id=part,
                label=labels.get(part, ""),
            )
            for part in reversed(import_id.split("+"))
        )  # fmt: skip
        return undone(import_id, facts)

    return once(request, done, in_log=True)


@router.get(
    "/dead-letters", auth=may(Right.SEE_DATA, personal=True),
    response=gives(LettersPage), operation_id="dead_letters",
    summary=str(_("Events that intake refused and that wait")),
)  # fmt: skip
def dead_letters(request: Asked, asked: Query[Paging]) -> HttpResponse:
    """Newest first, each with its reason."""
    caller = request.auth
    rows = caller.log.dead_letters(
        caller.slug, before=read(asked.cursor, int), limit=asked.limit + 1
    )
    return page_of(rows, asked.limit, DeadLetter.as_dict, lambda one: one.number)


@router.post(
    "/dead-letters/replay", auth=may(Right.CHANGE_DATA, personal=True),
    response=gives(ReplayDocument), operation_id="replay",
    summary=str(_("Try refused events again")), openapi_extra=ONCE,
)  # fmt: skip
def replay(request: Asked, given: NumbersGiven) -> HttpResponse:
    """What is good now is taken; the rest waits on."""
    caller = request.auth

    def done() -> dict[str, object]:
        found = caller.log.replay_dead_letters(caller.slug, given.numbers)
        _record(request, "dead_letters.replayed", found.tried)
        return dict(found.as_dict())

    return once(request, done, in_log=True)


@router.post(
    "/dead-letters/dismiss", auth=may(Right.CHANGE_DATA, personal=True),
    response=gives(DismissDocument), operation_id="dismiss",
    summary=str(_("Put refused events aside for good")), openapi_extra=ONCE,
)  # fmt: skip
def dismiss(request: Asked, given: NumbersGiven) -> HttpResponse:
    """What they said is removed; that there was one, and why, stays."""
    caller = request.auth

    def done() -> dict[str, object]:
        count = caller.log.dismiss_dead_letters(caller.slug, given.numbers)
        _record(request, "dead_letters.dismissed", count)
        return {"dismissed": count}

    return once(request, done, in_log=True)


@router.get(
    "/keys", auth=may(Right.SEE_DATA), response=gives(KeysDocument),
    operation_id="keys", summary=str(_("The keys of sources and of programs")),
)  # fmt: skip
def all_keys(request: Asked) -> HttpResponse:
    """The document of `zhiyin key list --json`; revoked ones too, and no secret."""
    slug = request.auth.slug
    return send(
        {
            "keys": [keys.as_dict(one) for one in keys.of(slug)],
            "api_keys": [api_keys.as_dict(one) for one in api_keys.of(slug)],
        }
    )


@router.post(
    "/keys", auth=may(Right.CHANGE_DATA),
    response=gives(MadeWriteKeyDocument, 201), operation_id="create_write_key",
    summary=str(_("Make a write key")), openapi_extra=ONCE,
)  # fmt: skip
def create_write_key(request: Asked, given: WriteKeyGiven) -> HttpResponse:
    """The document of `zhiyin key create --json`."""
    caller = request.auth

    def done() -> dict[str, object]:
        made = keys.create(
            by=caller.by, workspace=caller.slug, source=given.source, origins=given.origins,
            events_per_second=given.events_per_second, signs=given.for_webhooks,
        )  # fmt: skip
        return keys.made_as_dict(made)

    return once(request, done, status=201)


@router.delete(
    "/keys/{key}", auth=may(Right.CHANGE_DATA), response=gives(WriteKeyDocument),
    operation_id="revoke_write_key", summary=str(_("Revoke a write key")), openapi_extra=ONCE,
)  # fmt: skip
def revoke_write_key(request: Asked, key: str) -> HttpResponse:
    """What it sends from then on is refused."""
    caller = request.auth

    def done() -> dict[str, object]:
        return keys.as_dict(keys.revoke(by=caller.by, workspace=caller.slug, key=key))

    return once(request, done)


def _record(request: Asked, action: str, count: int) -> None:
    caller = request.auth
    audit.record(
        by=caller.by, action=action, subject=caller.slug, workspace=caller.slug,
        after={"events": count},
    )  # fmt: skip
