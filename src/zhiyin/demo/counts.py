"""True counts of conversion, abandonment, bounce and service: by hand, apart from the product."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from zhiyin.demo.arrays import NONE, Bools, Ints
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.contacts import REASONS
from zhiyin.demo.happenings import CHANNELS, NAME
from zhiyin.demo.mentions import KINDS
from zhiyin.demo.people import REGION_NAMES
from zhiyin.demo.plan import DAY
from zhiyin.demo.visits import CART, ORDER


class Counts:
    """Whole numbers by name, summed over chunks."""

    def __init__(self) -> None:
        self.n: dict[tuple[str, ...], int] = defaultdict(int)

    def add(self, chunk: Chunk) -> None:
        """Count a chunk."""
        self._visits(chunk)
        self._orders(chunk)
        self._contacts(chunk)
        self._surveys(chunk)
        self._words(chunk)

    def _by(self, what: str, words: tuple[str, ...], places: Ints) -> None:
        for place, count in enumerate(np.bincount(places, minlength=len(words))):
            self.n[what, words[place]] += int(count)

    def _visits(self, chunk: Chunk) -> None:
        visits, events = chunk.visits, chunk.events
        self.n["sessions",] += len(visits)
        self._by("sessions by channel", CHANNELS[:3], visits.channel)
        only_one = (visits.steps == 1) & (visits.enters == 0)
        # The app's first screen is a screen view; bounce is of pages.
        paged = visits.channel != CHANNELS.index("app")
        self.n["sessions with a page view",] += int(paged.sum())
        self.n["bounces",] += int((only_one & paged).sum())
        filled = visits.kind >= CART
        cart, at = _carts(chunk)
        abandoned = ~_ordered_within(chunk, cart, at)
        self.n["carts",] += int(filled.sum())
        self.n["carts abandoned",] += int(abandoned.sum())
        self._by("carts by region", REGION_NAMES, visits.region[cart])
        self._by("carts abandoned by region", REGION_NAMES, visits.region[cart[abandoned]])
        settled = at < chunk.world.plan.end - DAY
        self.n["carts a day old",] += int(settled.sum())
        self.n["carts a day old abandoned",] += int((abandoned & settled).sum())
        completed = events.name == NAME["Order Completed"]
        self.n["order completed events",] += int(completed.sum())
        self.n["of them in sessions",] += int((visits.kind == ORDER).sum())

    def _orders(self, chunk: Chunk) -> None:
        orders = chunk.orders
        self.n["orders",] += len(orders)
        self.n["orders through agencies",] += int((orders.agency != NONE).sum())
        self.n["fen ordered",] += int(orders.amount.sum())
        self.n["customers",] += len(chunk.people)
        self.n["trips",] += len(chunk.trips)
        self.n["cancelled trips",] += int(chunk.trips.cancelled.sum())
        self.n["left after a trip",] += int(chunk.trips.is_last.sum())
        renewed = chunk.events.name == NAME["Subscription Renewed"]
        ended = np.isin(chunk.events.name, (NAME["Subscription Cancelled"],
                                            NAME["Subscription Expired"]))  # fmt: skip
        self.n["cards renewed",] += int(renewed.sum())
        self.n["cards ended",] += int(ended.sum())

    def _contacts(self, chunk: Chunk) -> None:
        contacts = chunk.contacts
        inside = contacts.at < chunk.world.plan.end
        self.n["service contacts",] += int(inside.sum())
        self.n["service contacts abandoned",] += int((inside & ~contacts.is_answered).sum())
        self._by("contacts by reason", REASONS, contacts.reason[inside])
        again = inside & (contacts.attempt > 0)
        self._by("repeat contacts by reason", REASONS, contacts.reason[again])
        first = inside & (contacts.attempt == 0)
        self._by("issues by reason", REASONS, contacts.reason[first])
        settled = first & contacts.is_resolved
        self._by("issues settled at first contact", REASONS, contacts.reason[settled])

    def _surveys(self, chunk: Chunk) -> None:
        for asked in chunk.asked:
            slug = asked.survey.slug
            self.n["invited", slug] += len(asked)
            self.n["bounced", slug] += int(asked.is_bounced.sum())
            self.n["answered", slug] += int(asked.is_answered.sum())

    def _words(self, chunk: Chunk) -> None:
        comments = sum(len(said.texts) for said in chunk.voices.comments)
        self.n["verbatims by voice", "survey"] += comments
        self.n["verbatims by voice", "complaint"] += len(chunk.voices.complaints.texts)
        for held in chunk.conversations.held:
            self.n["verbatims by voice", held.kind] += 1
        for kind in chunk.voices.reviews.kind:
            self.n["verbatims by voice", kind] += 1
        for place, count in enumerate(np.bincount(chunk.mentions.kind, minlength=len(KINDS))):
            self.n["verbatims by voice", KINDS[place]] += int(count)

    def document(self) -> dict[str, object]:
        """Counts by name; those with a word after the name are a table of their own."""
        found: dict[str, object] = {}
        for key, count in self.n.items():
            if len(key) == 1:
                found[key[0]] = count
            else:
                kept = found.setdefault(key[0], {})
                assert isinstance(kept, dict)  # noqa: S101 - a name is one or the other
                kept[key[1]] = count
        return found


def _carts(chunk: Chunk) -> tuple[Ints, Ints]:
    """Sessions with a cart, and when it was filled: its first cart event."""
    events, visits = chunk.events, chunk.visits
    kinds = (NAME["Product Added"], NAME["Checkout Started"])
    filled = np.flatnonzero(np.isin(events.name, kinds))
    session = events.session[filled] - (chunk.number + 1) * 10_000_000
    at = np.full(len(visits), np.iinfo(np.int64).max)
    np.minimum.at(at, session, events.at[filled])
    cart = np.flatnonzero(visits.kind >= CART)
    return cart, at[cart]


def _ordered_within(chunk: Chunk, cart: Ints, at: Ints) -> Bools:
    """Whether the cart's customer completed any order within 24 hours after filling it."""
    events = chunk.events
    ordered = np.flatnonzero(events.name == NAME["Order Completed"])
    scale = chunk.world.plan.end + 2 * DAY
    key = np.sort(events.who[ordered] * scale + events.at[ordered])
    who = chunk.visits.who[cart]
    wanted = who * scale + at
    place = np.searchsorted(key, wanted)
    found = key[np.minimum(place, len(key) - 1)] if len(key) else np.full(len(cart), -1)
    return np.asarray((place < len(key)) & (who != NONE) & (found - wanted <= DAY))
