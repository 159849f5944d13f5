"""Signed messages to services of the company's own (Standard Webhooks): its app's push, its SMS.

A message has the same id however often it is sent, and whoever takes it counts it once: so what
was broken off may be sent again, and nobody gets two.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult

import msgspec

from zhiyin.collect.events import webhook
from zhiyin.collect.reaching import posting
from zhiyin.collect.reaching.handing import Handed, Unreachable
from zhiyin.collect.reaching.posting import Broken, Request

GONE, TOO_MANY = 410, 429


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a service is, and the secret that both know.

    Args:
        secret: ``whsec_`` and base64.
    """

    place: SplitResult
    secret: str

    def send(self, id: str, kind: str, data: Mapping[str, Any]) -> Handed:
        """Send one message.

        Args:
            id: the same for the same message.
            kind: what is said, as ``survey.invitation``.

        Raises:
            Unreachable: nobody is there, or our signature is not known there.
        """
        body = msgspec.json.encode(
            {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": dict(data)}
        )
        at = str(int(time.time()))
        signature = webhook.signature(self.secret, id=id, timestamp=at, body=body)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": at,
            "webhook-signature": signature.decode(),
        }
        path = self.place.path or "/"
        if self.place.query:
            path += f"?{self.place.query}"
        try:
            answer = posting.ask(self.place, Request("POST", path, headers, body))
        except Broken as error:
            return Handed("later", str(error))
        return _judged(answer.status)


def _judged(status: int) -> Handed:
    said = str(status)
    if 200 <= status < 300:
        return Handed("sent")
    if status == GONE:
        return Handed("refused", said, stops=True)
    if status in (401, 403, 404) or 300 <= status < 400:
        raise Unreachable(said)
    if status == TOO_MANY or status >= 500:
        return Handed("later", said)
    return Handed("failed", said)
