"""Two pages never disagree: a row of a break-down is the figure of the filter on its group."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from zhiyin.kernel.filters import parse
from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import csat, plant
from zhiyin.warehouse.log import Log

MARCH = datetime(2026, 3, 1)
NAMES = (
    "Page Viewed", "Product Added", "Order Completed", "Ad Clicked", "Scrolled",
    "Subscription Renewed", "Subscription Expired",
)  # fmt: skip
PLACES = st.sampled_from(["home", "shop", None])
ANSWERS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 6), PLACES, st.integers(0, 40)),
    min_size=1,
    max_size=60,
)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.integers(0, 6), PLACES, st.integers(0, 300), st.integers(0, 2)
    ),
    min_size=1,
    max_size=60,
)
OFTEN = given_settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

_count = iter(range(10**6))


def answers(drawn: list[tuple[int, int, str | None, int]]) -> list[dict[str, Any]]:
    return [
        csat(
            float(mark),
            customer=f"c{who}",
            touchpoint=place,
            occurred_at=MARCH + timedelta(days=day),
        )
        for mark, who, place, day in drawn
    ]


def events(drawn: list[tuple[str, int, str | None, int, int]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "customer": f"c{who}",
            "touchpoint": place,
            "occurred_at": MARCH + timedelta(minutes=7 * minute),
            "session": f"s{who}-{number}" if number else None,
        }
        for name, who, place, minute, number in drawn
    ]


def agrees(log: Log, slug: str, metric: str, per: Any) -> int:
    """Compare every row with the total of its own filter; returns how many were compared."""
    settings = settings_for(slug)
    now = datetime(2026, 6, 1)
    whole = score(log, settings, ScoreRequest(metric, by=("touchpoint",), per=per), now=now)
    for row in whole.rows:
        place = row.group["touchpoint"]
        where = "touchpoint is null" if place is None else f"touchpoint = '{place}'"
        request = ScoreRequest(metric, where=parse(where), per=per)
        alone = score(log, settings, request, now=now).total
        for name in ("value", "low", "high", "n", "customers", "design_effect"):
            assert getattr(row, name) == pytest.approx(getattr(alone, name)), (metric, name)
    return len(whole.rows)


@OFTEN
@given(drawn=ANSWERS, per=st.sampled_from(["answer", "customer"]))
def test_of_answers(log: Log, drawn: Any, per: str) -> None:
    slug = f"p{next(_count)}"
    log.create(slug)
    plant(log, slug, "answers", answers(drawn))
    for metric in ("csat", "rating", "bottom_box"):
        assert agrees(log, slug, metric, per)
    log.drop(slug)


@OFTEN
@given(drawn=EVENTS)
def test_of_events(log: Log, drawn: Any) -> None:
    slug = f"p{next(_count)}"
    log.create(slug)
    plant(log, slug, "events", events(drawn))
    compared = [
        agrees(log, slug, metric.slug, None)
        for metric in METRICS.values()
        if metric.table == "events"
    ]
    assert len(compared) == 6
    log.drop(slug)
