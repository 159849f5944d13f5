"""Ids of responses and invitations: nobody can guess one, nor make one up.

An id has the hour of its making, so that the log is not searched before it; then chance, or what
it was derived from; then a signature.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from zhiyin.kernel.keyfile import read_or_make

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 letters and digits that nobody takes for others."""

RESPONSE, INVITATION = "response", "invitation"
"""What ids are for."""

_HOUR, _MIDDLE, _TAG = 5, 16, 6
LENGTH = _HOUR + _MIDDLE + _TAG


def key(data: Path) -> bytes:
    """The installation's key for them, made when it is first needed."""
    return read_or_make(data / "keys" / "responses", lambda: secrets.token_bytes(32))


class Tokens:
    """Ids of one kind.

    Args:
        secret: with it they are signed.
        purpose: those of another purpose are none.
        clock: the present, in seconds since 1970.
    """

    def __init__(
        self, secret: bytes, purpose: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._secret = hashlib.sha256(purpose.encode() + b"\0" + secret).digest()
        self._clock = clock

    def new(self) -> str:
        """One that nobody has."""
        hour = int(self._clock() // 3600)
        letters = [ALPHABET[hour >> shift & 31] for shift in range(20, -5, -5)]
        letters += [secrets.choice(ALPHABET) for _place in range(_MIDDLE)]
        return self._signed("".join(letters))

    def derived(self, other: str) -> str:
        """That which belongs to an id of another purpose: always the same, of the same hour."""
        return self._signed(other[:_HOUR] + self._letters(other, _MIDDLE))

    def made_at(self, given: str) -> int | None:
        """When an id was made (microseconds since 1970, its hour); None: it is none of ours."""
        bare = given[: _HOUR + _MIDDLE]
        if len(given) != LENGTH or set(given) - set(ALPHABET):
            return None
        if not hmac.compare_digest(self._signed(bare), given):
            return None
        hour = 0
        for letter in given[:_HOUR]:
            hour = hour << 5 | ALPHABET.index(letter)
        return hour * 3_600_000_000

    def _signed(self, bare: str) -> str:
        return bare + self._letters(bare, _TAG)

    def _letters(self, said: str, count: int) -> str:
        digest = hmac.digest(self._secret, f"{count} {said}".encode(), "sha256")
        return "".join(ALPHABET[byte & 31] for byte in digest[:count])
