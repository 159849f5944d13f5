"""A table of groups and its total: no subtraction gives the figure of too few customers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import parse
from zhiyin.measure.comparisons import Comparison, compare
from zhiyin.measure.references import Against
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Score, score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import csat, plant
from zhiyin.warehouse.log import Log

NOW = datetime(2026, 6, 1)
SIZES = {"app": 200, "shop": 60, "web": 45, "fax": 4}
HIDDEN = (None, None, None, None, None)


@pytest.fixture
def strict(settings: Settings) -> Settings:
    return settings_for(settings.slug, minimum_base=10, test_base=30, small_base=100)


def planted(log: Log, settings: Settings, sizes: dict[str, int], **more: Any) -> None:
    rows = [
        csat(float(1 + i % 5), customer=f"{name} {i}", id=f"{name} {i}", channel=name, **more)
        for name, size in sizes.items()
        for i in range(size)
    ]
    plant(log, settings.slug, "answers", rows)


def by_channel(rows: Any) -> dict[Any, Any]:
    return {row.group["channel"]: row for row in rows}


def figures(row: Score) -> tuple[object, ...]:
    return row.value, row.low, row.high, row.n, row.customers


def test_the_smallest_other_group_is_withheld(log: Log, strict: Settings) -> None:
    planted(log, strict, SIZES)
    found = score(log, strict, ScoreRequest("csat", by=("channel",)), now=NOW)
    rows: dict[Any, Score] = by_channel(found.rows)
    states = {name: row.state for name, row in rows.items()}
    assert states == {"app": "ok", "shop": "ok", "web": "withheld", "fax": "too_few"}
    assert figures(rows["web"]) == figures(rows["fax"]) == HIDDEN
    assert rows["web"].design_effect is rows["fax"].design_effect is None
    assert (rows["web"].flags, rows["fax"].flags) == ((), ("small_base",))
    left = (found.total.customers or 0) - sum(row.customers or 0 for row in found.rows)
    assert left == 49
    assert found.as_dict()["minimum_base"] == 10


def test_two_small_groups_that_are_enough_together(log: Log, strict: Settings) -> None:
    planted(log, strict, {"app": 200, "shop": 60, "web": 6, "fax": 4})
    rows = score(log, strict, ScoreRequest("csat", by=("channel",)), now=NOW).rows
    assert Counter(row.state for row in rows) == {"ok": 2, "too_few": 2}


def test_two_small_groups_of_the_same_customers_are_not_enough(log: Log, strict: Settings) -> None:
    """Six by telephone and the same six by fax are six people."""
    planted(log, strict, {"app": 200, "shop": 60})
    both = [
        csat(5.0, customer=f"c{i}", id=f"{name} {i}", channel=name)
        for name in ("telephone", "fax")
        for i in range(6)
    ]
    plant(log, strict.slug, "answers", both)
    rows = by_channel(score(log, strict, ScoreRequest("csat", by=("channel",)), now=NOW).rows)
    assert {name for name, row in rows.items() if row.state == "withheld"} == {"shop"}


def test_a_whole_of_too_few_says_not_how_few(log: Log, strict: Settings) -> None:
    """What the states would tell is left out with the rest; those who said nothing are counted."""
    planted(log, strict, SIZES)
    plant(log, strict.slug, "answers", [csat(None, channel="fax", answer_state="skipped")])
    request = ScoreRequest("csat", where=parse("channel = 'fax'"))
    found = score(log, strict, request, now=NOW)
    assert figures(found.total) == HIDDEN
    assert found.states == {"skipped": 1}
    nobody = score(log, strict, ScoreRequest("csat", where=parse("channel = 'post'")), now=NOW)
    assert (nobody.total.n, nobody.total.customers, nobody.total.state) == (0, 0, "too_few")


@pytest.mark.parametrize("metric", ["csat", "rating"])
@pytest.mark.parametrize("sizes", [SIZES, {"app": 200, "fax": 4}, {"app": 60, "a": 3, "b": 3}])
def test_nobody_can_calculate_it_from_a_table_and_its_comparisons(
    log: Log, strict: Settings, metric: str, sizes: dict[str, int]
) -> None:
    """All that is shown as equations of the groups' sums; catches the rest of a hidden group."""
    planted(log, strict, sizes)
    request = ScoreRequest(metric, by=("channel",))
    found = score(log, strict, request, now=NOW)
    rows: dict[Any, Comparison] = by_channel(compare(log, strict, request, "rest", now=NOW).rows)
    names = list(sizes)
    shown = [np.ones(len(names))]
    for row in found.rows:
        here = np.array([name == row.group["channel"] for name in names], dtype=float)
        beside = rows[row.group["channel"]]
        assert (row.state == "ok") == (beside.value is not None)
        if row.n is not None or row.value is not None:
            shown.append(here)
        if beside.reference_n is not None or beside.reference_value is not None:
            shown.append(1 - here)
    equations = np.array(shown)
    known = np.diag(np.linalg.pinv(equations) @ equations)
    for name, size in sizes.items():
        assert size >= 10 or known[names.index(name)] < 0.99


