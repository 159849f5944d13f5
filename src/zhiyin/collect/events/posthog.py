r"""Events as PostHog's clients send them: ``/batch/``, ``/e/``, ``/i/v0/e/``.

PostHog has one space of ids, the log has two. An id is a known customer's when a server sends it
(unless it says that it makes no person of it) or when a browser says that she is identified; else
a device made it up. An alias names two ids and not which is the device's: the one that is a UUID
beside one that is none; else ``distinct_id`` from Python, whose call names the old id first, and
``alias`` from all others.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import msgspec

from zhiyin.collect.events import contexts, moments
from zhiyin.collect.events.facts import Bad, Facts, json_text, stable
from zhiyin.collect.events.refusing import BATCH_EVENTS, not_json, too_many
from zhiyin.collect.events.tracking import a_name, an_id, an_object
from zhiyin.collect.events.written import decoded, split
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.ids import ANONYMOUS, KNOWN
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading

_UNKEPT = frozenset({
    "token", "distinct_id", "$ip", "$device_id", "$user_id", "$anon_distinct_id", "$session_id",
    "$window_id", "$raw_user_agent", "$user_agent", "$insert_id", "$time", "$set", "$set_once",
    "$sdk_dist_channel", "$initialization_time", "$configured_session_timeout_ms",
    "$config_defaults", "$recording_status", "$lib_custom_api_host", "$process_person_profile",
    "$is_identified", "$is_server", "$geoip_disable", "$browser_type", "$pageview_id",
    "$lib_rate_limit_remaining_tokens", "$viewport_height", "$viewport_width", "$screen_height",
    "$screen_width", "$timezone_offset", "$lib", "$lib_version", "$os", "$os_version",
    "$device_type", "$browser_language", "$timezone", "$python_runtime", "$python_version",
    "$os_distro",
})  # fmt: skip
"""What the client says about itself, and what serves to recognise a device."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_UNKEPT_STARTS = ("$sdk_debug", "$session_entry")

_CONTEXT = (
    "$current_url", "$pathname", "$referrer", "title", "$lib", "$lib_version",
    "$os", "$os_version", "$device_type", "$browser_language", "$timezone",
)  # fmt: skip
"""What the context is made of, as `_context` takes it."""

_STATES_ONLY = frozenset({"$identify", "$set", "$set_once", "$groupidentify", "$create_alias"})
"""Calls that say something of a customer; nothing happened."""


class Event(msgspec.Struct, gc=False):
    """One message; see `tracking.Event`."""

    event: Any = None
    properties: Any = None
    distinct_id: Any = None
    uuid: Any = None
    timestamp: Any = None
    set: Any = msgspec.field(name="$set", default=None)
    set_once: Any = msgspec.field(name="$set_once", default=None)


class Envelope(msgspec.Struct):
    """What a batch says of all its events."""

    batch: list[msgspec.Raw] | None = None
    sent_at: Any = None


_event = msgspec.json.Decoder(Event)
_envelope = msgspec.json.Decoder(Envelope)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def read(letter: Letter) -> Reading:
    """Facts of one event, a list of them, or a batch."""
    body = unwrapped(letter.body)
    sent: Any = None
    if body.lstrip()[:1] == b"[":
        events, body = split(_list, body)
    else:
        envelope, body = split(_envelope, body)
        sent = envelope.sent_at
        events = [msgspec.Raw(body)] if envelope.batch is None else envelope.batch
    if len(events) > BATCH_EVENTS:
        raise too_many(len(events))
    reader = _Reader(letter, sent)
    for place, raw in enumerate(events):
        try:
            reader.read(raw)
        except Bad as bad:
            reader.facts.refuse(place, bad, raw)
    return reader.facts.reading()


def unwrapped(body: bytes) -> bytes:
    """The JSON of a body that an old browser client sent as a form: ``data=<base64>``.

    Raises:
        Problem: ``intake.not-json``.
    """
    if not body.startswith(b"data="):
        return body
    try:
        data = parse_qs(body.decode("ascii"))["data"][0]
        return base64.b64decode(data.replace(" ", "+") + "==", validate=False)
    except (UnicodeDecodeError, KeyError, binascii.Error) as error:
        raise not_json("data= is not base64") from error


