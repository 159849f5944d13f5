"""Readings of many letters put together: an Arrow table for each of the log, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from zhiyin.warehouse.arriving import Change, Letter, Reading, Refusal
from zhiyin.warehouse.blocks import Blocks
from zhiyin.warehouse.engines.duckdb import fitting
from zhiyin.warehouse.log import DimensionKind
from zhiyin.warehouse.tables import DIMENSION_PREFIX, TABLES

_NOT_STORED = ("customer", "customer_kind", "other", "other_kind")

_TYPES: dict[str, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
    "time": pa.timestamp("us"),
    "bool": pa.bool_(),
    "json": pa.string(),
    "money": pa.string(),
}

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Gathered:
    """What came for one table, in columns of one length."""

    count: int = 0
    columns: dict[str, list[Any]] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    def add(self, columns: Mapping[str, Sequence[Any]], source: str) -> None:
        """Append the facts of one reading; columns that it leaves out are null."""
        lengths = {len(values) for values in columns.values()}
        if len(lengths) != 1:
            msg = f"the columns of a reading have different lengths: {sorted(lengths)}"
            raise ValueError(msg)
        (more,) = lengths
        mine = self.columns
        for name, values in columns.items():
            if name not in mine:
                mine[name] = [None] * self.count
            mine[name].extend(values)
        self.count += more
        self.sources.extend([source] * more)
        if len(columns) < len(mine):
            for held in mine.values():
                if len(held) < self.count:
                    held.extend([None] * (self.count - len(held)))


@dataclass(slots=True)
class Arriving:
    """Everything of one load."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    changes: list[tuple[str, Change]] = field(default_factory=list)
    """With the source of each."""
    refused: list[tuple[Letter, Refusal]] = field(default_factory=list)
    blocked: dict[str, int] = field(default_factory=dict)


def gather(
    letters: Iterable[tuple[Letter, Reading]],
    dimensions: Mapping[str, Mapping[str, DimensionKind]],
    blocks: Blocks | None,
) -> Arriving:
    """Put the readings together.

    Raises:
        ValueError: a reading that no log could take; the reader that made it has a fault.
    """
    found = Arriving()
    tables: dict[str, Gathered] = {}
    for letter, reading in letters:
        for name, columns in reading.facts.items():
            if name not in TABLES:
                msg = f"the log has no table {name}"
                raise ValueError(msg)
            if columns and len(next(iter(columns.values()))):
                tables.setdefault(name, Gathered()).add(columns, letter.source)
        found.changes.extend((letter.source, change) for change in reading.changes)
        found.refused.extend((letter, refusal) for refusal in reading.refused)
    for name, gathered in tables.items():
        if name == "events":
            if blocks:
                found.blocked = blocks.apply(gathered.columns, gathered.sources)
                gathered.count = len(gathered.sources)
            _fill_dimensions(gathered, dimensions.get(name, {}))
        if gathered.count:
            found.tables[name] = _as_arrow(name, gathered, dimensions.get(name, {}))
    return found


def _fill_dimensions(gathered: Gathered, dimensions: Mapping[str, DimensionKind]) -> None:
    """Move the properties that are declared into columns; what does not fit stays."""
    properties = gathered.columns.get("properties")
    if not dimensions or properties is None:
        return
    fresh = {
        name: kind
        for name, kind in dimensions.items()
        if DIMENSION_PREFIX + name not in gathered.columns
    }
    for name, values in fitting.take_out(properties, fresh).items():
        gathered.columns[DIMENSION_PREFIX + name] = values


def _as_arrow(table: str, gathered: Gathered, dimensions: Mapping[str, DimensionKind]) -> pa.Table:
    columns: dict[str, Any] = {"source": pa.array(gathered.sources, pa.string())}
    for name, values in gathered.columns.items():
        if name in ("row", "source"):
            continue
        kind = _kind(table, name, dimensions)
        if kind == "json":
            columns[name] = _json(values)
        elif kind == "money":
            texts = [None if value is None else str(value) for value in values]
            columns[name] = pa.array(texts, pa.string())
        else:
            columns[name] = pa.array(values, _TYPES[kind])
    for name in ("id", "occurred_at"):
        if name not in columns or columns[name].null_count:
            msg = f"every row of {table} needs {name}"
            raise ValueError(msg)
    return pa.table(columns)


def _kind(table: str, name: str, dimensions: Mapping[str, DimensionKind]) -> str:
    if name in _NOT_STORED:
        return "text"
    if name.startswith(DIMENSION_PREFIX):
        kind = dimensions.get(name.removeprefix(DIMENSION_PREFIX))
        if kind is not None:
            return kind
    elif (column := TABLES[table].column(name)) is not None:
        return column.kind
    msg = f"the log's table {table} has no column {name}"
    raise ValueError(msg)


def _json(values: Sequence[Any]) -> Any:
    encoded = [_encode(value) if value else None for value in values]
    return pa.array(encoded, pa.binary()).cast(pa.string())
