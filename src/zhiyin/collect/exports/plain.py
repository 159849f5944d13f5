"""CSV, JSON Lines and Parquet."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhiyin.collect.exports.rows import Column, Field, Rows, is_json
from zhiyin.kernel.periods import zone_info

CHUNK = 10_000

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes text that begins with one of these for a formula or worse."""

_BEGINS = f"^[{re.escape(''.join(DANGEROUS))}]"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

Progress = Callable[[int], None]


def write_csv(rows: Rows, path: Path, zone: str, progress: Progress) -> None:
    """UTF-8 with a mark for Excel; times with their offset; no text that acts as a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe(name) for name in rows.schema.names])
        for part in chunks(rows):
            columns = [_cells(part.column(k), zone) for k in range(part.num_columns)]
            writer.writerows(zip(*columns, strict=True))
            progress(part.num_rows)


def write_json_lines(rows: Rows, path: Path, zone: str, progress: Progress) -> None:
    """One object a line, absent values as null, times with their offset, money as a number."""
    encode = msgspec.json.Encoder(decimal_format="number").encode
    names = rows.schema.names
    with path.open("wb") as file:
        for part in chunks(rows):
            columns = [_values(part.column(k), part.schema.field(k), zone)
                       for k in range(part.num_columns)]  # fmt: skip
            for values in zip(*columns, strict=True):
                file.write(encode(dict(zip(names, values, strict=True))) + b"\n")
            progress(part.num_rows)


def write_parquet(rows: Rows, path: Path, _zone: str, progress: Progress) -> None:
    """Typed; times in UTC and marked so."""
    schema = pa.schema(
        [
            field.with_type(pa.timestamp("us", "UTC")) if is_time(field.type) else field
            for field in rows.schema
        ]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in rows.parts:
            writer.write_table(part.cast(schema))
            rows.tally.rows += part.num_rows
            progress(part.num_rows)


def safe(text: str) -> str:
    """Text that stays text in a spreadsheet. One that is a number, sign or not, stays as it is."""
    if text.startswith(DANGEROUS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def chunks(rows: Rows) -> Iterator[pa.Table]:
    """The rows in parts small enough to become Python's own values; counts them."""
    for part in rows.parts:
        rows.tally.rows += part.num_rows
        for start in range(0, part.num_rows, CHUNK):
            yield part.slice(start, CHUNK)


def is_time(kind: pa.DataType) -> bool:
    """Whether a column holds instants."""
    return bool(pa.types.is_timestamp(kind))


def local_times(column: Column, zone: str) -> list[datetime | None]:
    """UTC instants of the log as local times that know their offset."""
    where = zone_info(zone)
    return [
        None if moment is None else moment.replace(tzinfo=UTC).astimezone(where)
        for moment in column.to_pylist()
    ]


def _cells(column: Column, zone: str) -> list[Any]:
    kind = column.type
    if is_time(kind):
        return [
            None if moment is None else moment.isoformat() for moment in local_times(column, zone)
        ]
    values: list[Any] = column.to_pylist()
    if pa.types.is_string(kind):
        if not pc.any(pc.match_substring_regex(column, _BEGINS)).as_py():
            return values
        return [None if value is None else safe(value) for value in values]
    if pa.types.is_floating(kind):
        return [None if value is None or math.isnan(value) else f"{value:.15g}" for value in values]
    if pa.types.is_boolean(kind):
        return [None if value is None else str(value).lower() for value in values]
    if pa.types.is_decimal(kind):
        return [None if value is None else _money(value) for value in values]
    return values


def _values(column: Column, field: Field, zone: str) -> list[Any]:
    if is_time(field.type):
        return [
            None if moment is None else moment.isoformat() for moment in local_times(column, zone)
        ]
    values: list[Any] = column.to_pylist()
    if is_json(field):
        return [None if value is None else _parsed(value) for value in values]
    if pa.types.is_decimal(field.type):
        return [None if value is None else Decimal(_money(value)) for value in values]
    return values  # the encoder writes what is no number (NaN) as null


def _money(value: Decimal) -> str:
    """Without the zeros that the log's four places add: ``12.5``, ``100``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parsed(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text
