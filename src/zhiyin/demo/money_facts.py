"""Orders, lines, refunds and costs as rows, in yuan to the cent."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhiyin.demo.arrays import NONE, Column, Ints, coded, instants, numbered, same, yuan
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.happenings import PARTIES
from zhiyin.demo.orders import CATEGORIES
from zhiyin.demo.organisation import AGENCIES, CABINS, UNIT, UNIT_SLUGS
from zhiyin.demo.people import REGION_NAMES
from zhiyin.demo.people_facts import customer_ids, routes
from zhiyin.demo.refunds import REASONS, VOUCHER, delay_cost
from zhiyin.demo.touchpoints import SLUGS
from zhiyin.demo.trips import CHANNELS, OWN_DIGITAL
from zhiyin.demo.visits import party

COST_KINDS = ("carriage", "delay", "voucher")


def of(chunk: Chunk) -> dict[str, pa.Table]:
    """The four tables of money."""
    return {
        "orders": orders(chunk),
        "order_lines": order_lines(chunk),
        "refunds": refunds(chunk),
        "costs": costs(chunk),
    }


def currency(size: int) -> Column:
    """Everything is in yuan."""
    return same("CNY", size)


def orders(chunk: Chunk) -> pa.Table:
    """Every order; without a customer where an agency hides who bought."""
    of, trips, people = chunk.orders, chunk.trips, chunk.people
    size = len(of)
    refunded = np.zeros(size, dtype=np.int64)
    done = chunk.refunds.paid_at < chunk.world.plan.end
    refunded[chunk.refunds.trip[done]] = 1 + chunk.refunds.reason[done]
    region = np.where(of.buyer == NONE, NONE, people.region[np.maximum(of.buyer, 0)])
    unit = np.where(np.isin(trips.channel, OWN_DIGITAL), UNIT["digital"], UNIT["service-centre"])
    return pa.table(
        {
            "id": numbered("QO", of.number),
            "occurred_at": instants(of.at),
            "customer": customer_ids(people, of.buyer),
            "role": same("buyer", size),
            "unit": coded(np.where(of.agency != NONE, UNIT["headquarters"], unit), UNIT_SLUGS),
            "status": coded(refunded, ("completed", "refunded", "partly refunded")),
            "amount": yuan(of.amount),
            "currency": currency(size),
            "touchpoint": coded(np.full(size, SLUGS.index("booking")), SLUGS),
            "channel": coded(trips.channel, CHANNELS),
            "region": coded(region, REGION_NAMES),
            "route": routes(chunk.world, trips.route),
            "cabin": coded(of.cabin, [slug for slug, _en, _zh in CABINS]),
            "party": coded(party(of), PARTIES),
            "agency": coded(of.agency, AGENCIES),
            "promotion": coded(np.where(of.is_promotion, 0, NONE), ("early-summer",)),
        }
    )


def order_lines(chunk: Chunk) -> pa.Table:
    """One row an order and category with money in it."""
    of = chunk.orders
    lines = of.lines
    place, category = np.nonzero(lines)
    quantity = np.where(category < 2, of.passengers[place], 1)
    return pa.table(
        {
            "id": numbered("QN", of.number[place] * 10 + category),
            "occurred_at": instants(of.at[place]),
            "customer": customer_ids(chunk.people, of.buyer[place]),
            "order_id": numbered("QO", of.number[place]),
            "product": coded(category, CATEGORIES).cast(pa.string()),
            "category": coded(category, CATEGORIES),
            "quantity": pa.array(quantity.astype(np.float64)),
            "amount": yuan(lines[place, category]),
            "currency": currency(len(place)),
        }
    )


def refunds(chunk: Chunk) -> pa.Table:
    """Refunds paid within the history; asked for at `experienced_at`."""
    of = chunk.refunds
    paid = np.flatnonzero(of.paid_at < chunk.world.plan.end)
    trip = of.trip[paid]
    buyer = chunk.orders.buyer[trip]
    region = np.where(buyer == NONE, NONE, chunk.people.region[np.maximum(buyer, 0)])
    return pa.table(
        {
            "id": numbered("QB", chunk.orders.number[trip]),
            "occurred_at": instants(of.paid_at[paid]),
            "customer": customer_ids(chunk.people, buyer),
            "about_kind": same("order", len(paid)),
            "about_id": numbered("QO", chunk.orders.number[trip]),
            "experienced_at": instants(of.asked_at[paid]),
            "order_id": numbered("QO", chunk.orders.number[trip]),
            "amount": yuan(of.amount[paid]),
            "currency": currency(len(paid)),
            "reason": coded(of.reason[paid], REASONS),
            "channel": coded(chunk.trips.channel[trip], CHANNELS),
            "region": coded(region, REGION_NAMES),
        }
    )


def cost_rows(chunk: Chunk) -> tuple[Ints, Ints, Ints, Ints]:
    """Trip, kind (position in `COST_KINDS`), when, fen; costs within the history only."""
    trips, of = chunk.trips, chunk.orders
    every = np.arange(len(trips))
    delay = delay_cost(trips, of)
    late = np.flatnonzero(delay)
    given = chunk.gestures.is_given
    voucher, voucher_at = chunk.gestures.trip[given], chunk.gestures.at[given]
    trip = np.concatenate([every, late, voucher])
    kind = np.repeat(np.arange(3), [len(every), len(late), len(voucher)])
    # What was refunded whole was never flown, but the seat was.
    at = np.concatenate([trips.departs, trips.arrives[late], voucher_at])
    fen = np.concatenate([of.carriage, delay[late], np.full(len(voucher), VOUCHER)])
    inside = at < chunk.world.plan.end
    return trip[inside], kind[inside], at[inside], fen[inside]


def costs(chunk: Chunk) -> pa.Table:
    """Carrying passengers, delays, vouchers. What a contact costs stands with the contact."""
    trip, kind, at, fen = cost_rows(chunk)
    traveller = chunk.trips.customer[trip]
    hidden = np.where(chunk.orders.agency[trip] != NONE, NONE, traveller)
    return pa.table(
        {
            "id": numbered("QD", chunk.orders.number[trip] * 10 + kind),
            "occurred_at": instants(at),
            "customer": customer_ids(chunk.people, hidden),
            "about_kind": same("order", len(trip)),
            "about_id": numbered("QO", chunk.orders.number[trip]),
            "cost_kind": coded(kind, COST_KINDS),
            "amount": yuan(fen),
            "currency": currency(len(trip)),
            "channel": coded(chunk.trips.channel[trip], CHANNELS),
        }
    )
