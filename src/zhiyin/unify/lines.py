"""The time line: what a customer did, said, bought and was told, over all channels, in lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.answers import STATES
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.kernel.text import Text, _
from zhiyin.unify import masking
from zhiyin.warehouse.log import Log, Place, Reader, TimelineAsked

KINDS: dict[str, tuple[Text, tuple[str, ...]]] = {
    "said": (_("Said"), ("answers", "verbatims")),
    "bought": (_("Bought"), ("orders", "refunds")),
    "service": (_("Service contacts"), ("service_contacts",)),
    "site": (_("Site, app and places"), ("events",)),
    "asked": (_("Asked"), ("exposures", "responses")),
    "record": (_("On file"), ("traits", "consents", "assignments", "identities", "costs")),
}
"""Kinds of lines: name, and tables of the log. Lines of an order stand in the order."""

SCORED = ("nps", "csat", "ces", "rating")
"""Measures whose answers are called by the measure; others are called by their question."""

EVENT = ("name", "properties", "channel", "touchpoint")
"""All that a line says of an event."""

SHOWN_FIRST = ("said", "bought", "service", "site")
PAGE = 50
EVERYTHING = Reader()
NOTHING: Mapping[str, Sequence[Mapping[str, Any]]] = {}


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Args:
        kind: of `KINDS`.
        title: what happened, in the log's own words.
        detail: more of it.
        says: her own words, where she said something.
        amount: money, as it is written at the right.
    """

    at: datetime
    kind: str
    table: str
    title: str
    detail: str = ""
    says: str = ""
    amount: str = ""
    channel: str = ""
    touchpoint: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the time line is filtered by; nothing named is everything."""

    kinds: tuple[str, ...] = SHOWN_FIRST
    channels: tuple[str, ...] = ()
    what: str = ""
    start: datetime | None = None
    end: datetime | None = None

    def tables(self) -> tuple[str, ...]:
        """The tables of the kinds."""
        return tuple(table for kind in self.kinds if kind in KINDS for table in KINDS[kind][1])


@dataclass(frozen=True, slots=True)
class Page:
    """A page of lines, newest first, and where the older ones begin."""

    lines: tuple[Line, ...]
    older: Place | None


def read(
    log: Log,
    settings: Settings,
    key: int,
    chosen: Chosen,
    *,
    before: Place | None = None,
    limit: int = PAGE,
    held: Mapping[str, Sequence[Mapping[str, Any]]] = NOTHING,
    reader: Reader = EVERYTHING,
    is_masked: bool = False,
) -> Page:
    """The newest lines that pass, or those before `before`.

    Args:
        held: rows of hers that the caller has (`customer.rows_of`): they are not read again.
        is_masked: lines say nothing of who she is.
    """
    asked = TimelineAsked(
        key,
        tables=chosen.tables(),
        channels=chosen.channels,
        what=(chosen.what,) if chosen.what else (),
        start=chosen.start,
        end=chosen.end,
        before=before,
        limit=limit + 1,
        reader=reader,
    )
    entries = log.timeline(settings.slug, asked).to_pylist()
    has_more = len(entries) > limit
    entries = entries[:limit]
    rows = _rows(log, settings.slug, key, entries, held, reader)
    if is_masked:
        rows = {place: masking.row(place[0], row) for place, row in rows.items()}
    lines = tuple(_line(entry, rows.get((entry["table"], entry["seq"]), {})) for entry in entries)
    last = entries[-1] if entries else None
    older = (last["occurred_at"], last["table"], last["seq"]) if last and has_more else None
    return Page(lines, older)


def write_place(place: Place) -> str:
    """A place as it stands in an address."""
    at, table, seq = place
    return f"{at.isoformat()}~{table}~{seq}"


def read_place(text: str) -> Place | None:
    """The place that an address names, None for none.

    Raises:
        Problem: ``customer.no-such-place``.
    """
    if not text:
        return None
    try:
        at, table, seq = text.split("~")
        found = (datetime.fromisoformat(at), table, int(seq))
    except ValueError:
        found = None
    known = {table for _name, tables in KINDS.values() for table in tables}
    if found is None or found[0].tzinfo is not None or found[1] not in known:
        raise Problem(
            "customer.no-such-place",
            _("This address leads to no place of the time line."),
            _("Open the customer's page again."),
        )
    return found


def days(settings: Settings, start: str, end: str) -> tuple[datetime | None, datetime | None]:
    """The span that two dates of an address stand for, the last day included.

    Raises:
        Problem: ``customer.bad-date``.
    """
    from datetime import date

    found: list[datetime | None] = []
    for text, more in ((start, 0), (end, 1)):
        if not text:
            found.append(None)
            continue
        try:
            day = date.fromisoformat(text) + timedelta(days=more)
        except (ValueError, OverflowError):
            raise Problem(
                "customer.bad-date",
                _("{text} is not a date.", text=text),
                _("Write a date as 2026-01-31."),
            ) from None
        found.append(day_start(day, settings.timezone))
    return found[0], found[1]


def by_day(lines: Sequence[Line], settings: Settings) -> list[tuple[Any, list[Line]]]:
    """Lines under the days of the workspace's zone, in their order."""
    found: list[tuple[Any, list[Line]]] = []
    for line in lines:
        day = local_day(line.at, settings.timezone)
        if not found or found[-1][0] != day:
            found.append((day, []))
        found[-1][1].append(line)
    return found


