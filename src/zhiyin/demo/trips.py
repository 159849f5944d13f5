"""Trips: who flies when, what it was like, and whether they come back.

Each customer's trips follow one another: what the last one was like speeds or slows the next
and decides, now and then, that there is none. So satisfaction *causes* repurchase and churn
here, by the known amounts in `Effects`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from zhiyin.demo.arrays import Bools, Floats, Ints, logistic, pick_each, stream
from zhiyin.demo.organisation import STATIONS
from zhiyin.demo.people import MOMENT, SEASON, People
from zhiyin.demo.plan import DAY
from zhiyin.demo.touchpoints import AT, TOUCHPOINTS, WEIGHTS
from zhiyin.demo.world import ROLLOUT_EFFECT, World

CHANNELS = ("web", "app", "wechat", "phone", "counter", "agency")
WEB, APP, WECHAT, PHONE, COUNTER, AGENCY = range(6)
OWN_DIGITAL = (WEB, APP, WECHAT)
_CHANNEL_SHARES = np.array(
    [
        [0.11, 0.29, 0.11, 0.05, 0.02, 0.42],  # commuter
        [0.03, 0.28, 0.16, 0.07, 0.02, 0.47],  # family: the site cannot sell a child's ticket
        [0.10, 0.24, 0.20, 0.02, 0.01, 0.46],  # student
        [0.06, 0.10, 0.12, 0.12, 0.08, 0.54],  # senior
        [0.12, 0.12, 0.08, 0.14, 0.04, 0.52],  # organiser
    ]
)
_TRIPS_AT_MOST = 120
OVERALL_MEAN, OVERALL_SD = 0.21, 0.67
"""Of a journey's overall satisfaction, about: what *one unit better* is measured in."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What one standard deviation of overall satisfaction does, and the noise around it."""

    repurchase: float = 0.25
    """On the log of the pace of the next trip."""
    churn: float = -0.70
    """On the log odds of leaving after a trip."""
    churn_base: float = -3.2
    spend: float = 0.30
    """On the log odds of buying each extra."""
    word_of_mouth: float = 0.80
    """On the log odds of recommending after a trip."""
    word_of_mouth_base: float = -3.6
    renewal: float = 0.70
    """On the log odds of renewing the yearly card."""
    renewal_base: float = 0.5
    overall_noise: float = 0.25

    def as_dict(self) -> dict[str, float]:
        """For ``truth.json``."""
        return asdict(self)


EFFECTS = Effects()


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """All trips of a chunk, in order of customer and time; one element a trip.

    Args:
        customer: place in the chunk of the one who travels.
        number: which trip of the customer's, from 0.
        channel: where it was bought (position in `CHANNELS`).
        after: when the trip before had ended, or the history begins (seconds).
        departs, arrives: seconds; arrives is the actual one.
        experience: [trip, touchpoint], the latent satisfaction at each touchpoint.
        applies: [trip, touchpoint], whether there was such a touchpoint.
        overall: the journey's latent satisfaction.
        is_last: the customer left after it, for good.
    """

    customer: Ints
    number: Ints
    channel: Ints
    route: Ints
    flight: Ints
    day: Ints
    after: Ints
    departs: Ints
    arrives: Ints
    delay: Ints
    cause: Ints
    cancelled: Bools
    bag_late: Bools
    has_bag: Bools
    experience: Floats
    applies: Bools
    overall: Floats
    is_last: Bools

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def better(self) -> Floats:
        """Overall satisfaction in standard deviations."""
        return (self.overall - OVERALL_MEAN) / OVERALL_SD


