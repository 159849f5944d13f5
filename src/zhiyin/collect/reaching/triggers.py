"""Triggers 触发条件: an event in the log asks, after a delay, her who lived it.

What is read here is the same for the work that asks and for whoever wants to know beforehand whom
it would have asked: events in words, with what each is about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.models import Channel
from zhiyin.collect.reaching.drawing import SEPARATOR
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.surveys.definition import NAME
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Schema
from zhiyin.warehouse.tables import DIMENSION_PREFIX
from zhiyin.warehouse.where import where

PAGE = 5_000
"""Events that are read at once."""

LONGEST_DELAY = 60 * 24 * 30
LONGEST_LATE = 24 * 30
MOST_FIELDS = 20


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which events ask, whom and when. `Distribution.begins` is one as a mapping.

    Args:
        event: its name.
        where: a filter over events; blank: every event of this name.
        delay_minutes: from the event to the asking.
        late_hours: an asking that would be later than this after its time is withheld.
        about_kind: what the event is about, where it does not say so itself: ``order``.
        about_property: which of its properties says its id.
        fields: fields of her link, each from a property.
        takes_imports: events of files that were imported ask too.
    """

    event: str
    where: str = ""
    delay_minutes: int = 0
    late_hours: int = 48
    about_kind: str = ""
    about_property: str = ""
    fields: dict[str, str] = {}
    takes_imports: bool = False

    @property
    def delay(self) -> timedelta:
        """From the event to the asking."""
        return timedelta(minutes=self.delay_minutes)

    @property
    def late(self) -> timedelta:
        """How late an asking may be."""
        return timedelta(hours=self.late_hours)

    def as_dict(self) -> dict[str, Any]:
        """Every part, as the API and the command line write it."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


@dataclass(frozen=True, slots=True)
class Lived:
    """One event that asks.

    Args:
        cause: what names the event for good: its source and its id there.
        at: when it was lived, or when it arrived where it says a later time: a clock that is
            wrong keeps nobody waiting.
        customer: her key, after merges.
        own: the key of the id that the event names; no id has it where the event names none.
        properties: what no column holds.
        is_imported: it came with a file.
    """

    cause: str
    at: datetime
    received_at: datetime
    customer: int
    own: int
    experienced_at: datetime
    about_kind: str
    about_id: str
    touchpoint: str
    channel: str
    unit: str
    properties: Mapping[str, Any]
    is_imported: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Which events: those that arrived after `after` and up to `upto`, and were lived by
    `lived_upto`; of those that had arrived by `seen`, only the ones lived after `lived_after`.
    All times are UTC, naive.
    """

    after: datetime
    upto: datetime
    lived_upto: datetime
    seen: datetime
    lived_after: datetime


def read(given: Mapping[str, Any]) -> Trigger:
    """A trigger from its mapping, looked at as far as it can be without the log.

    Raises:
        Problem: ``trigger.unreadable``, ``trigger.event``, ``trigger.delay``, ``trigger.about``,
            ``trigger.fields``, ``filter.…``.
    """
    try:
        found = msgspec.convert(given, Trigger)
    except msgspec.ValidationError as error:
        raise Problem(
            "trigger.unreadable",
            _("The trigger cannot be read: {why}", why=str(error)),
            _("Parts: {names}.", names=", ".join(Trigger.__struct_fields__)),
        ) from None
    found = msgspec.structs.replace(found, event=found.event.strip(), where=found.where.strip())
    if not found.event or len(found.event) > 200:
        raise Problem(
            "trigger.event",
            _("A trigger needs the name of an event."),
            _("The page of events lists those that arrive, such as Order Completed."),
        )
    _check_times(found)
    if bool(found.about_kind) != bool(found.about_property) or len(found.about_kind) > 60:
        raise Problem(
            "trigger.about",
            _("What an event is about needs a kind and the property with its id."),
            _("Give both, such as order and order_id, or neither."),
        )
    wrong = [name for name in found.fields if not NAME.fullmatch(name)]
    if wrong or len(found.fields) > MOST_FIELDS:
        raise Problem(
            "trigger.fields",
            _("{name} cannot be the name of a field.", name=wrong[0][:60] if wrong else "…"),
            _("Up to {most} fields; a name begins with a letter, then letters, digits and"
              " underscores.", most=MOST_FIELDS),
        )  # fmt: skip
    if found.where:
        parse(found.where)
    return found


