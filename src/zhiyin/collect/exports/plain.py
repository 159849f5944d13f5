"""CSV, JSON Lines and Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 20_000

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes text that begins with one of these for a formula or worse."""

Progress = Callable[[int], None]


def write_csv(table: pa.Table, path: Path, zone: str, progress: Progress) -> None:
    """UTF-8 with a mark for Excel; times with their offset; no text that acts as a formula."""
    local = ZoneInfo(zone)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe(name) for name in table.schema.names])
        for rows in chunks(table):
            columns = [_column(rows, place, local) for place in range(rows.num_columns)]
            writer.writerows(zip(*columns, strict=True))
            progress(rows.num_rows)


def write_json_lines(table: pa.Table, path: Path, zone: str, progress: Progress) -> None:
    """One object a line, absent values as null, times with their offset."""
    local = ZoneInfo(zone)
    with path.open("w", encoding="utf-8") as file:
        for rows in chunks(table):
            for row in rows.to_pylist():
                plain = {name: _json(value, local) for name, value in row.items()}
                file.write(json.dumps(plain, ensure_ascii=False, allow_nan=False) + "\n")
            progress(rows.num_rows)


def write_parquet(table: pa.Table, path: Path, _zone: str, progress: Progress) -> None:
    """Typed; times in UTC and marked so."""
    fields = []
    for field in table.schema:
        is_time = pa.types.is_timestamp(field.type)
        fields.append(field.with_type(pa.timestamp("us", "UTC")) if is_time else field)
    pq.write_table(table.cast(pa.schema(fields)), path, compression="zstd")
    progress(table.num_rows)


def safe(text: str) -> str:
    """Text that stays text in a spreadsheet."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def chunks(table: pa.Table) -> Iterator[pa.Table]:
    """The table in parts that fit easily into memory."""
    for start in range(0, table.num_rows, CHUNK):
        yield table.slice(start, CHUNK)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """A UTC instant of the log, in a zone."""
    return moment.replace(tzinfo=UTC).astimezone(zone)


def _column(rows: pa.Table, place: int, zone: ZoneInfo) -> list[Any]:
    values = rows.column(place).to_pylist()
    kind = rows.schema.field(place).type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return [None if value is None else safe(value) for value in values]
    if pa.types.is_timestamp(kind):
        return [None if v is None else local_time(v, zone).isoformat() for v in values]
    if pa.types.is_floating(kind):
        return [None if value is None else f"{value:.15g}" for value in values]
    return values


def _json(value: object, zone: ZoneInfo) -> object:
    if isinstance(value, datetime):
        return local_time(value, zone).isoformat()
    return str(value) if isinstance(value, Decimal) else value
