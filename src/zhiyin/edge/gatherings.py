"""Who is at the same thing at once, a map for one, which part each holds, and what all are told.

Everything here is called by the event loop alone.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zhiyin.edge.sse import Listener, message

SHOWN = 100
"""People who are told of by name; more are counted."""
PAUSE_SECONDS = 0.1
"""Who comes and goes within so long is told at once."""
LONGEST_HELD = 100
"""Characters that name a part."""

HOLDING = "holding"
"""The kind of message by which a visitor says what she holds."""


@dataclass(slots=True, eq=False, kw_only=True)
class Visitor(Listener):
    """Somebody who listens to a topic.

    Args:
        who: her login, which nobody else is told.
        name: as the others are shown it.
        number: tells her pages apart.
        holds: the part that she is at; blank: none.
    """

    topic: str
    who: str
    name: str
    number: str = field(default_factory=lambda: secrets.token_hex(6))
    holds: str = ""
    present: str = ""

    def take(self) -> str:
        """As any listener's, with who is there now, where that has changed."""
        # Not by super(): a dataclass with slots is made anew, and that would find the first.
        text = Listener.take(self) + self.present
        self.present = ""
        return text


class Gatherings:
    """Everybody who listens to a topic, by workspace and topic."""

    def __init__(self, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._pause = pause_seconds
        self._at: dict[tuple[str, str], dict[str, Visitor]] = {}
        self._telling: set[tuple[str, str]] = set()

    def join(self, visitor: Visitor) -> None:
        """She is there from now on."""
        self._at.setdefault((visitor.workspace, visitor.topic), {})[visitor.number] = visitor
        self._changed(visitor.workspace, visitor.topic)

    def leave(self, visitor: Visitor) -> None:
        """She is gone, and holds nothing any more."""
        place = (visitor.workspace, visitor.topic)
        there = self._at.get(place, {})
        there.pop(visitor.number, None)
        if not there:
            self._at.pop(place, None)
        self._changed(*place)

    def deliver(self, workspace: str, topic: str, says: Mapping[str, Any]) -> None:
        """Tell everybody there what another process has said; what somebody holds is noted.

        Args:
            says: with its ``kind``; of a holding ``visitor``, ``who`` and ``holds``.
        """
        there = self._at.get((workspace, topic), {})
        rest = dict(says)
        kind = str(rest.pop("kind", ""))
        if kind != HOLDING:
            told = [message(kind, rest)]
            for visitor in there.values():
                visitor.put(told)
            return
        found = there.get(str(rest.get("visitor", "")))
        # A number is seen by all who are there: only its owner moves what it holds.
        if found is not None and found.who == rest.get("who"):
            found.holds = str(rest.get("holds", ""))[:LONGEST_HELD]
            self._changed(workspace, topic)

    def _changed(self, workspace: str, topic: str) -> None:
        place = (workspace, topic)
        if place in self._at and place not in self._telling:
            self._telling.add(place)
            asyncio.get_running_loop().call_later(self._pause, self._tell_who, place)

    def _tell_who(self, place: tuple[str, str]) -> None:
        self._telling.discard(place)
        there = self._at.get(place, {})
        named = [
            {"visitor": one.number, "name": one.name, "holds": one.holds}
            for one in list(there.values())[:SHOWN]
        ]
        told = message("present", {"people": named, "n": len(there)})
        for visitor in there.values():
            visitor.present = told
            visitor.news.set()