def _check_times(found: Trigger) -> None:
    if not (0 <= found.delay_minutes <= LONGEST_DELAY and 1 <= found.late_hours <= LONGEST_LATE):
        raise Problem(
            "trigger.delay",
            _("A delay is 0 to {minutes} minutes, and an asking may be 1 to {hours} hours late.",
              minutes=LONGEST_DELAY, hours=LONGEST_LATE),
            _("Give whole numbers within these."),
        )  # fmt: skip


def check(log: Log, settings: Settings, trigger: Trigger) -> None:
    """Refuse a filter that the log's events cannot answer.

    Raises:
        Problem: ``filter.…``.
    """
    if trigger.where:
        schema = log.schema(settings.slug)
        events = lang.table(schema, "events")
        where(parse(trigger.where), events, schema, table_name="events", zone=settings.timezone)


def lived(
    log: Log, settings: Settings, trigger: Trigger, span: Span, *, imports: bool | None = None
) -> Iterator[list[Lived]]:
    """The events that ask, by pages, in the order of their arrival.

    Args:
        imports: whether events of imports are among them; None: as the trigger says.
    """
    takes = trigger.takes_imports if imports is None else imports
    brought = {
        one.committed_at
        for one in log.imports(settings.slug)
        if not one.is_of_intake and span.after < one.committed_at <= span.upto
    }
    asked = _asked(log, settings, trigger, span)
    if brought and not takes:
        moments = [lang.timestamp(at) for at in sorted(brought)]
        asked = asked.filter(~asked.received_at.isin(moments))
    place: tuple[datetime, int] | None = None
    while True:
        page = asked
        if place is not None:
            at, seq = lang.timestamp(place[0]), place[1]
            page = page.filter(
                (page.received_at > at) | ((page.received_at == at) & (page.seq > seq))
            )
        page = page.order_by("received_at", "seq").limit(PAGE)
        rows = log.execute(settings.slug, page, words=True, seconds=60.0).to_pylist()
        if rows:
            yield [_lived(row, trigger, is_imported=row["received_at"] in brought) for row in rows]
            place = rows[-1]["received_at"], rows[-1]["seq"]
        if len(rows) < PAGE:
            return


def newest(log: Log, workspace: str) -> datetime | None:
    """When the newest event arrived; None where there is none."""
    events = lang.table(log.schema(workspace), "events")
    found = log.execute(workspace, events.aggregate(at=events.received_at.max())).to_pylist()
    at: datetime | None = found[0]["at"] if found else None
    return at


def _asked(log: Log, settings: Settings, trigger: Trigger, span: Span) -> lang.Expression:
    schema = log.schema(settings.slug)
    events = lang.table(schema, "events", has_own_key=True)
    words = lang.words()
    named = words.filter((words.domain == "name") & (words.word == trigger.event))
    at = lang.ifelse(
        events.occurred_at < events.received_at, events.occurred_at, events.received_at
    )
    conditions = [
        events.name.isin(named.code),
        events.received_at > lang.timestamp(span.after),
        events.received_at <= lang.timestamp(span.upto),
        at <= lang.timestamp(span.lived_upto),
        (events.received_at > lang.timestamp(span.seen)) | (at > lang.timestamp(span.lived_after)),
    ]
    if trigger.where:
        conditions.append(
            where(parse(trigger.where), events, schema, table_name="events", zone=settings.timezone)
        )
    return events.filter(*conditions).select(
        "seq", "id", "source", "occurred_at", "received_at", "customer", "own_key", "about_kind",
        "about_id", "experienced_at", "touchpoint", "channel", "unit", "properties",
        *(DIMENSION_PREFIX + name for name in _dimensions(schema, trigger)),
    )  # fmt: skip


def _dimensions(schema: Schema, trigger: Trigger) -> list[str]:
    """The properties that the trigger reads and the workspace keeps as columns."""
    wanted = {trigger.about_property, *trigger.fields.values()}
    return [name for name in schema.dimensions.get("events", {}) if name in wanted]


