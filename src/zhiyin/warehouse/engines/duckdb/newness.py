"""Which facts of a load are new: hashes in memory say so, the log confirms what came before."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.warehouse.engines.duckdb.append import hash_of
from zhiyin.warehouse.engines.duckdb.counters import Numbers, table_of
from zhiyin.warehouse.engines.duckdb.keys import print_columns
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.reading import kept
from zhiyin.warehouse.engines.duckdb.seen import Seen, first_instant
from zhiyin.warehouse.engines.duckdb.tally import Hashes
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.tables import TABLES

_SALT = {
    # The same id in two tables is two facts.
    name: np.uint64((place * 0x9E3779B97F4A7C15) % 2**64)
    for place, name in enumerate(sorted(TABLES))
}


class Newness:
    """What of one workspace came lately."""

    def __init__(self, held: Workspace, folder: Path) -> None:
        self._held = held
        self._folder = folder
        self._opened: Seen | None = None

    @property
    def _seen(self) -> Seen:
        if self._opened is None:
            msg = "the sets are opened by catch_up"
            raise RuntimeError(msg)
        return self._opened

    def catch_up(self, cursor: duckdb.DuckDBPyConnection, numbers: Numbers) -> None:
        """Read what the log has got since, from imports or before the start."""
        if self._opened is None:
            self._opened = Seen(self._folder, _log_of(cursor, self._held))
            if any(numbers[f"seq:{table}"] < upto for table, upto in self._seen.upto.items()):
                self._seen.reset()
        for table in TABLES:
            upto = self._seen.upto.get(table, 0)
            if numbers[f"seq:{table}"] != upto:
                self._read(cursor, table, upto)
                self._seen.upto[table] = numbers[f"seq:{table}"]

    def hashed(self, cursor: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> pa.Table:
        """`rows` with the hash of its identity and the fingerprints of its ids."""
        columns = rows.schema.names
        identity = ["id", *(name for name in TABLES[table].identity if name != "id")]
        parts = [f"coalesce({quoted(n)}::VARCHAR, '')" if n in columns else "''" for n in identity]
        made = [
            f"{hash_of(['source', *parts])} AS id_hash",
            *print_columns(columns),
        ]
        cursor.register("arriving_rows", rows)
        try:
            found = table_of(cursor, f"SELECT {', '.join(made)} FROM arriving_rows")
        finally:
            cursor.unregister("arriving_rows")
        for name in found.schema.names:
            rows = rows.append_column(name, found[name])
        # A file that says something else of the same id is told by this hash, and replaces it;
        # what intake says is never compared with itself.
        return rows.append_column("content_hash", found["id_hash"])

    def fresh(
        self, cursor: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, at: datetime
    ) -> pa.Table:
        """The rows that neither the log has nor an earlier row of the load is."""
        plain: Hashes = np.ascontiguousarray(rows["id_hash"].to_numpy())
        hashes = plain ^ _SALT[table]
        is_new = _first_of_each(rows["id"], plain)
        found, since = self._seen.find(hashes)
        if since is not None:
            maybe = np.flatnonzero(found & is_new)
            is_new[self._confirmed(cursor, table, rows, maybe, since)] = False
        self._seen.add(at.date(), hashes[is_new])
        return rows if is_new.all() else rows.filter(pa.array(is_new))

    def learn(self, numbers: Numbers) -> None:
        """The transaction is in the log."""
        for table in TABLES:
            self._seen.upto[table] = numbers[f"seq:{table}"]

    def flush(self, today: date) -> None:
        """Write the sets to disk."""
        if self._opened is not None:
            self._opened.flush(today)

    def _read(self, cursor: duckdb.DuckDBPyConnection, table: str, upto: int) -> None:
        since = first_instant(max(self._held.last_received_at, datetime(2000, 1, 1)))
        found = table_of(
            cursor,
            f"SELECT received_at::DATE AS day, id_hash FROM {self._held.sql}.{table}"
            " WHERE seq >= ? AND received_at >= ? ORDER BY day",
            [upto, since],
        )
        days = found["day"].to_numpy()
        hashes = np.ascontiguousarray(found["id_hash"].to_numpy()) ^ _SALT[table]
        if not len(days):
            return
        bounds = [0, *(np.flatnonzero(days[1:] != days[:-1]) + 1).tolist(), len(days)]
        for start, end in itertools.pairwise(bounds):
            self._seen.add(days[start].astype("datetime64[D]").astype(object), hashes[start:end])

    def _confirmed(
        self,
        cursor: duckdb.DuckDBPyConnection,
        table: str,
        rows: pa.Table,
        maybe: Any,
        since: date,
    ) -> Any:
        """Those of `maybe` whose id the log has."""
        if not len(maybe):
            return maybe
        asked = rows.select(["id_hash", "id"]).take(pa.array(maybe, pa.int64()))
        cursor.register("arriving_maybe", asked.append_column("place", pa.array(maybe, pa.int64())))
        try:
            # A table of the engine's own: DuckDB 1 would hand the hashes down as a filter on the
            # Arrow table, which takes no number of 64 bits.
            cursor.execute("CREATE OR REPLACE TEMP TABLE maybe_known AS FROM arriving_maybe")
        finally:
            cursor.unregister("arriving_maybe")
        # What was said and has been changed since is known too: said once more, it is no news.
        found = table_of(
            cursor,
            f"SELECT DISTINCT m.place FROM {self._held.sql}.{table} old"
            " JOIN temp.maybe_known m ON old.id_hash = m.id_hash AND old.id = m.id"
            f" WHERE old.received_at >= ? AND {kept(self._held, table, 'old')}",
            [datetime(since.year, since.month, since.day)],
        )
        return found["place"].to_numpy()


def _first_of_each(ids: Any, hashes: Hashes) -> Any:
    """True for the first row of each id."""
    _values, first, place = np.unique(hashes, return_index=True, return_inverse=True)
    is_first = np.zeros(len(hashes), np.bool_)
    is_first[first] = True
    for row in np.flatnonzero(~is_first):
        # Two ids of one hash are two facts.
        if ids[int(row)] != ids[int(first[place[row]])]:
            is_first[row] = True
    return is_first


def _log_of(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> str:
    ((made_at,),) = cursor.execute(f"SELECT min(made_at)::VARCHAR FROM {held.sql}.form").fetchall()
    return str(made_at)
