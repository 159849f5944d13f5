"""Visits to site, app and mini-program: sessions, searches, carts, orders; and passers-by.

Two stories live here. The own site cannot sell a child's ticket, hides Shanghai and has no
calendar of lowest prices, so families leave it, most before they ever signed in. And a service
fee that differs by region makes people leave their carts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.arrays import NONE, Bools, Ints, logistic, pick, pick_each, stream, within
from zhiyin.demo.happenings import (
    BUYER,
    DIGITAL,
    NAME,
    PARTIES,
    Happenings,
)
from zhiyin.demo.orders import Orders, daytime
from zhiyin.demo.organisation import STATION, UNIT
from zhiyin.demo.people import FEE, OVERSEAS, People
from zhiyin.demo.plan import DAY
from zhiyin.demo.trips import APP, OWN_DIGITAL, WEB, Trips
from zhiyin.demo.world import World

ABANDON_BASE = 0.1
"""Log odds of leaving a cart where there is no fee."""
ABANDON_PER_YUAN = 0.025
"""Added to them per yuan of service fee: ten yuan multiply the odds by e^0.25."""
PASSERS_BY = 0.6
"""Visitors whom nobody knows, per known customer in two years."""
FAMILY_CART = (0.03, 0.24)
"""Chance that a passing family fills a cart: on the site, elsewhere."""
OTHER_CART = 0.20
HIDDEN = STATION["PVG"]
"""The station that is not among the site's popular cities."""

BROWSE, CART, ORDER = range(3)
_PATHS = (
    ("Page Viewed", "Products Searched", "Product List Viewed", "Product Viewed",
     "Products Searched", "Product List Viewed"),
    ("Page Viewed", "Products Searched", "Product List Viewed", "Product Viewed",
     "Product Added", "Checkout Started"),
    ("Page Viewed", "Products Searched", "Product List Viewed", "Product Viewed",
     "Product Added", "Checkout Started", "Payment Info Entered", "Order Completed"),
)  # fmt: skip
_LONGEST = max(len(path) for path in _PATHS)
_PATH = np.array([[NAME[name] for name in path] + [NONE] * (_LONGEST - len(path))
                  for path in _PATHS])  # fmt: skip
_CHANNEL_SHARES = np.array([[0.34, 0.42, 0.24], [0.30, 0.45, 0.25], [0.25, 0.40, 0.35],
                            [0.35, 0.25, 0.40], [0.5, 0.3, 0.2]])  # fmt: skip
_FIRST_STRANGER = 900_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Sessions; one element a session.

    Args:
        kind: BROWSE, CART (left behind) or ORDER.
        steps: how many of its path's events happened.
        enters: 0 by itself, 1 by an advertisement, 2 by a promotion.
        starts: seconds; for an ORDER, the order's own time, at the session's end.
        order: place in the chunk's orders, or NONE.
        route: searched.
    """

    who: Ints
    cookie: Ints
    kind: Ints
    steps: Ints
    enters: Ints
    channel: Ints
    device: Ints
    starts: Ints
    order: Ints
    route: Ints
    party: Ints
    region: Ints

    def __len__(self) -> int:
        return len(self.who)


@dataclass(frozen=True, slots=True)
class Lost:
    """Families on the own site and elsewhere, before anyone knew them: the truth of the story.

    Args:
        carts_elsewhere: carts of all families off the site, known or not, kept or left.
        fen_elsewhere: what these came to.
    """

    site_sessions: int
    site_carts: int
    other_sessions: int
    other_carts: int
    carts_elsewhere: int
    fen_elsewhere: int

    def __add__(self, other: Lost) -> Lost:
        return Lost(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def carts_not_filled(self) -> float:
        """How many more of the site's sessions would fill a cart elsewhere, by the two chances."""
        site, elsewhere = FAMILY_CART
        return self.site_sessions * (elsewhere - site)

    def as_dict(self) -> dict[str, int | float | None]:
        """As the truth says it, in yuan."""
        worth = self.fen_elsewhere / 100 / self.carts_elsewhere if self.carts_elsewhere else None
        return {
            "site_sessions": self.site_sessions,
            "site_carts": self.site_carts,
            "other_sessions": self.other_sessions,
            "other_carts": self.other_carts,
            "carts_not_filled": round(self.carts_not_filled, 2),
            "yuan_of_a_cart_elsewhere": None if worth is None else round(worth, 2),
            "yuan_lost": None if worth is None else round(worth * self.carts_not_filled, 2),
        }


