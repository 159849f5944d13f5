"""What is kept how long: counted before, hidden in the night, and in figures no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.unify import erasure, rules
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put, read

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_rule_takes_effect_in_the_night_and_the_bytes_go_then(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    put(log, [{"occurred_at": now() - timedelta(days=400)}, {"occurred_at": now()}])
    rules.keep(by=ana, workspace="main", months={("answers", ""): 12})
    assert len(read(log, "id")) == 2
    assert rules.apply("main", log) == {"answers": 1}
    assert read(log, "id") == [("r1",)]
    assert rules.apply("main", log) == {}
    erasure.finish("main", log, tmp_path, even_if_idle=True)
    assert [p.name for p in (tmp_path / "log").glob("main*.duckdb")] == ["main.1.duckdb"]
    with log._cursor() as cursor:
        held = log._workspace("main").sql
        assert cursor.execute(f"SELECT id FROM {held}.answers").fetchall() == [("r1",)]
        assert cursor.execute(f"SELECT id FROM {held}.ids").fetchall() == [("c1",)]
    actions = list(AuditEntry.of("main").values_list("action", flat=True))
    assert actions.count("retention.applied") == 1
    assert actions.count("retention.changed") == 1


@pytest.mark.parametrize(
    ("table", "pattern", "months"),
    [("identities", "", 3), ("nothing", "", 3), ("orders", "x*", 3), ("orders", "", 0)],
)
def test_what_cannot_be_kept_so_is_refused(
    ana: Actor, table: str, pattern: str, months: int
) -> None:
    with pytest.raises(Problem) as refused:
        rules.keep(by=ana, workspace="main", months={(table, pattern): months})
    assert refused.value.code == "rights.retention"
    assert rules.retention("main") == {}


@pytest.mark.parametrize(
    ("months", "since"),
    [(1, datetime(2026, 2, 28)), (3, datetime(2025, 12, 31)), (12, datetime(2025, 3, 31))],
)
def test_months_end_where_the_month_does(months: int, since: datetime) -> None:
    (rule,) = rules.horizons({("events", ""): months}, datetime(2026, 3, 31, 15))
    assert rule.since == since
