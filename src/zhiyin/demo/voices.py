"""What customers say in their own words: comments, complaints, reviews and public mentions.

What they are to speak of comes from what they lived through; how they say it comes from
`language`. The truth of every clause is kept beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from zhiyin.demo.arrays import NONE, Floats, Ints, stream
from zhiyin.demo.contacts import CHAT, COMPLAINT, MAIL, WECHAT, Contacts
from zhiyin.demo.language import ASPECTS_AT, Request, Text, write
from zhiyin.demo.language.texts import Kind, Language, Persona, Polarity
from zhiyin.demo.orders import Orders
from zhiyin.demo.organisation import STATIONS
from zhiyin.demo.people import LANGUAGE_EN, People
from zhiyin.demo.plan import DAY
from zhiyin.demo.refunds import Gestures, Refunds
from zhiyin.demo.surveys import Asked
from zhiyin.demo.touchpoints import AT, MEANS, RATED, SLUGS
from zhiyin.demo.trips import WEB, Trips
from zhiyin.demo.world import World

PERSONA: tuple[Persona, ...] = ("business", "family", "student", "senior", "organiser")
_MIXED = 0.06
"""Of Chinese speakers, this share strews English in."""
_NEUTRAL = 0.22
"""A feeling this near to the usual is told without praise or blame."""
_REVIEWS = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Texts of one survey or source, with what each belongs to (places in the chunk's arrays)."""

    place: Ints
    texts: list[Text]


@dataclass(frozen=True, slots=True, eq=False)
class Reviews:
    """Reviews and complaints on platforms, after a trip; nobody knows whose."""

    trip: Ints
    at: Ints
    kind: list[str]
    touchpoint: Ints
    texts: list[Text]


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """All that one chunk's customers say, but for mentions."""

    comments: tuple[Said, ...]
    """One of each of the chunk's surveys; places of answered invitations."""
    complaints: Said
    """Places of contacts."""
    reviews: Reviews


class _Mouth:
    """Makes requests out of what people lived through."""

    def __init__(self, world: World, people: People, trips: Trips, orders: Orders) -> None:
        self.world = world
        self.people = people
        self.trips = trips
        self.orders = orders
        self.rng = stream(world.plan.seed, "voices", people.chunk)

    def languages(self, who: Ints) -> list[Language]:
        """Each writer's language."""
        english = self.people.language[who] == LANGUAGE_EN
        mixed = self.rng.random(len(who)) < _MIXED
        return ["en" if e else "mixed" if m else "zh" for e, m in zip(english, mixed, strict=True)]

    def subjects(self, trip: Ints) -> list[tuple[tuple[str, Polarity, float], ...]]:
        """What a traveller speaks of: one to three touchpoints, the furthest from the usual."""
        feels = self.trips.experience[trip][:, RATED]
        apart = np.abs(feels - MEANS[list(RATED)])
        apart = np.where(self.trips.applies[trip][:, RATED], apart, -1.0)
        order = np.argsort(-apart, axis=1, kind="stable")
        count = 1 + (self.rng.random((len(trip), 2)) < (0.5, 0.3)).cumprod(1).sum(1)
        which = self.rng.random((len(trip), len(RATED)))
        late = (self.trips.delay[trip] > 30) | self.trips.cancelled[trip]
        found = []
        for row in range(len(trip)):
            spoken: dict[str, tuple[str, Polarity, float]] = {}
            for rank in range(len(RATED)):
                place = int(order[row, rank])
                slug = SLUGS[RATED[place]]
                aspect = aspect_of(slug, float(which[row, rank]))
                said = _judged(aspect, float(feels[row, place]))
                if apart[row, place] >= 0 and _is_told(slug, said, bool(late[row])):
                    spoken.setdefault(aspect, said)
                if len(spoken) == count[row]:
                    break
            found.append(tuple(spoken.values()) or (_judged("other", float(feels[row].mean())),))
        return found

    def context(self, trip: int, **more: object) -> Mapping[str, object]:
        """What is known of a trip."""
        if trip == NONE:
            return more
        route = self.trips.route[trip]
        network = self.world.network
        minutes = int(self.trips.delay[trip])
        known: dict[str, object] = {
            "origin": STATIONS[network.origin[route]].slug,
            "destination": STATIONS[network.destination[route]].slug,
            "flight": network.name(int(self.trips.flight[trip])),
            "date": self.world.plan.date_of(int(self.trips.day[trip])),
            **more,
        }
        if minutes > 15:
            known["minutes"] = minutes
        return known

    def topics(self, trip: int) -> frozenset[str]:
        """Special subjects of a trip: the typhoon, the trial of self-service bag drop."""
        if trip == NONE:
            return frozenset()
        story = self.world.plan.stories
        route = self.trips.route[trip]
        found = set()
        if story.typhoon <= self.trips.day[trip] <= story.typhoon + 2 and (
            self.trips.cancelled[trip] or self.trips.delay[trip] > 120
        ):
            found.add("typhoon")
        if self.trips.day[trip] >= self.world.rollout[self.world.network.origin[route]]:
            found.add("bag_drop")
        if self.orders.is_promotion[trip]:
            found.add("promotion")
        return frozenset(found)


