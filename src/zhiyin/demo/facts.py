"""Chunks as rows of the log: one Arrow table per source and log table.

Columns are named as in `warehouse.tables`; a dimension is a column by its plain name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhiyin.demo import asked_facts, money_facts, people_facts, voice_facts
from zhiyin.demo.arrays import (
    NONE,
    Bools,
    Column,
    Ints,
    coded,
    compute,
    instants,
    joined,
    numbered,
    yuan,
)
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.contacts import CHANNELS as CONTACT_CHANNELS
from zhiyin.demo.contacts import COMPLAINT_KINDS
from zhiyin.demo.contacts import REASONS as CONTACT_REASONS
from zhiyin.demo.happenings import (
    ABOUT,
    CHANNELS,
    DEVICES,
    KIOSK,
    NAME,
    NAMES,
    PARTIES,
    ROLES,
    SOURCES,
    TOUCHPOINT,
    Happenings,
)
from zhiyin.demo.organisation import AGENT_SLUGS, CABINS, TEAMS, UNIT, UNIT_SLUGS
from zhiyin.demo.people import REGION_NAMES, TIERS
from zhiyin.demo.people_facts import customer_ids, customer_kinds, routes
from zhiyin.demo.touchpoints import SLUGS
from zhiyin.warehouse.log import DimensionKind

DIMENSIONS: dict[str, dict[str, DimensionKind]] = {
    table: {name: "int" if name == "reach" else "text" for name in names}
    for table, names in {
        "events": ("route", "cabin", "device_kind", "party", "region"),
        "answers": ("region", "country", "tier", "cabin", "route", "delay", "contact_reason"),
        "responses": ("region", "tier"),
        "exposures": ("region", "country", "tier"),
        "verbatims": ("region", "route", "voice", "complaint_kind", "reach"),
        "orders": ("region", "route", "cabin", "party", "agency", "promotion"),
        "refunds": ("region",),
        "service_contacts": ("region", "tier", "complaint_kind"),
    }.items()
}
"""Declared dimensions per log table."""


PROPERTIES = ("order_id", "revenue", "delay_minutes")
"""Columns of the files of events; in the log they are the JSON in ``properties``."""


@dataclass(frozen=True, slots=True)
class Family:
    """Rows of one table that come from one source: one file, one mapping."""

    source: str
    table: str
    name: str
    """Of the file, without ending."""


FAMILIES = (
    *(Family(source, "events", f"events_{source}") for source in SOURCES),
    Family("service", "service_contacts", "service_contacts"),
    Family("reservations", "orders", "orders"),
    Family("reservations", "order_lines", "order_lines"),
    Family("reservations", "refunds", "refunds"),
    Family("reservations", "costs", "costs"),
    Family("crm", "traits", "traits"),
    Family("service", "traits", "traits_service"),
    Family("crm", "consents", "consents"),
    Family("crm", "identities", "identities"),
    Family("crm", "assignments", "assignments"),
    Family("surveys", "exposures", "exposures"),
    Family("surveys", "responses", "responses"),
    Family("surveys", "answers", "answers"),
    Family("surveys", "verbatims", "verbatims_surveys"),
    Family("service", "verbatims", "verbatims_service"),
    Family("listening", "verbatims", "verbatims_listening"),
)
FAMILY = {family.name: family for family in FAMILIES}


def of(chunk: Chunk) -> Iterator[tuple[Family, pa.Table]]:
    """Every table of a chunk, always in the same order, empty ones too."""
    first = 0
    for source, name in enumerate(SOURCES):
        picked = np.flatnonzero((chunk.events.source == source) & ~is_lost(chunk))
        yield FAMILY[f"events_{name}"], events(chunk, chunk.events.pick(picked), first)
        first += len(picked)
    tables: Mapping[str, pa.Table] = {
        "service_contacts": service_contacts(chunk),
        **money_facts.of(chunk),
        **people_facts.of(chunk),
        **asked_facts.of(chunk),
        **voice_facts.of(chunk),
    }
    for name, table in tables.items():
        yield FAMILY[name], table


def is_lost(chunk: Chunk) -> Bools:
    """Events that happened and never arrived: the kiosks' of their four silent days."""
    plan, events = chunk.world.plan, chunk.events
    first, last = (plan.moment(day) for day in plan.stories.silent)
    silent = (events.at >= first) & (events.at < last)
    return np.asarray(silent & (events.source == KIOSK))


