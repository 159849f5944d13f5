"""Refunds, vouchers and what delays cost: money that goes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.arrays import NONE, Bools, Floats, Ints, stream
from zhiyin.demo.orders import Orders, daytime
from zhiyin.demo.people import MOMENT, People
from zhiyin.demo.plan import DAY
from zhiyin.demo.touchpoints import AT
from zhiyin.demo.trips import Trips
from zhiyin.demo.world import World

REASONS = ("flight cancelled", "changed plans")
REASONS_ZH = ("航班取消", "自愿退票")
SLOWER_DAYS = 21
VOUCHER = 20_000
VOUCHER_EFFECT = 0.5
"""Added to what the journey's survey hears, on the latent scale, and to nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class Refunds:
    """Refunds asked for, in order of trips; `paid_at` may lie after the history's end."""

    trip: Ints
    reason: Ints
    asked_at: Ints
    paid_at: Ints
    amount: Ints
    experience: Floats

    def __len__(self) -> int:
        return len(self.trip)


@dataclass(frozen=True, slots=True, eq=False)
class Gestures:
    """Trips that went wrong, and who was given a voucher, by chance."""

    trip: Ints
    at: Ints
    is_given: Bools


def refund(world: World, people: People, trips: Trips, orders: Orders) -> Refunds:
    """What is refunded: cancelled flights, and return legs that nobody wants any more."""
    rng = stream(world.plan.seed, "refunds", people.chunk)
    chance = rng.random((len(trips), 2))
    forced = trips.cancelled & (chance[:, 0] < 0.55)
    free = ~forced & (orders.back != NONE) & (chance[:, 1] < 0.09)
    trip = np.flatnonzero(forced | free)
    is_forced = forced[trip]
    asked = np.where(
        is_forced,
        trips.departs[trip] + rng.integers(1800, 6 * 3600, len(trip)),
        trips.departs[trip] - (rng.random(len(trip)) * 3600 * 20).astype(np.int64) - 600,
    )
    asked = np.maximum(asked, orders.at[trip] + 300)
    days = rng.integers(3, 8, len(trip))
    slow = (asked - world.plan.start) // DAY >= world.plan.stories.slow_refunds
    days = _working(asked, days) + SLOWER_DAYS * slow
    paid = daytime(rng, asked + days * DAY)
    all_of_it = orders.amount[trip]
    half = orders.fare[trip] // 2 * 4 // 5
    experience = (
        people.latent[trips.customer[trip], AT["refund"]]
        - 0.06 * np.maximum(days - 7, 0)
        + MOMENT * rng.standard_normal(len(trip))
    )
    return Refunds(
        trip=trip,
        reason=np.where(is_forced, 0, 1),
        asked_at=asked,
        paid_at=np.maximum(paid, asked + DAY),
        amount=np.where(is_forced, all_of_it, half),
        experience=experience,
    )


def _working(asked: Ints, days: Ints) -> Ints:
    """Calendar days that so many working days from `asked` take (weekends only)."""
    weekday = (asked // DAY + 3) % 7
    return np.asarray(days + (np.minimum(weekday, 5) + days - 1) // 5 * 2, dtype=np.int64)


def gestures(world: World, people: People, trips: Trips) -> Gestures:
    """Who was delayed two hours or cancelled while the trial ran; half get 200 yuan, by lot."""
    rng = stream(world.plan.seed, "vouchers", people.chunk)
    first, last = world.plan.stories.voucher
    bad = (trips.delay >= 120) | trips.cancelled
    trip = np.flatnonzero(bad & (trips.day >= first) & (trips.day < last))
    return Gestures(
        trip=trip,
        at=trips.arrives[trip] + 3600,
        is_given=rng.random(len(trip)) < 0.5,
    )


def delay_cost(trips: Trips, orders: Orders) -> Ints:
    """Meals, hotels and compensation per trip, in fen."""
    delay, heads = trips.delay, orders.passengers
    meals = np.where(delay >= 120, 5_000, 0)
    hotel = np.where((delay >= 360) | trips.cancelled, 26_000, 0)
    # The company pays compensation for its own faults only (maintenance, crew, late aircraft).
    ours = np.isin(trips.cause, (2, 3, 4))
    paid = np.where(ours & (delay >= 240), 20_000, 0) + np.where(ours & (delay >= 480), 20_000, 0)
    return np.asarray((meals + hotel + paid) * heads, dtype=np.int64)
