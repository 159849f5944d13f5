"""What comes in by the network, between the one who reads the wire and the one who keeps it.

The edge takes a request as a `Letter`; a reader (pure, and the same at a replay) makes facts and
refusals of it, a `Reading`; intake writes the letter into its journal, answers when that is on
disk, and puts the facts into the log soon after.
"""

from __future__ import annotations

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


@dataclass(slots=True)
class Reading:
    """What a letter says: facts by table, in columns, and what is refused.

    `facts` maps a table of the log to columns of equal length, named as `Batch.write` has them
    (words, not codes) with these differences: ``occurred_at`` and other times are microseconds
    since 1970 (UTC), ``properties`` of events are dicts, and ``row`` is left out. ``customer_kind``
    and ``other_kind`` name the name space of an id: ``customer`` for known customers (the same as
    imports use), ``anonymous`` for ids that a device made up.
    """

    facts: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)


Reader = Callable[[Letter], Reading]
"""Makes a `Reading` of a `Letter`: pure, so that a replay after a crash says the same."""
