"""What senders of events are answered: small JSON documents, readable across origins."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec

from zhiyin.edge.asgi import Header
from zhiyin.kernel.errors import Problem

SUCCESS = b'{"success":true}'

STATUS = {
    "intake.not-json": 400,
    "intake.too-many-events": 400,
    "intake.encoding": 400,
    "intake.bad-events": 400,
    "intake.no-key": 401,
    "intake.origin": 403,
    "intake.too-large": 413,
    "intake.too-fast": 429,
    "intake.busy": 429,
    "intake.full": 503,
    "intake.damaged": 503,
    "intake.closing": 503,
    "webhook.unsigned": 401,
    "webhook.too-old": 401,
    "webhook.signature": 401,
    "metrics.token": 401,
    "metrics.elsewhere": 403,
    "widget.unreadable": 400,
}
"""Unknown codes are faults of ours: 503, and the sender keeps what it has."""


class Slow(Problem):
    """Ask again later: what was sent is not taken, and when it may be sent again is known."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        super().__init__(problem.code, problem.message, problem.hint)
        self.seconds = seconds


def refusal(problem: Problem, events: Iterable[dict[str, Any]] = ()) -> tuple[int, bytes]:
    """Status and body for a problem, in the language of the moment."""
    document: dict[str, Any] = {"success": False, "error": problem.as_dict()}
    named = list(events)
    if named:
        document["events"] = named
    return STATUS.get(problem.code, 503), msgspec.json.encode(document)


def waiting(problem: Problem, status: int) -> list[Header]:
    """When to ask again, for those answers that mean it."""
    if status not in (429, 503):
        return []
    seconds = math.ceil(problem.seconds) if isinstance(problem, Slow) else 2
    text = str(max(seconds, 1)).encode()
    return [(b"retry-after", text), (b"x-ratelimit-reset", text)]


def cors(origin: bytes) -> list[Header]:
    """A page of this origin may read the answer. No cookie is ever asked for or set."""
    if not origin:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", b"retry-after, x-ratelimit-reset"),
        (b"vary", b"origin"),
    ]


def preflight(origin: bytes, asked: bytes) -> list[Header]:
    """Any origin may send any header; which origins a key allows is judged when it is used."""
    return [
        *cors(origin),
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", asked or b"content-type, authorization"),
        (b"access-control-max-age", b"7200"),
        (b"content-length", b"0"),
    ]