def aspect_of(slug: str, chance: float) -> str:
    """An aspect spoken of at a touchpoint: the likeliest two times in three."""
    aspects = ASPECTS_AT[slug]
    place = 0 if chance < 0.65 else 1 + int((chance - 0.65) / 0.35 * (len(aspects) - 1))
    return aspects[min(place, len(aspects) - 1)]


def _is_told(slug: str, said: tuple[str, Polarity, float], late: bool) -> bool:
    """Nobody complains of a delay that was none, nor praises a flight that was late."""
    aspect, polarity, _intensity = said
    if slug != "punctuality":
        return True
    return late == (polarity == -1) if aspect == "punctuality" else late


def _judged(aspect: str, feels: float) -> tuple[str, Polarity, float]:
    """Praise above the usual, blame below, and how strongly."""
    polarity: Polarity = 0 if abs(feels) < _NEUTRAL else 1 if feels > 0 else -1
    return aspect, polarity, float(min(abs(feels) / 1.8, 1.0))


def speak(
    world: World,
    people: People,
    trips: Trips,
    orders: Orders,
    refunds: Refunds,
    gestures: Gestures,
    contacts: Contacts,
    asked: tuple[Asked, ...],
) -> Voices:
    """Everything that a chunk's customers write."""
    mouth = _Mouth(world, people, trips, orders)
    wanted = [_comments(mouth, each, contacts, refunds, gestures) for each in asked]
    # In one go, so that no hand-written verbatim is given twice.
    texts = iter(write(mouth.rng, [request for _place, some in wanted for request in some]))
    return Voices(
        comments=tuple(Said(place, list(islice(texts, len(some)))) for place, some in wanted),
        complaints=_complaints(mouth, contacts),
        reviews=_reviews(mouth),
    )


def _comments(
    mouth: _Mouth, asked: Asked, contacts: Contacts, refunds: Refunds, gestures: Gestures
) -> tuple[Ints, list[Request]]:
    """Who answers a survey's open question, and what about."""
    place = np.flatnonzero(asked.speaks)
    trip, who = asked.trip[place], asked.customer[place]
    slug = asked.survey.slug
    if slug == "flight":
        subjects = mouth.subjects(trip)
    elif slug == "relationship":
        subjects = _at_large(mouth, asked.better[place])
    else:
        touchpoint = asked.survey.touchpoint or "contact"
        chance = mouth.rng.random(len(place))
        aspects = [aspect_of(touchpoint, float(c)) for c in chance]
        subjects = [
            (_judged(a, float(b)),) for a, b in zip(aspects, asked.better[place], strict=True)
        ]
    days = np.zeros(len(mouth.trips), dtype=np.int64)
    days[refunds.trip] = (refunds.paid_at - refunds.asked_at) // DAY
    given = set(gestures.trip[gestures.is_given].tolist())
    requests = []
    for row, lang in enumerate(mouth.languages(who)):
        more = {"days": int(days[trip[row]])} if slug == "refund" else {}
        requests.append(
            Request(
                kind="survey",
                lang=lang,
                aspects=subjects[row],
                persona=PERSONA[mouth.people.persona[who[row]]],
                context=mouth.context(int(trip[row]), **more),
                topics=mouth.topics(int(trip[row]))
                | _special(mouth, asked, int(place[row]), contacts),
                story=_story(mouth, asked, int(place[row]), contacts, given)
                if mouth.people.chunk == 0
                else None,
            )
        )
    return place, requests


def _at_large(mouth: _Mouth, better: Floats) -> list[tuple[tuple[str, Polarity, float], ...]]:
    """What comes to mind about the company as a whole: something usual, in the general mood."""
    names = ("punctuality", "price", "crew", "app", "miles", "refund", "food", "hotline")
    place = (mouth.rng.random((len(better), 2)) * len(names)).astype(np.int64)
    two = mouth.rng.random(len(better)) < 0.4
    found = []
    for row, mood in enumerate(better):
        first, second = names[place[row, 0]], names[place[row, 1]]
        spoken = [_judged(first, float(mood))]
        if two[row] and second != first:
            spoken.append(_judged(second, float(mood) * 0.6))
        found.append(tuple(spoken))
    return found