NOTHING_LOST = Lost(0, 0, 0, 0, 0, 0)


def abandonment(region: Ints) -> np.ndarray:
    """The chance that a filled cart is left behind, by region."""
    return logistic(ABANDON_BASE + ABANDON_PER_YUAN * FEE[region] / 100)


def visit(world: World, people: People, trips: Trips, orders: Orders) -> Visits:
    """Every session of a chunk's customers, and of its share of passers-by."""
    rng = stream(world.plan.seed, "visits", people.chunk)
    parts = [
        _ordering(rng, people, trips, orders),
        _leaving(rng, people, trips, orders),
        _looking(world, rng, people, trips, orders),
        _strangers(world, rng, people),
    ]
    names = Visits.__slots__
    joined = {n: np.concatenate([getattr(p, n) for p in parts]) for n in names}
    inside = (joined["starts"] >= world.plan.start) & (joined["starts"] < world.plan.end - 3 * 3600)
    inside |= joined["kind"] == ORDER
    order = np.flatnonzero(inside)[np.argsort(joined["starts"][inside], kind="stable")]
    return Visits(**{n: column[order] for n, column in joined.items()})


def _party(passengers: Ints, children: Ints) -> Ints:
    alone = PARTIES.index("alone")
    return np.select(
        [children > 0, passengers >= 5, passengers > 1],
        [PARTIES.index("with children"), PARTIES.index("group"), PARTIES.index("adults")],
        alone,
    ).astype(np.int64)


def party(orders: Orders) -> Ints:
    """Position in `PARTIES` of each order."""
    return _party(orders.passengers, orders.children)


def _device(rng: np.random.Generator, channel: Ints) -> Ints:
    chance = rng.random(len(channel))
    on_site = np.where(chance < 0.62, 0, np.where(chance < 0.92, 1, 2))
    return np.where(channel == WEB, on_site, np.where(chance < 0.95, 1, 2)).astype(np.int64)


def _enters(rng: np.random.Generator, size: int) -> Ints:
    return pick(rng, [0.92, 0.05, 0.03], size)


def _ordering(rng: np.random.Generator, people: People, trips: Trips, orders: Orders) -> Visits:
    place = np.flatnonzero(np.isin(trips.channel, OWN_DIGITAL))
    channel = trips.channel[place]
    who = orders.buyer[place]
    return Visits(
        who=who,
        cookie=np.full(len(place), NONE),
        kind=np.full(len(place), ORDER),
        steps=np.full(len(place), len(_PATHS[ORDER])),
        enters=_enters(rng, len(place)),
        channel=channel,
        device=_device(rng, channel),
        starts=orders.at[place],
        order=place,
        route=trips.route[place],
        party=party(orders)[place],
        region=people.region[who],
    )


def _leaving(rng: np.random.Generator, people: People, trips: Trips, orders: Orders) -> Visits:
    """Carts left behind: as many per order kept as the region's chance of leaving one says."""
    place = np.flatnonzero(np.isin(trips.channel, OWN_DIGITAL))
    chance = abandonment(people.region[orders.buyer[place]])
    carts = np.minimum(rng.geometric(1.0 - chance) - 1, 8)
    place = np.repeat(place, carts)
    channel = trips.channel[place]
    ago = 26 * 3600 + rng.exponential(4 * DAY, len(place))
    who = orders.buyer[place]
    return Visits(
        who=who,
        cookie=np.full(len(place), NONE),
        kind=np.full(len(place), CART),
        steps=5 + (rng.random(len(place)) < 0.6),
        enters=_enters(rng, len(place)),
        channel=channel,
        device=_device(rng, channel),
        starts=orders.at[place] - ago.astype(np.int64),
        order=np.full(len(place), NONE),
        route=trips.route[place],
        party=party(orders)[place],
        region=people.region[who],
    )


