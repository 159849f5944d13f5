"""One chunk of customers with all that they did, said and paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zhiyin.demo import journeys, surveys, visits, waves
from zhiyin.demo.contacts import Contacts, contact
from zhiyin.demo.conversations import Conversations, converse
from zhiyin.demo.happenings import Happenings
from zhiyin.demo.mentions import Mentions, mention
from zhiyin.demo.orders import Orders, order
from zhiyin.demo.people import People
from zhiyin.demo.plan import Plan
from zhiyin.demo.refunds import Gestures, Refunds, gestures, refund
from zhiyin.demo.surveys import Asked
from zhiyin.demo.trips import Trips, travel
from zhiyin.demo.visits import Visits
from zhiyin.demo.voices import Voices, speak
from zhiyin.demo.waves import Wave
from zhiyin.demo.world import World


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some thousand customers and their whole history, as arrays."""

    world: World
    people: People
    trips: Trips
    orders: Orders
    refunds: Refunds
    gestures: Gestures
    contacts: Contacts
    visits: Visits
    events: Happenings
    asked: tuple[Asked, ...]
    """One of each survey, the relationship waves one by one at the end."""
    waves: tuple[Wave, ...]
    voices: Voices
    mentions: Mentions
    conversations: Conversations

    @property
    def number(self) -> int:
        """Which chunk."""
        return self.people.chunk


def make(world: World, number: int) -> Chunk:
    """The chunk with this number. Depends on nothing but the plan and the number."""
    people = People.of(world.plan, number)
    trips = travel(world, people)
    orders = order(world, people, trips)
    refunds = refund(world, people, trips, orders)
    given = gestures(world, people, trips)
    contacts = contact(world, people, trips, orders, refunds)
    visited = visits.visit(world, people, trips, orders)
    relationship = tuple(waves.waves(world, people, trips))
    asked = (
        surveys.after_flight(world, people, trips, orders, given),
        surveys.after_contact(world, people, contacts),
        surveys.after_refund(world, people, trips, orders, refunds),
        surveys.after_booking(world, people, trips, orders),
        surveys.of_minors(world, people, trips, orders),
        *(wave.asked for wave in relationship),
    )
    events = Happenings.join(
        [
            visits.happened(world, people, visited, orders),
            journeys.flown(world, people, trips, orders),
            journeys.sold_elsewhere(people, trips, orders),
            journeys.undone(world, people, trips, orders, refunds),
            journeys.talked(world, people, contacts),
            journeys.told(world, people, trips),
            journeys.renewed(world, people, trips),
        ]
    )
    return Chunk(
        world, people, trips, orders, refunds, given, contacts, visited, events, asked,
        relationship, speak(world, people, trips, orders, refunds, given, contacts, asked),
        mention(world, people), converse(world, people, trips, contacts),
    )  # fmt: skip


def chunks(plan: Plan) -> Iterator[Chunk]:
    """The whole company, a chunk at a time, in order."""
    world = World.of(plan)
    for number in range(plan.chunks):
        yield make(world, number)
