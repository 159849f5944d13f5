"""Data health over a log: a source that falls silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import health
from zhiyin.kernel.clock import now as clock
from zhiyin.warehouse.owner import Owner

UTC = Settings("main", "Main", "UTC", 0, "CNY", "en")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Owner]:
    with Owner(tmp_path) as owner:
        owner.create("main")
        yield owner


def facts_of(prefix: str, moments: list[datetime], **columns: object) -> pa.Table:
    return pa.table(
        {
            "row": list(range(len(moments))),
            "id": [f"{prefix}{n}" for n in range(len(moments))],
            "occurred_at": pa.array(moments, pa.timestamp("us")),
            **{name: [value] * len(moments) for name, value in columns.items()},
        }
    )


def send(log: Owner, source: str, moments: list[datetime], **columns: object) -> None:
    with log.begin("main", source=source, label="test") as batch:
        batch.write("events", facts_of(source, moments, **columns))
        batch.commit()


def come_as_they_happen(log: Owner) -> None:
    """Rows were taken two seconds after they happened, as a live source's are."""
    cursor = log._root.cursor()
    cursor.execute("UPDATE ws_main.events SET received_at = occurred_at + INTERVAL 2 SECOND")
    cursor.close()
    log._workspace("main").remembered.forget()  # nothing of ours changes a row in its place


def hourly(
    days: int, until: datetime, a_day: float, *, seed: int = 1, silent: tuple[int, int] = (0, 0)
) -> list[datetime]:
    """Moments by day and night, `silent` from one hour before the end to another."""
    rng = np.random.default_rng(seed)
    hour = np.arange(24)
    shape = np.exp(-(((hour - 14) / 5.0) ** 2))
    first = until - timedelta(days=days)
    found = []
    for place, n in enumerate(rng.poisson(np.tile(shape / shape.sum() * a_day, days))):
        before = days * 24 - place
        if not silent[1] < before <= silent[0]:
            found += [
                first + timedelta(hours=place, minutes=int(m)) for m in rng.integers(0, 60, n)
            ]
    return sorted(found)


def test_a_live_source_that_falls_silent_is_reported_while_it_lasts(log: Owner) -> None:
    now = clock()
    send(log, "site", hourly(100, now, 400), name="Page Viewed")
    send(log, "till", hourly(100, now, 400, seed=2), name="Sale")
    come_as_they_happen(log)
    fine = health.sources(log, UTC, at=now)
    assert [s.silent for s in fine] == [None, None]
    later = now + timedelta(hours=30)
    more = [now + timedelta(minutes=10 * n) for n in range(180)]
    with log.begin("main", source="till", label="more") as batch:
        batch.write("events", facts_of("more", more, name="Sale"))
        batch.commit()
    come_as_they_happen(log)
    found = {one.name: one for one in health.sources(log, UTC, at=later)}
    assert found["till"].silent is None
    (gap,) = health.silent_now(log, UTC, at=later)
    assert gap.source == "site"
    assert gap.until is None
    assert abs(gap.since - now) < timedelta(hours=12)
    assert gap.chance < 1e-7
