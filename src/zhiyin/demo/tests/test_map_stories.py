"""The company's map tells the planted stories, each at its touchpoint."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from zhiyin.demo.drawn import TRIP
from zhiyin.demo.tests.conftest import AIRLINE
from zhiyin.demo.tests.test_losses import FAMILIES, MAIN
from zhiyin.journey.traffic import NodeTraffic, traffic
from zhiyin.kernel.filters import parse
from zhiyin.maps.difficulties import difficulties
from zhiyin.maps.figures import Figures, figures
from zhiyin.maps.seen import Seen, asked_of
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 7, 1)
YEAR = Seen(date(2025, 7, 1), date(2026, 7, 1))
AFTER = Seen(AIRLINE.date_of(AIRLINE.stories.slow_refunds), date(2026, 7, 1))
"""Since refunds are slow; three of five groups of stations have self-service from the first day,
and all by the end."""


def flow(log: Owner, where: str = "", seen: Seen = YEAR) -> dict[str, NodeTraffic]:
    rule = parse(where) if where else None
    asked = asked_of(TRIP, Seen(seen.start, seen.end, where=rule))
    return {one.id: one for one in traffic(log, MAIN, asked).nodes}


@pytest.fixture(scope="module")
def after(airline: Owner) -> Figures:
    """The whole map of the last months, beside as many before."""
    return figures(airline, MAIN, TRIP, AFTER, now=NOW)


def test_families_end_on_the_site_more_often_than_elsewhere(airline: Owner) -> None:
    families, alone = flow(airline, FAMILIES), flow(airline, "party = 'alone'")
    site, app = families["fares-site"], families["fares-app"]
    assert site.left_low > app.left_high  # type: ignore[operator]
    assert site.completion_high < app.completion_low  # type: ignore[operator]
    assert site.left_low > alone["fares-site"].left_high  # type: ignore[operator]


def test_where_the_fee_is_high_a_cart_waits(airline: Owner) -> None:
    """Whoever leaves a cart comes back a day later or more."""
    west, east = flow(airline, "region = 'west'")["cart"], flow(airline, "region = 'east'")["cart"]
    assert west.seconds > 4 * east.seconds  # type: ignore[operator]
    assert west.attempts_low > east.attempts_high  # type: ignore[operator]


def test_wechat_lets_wait_three_times_as_long_as_mail(airline: Owner) -> None:
    found = flow(airline)
    wechat, mail = found["wechat-ask"], found["mail-ask"]
    assert 2 < wechat.seconds / mail.seconds < 4  # type: ignore[operator]
    assert wechat.customers > 3 * mail.customers  # type: ignore[operator]


def test_refunds_have_become_certainly_worse(after: Figures) -> None:
    refund = after.node("refund")
    assert refund is not None
    assert refund.tone == -2
    assert refund.changed == -2
    others = [one.changed for one in after.nodes if one.node.id not in ("refund", "bag-drop-self")]
    assert -2 not in others


def test_self_service_has_made_bag_drop_better_where_it_is(after: Figures) -> None:
    own, counter = after.node("bag-drop-self"), after.node("bag-drop")
    assert own is not None
    assert counter is not None
    assert own.changed > 0
    assert counter.changed == 0
    assert own.score is not None
    assert counter.score is not None
    assert own.score.low > counter.score.high  # type: ignore[operator]


def test_the_meal_is_the_worst_of_what_is_rated_after_a_flight(after: Figures) -> None:
    meal = after.node("meal")
    assert meal is not None
    assert meal.tone == -2
    gaps = {one.node.id: one.gap for one in after.nodes if one.gap is not None}
    assert max(gaps, key=lambda id_: gaps[id_]) == "meal"
    assert set(gaps) == {one.id for one in TRIP.nodes if one.promise_question}


def test_the_refund_is_the_first_difficulty(after: Figures) -> None:
    found = difficulties(after)
    assert [one.by for one in found] == ["worst", "loss", "people"]
    assert found[0].figures.node.id == "refund"
    assert {one.figures.node.stage for one in found[1:]} <= {"search", "choose"}


def test_no_traffic_is_left_unexplained_and_no_touchpoint_withheld_but_small_ones(
    after: Figures,
) -> None:
    assert after.traffic.unexplained == ()
    assert after.problem is None
    scored = {one.id for one in TRIP.nodes if one.answers}
    shown = {
        one.node.id for one in after.nodes if one.score is not None and one.score.value is not None
    }
    assert shown == scored
