"""The pages about statistics name what the code returns."""

from pathlib import Path

import numpy as np
import pytest

from zhiyin.stats import coverage, mean, nps, proportion, ratio
from zhiyin.stats.totals import Totals

DOCS = Path(__file__).parents[4] / "docs"


def test_every_method_is_explained() -> None:
    page = (DOCS / "statistics.md").read_text(encoding="utf-8")
    cells = Totals.stack([Totals.of([1, 0, 1], range(3))])
    rooms = (nps, proportion, mean, ratio)
    named = {room.estimates(cells).method for room in rooms}
    named |= {room.differences(cells, cells).method for room in rooms}
    named |= {room.against(cells, np.array([0.5])).method for room in rooms}
    named |= {"wald", "bh", "by", "too_few", "no_test", "small_base"}
    assert sorted(name for name in named if f"`{name}`" not in page) == []


@pytest.mark.parametrize("statistic", coverage.STATISTICS, ids=lambda each: each.name[:4])
def test_coverage_is_printed_for_every_statistic(statistic: coverage.Statistic) -> None:
    page = (DOCS / "coverage.md").read_text(encoding="utf-8")
    assert f"## {statistic.name}\n" in page
    for mix in statistic.mixes:
        assert page.count(f"| {mix.name} |") >= len(coverage.CUSTOMERS)
        assert page.count(f"| {mix.name}, weighted |") == len(coverage.CUSTOMERS)
