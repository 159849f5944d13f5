"""The tracking API that Segment made public and RudderStack speaks too.

One event, or a batch of them. An ``identify`` becomes traits, ``alias`` and every event with both
ids a link between them, ``group`` traits too; ``track``, ``page`` and ``screen`` become events.
"""

from __future__ import annotations

from typing import Any

import msgspec

from zhiyin.collect.events import contexts, moments
from zhiyin.collect.events.facts import Bad, Facts, json_text, stable
from zhiyin.collect.events.refusing import (
    BATCH_EVENTS,
    ID_LENGTH,
    MESSAGE_ID_LENGTH,
    NAME_LENGTH,
    too_many,
)
from zhiyin.collect.events.written import decoded, described, split
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.ids import ANONYMOUS, KNOWN
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading

PATHS = {
    "identify": "identify", "i": "identify", "track": "track", "t": "track",
    "page": "page", "p": "page", "screen": "screen", "s": "screen",
    "group": "group", "g": "group", "alias": "alias", "a": "alias",
}  # fmt: skip
"""The last part of an address that takes one event, and the type that it says."""


class Event(msgspec.Struct, rename="camel", gc=False):
    """One message. All is `Any`: what a field should be is said in words, not by a decoder."""

    type: Any = None
    event: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    message_id: Any = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    properties: Any = None
    traits: Any = None
    context: msgspec.Raw = msgspec.Raw()
    name: Any = None
    category: Any = None
    group_id: Any = None
    previous_id: Any = None
    channel: Any = None


class Envelope(msgspec.Struct, rename="camel"):
    """What a batch says of all its events."""

    batch: list[msgspec.Raw] | None = None
    context: msgspec.Raw = msgspec.Raw()
    sent_at: Any = None


_event = msgspec.json.Decoder(Event)
_envelope = msgspec.json.Decoder(Envelope)


def read(letter: Letter) -> Reading:
    """Facts of one event or of a batch."""
    envelope, body = split(_envelope, letter.body)
    events = [msgspec.Raw(body)] if envelope.batch is None else envelope.batch
    if len(events) > BATCH_EVENTS:
        raise too_many(len(events))
    return _Reader(letter, envelope).read(events)


