"""Events as arrays, before they become rows: what happened, when, to whom."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from zhiyin.demo.arrays import NONE, Ints
from zhiyin.demo.touchpoints import AT

NAMES = (
    "Page Viewed", "Application Opened", "Screen Viewed", "Promotion Clicked", "Ad Clicked",
    "Signed In", "Products Searched", "Product List Viewed", "Product Viewed", "Product Added",
    "Checkout Started", "Payment Info Entered", "Order Completed", "Order Cancelled",
    "Order Refunded", "Check-in Completed", "Bag Dropped", "Flight Boarded", "Flight Arrived",
    "Flight Cancelled", "Bag Claimed", "Bag Delayed", "Conversation Started",
    "Conversation Ended", "Points Earned", "Product Shared", "Invite Sent",
    "Subscription Renewed", "Subscription Expired", "Subscription Cancelled",
)  # fmt: skip
NAME = {name: place for place, name in enumerate(NAMES)}
CHANNELS = ("web", "app", "wechat", "phone", "counter", "agency", "kiosk", "chat", "mail", "gate")
CHANNEL = {name: place for place, name in enumerate(CHANNELS)}
SOURCES = ("digital", "operations", "kiosk", "service")
DIGITAL, OPERATIONS, KIOSK, SERVICE = range(4)
ROLES = ("buyer", "user")
BUYER, TRAVELLER = 0, 1
DEVICES = ("desktop", "phone", "tablet")
ABOUT = ("order", "flight", "contact", "visit")
PARTIES = ("alone", "adults", "with children", "group")

_TOUCHPOINT = {
    "Products Searched": "search", "Product List Viewed": "search", "Page Viewed": "search",
    "Product Viewed": "search", "Application Opened": "search", "Screen Viewed": "search",
    "Promotion Clicked": "search", "Ad Clicked": "search", "Signed In": "booking",
    "Product Added": "booking", "Checkout Started": "booking", "Payment Info Entered": "payment",
    "Order Completed": "booking", "Order Cancelled": "manage", "Order Refunded": "refund",
    "Check-in Completed": "check_in", "Bag Dropped": "bag_drop", "Flight Boarded": "boarding",
    "Flight Arrived": "punctuality", "Flight Cancelled": "punctuality", "Bag Claimed": "baggage",
    "Bag Delayed": "baggage", "Conversation Started": "contact", "Conversation Ended": "contact",
    "Points Earned": "loyalty", "Product Shared": "sharing", "Invite Sent": "sharing",
    "Subscription Renewed": "loyalty", "Subscription Expired": "loyalty",
    "Subscription Cancelled": "loyalty",
}  # fmt: skip
TOUCHPOINT = np.array([AT[_TOUCHPOINT[name]] for name in NAMES])


@dataclass(frozen=True, slots=True, eq=False)
class Happenings:
    """Events; one element an event, NONE where it says nothing.

    Args:
        name, channel, source, role, device, party: positions in the words above.
        who: place in the chunk of a known customer.
        cookie: number of a browser that nobody signed in on, where `who` is NONE.
        at: seconds.
        session, about, about_kind: numbers of what they name.
        unit: position in `organisation.UNIT_SLUGS`.
        route, cabin: of the flight or the order.
        region: of the customer, or of the visitor's network address.
        money: fen, where the event has an amount.
        extra: minutes of delay, searched route × 2 + with children…: what `properties` are made of.
    """

    name: Ints
    at: Ints
    who: Ints
    cookie: Ints
    channel: Ints
    source: Ints
    role: Ints
    device: Ints
    session: Ints
    about_kind: Ints
    about: Ints
    unit: Ints
    route: Ints
    cabin: Ints
    party: Ints
    region: Ints
    money: Ints
    extra: Ints

    def __len__(self) -> int:
        return len(self.name)

    @classmethod
    def of(cls, size: int, **given: object) -> Self:
        """Events with these columns (arrays or one number for all); the rest say nothing."""
        columns = {
            field.name: np.broadcast_to(
                np.asarray(given.get(field.name, NONE), dtype=np.int64), (size,)
            )
            for field in fields(cls)
        }
        return cls(**columns)

    @classmethod
    def join(cls, parts: list[Self]) -> Self:
        """All of them, in order of time (ties: in order of the parts)."""
        columns = {
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(cls)
        }
        order = np.argsort(columns["at"], kind="stable")
        return cls(**{name: column[order] for name, column in columns.items()})

    def pick(self, where: Ints | np.ndarray) -> Happenings:
        """The events at these places."""
        return Happenings(**{f.name: getattr(self, f.name)[where] for f in fields(self)})
