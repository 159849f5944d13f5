"""Scores: periods in the workspace's days, groups in words, what is shown and what is not."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Score, Scores, score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import answer, csat, nps_answers, plant
from zhiyin.stats import mean, nps
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.log import Log

NOW = datetime(2026, 6, 1)


def asked(log: Log, settings: Settings, metric: str, **rest: Any) -> Scores:
    now = rest.pop("now", NOW)
    return score(log, settings, ScoreRequest(metric, **rest), now=now)


def by_group(found: Scores, name: str) -> dict[Any, Score]:
    return {row.group[name]: row for row in found.rows}


def test_a_day_is_a_day_of_the_workspace(log: Log, settings: Settings) -> None:
    """17:00 UTC on 31 March is April in Shanghai and March in São Paulo."""
    plant(log, settings.slug, "answers", [csat(5.0, occurred_at=datetime(2026, 3, 31, 17))])
    (row,) = asked(log, settings, "csat", every="month").rows
    assert row.period == "2026-04"
    brazil = settings_for(settings.slug, timezone="America/Sao_Paulo")
    (row,) = asked(log, brazil, "csat", every="month").rows
    assert row.period == "2026-03"


def test_windows_are_half_open(log: Log, settings: Settings) -> None:
    midnight = datetime(2026, 3, 31, 16)
    times = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(days=30)]
    plant(log, settings.slug, "answers", [csat(5.0, occurred_at=at) for at in times])
    april = {"start": date(2026, 4, 1), "end": date(2026, 5, 1)}
    found = asked(log, settings, "csat", **april)
    assert found.total.n == 1
    assert (found.start, found.end) == (date(2026, 4, 1), date(2026, 5, 1))
    everything = asked(log, settings, "csat")
    assert everything.total.n == 3
    assert (everything.start, everything.end) == (date(2026, 3, 31), date(2026, 5, 2))


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter"])
def test_series_equal_pandas(log: Log, settings: Settings, grain: str) -> None:
    rng = np.random.default_rng(1)
    start = datetime(2025, 11, 20)
    rows = [
        csat(float(rng.integers(1, 6)), occurred_at=start + timedelta(minutes=int(minute)))
        for minute in rng.integers(0, 60 * 24 * 120, 600)
    ]
    plant(log, settings.slug, "answers", rows)
    found = asked(log, settings, "rating", every=grain)
    table = pd.DataFrame(rows)
    at = table.occurred_at + pd.Timedelta(hours=8)
    name = {
        "day": at.dt.strftime("%Y-%m-%d"),
        "week": at.dt.strftime("%G-W%V"),
        "month": at.dt.strftime("%Y-%m"),
        "quarter": at.dt.year.astype(str) + "-Q" + at.dt.quarter.astype(str),
    }[grain]
    truth = table.groupby(name).score.mean()
    assert {row.period: row.value for row in found.rows} == pytest.approx(truth.to_dict())
    assert [row.period for row in found.rows] == sorted(truth.index)


def test_the_total_is_a_figure_of_its_own(log: Log, settings: Settings) -> None:
    """Per customer, ana counts once in each channel and once in all: 1 + 2 is not 2 + 1."""
    rows = [
        answer(10.0, customer="ana", channel="app", occurred_at=datetime(2026, 3, 1)),
        answer(0.0, customer="ana", channel="shop", occurred_at=datetime(2026, 3, 2)),
        answer(10.0, customer="ben", channel="app", occurred_at=datetime(2026, 3, 3)),
    ]
    plant(log, settings.slug, "answers", rows)
    found = asked(log, settings, "nps", by=("channel",), per="customer")
    assert {row.group["channel"]: row.value for row in found.rows} == {"app": 100.0, "shop": -100.0}
    assert (found.total.value, found.total.n) == (0.0, 2)


def test_per_customer_over_several_questions_is_flagged(log: Log, settings: Settings) -> None:
    rows = [
        answer(10.0, customer=who, question=question, id=f"{who} {question}")
        for who in ("ana", "ben")
        for question in ("first", "second")
    ]
    plant(log, settings.slug, "answers", rows)
    found = asked(log, settings, "nps", by=("question",), per="customer")
    assert found.total.flags == ("several_questions",)
    assert [row.flags for row in found.rows] == [(), ()]
    assert asked(log, settings, "nps").total.flags == ()


def test_amounts_in_two_currencies_are_not_added(log: Log, settings: Settings) -> None:
    rows = [{"amount": 10.0, "currency": currency} for currency in ("CNY", "EUR", "EUR")]
    plant(log, settings.slug, "orders", rows)
    with pytest.raises(Problem) as refused:
        asked(log, settings, "order_value")
    assert refused.value.code == "score.mixed-currencies"
    chosen = parse(str(refused.value.hint).split('"')[1])
    assert asked(log, settings, "order_value", where=chosen).total.n == 1


def test_of_equal_times_the_later_arrival_is_the_latest(log: Log, settings: Settings) -> None:
    rows = [answer(0.0, customer="ana"), answer(10.0, customer="ana")]
    plant(log, settings.slug, "answers", rows)
    assert asked(log, settings, "nps", per="customer").total.value == 100.0


def test_groups_are_words_and_the_missing_one_is_null(log: Log, settings: Settings) -> None:
    rows = [
        csat(5.0, d_state="SP", d_late=True, d_seats=2),
        csat(1.0, d_state="RJ", d_late=False, d_seats=10),
        csat(4.0, d_state=None, d_late=None, d_seats=None),
    ]
    kinds = {"state": "text", "late": "bool", "seats": "int"}
    plant(log, settings.slug, "answers", rows, kinds)
    states = asked(log, settings, "csat", by=("state",))
    assert [row.group for row in states.rows] == [{"state": "RJ"}, {"state": "SP"}, {"state": None}]
    seats = asked(log, settings, "csat", by=("seats",))
    assert [row.group["seats"] for row in seats.rows] == [2, 10, None]
    both = asked(log, settings, "csat", by=("late", "state"))
    assert [tuple(row.group.values()) for row in both.rows] == [
        (False, "RJ"), (True, "SP"), (None, None),
    ]  # fmt: skip


def test_a_column_that_cannot_be_broken_down(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [csat(5.0)])
    for name, code in (
        ("colour", "score.no-such-column"),
        ("customer", "score.cannot-break-down"),
        ("occurred_at", "score.cannot-break-down"),
        ("about_id", "score.cannot-break-down"),
    ):
        with pytest.raises(Problem) as refused:
            asked(log, settings, "csat", by=(name,))
        assert refused.value.code == code
        assert "touchpoint" in str(refused.value.hint)


def test_a_series_covers_what_the_log_holds(log: Log, settings: Settings) -> None:
    """A hundred asked years are no hundred years of SQL; a hundred held ones are refused."""
    plant(log, settings.slug, "answers", [csat(5.0)])
    century = {"start": date(1926, 1, 1), "end": date(2027, 1, 1), "every": "day"}
    assert [row.period for row in asked(log, settings, "csat", **century).rows] == ["2026-03-10"]
    plant(log, settings.slug, "answers", [csat(5.0, id="old", occurred_at=datetime(1926, 3, 1))])
    with pytest.raises(Problem) as refused:
        asked(log, settings, "csat", **century)
    assert refused.value.code == "score.too-many-periods"
    century["every"] = "month"
    assert len(asked(log, settings, "csat", **century).rows) == 2


def test_nothing_in_the_log_is_no_error(log: Log, settings: Settings) -> None:
    found = asked(log, settings, "nps", by=("channel",), every="month")
    assert found.rows == ()
    assert (found.total.n, found.total.value, found.total.state) == (0, None, "too_few")
    assert found.as_dict()["from"] is None


def test_intervals_are_those_of_the_statistics(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", nps_answers(45, 35, 20))
    total = asked(log, settings, "nps", confidence=0.9).total
    truth = nps.estimate(Totals.of([1] * 45 + [0] * 35 + [-1] * 20, range(100)), confidence=0.9)
    assert truth is not None
    assert truth.low is not None
    assert truth.high is not None
    assert total.method == "adjusted-wald"
    expected = [25.0, truth.low * 100, truth.high * 100]
    assert [total.value, total.low, total.high] == pytest.approx(expected)


def test_weights_count_where_the_log_holds_them(log: Log, settings: Settings) -> None:
    scores, weights = [5.0, 1.0, 3.0, 2.0], [3.0, 1.0, None, 0.0]
    rows = [
        answer(s, question="r", metric="rating", scale_min=1.0, scale_max=5.0, weight=w)
        for s, w in zip(scores, weights, strict=True)
    ]
    plant(log, settings.slug, "answers", rows)
    found = asked(log, settings, "rating").total
    truth = mean.estimate(Totals.of([5, 1, 3], range(3), [3, 1, 1]), scale=(1, 5))
    assert truth is not None
    assert found.value == pytest.approx((15 + 1 + 3) / 5) == truth.value
    assert [found.low, found.high] == pytest.approx([truth.low, truth.high])
    assert "weighted" in found.flags
    plain = asked(log, settings, "rating", weighted=False).total
    assert plain.value == pytest.approx(11 / 4)
    assert plain.flags == ()


def test_csat_where_one_is_best(log: Log, settings: Settings) -> None:
    rows = [csat(s, direction="down") for s in (1.0, 2.0, 3.0, 5.0)]
    plant(log, settings.slug, "answers", rows)
    assert asked(log, settings, "csat").total.value == 50.0
    assert asked(log, settings, "top_box").total.value == 50.0
    assert asked(log, settings, "bottom_box").total.value == 25.0
    assert asked(log, settings, "rating").better == "down"
    assert asked(log, settings, "bottom_box").better == "down"
    assert asked(log, settings, "net_box").total.value == 25.0


def test_csat_on_another_scale_is_refused(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [{**csat(7.0), "scale_max": 10.0}])
    with pytest.raises(Problem) as refused:
        asked(log, settings, "csat")
    assert refused.value.code == "score.wrong-scale"
    assert "top_box" in str(refused.value.hint)
    assert asked(log, settings, "top_box").total.value == 0.0
    assert asked(log, settings, "rating").total.value == 7.0


def test_a_rating_and_a_satisfaction_are_not_averaged(log: Log, settings: Settings) -> None:
    rating = answer(1.0, question="food", metric="rating", scale_min=1.0, scale_max=5.0)
    plant(log, settings.slug, "answers", [csat(5.0), rating])
    with pytest.raises(Problem) as refused:
        asked(log, settings, "rating")
    assert refused.value.code == "score.mixed-measures"
    assert asked(log, settings, "rating", questions=("food",)).total.value == 1.0
    with pytest.raises(Problem) as unknown:
        asked(log, settings, "rating", questions=("fod",))
    assert unknown.value.code == "score.no-such-question"
    assert "food" in str(unknown.value.hint)


def test_mixing_outside_the_window_is_no_mixing(log: Log, settings: Settings) -> None:
    old = answer(3.0, question="old", scale_min=1.0, occurred_at=datetime(2020, 1, 1))
    plant(log, settings.slug, "answers", [old, *nps_answers(1, 0, 0)])
    assert asked(log, settings, "nps", start=date(2026, 1, 1)).total.value == 100.0
    where = parse("scale_min = 0")
    assert asked(log, settings, "nps", where=where).questions == ("recommend",)


def test_as_of_shows_what_was_known_then(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [csat(5.0, id="first")])
    then = log.imports(settings.slug)[0].committed_at
    plant(log, settings.slug, "answers", [csat(1.0, id="second")])
    assert asked(log, settings, "csat").total.value == 50.0
    found = asked(log, settings, "csat", as_of=then)
    assert found.total.value == 100.0
    assert found.as_of == then


def test_by_date_of_the_experience(log: Log, settings: Settings) -> None:
    """Trap 7. Flown in March, answered in April."""
    flown, answered = datetime(2026, 3, 30, 4), datetime(2026, 4, 2, 4)
    rows = [
        csat(5.0, occurred_at=answered, experienced_at=flown),
        csat(1.0, occurred_at=answered, experienced_at=None),
    ]
    plant(log, settings.slug, "answers", rows)
    april = asked(log, settings, "csat", every="month").rows
    assert [(row.period, row.n) for row in april] == [("2026-04", 2)]
    months = asked(log, settings, "csat", every="month", date_of="experience").rows
    assert [(row.period, row.value) for row in months] == [("2026-03", 100.0), ("2026-04", 0.0)]


def test_a_month_that_is_not_over(log: Log, settings: Settings) -> None:
    rows = [csat(5.0, occurred_at=datetime(2026, month, 10)) for month in (4, 5)]
    plant(log, settings.slug, "answers", rows)
    flags = {
        row.period: row.flags
        for row in asked(log, settings, "csat", every="month", now=datetime(2026, 5, 20)).rows
    }
    assert flags == {"2026-04": (), "2026-05": ("unfinished",)}


def test_the_document_keeps_its_promise(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [csat(5.0, channel="app")])
    document = asked(log, settings, "csat", by=("channel",), every="month").as_dict()
    promised = {
        "metric", "questions", "kind", "per", "definition", "definition_version", "unit", "better",
        "timezone", "from", "to", "as_of", "rows", "total",
    }  # fmt: skip
    assert promised <= set(document)
    (row,) = document["rows"]
    assert set(row) == {
        "group", "period", "value", "low", "high", "n", "customers", "design_effect", "method",
        "state", "flags",
    }  # fmt: skip
    assert set(document["total"]) == set(row)
    assert document["unit"] == "percent"
    assert (document["from"], document["to"]) == ("2026-03-10", "2026-03-11")


def test_a_declared_frame_narrows_the_interval_by_what_is_left_to_ask(
    log: Log, settings: Settings
) -> None:
    """With n of N asked, the variance shrinks by (N − n)/(N − 1); with all of N it is none."""
    rng = np.random.default_rng(3)
    rows = [csat(float(s), customer=f"c{k}") for k, s in enumerate(rng.integers(1, 6, 400))]
    plant(log, settings.slug, "answers", rows)
    plain, half, whole = (
        asked(log, settings, "csat", frame=frame).total for frame in (None, 800, 400)
    )
    widths = [(one.high or 0) - (one.low or 0) for one in (plain, half, whole)]
    assert widths[1] / widths[0] == pytest.approx(math.sqrt(400 / 799), rel=0.02)
    assert widths[2] == pytest.approx(0, abs=1e-9)
    assert plain.value == half.value == whole.value
    assert "finite_frame" in half.flags
    with pytest.raises(Problem, match="400 customers answered"):
        asked(log, settings, "csat", frame=399)
    with pytest.raises(Problem, match="not of each group"):
        asked(log, settings, "csat", frame=800, by=("question",))
