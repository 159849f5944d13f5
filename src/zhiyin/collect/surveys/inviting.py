"""Invitations: who is asked, by a link of her own, about what she experienced.

Each is a row of ``exposures``, which the survey page looks up by the link: the log is the only
place that knows whose it is.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from django.conf import settings
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.collect.files.encodings import detect
from zhiyin.collect.surveys import kept, tokens
from zhiyin.collect.surveys.actions import must_be_published
from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.collect.surveys.tokens import INVITATION, Tokens
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.ids import KNOWN
from zhiyin.kernel.periods import to_utc
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log

MOST = 1_000_000
"""People of one call."""

COLUMNS = ("customer", "customer_kind", "about_kind", "about_id", "experienced_at", "touchpoint",
           "channel", "arm")  # fmt: skip
"""What a list of people says; every other column is a field of the link."""


_TEXTS = ("id", "invitation", "action", "survey", "mode", "customer", "customer_kind",
          "about_kind", "about_id", "touchpoint", "channel", "arm")  # fmt: skip
_KINDS: dict[str, pa.DataType] = {
    "row": pa.int64(),
    "occurred_at": pa.timestamp("us"),
    "experienced_at": pa.timestamp("us"),
    **dict.fromkeys(_TEXTS, pa.string()),
}
_SCHEMA = pa.schema(_KINDS)


class Invited(msgspec.Struct, frozen=True):
    """Somebody who is asked.

    Args:
        customer: her id, of the name space `customer_kind`.
        about_kind, about_id: what she experienced, and `experienced_at` when (UTC, naive).
        arm: of an incentive.
        fields: what the link brings besides.
    """

    customer: str
    customer_kind: str = KNOWN
    about_kind: str = ""
    about_id: str = ""
    experienced_at: datetime | None = None
    touchpoint: str = ""
    channel: str = ""
    arm: str = ""
    fields: Mapping[str, str] = {}


def invite(
    log: Log, *, by: Actor, workspace: str, key: str, people: Sequence[Invited]
) -> list[str]:
    """Make a link for each, in their order; every call asks anew.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.field``,
            ``survey.too-many-people``.
    """
    held = kept.get(workspace, key)
    must_be_published(held)
    if len(people) > MOST:
        raise Problem(
            "survey.too-many-people",
            _("The list has {n} people; {most} can be invited at once.", n=len(people), most=MOST),
            _("Invite them in parts."),
        )
    maker = Tokens(tokens.key(settings.ZHIYIN_DATA), INVITATION)
    made = [maker.new() for _one in people]
    links = [
        kept.link(held, one.fields, invitation=token)
        for one, token in zip(people, made, strict=True)
    ]
    with transaction.atomic(), log.begin(workspace, source=SOURCE, label=key) as batch:
        batch.write("exposures", _exposures(key, people, made))
        audit.record(
            by=by,
            action="survey.invited",
            subject=key,
            workspace=workspace,
            after={"invitations": len(made)},
        )
        batch.commit()
    return links


def _exposures(key: str, people: Sequence[Invited], made: Sequence[str]) -> pa.Table:
    at = now()
    rows = [
        {
            "row": place,
            "id": token,
            "invitation": token,
            "action": "invited",
            "survey": key,
            "mode": "link",
            "occurred_at": at,
            "customer": one.customer,
            "customer_kind": one.customer_kind,
            "about_kind": one.about_kind or None,
            "about_id": one.about_id or None,
            "experienced_at": one.experienced_at,
            "touchpoint": one.touchpoint or None,
            "channel": one.channel or None,
            "arm": one.arm or None,
        }
        for place, (one, token) in enumerate(zip(people, made, strict=True))
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def read_people(file: Path, *, zone: str) -> list[Invited]:
    """A list of people: a CSV file with a head, in any encoding that imports take.

    Args:
        zone: of the times that name none.

    Raises:
        Problem: ``survey.people``: no customer in a row, or a time that is none;
            ``import.not-text``.
    """
    with file.open(encoding=detect(file), newline="") as lines:
        reader = csv.DictReader(lines)
        if "customer" not in (reader.fieldnames or ()):
            raise _bad(1, "customer")
        return [_person(row, reader.line_num, zone) for row in reader]


def _person(row: Mapping[str, str | None], line: int, zone: str) -> Invited:
    said = {name: (value or "").strip() for name, value in row.items() if name}
    if not said["customer"]:
        raise _bad(line, "customer")
    moment = said.get("experienced_at", "")
    fields = {name: value for name, value in said.items() if name not in COLUMNS and value}
    given: dict[str, Any] = {
        name: said[name] for name in COLUMNS if said.get(name) and name != "experienced_at"
    }
    return Invited(**given, experienced_at=_moment(moment, line, zone), fields=fields)


def _moment(text: str, line: int, zone: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _bad(line, "experienced_at") from None
    if found.tzinfo is None:
        return to_utc(found, zone)
    return found.astimezone(UTC).replace(tzinfo=None)


def _bad(line: int, column: str) -> Problem:
    return Problem(
        "survey.people",
        _("Line {line}: the column {column} says nothing that can be read.",
          line=line, column=column),
        _("A list of people is a CSV file with a column customer; experienced_at is a time such as"
          " 2026-03-01T18:30."),
    )  # fmt: skip


def as_dicts(people: Sequence[Invited], links: Sequence[str]) -> list[dict[str, str]]:
    """A list of people with the link of each."""
    return [
        {"customer": one.customer, "customer_kind": one.customer_kind, "link": link}
        for one, link in zip(people, links, strict=True)
    ]


def links_of(people: Sequence[Invited], links: Sequence[str]) -> Rows:
    """The same, to be written as a file."""
    columns = dict.fromkeys(("customer", "customer_kind", "link"), pa.string())
    return rows_of(columns, as_dicts(people, links))
