"""Rolling figures are those of the same days asked for on their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.measure import rolling
from zhiyin.measure.comparisons import compare, scored_and_compared
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import answer, plant
from zhiyin.measure.tests.test_comparisons import seeded
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 1)
ASKED = ScoreRequest("nps", by=("touchpoint",), every="month")


@pytest.fixture(scope="module")
def held(log: Owner) -> Iterator[Settings]:
    """Four months of answers of customers who answer again."""
    log.create("rolling")
    plant(log, "rolling", "answers", seeded(900, 120))
    yield settings_for("rolling")
    log.drop("rolling")


def test_each_window_has_the_figures_of_its_own_days(log: Owner, held: Settings) -> None:
    found = rolling.score(log, held, ASKED, days=45, now=NOW)
    ends = sorted({row.period for row in found.rows if row.period})
    assert ends == ["2026-02-28", "2026-03-31", "2026-04-30"]
    for end in ends:
        last = date.fromisoformat(end)
        alone = replace(
            ASKED, every=None, start=last - timedelta(days=44), end=last + timedelta(days=1)
        )
        own = {row.group["touchpoint"]: row for row in score(log, held, alone, now=NOW).rows}
        mine = {row.group["touchpoint"]: row for row in found.rows if row.period == end}
        assert mine.keys() == own.keys()
        for name, row in mine.items():
            assert (row.value, row.low, row.high, row.n, row.customers) == (
                own[name].value, own[name].low, own[name].high, own[name].n, own[name].customers,
            )  # fmt: skip


def test_no_answer_counts_twice_in_the_total(log: Owner, held: Settings) -> None:
    found = rolling.score(log, held, ASKED, days=45, now=NOW)
    assert (found.start, found.end) == (date(2026, 1, 15), date(2026, 5, 1))
    alone = score(log, held, ScoreRequest("nps", start=found.start, end=found.end), now=NOW)
    assert (found.total.n, found.total.value) == (alone.total.n, alone.total.value)
    windows = sum(row.n or 0 for row in found.rows)
    assert found.total.n is not None
    assert windows > found.total.n


def test_dates_bound_the_ends_of_the_windows(log: Owner, held: Settings) -> None:
    asked = replace(ASKED, start=date(2026, 4, 1), end=date(2026, 5, 1))
    found = rolling.score(log, held, asked, days=45, now=NOW)
    assert {row.period for row in found.rows} == {"2026-04-30"}


def test_a_group_of_a_window_that_would_give_another_away_is_withheld(
    log: Owner, fresh: str
) -> None:
    rows = [answer(9, customer=f"a{n}", touchpoint="A") for n in range(30)]
    rows += [answer(9, customer=f"b{n}", touchpoint="B") for n in range(20)]
    rows += [answer(3, customer=f"c{n}", touchpoint="C") for n in range(3)]
    before = [answer(9, customer="z", occurred_at=datetime(2025, 12, 1))]
    plant(log, fresh, "answers", [*rows, *before])
    few = settings_for(fresh, minimum_base=10, test_base=10, small_base=10)
    found = rolling.score(log, few, ASKED, days=45, now=datetime(2026, 4, 2))
    march = {r.group["touchpoint"]: r.state for r in found.rows if r.period == "2026-03-31"}
    assert march == {"A": "ok", "B": "withheld", "C": "too_few"}


@pytest.mark.parametrize(("days", "every"), [(1, "month"), (5000, "month"), (90, None)])
def test_what_cannot_roll_is_said(log: Owner, held: Settings, days: int, every: str | None) -> None:
    asked = replace(ASKED, every=every)  # type: ignore[arg-type]
    with pytest.raises(Problem) as refused:
        rolling.score(log, held, asked, days=days, now=NOW)
    assert refused.value.code == "score.rolling"


# Two groups


def test_two_groups_differ_as_their_own_figures_do(log: Owner, held: Settings) -> None:
    here = parse("touchpoint = 'touchpoint 2'")
    there = parse("touchpoint = 'touchpoint 0'")
    asked = ScoreRequest("nps", where=here)
    (row,) = compare(log, held, asked, there, now=NOW).rows
    one = score(log, held, asked, now=NOW).total
    two = score(log, held, ScoreRequest("nps", where=there), now=NOW).total
    assert (row.value, row.n, row.customers) == (one.value, one.n, one.customers)
    assert (row.reference_value, row.reference_n) == (two.value, two.n)
    assert one.value is not None
    assert two.value is not None
    assert row.difference == pytest.approx(one.value - two.value)
    assert row.p is not None
    assert row.p < 0.05


def test_a_group_against_all_others_is_the_comparison_with_the_rest(
    log: Owner, held: Settings
) -> None:
    """Would catch shared customers counted as if the groups had none."""
    asked = ScoreRequest("nps", where=parse("touchpoint = 'touchpoint 0'"))
    (row,) = compare(log, held, asked, parse("not (touchpoint = 'touchpoint 0')"), now=NOW).rows
    rows = compare(log, held, ScoreRequest("nps", by=("touchpoint",)), "rest", now=NOW).rows
    rest = next(r for r in rows if r.group["touchpoint"] == "touchpoint 0")
    assert row.difference == pytest.approx(rest.difference)
    assert row.p == pytest.approx(rest.p)
    assert row.reference_n == rest.reference_n


def test_scales_are_not_mixed_between_two_groups(
    log: Owner, fresh: str, settings: Settings
) -> None:
    rows = [answer(4, touchpoint="A", metric="csat", scale_min=1.0, scale_max=5.0)]
    rows += [answer(4, touchpoint="B", metric="csat", scale_min=1.0, scale_max=7.0)]
    plant(log, fresh, "answers", rows)
    asked = ScoreRequest("top_box", where=parse("touchpoint = 'A'"))
    with pytest.raises(Problem) as refused:
        compare(log, settings, asked, parse("touchpoint = 'B'"), now=NOW)
    assert refused.value.code == "score.mixed-scales"


def test_two_groups_are_not_broken_down(log: Owner, held: Settings) -> None:
    with pytest.raises(Problem, match="as wholes"):
        compare(log, held, ASKED, parse("channel = 'app'"), now=NOW)


@pytest.mark.parametrize("against", ["rest", 20.0, "previous"])
def test_counted_once_or_twice_the_figures_are_the_same(
    log: Owner, held: Settings, against: str | float
) -> None:
    asked = ScoreRequest("nps", by=("touchpoint",), start=date(2026, 4, 1), end=date(2026, 5, 1))
    found, compared = scored_and_compared(log, held, asked, against, now=NOW)  # type: ignore[arg-type]
    assert found.as_dict() == score(log, held, asked, now=NOW).as_dict()
    alone = compare(log, held, asked, against, now=NOW)  # type: ignore[arg-type]
    assert compared.as_dict() == alone.as_dict()
