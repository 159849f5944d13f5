"""Signed webhooks to a service of the company's own: Standard Webhooks 1.0.0."""

from __future__ import annotations

from datetime import datetime

import msgspec

from zhiyin.act.channels.message import Message, Place, Request, Verdict, cut
from zhiyin.act.channels.retries import wait_of
from zhiyin.collect.events import webhook
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.outbound import Reply

MOST_BYTES = 20_000
"""Of the body: receivers may refuse more."""

_MOST_OF_A_LINE = 1_000


def request(message: Message, place: Place, at: datetime) -> Request:
    """What the service is sent: the same body at every try, with the time of this one.

    While a secret that was renewed still holds, it is signed with both.
    """
    body = _body(message)
    stamp = str(microseconds(at) // 1_000_000)
    secrets = [place.secret, *([place.former] if place.former else [])]
    signatures = [
        webhook.signature(secret, id=message.id, timestamp=stamp, body=body).decode()
        for secret in secrets
    ]
    headers = {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }
    return Request(place.address, headers, body)


def judged(reply: Reply) -> Verdict:
    """What its answer means: 2xx is well; 410 wants no more; a redirect is a failure."""
    said = str(reply.status)
    if reply.is_ok:
        return Verdict("sent", said)
    if reply.status == 410:
        return Verdict("gone", said)
    # Whatever else: the service may be mended, and then takes it. That is what the days are for.
    return Verdict("later", said, wait_of(reply))


def _body(message: Message) -> bytes:
    told = {
        "title": message.title,
        "lines": [cut(line, _MOST_OF_A_LINE) for line in message.lines],
        "link": message.link or None,
    }
    held = {"type": message.kind, "timestamp": message.at, "data": {**told, **message.data}}
    body = msgspec.json.encode(held)
    if len(body) < MOST_BYTES:
        return body
    told["lines"] = []
    return msgspec.json.encode({**held, "data": {**told, "is_cut": True}})
