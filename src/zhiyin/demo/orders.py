"""Orders: who pays what for a trip, to the cent (fen, 分)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.arrays import NONE, Bools, Floats, Ints, logistic, pick_each, stream
from zhiyin.demo.organisation import AGENCIES
from zhiyin.demo.people import FEE, LEAD_DAYS, People
from zhiyin.demo.plan import AHEAD, DAY
from zhiyin.demo.trips import AGENCY, COUNTER, EFFECTS, PHONE, Trips
from zhiyin.demo.world import World

EXTRAS = ("seat", "extra baggage", "special meal", "insurance", "lounge")
EXTRAS_ZH = ("选座", "付费行李", "特殊餐", "保险", "休息室")
EXTRA_PRICE = np.array([6_000, 12_000, 4_500, 3_000, 16_000])
EXTRA_LOG_ODDS = np.array([-1.6, -2.1, -2.3, -1.0, -3.4])
AIRPORT_TAX, FUEL_TAX = 5_000, 3_000
CARRIAGE = 0.71
"""Of the fare: what flying the passenger costs."""
PROMOTION = 0.82
CATEGORIES = ("fare", "tax", "fee", *EXTRAS)

_BACK = np.array([0.55, 0.75, 0.30, 0.60, 0.80])
_STAY_DAYS = np.array([1.6, 5.0, 14.0, 6.0, 4.0])
_CABIN = np.array(
    [
        [0.70, 0.14, 0.16],
        [0.94, 0.05, 0.01],
        [0.99, 0.01, 0.0],
        [0.90, 0.07, 0.03],
        [0.97, 0.02, 0.01],
    ]
)
_CABIN_PRICE = np.array([1.0, 1.55, 2.7])
_HOURS = np.array([1, 1, 0, 0, 0, 1, 3, 6, 9, 12, 13, 11, 10, 9, 9, 9, 9, 8, 9, 12, 14, 13, 9, 4.0])


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """One order a trip of a chunk, same order; money in fen.

    Args:
        number: in the company; the order's id is ``QO`` + number.
        buyer: place in the chunk; NONE where an agency hides who bought.
        agency: position in `AGENCIES` or NONE.
        back: flight of the return leg or NONE; `back_day` its day.
        extras: [order, extra], money.
    """

    number: Ints
    buyer: Ints
    agency: Ints
    at: Ints
    passengers: Ints
    children: Ints
    cabin: Ints
    back: Ints
    back_day: Ints
    fare: Ints
    tax: Ints
    fee: Ints
    extras: Ints
    is_promotion: Bools

    def __len__(self) -> int:
        return len(self.number)

    @property
    def amount(self) -> Ints:
        """What is paid."""
        return np.asarray(self.fare + self.tax + self.fee + self.extras.sum(1), dtype=np.int64)

    @property
    def lines(self) -> Ints:
        """[order, category]: money per `CATEGORIES`."""
        return np.column_stack([self.fare, self.tax, self.fee, self.extras])

    @property
    def carriage(self) -> Ints:
        """What flying it costs."""
        return np.asarray(np.round(self.fare * CARRIAGE), dtype=np.int64)


def order(world: World, people: People, trips: Trips) -> Orders:
    """The orders behind a chunk's trips."""
    rng = stream(world.plan.seed, "orders", people.chunk)
    persona = people.persona[trips.customer]
    size = len(trips)
    is_agency = trips.channel == AGENCY
    at = _bought_at(world, rng, trips, persona)
    passengers, children = _party(rng, persona)
    cabin = pick_each(rng, _CABIN[persona])
    back, back_day = _return(world, rng, trips, persona)
    promotion = world.plan.stories.promotion
    day = (at - world.plan.start) // DAY
    is_promotion = (day >= promotion[0]) & (day < promotion[1]) & (rng.random(size) < 0.6)
    legs = 1 + (back != NONE)
    fare = _fare(world, rng, trips, at, passengers, children, cabin, is_promotion) * legs
    adults = passengers - children
    buyer = _buyer(rng, people, trips, is_agency)
    region = people.region[np.where(is_agency, trips.customer, buyer)]
    return Orders(
        number=(people.chunk + 1) * 1_000_000 + np.arange(size),
        buyer=buyer,
        agency=np.where(is_agency, rng.integers(0, len(AGENCIES), size), NONE),
        at=at,
        passengers=passengers,
        children=children,
        cabin=cabin,
        back=back,
        back_day=back_day,
        fare=fare,
        tax=(adults * (AIRPORT_TAX + FUEL_TAX) + children * FUEL_TAX) * legs,
        fee=np.where(is_agency | np.isin(trips.channel, (PHONE, COUNTER)), 0, FEE[region]),
        extras=_extras(rng, trips, passengers),
        is_promotion=is_promotion,
    )


