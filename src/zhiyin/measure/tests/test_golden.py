"""The SQL of each measure, per engine, as somebody has read and kept it.

After a change that is meant, write the files anew and read the difference:
``ZHIYIN_GOLDEN=write .venv/bin/pytest src/zhiyin/measure/tests/test_golden.py``
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from zhiyin.kernel.filters import parse
from zhiyin.kernel.periods import Bucket
from zhiyin.measure.cells import Cells
from zhiyin.measure.metric import Scale, Source
from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import BreakColumn, ScoreRequest
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Reader, Schema

pytestmark = pytest.mark.any_engine

GOLDEN = Path(__file__).parent / "golden"
JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 1) for month in (1, 2, 3))
SCHEMA = Schema(1, {"answers": {"state": "text"}, "events": {}, "orders": {}, "exposures": {}})


def code(domain: str, word: str) -> int:
    """A code that a reader of the golden files can recognise: the sum of the letters."""
    return sum(map(ord, domain + word))


def query(slug: str) -> Any:
    """The measure by channel and month, in two months, filtered."""
    metric = METRICS[slug]
    nobody: Any = None
    cells = Cells(
        log=nobody,
        settings=settings_for("golden"),
        request=ScoreRequest(slug, where=parse("channel = 'app'")),
        metric=metric,
        schema=SCHEMA,
        by=(BreakColumn("channel", "channel", "channel"),),
        reader=Reader(),
        now=MARCH,
        source=Source(
            SCHEMA, code, until=MARCH, scale=Scale(1, 7) if "ces" in slug else Scale(1, 5)
        ),
    )
    buckets = [Bucket("2026-01", JANUARY, FEBRUARY), Bucket("2026-02", FEBRUARY, MARCH)]
    return cells.rows((JANUARY, MARCH), buckets=buckets)


@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
@pytest.mark.parametrize("slug", METRICS)
def test_sql_is_the_kept_one(slug: str, dialect: Any) -> None:
    written = lang.compile_sql(query(slug), dialect)
    sql = sqlglot.transpile(written, read=dialect, write=dialect, pretty=True)[0] + "\n"
    file = GOLDEN / f"{slug}.{dialect}.sql"
    if os.environ.get("ZHIYIN_GOLDEN") == "write":
        file.write_text(sql)
    assert file.read_text() == sql


def test_no_golden_file_without_a_measure() -> None:
    assert {file.name.split(".")[0] for file in GOLDEN.glob("*.sql")} == set(METRICS)
