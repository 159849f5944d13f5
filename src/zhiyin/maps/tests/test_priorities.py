"""What to do first: the order by what is certain, and what groups bring in, counted another way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy import stats as scipy_stats

from zhiyin.accounts.workspaces import Settings
from zhiyin.maps.figures import figures
from zhiyin.maps.priorities import ranked, worths
from zhiyin.maps.seen import Seen
from zhiyin.maps.tests import test_figures
from zhiyin.maps.tests.test_figures import TRIP
from zhiyin.measure.tests.planting import plant
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "UTC", 0, "CNY", "en", minimum_base=5, test_base=30)
MAY = Seen(date(2026, 5, 1), date(2026, 6, 1))
GROUPS = {"rich": "`did Rich` >= 1", "many": "`did Many` >= 1", "few": "`did Few` >= 1", "all": ""}


def members(group: str) -> range:
    return {"rich": range(20), "many": range(10, 200), "few": range(3), "all": range(200)}[group]


def spent(customer: int) -> float:
    """In May; the first twenty much, every second one of the others a little."""
    if customer < 20:
        return 1000.0 + 50 * customer
    return 30.0 + customer if customer % 2 else 0.0


@pytest.fixture(scope="module")
def log(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    data = tmp_path_factory.mktemp("worth") / "data"
    shutil.copytree(empty_log, data)
    with Owner(data) as owner:
        may = datetime(2026, 5, 3)
        events = [
            {"id": f"{group}{n}", "name": group.title(), "customer": f"c{n}",
             "occurred_at": may - timedelta(days=90)}
            for group in ("rich", "many", "few")
            for n in members(group)
        ]  # fmt: skip
        orders = [
            {"customer": f"c{n}", "amount": spent(n) / 2, "currency": currency,
             "occurred_at": may + timedelta(days=days, minutes=n)}
            for n in range(200)
            if spent(n)
            # Half of it twice; what was in April, and in another currency, does not count.
            for days, currency in ((0, "CNY"), (9, "CNY"), (-20, "CNY"), (2, "USD"))
        ]  # fmt: skip
        plant(owner, "main", "events", events)
        plant(owner, "main", "orders", [{"id": f"o{at}", **one} for at, one in enumerate(orders)])
        yield owner


def test_groups_stand_by_what_they_bring_for_certain(log: Owner) -> None:
    """Would catch orders of other months or currencies, and intervals over orders."""
    found = {one.key: one for one in worths(log, MAIN, MAY, GROUPS)}
    for group in ("rich", "many", "all"):
        amounts = [spent(n) for n in members(group)]
        told = found[group]
        assert told.customers == len(amounts)
        assert told.money == pytest.approx(sum(amounts))
        mean, size = float(np.mean(amounts)), len(amounts)
        half = scipy_stats.sem(amounts) * scipy_stats.t.ppf(0.975, size - 1)
        assert told.low == pytest.approx(size * (mean - half), rel=0.02)
        assert told.high == pytest.approx(size * (mean + half), rel=0.02)
    order = [one.key for one in worths(log, MAIN, MAY, GROUPS)]
    assert order == ["all", "rich", "many", "few"]


def test_what_few_customers_bring_is_not_told(log: Owner) -> None:
    few = next(one for one in worths(log, MAIN, MAY, GROUPS) if one.key == "few")
    assert (few.customers, few.money, few.low, few.high) == (None, None, None, None)
    # Many are in it, and too few of them ordered anything.
    strict = replace(MAIN, minimum_base=21, test_base=30)
    rule = {"some": "`did Many` >= 1 and not (`did Rich` >= 1)"}
    (some,) = worths(log, replace(strict, minimum_base=95), MAY, rule)
    assert (some.customers, some.money) == (180, None)


@pytest.fixture(scope="module")
def trip(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    data = tmp_path_factory.mktemp("trip") / "data"
    shutil.copytree(empty_log, data)
    with Owner(data) as owner:
        test_figures._plant(owner)
        yield owner


def test_the_first_is_needed_most_and_lacks_most_for_certain(trip: Owner) -> None:
    found = figures(trip, test_figures.MAIN, TRIP, MAY, now=test_figures.NOW)
    told = ranked(found)
    assert {one.figures.node.id for one in told} == {one.id for one in TRIP.nodes}
    weights = []
    for one in told:
        needed, easy = one.figures.traffic.necessity_low, one.figures.convenience
        if needed is None or easy is None:
            assert (one.place, one.weight) == (0, None)
            continue
        weights.append(needed * (100.0 - easy.high))
        assert one.weight == pytest.approx(weights[-1])
        assert one.place == len(weights)
    assert weights == sorted(weights, reverse=True)
    assert len(weights) == 2
