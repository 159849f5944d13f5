"""What the owner keeps in memory about one attached workspace."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.points import Points
from zhiyin.warehouse.engines.duckdb.remembered import Remembered
from zhiyin.warehouse.log import DimensionKind
from zhiyin.warehouse.rights import KeptSince
from zhiyin.warehouse.rules import Ruled, Rules

if TYPE_CHECKING:
    from zhiyin.warehouse.engines.duckdb.arrivals import Arrivals
    from zhiyin.warehouse.journeys.index import Index


@dataclass(slots=True)
class Workspace:
    """One attached file: its catalog name, its dictionaries, what of it is void.

    Everything here is read from the file when it is attached and changed only after the
    transaction that changes the file has been committed; words are known a moment before.
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
    rules: dict[Ruled, Rules] = field(default_factory=dict)
    """Per column the rules that give its words, where there are any."""
    ruled: dict[object, tuple[object, tuple[str, frozenset[str]] | None]] = field(
        default_factory=dict
    )
    """Per table and columns: what the rules were compiled from, their SQL and the tables in it."""
    erased_keys: frozenset[int] = frozenset()
    """Keys whose rows are still in the file and read by nobody."""
    has_erased_ids: bool = False
    refuses_erased: bool = True
    """Whether rows of an erased id are refused; else they start a new customer."""
    kept_since: tuple[KeptSince, ...] = ()
    empty: dict[tuple[str, ...], pa.Table] = field(default_factory=dict)
    """Per table and its dimensions: no row, in the columns that its reading form has."""
    forgets: int = 0
    """Goes up when ids or words leave the dictionaries: what is kept of them in memory is void."""
    remembered: Remembered = field(default_factory=Remembered)
    """Small answers, until something other than an arrival changes the log."""
    points: Points = field(default_factory=Points)
    """Of clauses, once somebody searches by meaning."""
    _dictionaries: dict[str, tuple[list[str], pa.Array[Any]]] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)
    arrivals: Arrivals | None = None
    """What intake keeps in memory; None makes it read the file again."""
    journeys: Index | None = None
    """The journey index, once somebody needs it."""
    indexing: threading.Lock = field(default_factory=threading.Lock)
    """Held while `journeys` is looked for."""
    tending: threading.Lock = field(default_factory=threading.Lock)
    """Held while derived tables are made anew, which takes minutes and stops nobody who writes."""

    @property
    def sql(self) -> str:
        """The catalog's name as an SQL identifier."""
        return quoted(self.catalog)

    def dictionary(self, domain: str) -> pa.Array[Any]:
        """The words of one coded column, each at the place of its code."""
        words = self.words.get(domain, [])
        of, known = self._dictionaries.get(domain, (None, None))
        # A list grows while words are learnt, and another takes its place when some are forgotten.
        if known is None or of is not words or len(known) != len(words):
            known = pa.array(words, pa.string())
            self._dictionaries[domain] = (words, known)
        return known

    @contextmanager
    def knowing(self, words: Iterable[tuple[str, str]]) -> Iterator[None]:
        """Commit words within this: whoever reads a row that is just committed has its words.

        Args:
            words: domain and word, in the order of their codes. They are forgotten again where
                an error ends it.
        """
        before: dict[str, int] = {}
        for domain, word in words:
            known = self.words.setdefault(domain, [])
            before.setdefault(domain, len(known))
            known.append(word)
        try:
            yield
        except BaseException:
            for domain, count in before.items():
                self.words[domain] = self.words[domain][:count]
            raise

    def decode(self, domain: str) -> dict[int, str]:
        """Code → word of one coded column."""
        return dict(enumerate(self.words.get(domain, ())))
