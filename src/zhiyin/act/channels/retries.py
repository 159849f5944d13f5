"""When what could not be sent is sent again: for three days, as Standard Webhooks 1.0.0 has it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from zhiyin.kernel import clock
from zhiyin.kernel.outbound import Reply

MINUTE, HOUR = 60.0, 3600.0
WAITS: tuple[float, ...] = (
    5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
)  # fmt: skip
"""Seconds after the first, second… try. After the last nothing is tried any more."""

JITTER = 0.1
"""So much of a wait may be added: what failed together does not come back together."""

LONGEST = 24 * HOUR
"""Whoever asks for a longer wait gets this one."""


def next_at(
    now: datetime, tries: int, asked: float | None, chance: random.Random
) -> datetime | None:
    """When to try again after so many tries that failed; None: not any more.

    Args:
        asked: seconds that whoever answered wants us to wait.
    """
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1]
    if asked is not None:
        wait = max(wait, min(asked, LONGEST))
    return now + timedelta(seconds=wait * (1.0 + JITTER * chance.random()))


def wait_of(reply: Reply) -> float | None:
    """Seconds that ``Retry-After`` asks for: a number, or a date of HTTP; None where it asks
    nothing that can be read."""
    said = reply.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit() and len(said) < 9:
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max(0.0, (at.replace(tzinfo=None) - at.utcoffset() - clock.now()).total_seconds())  # type: ignore[operator]