class _Reader:
    """Reads the events of one letter."""

    def __init__(self, letter: Letter, sent: Any) -> None:
        self.facts = Facts()
        self.source = letter.source
        self.received = microseconds(letter.received_at)
        self.sent = moments.read(sent)

    def read(self, raw: msgspec.Raw) -> None:
        event: Event = decoded(_event, raw)
        if not isinstance(event.event, str) or not event.event.strip():
            raise Bad("event.no-name", _("The track call names no event."))
        name = a_name(event.event)
        properties = an_object(event.properties, "properties")
        customer = an_id(event.distinct_id or properties.get("distinct_id"), "distinct_id")
        if customer is None:
            raise Bad("event.no-customer", _("The event has no distinct_id."))
        kind = _kind(customer, properties, name)
        at = moments.when(event.timestamp, received=self.received, sent=self.sent)
        id = self._id(event, name, customer, properties)
        if name == "$groupidentify":
            self._group(id, at, customer, kind, properties)
            return
        self._states(event, id, at, customer, kind, properties)
        if name == "$create_alias":
            alias = an_id(properties.get("alias"), "alias")
            self._alias(at, customer, alias, properties.get("$lib"))
        elif name == "$identify":
            device = an_id(properties.get("$anon_distinct_id"), "$anon_distinct_id")
            if device:
                self.facts.signed_in(at, customer, device)
        if name not in _STATES_ONLY:
            self._happened(id, at, customer, kind, name, properties)

    def _id(self, event: Event, name: str, customer: str, properties: dict[str, Any]) -> str:
        said = event.uuid or properties.get("$insert_id")
        if isinstance(said, str) and 0 < len(said) <= 100:
            return said
        when = str(event.timestamp or self.sent or self.received)
        return stable(self.source, name, customer, json_text(properties), when)

    def _states(
        self, event: Event, id: str, at: int, customer: str, kind: str, properties: dict[str, Any]
    ) -> None:
        """What is said of the customer beside what happened."""
        if (
            event.set is None
            and event.set_once is None
            and properties.keys().isdisjoint(("$set", "$set_once", "$groups"))
        ):
            return
        said = {
            **an_object(properties.get("$set"), "$set"),
            **an_object(event.set, "$set"),
        }
        once = {
            **an_object(properties.get("$set_once"), "$set_once"),
            **an_object(event.set_once, "$set_once"),
        }
        groups = an_object(properties.get("$groups"), "$groups")
        for name, value in said.items():
            self.facts.trait(
                id=id, at=at, customer=customer, kind=kind, name=a_name(name), value=value
            )
        # An id that every sender makes alike, so that only the first is stored.
        for name, value in once.items():
            if value is not None and name not in said:
                self.facts.trait(
                    id=stable("once", kind, customer), at=at, customer=customer, kind=kind,
                    name=a_name(name), value=value,
                )  # fmt: skip
        for group, key in groups.items():
            self.facts.trait(
                id=stable("group", kind, customer, str(key)), at=at, customer=customer, kind=kind,
                name=a_name(f"group.{group}"), value=key,
            )  # fmt: skip

    def _group(
        self, id: str, at: int, customer: str, kind: str, properties: dict[str, Any]
    ) -> None:
        if "$device_id" not in properties:
            raise Bad("event.group-alone", _("The call describes a group and names no member."))
        group = an_id(properties.get("$group_type"), "$group_type")
        key = an_id(properties.get("$group_key"), "$group_key")
        if group is None or key is None:
            raise Bad("event.group", _("The group call has no groupId."))
        said = an_object(properties.get("$group_set"), "$group_set")
        traits = {f"group.{group}": key, **{f"group.{group}.{n}": v for n, v in said.items()}}
        named = [(a_name(name), value) for name, value in traits.items()]
        for name, value in named:
            self.facts.trait(id=id, at=at, customer=customer, kind=kind, name=name, value=value)

    def _alias(self, at: int, one: str, other: str | None, library: Any) -> None:
        if other is None:
            raise Bad("event.alias", _("The alias call lacks previousId or userId."))
        is_one_made, is_other_made = bool(_UUID.fullmatch(one)), bool(_UUID.fullmatch(other))
        if is_one_made == is_other_made:
            is_one_made = library == "posthog-python"
        customer, device = (other, one) if is_one_made else (one, other)
        self.facts.link(
            at=at, customer=customer, other=device, other_kind=ANONYMOUS, reason="alias"
        )

    def _happened(
        self, id: str, at: int, customer: str, kind: str, name: str, said: dict[str, Any]
    ) -> None:
        kept = {
            key: value
            for key, value in said.items()
            if key not in _UNKEPT and not key.startswith(_UNKEPT_STARTS)
        }
        get = said.get
        parts = [get(key) for key in _CONTEXT]
        try:
            context = _context(*parts)
        except TypeError:  # a value that is no text or number
            context = _context.__wrapped__(*parts)
        if context:
            contexts.put(kept, context)
        session = get("$session_id")
        self.facts.event(
            id=id,
            at=at,
            customer=customer,
            kind=kind,
            name=name,
            channel="server" if get("$is_server") is True else contexts.channel(None, get("$lib")),
            session=session[:512] if isinstance(session, str) and session else None,
            properties=kept,
        )


@lru_cache(maxsize=1024, typed=True)
def _context(
    url: Any, path: Any, referrer: Any, title: Any, library: Any, version: Any,
    system: Any, system_version: Any, device: Any, language: Any, zone: Any,
) -> dict[str, Any]:  # fmt: skip
    """What is stored as ``properties.context``; never changed, for it is shared."""
    return contexts.kept(
        {
            "page": {"url": url, "path": path, "referrer": referrer, "title": title},
            "library": {"name": library or "", "version": version or ""},
            "os": {"name": system, "version": system_version},
            "device": {"type": device},
            "locale": language,
            "timezone": zone,
        }
    )


def _kind(customer: str, properties: dict[str, Any], name: str) -> str:
    """Whether the id is a known customer's or one that a device made up."""
    said = properties.get("$is_identified")
    if isinstance(said, bool):
        return KNOWN if said else ANONYMOUS
    if name == "$identify":
        return KNOWN
    device = properties.get("$device_id")
    if device is not None:
        return ANONYMOUS if device == customer else KNOWN
    return ANONYMOUS if properties.get("$process_person_profile") is False else KNOWN
