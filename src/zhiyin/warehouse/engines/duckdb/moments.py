"""The log at one moment, as the journey index reads it. See `journeys.source.Moment`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.kernel.clock import microseconds, moment
from zhiyin.warehouse.engines.duckdb import forgotten, layout
from zhiyin.warehouse.engines.duckdb.counters import table_of
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.marks import row_of
from zhiyin.warehouse.engines.duckdb.reading import live
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.journeys.histories import Ints
from zhiyin.warehouse.journeys.manifest import Rule, Standing
from zhiyin.warehouse.journeys.source import Merges, Rows, Touched
from zhiyin.warehouse.journeys.tuples import Packing
from zhiyin.warehouse.rights import KeptSince
from zhiyin.warehouse.tables import DIMENSION_PREFIX

CHUNK = 1_000_000
"""Rows that are read at a time."""

MOST_WORDS = 4_096
"""A column with more words is left out of the tuples."""

NEAR = 10_000
"""So far back a row is looked for that tells this log from another."""


class LogMoment:
    """What one transaction sees; the caller has begun it on `cursor` and ends it.

    All that the owner keeps in memory of what was taken back is read again here: it may be of
    another moment.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, held: Workspace) -> None:
        self._cursor = cursor
        self._sql = held.sql
        counters = dict(self._all("SELECT name, value FROM {sql}.counters"))
        words = dict(self._all("SELECT domain, count(*) FROM {sql}.words GROUP BY 1"))
        undone = dict(self._all("SELECT batch, undone_at FROM {sql}.undone"))
        ((replaced, replaced_at),) = self._all(
            "SELECT count(*), max(superseded_at) FROM {sql}.superseded WHERE tbl = 'events'"
        )
        ((rewritten,),) = self._all("SELECT count(*) FROM {sql}.rewritten")
        erased = self._all("SELECT key FROM {sql}.erased_keys")
        kept = self._all("SELECT tbl, pattern, since FROM {sql}.kept_since WHERE tbl = 'events'")
        self._names: list[str] = [word for (word,) in self._all(_NAMES_IN_ORDER)] if kept else []
        self._held = dataclasses.replace(
            held,
            undone=undone,
            superseded={"events": replaced},
            erased_keys=frozenset(key for (key,) in erased),
            kept_since=tuple(KeptSince(*row) for row in kept),
            words={"name": self._names},
        )
        self.upto = counters.get("seq:events", 0)
        self.keys = counters.get("key", 0)
        self.names = words.get("name", 0)
        self.erased = self._held.erased_keys
        self.standing = Standing(
            tuple(sorted(undone)),
            -1 if replaced_at is None else microseconds(replaced_at),
            tuple(Rule(pattern, microseconds(since)) for _table, pattern, since in sorted(kept)),
            rewritten,
        )
        coded = sorted(_coded(held), key=lambda name: (words.get(name, 0), name))
        self.words: Mapping[str, int] = {name: words.get(name, 0) for name in coded}
        self.columns = tuple(name for name in coded if words.get(name, 0) <= MOST_WORDS)
        self.left_out = tuple(name for name in coded if words.get(name, 0) > MOST_WORDS)

    def rows(self, first: int, last: int, packing: Packing) -> Iterator[Rows]:
        """Events with a name that are read, by `seq`; see `Moment.rows`."""
        for begin in range(first, last, CHUNK):
            end = min(begin + CHUNK, last)
            found = self._found(packing, f"f.seq >= {begin} AND f.seq < {end}")
            if found.num_rows:
                yield _rows(found)

    def rows_of(self, keys: Ints, last: int, packing: Packing) -> Rows:
        """The same of some keys alone."""
        self._cursor.register("asked_keys", pa.table({"key": pa.array(keys, pa.int64())}))
        try:
            hers = "f.customer_key IN (SELECT key FROM asked_keys)"
            return _rows(self._found(packing, f"f.seq < {last} AND {hers}"))
        finally:
            self._cursor.unregister("asked_keys")

    def _found(self, packing: Packing, where: str) -> pa.Table:
        return table_of(
            self._cursor,
            f"SELECT f.seq, f.customer_key AS key, epoch_us(f.occurred_at) AS us, f.name,"
            f" {_packed(packing)} AS packed FROM {self._sql}.events f"
            f" WHERE {where} AND f.name IS NOT NULL AND {live(self._held, 'events', 'f')}",
        )

    def tuples(self, packing: Packing) -> Ints:
        """The combinations of codes that occur, each once."""
        packed = _packed(packing)
        found = table_of(
            self._cursor, f"SELECT DISTINCT {packed} AS packed FROM {self._sql}.events f ORDER BY 1"
        )
        return np.asarray(_numpy(found["packed"]))

    def touched(self, since: Standing, last: int) -> Touched:
        """What has changed since then of the events before `last`."""
        changed = self._changed(since, last)
        if changed is None:
            return Touched(0, last)
        row = row_of(self._cursor, f"SELECT count(*), min(f.seq) {changed}")
        count, first = row or (0, None)
        return Touched(count, last if first is None else first)

    def touched_keys(self, since: Standing, last: int) -> Ints:
        """Whose events those are."""
        changed = self._changed(since, last)
        if changed is None:
            return np.zeros(0, np.int64)
        found = table_of(self._cursor, f"SELECT DISTINCT f.customer_key::BIGINT AS key {changed}")
        return np.asarray(_numpy(found["key"]))

    def _changed(self, since: Standing, last: int) -> str | None:
        undone = sorted(set(self.standing.undone) - set(since.undone))
        is_replaced = self.standing.replaced_upto > since.replaced_upto
        if not undone and not is_replaced:
            return None
        batches = ", ".join(str(batch) for batch in undone) or "NULL"
        # What an import had replaced is read again when it is taken back.
        return (
            f"FROM {self._sql}.events f WHERE f.seq < {last} AND (f.batch IN ({batches})"
            f" OR f.seq IN (SELECT seq FROM {self._sql}.superseded WHERE tbl = 'events'"
            f" AND (epoch_us(superseded_at) > {since.replaced_upto} OR batch IN ({batches}))))"
        )

    def least(self, rules: tuple[Rule, ...]) -> Ints:
        """Of each name the least time that is kept under these rules."""
        if not rules:
            return np.full(self.names, np.iinfo(np.int64).min, np.int64)
        names = self._names or [word for (word,) in self._all(_NAMES_IN_ORDER)]
        kept = [KeptSince("events", rule.pattern, moment(rule.since)) for rule in rules]
        return np.array(
            [microseconds(since) for since in forgotten.kept_from(kept, names)], np.int64
        )

    def merges(self, known: Merges | None) -> Merges:
        """Which ids are one."""
        row = row_of(
            self._cursor,
            f"SELECT state, inputs, done_at FROM {self._sql}.builds WHERE name = 'customer_of'",
        )
        state = str(row)
        if known is not None and known.state == state and row and row[0] == "done":
            return known
        found = table_of(
            self._cursor, f"SELECT key, customer FROM {self._sql}.customer_of ORDER BY key"
        )
        return Merges(state, _numpy(found["key"]), _numpy(found["customer"]))

    def last_row(self, before: int) -> tuple[int, int] | None:
        """`seq` and hash of the last row before a `seq`, if one is near."""
        return row_of(
            self._cursor,
            f"SELECT seq, id_hash FROM {self._sql}.events"
            f" WHERE seq < {before} AND seq >= {before - NEAR} ORDER BY seq DESC LIMIT 1",
        )

    def hash_of(self, seq: int) -> int | None:
        """The hash of a row; None where it is gone."""
        row = row_of(self._cursor, f"SELECT id_hash FROM {self._sql}.events WHERE seq = {seq}")
        return None if row is None else int(row[0])

    def _all(self, sql: str) -> list[tuple[Any, ...]]:
        return self._cursor.execute(sql.format(sql=self._sql)).fetchall()


