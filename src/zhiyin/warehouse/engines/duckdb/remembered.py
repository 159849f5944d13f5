"""Small answers of a workspace's log, kept for whoever asks the same of the same facts.

An answer is kept under everything that it depends on: the SQL, who reads (scope, `as_of`, rules,
merges), how many rows each table that it names holds and how many of those are replaced, and the
*epoch*, which ends with every change that is not an arrival: an import, one taken back,
corrections, merges, rules, erasure, limits of keeping. At an epoch's end all is forgotten, so that
nothing erased stays in memory.

Of a large query of one table its rows are kept too, where they are small numbers: rows that have
arrived since are added to them, and those that were replaced since taken out.
"""

from __future__ import annotations

import itertools
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from zhiyin.kernel.filters import render
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.products import Rows
from zhiyin.warehouse.tables import READ, facts_of

MOST_BYTES = 64 << 20
"""Of all that is kept of one workspace."""
LARGEST = 1 << 20
"""A larger answer is not kept."""
MOST_GROWING_BYTES = min(384 << 20, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 16)
"""Of the rows that are kept of all workspaces: those of a survey with two million responses, or a
sixteenth of the machine's memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Growing:
    """The rows of a query of one table that were read, to which later ones are added.

    Args:
        cells: what the cells of the rows are.
        replaced_upto: rows that were replaced until then are not among them.
    """

    rows: Rows
    cells: pa.Table
    replaced_upto: datetime


class Growths:
    """The rows that are kept of all workspaces, the least lately asked for let go."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: OrderedDict[tuple[int, Hashable], Growing] = OrderedDict()

    def get(self, whose: int, key: Hashable) -> Growing | None:
        """What is kept under a key of one workspace."""
        with self._guard:
            found = self._held.get((whose, key))
            if found is not None:
                self._held.move_to_end((whose, key))
            return found

    def keep(self, whose: int, key: Hashable, found: Growing) -> None:
        """Keep rows in place of those that were kept under the key."""
        with self._guard:
            self._held[whose, key] = found
            self._held.move_to_end((whose, key))
            size = sum(one.rows.nbytes for one in self._held.values())
            while size > MOST_GROWING_BYTES:
                _key, oldest = self._held.popitem(last=False)
                size -= oldest.rows.nbytes

    def drop(self, whose: int) -> None:
        """Let all go that is kept of one workspace."""
        with self._guard:
            for key in [key for key in self._held if key[0] == whose]:
                del self._held[key]

    def of(self, whose: int) -> list[Growing]:
        """What is kept of one workspace, the least lately asked for first."""
        with self._guard:
            return [found for (owner, _key), found in self._held.items() if owner == whose]


GROWTHS = Growths()
_numbers = itertools.count()


class Remembered:
    """The answers of one epoch after another, the least lately asked for forgotten first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: OrderedDict[Hashable, list[pa.Table]] = OrderedDict()
        self._bytes = 0
        self._epoch = 0
        self.number = next(_numbers)
        weakref.finalize(self, GROWTHS.drop, self.number)

    def forget(self) -> None:
        """Begin another epoch: what was changed is committed, and in the owner's memory."""
        with self._guard:
            self._epoch += 1
            self._held.clear()
            self._bytes = 0
            GROWTHS.drop(self.number)

    def growing(self, key: Hashable) -> tuple[int, Growing | None]:
        """The present epoch, and what of it is kept of a query's rows."""
        with self._guard:
            return self._epoch, GROWTHS.get(self.number, key)

    def keep_growing(self, key: Hashable, epoch: int, found: Growing) -> None:
        """Keep a query's rows, if the epoch in which they were read has not ended."""
        with self._guard:
            if epoch == self._epoch:
                GROWTHS.keep(self.number, key, found)

    def answer(self, key: Hashable | None, find: Callable[[], list[pa.Table]]) -> list[pa.Table]:
        """What is kept under `key`, else what is found, and then kept; under None nothing is."""
        with self._guard:
            # Read before the log is: what was found in an epoch that has ended is not kept.
            epoch = self._epoch
            if key is not None and key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        found = find()
        size = sum(table.nbytes for table in found)
        with self._guard:
            is_new = epoch == self._epoch and key not in self._held
            if key is not None and is_new and size <= LARGEST:
                self._held[key] = found
                self._bytes += size
                while self._bytes > MOST_BYTES:
                    _key, oldest = self._held.popitem(last=False)
                    self._bytes -= sum(table.nbytes for table in oldest)
        return found


def key_of(
    asked: tuple[Hashable, ...],
    tables: frozenset[str],
    rows: Mapping[str, int],
    superseded: Mapping[str, int],
    reader: Reader,
) -> Hashable | None:
    """What an answer is kept under; None where it depends on more than the rows of `tables`.

    A name of an id that comes in changes no table that a query of facts names, and so the
    dictionaries of words may be read beside them; ids, links and rows of customers may not.

    Args:
        asked: the SQL and what is made of its rows.
        rows: of each table, with what arrived.
        superseded: how many of those are replaced, by what arrived too.
    """
    if not tables <= set(READ) | {"words"}:
        return None
    tables |= {facts_of(name) for name in tables}
    scope = "" if reader.scope is None else render(reader.scope)
    held = tuple((name, rows.get(name, 0), superseded.get(name, 0)) for name in sorted(tables))
    return (asked, held, scope, reader.as_of, reader.rules, reader.is_merged)
