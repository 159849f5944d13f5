"""The page of data health."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from django.core.cache import cache
from django.test import Client

from zhiyin.collect.tests.test_health import come_as_they_happen, hourly, send
from zhiyin.kernel.clock import now
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

# Figures of the log; what these pages ask the store, the guard's walk asks every one.
pytestmark = pytest.mark.any_store


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


def test_a_workspace_whose_data_is_undone_says_how_it_comes(as_ana: Client, log: Owner) -> None:
    send(log, "site", hourly(60, now(), 30), name="Page Viewed")
    log.undo("main", log.imports("main")[0].import_id)
    said = text(as_ana.get("/main/data/"))
    assert "Nothing has come yet" in said


def test_a_source_that_is_silent_is_said_on_every_page_under_data(
    as_ana: Client, log: Owner
) -> None:
    # A site that sent until two days ago, and a till whose rows come as they happen.
    two_days_ago = now() - timedelta(days=2)
    send(log, "site", hourly(60, two_days_ago, 300), name="Page Viewed")
    assert "site" in text(as_ana.get("/main/data/"))
    assert "should not be" not in text(as_ana.get("/main/data/")), "it came in a file"
    come_as_they_happen(log)
    cache.clear()
    said = text(as_ana.get("/main/data/"))
    assert "site has been silent for" in said
    assert "still" in said
    for address in ("/main/events/", "/main/data/keys/", "/main/data/imports/"):
        assert "site has been silent for" in text(as_ana.get(address)), address


def test_rejects_unlinked_answers_and_unexplained_events_are_counted(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    days = [now() - timedelta(hours=n) for n in range(40)]
    send(log, "site", days, name="Page Viewed")
    facts = pa.table(
        {
            "row": list(range(4)), "id": [f"a{n}" for n in range(4)],
            "occurred_at": pa.array(days[:4], pa.timestamp("us")),
            "customer": ["c1", None, "d9", None],
            "customer_kind": ["customer", "customer", "anonymous", "customer"],
            "question": ["q"] * 4, "metric": ["csat"] * 4, "score": [5.0] * 4,
            "answer_state": ["answered"] * 4,
        }
    )  # fmt: skip
    with log.begin("main", source="desk", label="file.csv") as batch:
        batch.write("answers", facts)
        done = batch.commit()
    (tmp_path / "rejects").mkdir()
    rows = 'line,column,value,reason,file\n3,score,"eleven\nlines",no number,x\n9,score,x,y,z\n'
    (tmp_path / "rejects" / f"{done.import_id}.csv").write_text(rows)
    said = text(as_ana.get("/main/data/"))
    assert "Rejected rows of files 2 desk" in said
    assert "Answers without a known customer 3 of 4" in said
    assert "Events without a touchpoint 40" in said


def test_both_languages(as_ana: Client, log: Owner) -> None:
    send(log, "site", hourly(60, now(), 30), name="Page Viewed")
    as_ana.cookies["zhiyin_language"] = "zh-hans"
    said = text(as_ana.get("/main/data/"))
    for word in ("数据健康", "数据源", "常见范围", "数据中断", "没有异常中断的数据源"):
        assert word in said
