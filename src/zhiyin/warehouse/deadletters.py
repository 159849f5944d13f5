"""Dead letters: events that intake refused, with why, until a person has dealt with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from zhiyin.kernel.text import Text

State = Literal["waiting", "replayed", "dismissed"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event that the log did not take.

    Args:
        number: counts within the workspace, in order of arrival.
        received_at: when the log was told (UTC, naive).
        source: the source whose key sent it.
        wire: how it came: ``tracking``, ``webhook``…
        code: the kind of fault.
        sentence: what is wrong, in English, with blanks; see `message`.
        blanks: what fills them.
        body: the event as it came, cut at 64 KiB.
        state: ``waiting``, or what became of it.
        settled_at: when that was.
    """

    number: int
    received_at: datetime
    source: str
    wire: str
    code: str
    sentence: str
    blanks: Mapping[str, str]
    body: str
    state: State
    settled_at: datetime | None = None

    @property
    def message(self) -> Text:
        """What is wrong, in the reader's language."""
        return Text(self.sentence, dict(self.blanks))

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it, in the reader's language."""
        return {
            "number": self.number,
            "received_at": f"{self.received_at.isoformat()}Z",
            "source": self.source,
            "wire": self.wire,
            "code": self.code,
            "message": str(self.message),
            "body": self.body,
        }


@dataclass(frozen=True, slots=True)
class DeadLetterCount:
    """How many wait for one reason from one source."""

    code: str
    source: str
    count: int
    last_at: datetime

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "code": self.code,
            "source": self.source,
            "count": self.count,
            "last_at": f"{self.last_at.isoformat()}Z",
        }


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did: events tried, taken now, and refused again."""

    tried: int
    taken: int
    refused: int

    def as_dict(self) -> dict[str, int]:
        """As the command line and the API write it."""
        return {"tried": self.tried, "taken": self.taken, "refused": self.refused}


@dataclass(frozen=True, slots=True)
class Seen:
    """One name of events, or one property of it, as the log has seen it.

    Args:
        property: blank for the name itself.
        kind: ``event`` for the name itself; ``text``, ``number``, ``truth``, ``list``, ``object``.
        n: in how many events.
        examples: up to three short values.
    """

    name: str
    property: str
    kind: str
    n: int
    examples: list[str] = field(default_factory=list)
    first_at: datetime = datetime(1970, 1, 1)
    last_at: datetime = datetime(1970, 1, 1)
