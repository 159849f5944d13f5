"""A pass: for a short while, whoever holds it may read one workspace's stream.

The process that knows who is signed in writes it into a page; the process that serves the
stream knows no sessions and checks the pass alone.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

SECONDS = 600
"""A pass is good for so long; a stream ends with it, and asks for the next."""

_FOR = b"zhiyin stream"


def issue(key: bytes, *, workspace: str, now: datetime, seconds: int = SECONDS) -> str:
    """A pass for `workspace`, good for `seconds` from `now` (UTC, naive)."""
    until = int(now.replace(tzinfo=UTC).timestamp()) + seconds
    return f"{until}.{_sign(key, workspace, until)}"


def until(key: bytes, given: str, *, workspace: str, now: datetime) -> datetime | None:
    """When the pass ends (UTC, naive); None where it is none, of another workspace, or over."""
    said, _dot, signature = given.partition(".")
    if not said.isascii() or not said.isdigit() or len(said) > 12:
        return None
    end = int(said)
    if not key or not hmac.compare_digest(
        _sign(key, workspace, end).encode(), signature.encode("utf-8", "replace")
    ):
        return None
    ends_at = datetime.fromtimestamp(end, UTC).replace(tzinfo=None)
    return ends_at if ends_at > now else None


def _sign(key: bytes, workspace: str, end: int) -> str:
    said = b"\0".join((_FOR, workspace.encode(), str(end).encode()))
    return hmac.new(key, said, hashlib.sha256).hexdigest()
