"""What happens on the way: check-in, bag drop, boarding, arrival, baggage; and what comes after."""

from __future__ import annotations

import numpy as np

from zhiyin.demo.arrays import NONE, Bools, Floats, Ints, logistic, pick_each, stream
from zhiyin.demo.contacts import Contacts
from zhiyin.demo.happenings import (
    BUYER,
    CHANNEL,
    DIGITAL,
    KIOSK,
    NAME,
    OPERATIONS,
    SERVICE,
    TRAVELLER,
    Happenings,
)
from zhiyin.demo.orders import Orders
from zhiyin.demo.organisation import STATIONS, TEAMS, UNIT
from zhiyin.demo.people import People
from zhiyin.demo.plan import DAY
from zhiyin.demo.refunds import Refunds
from zhiyin.demo.trips import COUNTER, EFFECTS, PHONE, Trips
from zhiyin.demo.visits import party
from zhiyin.demo.world import World

_STATION_UNIT = np.array([UNIT[s.slug] for s in STATIONS])
_TEAM_UNIT = np.array([UNIT[t.slug] for t in TEAMS])
_CONTACT_CHANNEL = np.array([CHANNEL[c] for c in ("phone", "wechat", "chat", "mail")])
_CHECK_IN = (CHANNEL["app"], CHANNEL["wechat"], CHANNEL["kiosk"], CHANNEL["counter"])


def leg_number(orders: Orders, place: Ints, leg: int) -> Ints:
    """The number of a flight leg of an order: its id is ``QF`` + number."""
    return np.asarray(orders.number[place] * 10 + leg, dtype=np.int64)


def flown(world: World, people: People, trips: Trips, orders: Orders) -> Happenings:
    """Events of every leg, out and back."""
    rng = stream(world.plan.seed, "legs", people.chunk)
    out = np.arange(len(trips))
    back = np.flatnonzero(orders.back != NONE)
    parts = [
        _leg(world, rng, people, trips, orders, out, trips.flight, trips.day, 1, trips.bag_late),
        _leg(world, rng, people, trips, orders, back, orders.back[back], orders.back_day[back], 2,
             None),
    ]  # fmt: skip
    return Happenings.join(parts)


