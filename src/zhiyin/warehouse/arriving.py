"""What comes in by the network, between the one who reads the wire and the one who keeps it.

The edge takes a request as a `Letter`; a reader (pure, and the same at a replay) makes facts and
refusals of it, a `Reading`; intake writes the letter into its journal, answers when that is on
disk, and puts the facts into the log soon after.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhiyin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Letter:
    """One request as it is kept in the journal.

    Args:
        workspace: the slug that the key belongs to.
        source: the source that the key stands for; the log's `source` of every fact.
        wire: which reader understands it: ``tracking``, ``posthog``,
            ``cloudevents``, ``webhook``.
        received_at: when it came (UTC, naive).
        body: as it was sent, unpacked.
        about: what of the address and the headers the reader needs (``path``, ``sent_at``,
            ``ip``, ``user_agent``…). With ``replay`` the body is one event as a `Refusal` had it,
            whatever the path says.
    """

    workspace: str
    source: str
    wire: str
    received_at: datetime
    body: bytes
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One event that the log does not take, with what is wrong and what to do.

    Args:
        place: which event of the letter, from 0.
        code: ``event.no-customer``…
        message: what is wrong, in one sentence.
        body: the event as it came (JSON), cut at 64 KiB.
    """

    place: int
    code: str
    message: Text
    body: bytes


CHANGED = ("answers", "verbatims", "responses")
"""Tables of which a customer may say something again."""


@dataclass(frozen=True, slots=True)
class Change:
    """What may be said again, and is: of a response's question the greatest number counts.

    Ids of such rows are ``<response>:<number>``, or ``<response>:<number>:<place>`` where one
    answer makes several rows; the number says how often she has said it, from 1. Rows of a
    smaller number than any that the log has, or that a change names, are superseded. So every
    answer brings a change, the first too: it may come after what has changed it. And every answer
    leaves a row in `answers`, if only of its state, so that words that were taken back stay so.

    Args:
        table: one of `CHANGED`.
        response: the filling-in's id in the letter's source; without a colon.
        question: as the rows have it; None for a row of `responses`, whose id says whose it is.
        keeps: how the ids begin of what is said now: ``<response>:<number>``.
        since: when the response began, or before (microseconds since 1970, UTC): no row of it
            came earlier, so none is looked for there.

    Raises:
        ValueError: it names no rows that could be.
    """

    table: str
    response: str
    question: str | None
    keeps: str
    since: int

    def __post_init__(self) -> None:
        has_question = self.question is not None
        if self.table not in CHANGED or has_question == (self.table == "responses"):
            msg = f"nothing of {self.table} is changed by question {self.question}"
            raise ValueError(msg)
        if not _KEEPS.fullmatch(self.keeps) or self.keeps.split(":")[0] != self.response:
            msg = f"a change of the response {self.response} cannot keep {self.keeps}"
            raise ValueError(msg)

    @property
    def number(self) -> int:
        """How often she has said it."""
        return int(self.keeps.split(":")[1])


_KEEPS = re.compile("[^:]+:[0-9]{1,9}")


@dataclass(slots=True)
class Reading:
    """What a letter says: facts by table, in columns, what is refused, and what they change.

    `facts` maps a table of the log to columns of equal length, named as `Batch.write` has them
    (words, not codes) with these differences: ``occurred_at`` and other times are microseconds
    since 1970 (UTC), ``properties`` of events are dicts, and ``row`` is left out. ``customer_kind``
    and ``other_kind`` name the name space of an id: ``customer`` for known customers (the same as
    imports use), ``anonymous`` for ids that a device made up.
    """

    facts: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


Reader = Callable[[Letter], Reading]
"""Makes a `Reading` of a `Letter`: pure, so that a replay after a crash says the same."""
