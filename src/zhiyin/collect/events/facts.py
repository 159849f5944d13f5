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
        self._events: tuple[list[Any], ...] = tuple([] for _name in _EVENTS)
        self._traits: tuple[list[Any], ...] = tuple([] for _name in _TRAITS)
        self._identities: tuple[list[Any], ...] = tuple([] for _name in _IDENTITIES)
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
        ids, ats, customers, kinds, names, channels, sessions, all_properties = self._events
        ids.append(id)
        ats.append(at)
        customers.append(customer)
        kinds.append(kind)
        names.append(name)
        channels.append(channel)
        sessions.append(session)
        all_properties.append(properties)

    def trait(self, *, id: str, at: int, customer: str, kind: str, name: str, value: Any) -> None:
        """What is known of a customer: text as it is, all else as JSON; None takes it back."""
        if (known := (id, customer, name)) in self._said:
            return
        self._said.add(known)
        said = value if value is None or isinstance(value, str) else json_text(value)
        for column, cell in zip(self._traits, (id, at, customer, kind, name, said), strict=True):
            column.append(cell)

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
        row = (pair, at, customer, kind, other, other_kind, "link", reason)
        for column, cell in zip(self._identities, row, strict=True):
            column.append(cell)

    def signed_in(self, at: int, customer: str, device: str) -> None:
        """A known customer used this device."""
        self.link(at=at, customer=customer, other=device, other_kind=ANONYMOUS, reason="signed_in")

    def refuse(self, place: int, bad: Bad, body: bytes) -> None:
        """One event is not taken, and why."""
        self.refused.append(Refusal(place, bad.code, bad.message, bytes(body)[:REFUSED_BYTES]))

    def reading(self) -> Reading:
        """What was collected."""
        facts = {}
        for table, names, columns in (
            ("events", _EVENTS, self._events),
            ("traits", _TRAITS, self._traits),
            ("identities", _IDENTITIES, self._identities),
        ):
            if columns[0]:
                facts[table] = dict(zip(names, columns, strict=True))
        return Reading(facts, self.refused)


def stable(*parts: str) -> str:
    """The same short id for the same parts, on every machine and at every replay."""
    return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def json_text(value: Any) -> str:
    """A value as compact JSON."""
    return msgspec.json.encode(value).decode()
