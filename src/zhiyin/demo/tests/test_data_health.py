"""Data health over the demo company: the silent kiosks are found, and no wolf is cried."""

from __future__ import annotations

from datetime import timedelta

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import health
from zhiyin.demo.tests.conftest import AIRLINE
from zhiyin.warehouse.owner import Owner

SHANGHAI = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")


def test_the_silent_kiosks_of_the_demo_are_found_and_nothing_else_is(airline: Owner) -> None:
    """Four days by the truth; every other source has nights, weekends and a typhoon."""
    found = {s.name: s for s in health.sources(airline, SHANGHAI)}
    first, last = (AIRLINE.date_of(day) for day in AIRLINE.stories.silent)
    (gap,) = found["kiosk"].gaps
    assert gap.since.date() <= first
    assert gap.until is not None
    assert gap.until.date() >= last - timedelta(days=1)
    assert gap.hours >= 96
    assert {name for name, source in found.items() if source.gaps} == {"kiosk"}
    assert not any(source.silent for source in found.values()), "what ends is not what is silent"
