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

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from zhiyin.kernel.filters import render
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.products import Rows
from zhiyin.warehouse.tables import TABLES

MOST_BYTES = 64 << 20
"""Of all that is kept of one workspace."""
LARGEST = 1 << 20
"""A larger answer is not kept."""
MOST_GROWING_BYTES = 384 << 20
"""Of the rows that are kept of one workspace: those of a survey with two million responses."""


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


class Remembered:
    """The answers of one epoch after another, the least lately asked for forgotten first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: OrderedDict[Hashable, list[pa.Table]] = OrderedDict()
        self._growing: OrderedDict[Hashable, Growing] = OrderedDict()
        self._bytes = 0
        self._epoch = 0

    def forget(self) -> None:
        """Begin another epoch: what was changed is committed, and in the owner's memory."""
        with self._guard:
            self._epoch += 1
            self._held.clear()
            self._growing.clear()
            self._bytes = 0

    def growing(self, key: Hashable) -> tuple[int, Growing | None]:
        """The present epoch, and what of it is kept of a query's rows."""
        with self._guard:
            if key in self._growing:
                self._growing.move_to_end(key)
            return self._epoch, self._growing.get(key)

    def keep_growing(self, key: Hashable, epoch: int, found: Growing) -> None:
        """Keep a query's rows, if the epoch in which they were read has not ended."""
        with self._guard:
            if epoch != self._epoch:
                return
            self._growing[key] = found
            self._growing.move_to_end(key)
            size = sum(one.rows.nbytes for one in self._growing.values())
            while size > MOST_GROWING_BYTES:
                _key, oldest = self._growing.popitem(last=False)
                size -= oldest.rows.nbytes

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
    if not tables <= set(TABLES) | {"words"}:
        return None
    scope = "" if reader.scope is None else render(reader.scope)
    held = tuple((name, rows.get(name, 0), superseded.get(name, 0)) for name in sorted(tables))
    return (asked, held, scope, reader.as_of, reader.rules, reader.is_merged)
