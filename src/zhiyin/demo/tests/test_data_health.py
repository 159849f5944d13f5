"""Data health over the demo company: the silent kiosks are found, and no wolf is cried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import health
from zhiyin.demo import filling
from zhiyin.demo.plan import Plan
from zhiyin.warehouse.owner import Owner

SHANGHAI = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Owner]:
    with Owner(tmp_path) as owner:
        owner.create("main")
        yield owner


def test_the_silent_kiosks_of_the_demo_are_found_and_nothing_else_is(
    log: Owner, tmp_path: Path
) -> None:
    """Four days by the truth; every other source has nights, weekends and a typhoon."""
    plan = Plan(customers=6000)
    filling.fill(log, "main", plan, folder=tmp_path / "demo", progress=lambda _done, _of: None)
    found = {s.name: s for s in health.sources(log, SHANGHAI)}
    first, last = (plan.date_of(day) for day in plan.stories.silent)
    (gap,) = found["kiosk"].gaps
    assert gap.since.date() <= first
    assert gap.until is not None
    assert gap.until.date() >= last - timedelta(days=1)
    assert gap.hours >= 96
    assert {name for name, source in found.items() if source.gaps} == {"kiosk"}
    assert not any(source.silent for source in found.values()), "what ends is not what is silent"