def daytime(rng: np.random.Generator, moments: Ints) -> Ints:
    """The same Chinese days, at hours when people are up."""
    hour = np.searchsorted(np.cumsum(_HOURS) / _HOURS.sum(), rng.random(len(moments)), "right")
    midnight = (moments + AHEAD) // DAY * DAY - AHEAD
    return np.asarray(midnight + hour * 3600 + rng.integers(0, 3600, len(moments)), dtype=np.int64)


def before(trips: Trips, values: Floats, first: float) -> Floats:
    """Each trip's value of the customer's trip before; `first` where there is none."""
    shifted = np.concatenate([[first], values[:-1]])
    return np.where(trips.number == 0, first, shifted)


def _bought_at(world: World, rng: np.random.Generator, trips: Trips, persona: Ints) -> Ints:
    lead = rng.exponential(LEAD_DAYS[persona]) * DAY + 3 * 3600
    room = (trips.departs - trips.after - 3600).astype(np.float64)
    lead = np.where(lead > room, rng.random(len(lead)) * np.maximum(room, 0), lead)
    wanted = trips.departs - np.maximum(lead, 2400).astype(np.int64)
    wanted = np.maximum(wanted, world.plan.start + 600)
    awake = daytime(rng, wanted)
    fits = (awake > trips.after) & (awake < trips.departs - 2400) & (awake >= world.plan.start)
    return np.where(fits, awake, wanted)


def _party(rng: np.random.Generator, persona: Ints) -> tuple[Ints, Ints]:
    children = np.where(persona == 1, rng.integers(1, 3, len(persona)), 0)
    adults = np.where(persona == 1, rng.integers(1, 3, len(persona)), 1)
    adults = np.where(persona == 3, rng.integers(1, 3, len(persona)), adults)
    adults = np.where(persona == 4, rng.integers(5, 16, len(persona)), adults)
    return adults + children, children


def _return(
    world: World, rng: np.random.Generator, trips: Trips, persona: Ints
) -> tuple[Ints, Ints]:
    network, plan = world.network, world.plan
    route = network.reverse[trips.route]
    flight = network.first[route] + (rng.random(len(trips)) * network.count[route]).astype(np.int64)
    stay = 1 + rng.exponential(_STAY_DAYS[persona]).astype(np.int64)
    day = trips.day + stay
    fits = day < plan.days
    leaves = network.departs_at(plan, flight, day)
    lands = leaves + (network.block[flight] + 600) * 60
    follows = np.concatenate([trips.customer[1:] == trips.customer[:-1], [False]])
    following = np.concatenate([trips.departs[1:], [0]])
    fits &= ~follows | (lands < following)
    fits &= (rng.random(len(trips)) < _BACK[persona]) & ~trips.cancelled
    return np.where(fits, flight, NONE), np.where(fits, day, NONE)


def _fare(
    world: World,
    rng: np.random.Generator,
    trips: Trips,
    at: Ints,
    passengers: Ints,
    children: Ints,
    cabin: Ints,
    is_promotion: Bools,
) -> Ints:
    kilometres = world.network.distance[trips.route]
    price = 200 + 0.42 * kilometres
    price = price * np.where(world.seasons.crowded[trips.day], 1.25, 1.0)
    price = price * np.where(trips.departs - at > 14 * DAY, 0.82, 1.0) * _CABIN_PRICE[cabin]
    price = price * rng.uniform(0.85, 1.15, len(trips)) * np.where(is_promotion, PROMOTION, 1.0)
    adult = np.round(price / 10).astype(np.int64) * 1000
    child = adult // 2
    return np.asarray(adult * (passengers - children) + child * children, dtype=np.int64)


def _extras(rng: np.random.Generator, trips: Trips, passengers: Ints) -> Ints:
    """Extras are bought more by those whose last trip was good."""
    better = before(trips, trips.better, 0.0)
    odds = EXTRA_LOG_ODDS[None, :] + EFFECTS.spend * better[:, None]
    bought = rng.random(odds.shape) < logistic(odds)
    return np.asarray(bought * EXTRA_PRICE[None, :] * np.minimum(passengers, 4)[:, None])


def _buyer(rng: np.random.Generator, people: People, trips: Trips, is_agency: Bools) -> Ints:
    chance = rng.random(len(trips))
    who = trips.customer
    desk, head = people.secretary[who], people.family[who]
    buyer = np.where((head != who) & (chance < 0.6), head, who)
    buyer = np.where((desk != NONE) & (chance < 0.75), desk, buyer)
    return np.where(is_agency, NONE, buyer)