def test_a_withheld_group_is_not_tested_and_has_no_place(log: Log, strict: Settings) -> None:
    """Its p-value against a known figure would be its figure."""
    planted(log, strict, SIZES)
    request = ScoreRequest("csat", by=("channel",))
    against: Against
    for against in ("rest", 40.0):
        found = compare(log, strict, request, against, now=NOW)
        rows: dict[Any, Comparison] = by_channel(found.rows)
        web = rows["web"]
        assert (web.state, web.n, web.customers, web.flags) == ("withheld", None, None, ())
        assert {web.value, web.difference, web.low, web.p, web.q, web.place} == {None}
        assert not web.marked
        assert found.tests == 2
        assert rows["shop"].p is not None
        assert rows["shop"].place is not None
    assert (web.reference_value, rows["fax"].state) == (40.0, "too_few")


def monthly(sizes: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """So many new customers of each channel in each month from January on."""
    return [
        csat(
            float(1 + i % 5),
            customer=f"{name} {month} {i}",
            id=f"{name} {month} {i}",
            channel=name,
            occurred_at=datetime(2026, 1, 15) + timedelta(days=30 * month),
        )
        for name, months in sizes.items()
        for month, size in enumerate(months)
        for i in range(size)
    ]


MONTHLY = {"app": (90, 80, 85), "shop": (40, 35, 50), "web": (20, 4, 25)}


def test_a_series_of_groups_has_two_totals(log: Log, strict: Settings) -> None:
    """February of the web: the month less the others, or the web less its other months."""
    plant(log, strict.slug, "answers", monthly(MONTHLY))
    request = ScoreRequest("csat", by=("channel",), every="month")
    states = {
        (row.group["channel"], (row.period or "")[-2:]): row.state
        for row in score(log, strict, request, now=NOW).rows
    }
    hidden = {cell for cell, state in states.items() if state != "ok"}
    assert hidden == {("web", "02"), ("web", "01"), ("shop", "02"), ("shop", "01")}
    assert states["web", "02"] == "too_few"
    against: Against
    for against in ("rest", "previous", 50.0):
        rows = compare(log, strict, request, against, now=NOW).rows
        for row in rows:
            cell = row.group["channel"], (row.period or "")[-2:]
            assert (row.value is None) == (cell in hidden), against
            earlier = row.group["channel"], (row.reference_period or "")[-2:]
            if row.reference_n and earlier in states:
                assert earlier not in hidden


def test_a_group_too_small_before_is_not_the_whole_less_the_others(
    log: Log, strict: Settings
) -> None:
    """In February the web had four: what the shop had then would tell, and is withheld."""
    plant(log, strict.slug, "answers", monthly(MONTHLY))
    request = ScoreRequest("csat", by=("channel",), start=date(2026, 3, 1), end=date(2026, 4, 1))
    rows: dict[Any, Comparison] = by_channel(
        compare(log, strict, request, "previous", now=NOW).rows
    )
    states = {name: row.state for name, row in rows.items()}
    assert states == {"app": "ok", "shop": "withheld", "web": "too_few"}
    assert rows["shop"].n == 50
    assert (rows["shop"].reference_n, rows["shop"].reference_value) == (None, None)
    assert rows["shop"].p is None


@pytest.mark.parametrize("every", [None, "month"])
def test_where_sums_do_not_subtract_the_same_is_withheld(
    log: Log, strict: Settings, every: Any
) -> None:
    """Per customer each group is asked for on its own; what is withheld is found all the same."""
    plant(log, strict.slug, "answers", monthly({**MONTHLY, "fax": (3, 1, 2)}))
    request = ScoreRequest("csat", by=("channel",), every=every, per="customer")
    shown = {
        (row.group["channel"], row.period): row.state
        for row in score(log, strict, request, now=NOW).rows
    }
    rows = compare(log, strict, request, "rest", now=NOW).rows
    assert {(row.group["channel"], row.period): row.state for row in rows} == shown
    assert "withheld" in shown.values()


def test_a_value_that_is_not_a_number_is_a_group(log: Log, strict: Settings) -> None:
    rows = [
        {**row, "d_rebate": float("nan") if row["channel"] == "web" else 1.0}
        for row in monthly(MONTHLY)
    ]
    plant(log, strict.slug, "answers", rows, {"rebate": "float"})
    request = ScoreRequest("csat", by=("rebate",), every="month")
    found = score(log, strict, request, now=NOW)
    assert Counter(row.state for row in found.rows) == {"ok": 2, "withheld": 3, "too_few": 1}
