"""Signed webhooks of other systems, as Standard Webhooks 1.0.0 has them.

The edge checks the signature before a letter is made of the request; what is read here is true.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

from zhiyin.collect.events import moments
from zhiyin.collect.events.cloudevents import customer_in, data_of
from zhiyin.collect.events.facts import Bad, Facts
from zhiyin.collect.events.tracking import a_name
from zhiyin.collect.events.written import split
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.ids import KNOWN
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading

TOLERANCE_SECONDS = 300
"""A request that is older, or from so far ahead, may be one that somebody recorded."""

SECRET = "whsec_"  # noqa: S105 - how a secret begins


class Payload(msgspec.Struct, gc=False):
    """What is sent."""

    type: Any = None
    timestamp: Any = None
    data: Any = None


_payload = msgspec.json.Decoder(Payload)


def verify(
    secret: str, *, id: str, timestamp: str, signatures: str, body: bytes, now: float
) -> None:
    """Whether somebody who knows `secret` sent this, now.

    Args:
        secret: ``whsec_`` and base64.
        id: the header ``webhook-id``; `timestamp` and `signatures` are the others.
        now: seconds since 1970.

    Raises:
        Problem: ``webhook.unsigned``, ``webhook.too-old``, ``webhook.signature``.
    """
    if not id or not timestamp or not signatures:
        raise Problem(
            "webhook.unsigned",
            _("The webhook is not signed."),
            _("Send the headers webhook-id, webhook-timestamp and webhook-signature."),
        )
    if (
        not (timestamp.isascii() and timestamp.isdigit())
        or len(timestamp) > 12
        or (abs(now - int(timestamp)) > TOLERANCE_SECONDS)
    ):
        raise Problem(
            "webhook.too-old",
            _("The webhook's time is more than five minutes away from ours."),
            _("Send the time of this attempt in webhook-timestamp, and check both clocks."),
        )
    expected = signature(secret, id=id, timestamp=timestamp, body=body)
    # All are compared, and each in constant time: how long it takes says nothing.
    fits = [hmac.compare_digest(expected, given) for given in signatures.encode().split(b" ")]
    if not any(fits):
        raise Problem(
            "webhook.signature",
            _("The webhook's signature does not fit."),
            _("Sign with this key's secret, over id, timestamp and the body as it is sent."),
        )


def signature(secret: str, *, id: str, timestamp: str, body: bytes) -> bytes:
    """``v1,`` and the HMAC-SHA256 of ``id.timestamp.body``, in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET))
    except binascii.Error as error:
        raise ValueError("the secret is not base64") from error
    signed = f"{id}.{timestamp}.".encode() + body
    return b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())


def read(letter: Letter) -> Reading:
    """The one event of a webhook."""
    facts = Facts()
    payload, body = split(_payload, letter.body)
    try:
        if not isinstance(payload.type, str) or not payload.type.strip():
            raise Bad("event.webhook", _("The webhook has no type."))
        properties = data_of(payload.data)
        facts.event(
            id=letter.about["webhook_id"],
            at=moments.when(
                payload.timestamp, received=microseconds(letter.received_at), sent=None
            ),
            customer=customer_in(properties),
            kind=KNOWN,
            name=a_name(payload.type),
            channel="server",
            session=None,
            properties=properties,
        )
    except Bad as bad:
        facts.refuse(0, bad, body)
    return facts.reading()
