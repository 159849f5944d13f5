"""The files, imported by their mappings, give the same figures as the direct fill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.files.run import import_path
from zhiyin.demo import files, filling
from zhiyin.demo.plan import Plan
from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.warehouse.owner import Owner

PLAN = Plan(customers=500, months=4)
MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "zh-hans", 0, 0, 0)
QUESTION = {"nps": "recommend_journey", "csat": "rate_cabin", "rating": "rate_cabin",
            "top_box": "rate_cabin", "bottom_box": "rate_cabin",
            "net_box": "rate_cabin"}  # fmt: skip


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with Owner(tmp_path_factory.mktemp("direct")) as log:
        log.create("main")
        filling.fill(log, "main", PLAN)
        yield log


@pytest.fixture(scope="module", params=["parquet", "csv"])
def imported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Owner]:
    folder: Path = tmp_path_factory.mktemp("files") / "f"
    data: Path = tmp_path_factory.mktemp("imported")
    truth = files.write(PLAN, folder, formats=(request.param,))
    with Owner(data) as log:
        log.create("main")
        for mapping in sorted(folder.glob("*.yaml")):
            done = import_path(log, MAIN, folder, mapping, data=data)
            assert done.rows_rejected == 0, mapping.name
            assert done.rows_added == truth.rows[mapping.stem], mapping.name
        yield log


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_every_measure_is_the_same(direct: Owner, imported: Owner, metric: str) -> None:
    asked = ScoreRequest(
        metric, questions=(QUESTION[metric],) if metric in QUESTION else (), per=None
    )
    one, two = (score(log, MAIN, asked, now=datetime(2026, 8, 1)) for log in (direct, imported))
    assert one.total.value == pytest.approx(two.total.value)
    assert one.total.low == pytest.approx(two.total.low)
    assert (one.total.n, one.total.customers) == (two.total.n, two.total.customers)


@pytest.mark.parametrize("column", ["region", "delay", "tier", "unit", "arm", "channel"])
def test_every_breakdown_is_the_same(direct: Owner, imported: Owner, column: str) -> None:
    asked = ScoreRequest("nps", questions=("recommend_journey",), by=(column,), per="answer")
    one, two = (
        {str(row.group[column]): (row.value, row.n) for row in score(log, MAIN, asked).rows}
        for log in (direct, imported)
    )
    assert len(one) > 1
    assert one == two