def _leg(
    world: World,
    rng: np.random.Generator,
    people: People,
    trips: Trips,
    orders: Orders,
    place: Ints,
    flight: Ints,
    day: Ints,
    leg: int,
    bag_late: Bools | None,
) -> Happenings:
    network, plan = world.network, world.plan
    departs = network.departs_at(plan, flight, day)
    delay = network.delay[flight, day].astype(np.int64)
    off = network.cancelled[flight, day]
    route = network.route[flight]
    leaves = departs + np.maximum(delay, 0) * 60
    lands = departs + (network.block[flight] + delay) * 60
    origin = _STATION_UNIT[network.origin[route]]
    goal = _STATION_UNIT[network.destination[route]]
    has_bag = trips.has_bag[place]
    late_bag = (
        bag_late[place] if bag_late is not None else has_bag & (rng.random(len(place)) < 0.008)
    )
    check_in = np.array(_CHECK_IN)[_check_in_channel(rng, people, trips, place)]
    at_airport = np.isin(check_in, (CHANNEL["kiosk"], CHANNEL["counter"]))
    checked = departs - np.where(
        at_airport, 4800 + rng.integers(0, 2400, len(place)),
        6 * 3600 + rng.integers(0, 50_000, len(place)),
    )  # fmt: skip
    checked = np.maximum(checked, orders.at[place] + 60)
    about = leg_number(orders, place, leg)
    who = trips.customer[place]

    def events(where: Bools, name: str, at: Ints, channel: Ints | int, unit: Ints,
               source: Ints | int = OPERATIONS, extra: Ints | int = NONE,
               ) -> Happenings:  # fmt: skip
        picked = np.flatnonzero(where & (at < plan.end))
        chosen = place[picked]

        def at_place(value: Ints | int) -> Ints | int:
            return value[picked] if isinstance(value, np.ndarray) else value

        return Happenings.of(
            len(picked), name=NAME[name], at=at[picked], who=who[picked],
            channel=at_place(channel), source=at_place(source), role=TRAVELLER, about_kind=1,
            about=about[picked], unit=unit[picked], route=route[picked],
            cabin=orders.cabin[chosen], region=people.region[who[picked]],
            party=party(orders)[chosen], extra=at_place(extra),
        )  # fmt: skip

    every = np.ones(len(place), dtype=np.bool_)
    kiosk = check_in == CHANNEL["kiosk"]
    is_digital = ~at_airport
    source = np.where(kiosk, KIOSK, np.where(is_digital, DIGITAL, OPERATIONS))
    gate, counter = CHANNEL["gate"], CHANNEL["counter"]
    self_drop = day >= world.rollout[network.origin[route]]
    drop = np.where(self_drop & (rng.random(len(place)) < 0.7), CHANNEL["kiosk"], counter)
    return Happenings.join(
        [
            events(~off, "Check-in Completed", checked, check_in, origin, source),
            events(off, "Flight Cancelled", departs - 1800, gate, origin, extra=delay),
            events(has_bag & ~off, "Bag Dropped",
                   departs - 3600 - rng.integers(0, 2400, len(place)),
                   drop, origin),
            events(~off, "Flight Boarded", leaves - 1500 + rng.integers(0, 1200, len(place)), gate,
                   origin),
            events(~off, "Flight Arrived", lands, gate, goal, extra=delay),
            events(has_bag & ~off & ~late_bag, "Bag Claimed",
                   lands + 900 + rng.integers(0, 1500, len(place)), counter, goal),
            events(late_bag & ~off, "Bag Delayed", lands + 2700, counter, goal),
            events(every & ~off & people.has_loyalty[who], "Points Earned", lands + 2 * DAY,
                   CHANNEL["app"], np.full(len(place), UNIT["digital"]), DIGITAL),
        ]
    )  # fmt: skip


def _check_in_channel(rng: np.random.Generator, people: People, trips: Trips, place: Ints) -> Ints:
    shares = np.array([[0.52, 0.15, 0.2, 0.13], [0.18, 0.2, 0.22, 0.4], [0.4, 0.3, 0.2, 0.1],
                       [0.05, 0.1, 0.15, 0.7], [0.1, 0.1, 0.15, 0.65]])  # fmt: skip
    return pick_each(rng, shares[people.persona[trips.customer[place]]])


def sold_elsewhere(people: People, trips: Trips, orders: Orders) -> Happenings:
    """Orders taken by phone and at counters: outside any session. Agencies' orders show nowhere."""
    place = np.flatnonzero(np.isin(trips.channel, (PHONE, COUNTER)))
    who = orders.buyer[place]
    return Happenings.of(
        len(place), name=NAME["Order Completed"], at=orders.at[place], who=who,
        channel=trips.channel[place], source=OPERATIONS, role=BUYER, about_kind=0,
        about=orders.number[place], unit=UNIT["service-centre"], route=trips.route[place],
        cabin=orders.cabin[place], party=party(orders)[place], region=people.region[who],
        money=orders.amount[place],
    )  # fmt: skip


def undone(
    world: World, people: People, trips: Trips, orders: Orders, refunds: Refunds
) -> Happenings:
    """Orders cancelled and money given back; only of buyers whom we know."""
    known = np.flatnonzero(orders.buyer[refunds.trip] != NONE)
    parts = []
    for name, at, money in (
        ("Order Cancelled", refunds.asked_at, np.full(len(refunds), NONE)),
        ("Order Refunded", refunds.paid_at, refunds.amount),
    ):
        picked = known[at[known] < world.plan.end]
        trip = refunds.trip[picked]
        who = orders.buyer[trip]
        parts.append(
            Happenings.of(
                len(picked), name=NAME[name], at=at[picked], who=who,
                channel=CHANNEL["app"], source=DIGITAL, role=BUYER, about_kind=0,
                about=orders.number[trip], unit=UNIT["digital"], route=trips.route[trip],
                cabin=orders.cabin[trip], party=party(orders)[trip],
                region=people.region[who], money=money[picked],
            )
        )  # fmt: skip
    return Happenings.join(parts)