class _Reader:
    """Reads the events of one letter."""

    def __init__(self, letter: Letter, envelope: Envelope) -> None:
        self.facts = Facts()
        self.source = letter.source
        self.type = PATHS.get(letter.about.get("path", "").rpartition("/")[2])
        self.is_batch = envelope.batch is not None
        self.received = microseconds(letter.received_at)
        sent = envelope.sent_at or letter.about.get("sent_at")
        self.sent = moments.read(sent)
        self.context = bytes(envelope.context) if self.is_batch else b""

    def read(self, events: list[msgspec.Raw]) -> Reading:
        for place, raw in enumerate(events):
            try:
                self._read(raw)
            except Bad as bad:
                self.facts.refuse(place, bad, raw)
        return self.facts.reading()

    def _read(self, raw: msgspec.Raw) -> None:
        event: Event = decoded(_event, raw)
        kind = event.type
        if not self.is_batch and self.type is not None:
            kind = self.type
        take = _TAKES.get(kind) if isinstance(kind, str) else None
        if take is None:
            raise Bad("event.type", _("{type} is not a type of event.", type=described(kind)))
        known = device = None
        if event.user_id is not None:
            known = an_id(event.user_id, "userId")
        if event.anonymous_id is not None:
            device = an_id(event.anonymous_id, "anonymousId")
        customer = known or device
        if customer is None:
            raise Bad("event.no-customer", _("The event has neither userId nor anonymousId."))
        said = event.timestamp or event.original_timestamp
        at = moments.when(said, received=self.received, sent=self._sent(event))
        take(self, event, self._id(event), at, customer, KNOWN if known else ANONYMOUS)
        if known and device:
            self.facts.signed_in(at, known, device)

    def _sent(self, event: Event) -> int | None:
        if event.sent_at is not None:
            return moments.read(event.sent_at) or self.sent
        return self.sent

    def _id(self, event: Event) -> str:
        said = event.message_id
        if isinstance(said, str) and said:
            if len(said) > MESSAGE_ID_LENGTH:
                raise Bad(
                    "event.message-id",
                    _("The messageId has {length} characters; {most} are the most.",
                      length=len(said), most=MESSAGE_ID_LENGTH),
                )  # fmt: skip
            return said
        if said is not None and said != "":
            return str(an_id(said, "messageId"))
        # Without an id of its own an event is known by what it says and when. One that does not
        # even say when happened when it came, and a second one like it is another.
        when = event.timestamp or event.original_timestamp or event.sent_at
        says = [
            event.type, event.event, event.user_id, event.anonymous_id, event.properties,
            event.traits, event.name, event.category, event.group_id,
            event.previous_id,
        ]  # fmt: skip
        return stable(self.source, json_text(says), str(when or self.sent or self.received))

    def _track(self, event: Event, id: str, at: int, customer: str, kind: str) -> None:
        name = event.event
        if not isinstance(name, str) or not name.strip():
            raise Bad("event.no-name", _("The track call names no event."))
        self._happened(event, id, at, customer, kind, a_name(name), {})

    def _page(self, event: Event, id: str, at: int, customer: str, kind: str) -> None:
        self._happened(event, id, at, customer, kind, "Page Viewed", _named(event))

    def _screen(self, event: Event, id: str, at: int, customer: str, kind: str) -> None:
        self._happened(event, id, at, customer, kind, "Screen Viewed", _named(event))

    def _happened(
        self, event: Event, id: str, at: int, customer: str, kind: str,
        name: str, own: dict[str, Any],
    ) -> None:  # fmt: skip
        properties = an_object(event.properties, "properties")
        if own:
            properties = {**properties, **own}
        context = contexts.of(event.context, self.context)
        session = context.session or properties.get("$session_id")
        kept = context.kept
        if name == "Page Viewed" and "page" not in kept:
            page = contexts.page_of(properties)
            if page:
                kept = {**kept, "page": page}
        if kept:
            contexts.put(properties, kept)
        channel = contexts.channel(event.channel, None) if event.channel else None
        self.facts.event(
            id=id,
            at=at,
            customer=customer,
            kind=kind,
            name=name,
            channel=channel or context.channel,
            session=_session(session, event.anonymous_id or customer) if session else None,
            properties=properties,
        )

    def _identify(self, event: Event, id: str, at: int, customer: str, kind: str) -> None:
        context = contexts.merged(event.context, self.context)
        traits = {
            **an_object(context.get("traits"), "context.traits"),
            **an_object(event.traits, "traits"),
        }
        self._traits(traits, id, at, customer, kind)

    def _group(self, event: Event, id: str, at: int, customer: str, kind: str) -> None:
        group = an_id(event.group_id, "groupId")
        if group is None:
            raise Bad("event.group", _("The group call has no groupId."))
        traits = {"group": group}
        for name, value in an_object(event.traits, "traits").items():
            traits[f"group.{name}"] = value
        self._traits(traits, id, at, customer, kind)

    def _alias(self, event: Event, id: str, at: int, customer: str, kind: str) -> None:
        previous = an_id(event.previous_id, "previousId")
        if previous is None or kind != KNOWN:
            raise Bad("event.alias", _("The alias call lacks previousId or userId."))
        # The old id is one that a device made up: an alias never makes one of two known customers.
        self.facts.link(
            at=at, customer=customer, other=previous, other_kind=ANONYMOUS, reason="alias"
        )

    def _traits(self, traits: dict[str, Any], id: str, at: int, customer: str, kind: str) -> None:
        named = [(a_name(name), value) for name, value in traits.items()]
        for name, value in named:
            self.facts.trait(id=id, at=at, customer=customer, kind=kind, name=name, value=value)


_TAKES = {
    "track": _Reader._track,
    "page": _Reader._page,
    "screen": _Reader._screen,
    "identify": _Reader._identify,
    "group": _Reader._group,
    "alias": _Reader._alias,
}


def _named(event: Event) -> dict[str, Any]:
    found = {}
    if isinstance(event.name, str) and event.name:
        found["name"] = event.name
    if isinstance(event.category, str) and event.category:
        found["category"] = event.category
    return found


def _session(said: Any, whose: Any) -> str | None:
    """The session that the SDK sends. A mere number (a time) is made the customer's own."""
    if isinstance(said, str):
        return said[:ID_LENGTH]
    if isinstance(said, int) and said is not True:
        return f"{whose}:{said}"[:ID_LENGTH]
    return None


def an_id(value: Any, field: str) -> str | None:
    """An id as text; None where there is none.

    Raises:
        Bad: ``event.id``: it is an object, a list, a truth value, or too long.
    """
    if isinstance(value, str):
        if len(value) <= ID_LENGTH:
            return value.strip() or None
    elif value is None:
        return None
    elif isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    raise Bad("event.id", _("{field} cannot be {value}.", field=field, value=described(value)))


def a_name(value: str) -> str:
    """A name of an event or a trait.

    Raises:
        Bad: ``event.name``: it is empty or too long.
    """
    name = value.strip()
    if not name or len(name) > NAME_LENGTH:
        raise Bad(
            "event.name",
            _("{name} is no name of 1 to {most} characters.",
              name=described(value), most=NAME_LENGTH),
        )  # fmt: skip
    return name


def an_object(value: Any, field: str) -> dict[str, Any]:
    """A JSON object; empty where there is none.

    Raises:
        Bad: ``event.properties``: it is something else.
    """
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    raise Bad("event.properties", _("{field} is no JSON object.", field=field))