def _rows(
    log: Log,
    workspace: str,
    key: int,
    entries: Sequence[Mapping[str, Any]],
    held: Mapping[str, Sequence[Mapping[str, Any]]],
    reader: Reader,
) -> dict[tuple[str, int], Mapping[str, Any]]:
    """The facts behind entries of the time line, in words, by table and `seq`."""
    known = {
        (table, row["seq"]): row
        for table in {entry["table"] for entry in entries}
        for row in held.get(table, ())
    }
    wanted: dict[str, list[int]] = {}
    for entry in entries:
        if (entry["table"], entry["seq"]) not in known:
            wanted.setdefault(entry["table"], []).append(entry["seq"])
    if not wanted:
        return known
    columns = EVENT if wanted.keys() == {"events"} else ()
    found = log.rows_of(workspace, key, wanted, columns=columns, reader=reader)
    return known | {
        (table, row["seq"]): row for table, rows in found.items() for row in rows.to_pylist()
    }


def _line(entry: Mapping[str, Any], row: Mapping[str, Any]) -> Line:
    table = entry["table"]
    kind = next((kind for kind, (_name, tables) in KINDS.items() if table in tables), "record")
    said = _SAID[table](row) if row else {"title": entry["what"] or table}
    return Line(
        at=entry["occurred_at"],
        kind=kind,
        table=table,
        channel=row.get("channel") or entry["channel"] or "",
        touchpoint=row.get("touchpoint") or entry["touchpoint"] or "",
        **{"title": entry["what"] or "", **{k: v for k, v in said.items() if v}},
    )


def _answer(row: Mapping[str, Any]) -> dict[str, str]:
    score = "" if row["score"] is None else f"{row['score']:g}"
    if score and row["scale_max"] is not None:
        score = f"{score}/{row['scale_max']:g}"
    value = score or row["choice"] or _state(row["answer_state"])
    if row["metric"] not in SCORED:
        return {"title": row["question"] or "", "detail": value}
    return {"title": f"{(row['metric'] or '').upper()} {value}".strip(), "detail": row["question"]}


def _state(word: str | None) -> str:
    return str(STATES.get(word or "", word or ""))


def _event(row: Mapping[str, Any]) -> dict[str, str]:
    return {"title": row["name"], "detail": _properties(row["properties"])}


def _properties(text: str | None) -> str:
    """The first plain properties of an event."""
    try:
        held = json.loads(text or "{}")
    except ValueError:
        return ""
    if not isinstance(held, dict):
        return ""
    plain = [
        f"{name}: {value}"
        for name, value in held.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
    ]
    return " · ".join(one if len(one) <= 60 else f"{one[:59]}…" for one in plain[:3])


def _order(row: Mapping[str, Any]) -> dict[str, str]:
    about = [str(v) for n, v in row.items() if n.startswith("d_") and isinstance(v, str)]
    return {
        "title": str(_("Order {id}", id=row["id"])),
        "detail": " · ".join([*([row["status"]] if row["status"] else []), *about]),
        "amount": _money(row),
    }


def _refund(row: Mapping[str, Any]) -> dict[str, str]:
    money = _money(row)
    return {
        "title": str(_("Refund of order {id}", id=row["order_id"] or "–")),
        "detail": row["reason"],
        "amount": f"−{money}" if money else "",
    }


def _contact(row: Mapping[str, Any]) -> dict[str, str]:
    said = []
    if row["is_abandoned"]:
        said.append(str(_("gave up waiting")))
    elif row["is_resolved"] is not None:
        said.append(str(_("resolved") if row["is_resolved"] else _("not resolved")))
    if row["talk_seconds"]:
        said.append(str(_("{minutes} min", minutes=max(1, round(row["talk_seconds"] / 60)))))
    if row["queue"]:
        said.append(row["queue"])
    return {
        "title": str(_("Service contact: {reason}", reason=row["reason"] or "–")),
        "detail": " · ".join(said),
    }


def _consent(row: Mapping[str, Any]) -> dict[str, str]:
    given = _("Consent given: {purpose}", purpose=row["purpose"] or "–")
    withdrawn = _("Consent withdrawn: {purpose}", purpose=row["purpose"] or "–")
    return {"title": str(given if row["is_given"] else withdrawn)}


def _money(row: Mapping[str, Any]) -> str:
    if row["amount"] is None:
        return ""
    return f"{row['currency'] or ''} {row['amount']:,.2f}".strip()


_SAID: dict[str, Any] = {
    "events": _event,
    "answers": _answer,
    "verbatims": lambda row: {"title": row["question"] or str(_("Said")), "says": row["text"]},
    "responses": lambda row: {"title": str(_("Survey filled in: {survey}", survey=row["survey"]))},
    "exposures": lambda row: {
        "title": str(_("Survey {survey}: {action}", survey=row["survey"], action=row["action"]))
    },
    "orders": _order,
    "order_lines": lambda row: {"title": row["product"], "amount": _money(row)},
    "refunds": _refund,
    "costs": lambda row: {
        "title": str(_("Cost: {kind}", kind=row["cost_kind"])), "amount": _money(row)
    },
    "service_contacts": _contact,
    "traits": lambda row: {"title": f"{row['name']}: {row['value'] or '–'}"},
    "consents": _consent,
    "assignments": lambda row: {"title": row["assignment"], "detail": row["arm"]},
    "identities": lambda row: {
        "title": str(_("Ids joined or parted: {action}", action=row["action"])),
        "detail": row["reason"],
    },
}  # fmt: skip
