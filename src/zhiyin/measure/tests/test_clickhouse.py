"""The SQL that the measures have for ClickHouse says there what DuckDB says of the same rows.

Every query that a score asks is kept as it is asked, run on the engine of ClickHouse over the
same tables, and the two answers are compared as whole tables.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.month import NOW, fill
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.any_engine

SLUG = "clickhouse"
TABLES = ("answers", "events", "orders", "exposures", "responses", "service_contacts")
ENGINE = Path(__file__).with_name("clickhouse.py")
LIBRARIES = Path(__file__).resolve().parents[4] / ".make" / "chdb"
"""Where `make test` puts the engine, apart from the environment."""


class Overheard:
    """A log that keeps the queries that it is asked."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.queries: list[lang.Expression] = []

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._log, name)
        if name not in ("execute", "totals"):
            return asked

        def keep(workspace: str, query: lang.Expression, **named: Any) -> Any:
            self.queries.append(query)
            return asked(workspace, query, **named)

        return keep


@pytest.fixture(scope="module")
def answers(
    log: Owner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[tuple[pa.Table, pa.Table]]]]:
    """Per measure, what each of its queries gives on DuckDB and on ClickHouse."""
    fill(log, SLUG)
    folder = tmp_path_factory.mktemp("clickhouse")
    schema = log.schema(SLUG)
    sources = {name: lang.table(schema, name) for name in TABLES}
    for name, table in {**sources, "words": lang.words(), "ids": lang.ids()}.items():
        pq.write_table(log.execute(SLUG, table), folder / f"{name}.parquet")
    asked = {slug: _queries(log, slug) for slug in METRICS}
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
            (log.execute(SLUG, query), _read(folder / f"{place}.arrow"))
            for place, query in enumerate(every)
        ]
    )
    yield {slug: [next(both) for _query in queries] for slug, queries in asked.items()}
    log.drop(SLUG)


def _queries(log: Owner, slug: str) -> list[lang.Expression]:
    overheard: Any = Overheard(log)
    questions = ("q csat",) if slug in ("rating", "top_box", "bottom_box") else ()
    for request in (
        ScoreRequest(slug, questions=questions),
        ScoreRequest(slug, questions=questions, by=("channel",), every="week"),
    ):
        score(overheard, settings_for(SLUG), request, now=NOW)
    return list(overheard.queries)


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


@pytest.mark.parametrize("slug", METRICS)
def test_both_engines_give_the_same_rows(
    answers: dict[str, list[tuple[pa.Table, pa.Table]]], slug: str
) -> None:
    assert len(answers[slug]) >= 2
    for here, there in answers[slug]:
        assert here.schema.names == there.schema.names
        assert plain(here) == plain(there)
    assert any(here.num_rows > 10 for here, _there in answers[slug])


def test_the_comparison_sees_a_difference() -> None:
    day = pa.array([datetime(2026, 3, 1)] * 2, pa.timestamp("us"))
    here = pa.table({"n": pa.array([1, 2]), "at": day})
    assert plain(here) == plain(pa.table({"n": pa.array([2.0, 1.0]), "at": day}))
    assert plain(here) != plain(pa.table({"n": pa.array([1, 3]), "at": day}))
    assert plain(here) != plain(pa.table({"n": pa.array([1, None]), "at": day}))
    assert plain(here) != plain(here.slice(1))
