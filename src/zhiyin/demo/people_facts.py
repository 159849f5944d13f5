"""Customers as rows: what is on file of them, their consents, ids and assignments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhiyin.demo import second_records
from zhiyin.demo.arrays import (
    NONE,
    Column,
    Ints,
    coded,
    compute,
    instants,
    joined,
    numbered,
    same,
    stream,
    within,
)
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.organisation import COUNTRIES, STATIONS
from zhiyin.demo.people import LANGUAGES, REGION_NAMES, TIERS, People
from zhiyin.demo.plan import DAY
from zhiyin.demo.world import World
from zhiyin.kernel.ids import ANONYMOUS, KNOWN

PURPOSES = ("surveys", "marketing", "profiling")
TRAITS = (
    "region", "country", "language", "tier", "home_station", "phone", "email", "loyalty_number",
    "name", "birth_date",
)  # fmt: skip


def customer_ids(people: People, who: Ints, cookie: Ints | None = None) -> Column:
    """``QC`` + number of known customers, ``wc-`` + number of browsers, else null."""
    known = who != NONE
    number = np.where(known, people.number[np.maximum(who, 0)], 0)
    ids = numbered("QC", number, ~known)
    if cookie is None or bool(known.all()):
        return ids
    found: Column = compute.coalesce(ids, numbered("wc-", cookie, known | (cookie == NONE)))
    return found


def customer_kinds(who: Ints) -> Column:
    """Of each of these ids its kind: a customer whom the company knows, or a browser."""
    return coded((who == NONE).astype(np.int64), (KNOWN, ANONYMOUS))


def routes(world: World, route: Ints) -> Column:
    """``PVG-CAN``: origin and destination."""
    network = world.network
    words = [
        f"{STATIONS[a].slug}-{STATIONS[b].slug}"
        for a, b in zip(network.origin, network.destination, strict=True)
    ]
    return coded(route, words)


def of(chunk: Chunk) -> dict[str, pa.Table]:
    """Traits of both systems, consents, identities and assignments."""
    return {
        "traits": traits(chunk),
        "traits_service": second_records.of(chunk, since(chunk)),
        "consents": consents(chunk),
        "identities": identities(chunk),
        "assignments": assignments(chunk),
    }


def since(chunk: Chunk) -> Ints:
    """When each customer came on file (for those before the history: its first hour)."""
    plan = chunk.world.plan
    trips = chunk.trips
    first = np.full(len(chunk.people), plan.end - 7200)
    np.minimum.at(first, trips.customer, chunk.orders.at)
    asked = plan.start + (chunk.people.joined * plan.days * DAY).astype(np.int64)
    earliest = np.maximum(np.minimum(first, asked), plan.start)
    return np.asarray(np.minimum(earliest, plan.end - 7200), dtype=np.int64)


def traits(chunk: Chunk) -> pa.Table:
    """What is on file, one row a customer and trait."""
    people, plan = chunk.people, chunk.world.plan
    at = since(chunk)
    number = pa.array(people.number).cast(pa.string())
    mail = joined("qc", number, "@example.com")
    # A mistyped address differs from the true one by a lost letter.
    typed = joined("qc", number, "@exmple.com")
    values = {
        "region": coded(people.region, REGION_NAMES),
        "country": coded(people.country, COUNTRIES),
        "language": coded(people.language, LANGUAGES),
        "tier": coded(people.tier, TIERS),
        "home_station": coded(people.home, [s.slug for s in STATIONS]),
        "phone": pa.array(people.phone_on_file).cast(pa.string()),
        "email": compute.if_else(pa.array(people.typo), typed, mail),
        "loyalty_number": numbered("QM", people.number * 7 + 3, ~people.has_loyalty),
        "name": second_records.names(plan.seed, people),
        "birth_date": second_records.births(plan.seed, people),
    }
    parts = []
    for place, name in enumerate(TRAITS):
        value = values[name].cast(pa.string())
        table = pa.table(
            {
                "id": numbered("QT", people.number * 10 + place),
                "occurred_at": instants(at),
                "customer": customer_ids(people, np.arange(len(people))),
                "name": coded(np.full(len(people), place), TRAITS),
                "value": value,
            }
        )
        parts.append(table.filter(compute.is_valid(value)))
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def consents(chunk: Chunk) -> pa.Table:
    """Consent for surveys, marketing and profiling, given or not."""
    people = chunk.people
    rng = stream(chunk.world.plan.seed, "consents", chunk.number)
    size = len(people)
    who = np.tile(np.arange(size), len(PURPOSES))
    purpose = np.repeat(np.arange(len(PURPOSES)), size)
    given = rng.random(len(who)) < np.array([0.97, 0.62, 0.55])[purpose]
    return pa.table(
        {
            "id": numbered("QP", people.number[who] * 10 + purpose),
            "occurred_at": instants(since(chunk)[who]),
            "customer": customer_ids(people, who),
            "purpose": coded(purpose, PURPOSES),
            "channel": coded(people.mode[who], ("wechat", "sms", "mail")),
            "is_given": pa.array(given),
        }
    )


def identities(chunk: Chunk) -> pa.Table:
    """Browsers on which a customer once signed in: a sure link.

    Shared telephones and mistyped ones are only in the traits: finding out which mean one
    person is somebody else's work, and the truth knows.
    """
    people = chunk.people
    who = np.repeat(np.arange(len(people)), people.cookies)
    place = within(people.cookies)
    cookie = people.number[who] * 10 + place
    return pa.table(
        {
            "id": numbered("QL", cookie),
            "occurred_at": instants(since(chunk)[who] + 60 + place),
            "customer": customer_ids(people, who),
            "other": numbered("wc-", cookie),
            "other_kind": same(ANONYMOUS, len(who)),
            "action": same("link", len(who)),
            "reason": same("signed in on this browser", len(who)),
            "weight": pa.nulls(len(who), pa.float64()),
        }
    )


def assignments(chunk: Chunk) -> pa.Table:
    """Who was given a goodwill voucher by lot, and who was not."""
    gestures, trips = chunk.gestures, chunk.trips
    inside = np.flatnonzero(gestures.at < chunk.world.plan.end)
    trip = gestures.trip[inside]
    return pa.table(
        {
            "id": numbered("QA", chunk.orders.number[trip]),
            "occurred_at": instants(gestures.at[inside]),
            "customer": customer_ids(chunk.people, trips.customer[trip]),
            "about_kind": same("flight", len(trip)),
            "about_id": numbered("QF", chunk.orders.number[trip] * 10 + 1),
            "assignment": same("goodwill-voucher", len(trip)),
            "arm": coded(gestures.is_given[inside].astype(np.int64), ("none", "voucher")),
            "assigned_by": same("lot", len(trip)),
        }
    )
