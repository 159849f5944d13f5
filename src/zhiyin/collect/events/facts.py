"""Facts of the log on their way, in columns, as `warehouse.arriving.Reading` has them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from zhiyin.kernel.ids import ANONYMOUS, KNOWN
from zhiyin.kernel.text import Text
from zhiyin.warehouse.arriving import Reading, Refusal

REFUSED_BYTES = 64 * 1024

_EVENTS = (
    "id", "occurred_at", "customer", "customer_kind", "name", "channel", "session", "properties",
)  # fmt: skip
_TRAITS = ("id", "occurred_at", "customer", "customer_kind", "name", "value")
_IDENTITIES = (
    "id", "occurred_at", "customer", "customer_kind", "other", "other_kind", "action", "reason",
)  # fmt: skip


class Bad(Exception):  # noqa: N818 - one event that cannot be taken; the others can
    """An event that the log does not take.

    Args:
        code: a key of `refusing.HINTS`.
        message: what is wrong, in one sentence.
    """

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Facts:
    """Collects the facts and refusals of one letter."""

    __slots__ = ("_events", "_identities", "_linked", "_said", "_traits", "refused")

    def __init__(self) -> None:
        self._events: list[tuple[Any, ...]] = []
        self._traits: list[tuple[Any, ...]] = []
        self._identities: list[tuple[Any, ...]] = []
        self._linked: set[str] = set()
        self._said: set[tuple[str, str, str]] = set()
        self.refused: list[Refusal] = []

    def event(
        self,
        *,
        id: str,
        at: int,
        customer: str | None,
        kind: str,
        name: str,
        channel: str | None,
        session: str | None,
        properties: dict[str, Any],
    ) -> None:
        """One thing that happened."""
        self._events.append((id, at, customer, kind, name, channel, session, properties))

    def trait(self, *, id: str, at: int, customer: str, kind: str, name: str, value: Any) -> None:
        """What is known of a customer: text as it is, all else as JSON; None takes it back."""
        if (known := (id, customer, name)) in self._said:
            return
        self._said.add(known)
        said = value if value is None or isinstance(value, str) else json_text(value)
        self._traits.append((id, at, customer, kind, name, said))

    def link(
        self, *, at: int, customer: str, kind: str = KNOWN, other: str, other_kind: str, reason: str
    ) -> None:
        """Two ids are one person, somebody says. The same pair is one fact, however often said."""
        if (customer, kind) == (other, other_kind):
            return
        pair = stable("link", kind, customer, other_kind, other)
        if pair in self._linked:
            return
        self._linked.add(pair)
        self._identities.append((pair, at, customer, kind, other, other_kind, "link", reason))

    def signed_in(self, at: int, customer: str, device: str) -> None:
        """A known customer used this device."""
        self.link(at=at, customer=customer, other=device, other_kind=ANONYMOUS, reason="signed_in")

    def refuse(self, place: int, bad: Bad, body: bytes) -> None:
        """One event is not taken, and why."""
        self.refused.append(Refusal(place, bad.code, bad.message, bytes(body)[:REFUSED_BYTES]))

    def reading(self) -> Reading:
        """What was collected."""
        facts = {}
        for table, names, rows in (
            ("events", _EVENTS, self._events),
            ("traits", _TRAITS, self._traits),
            ("identities", _IDENTITIES, self._identities),
        ):
            if rows:
                facts[table] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        return Reading(facts, self.refused)


def stable(*parts: str) -> str:
    """The same short id for the same parts, on every machine and at every replay."""
    return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def json_text(value: Any) -> str:
    """A value as compact JSON."""
    return msgspec.json.encode(value).decode()
