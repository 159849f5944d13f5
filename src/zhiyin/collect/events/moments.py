"""Times on the wire: read, corrected for a device's wrong clock, and judged.

All times here are microseconds since 1970, UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zhiyin.collect.events.facts import Bad
from zhiyin.collect.events.written import described
from zhiyin.kernel import clock
from zhiyin.kernel.text import _

EARLIEST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
AHEAD = 24 * 3600 * 1_000_000
"""So far ahead of its arrival an event may be: a plan for later today is one, next year is not."""

_EPOCH_AWARE = clock.EPOCH.replace(tzinfo=UTC)
_SECONDS_UNTIL = 100_000_000_000
"""A number below is seconds (until the year 5138), one above is milliseconds (since 1973)."""


def read(value: Any) -> int | None:
    """An ISO 8601 text, or seconds or milliseconds since 1970; None where it is neither."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            return clock.microseconds(moment)
        return (moment - _EPOCH_AWARE) // clock.MICROSECOND
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not abs(value) < 1e16:
        return None
    return round(value * (1_000_000 if abs(value) < _SECONDS_UNTIL else 1000))


def when(said: Any, *, received: int, sent: int | None) -> int:
    """When an event happened, by our clock.

    What the device's clock says is moved by as much as that clock was wrong when it sent the
    request: received − (sent − said). Without a sending time it stands; without any time the
    event happened when it came.

    Raises:
        Bad: ``event.time``: no time, before 2000, or more than a day ahead.
    """
    if said is None or said == "":
        return received
    at = read(said)
    if at is None:
        raise Bad("event.time", _("{said} is not a time.", said=described(said)))
    if sent is not None:
        at += received - sent
    if not EARLIEST <= at <= received + AHEAD:
        raise Bad("event.time", _("The time {said} cannot be right.", said=described(said)))
    return at
