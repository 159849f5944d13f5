"""Which visitors a rule asks, drawn so that whoever knows its seed draws the same.

The number of a visitor is SHA-256 of ``<seed>`` 0x1F ``widget`` 0x1F ``<visitor>`` in UTF-8: its
first eight bytes as a whole number, the most significant first, without the last eleven bits, by
2^53. A rule of its own seed draws independently of every other.
"""

from __future__ import annotations

import hashlib
import secrets


def new_seed() -> int:
    """A seed that every store can hold."""
    return secrets.randbits(53)


def number(seed: int, visitor: str) -> float:
    """What is drawn for a visitor: from 0 up to, but not including, 1.

    >>> number(7, "a") == number(7, "a")
    True
    """
    said = "\x1f".join((str(seed), "widget", visitor)).encode()
    return (int.from_bytes(hashlib.sha256(said).digest()[:8]) >> 11) / (1 << 53)


def is_drawn(seed: int, visitor: str, percent: float) -> bool:
    """Whether a visitor is among those who are asked."""
    return number(seed, visitor) * 100 < percent
