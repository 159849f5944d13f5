"""What a letter says of itself: whose it is, for whoever gives it back, and for nobody else.

It stands in the envelope's sender, the Message-ID and the address that ends further letters. It is
not the key of the survey's link, so a mail server's log lets nobody answer.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from zhiyin.collect.surveys import tokens
from zhiyin.collect.surveys.tokens import ALPHABET

_TAG = 10
PATTERN = re.compile(rf"[{ALPHABET}]{{{_TAG + 1},{_TAG + 13}}}")


def of(asking: int) -> str:
    """What names the letters of an asking."""
    digits = []
    rest = asking
    while True:
        rest, digit = divmod(rest, 32)
        digits.append(ALPHABET[digit])
        if not rest:
            break
    bare = "".join(reversed(digits))
    return bare + _tag(_secret(settings.ZHIYIN_DATA), bare)


def read(given: str) -> int | None:
    """The asking that it names; None: we made no such name."""
    low = given.lower()
    bare, tag = low[:-_TAG], low[-_TAG:]
    if not PATTERN.fullmatch(low):
        return None
    if not hmac.compare_digest(_tag(_secret(settings.ZHIYIN_DATA), bare), tag):
        return None
    number = 0
    for letter in bare:
        number = number << 5 | ALPHABET.index(letter)
    return number


@lru_cache(maxsize=8)
def _secret(data: Path) -> bytes:
    return hashlib.sha256(b"letter\0" + tokens.key(data)).digest()


def _tag(secret: bytes, bare: str) -> str:
    digest = hmac.digest(secret, bare.encode(), "sha256")
    return "".join(ALPHABET[byte & 31] for byte in digest[:_TAG])