def _looking(
    world: World, rng: np.random.Generator, people: People, trips: Trips, orders: Orders
) -> Visits:
    """Looking around before buying, and now and then; three in ten without signing in."""
    own = np.flatnonzero(np.isin(trips.channel, OWN_DIGITAL))
    before = np.repeat(own, rng.poisson(0.9, len(own)))
    idle = np.repeat(
        np.arange(len(people)), rng.poisson(1.5 * world.plan.days / 730.5, len(people))
    )
    persona = people.persona[idle]
    home = people.home[idle]
    network = world.network
    routes = np.array([r[0] for r in network.leaving])[home]
    who = np.concatenate([orders.buyer[before], idle])
    channel = np.concatenate([trips.channel[before], pick_each(rng, _CHANNEL_SHARES[persona])])
    size = len(who)
    starts = np.concatenate(
        [
            orders.at[before] - 1800 - rng.exponential(5 * DAY, len(before)).astype(np.int64),
            daytime(rng, world.plan.start + (rng.random(len(idle)) * world.plan.days * DAY).astype(
                np.int64)),
        ]
    )  # fmt: skip
    unknown = (rng.random(size) < 0.3) & (channel != APP)
    cookie = people.number[who] * 10 + (rng.random(size) * people.cookies[who]).astype(np.int64)
    alone = np.zeros(len(idle), dtype=np.int64)
    return Visits(
        who=np.where(unknown, NONE, who),
        cookie=np.where(unknown, cookie, NONE),
        kind=np.full(size, BROWSE),
        steps=1 + pick(rng, [0.27, 0.12, 0.22, 0.22, 0.09, 0.08], size),
        enters=_enters(rng, size),
        channel=channel,
        device=_device(rng, channel),
        starts=starts,
        order=np.full(size, NONE),
        route=np.concatenate([trips.route[before], routes]),
        party=np.concatenate([party(orders)[before], np.where(persona == 1, 2, alone)]),
        region=people.region[who],
    )


def _strangers(world: World, rng: np.random.Generator, people: People) -> Visits:
    """Visitors of one or two sessions whom nobody ever knows, families among them."""
    expected = PASSERS_BY * len(people) * world.plan.days / 730.5
    count = int(rng.poisson(expected))
    sessions = 1 + (rng.random(count) < 0.25)
    visitor = np.repeat(np.arange(count), sessions)
    size = len(visitor)
    is_family = (rng.random(count) < 0.45)[visitor]
    channel = pick(rng, [0.55, 0.15, 0.30], count)[visitor]
    on_site = channel == WEB
    fills = np.where(is_family, np.where(on_site, *FAMILY_CART), OTHER_CART)
    cart = rng.random(size) < fills
    looks = 1 + pick(rng, [0.35, 0.15, 0.25, 0.15, 0.05, 0.05], size)
    # A family on the site searches again and again for a price and for Shanghai, then goes.
    looks = np.where(is_family & on_site & (looks > 1), np.minimum(looks + 2, 6), looks)
    day = _season_days(world, rng, is_family)
    shares = np.array([0.36, 0.22, 0.24, 0.15, 0.03])
    region = pick(rng, list(shares), count)[visitor]
    return Visits(
        who=np.full(size, NONE),
        cookie=_FIRST_STRANGER + people.chunk * 100_000 + visitor,
        kind=np.where(cart, CART, BROWSE),
        steps=np.where(cart, 5 + (rng.random(size) < 0.5), looks),
        enters=pick(rng, [0.80, 0.14, 0.06], size),
        channel=channel,
        device=_device(rng, channel),
        starts=daytime(rng, world.plan.start + day * DAY),
        order=np.full(size, NONE),
        route=_popular(world, rng, size, is_family),
        party=np.where(is_family, 2, 0),
        region=np.minimum(region, OVERSEAS),
    )