def events(chunk: Chunk, events: Happenings, first: int) -> pa.Table:
    """Events of one source; `first` numbers them within the chunk."""
    size = len(events)
    number = (chunk.number + 1) * 10_000_000 + first + np.arange(size)
    about_kind = np.where(events.about == NONE, NONE, events.about_kind)
    revenue = _revenue(events)
    arrived = events.name == NAME["Flight Arrived"]
    return pa.table(
        {
            "id": numbered("QE", number),
            "occurred_at": instants(events.at),
            "customer": customer_ids(chunk.people, events.who, events.cookie),
            "customer_kind": customer_kinds(events.who),
            "role": coded(events.role, ROLES),
            "unit": coded(events.unit, UNIT_SLUGS),
            "about_kind": coded(about_kind, ABOUT),
            "about_id": _about(about_kind, events.about),
            "name": coded(events.name, NAMES),
            "touchpoint": coded(TOUCHPOINT[events.name], SLUGS),
            "channel": coded(events.channel, CHANNELS),
            "session": numbered("QS", events.session, events.session == NONE),
            "properties": _properties(events, revenue),
            "order_id": numbered("QO", events.about, (events.money == NONE)),
            "revenue": revenue,
            "delay_minutes": pa.array(events.extra, mask=~arrived),
            "route": routes(chunk.world, events.route),
            "cabin": coded(events.cabin, [slug for slug, _en, _zh in CABINS]),
            "device_kind": coded(events.device, DEVICES),
            "party": coded(events.party, PARTIES),
            "region": coded(events.region, REGION_NAMES),
        }
    )


def _about(kind: Ints, about: Ints) -> Column:
    """Ids of what was experienced: QO order, QF flight leg, QK contact."""
    prefix = coded(kind, ("QO", "QF", "QK", "QV")).cast(pa.string())
    number = pa.array(about, mask=kind < 0).cast(pa.string())
    return joined(prefix, number)


def _revenue(events: Happenings) -> Column:
    """Yuan and cents as text, where an event has an amount."""
    fen, none = events.money, events.money == NONE
    cents = pa.array(100 + np.abs(fen) % 100, mask=none).cast(pa.string())
    whole = pa.array(fen // 100, mask=none).cast(pa.string())
    return joined(whole, ".", compute.utf8_slice_codeunits(cents, 1))


def _properties(events: Happenings, revenue: Column) -> Column:
    """JSON, where an event has more to say than its columns."""
    money = np.flatnonzero(events.money != NONE)
    arrived = np.flatnonzero(events.name == NAME["Flight Arrived"])
    amount = compute.take(revenue, pa.array(money))
    order = pa.array(events.about[money]).cast(pa.string())
    minutes = pa.array(events.extra[arrived]).cast(pa.string())
    texts = pa.chunked_array(
        [
            joined('{"order_id":"QO', order, '","revenue":', amount, ',"currency":"CNY"}'),
            joined('{"delay_minutes":', minutes, "}"),
        ],
        pa.string(),
    ).combine_chunks()
    place = np.full(len(events), NONE, dtype=np.int64)
    place[money] = np.arange(len(money))
    place[arrived] = len(money) + np.arange(len(arrived))
    found: Column = compute.take(texts, pa.array(np.maximum(place, 0), mask=place < 0))
    return found


def service_contacts(chunk: Chunk) -> pa.Table:
    """Every service contact."""
    contacts, people, end = chunk.contacts, chunk.people, chunk.world.plan.end
    picked = np.flatnonzero(contacts.at < end)
    who = contacts.customer[picked]
    channel = contacts.channel[picked]
    team = contacts.team[picked]
    agent = np.where(contacts.is_answered[picked], contacts.agent[picked], NONE)
    answered = contacts.is_answered[picked]
    fen = contacts.cost[picked]
    return pa.table(
        {
            "id": numbered("QK", contacts.number[picked]),
            "occurred_at": instants(contacts.at[picked]),
            "customer": customer_ids(people, who),
            "unit": coded(np.array([UNIT[t.slug] for t in TEAMS])[team], UNIT_SLUGS),
            "about_kind": coded(np.zeros(len(picked), np.int64), ABOUT),
            "about_id": numbered("QO", chunk.orders.number[contacts.trip[picked]]),
            "channel": coded(channel, CONTACT_CHANNELS),
            "touchpoint": coded(np.full(len(picked), SLUGS.index("contact")), SLUGS),
            "queue": coded(team, [t.slug for t in TEAMS]),
            "skill": coded(people.language[who], ("zh", "en")),
            "agent": coded(agent, AGENT_SLUGS),
            "team": coded(team, [t.slug for t in TEAMS]),
            "is_offered": pa.array(np.ones(len(picked), dtype=np.bool_)),
            "is_answered": pa.array(answered),
            "is_abandoned": pa.array(~answered),
            "wait_seconds": pa.array(contacts.wait[picked].astype(np.float64)),
            "talk_seconds": pa.array(contacts.talk[picked].astype(np.float64)),
            "hold_seconds": pa.array(contacts.hold[picked].astype(np.float64)),
            "wrap_up_seconds": pa.array(contacts.wrap_up[picked].astype(np.float64)),
            "transfers": pa.array(contacts.transfers[picked]),
            "reason": coded(contacts.reason[picked], CONTACT_REASONS),
            "issue": numbered("QX", contacts.issue[picked]),
            "is_resolved": pa.array(contacts.is_resolved[picked]),
            "resolved_by_word_of": coded(contacts.word_of[picked], ("customer", "agent", "rule")),
            "is_reopened": pa.array(contacts.is_reopened[picked]),
            "cost": yuan(fen),
            "currency": money_facts.currency(len(picked)),
            "region": coded(people.region[who], REGION_NAMES),
            "tier": coded(people.tier[who], TIERS),
            "complaint_kind": coded(contacts.kind[picked], COMPLAINT_KINDS),
        }
    )
