"""The fast way into the log: readings of intake, appended in one transaction a load.

The engine hashes and stores; which fact is new, which key an id has and which code a word, is
looked up in memory. What is in memory is read from the log when it is first needed, and again
where an import has added to it since.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.kernel.clock import now
from zhiyin.warehouse.arriving import Letter, Reading
from zhiyin.warehouse.blocks import Blocks
from zhiyin.warehouse.engines.duckdb import changing, counters, refusals
from zhiyin.warehouse.engines.duckdb.barring import Bar, refusals_of
from zhiyin.warehouse.engines.duckdb.coding import Coding
from zhiyin.warehouse.engines.duckdb.days import SOURCE, import_id
from zhiyin.warehouse.engines.duckdb.gathering import Arriving, gather
from zhiyin.warehouse.engines.duckdb.keys import Ids
from zhiyin.warehouse.engines.duckdb.newness import Newness
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.tables import TABLES

Cursors = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]


@dataclass(frozen=True, slots=True)
class Summary:
    """One event as the live tail shows it."""

    seq: int
    id: str
    name: str | None
    customer: str | None
    customer_kind: str | None
    occurred_at: datetime
    received_at: datetime
    source: str
    channel: str | None
    touchpoint: str | None
    properties: str | None


@dataclass(slots=True)
class Arrived:
    """What a load did."""

    workspace: str
    rows: int = 0
    duplicates: int = 0
    refused: int = 0
    blocked: int = 0
    by_table: dict[str, int] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=dict)
    newest: list[Summary] = field(default_factory=list)


class Arrivals:
    """The loader's memory of one workspace.

    Args:
        cursors: gives a connection to the instance.
        held: the attached workspace.
        folder: for the sets of hashes.
        pseudonyms: by which erased ids are known again.
    """

    def __init__(
        self, cursors: Cursors, held: Workspace, folder: Path, pseudonyms: Pseudonyms
    ) -> None:
        self.held = held
        self._bar = Bar(held, pseudonyms)
        self._cursors = cursors
        self._newness = Newness(held, folder)
        self._day: tuple[date, int] | None = None
        self._begin_anew()

    def load(
        self,
        letters: Sequence[tuple[Letter, Reading]],
        *,
        position: int | None,
        blocks: Blocks | None = None,
        newest: int = 0,
        also: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
        dry_run: bool = False,
    ) -> Arrived:
        """Append what is new.

        Args:
            position: the number of the journal's frame that comes next.
            newest: how many summaries to make.
            also: done in the same transaction.
            dry_run: take it all back in the end.

        Raises:
            ValueError: a reading that no log could take.
        """
        arriving = gather(letters, self.held.dimensions, blocks)
        with self.held.writing, self._cursors() as cursor:
            if self._forgets != self.held.forgets:
                self._begin_anew()
            numbers = counters.read(cursor, self.held)
            self._ids.catch_up(cursor, numbers)
            self._newness.catch_up(cursor, numbers)
            cursor.execute("BEGIN")
            try:
                step = _Step(self, cursor, numbers)
                arrived = step.run(arriving, letters, newest)
                if position is not None:
                    numbers.set("journal", position)
                if also is not None:
                    also(cursor)
                numbers.write(cursor, self.held)
                with self.held.knowing([] if dry_run else self._coding.fresh()):
                    cursor.execute("ROLLBACK" if dry_run else "COMMIT")
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                self._coding.forget()
                raise
            if dry_run:
                self._coding.forget()
            else:
                self._learn(step, arrived, numbers)
        return arrived

    def flush(self) -> None:
        """Write the sets of hashes to disk."""
        with self.held.writing:
            self._newness.flush(self._moment().date())

    def _begin_anew(self) -> None:
        """Ids or words have left the dictionaries: what is known of them is read again."""
        self._ids = Ids(self.held)
        self._coding = Coding(self.held)
        self._forgets = self.held.forgets

    def _learn(self, step: _Step, arrived: Arrived, numbers: counters.Numbers) -> None:
        """What the transaction has made true."""
        self._ids.learn(numbers)
        self._coding.learn()
        self._newness.learn(numbers)
        # Before the rows: an answer is remembered under both, and none of an earlier moment may be
        # found under the counts of this one.
        for table, count in arrived.superseded.items():
            self.held.superseded[table] = self.held.superseded.get(table, 0) + count
        for table, count in arrived.by_table.items():
            self.held.rows[table] = self.held.rows.get(table, 0) + count
        if arrived.rows or arrived.superseded:
            self.held.last_received_at = step.at
        self._day = step.day

    def _moment(self) -> datetime:
        return max(now(), self.held.last_received_at + timedelta(microseconds=1))


class _Step:
    """One load, inside the transaction that `Arrivals.load` holds."""

    def __init__(
        self, arrivals: Arrivals, cursor: duckdb.DuckDBPyConnection, numbers: counters.Numbers
    ) -> None:
        self.held = arrivals.held
        self.cursor = cursor
        self.numbers = numbers
        self.at = arrivals._moment()
        self.day = arrivals._day
        self.ids = arrivals._ids
        self.newness = arrivals._newness
        self.coding = arrivals._coding
        self.bar = arrivals._bar

    def run(
        self, arriving: Arriving, letters: Sequence[tuple[Letter, Reading]], newest: int
    ) -> Arrived:
        arrived = Arrived(self.held.slug)
        kept: dict[str, pa.Table] = {}
        for table, rows in arriving.tables.items():
            hashed = self.newness.hashed(self.cursor, table, rows)
            fresh = self.newness.fresh(self.cursor, table, hashed, self.at)
            if table != "identities":  # a link is said with every event that has both ids
                arrived.duplicates += rows.num_rows - fresh.num_rows
            if fresh.num_rows:
                kept[table] = fresh
        kept, barred = self.bar.keep_out(self.cursor, self.ids, kept)
        keyed = self.ids.keyed(self.cursor, kept, self.numbers)
        coded = {name: self.coding.coded(name, rows) for name, rows in keyed.items()}
        self.coding.write(self.cursor)
        count = sum(rows.num_rows for rows in kept.values())
        batch = self._batch(count) if count else -1
        for table, rows in coded.items():
            first = self.numbers.take(f"seq:{table}", rows.num_rows)
            self._insert(table, rows, first, batch)
            arrived.by_table[table] = rows.num_rows
            if table == "events" and newest:
                arrived.newest = self._summaries(kept[table], first, newest)
        arrived.rows = sum(arrived.by_table.values())
        arrived.superseded = changing.find(self.cursor, self.held, self.coding, arriving.changes)
        if arrived.superseded:
            changing.write(self.cursor, self.held, self.at, self._batch(0))
        others, hers = self.bar.without_hers(self.cursor, arriving.refused)
        refused = [*others, *refusals_of(barred + hers, letters)]
        arrived.refused = len(refused)
        arrived.blocked = sum(arriving.blocked.values())
        refusals.add(self.cursor, self.held, refused, self.at, self.numbers)
        refusals.count_blocked(self.cursor, self.held, arriving.blocked, self.at)
        return arrived

    def _batch(self, count: int) -> int:
        """The batch of the day: what `undo` and `imports` know of intake is one row a day."""
        today = self.at.date()
        sql = self.held.sql
        if self.day is None or self.day[0] != today:
            found = self.cursor.execute(
                f"SELECT batch FROM {sql}.batches WHERE import_id = ?", [import_id(today)]
            ).fetchall()
            number = int(found[0][0]) if found else self.numbers.take("batch", 1)
            if not found:
                self.cursor.execute(
                    f"INSERT INTO {sql}.batches VALUES (?, ?, ?, ?, ?, 0)",
                    [number, import_id(today), SOURCE, str(today), self.at],
                )
            self.day = (today, number)
        self.cursor.execute(
            f"UPDATE {sql}.batches SET committed_at = ?, facts = facts + ? WHERE batch = ?",
            [self.at, count, self.day[1]],
        )
        return self.day[1]

    def _insert(self, table: str, rows: pa.Table, first: int, batch: int) -> None:
        money = {c.name for c in TABLES[table].columns if c.kind == "money"}
        names = [f'"{name}"' for name in rows.schema.names]
        values = [
            f"TRY_CAST({quoted} AS DECIMAL(18, 4))" if quoted.strip('"') in money else quoted
            for quoted in names
        ]
        seq = pa.array(np.arange(first, first + rows.num_rows), pa.int64())
        self.cursor.register("arriving_rows", rows.append_column("seq", seq))
        try:
            self.cursor.execute(
                f"INSERT INTO {self.held.sql}.{table}"
                f" (seq, batch, received_at, {', '.join(names)})"
                f" SELECT seq, {batch}, TIMESTAMP '{self.at.isoformat(sep=' ')}',"
                f" {', '.join(values)} FROM arriving_rows"
            )
        finally:
            self.cursor.unregister("arriving_rows")

    def _summaries(self, rows: pa.Table, first: int, newest: int) -> list[Summary]:
        """The last events of this load, the newest first."""
        shown = rows.slice(max(rows.num_rows - newest, 0))
        first += rows.num_rows - shown.num_rows
        found: list[Summary] = []
        for place, row in enumerate(shown.to_pylist()):
            texts: dict[str, Any] = {
                name: row.get(name)
                for name in ("name", "customer", "customer_kind", "channel", "touchpoint")
            }
            found.append(
                Summary(
                    seq=first + place,
                    id=row["id"],
                    occurred_at=row["occurred_at"],
                    received_at=self.at,
                    source=row["source"],
                    properties=row.get("properties"),
                    **texts,
                )
            )
        return found[::-1]
