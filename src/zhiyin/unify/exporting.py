"""Everything that is held about one customer, as one document."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.kernel.clock import now
from zhiyin.unify import consent, places
from zhiyin.unify.erasure import contacts
from zhiyin.unify.subjects import Her
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.rights import Subject
from zhiyin.warehouse.tables import TABLES

FORM = "zhiyin-customer/1"
NOT_HERS = ("seq", "customer")
"""Columns that are the log's own business."""

SECONDS = 120.0


def everything(
    *, by: Actor, log: Log, data: Path, workspace: str, name: str, kind: str | None = None
) -> dict[str, Any]:
    """All that is held of the customer of an id, as JSON values; an audit entry says that it was.

    Raises:
        Problem: ``rights.no-such-customer``, ``rights.which-customer``.
    """
    found = log.subject(workspace, name, kind)
    facts = {table: _facts(log, workspace, found, table) for table in TABLES}
    said = consent.history(log, workspace, found.customer)
    document = {
        "form": FORM,
        "workspace": workspace,
        "written_at": _plain(now()),
        "language": language_of(facts),
        "ids": [{"kind": one.kind, "id": one.id} for one in found.ids],
        "consents": [
            {
                "purpose": one.purpose,
                "channel": one.channel,
                "is_given": one.is_given,
                "since": _plain(one.by.said_at),
            }
            for one in consent.standing(said)
        ],
        "facts": {table: rows for table, rows in facts.items() if rows},
        "elsewhere": _elsewhere(log, data, workspace, found),
    }
    with transaction.atomic():
        audit.record(
            by=by,
            action="customer.exported",
            subject=Pseudonyms(data).of(found.ids[0].kind, found.ids[0].id)[:16],
            workspace=workspace,
            after={"facts": sum(map(len, facts.values()))},
        )
    return document


def language_of(facts: dict[str, list[dict[str, Any]]]) -> str | None:
    """Her language: what is known of her says it, else her latest response."""
    for row in reversed(facts["traits"]):
        if row.get("name") in ("language", "locale", "lang") and row.get("value"):
            return str(row["value"])
    for row in reversed(facts["responses"]):
        if row.get("language"):
            return str(row["language"])
    return None


def _facts(log: Log, workspace: str, found: Subject, table: str) -> list[dict[str, Any]]:
    rows = lang.table(log.schema(workspace), table)
    query = rows.filter(rows.customer == found.customer).order_by("occurred_at", "seq")
    names = {key: f"{one.kind} {one.id}" for key, one in zip(found.keys, found.ids, strict=False)}
    return [
        {
            name: _plain(names.get(value, value) if name == "other" else value)
            for name, value in row.items()
            if value is not None and name not in NOT_HERS
        }
        for row in log.execute(workspace, query, words=True, seconds=SECONDS).to_pylist()
    ]


def _elsewhere(log: Log, data: Path, workspace: str, found: Subject) -> dict[str, list[Any]]:
    her = Her(
        workspace=workspace,
        data=data,
        ids=found.ids,
        keys=found.keys,
        contacts=tuple(contacts(log, workspace, found)),
    )
    shown = {holding.place: eraser.show(her) for holding, eraser in places.of_customers()}
    shown["refusals"] = _refused(log, her)
    return {place: rows for place, rows in shown.items() if rows}


def _refused(log: Log, her: Her) -> list[dict[str, Any]]:
    """What was sent of her and not taken in, as far as it is still kept."""
    names = {one.id for one in her.ids} | set(her.contacts)
    return [
        {
            "received_at": _plain(letter.received_at),
            "source": letter.source,
            "reason": letter.code,
            "text": letter.body,
        }
        for letter in log.dead_letters_naming(her.workspace, sorted(names))
        if letter.body
    ]


def _plain(value: Any) -> Any:
    """A value of the log as JSON has it; times in UTC, with their Z."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str) and value[:1] == "{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