def _lived(row: Mapping[str, Any], trigger: Trigger, *, is_imported: bool) -> Lived:
    held = json.loads(row["properties"]) if row["properties"] else {}
    properties = dict(held) if isinstance(held, dict) else {}
    for name, value in row.items():
        if name.startswith(DIMENSION_PREFIX) and value is not None:
            properties[name.removeprefix(DIMENSION_PREFIX)] = value
    kind, about = row["about_kind"] or "", row["about_id"] or ""
    if not about and trigger.about_property:
        found = properties.get(trigger.about_property)
        if isinstance(found, str | int) and str(found):
            kind, about = trigger.about_kind, str(found)[:300]
    return Lived(
        cause=SEPARATOR.join((row["source"] or "", row["id"])),
        at=min(row["occurred_at"], row["received_at"]),
        received_at=row["received_at"],
        customer=row["customer"],
        own=row["own_key"],
        experienced_at=row["experienced_at"] or row["occurred_at"],
        about_kind=kind if about else "",
        about_id=about,
        touchpoint=row["touchpoint"] or "",
        channel=row["channel"] or "",
        unit=row["unit"] or "",
        properties=properties,
        is_imported=is_imported,
    )


def people(
    log: Log, workspace: str, trigger: Trigger, events: list[Lived], *, channel: str
) -> list[tuple[Lived, Person]]:
    """Who lived each event, under an id of hers, at her address of the channel; whom no id names
    cannot be asked, and is left out.

    The id that the event names, unless a device made it up and another is hers.
    """
    found = []
    customers = sorted({one.customer for one in events})
    known = _ids(log, workspace, customers)
    reached = _traits(log, workspace, customers, TRAITS.get(channel, ()))
    speaks = _traits(log, workspace, customers, LANGUAGES)
    for one in events:
        hers = known.get(one.customer, [])
        own = [each for each in hers if each[0] == one.own]
        best = sorted((each[1] == ANONYMOUS, each[0] != one.own, each) for each in hers)
        if not best:
            continue
        _own, kind, name = own[0] if own and own[0][1] != ANONYMOUS else best[0][2]
        person = Person(
            customer=name,
            customer_kind=kind,
            about_kind=one.about_kind,
            about_id=one.about_id,
            experienced_at=one.experienced_at,
            touchpoint=one.touchpoint,
            channel=one.channel,
            fields=_fields(trigger, one),
            unit=one.unit,
            cause=one.cause,
            address=reached.get(one.customer, ""),
            language=speaks.get(one.customer, ""),
        )
        found.append((one, person))
    return found


TRAITS: dict[str, tuple[str, ...]] = {
    Channel.EMAIL: ("email", "e-mail", "mail"),
    Channel.SMS: ("phone", "mobile", "telephone"),
    Channel.PUSH: ("device", "push_token"),
}
"""The traits that say where a customer is reached, by channel; the newest counts."""

LANGUAGES = ("language", "locale")


def _fields(trigger: Trigger, one: Lived) -> dict[str, str]:
    return {
        field: str(one.properties[source])[:500]
        for field, source in trigger.fields.items()
        if isinstance(one.properties.get(source), str | int | float)
    }


def _ids(log: Log, workspace: str, customers: list[int]) -> dict[int, list[tuple[int, str, str]]]:
    """The ids of customers: own key, kind and text."""
    found: dict[int, list[tuple[int, str, str]]] = {}
    if customers:
        ids = lang.ids().select("key", "own", "kind", "id")
        for row in log.execute(workspace, ids, customers=customers).to_pylist():
            found.setdefault(row["key"], []).append((row["own"], row["kind"], row["id"]))
    return found


def _traits(
    log: Log, workspace: str, customers: list[int], names: tuple[str, ...]
) -> dict[int, str]:
    """The newest value of each customer among traits of these names."""
    if not customers or not names:
        return {}
    traits = lang.table(log.schema(workspace), "traits")
    words = lang.words()
    named = words.filter((words.domain == "name") & words.word.isin(list(names)))
    query = traits.filter(traits.name.isin(named.code) & traits.value.notnull()).select(
        "customer", "value", "occurred_at", "seq"
    )
    newest: dict[int, tuple[datetime, int, str]] = {}
    for row in log.execute(workspace, query, customers=customers).to_pylist():
        said = (row["occurred_at"], row["seq"], row["value"])
        newest[row["customer"]] = max(said, newest.get(row["customer"], said))
    return {customer: value for customer, (_at, _seq, value) in newest.items()}
