"""What the owner keeps in memory about one attached workspace."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.log import DimensionKind, TouchpointRule
from zhiyin.warehouse.rights import KeptSince

if TYPE_CHECKING:
    from zhiyin.warehouse.engines.duckdb.arrivals import Arrivals


@dataclass(slots=True)
class Workspace:
    """One attached file: its catalog name, its dictionaries, what of it is void.

    Everything here is read from the file when it is attached and changed only after the
    transaction that changes the file has been committed.
    """

    slug: str
    catalog: str
    version: int
    dimensions: dict[str, dict[str, DimensionKind]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    """Per coded column its words; the code is the place in the list."""
    undone: dict[int, datetime] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=dict)
    """Per table, how many rows are replaced."""
    rows: dict[str, int] = field(default_factory=dict)
    """Per table, rows in the file (for telling heavy queries from light ones)."""
    last_received_at: datetime = datetime(1, 1, 1)
    has_merges: bool = False
    touchpoint_rules: tuple[TouchpointRule, ...] = ()
    ruled: tuple[object, str, frozenset[str]] | None = None
    """What the rules were compiled from, their SQL, and the tables that it names."""
    erased_keys: frozenset[int] = frozenset()
    """Keys whose rows are still in the file and read by nobody."""
    has_erased_ids: bool = False
    refuses_erased: bool = True
    """Whether rows of an erased id are refused; else they start a new customer."""
    kept_since: tuple[KeptSince, ...] = ()
    forgets: int = 0
    """Goes up when ids or words leave the dictionaries: what is kept of them in memory is void."""
    writing: threading.Lock = field(default_factory=threading.Lock)
    arrivals: Arrivals | None = None
    """What intake keeps in memory; None makes it read the file again."""
    tending: threading.Lock = field(default_factory=threading.Lock)
    """Held while derived tables are made anew, which takes minutes and stops nobody who writes."""

    @property
    def sql(self) -> str:
        """The catalog's name as an SQL identifier."""
        return quoted(self.catalog)

    def decode(self, domain: str) -> dict[int, str]:
        """Code → word of one coded column."""
        return dict(enumerate(self.words.get(domain, ())))
