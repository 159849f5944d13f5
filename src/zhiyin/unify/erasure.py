"""Erasure of one customer: from everywhere, at once for every reader, and in time for every byte.

An erasure is written down first, with her ids, so that one that is cut off is carried on; when
every place has forgotten her, the ids are taken out of it too.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import find
from zhiyin.unify import places, rules
from zhiyin.unify.models import Erasure, ErasureState, Reason
from zhiyin.unify.subjects import Her
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.rights import Id, Subject

PROGRAM = Actor(person=None, where="background")

CHECKPOINTS = 30
"""How often the store is asked for its write-ahead log, which a reader may hold for a moment."""

_log = logging.getLogger("zhiyin.unify")


def erase(
    *,
    by: Actor,
    log: Log,
    data: Path,
    workspace: str,
    name: str,
    kind: str | None = None,
    reason: str = Reason.REQUEST,
) -> Erasure:
    """Erase the customer of an id: unreadable when this returns, her bytes by the stated time.

    Raises:
        Problem: ``rights.no-such-customer``, ``rights.which-customer``.
    """
    found = log.subject(workspace, name, kind)
    erasure = ask(
        by=by,
        workspace=find(workspace),
        customer=_pseudonym(data, found, name),
        reason=reason,
        pending={
            "ids": [[one.kind, one.id] for one in found.ids],
            "keys": list(found.keys),
            "contacts": contacts(log, workspace, found),
        },
    )
    return carry_on(erasure, log, data)


@transaction.atomic
def ask(
    *, by: Actor, workspace: Workspace, customer: str, reason: str, pending: dict[str, Any]
) -> Erasure:
    """Write an erasure down, before anything of it is done."""
    at = timezone.now()
    days = rules.of(workspace).stated_days
    erasure = Erasure.objects.create(
        workspace=workspace,
        number=uuid.uuid4().hex,
        customer=customer,
        asked_by=by.name,
        asked_at=at,
        reason=Reason(reason),
        gone_by=at + timedelta(days=days),
        pending=pending,
    )
    audit.record(
        by=by,
        action="erasure.asked",
        subject=erasure.number,
        workspace=workspace.slug,
        after={"customer": customer, "reason": reason, "gone_by": erasure.gone_by.isoformat()},
    )
    return erasure


def carry_on(erasure: Erasure, log: Log, data: Path) -> Erasure:
    """Make her unreadable everywhere; may run again after it was cut off at any moment."""
    if erasure.state != ErasureState.ASKED:
        return erasure
    slug = erasure.workspace.slug
    her = Her(
        workspace=slug,
        data=data,
        ids=tuple(Id(*one) for one in erasure.pending["ids"]),
        keys=tuple(erasure.pending["keys"]),
        contacts=tuple(erasure.pending["contacts"]),
        pseudonym=erasure.customer,
    )
    done = log.erase(slug, her.ids, erasure.number, her.contacts)
    at = _utc(done.erased_at)
    for holding in places.in_the_log():
        rows = done.by_table.get(holding.place, 0)
        _note(erasure, "table", holding.place, holding.why, rows, at)
    for holding, eraser in places.of_customers():
        with transaction.atomic():
            rows = eraser.erase(her)
            at = timezone.now()
            gone = at if holding.kind == "folder" and holding.place not in KEPT_OPEN else None
            said = eraser.note.sentence if eraser.note else ""
            _note(erasure, holding.kind, holding.place, holding.why, rows, at, gone, said)
            erasure.save(update_fields=["places"])
    with transaction.atomic():
        erasure.pending = {}
        erasure.state = ErasureState.UNREADABLE
        erasure.unreadable_at = timezone.now()
        erasure.save()
        audit.record(
            by=PROGRAM,
            action="erasure.unreadable",
            subject=erasure.number,
            workspace=slug,
            after={"rows": sum(place["rows"] for place in erasure.places)},
        )
    return erasure


KEPT_OPEN = ("log", "journal")
"""Folders that lose her bytes later; the others are rid of her when they are walked."""


def finish(workspace: str, log: Log, data: Path, *, even_if_idle: bool = False) -> int:
    """Get rid of the bytes of every erasure of a workspace; returns how many are done now.

    The log's file is written anew once for all of them.
    """
    _carry_on_all(workspace, log, data)
    waiting = Erasure.objects.filter(workspace__slug=workspace, state=ErasureState.UNREADABLE)
    pending = {one.erasure for one in log.erasures(workspace) if one.gone_at is None}
    if pending or even_if_idle:
        done = log.rewrite(workspace)
        _log.info(
            "wrote the log of %s anew: %d erasures, %d to %d bytes, writers waited %.2f s",
            workspace, len(done.erasures), done.bytes_before, done.bytes_after, done.waited_seconds,
        )  # fmt: skip
    seen = {one.erasure: one.gone_at for one in log.erasures(workspace)}
    if waiting.exists() and not log.empty_journal(workspace):
        _log.warning("the journal of %s cannot be emptied yet; it is tried again", workspace)
        return 0
    store_is_clean = _clean_store()
    finished = 0
    for erasure in waiting:
        gone_at = seen.get(erasure.number)
        # Where the log held nothing of her, it has nothing to say.
        if gone_at is None and erasure.number in seen:
            continue
        if not store_is_clean:
            continue
        _finished(erasure, _utc(gone_at) if gone_at else timezone.now())
        finished += 1
    if finished:
        # The ids that waited here have left the store's own log of writes too.
        _clean_store()
    return finished


def _carry_on_all(workspace: str, log: Log, data: Path) -> None:
    for erasure in Erasure.objects.filter(workspace__slug=workspace, state=ErasureState.ASKED):
        carry_on(erasure, log, data)


@transaction.atomic
def _finished(erasure: Erasure, log_gone_at: datetime) -> None:
    at = timezone.now()
    for place in erasure.places:
        if place["bytes_gone_at"] is None:
            gone = log_gone_at if place["kind"] == "table" or place["place"] in KEPT_OPEN else at
            place["bytes_gone_at"] = _text(gone)
    erasure.state = ErasureState.GONE
    erasure.gone_at = at
    erasure.save()
    audit.record(
        by=PROGRAM,
        action="erasure.gone",
        subject=erasure.number,
        workspace=erasure.workspace.slug,
    )


def _clean_store() -> bool:
    """Take deleted rows out of the relational store's files; False when somebody is in the way.

    SQLite overwrites deleted rows (`secure_delete`) and keeps old pages in its write-ahead log
    until that is emptied. PostgreSQL keeps them until the tables are written anew.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for _time in range(CHECKPOINTS):
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, _pages, _moved = cursor.fetchone()
                if not busy:
                    return True
                time.sleep(0.1)
            return False
        if connection.vendor == "postgresql" and not connection.in_atomic_block:
            for holding, _eraser in places.of_customers():
                if holding.kind == "model":
                    table = connection.ops.quote_name(places.table_of(holding))
                    cursor.execute(f"VACUUM (FULL) {table}")
    return True