class _Walk:
    """The customers of a chunk on their way through the history."""

    def __init__(self, world: World, people: People) -> None:
        self.world = world
        self.people = people
        self.rng = stream(world.plan.seed, "trips", people.chunk)
        self.elapsed = people.joined.copy()
        self.free_at = np.full(len(people), float(world.plan.start))
        self.better = np.zeros(len(people))
        self.is_here = np.ones(len(people), dtype=np.bool_)

    def step(self, number: int) -> dict[str, np.ndarray] | None:
        """The next trip of everybody who is still here."""
        plan, people, network = self.world.plan, self.people, self.world.network
        who = np.flatnonzero(self.is_here)
        pace = people.pace[who] * plan.days / 730.5 * np.exp(EFFECTS.repurchase * self.better[who])
        waited = self.rng.exponential(1.0, len(who)) / pace
        if number == 0:
            # Who was here before the history began is somewhere in between two trips.
            waited = np.where(people.joined[who] > 0, waited * 0.15, waited)
        self.elapsed[who] += waited
        day = self._day(who)
        flies = day < plan.days
        self.is_here[who[~flies]] = False
        who, day = who[flies], day[flies]
        if not len(who):
            return None
        route, flight = self._flight(who)
        departs = network.departs_at(plan, flight, day)
        # A trip begins after the one before has ended.
        clash = departs < self.free_at[who] + 4 * 3600
        day = day + np.where(clash, np.ceil((self.free_at[who] - departs) / DAY + 0.2), 0).astype(
            np.int64
        )
        flies = day < plan.days
        self.is_here[who[~flies]] = False
        keep = np.flatnonzero(flies)
        return self._fly(number, who[keep], day[keep], route[keep], flight[keep])

    def _day(self, who: Ints) -> Ints:
        day = np.empty(len(who))
        season = SEASON[self.people.persona[who]]
        days = np.arange(self.world.plan.days + 1)
        for klass in range(len(self.world.elapsed)):
            of = season == klass
            day[of] = np.interp(
                self.elapsed[who[of]], self.world.elapsed[klass], days, right=float(days[-1])
            )
        return np.floor(day).astype(np.int64)

    def _flight(self, who: Ints) -> tuple[Ints, Ints]:
        network, home = self.world.network, self.people.home[who]
        drawn = self.rng.random((len(who), 2))
        route = np.empty(len(who), dtype=np.int64)
        for station in range(len(STATIONS)):
            of = np.flatnonzero(home == station)
            edges = np.cumsum(network.leaving_share[station])
            found = np.searchsorted(edges, drawn[of, 0], side="right")
            route[of] = network.leaving[station][np.minimum(found, len(edges) - 1)]
        place = (drawn[:, 1] * network.count[route]).astype(np.int64)
        return route, network.first[route] + place

    def _fly(
        self, number: int, who: Ints, day: Ints, route: Ints, flight: Ints
    ) -> dict[str, np.ndarray]:
        plan, network, rng = self.world.plan, self.world.network, self.rng
        departs = network.departs_at(plan, flight, day)
        delay = network.delay[flight, day].astype(np.int64)
        cancelled = network.cancelled[flight, day]
        arrives = departs + (network.block[flight] + delay) * 60
        chance = rng.random((len(who), 4))
        channel = pick_each(rng, _CHANNEL_SHARES[self.people.persona[who]])
        has_bag = chance[:, 0] < np.array([0.35, 0.85, 0.7, 0.8, 0.6])[self.people.persona[who]]
        bag_late = has_bag & ~cancelled & (chance[:, 1] < np.where(delay > 120, 0.05, 0.012))
        applies = self._applies(flight, has_bag, cancelled)
        experience = (
            self.people.latent[who]
            + self._happened(who, day, route, flight, delay, cancelled, bag_late, channel, chance)
            + MOMENT * rng.standard_normal((len(who), len(TOUCHPOINTS)))
        )
        weights = WEIGHTS[None, :] * applies
        overall = (weights * experience).sum(1) / weights.sum(1)
        overall += EFFECTS.overall_noise * rng.standard_normal(len(who))
        better = (overall - OVERALL_MEAN) / OVERALL_SD
        leaves = chance[:, 3] < logistic(EFFECTS.churn_base + EFFECTS.churn * better)
        found = {
            "customer": who,
            "number": np.full(len(who), number),
            "channel": channel,
            "route": route,
            "flight": flight,
            "day": day,
            "after": self.free_at[who].astype(np.int64),
            "departs": departs,
            "arrives": arrives,
            "delay": delay,
            "cause": network.cause[flight, day].astype(np.int64),
            "cancelled": cancelled,
            "bag_late": bag_late,
            "has_bag": has_bag,
            "experience": experience,
            "applies": applies,
            "overall": overall,
            "is_last": leaves,
        }
        self.better[who] = better
        self.free_at[who] = arrives
        self.is_here[who[leaves]] = False
        return found

    def _applies(self, flight: Ints, has_bag: Bools, cancelled: Bools) -> Bools:
        applies = np.ones((len(flight), len(TOUCHPOINTS)), dtype=np.bool_)
        applies[:, AT["meal"]] = self.world.network.block[flight] >= 90
        applies[:, AT["bag_drop"]] = has_bag
        applies[:, AT["baggage"]] = has_bag
        for slug in ("bag_drop", "boarding", "cabin", "meal", "baggage"):
            applies[:, AT[slug]] &= ~cancelled
        return applies

    def _happened(
        self,
        who: Ints,
        day: Ints,
        route: Ints,
        flight: Ints,
        delay: Ints,
        cancelled: Bools,
        bag_late: Bools,
        channel: Ints,
        chance: Floats,
    ) -> Floats:
        """What this trip adds to or takes from the satisfaction at each touchpoint."""
        network = self.world.network
        origin = network.origin[route]
        quality = np.array([s.quality for s in STATIONS])[origin]
        crowded = self.world.seasons.crowded[day]
        late = np.log1p(np.maximum(delay, 0) / 30.0)
        does = np.zeros((len(who), len(TOUCHPOINTS)))
        is_family = self.people.persona[who] == 1
        does[:, AT["booking"]] = -0.45 * (is_family & (channel == WEB)) - 0.1 * (channel == AGENCY)
        does[:, AT["check_in"]] = quality - 0.2 * crowded
        live = day >= self.world.rollout[origin]
        does[:, AT["bag_drop"]] = quality - 0.3 * crowded + ROLLOUT_EFFECT * live
        remote_stand = chance[:, 2] < 0.25
        does[:, AT["boarding"]] = quality - 0.45 * remote_stand - 0.3 * (delay > 60)
        does[:, AT["cabin"]] = -0.15 * (network.fleet[flight] == 1) - 0.1 * crowded
        does[:, AT["punctuality"]] = 0.25 - 0.8 * late - 1.8 * cancelled
        does[:, AT["baggage"]] = -2.0 * bag_late
        return does


def travel(world: World, people: People) -> Trips:
    """All trips of a chunk of customers."""
    walk = _Walk(world, people)
    rounds = []
    for number in range(_TRIPS_AT_MOST):
        found = walk.step(number)
        if found is None:
            break
        rounds.append(found)
    joined = {name: np.concatenate([each[name] for each in rounds]) for name in rounds[0]}
    order = np.lexsort((joined["number"], joined["customer"]))
    return Trips(**{name: column[order] for name, column in joined.items()})
