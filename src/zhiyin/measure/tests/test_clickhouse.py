"""The SQL that the measures have for ClickHouse says there what DuckDB says of the same rows.

Every query that a score asks is kept as it is asked, run on the engine of ClickHouse over the
same tables, and the two answers are compared as whole tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.month import NOW, fill
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.both_engines import Overheard, Pair, answered, plain

pytestmark = pytest.mark.any_engine

SLUG = "clickhouse"
TABLES = ("answers", "events", "orders", "exposures", "responses", "service_contacts", "clauses")


@pytest.fixture(scope="module")
def answers(
    log: Owner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[Pair]]]:
    """Per measure, what each of its queries gives on DuckDB and on ClickHouse."""
    fill(log, SLUG)
    folder = tmp_path_factory.mktemp("clickhouse")
    schema = log.schema(SLUG)
    sources = {name: lang.table(schema, name) for name in TABLES}
    asked = {slug: _queries(log, slug) for slug in METRICS}
    yield answered(log, SLUG, sources, asked, folder)
    log.drop(SLUG)


def _queries(log: Owner, slug: str) -> list[lang.Expression]:
    overheard: Any = Overheard(log)
    questions = ("q csat",) if slug in ("rating", "top_box", "bottom_box", "net_box") else ()
    for request in (
        ScoreRequest(slug, questions=questions),
        ScoreRequest(slug, questions=questions, by=("channel",), every="week"),
    ):
        score(overheard, settings_for(SLUG), request, now=NOW)
    return list(overheard.queries)


@pytest.mark.parametrize("slug", METRICS)
def test_both_engines_give_the_same_rows(answers: dict[str, list[Pair]], slug: str) -> None:
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
