"""Routes and flights: the schedule, what became of every flight, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhiyin.demo.arrays import Bools, Floats, Ints, stream
from zhiyin.demo.organisation import SHANGHAI, STATION, STATIONS
from zhiyin.demo.plan import DAY, Plan
from zhiyin.demo.seasons import Seasons

CAUSES = ("weather", "flow control", "maintenance", "crew", "late aircraft", "airport")
CAUSES_ZH = ("天气", "流量控制", "机械故障", "机组", "前序航班晚到", "机场保障")

_SPOKES = {
    "PVG": [s.slug for s in STATIONS if s.slug not in ("PVG", "SHA")],
    "CAN": ["SHA", "PEK", "CTU", "CKG", "KMG", "XIY", "HGH", "NKG", "WUH", "SIN", "HAK", "TAO"],
    "CTU": ["SHA", "PEK", "SZX", "HGH", "XIY", "HAK", "KMG"],
    "PEK": ["SHA", "SZX", "HAK", "KMG", "XMN", "WUH"],
}


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """All routes, the flights of a day, and the history of each.

    Args:
        origin, destination, distance: per directed route (positions in `STATIONS`, km).
        reverse: the route back.
        first, count: a route's flights are ``first … first + count − 1``.
        leaving: per station, its routes; `leaving_share`: how often each is flown.
        route, departs, block, fleet: per flight (minutes of the Chinese day, minutes).
        delay, cause, cancelled: per flight and day; delay in minutes at arrival, cause −1
            where the flight was on time.
    """

    origin: Ints
    destination: Ints
    distance: Floats
    reverse: Ints
    first: Ints
    count: Ints
    leaving: tuple[Ints, ...]
    leaving_share: tuple[Floats, ...]
    route: Ints
    departs: Ints
    block: Ints
    fleet: Ints
    delay: NDArray[np.int16]
    cause: NDArray[np.int8]
    cancelled: Bools

    @classmethod
    def of(cls, plan: Plan, seasons: Seasons) -> Network:
        """The network of a plan: the schedule is always the same, delays follow the seed."""
        pairs = [
            (STATION[hub], STATION[spoke]) for hub, spokes in _SPOKES.items() for spoke in spokes
        ]
        pairs += [(b, a) for a, b in pairs]
        origin, destination = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
        half = len(pairs) // 2
        reverse = (np.arange(len(pairs)) + half) % len(pairs)
        distance = _kilometres(origin, destination)
        people = np.array([s.people for s in STATIONS])
        pull = people[destination]
        count = np.clip((people[origin] + pull) // 6, 1, 4).astype(np.int64)
        first = np.cumsum(count) - count
        route = np.repeat(np.arange(len(pairs)), count)
        place = np.arange(len(route)) - first[route]
        # Spread over the day, a few minutes apart by route, always the same.
        departs = 420 + (place + 0.5) / count[route] * 840 + (route * 37) % 60 - 30
        block = 45 + distance[route] / 12.5
        fleet = np.select(
            [distance[route] > 2200, distance[route] < 700], [2, 4], (route * 7 + place) % 2
        )
        fleet = np.where((fleet < 2) & ((route + place) % 5 == 0), 3, fleet)
        leaving = tuple(np.flatnonzero(origin == s) for s in range(len(STATIONS)))
        shares = tuple(pull[routes] / pull[routes].sum() for routes in leaving)
        delay, cause, cancelled = _days(
            plan, seasons, origin[route], destination[route], departs, block
        )
        return cls(
            origin, destination, distance, reverse, first, count, leaving, shares, route,
            departs.astype(np.int64), block.astype(np.int64), fleet.astype(np.int64),
            delay, cause, cancelled,
        )  # fmt: skip

    def departs_at(self, plan: Plan, flight: Ints, day: Ints) -> Ints:
        """Scheduled departure in seconds since 1970."""
        return plan.start + day * DAY + self.departs[flight] * 60

    def name(self, flight: int) -> str:
        """The flight's number."""
        return f"QC{1001 + flight}"


def _kilometres(origin: Ints, destination: Ints) -> Floats:
    latitude = np.radians([s.latitude for s in STATIONS])
    longitude = np.radians([s.longitude for s in STATIONS])
    one, two = latitude[origin], latitude[destination]
    across = np.sin((longitude[origin] - longitude[destination]) / 2) ** 2
    half = np.sin((one - two) / 2) ** 2 + np.cos(one) * np.cos(two) * across
    return np.asarray(2 * 6371 * np.arcsin(np.sqrt(half)), dtype=np.float64)


def _days(
    plan: Plan, seasons: Seasons, origin: Ints, destination: Ints, departs: Floats, block: Floats
) -> tuple[NDArray[np.int16], NDArray[np.int8], Bools]:
    """What became of every flight on every day."""
    rng = stream(plan.seed, "flights")
    shape = (len(origin), plan.days)
    months = np.array([plan.date_of(day).month for day in range(plan.days)])
    storms = np.isin(months, (6, 7, 8)) * 0.10 + seasons.crowded * 0.05
    evening = ((departs - 420) / 840 * 0.08)[:, None]
    is_late = rng.random(shape) < 0.14 + storms[None, :] + evening
    minutes = np.where(is_late, 15 + rng.lognormal(3.3, 0.9, shape), rng.normal(-6, 8, shape))
    stormy = np.where(months[None, :] // 3 == 2, 0.42, 0.22)
    drawn = rng.random(shape)
    rest = (drawn - stormy) / (1 - stormy)
    cause = np.where(drawn < stormy, 0, 1 + np.searchsorted([0.34, 0.47, 0.53, 0.88], rest))
    cancelled = rng.random(shape) < 0.006
    _typhoon(plan, rng, origin, destination, departs, block, minutes, cause, cancelled)
    minutes = np.clip(np.where(cancelled, 0, minutes), -20, 1500)
    cause = np.where((minutes > 15) | cancelled, cause, -1)
    return minutes.astype(np.int16), cause.astype(np.int8), cancelled


def _typhoon(
    plan: Plan,
    rng: np.random.Generator,
    origin: Ints,
    destination: Ints,
    departs: Floats,
    block: Floats,
    minutes: Floats,
    cause: Ints,
    cancelled: Bools,
) -> None:
    """Close Shanghai: most flights are cancelled, the rest wait until it opens, and a queue."""
    shut, opened = plan.stories.typhoon_hours
    days = np.arange(plan.days)
    leaves = plan.start + days[None, :] * DAY + departs[:, None] * 60
    lands = leaves + block[:, None] * 60
    here = np.isin(origin, SHANGHAI)[:, None] & (leaves >= shut) & (leaves < opened)
    there = np.isin(destination, SHANGHAI)[:, None] & (lands >= shut) & (lands < opened)
    hit = here | there
    lost = hit & (rng.random(hit.shape) < 0.7)
    late = hit & ~lost
    wait = (opened - leaves) / 60 + rng.gamma(2.0, 70.0, hit.shape)
    minutes[late] = np.maximum(wait, 60)[late]
    cause[hit] = 0
    cancelled |= lost
