"""Chance that can be drawn again: who is in a sample, and which incentive she is offered.

Nothing is drawn by a generator whose state goes with the process. A number from 0 up to 1 follows
from a distribution's seed and from what is drawn for, so that whoever knows both finds the same:

    SHA-256 of ``<seed>`` 0x1F ``<what for>`` 0x1F ``<subject>``, in UTF-8; its first eight bytes as
    a whole number, the most significant first, without its last eleven bits, by 2^53

*What for* is ``sample`` or ``arm``, so that the two are independent. The subject of a trigger is
the event, ``<source>`` 0x1F ``<id>``.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal

SEPARATOR = "\x1f"

Purpose = Literal["sample", "arm"]


def new_seed() -> int:
    """A seed that every store can hold."""
    return secrets.randbits(53)


def number(seed: int, purpose: Purpose, subject: str) -> float:
    """What is drawn for a subject: from 0 up to, but not including, 1.

    >>> round(number(1, "sample", "a"), 6) == round(number(1, "sample", "a"), 6)
    True
    """
    said = SEPARATOR.join((str(seed), purpose, subject)).encode()
    return (int.from_bytes(hashlib.sha256(said).digest()[:8]) >> 11) / (1 << 53)


def is_in_sample(seed: int, subject: str, share: float) -> bool:
    """Whether a subject is among the share of a whole that is asked."""
    return number(seed, "sample", subject) < share


def arm(seed: int, subject: str, arms: Sequence[Mapping[str, Any]]) -> str:
    """The incentive's arm of a subject; blank where there are none.

    Args:
        arms: each with its name, ``arm``, and its ``share``; shares need not add up to 1.
    """
    total = sum(one["share"] for one in arms)
    left = number(seed, "arm", subject) * total
    for one in arms:
        left -= one["share"]
        if left < 0:
            return str(one["arm"])
    # Rounding may leave a little.
    return str(arms[-1]["arm"]) if arms else ""
