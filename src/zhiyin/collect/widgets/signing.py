"""What the server signs for the widget, and how a company vouches for its customer.

A choice says of one visitor whether one rule chooses her, until when; the browser keeps it and
gives it back, and nobody can make one up. A proof is made by the company's own server: HMAC-SHA256
of the customer's id under the workspace's key, in hexadecimal. Without it nobody is told, by being
asked or not, in which segment somebody is whose id he knows.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

CHOICE_SECONDS = 3600


class Signing:
    """Signs choices.

    Args:
        secret: of the installation.
        clock: the present, in seconds since 1970.
    """

    def __init__(self, secret: bytes, *, clock: Callable[[], float] = time.time) -> None:
        self._secret = hashlib.sha256(b"widget choice\0" + secret).digest()
        self._clock = clock

    def choice(self, *, rule: str, visitor: str, is_chosen: bool) -> str:
        """What a browser keeps.

        Args:
            rule: what names it in the installation, its revision included.
            visitor: by all ids that were looked at.
        """
        until = int(self._clock()) + CHOICE_SECONDS
        said = f"{until:x}.{int(is_chosen)}"
        return f"{said}.{self._tag(said, rule, visitor)}"

    def read(self, given: str, *, rule: str, visitor: str) -> bool | None:
        """What was chosen; None where the server has not said so, or too long ago."""
        said, _dot, tag = given.rpartition(".")
        if not hmac.compare_digest(tag.encode(), self._tag(said, rule, visitor).encode()):
            return None
        until, _dot, chosen = said.partition(".")
        return chosen == "1" if int(until, 16) >= self._clock() else None

    def _tag(self, *parts: str) -> str:
        said = "\0".join(parts).encode()
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()[:32]


def proof_key(secret: bytes, workspace: str) -> str:
    """The key with which a company's server proves who its customer is."""
    said = hashlib.sha256(b"widget proof\0" + secret).digest()
    return hmac.new(said, workspace.encode(), hashlib.sha256).hexdigest()


def proof(key: str, customer: str) -> str:
    """What the company's server writes into the page, beside the customer's id.

    >>> proof("a" * 64, "ana")[:8]
    '32ac0ac0'
    """
    return hmac.new(key.encode(), customer.encode(), hashlib.sha256).hexdigest()


def is_proven(key: str, customer: str, given: str) -> bool:
    """Whether a proof is the company's."""
    return bool(customer) and hmac.compare_digest(
        proof(key, customer).encode(), given.encode("utf-8", "replace")
    )
