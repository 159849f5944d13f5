"""An export has every fact of hers and none of others, in her language, harmless to open."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.unify import exporting, papers
from zhiyin.unify.tests.test_erasure import rejects, trait
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tables import TABLES
from zhiyin.warehouse.tests.planting import put
from zhiyin.warehouse.tests.sending import sent
from zhiyin.warehouse.tests.test_erasing import facts

pytestmark = pytest.mark.django_db


def test_every_table_of_hers_is_in_it(log: Owner, tmp_path: Path, ana: Actor) -> None:
    """A row in each table, every column filled. Would catch a table that the walk leaves out."""
    log.declare("main", {table: {"city": "text"} for table in TABLES})
    for customer in ("her-id-1", "him"):
        with log.begin("main", source=customer, label="x") as batch:
            for row, table in enumerate(TABLES):
                batch.write(table, pa.table(facts(table, customer, row, None)))
            batch.commit()
    rejects(tmp_path, "a.csv", "2,at,x,bad,f.csv,her-id-1,")
    document = exporting.everything(
        by=ana, log=log, data=tmp_path, workspace="main", name="her-id-1"
    )
    assert set(document["facts"]) == set(TABLES)
    assert all(len(rows) == 1 for rows in document["facts"].values())
    assert {rows[0]["source"] for rows in document["facts"].values()} == {"her-id-1"}
    for table, (row,) in document["facts"].items():
        wanted = {column.name for column in TABLES[table].columns} | {"d_city"}
        assert wanted <= set(row), table
    assert document["elsewhere"]["rejects"][0]["who"] == "her-id-1"
    entry = AuditEntry.objects.get(action="customer.exported")
    assert "her-id-1" not in entry.subject


def test_the_page_is_in_her_language_and_runs_nothing(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    put(log, [trait("her", "language", "zh-CN"), trait("her", "x", "<img src=x>")], table="traits")
    document = exporting.everything(by=ana, log=log, data=tmp_path, workspace="main", name="her")
    assert document["language"] == "zh-CN"
    page = papers.everything(document, "Shop", "en")
    assert "我们持有的关于您的全部信息" in page
    assert '<html lang="zh-CN">' in page
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
    english = papers.everything({**document, "language": None}, "Shop", "en")
    assert "Everything that is held about you" in english


def test_what_was_refused_of_her_is_in_it_and_of_others_is_not(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    put(log, [trait("her-id-1", "phone", "13800000001")], table="traits")
    hers = {"id": "bad1", "customer": "her-id-1"}
    by_phone = {"id": "bad2", "phone": "13800000001"}
    his = {"id": "bad3", "customer": "her-id-12"}
    log.arrive("main", [sent([hers, by_phone, his], source="site")], position=None)
    document = exporting.everything(
        by=ana, log=log, data=tmp_path, workspace="main", name="her-id-1"
    )
    refused = document["elsewhere"]["refusals"]
    assert [json.loads(row["text"])["id"] for row in refused] == ["bad1", "bad2"]
    assert {(row["source"], row["reason"]) for row in refused} == {("site", "event.no-name")}
    page = papers.everything(document, "Shop", "zh")
    assert "未能收录" in page
    assert "her-id-12" not in page
