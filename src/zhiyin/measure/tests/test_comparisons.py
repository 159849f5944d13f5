"""Comparisons: the right two sides, their shared customers, one family, the right periods."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import Period
from zhiyin.measure.comparisons import Comparison, compare
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import answer, csat, plant
from zhiyin.stats import nps, proportion
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse.log import Log

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 6, 1)
JUNE = date(2025, 6, 1)


def local(year: int, month: int, day: int, hour: int = 12) -> datetime:
    """A time in Shanghai as UTC."""
    return datetime(year, month, day, hour) - timedelta(hours=8)


def seeded(n: int, customers: int, seed: int = 7) -> list[dict[str, Any]]:
    """Answers of customers who fly again and again, at four touchpoints, over four months."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(0, 2, customers)
    rows = []
    for i in range(n):
        who = int(rng.integers(customers))
        place = int(rng.integers(4))
        marks = float(np.clip(round(7.5 + mood[who] + 0.8 * place + rng.normal(0, 1.5)), 0, 10))
        at = local(2026, 1 + int(rng.integers(4)), 1 + int(rng.integers(28)))
        touchpoint = None if place == 3 else f"touchpoint {place}"
        rows.append(
            answer(marks, id=f"a{i}", customer=f"c{who}", touchpoint=touchpoint, occurred_at=at)
        )
    return rows


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The same answers, for figures made without us."""
    found = pd.DataFrame(rows)
    found["vote"] = (found.score >= 9).astype(int) - (found.score <= 6).astype(int)
    found["month"] = (found.occurred_at + pd.Timedelta(hours=8)).dt.strftime("%Y-%m")
    return found


def by_group(rows: tuple[Comparison, ...], name: str = "touchpoint") -> dict[Any, Comparison]:
    return {(row.group[name], row.period): row for row in rows}


def difference_of(here: pd.DataFrame, there: pd.DataFrame) -> Any:
    cross = Cross.of(here.vote, here.customer, there.vote, there.customer)
    one = Totals.of(here.vote, here.customer)
    return nps.difference(one, Totals.of(there.vote, there.customer), cross)


def test_against_the_rest_counts_shared_customers(log: Log, settings: Settings) -> None:
    rows = seeded(900, 120)
    plant(log, settings.slug, "answers", rows)
    found = compare(log, settings, ScoreRequest("nps", by=("touchpoint",)), "rest", now=NOW)
    table = frame(rows)
    got = by_group(found.rows)
    assert set(got) == {(None, None), *((f"touchpoint {i}", None) for i in range(3))}
    for (touchpoint, _period), row in got.items():
        inside = table.touchpoint.isna() if touchpoint is None else table.touchpoint == touchpoint
        truth = difference_of(table[inside], table[~inside])
        assert row.value == pytest.approx(100 * table[inside].vote.mean())
        assert row.reference_value == pytest.approx(100 * table[~inside].vote.mean())
        assert row.difference == pytest.approx(100 * truth.difference)
        # How many customers the rest has is a lower bound, which moves p a little.
        assert row.p == pytest.approx(truth.p, rel=0.1, abs=1e-4)
        assert (row.n, row.reference_n) == (int(inside.sum()), int((~inside).sum()))
        assert row.method == truth.method
    alone = nps.difference(
        Totals.of(table[inside].vote, table[inside].customer),
        Totals.of(table[~inside].vote, table[~inside].customer),
    )
    assert alone is not None
    assert alone.p != pytest.approx(truth.p, rel=0.1)


def test_against_the_rest_by_month(log: Log, settings: Settings) -> None:
    rows = seeded(900, 120)
    plant(log, settings.slug, "answers", rows)
    request = ScoreRequest("nps", by=("touchpoint",), every="month")
    got = by_group(compare(log, settings, request, "rest", now=NOW).rows)
    table = frame(rows)
    assert len(got) == 16
    month = table[table.month == "2026-02"]
    inside = month.touchpoint == "touchpoint 1"
    row = got["touchpoint 1", "2026-02"]
    assert row.difference == pytest.approx(
        100 * (month[inside].vote.mean() - month[~inside].vote.mean())
    )


def test_per_customer_the_rest_is_the_latest_elsewhere(log: Log, settings: Settings) -> None:
    """Whole less group would be wrong here: a customer's latest answer may lie in the group."""
    rows = seeded(500, 60)
    for i, planted in enumerate(rows):
        planted["occurred_at"] += timedelta(seconds=i)
    plant(log, settings.slug, "answers", rows)
    request = ScoreRequest("nps", by=("touchpoint",), per="customer")
    got = by_group(compare(log, settings, request, "rest", now=NOW).rows)
    table = frame(rows).sort_values("occurred_at")
    for (touchpoint, _period), row in got.items():
        inside = table.touchpoint.isna() if touchpoint is None else table.touchpoint == touchpoint
        here, there = (table[side].groupby("customer").tail(1) for side in (inside, ~inside))
        truth = difference_of(here, there)
        assert row.value == pytest.approx(100 * here.vote.mean())
        assert row.reference_value == pytest.approx(100 * there.vote.mean())
        assert row.p == pytest.approx(truth.p)
        assert row.reference_customers == there.customer.nunique()


