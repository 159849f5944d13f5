"""Quarterly relationship waves: a stratified sample of a known frame, and a changed question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.answering import ANSWERING, Answering, csat_score, nps_score, vote
from zhiyin.demo.arrays import NONE, Bools, Floats, Ints, stream
from zhiyin.demo.organisation import UNIT
from zhiyin.demo.people import REGION_NAMES, TIERS, People
from zhiyin.demo.plan import DAY, Plan
from zhiyin.demo.questionnaires import RELATIONSHIP
from zhiyin.demo.surveys import Asked, Asking
from zhiyin.demo.touchpoints import AT, RATED
from zhiyin.demo.trips import Trips
from zhiyin.demo.world import World

FRACTION = np.array([0.25, 0.40, 0.60, 0.80])
"""Of each tier's frame that is asked."""
WORDING_STEP = -4.0
"""What the new wording and place of the question do to the score, in NPS points."""
WORDING_SHIFT = 0.060
"""The same in sd: found by numerical search over the default company."""
STRATA = len(TIERS) * len(REGION_NAMES)


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """One chunk's part of one wave.

    Args:
        frame, sampled: customers per stratum (tier × region).
        votes: sums over the frame of what everybody would answer: by the first wording, by the
            second, and how many.
    """

    number: int
    day: int
    frame: Ints
    sampled: Ints
    votes: tuple[int, int, int]
    asked: Asked


def days_of(plan: Plan) -> list[int]:
    """The days on which the waves go out: two weeks before each quarter of the history ends."""
    return [round((k + 1) * 91.3125) - 14 for k in range(plan.months // 3)]


def waves(
    world: World, people: People, trips: Trips, answering: Answering = ANSWERING
) -> list[Wave]:
    """All waves of a chunk."""
    found = []
    asking = Asking.of(world, people, RELATIONSHIP, answering)
    lasting = people.latent[:, RATED].mean(1)
    lasting = (lasting - 0.08) / 0.6
    for number, day in enumerate(days_of(world.plan)):
        feels, in_frame = _standing(world, people, trips, day, lasting)
        found.append(_wave(asking, number, day, feels, in_frame))
    return _numbered(found)


def _standing(
    world: World, people: People, trips: Trips, day: int, lasting: Floats
) -> tuple[Floats, Bools]:
    """What each customer thinks of the company that day, and whether the frame holds them.

    The frame: whoever flew within the year before.
    """
    now = world.plan.moment(day, 10)
    recent = np.flatnonzero((trips.arrives < now) & (trips.arrives >= now - 365 * DAY))
    last = np.full(len(people), NONE)
    last[trips.customer[recent]] = recent  # trips are in order of time: the latest stays
    in_frame = last != NONE
    place = np.maximum(last, 0)
    rng = stream(world.plan.seed, "standing", people.chunk, day)
    noise = 0.35 * rng.standard_normal(len(people))
    return 0.6 * trips.better[place] + 0.45 * lasting + noise, in_frame


def _wave(asking: Asking, number: int, day: int, feels: Floats, in_frame: Bools) -> Wave:
    world, people, rng = asking.world, asking.people, asking.rng
    change = world.plan.stories.wording_wave
    stratum = people.tier * len(REGION_NAMES) + people.region
    frame = np.bincount(stratum[in_frame], minlength=STRATA)
    customer = _sample(rng, stratum, in_frame, frame)
    size = len(customer)
    asking.invite(
        customer, np.full(size, world.plan.moment(day, 10)) + rng.integers(0, 7200, size),
        feels[customer], np.full(size, 30 * 3600.0),
    )  # fmt: skip
    second = np.zeros(size, dtype=np.bool_)
    if change is not None and number == change:
        second = rng.random(size) < 0.5
    elif change is not None and number > change:
        second[:] = True
    kinder = asking.kinder()
    scores = np.column_stack(
        [
            nps_score(feels[customer] + kinder - WORDING_SHIFT * second),
            csat_score(0.1 + 0.8 * feels[customer] + kinder * 0.6),
        ]
    )
    habit = np.array(asking.answering.country_kinder)[people.country]
    says = feels + habit
    votes = tuple(
        int(vote(nps_score(says[in_frame] - shift)).sum()) for shift in (0.0, WORDING_SHIFT)
    )
    tiers = people.tier[customer]
    asked = asking.finish(
        scores, np.ones(scores.shape, np.bool_),
        nps_score(feels[customer] + asking.country()),
        np.where(feels[customer] < 0, AT["punctuality"], AT["cabin"]),
        version=1 + second, unit=UNIT["headquarters"], weight=1.0 / FRACTION[tiers],
    )  # fmt: skip
    sampled = np.bincount(stratum[customer], minlength=STRATA)
    return Wave(number, day, frame, sampled, (votes[0], votes[1], int(in_frame.sum())), asked)


def _sample(rng: np.random.Generator, stratum: Ints, in_frame: Bools, frame: Ints) -> Ints:
    """The stated fraction of each stratum, by lot; the odd customer by another lot."""
    who = np.flatnonzero(in_frame)
    who = who[np.lexsort((rng.random(len(who)), stratum[who]))]
    fraction = FRACTION[np.arange(STRATA) // len(REGION_NAMES)]
    take = np.floor(frame * fraction + rng.random(STRATA)).astype(np.int64)
    first = np.cumsum(frame) - frame
    rank = np.arange(len(who)) - first[stratum[who]]
    return np.sort(who[rank < take[stratum[who]]])


def _numbered(found: list[Wave]) -> list[Wave]:
    """Give the invitations of all waves numbers of their own."""
    base = 0
    for wave in found:
        number = wave.asked.number + base
        object.__setattr__(wave.asked, "number", number)
        base += len(wave.asked)
    return found