def talked(world: World, people: People, contacts: Contacts) -> Happenings:
    """Conversations, begun and ended."""
    end = contacts.at + contacts.wait + contacts.talk
    parts = []
    for name, at in (("Conversation Started", contacts.at), ("Conversation Ended", end)):
        picked = np.flatnonzero(at < world.plan.end)
        who = contacts.customer[picked]
        parts.append(
            Happenings.of(
                len(picked), name=NAME[name], at=at[picked], who=who,
                channel=_CONTACT_CHANNEL[contacts.channel[picked]], source=SERVICE,
                about_kind=2, about=contacts.number[picked],
                unit=_TEAM_UNIT[contacts.team[picked]], region=people.region[who],
                extra=contacts.reason[picked],
            )
        )  # fmt: skip
    return Happenings.join(parts)


def told(world: World, people: People, trips: Trips) -> Happenings:
    """Word of mouth: those whose trip was good share it, and some invite a friend."""
    rng = stream(world.plan.seed, "sharing", people.chunk)
    tells = rng.random(len(trips)) < sharing_chance(trips.better)
    at = trips.arrives + rng.integers(3600, 5 * DAY, len(trips))
    invites = tells & (rng.random(len(trips)) < 0.35)
    parts = []
    for name, where, later in (("Product Shared", tells, 0), ("Invite Sent", invites, 600)):
        picked = np.flatnonzero(where & (at + later < world.plan.end))
        who = trips.customer[picked]
        parts.append(
            Happenings.of(
                len(picked), name=NAME[name], at=at[picked] + later, who=who,
                channel=CHANNEL["wechat"], source=DIGITAL, unit=UNIT["digital"],
                route=trips.route[picked], region=people.region[who],
                role=TRAVELLER,
            )
        )  # fmt: skip
    return Happenings.join(parts)


def sharing_chance(better: Floats) -> Floats:
    """The chance of telling others after a trip."""
    return logistic(EFFECTS.word_of_mouth_base + EFFECTS.word_of_mouth * better)


def renewed(world: World, people: People, trips: Trips) -> Happenings:
    """The yearly card: renewed, cancelled or left to expire, by how the trips so far were."""
    rng = stream(world.plan.seed, "cards", people.chunk)
    plan = world.plan
    anniversary = rng.integers(0, 365, len(people))
    size = len(people)
    holds = people.has_card.copy()
    chance = rng.random((size, 12, 2))
    parts = []
    for year in range(-(-plan.days // 365)):
        day = anniversary + 365 * year
        mean = _mean_before(trips, plan.start + day * DAY, size)
        due = np.flatnonzero(holds & (day < plan.days) & np.isfinite(mean))
        odds = EFFECTS.renewal_base + EFFECTS.renewal * mean[due]
        stays = chance[due, year, 0] < logistic(odds)
        says = chance[due, year, 1] < 0.3
        name = np.where(
            stays, NAME["Subscription Renewed"],
            np.where(says, NAME["Subscription Cancelled"], NAME["Subscription Expired"]),
        )  # fmt: skip
        holds[due[~stays]] = False
        parts.append(
            Happenings.of(
                len(due), name=name, at=plan.start + day[due] * DAY + 36_000 + due % 3600,
                who=due, channel=CHANNEL["app"], source=DIGITAL, role=BUYER,
                unit=UNIT["digital"], region=people.region[due],
            )
        )  # fmt: skip
    return Happenings.join(parts)


def _mean_before(trips: Trips, until: Ints, size: int) -> Floats:
    """Mean satisfaction (in sd) of each customer's trips that ended before `until`; nan: none."""
    ended = trips.arrives < until[trips.customer]
    count = np.bincount(trips.customer[ended], minlength=size)
    total = np.bincount(trips.customer[ended], weights=trips.better[ended], minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan)
