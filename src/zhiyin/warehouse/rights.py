"""What the log says of erasure and retention: the words between it and the rooms above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Id:
    """One id in words: its kind is its name space (``customer``, ``anonymous``, ``email``…)."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One customer after merges: her key as queries see it, and every id that is hers."""

    customer: int
    keys: tuple[int, ...]
    ids: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What one erasure made unreadable.

    Args:
        erased_at: nobody reads it from then on (UTC, naive).
        by_table: rows per table of the log; `ids` and `words` count what the dictionaries lost.
        customers: how many customers (after merges).
    """

    erased_at: datetime
    by_table: Mapping[str, int]
    customers: int


@dataclass(frozen=True, slots=True)
class ErasureInLog:
    """How far an erasure has come: `gone_at` is None while the bytes are still in the file."""

    erasure: str
    erased_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What writing the workspace's file anew did.

    Args:
        erasures: those whose bytes are in no file of the log any more.
        removed: rows per table that the new file does not have.
    """

    began_at: datetime
    ended_at: datetime
    erasures: tuple[str, ...]
    removed: Mapping[str, int] = field(default_factory=dict)
    bytes_before: int = 0
    bytes_after: int = 0
    waited_seconds: float = 0.0
    """How long writers had to wait."""


@dataclass(frozen=True, slots=True)
class KeptSince:
    """What happened before `since` is read by nobody.

    Args:
        table: a table of the log.
        pattern: of event names (``Cart *``); blank: every row that no pattern of its table names.
    """

    table: str
    pattern: str
    since: datetime
