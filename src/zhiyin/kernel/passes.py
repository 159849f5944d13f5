"""A pass: for a short while, whoever holds it may read one workspace's stream.

The process that knows who is signed in writes it into a page; the process that serves the
stream knows no sessions and checks the pass alone. A pass for a topic, such as one map, also says
whom it was given to, so that others there can be told who is among them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime

SECONDS = 600
"""A pass is good for so long; a stream ends with it, and asks for the next."""

_FOR = b"zhiyin stream"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a pass for a topic was given to.

    Args:
        who: her login, by which another process speaks of her.
        name: as others there are shown it.
        ends_at: when the pass ends (UTC, naive).
    """

    who: str
    name: str
    ends_at: datetime


def issue(key: bytes, *, workspace: str, now: datetime, seconds: int = SECONDS) -> str:
    """A pass for `workspace`, good for `seconds` from `now` (UTC, naive)."""
    until = _end(now, seconds)
    return f"{until}.{_sign(key, workspace, str(until))}"


def until(key: bytes, given: str, *, workspace: str, now: datetime) -> datetime | None:
    """When the pass ends (UTC, naive); None where it is none, of another workspace, or over."""
    said, _dot, signature = given.partition(".")
    return _checked(key, said, signature, now, workspace, said)


def issue_to(
    key: bytes,
    *,
    workspace: str,
    topic: str,
    who: str,
    name: str,
    now: datetime,
    seconds: int = SECONDS,
) -> str:
    """A pass for one topic of `workspace`, such as ``maps/trip``, given to somebody by name."""
    until = str(_end(now, seconds))
    holder = base64.urlsafe_b64encode(json.dumps([who, name]).encode()).decode()
    return f"{until}.{holder}.{_sign(key, workspace, until, topic, holder)}"


def holder(key: bytes, given: str, *, workspace: str, topic: str, now: datetime) -> Holder | None:
    """Whom a pass for a topic was given to; None where it is none, of another, or over."""
    said, _dot, rest = given.partition(".")
    of, _dot, signature = rest.partition(".")
    ends_at = _checked(key, said, signature, now, workspace, said, topic, of)
    if ends_at is None:
        return None
    try:
        who, name = json.loads(base64.urlsafe_b64decode(of))
    except (binascii.Error, ValueError):
        return None
    return Holder(str(who), str(name), ends_at)


def _end(now: datetime, seconds: int) -> int:
    return int(now.replace(tzinfo=UTC).timestamp()) + seconds


def _checked(key: bytes, said: str, signature: str, now: datetime, *signed: str) -> datetime | None:
    if not said.isascii() or not said.isdigit() or len(said) > 12:
        return None
    if not key or not hmac.compare_digest(
        _sign(key, *signed).encode(), signature.encode("utf-8", "replace")
    ):
        return None
    ends_at = datetime.fromtimestamp(int(said), UTC).replace(tzinfo=None)
    return ends_at if ends_at > now else None


def _sign(key: bytes, *said: str) -> str:
    signed = b"\0".join((_FOR, *(one.encode("utf-8", "replace") for one in said)))
    return hmac.new(key, signed, hashlib.sha256).hexdigest()