def _season_days(world: World, rng: np.random.Generator, is_family: Bools) -> Ints:
    days = np.arange(world.plan.days + 1)
    chance = rng.random(len(is_family))
    leisure = np.interp(chance, world.elapsed[1], days)
    # People look three weeks before they fly.
    day = np.minimum(leisure, world.plan.days - 1) - 21 * is_family
    return np.asarray(np.maximum(day, 0), dtype=np.int64)


def _popular(world: World, rng: np.random.Generator, size: int, is_family: Bools) -> Ints:
    network = world.network
    route = (rng.random(size) * len(network.origin)).astype(np.int64)
    to_shanghai = np.flatnonzero(network.destination == HIDDEN)
    some = to_shanghai[(rng.random(size) * len(to_shanghai)).astype(np.int64)]
    return np.where(is_family & (rng.random(size) < 0.4), some, route)


def lost(world: World, visits: Visits, orders: Orders, *, to_shanghai: bool = False) -> Lost:
    """How many families came and how many filled a cart, unknown to us, on the site and off it.

    Args:
        to_shanghai: only those who looked for a flight to what the site hides.
    """
    of = visits.party == PARTIES.index("with children")
    if to_shanghai:
        of &= world.network.destination[visits.route] == HIDDEN
    site, cart = visits.channel == WEB, visits.kind >= CART
    unknown = of & (visits.cookie >= _FIRST_STRANGER)
    kept = visits.order[of & ~site & (visits.kind == ORDER)]
    return Lost(
        site_sessions=int((unknown & site).sum()),
        site_carts=int((unknown & site & cart).sum()),
        other_sessions=int((unknown & ~site).sum()),
        other_carts=int((unknown & ~site & cart).sum()),
        carts_elsewhere=int((of & ~site & cart).sum()),
        fen_elsewhere=int(orders.amount[kept].sum()),
    )


def happened(world: World, people: People, visits: Visits, orders: Orders) -> Happenings:
    """The events of every session, in order of time within it."""
    rng = stream(world.plan.seed, "clicks", people.chunk)
    enters = visits.enters > 0
    counts = visits.steps + enters
    visit_of = np.repeat(np.arange(len(visits)), counts)
    step = within(counts) - enters[visit_of]
    name = _PATH[visits.kind[visit_of], np.maximum(step, 0)]
    arrival = np.where(visits.enters == 2, NAME["Promotion Clicked"], NAME["Ad Clicked"])
    name = np.where(step < 0, arrival[visit_of], name)
    in_app = (visits.channel[visit_of] == APP) & (name == NAME["Page Viewed"])
    name = np.where(in_app, NAME["Screen Viewed"], name)
    gap = 2 + rng.lognormal(3.3, 0.8, len(visit_of)).astype(np.int64)
    gap = np.minimum(gap, 900)
    total = np.cumsum(gap)
    first = np.cumsum(counts) - counts
    offset = total - np.repeat(total[first], counts)
    length = np.repeat(offset[first + counts - 1], counts)
    is_order = visits.kind[visit_of] == ORDER
    at = visits.starts[visit_of] + offset - np.where(is_order, length, 0)
    order = visits.order[visit_of]
    ordered = name == NAME["Order Completed"]
    place = np.where(order == NONE, 0, order)
    return Happenings.of(
        len(visit_of),
        name=name,
        at=np.maximum(at, world.plan.start),
        who=visits.who[visit_of],
        cookie=visits.cookie[visit_of],
        channel=visits.channel[visit_of],
        source=DIGITAL,
        role=BUYER,
        device=visits.device[visit_of],
        session=(people.chunk + 1) * 10_000_000 + visit_of,
        about_kind=np.where(ordered, 0, NONE),
        about=np.where(ordered, orders.number[place], NONE),
        unit=UNIT["digital"],
        route=visits.route[visit_of],
        cabin=np.where(ordered, orders.cabin[place], NONE),
        party=visits.party[visit_of],
        region=visits.region[visit_of],
        money=np.where(ordered, orders.amount[place], NONE),
    )