_NAMES_IN_ORDER = "SELECT word FROM {sql}.words WHERE domain = 'name' ORDER BY code"


def _coded(held: Workspace) -> list[str]:
    """Coded columns of events, but their name."""
    kinds = held.dimensions.get("events", {})
    dimensions = [DIMENSION_PREFIX + name for name, kind in kinds.items() if kind == "text"]
    return [name for name in layout.coded_columns("events") if name != "name"] + dimensions


def _rows(found: pa.Table) -> Rows:
    """Rows in the order of arrival: the engine may lose it where it filters by a list."""
    seq = _numpy(found["seq"])
    if (seq[1:] <= seq[:-1]).any():
        found = found.take(np.argsort(seq))
    return Rows(*(_numpy(found[name]) for name in ("key", "us", "name", "packed")))


def _packed(packing: Packing) -> str:
    """SQL of a row's codes side by side; a product, since an engine may refuse shifts."""
    named = zip(packing.columns, packing.shifts, strict=True)
    parts = [
        f"(coalesce(f.{quoted(name)}, -1) + 1)::BIGINT * {1 << shift}" for name, shift in named
    ]
    return " + ".join(parts) or "0::BIGINT"


def _numpy(column: Any) -> Any:
    return np.ascontiguousarray(column.combine_chunks().to_numpy(zero_copy_only=False))
