"""The families that the own site loses are found, with their money, from events and orders."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.demo.chunks import make
from zhiyin.demo.tests.conftest import AIRLINE
from zhiyin.demo.truth import Truth
from zhiyin.demo.world import World
from zhiyin.journey.asking import Chosen
from zhiyin.journey.losses import Loss, LossesAsked, losses
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "zh-hans")
FAMILIES = "party = 'with children'"


@pytest.fixture(scope="module")
def story() -> dict[str, Any]:
    """What the simulation knows of the families, apart from any event."""
    world = World.of(AIRLINE)
    truth = Truth(world)
    for number in range(AIRLINE.chunks):
        truth.add(make(world, number))
    found: dict[str, Any] = truth.document()["stories"]["families_leave_before_anyone_knows_them"]
    return found


def asked(log: Owner, where: str, *, like: tuple[str, ...] = ()) -> tuple[Loss, ...]:
    chosen = Chosen(where=parse(where))
    return losses(log, MAIN, LossesAsked(like=like, chosen=chosen)).losses


def first_step(found: tuple[Loss, ...], channel: str) -> Loss:
    return next(one for one in found if one.number == 1 and dict(one.place)["channel"] == channel)


@pytest.mark.parametrize(
    ("where", "part"),
    [(FAMILIES, ""), (f"{FAMILIES} and route contains '-PVG'", "to_shanghai")],
)
def test_the_child_s_ticket_and_shanghai_are_found(
    airline: Owner, story: dict[str, Any], where: str, part: str
) -> None:
    truth = story[part] if part else story
    found = asked(airline, where)
    site = first_step(found, "web")
    assert found[0] is site
    assert site.marked
    assert site.sessions == truth["site_sessions"]
    assert site.lost == truth["site_sessions"] - truth["site_carts"]
    assert site.like_sessions == truth["other_sessions"]
    assert site.low is not None
    assert site.high is not None
    assert site.low <= truth["yuan_lost"] <= site.high
    assert site.went_on_worth == pytest.approx(truth["yuan_of_a_cart_elsewhere"], rel=0.02)


def test_nothing_is_lost_where_nothing_is_planted(airline: Owner) -> None:
    found = asked(airline, "party = 'alone'")
    for channel in ("web", "app", "wechat"):
        one = first_step(found, channel)
        assert not one.marked
        assert one.low is not None
        assert one.high is not None
        assert one.low <= 0 <= one.high


def test_elsewhere_families_go_on(airline: Owner) -> None:
    found = losses(airline, MAIN, LossesAsked(like=("party",))).losses
    worst = found[0]
    assert dict(worst.place) == {"channel": "web", "party": "with children"}
    for channel in ("app", "wechat"):
        other = next(
            one
            for one in found
            if one.number == 1 and dict(one.place) == {"channel": channel, "party": "with children"}
        )
        assert other.high is not None
        assert other.high < 0
