"""Queries as they are asked, answered by DuckDB and by ClickHouse's engine over the same rows."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

ENGINE = Path(__file__).with_name("clickhouse.py")
LIBRARIES = Path(__file__).resolve().parents[4] / ".make" / "chdb"
"""Where `make test` puts the engine, apart from the environment."""

Pair = tuple[pa.Table, pa.Table]
"""DuckDB's answer and ClickHouse's."""


class Overheard:
    """A log that keeps the queries that it is asked."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.queries: list[lang.Expression] = []

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._log, name)
        if name not in ("execute", "totals", "products"):
            return asked

        def keep(workspace: str, query: lang.Expression, **named: Any) -> Any:
            self.queries.append(query)
            return asked(workspace, query, **named)

        return keep


def answered(
    log: Log,
    slug: str,
    sources: Mapping[str, lang.Expression],
    asked: Mapping[str, Sequence[lang.Expression]],
    folder: Path,
) -> dict[str, list[Pair]]:
    """What each query gives on both.

    Args:
        sources: the tables that they read, by name; words and ids are read besides.
        asked: queries by what asks them.
        folder: where the rows are put.
    """
    for name, table in {**sources, "words": lang.words(), "ids": lang.ids()}.items():
        pq.write_table(log.execute(slug, table), folder / f"{name}.parquet")
    every = [query for queries in asked.values() for query in queries]
    sql = [lang.compile_sql(query, "clickhouse") for query in every]
    (folder / "queries.json").write_text(json.dumps(sql))
    path = os.pathsep.join([str(LIBRARIES), *sys.path])
    subprocess.run(
        [sys.executable, str(ENGINE), str(folder)],
        check=True,
        env={**os.environ, "PYTHONPATH": path},
        timeout=300,
    )
    both = iter(
        [
            (log.execute(slug, query), _read(folder / f"{place}.arrow"))
            for place, query in enumerate(every)
        ]
    )
    return {name: [next(both) for _query in queries] for name, queries in asked.items()}


def _read(file: Path) -> pa.Table:
    with pa.ipc.open_stream(file.read_bytes()) as stream:
        return stream.read_all()


def plain(table: pa.Table) -> list[tuple[str, ...]]:
    """Every row as words, in an order of their own: engines differ in order and in types."""
    columns = [[_plain(value) for value in column.to_pylist()] for column in table.columns]
    return sorted(zip(*columns, strict=True))


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return naive.isoformat()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float | Decimal):
        number = float(value)
        return "NaN" if math.isnan(number) else f"{number:.9g}"
    return str(value)