def _story(
    mouth: _Mouth, asked: Asked, place: int, contacts: Contacts, given: set[int]
) -> str | None:
    """The story that this answer belongs to; hand-written verbatims tell it first."""
    slug, trip = asked.survey.slug, int(asked.trip[place])
    better = float(asked.better[place])
    if slug == "relationship":
        return "relationship"
    if slug == "unaccompanied_minor":
        return "minor"
    if slug == "contact":
        channel = contacts.channel[asked.contact[place]]
        if channel == CHAT:
            return "chatbot" if better < 0 else None
        return "wechat-mail" if channel == WECHAT and better < 0 else None
    if slug == "refund":
        return "refunds" if better < 0 else None
    if slug == "booking":
        family = mouth.orders.children[trip] > 0
        if better < 0 and family:
            return "child-ticket"
        return "calendar" if better < -0.5 and mouth.trips.channel[trip] == WEB else None
    topics = mouth.topics(trip)
    if "typhoon" in topics:
        return "typhoon"
    if trip in given:
        return "voucher"
    if "bag_drop" in topics and mouth.trips.experience[trip, AT["bag_drop"]] > 0.8:
        return "bag-drop"
    return "everyday"


def _special(mouth: _Mouth, asked: Asked, place: int, contacts: Contacts) -> frozenset[str]:
    """Subjects that belong to the survey: the site's faults, the channel of the contact."""
    slug, trip = asked.survey.slug, int(asked.trip[place])
    if slug == "unaccompanied_minor":
        return frozenset({"minor"})
    if slug == "booking" and mouth.trips.channel[trip] == WEB:
        family = {"child_site"} if mouth.orders.children[trip] else set()
        return frozenset({"calendar", "shanghai", *family})
    if slug == "contact":
        channel = int(contacts.channel[asked.contact[place]])
        return frozenset(
            {{WECHAT: "wechat", CHAT: "chatbot", MAIL: "mail"}.get(channel, "")} - {""}
        )
    return frozenset()


def _complaints(mouth: _Mouth, contacts: Contacts) -> Said:
    """What was written down with every complaint."""
    is_one = (contacts.reason == COMPLAINT) & contacts.is_answered & (contacts.attempt == 0)
    place = np.flatnonzero(is_one & (contacts.at < mouth.world.plan.end))
    who, trip = contacts.customer[place], contacts.trip[place]
    aspects = [COMPLAINED_OF[k] for k in contacts.kind[place]]
    which = (mouth.rng.random(len(place)) * 3).astype(np.int64)
    requests = [
        Request(
            kind="complaint",
            lang=lang if lang != "mixed" else "zh",
            aspects=((aspects[row][which[row] % len(aspects[row])], -1, 0.9),),
            persona=PERSONA[mouth.people.persona[who[row]]],
            context=mouth.context(int(trip[row])),
            topics=mouth.topics(int(trip[row])),
        )
        for row, lang in enumerate(mouth.languages(who))
    ]
    return Said(place, write(mouth.rng, requests))


COMPLAINED_OF: tuple[tuple[str, ...], ...] = (
    ("rebooking", "information", "compensation"), ("refund",), ("booking", "child_ticket", "price"),
    ("baggage",), ("check_in", "boarding"), ("crew", "food", "seat"), ("staff",), ("other",),
)  # fmt: skip
"""Aspects of a complaint, by its kind in `contacts.COMPLAINT_KINDS`."""


def _reviews(mouth: _Mouth) -> Reviews:
    """Reviews after a few trips, more often after bad ones, on review sites and complaint pages."""
    trips = mouth.trips
    wants = np.clip(_REVIEWS * (1 + 0.6 * np.abs(trips.better)), 0, 1)
    trip = np.flatnonzero(mouth.rng.random(len(trips)) < wants)
    at = trips.arrives[trip] + 3600 + (mouth.rng.random(len(trip)) * 6 * DAY).astype(np.int64)
    trip, at = trip[at < mouth.world.plan.end], at[at < mouth.world.plan.end]
    angry = (trips.better[trip] < -1) & (mouth.rng.random(len(trip)) < 0.4)
    kinds: list[Kind] = ["platform" if a else "review" for a in angry]
    subjects = mouth.subjects(trip)
    who = trips.customer[trip]
    requests = [
        Request(
            kind=kinds[row],
            lang=lang,
            aspects=subjects[row],
            persona=PERSONA[mouth.people.persona[who[row]]],
            context=mouth.context(int(trip[row])),
            topics=mouth.topics(int(trip[row])),
        )
        for row, lang in enumerate(mouth.languages(who))
    ]
    first = np.array([touchpoint_of(s[0][0]) for s in subjects], dtype=np.int64)
    return Reviews(trip, at, [str(k) for k in kinds], first, write(mouth.rng, requests))


def touchpoint_of(aspect: str) -> int:
    """The touchpoint where an aspect is spoken of first; NONE where nowhere."""
    for slug, aspects in ASPECTS_AT.items():
        if aspect in aspects:
            return AT[slug]
    return NONE