def contacts(log: Log, workspace: str, found: Subject) -> list[str]:
    """Her mail addresses and telephone numbers, where nobody else has the same.

    A number that others have too is not hers alone: what names it may be about them.
    """
    traits = lang.table(log.schema(workspace), "traits")
    hers = traits.filter(traits.customer == found.customer).select("value").distinct()
    values = [value for value in log.execute(workspace, hers)["value"].to_pylist() if value]
    mine = sorted(value for value in values if _is_contact(value))
    if not mine:
        return []
    others = traits.filter(traits.customer != found.customer, traits.value.isin(mine))
    shared = set(log.execute(workspace, others.select("value").distinct())["value"].to_pylist())
    return [value for value in mine if value not in shared]


def _is_contact(value: str) -> bool:
    digits = sum(letter.isdigit() for letter in value)
    return len(value) <= 200 and ("@" in value or (digits >= 7 and digits * 2 > len(value)))


def _pseudonym(data: Path, found: Subject, name: str) -> str:
    kind = next((one.kind for one in found.ids if one.id == name), "customer")
    return Pseudonyms(data).of(kind, name)


def _note(
    erasure: Erasure,
    kind: str,
    place: str,
    why: str,
    rows: int,
    unreadable_at: datetime,
    gone_at: datetime | None = None,
    note: str = "",
) -> None:
    """Set down what became of one place; a second time it keeps the larger count."""
    known = next(
        (one for one in erasure.places if (one["kind"], one["place"]) == (kind, place)), None
    )
    if known is not None:
        known["rows"] = max(known["rows"], rows)
        return
    erasure.places.append(
        {
            "kind": kind,
            "place": place,
            "holds": why,
            "rows": rows,
            "unreadable_at": _text(unreadable_at),
            "bytes_gone_at": _text(gone_at) if gone_at else None,
            "bytes_gone_by": _text(erasure.gone_by),
            "note": note,
        }
    )


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