def test_two_months_of_the_same_customers(log: Log, settings: Settings) -> None:
    """Everybody is a little happier in March: certain for the same people, not for strangers."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(80):
        first = int(rng.integers(1, 5))
        rows.append(csat(float(first), id=f"f{i}", customer=f"c{i}", occurred_at=local(2026, 2, 5)))
        second = min(5, first + (i % 6 == 0))
        rows.append(
            csat(float(second), id=f"m{i}", customer=f"c{i}", occurred_at=local(2026, 3, 5))
        )
    plant(log, settings.slug, "answers", rows)
    request = ScoreRequest("rating", start=date(2026, 3, 1), end=date(2026, 4, 1))
    found = compare(log, settings, request, "previous", now=NOW)
    (row,) = found.rows
    assert (row.period, row.reference_period) == ("2026-03", "2026-02")
    assert row.marked
    assert row.p is not None
    assert row.p < 0.01
    strangers = [{**r, "customer": f"x{i}", "id": f"x{i}"} for i, r in enumerate(rows)]
    other = settings_for(settings.slug + "x")
    log.create(other.slug)
    plant(log, other.slug, "answers", strangers)
    (row,) = compare(log, other, request, "previous", now=NOW).rows
    log.drop(other.slug)
    assert not row.marked
    assert row.p is not None
    assert row.p > 0.2


def test_each_month_against_the_one_before(log: Log, settings: Settings) -> None:
    rows = seeded(900, 120)
    plant(log, settings.slug, "answers", rows)
    request = ScoreRequest("nps", by=("touchpoint",), every="month")
    found = compare(log, settings, request, "previous", now=NOW)
    got = by_group(found.rows)
    table = frame(rows)
    first = got["touchpoint 0", "2026-01"]
    assert (first.state, first.reference_n, first.difference) == ("too_few", 0, None)
    row = got["touchpoint 0", "2026-03"]
    side = table[table.touchpoint == "touchpoint 0"]
    truth = difference_of(side[side.month == "2026-03"], side[side.month == "2026-02"])
    assert row.difference == pytest.approx(100 * truth.difference)
    assert row.p == pytest.approx(truth.p)
    assert row.reference_period == "2026-02"
    # One family: every tested row of the table, and no other.
    assert found.tests == sum(row.p is not None for row in found.rows) == 12


def test_a_mark_and_its_interval_never_disagree(log: Log, settings: Settings) -> None:
    rows = seeded(2000, 800)
    plant(log, settings.slug, "answers", rows)
    for fdr in ("bh", "by"):
        found = compare(
            log, settings, ScoreRequest("nps", by=("touchpoint",)), "rest", fdr=fdr, now=NOW
        )
        marks = [row.marked for row in found.rows]
        assert any(marks)
        for row in found.rows:
            assert row.low is not None
            assert row.high is not None
            assert row.marked == (row.low > 0 or row.high < 0)


def test_an_unfinished_month_is_compared_with_as_many_days(log: Log, settings: Settings) -> None:
    days = [(m, d) for m in (4, 5) for d in range(1, 31)]
    rows = [csat(float(1 + (d > 10) * 4), occurred_at=local(2026, m, d)) for m, d in days]
    plant(log, settings.slug, "answers", rows)
    request = ScoreRequest("rating", start=date(2026, 5, 1), end=date(2026, 6, 1))
    noon = local(2026, 5, 11)
    (row,) = compare(log, settings, request, "previous", now=noon).rows
    # Ten whole days of each; the whole of April would have a mean of 3.7.
    assert (row.n, row.reference_n) == (10, 10)
    assert (row.value, row.reference_value) == (1.0, 1.0)
    assert "unfinished" in row.flags


def test_without_dates_the_last_whole_month_is_compared(log: Log, settings: Settings) -> None:
    rows = [csat(4.0, occurred_at=local(2026, month, 3)) for month in (1, 2, 3, 4, 5)]
    plant(log, settings.slug, "answers", rows)
    (row,) = compare(log, settings, ScoreRequest("csat"), "previous", now=local(2026, 5, 20)).rows
    assert (row.period, row.reference_period) == ("2026-04", "2026-03")


@pytest.mark.parametrize(
    ("against", "there"),
    [
        ("last-year", (date(2025, 2, 17), date(2025, 2, 24))),
        # Spring Festival: 17 February 2026, 29 January 2025.
        ("lunar-year", (date(2025, 1, 29), date(2025, 2, 5))),
        (Period.of_days(JUNE, date(2025, 6, 8), ZONE), (JUNE, date(2025, 6, 8))),
    ],
)  # fmt: skip
def test_the_spring_festival_week(
    log: Log, settings: Settings, against: Any, there: tuple[date, date]
) -> None:
    first = date(2025, 1, 1)
    rows = []
    for offset in range(450):
        day = first + timedelta(days=offset)
        happy = there[0] <= day < there[1]
        rows.append(csat(5.0 if happy else 1.0, occurred_at=local(day.year, day.month, day.day)))
    plant(log, settings.slug, "answers", rows)
    request = ScoreRequest("csat", start=date(2026, 2, 17), end=date(2026, 2, 24))
    (row,) = compare(log, settings, request, against, now=NOW).rows
    assert (row.reference_n, row.reference_value, row.value) == (7, 100.0, 0.0)


def test_against_a_value(log: Log, settings: Settings) -> None:
    rows = [csat(5.0 if i < 70 else 1.0, channel="app" if i % 2 else "shop") for i in range(100)]
    plant(log, settings.slug, "answers", rows)
    (row,) = compare(log, settings, ScoreRequest("csat"), 60.0, now=NOW).rows
    truth = proportion.against(Totals.of([1] * 70 + [0] * 30, range(100)), 0.6)
    assert row.difference == pytest.approx(10.0)
    assert row.reference_value == pytest.approx(60.0)
    assert row.p == pytest.approx(float(truth.p))
    with pytest.raises(Problem) as refused:
        compare(log, settings, ScoreRequest("csat"), 130.0, now=NOW)
    assert refused.value.code == "compare.against"


def test_small_bases(log: Log, settings: Settings) -> None:
    """9 customers show nothing, 29 are not tested, 99 are flagged; by customers, not answers.

    Of nine there are two groups, so that none but they need be left out.
    """
    strict = settings_for(settings.slug, minimum_base=10, test_base=30, small_base=100)
    sizes = {"nine": 9, "other nine": 9, "ten": 10, "29": 29, "30": 30, "99": 99, "100": 100}
    rows = [
        csat(float(1 + 4 * (i % 2)), customer=f"{name} {i}", channel=name, id=f"{name} {i} {k}")
        for name, size in sizes.items()
        for i in range(size)
        for k in range(3)
    ]
    plant(log, settings.slug, "answers", rows)
    request = ScoreRequest("csat", by=("channel",))
    shown = {row.group["channel"]: row for row in score(log, strict, request).rows}
    assert (shown["nine"].value, shown["nine"].n, shown["nine"].state) == (None, None, "too_few")
    assert (shown["ten"].value, shown["ten"].state) == (50.0, "ok")
    assert "small_base" in shown["99"].flags
    assert "small_base" not in shown["100"].flags
    tested = {
        row.group["channel"]: row for row in compare(log, strict, request, 40.0, now=NOW).rows
    }
    assert tested["nine"].difference is None
    assert tested["29"].difference == pytest.approx(10.0, abs=3)
    assert tested["29"].p is None
    assert not tested["29"].marked
    assert "no_test" in tested["29"].flags
    assert tested["30"].p is not None


def test_places_are_shared_by_those_who_cannot_be_told_apart(log: Log, settings: Settings) -> None:
    shares = {"best": 90, "good": 88, "poor": 30}
    rows = [
        csat(5.0 if i < share else 1.0, channel=name)
        for name, share in shares.items()
        for i in range(100)
    ]
    plant(log, settings.slug, "answers", rows)
    found = compare(log, settings, ScoreRequest("csat", by=("channel",)), "rest", now=NOW)
    places = {row.group["channel"]: row.place for row in found.rows}
    assert places == {"best": 1, "good": 1, "poor": 3}


def test_a_figure_of_customers_against_the_rest(log: Log, settings: Settings) -> None:
    """Who bought once in each of two channels bought twice in all: sums do not subtract."""
    rng = np.random.default_rng(5)
    rows = [
        {"customer": f"c{rng.integers(120)}", "channel": str(rng.choice(["app", "shop", "web"]))}
        for _order in range(300)
    ]
    plant(log, settings.slug, "orders", rows)
    found = compare(log, settings, ScoreRequest("repurchase", by=("channel",)), "rest", now=NOW)
    table = pd.DataFrame(rows)
    assert len(found.rows) == 3
    for row in found.rows:
        inside = table.channel == row.group["channel"]
        here, there = ((table[side].groupby("customer").size() >= 2) for side in (inside, ~inside))
        assert row.value == pytest.approx(100 * here.mean())
        assert row.reference_value == pytest.approx(100 * there.mean())
        cross = Cross.of(here.astype(int), here.index, there.astype(int), there.index)
        truth = proportion.difference(
            Totals.of(here.astype(int), here.index),
            Totals.of(there.astype(int), there.index),
            cross,
        )
        assert truth is not None
        assert row.p == pytest.approx(truth.p)
