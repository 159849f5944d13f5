"""CloudEvents 1.0 over HTTP: structured, batch and binary.

The event's source and id together are the fact's id, its type the name, its subject the customer,
its data the properties.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import msgspec

from zhiyin.collect.events import contexts, moments
from zhiyin.collect.events.facts import Bad, Facts, stable
from zhiyin.collect.events.refusing import BATCH_EVENTS, too_many
from zhiyin.collect.events.tracking import a_name, an_id
from zhiyin.collect.events.written import decoded, split
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.ids import KNOWN
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading

CUSTOMER_FIELDS = ("customer_id", "customerId", "user_id", "userId", "customer")
"""Where the data names its customer, when nothing else does."""


class Event(msgspec.Struct, gc=False):
    """One event, structured."""

    id: Any = None
    source: Any = None
    specversion: Any = None
    type: Any = None
    subject: Any = None
    time: Any = None
    datacontenttype: Any = None
    dataschema: Any = None
    data: Any = None
    data_base64: Any = None


_event = msgspec.json.Decoder(Event)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder()


def read(letter: Letter) -> Reading:
    """Facts of one event or of a batch."""
    facts = Facts()
    received = microseconds(letter.received_at)
    if "ce-id" in letter.about:
        _take(facts, 0, letter.body, received, lambda: _binary(letter))
        return facts.reading()
    if letter.body.lstrip()[:1] == b"[":
        events, _body = split(_list, letter.body)
    else:
        _whole, body = split(_any, letter.body)
        events = [msgspec.Raw(body)]
    if len(events) > BATCH_EVENTS:
        raise too_many(len(events))
    for place, raw in enumerate(events):
        _take(facts, place, raw, received, lambda raw=raw: decoded(_event, raw))
    return facts.reading()


def _take(facts: Facts, place: int, raw: bytes, received: int, event: Any) -> None:
    try:
        _happened(facts, event(), received)
    except Bad as bad:
        facts.refuse(place, bad, raw)


def _binary(letter: Letter) -> Event:
    """An event whose attributes are headers and whose data is the body."""
    about = letter.about
    data = decoded(_any, letter.body) if letter.body else None
    names = ("id", "source", "specversion", "type", "subject", "time", "dataschema")
    said = {name: unquote(about[f"ce-{name}"]) for name in names if f"ce-{name}" in about}
    return Event(**said, data=data)


def _happened(facts: Facts, event: Event, received: int) -> None:
    said = (event.id, event.source, event.type)
    if event.specversion != "1.0" or not all(isinstance(x, str) and x for x in said):
        raise Bad("event.cloud", _("The event is no CloudEvent 1.0."))
    properties = data_of(event.data)
    if event.data_base64 is not None:
        properties["data_base64"] = event.data_base64
    customer = an_id(event.subject, "subject") or customer_in(properties)
    context = {
        name: value
        for name, value in (
            ("source", event.source), ("subject", event.subject), ("dataschema", event.dataschema)
        )
        if isinstance(value, str) and value
    }  # fmt: skip
    contexts.put(properties, context)
    facts.event(
        id=stable(event.source, event.id),
        at=moments.when(event.time, received=received, sent=None),
        customer=customer,
        kind=KNOWN,
        name=a_name(event.type),
        channel="server",
        session=None,
        properties=properties,
    )


def data_of(data: Any) -> dict[str, Any]:
    """What an event carries, as properties: an object as it is, all else under ``data``."""
    if isinstance(data, dict):
        return dict(data)
    return {} if data is None else {"data": data}


def customer_in(data: dict[str, Any]) -> str | None:
    """The customer that the data names, or None."""
    for field in CUSTOMER_FIELDS:
        value = data.get(field)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return an_id(value, field)
    return None
