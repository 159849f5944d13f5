"""Which integer key an id has, for intake: looked up in memory by a fingerprint."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.warehouse.engines.duckdb.counters import Numbers, table_of
from zhiyin.warehouse.engines.duckdb.tally import Hashes, Keys, KeyTable
from zhiyin.warehouse.engines.duckdb.workspace import Workspace

COLUMNS = ("customer", "other")

_REPLACED = {
    "customer",
    "customer_kind",
    "other",
    "other_kind",
    "low",
    "high",
    "other_low",
    "other_high",
}

_PRINT = "coalesce({kind}, 'customer') || chr(31) || {id}"


class Ids:
    """The ids of one workspace."""

    def __init__(self, held: Workspace) -> None:
        self._held = held
        self._table = KeyTable()
        self._upto = 0
        self._fresh: list[tuple[Hashes, Hashes, Keys]] = []

    def catch_up(self, cursor: duckdb.DuckDBPyConnection, numbers: Numbers) -> None:
        """Read the ids that the log has got since, from imports or before the start."""
        if numbers["key"] == self._upto:
            return
        text = _PRINT.format(kind="kind", id="id")
        found = table_of(
            cursor,
            f"SELECT key, md5_number_lower({text}) AS low, md5_number_upper({text}) AS high"
            f" FROM {self._held.sql}.ids WHERE key >= ?",
            [self._upto],
        )
        self._table.put(_numpy(found["low"]), _numpy(found["high"]), _numpy(found["key"]))
        self._upto = numbers["key"]

    def keyed(
        self, cursor: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table], numbers: Numbers
    ) -> dict[str, pa.Table]:
        """The tables with `customer_key` (and `other` as a key) in place of the ids.

        New ids get the next keys, in order of first appearance; a row without a customer gets a
        key that no id names.
        """
        self._fresh = []
        named = [
            (table, column)
            for table, rows in tables.items()
            for column in COLUMNS
            if column in rows.schema.names
        ]
        parts = {at: _prints(tables[at[0]], at[1]) for at in named}
        low = _joined([part.low for part in parts.values()])
        high = _joined([part.high for part in parts.values()])
        keys = self._table.get(low, high)
        if (keys < 0).any():
            self._give(cursor, list(parts.values()), low, high, keys, numbers)
        found: dict[tuple[str, str], Any] = {}
        begin = 0
        for at, part in parts.items():
            end = begin + len(part.low)
            found[at] = part.spread(keys[begin:end])
            begin = end
        return {name: self._placed(name, rows, found, numbers) for name, rows in tables.items()}

    def unknown(self, rows: pa.Table, column: str) -> list[int]:
        """The places of rows whose id in `column` has no key yet."""
        prints = _prints(rows, column)
        is_new = np.where(self._table.get(prints.low, prints.high) < 0, 1, 0).astype(np.int32)
        return np.flatnonzero(prints.spread(is_new) == 1).tolist()

    def learn(self, numbers: Numbers) -> None:
        """The transaction is in the log: so are its keys."""
        for low, high, keys in self._fresh:
            self._table.put(low, high, keys)
        self._fresh = []
        self._upto = numbers["key"]

    def _give(
        self,
        cursor: duckdb.DuckDBPyConnection,
        parts: list[_Prints],
        low: Hashes,
        high: Hashes,
        keys: Keys,
        numbers: Numbers,
    ) -> None:
        missing = np.flatnonzero(keys < 0)
        prints = np.empty(len(missing), [("low", np.uint64), ("high", np.uint64)])
        prints["low"], prints["high"] = low[missing], high[missing]
        _unique, first, place = np.unique(prints, return_index=True, return_inverse=True)
        rank = np.empty(len(first), np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        start = numbers.take("key", len(first))
        keys[missing] = (start + rank[place]).astype(np.int32)
        chosen = missing[np.sort(first)]
        kinds, ids = _texts(parts, chosen)
        cursor.register("arriving_ids", pa.table({"key": keys[chosen], "kind": kinds, "id": ids}))
        try:
            cursor.execute(
                f"INSERT INTO {self._held.sql}.ids SELECT key, kind, id FROM arriving_ids"
            )
        finally:
            cursor.unregister("arriving_ids")
        self._fresh.append((low[chosen], high[chosen], keys[chosen]))

    def _placed(
        self,
        table: str,
        rows: pa.Table,
        found: dict[tuple[str, str], Any],
        numbers: Numbers,
    ) -> pa.Table:
        keys = found.get((table, "customer"))
        if keys is None:
            keys = np.full(rows.num_rows, -1, np.int32)
        nameless = np.flatnonzero(keys < 0)
        if len(nameless):
            first = numbers.take("key", len(nameless))
            keys[nameless] = np.arange(first, first + len(nameless), dtype=np.int32)
        placed = rows.select([name for name in rows.schema.names if name not in _REPLACED])
        placed = placed.append_column("customer_key", pa.array(keys, pa.int32()))
        other = found.get((table, "other"))
        if other is not None:
            placed = placed.append_column("other", pa.array(other, pa.int32(), mask=other < 0))
        return placed


class _Prints:
    """The fingerprints of one column, without its nulls."""

    def __init__(self, rows: pa.Table, column: str) -> None:
        own = "" if column == "customer" else f"{column}_"
        self._rows = rows
        self._column = column
        low = rows[f"{own}low"]
        self._valid = np.flatnonzero(low.is_valid().to_numpy())
        self.low = _numpy(low.drop_null())
        self.high = _numpy(rows[f"{own}high"].drop_null())

    def spread(self, keys: Keys) -> Keys:
        """Keys by row; -1 where the row names nobody."""
        spread = np.full(self._rows.num_rows, -1, np.int32)
        spread[self._valid] = keys
        return spread

    def texts(self, places: Any) -> tuple[list[str], list[str]]:
        """(kinds, ids) at places among those that are not null."""
        rows = pa.array(self._valid[places], pa.int64())
        ids = [str(one) for one in self._rows[self._column].take(rows).to_pylist()]
        named = f"{self._column}_kind"
        if named not in self._rows.schema.names:
            return ["customer"] * len(ids), ids
        kinds = self._rows[named].take(rows).to_pylist()
        return [str(kind or "customer") for kind in kinds], ids


def _prints(rows: pa.Table, column: str) -> _Prints:
    return _Prints(rows, column)


def print_columns(columns: list[str]) -> list[str]:
    """SQL of the fingerprints of the ids that a staged table names."""
    made = []
    for column in COLUMNS:
        if column not in columns:
            continue
        own = "" if column == "customer" else f"{column}_"
        kind = f"{column}_kind" if f"{column}_kind" in columns else "NULL::VARCHAR"
        text = _PRINT.format(kind=kind, id=f'"{column}"')
        made.append(f"md5_number_lower({text}) AS {own}low")
        made.append(f"md5_number_upper({text}) AS {own}high")
    return made


def _texts(parts: list[_Prints], chosen: Any) -> tuple[list[str], list[str]]:
    kinds: list[str] = []
    ids: list[str] = []
    begin = 0
    for part in parts:
        end = begin + len(part.low)
        mine = chosen[(chosen >= begin) & (chosen < end)] - begin
        more_kinds, more_ids = part.texts(mine)
        kinds += more_kinds
        ids += more_ids
        begin = end
    return kinds, ids


def _joined(parts: list[Hashes]) -> Hashes:
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _numpy(column: Any) -> Any:
    return np.ascontiguousarray(column.to_numpy())
