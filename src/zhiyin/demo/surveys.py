"""Surveys: who is asked, by which way and with which incentive, who answers, and what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from zhiyin.demo.answering import (
    ANSWERING,
    NOT_APPLICABLE,
    Answering,
    ces_score,
    csat_score,
    nps_score,
    states,
)
from zhiyin.demo.arrays import NONE, Bools, Floats, Ints, stream
from zhiyin.demo.contacts import Contacts
from zhiyin.demo.journeys import leg_number
from zhiyin.demo.orders import Orders
from zhiyin.demo.organisation import BEGGING, SHANGHAI, STATIONS, TEAMS, UNIT
from zhiyin.demo.people import People
from zhiyin.demo.plan import DAY
from zhiyin.demo.questionnaires import BOOKING, CONTACT, FLIGHT, MINOR, REFUND, SURVEYS, Survey
from zhiyin.demo.refunds import VOUCHER_EFFECT, Gestures, Refunds
from zhiyin.demo.touchpoints import AT, RATED, TOUCHPOINTS
from zhiyin.demo.trips import OWN_DIGITAL, Trips
from zhiyin.demo.world import World

BEGGED = 1.1
"""Added (sd) to the recommendation that WeChat B's customers give, and to nothing else."""
MINOR_SCORES = (1, 2, 1, 2, 2, 1, 3, 1, 2)
LATE_SHARE = 0.18
"""Of the unhappy of one month, this share answers weeks later."""
PLACE = {survey.slug: place for place, survey in enumerate(SURVEYS)}


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Invitations to one survey and, for those who answered, what they answered.

    Args:
        number: the invitation's id is ``QI`` + number, the response's ``QR`` + number.
        trip: place in the chunk's trips; contact: in its contacts, or NONE.
        at, answered_at: seconds; answered_at is NONE where nobody answered.
        about_kind, about, experienced_at: what it is about.
        scores: [invitation, scored question]: a score, or a state below 0.
        would: [invitation]: the first question's score had everybody answered, unmoved by
            incentive, mode and voucher. The truth that the survey is after.
        reason: chosen touchpoint (the worst of a detractor, the best of a promoter), or a state.
        speaks: answered the open question.
    """

    survey: Survey
    version: Ints
    number: Ints
    customer: Ints
    trip: Ints
    contact: Ints
    at: Ints
    mode: Ints
    arm: Ints
    is_bounced: Bools
    is_opened: Bools
    is_answered: Bools
    answered_at: Ints
    about_kind: Ints
    about: Ints
    experienced_at: Ints
    unit: Ints
    route: Ints
    cabin: Ints
    delay: Ints
    scores: Ints
    would: Ints
    better: Floats
    reason: Ints
    speaks: Bools
    weight: Floats = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.number)

    def pick(self, where: Ints) -> Self:
        """The invitations at these places."""
        picked = {name: getattr(self, name)[where] for name in self.__slots__ if name != "survey"}
        return type(self)(survey=self.survey, **picked)


@dataclass(slots=True)
class Asking:
    """One survey put to many: common to all surveys of a chunk."""

    world: World
    people: People
    survey: Survey
    rng: np.random.Generator
    answering: Answering = ANSWERING
    columns: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World, people: People, survey: Survey, answering: Answering) -> Asking:
        """Ready to ask."""
        rng = stream(world.plan.seed, "survey", survey.slug, people.chunk)
        return cls(world, people, survey, rng, answering)

    def invite(self, customer: Ints, at: Ints, better: Floats, slow: Floats) -> Ints:
        """Send invitations; returns their arms' and modes' effect through `columns`.

        Args:
            customer: who is asked.
            at: when.
            better: what they feel, in sd.
            slow: mean seconds until an answer.
        """
        rng, people = self.rng, self.people
        size = len(customer)
        mode = people.mode[customer]
        arm = (rng.random(size) < 0.5).astype(np.int64)
        bounced = rng.random(size) < np.where(people.typo[customer] & (mode == 1), 0.9, 0.01)
        wants = self.answering.answers(rng, better, people.frailty[customer], mode, arm)
        opened = rng.random(size) < np.array(self.answering.opens)[mode]
        answered_at = at + 40 + rng.exponential(slow).astype(np.int64)
        answered = wants & ~bounced
        self.columns = {
            "customer": customer,
            "at": at,
            "mode": mode,
            "arm": arm,
            "is_bounced": bounced,
            "is_opened": (opened | answered) & ~bounced,
            "is_answered": answered,
            "answered_at": answered_at,
            "better": better,
        }
        return mode

    def kinder(self) -> Floats:
        """What moves the answers and not the feelings."""
        country = self.people.country[self.columns["customer"]]
        return self.answering.kinder(self.columns["mode"], self.columns["arm"], country)

    def country(self) -> Floats:
        """The part of `kinder` that belongs to the population itself."""
        country = self.people.country[self.columns["customer"]]
        return np.asarray(np.array(self.answering.country_kinder)[country], dtype=np.float64)

    def finish(
        self, scores: Ints, applies: Bools, would: Ints, reason: Ints, **more: object
    ) -> Asked:
        """What was asked, within the history: unanswered beyond its end."""
        size = len(would)
        full: dict[str, np.ndarray] = {
            name: np.broadcast_to(np.asarray(value, dtype=np.int64), (size,))
            for name, value in {
                "version": 1, "trip": NONE, "contact": NONE, "about_kind": NONE, "about": NONE,
                "experienced_at": NONE, "unit": NONE, "route": NONE, "cabin": NONE,
                "delay": NONE, **more,
            }.items()
            if name != "weight"
        }  # fmt: skip
        end = self.world.plan.end
        columns = self.columns
        answered = columns["is_answered"] & (columns["answered_at"] < end)
        found = states(self.rng, scores, applies)
        detail = self.rng.random((size, 2))
        reached = found[:, -1] != -6
        extreme = np.abs(columns["better"]) > 0.9
        weight = more.get("weight")
        asked = Asked(
            survey=self.survey,
            number=np.arange(size),
            scores=found,
            would=would,
            reason=np.where(reached & (detail[:, 0] < 0.8), reason, NONE),
            speaks=answered & reached & (detail[:, 1] < np.where(extreme, 0.45, 0.22)),
            weight=weight if isinstance(weight, np.ndarray) else np.full(size, np.nan),
            **{**columns, "is_answered": answered,
               "answered_at": np.where(answered, columns["answered_at"], NONE)},
            **full,
        )  # fmt: skip
        asked = asked.pick(np.flatnonzero(asked.at < end))
        place = (self.people.chunk + 1) * 10_000_000 + PLACE[self.survey.slug] * 1_000_000
        object.__setattr__(asked, "number", place + np.arange(len(asked)))
        return asked


def after_flight(
    world: World,
    people: People,
    trips: Trips,
    orders: Orders,
    gestures: Gestures,
    answering: Answering = ANSWERING,
) -> Asked:
    """The journey survey: recommendation and ratings of eight touchpoints."""
    asking = Asking.of(world, people, FLIGHT, answering)
    rng = asking.rng
    known = (orders.agency == NONE) | (rng.random(len(trips)) < 0.5)
    shut, opened = world.plan.stories.typhoon_hours
    route = world.network
    here = np.isin(route.origin[trips.route], SHANGHAI) | np.isin(
        route.destination[trips.route], SHANGHAI
    )
    paused = here & (trips.arrives >= shut + 6 * 3600) & (trips.arrives < opened + 24 * 3600)
    trip = np.flatnonzero(known & ~paused & (rng.random(len(trips)) < 0.8))
    better = trips.better[trip]
    asking.invite(
        trips.customer[trip], trips.arrives[trip] + rng.integers(5400, 4 * 3600, len(trip)), better,
        np.full(len(trip), 11 * 3600.0),
    )  # fmt: skip
    first, last = world.plan.stories.late_month
    late = (trips.day[trip] >= first) & (trips.day[trip] < last) & (better < -0.4)
    late &= rng.random(len(trip)) < LATE_SHARE
    weeks_later = (trips.arrives[trip] // DAY + 38) * DAY + rng.integers(0, 5 * DAY, len(trip))
    asking.columns["answered_at"] = np.where(late, weeks_later, asking.columns["answered_at"])
    given = np.zeros(len(trips))
    given[gestures.trip[gestures.is_given]] = VOUCHER_EFFECT
    kinder = asking.kinder() + given[trip]
    feels = trips.experience[trip][:, RATED]
    scores = np.column_stack(
        [nps_score(better + kinder), csat_score(feels + kinder[:, None] * 0.6)]
    )
    applies = np.column_stack([np.ones(len(trip), np.bool_), trips.applies[trip][:, RATED]])
    return asking.finish(
        scores, applies, nps_score(better + asking.country()),
        _reason(feels, applies[:, 1:], better),
        trip=trip, about_kind=1, about=leg_number(orders, trip, 1),
        experienced_at=trips.arrives[trip],
        unit=np.array([UNIT[s.slug] for s in STATIONS])[route.origin[trips.route[trip]]],
        route=trips.route[trip], cabin=orders.cabin[trip],
        delay=np.where(trips.cancelled[trip], 9999, np.maximum(trips.delay[trip], 0)),
    )  # fmt: skip


def _reason(feels: Floats, applies: Bools, better: Floats) -> Ints:
    """The touchpoint that a customer names: the worst below average, the best above."""
    worst = np.argmin(np.where(applies, feels, np.inf), axis=1)
    best = np.argmax(np.where(applies, feels, -np.inf), axis=1)
    return np.asarray(np.array(RATED)[np.where(better < 0, worst, best)], dtype=np.int64)


def after_contact(
    world: World,
    people: People,
    contacts: Contacts,
    answering: Answering = ANSWERING,
) -> Asked:
    """Recommendation, satisfaction and ease after a service contact."""
    asking = Asking.of(world, people, CONTACT, answering)
    rng = asking.rng
    contact = np.flatnonzero(contacts.is_answered & (rng.random(len(contacts)) < 0.9))
    feels = contacts.experience[contact]
    better = feels / 0.95
    ended = contacts.at[contact] + contacts.wait[contact] + contacts.talk[contact]
    asking.invite(contacts.customer[contact], ended + 120, better, np.full(len(contact), 5400.0))
    kinder = asking.kinder()
    begged = BEGGED * (contacts.team[contact] == BEGGING)
    scores = np.column_stack(
        [nps_score(better + kinder + begged), csat_score(feels + kinder * 0.6),
         ces_score(feels + kinder * 0.4)]
    )  # fmt: skip
    return asking.finish(
        scores, np.ones(scores.shape, np.bool_), nps_score(better + asking.country()),
        np.full(len(contact), AT["contact"]), contact=contact, trip=contacts.trip[contact],
        about_kind=2, about=contacts.number[contact], experienced_at=ended,
        unit=np.array([UNIT[t.slug] for t in TEAMS])[contacts.team[contact]],
    )  # fmt: skip


def after_refund(
    world: World,
    people: People,
    trips: Trips,
    orders: Orders,
    refunds: Refunds,
    answering: Answering = ANSWERING,
) -> Asked:
    """Satisfaction and ease once the money is back."""
    asking = Asking.of(world, people, REFUND, answering)
    known = orders.buyer[refunds.trip] != NONE
    chosen = np.flatnonzero(known & (asking.rng.random(len(refunds)) < 0.8))
    feels, trip = refunds.experience[chosen], refunds.trip[chosen]
    paid = refunds.paid_at[chosen]
    asking.invite(orders.buyer[trip], paid + 3600, feels, np.full(len(chosen), 8 * 3600.0))
    kinder = asking.kinder()
    scores = np.column_stack([csat_score(feels + kinder * 0.6), ces_score(feels + kinder * 0.4)])
    return asking.finish(
        scores, np.ones(scores.shape, np.bool_), csat_score(feels + asking.country() * 0.6),
        np.full(len(chosen), AT["refund"]), trip=trip, about_kind=0, about=orders.number[trip],
        experienced_at=paid, unit=UNIT["service-centre"], route=trips.route[trip],
    )  # fmt: skip


def after_booking(
    world: World, people: People, trips: Trips, orders: Orders, answering: Answering = ANSWERING
) -> Asked:
    """Satisfaction and ease right after an order on site, app or mini-program."""
    asking = Asking.of(world, people, BOOKING, answering)
    own = np.isin(trips.channel, OWN_DIGITAL)
    trip = np.flatnonzero(own & (asking.rng.random(len(trips)) < 0.5))
    feels = trips.experience[trip, AT["booking"]]
    asking.invite(orders.buyer[trip], orders.at[trip] + 60, feels, np.full(len(trip), 240.0))
    kinder = asking.kinder()
    scores = np.column_stack([csat_score(feels + kinder * 0.6), ces_score(feels + kinder * 0.4)])
    return asking.finish(
        scores, np.ones(scores.shape, np.bool_), csat_score(feels + asking.country() * 0.6),
        np.full(len(trip), AT["booking"]), trip=trip, about_kind=0, about=orders.number[trip],
        experienced_at=orders.at[trip], unit=UNIT["digital"], route=trips.route[trip],
        cabin=orders.cabin[trip],
    )  # fmt: skip


def of_minors(world: World, people: People, trips: Trips, orders: Orders) -> Asked:
    """Nine answers about children who flew alone, the worst score of all: too few to show."""
    asking = Asking.of(world, people, MINOR, ANSWERING)
    fits = (people.persona[trips.customer] == 1) & ~trips.cancelled
    fits &= trips.arrives < world.plan.end - 3 * DAY
    _customers, once = np.unique(trips.customer[fits], return_index=True)
    place = np.flatnonzero(fits)[once]
    some = len(MINOR_SCORES) if people.chunk == 0 else 0
    trip = np.sort(asking.rng.permutation(place)[:some])
    size = len(trip)
    asking.invite(
        trips.customer[trip], trips.arrives[trip] + 7200, np.full(size, -1.5), np.full(size, 7200.0)
    )
    columns = asking.columns
    columns["is_answered"], columns["is_bounced"] = (
        np.ones(size, np.bool_),
        np.zeros(size, np.bool_),
    )
    columns["is_opened"] = np.ones(size, np.bool_)
    columns["answered_at"] = np.minimum(columns["answered_at"], world.plan.end - 60)
    scores = np.array(MINOR_SCORES, dtype=np.int64)[:size, None]
    asked = asking.finish(
        scores, np.ones(scores.shape, np.bool_), scores[:, 0],
        np.full(size, NOT_APPLICABLE), trip=trip, about_kind=1,
        about=leg_number(orders, trip, 1), experienced_at=trips.arrives[trip],
        unit=UNIT["headquarters"], route=trips.route[trip],
    )  # fmt: skip
    # States are chance elsewhere; these nine are all answers.
    object.__setattr__(asked, "scores", scores)
    return asked


def shares_of_touchpoints() -> dict[str, float]:
    """Each touchpoint's weight in a journey's satisfaction: part of the truth."""
    return {TOUCHPOINTS[t].slug: TOUCHPOINTS[t].weight for t in RATED}
