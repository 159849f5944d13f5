"""A touchpoint's trend goes on through versions of its map, and says where its rule changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from zhiyin.accounts import workspaces
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.kernel.filters import parse
from zhiyin.maps import actions, kept, trends
from zhiyin.maps.document import Map, Node
from zhiyin.maps.seen import Seen
from zhiyin.maps.tests import trip
from zhiyin.maps.tests.test_figures import TRIP
from zhiyin.measure import scores
from zhiyin.measure.requests import ScoreRequest
from zhiyin.warehouse.owner import Owner

SPRING = Seen(date(2026, 4, 1), date(2026, 6, 1))
NOW = datetime(2026, 6, 15)


@pytest.fixture(scope="module")
def planted(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with Owner(trip.plant(empty_logs, tmp_path_factory.mktemp("trends") / "data")) as owner:
        yield owner


def changed(map_: Map, **fields: str) -> Map:
    """The map with another `pay`."""
    return msgspec.structs.replace(
        map_,
        nodes=tuple(
            msgspec.structs.replace(one, **fields) if one.id == "pay" else one for one in map_.nodes
        ),
    )


def trend_of(log: Owner) -> trends.Trend:
    held = kept.get("main", "trip")
    _version, map_ = kept.shown(held)
    node = map_.node("pay")
    assert isinstance(node, Node)
    settings = workspaces.settings_of("main")
    found = trends.trend(log, settings, held, node, SPRING, "csat", every="month", now=NOW)
    assert found is not None
    return found


def test_a_trend_survives_edits_and_says_where_the_rule_changed(data: Path, planted: Owner) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=TRIP, keeps=True)
    first = trend_of(planted)
    months = [(one.period, one.value, one.low, one.high, one.n) for one in first.scores.rows]
    assert [one[0] for one in months] == ["2026-04", "2026-05"]
    assert first.breaks == ()
    # Another stage and another name: the same series, and nothing to say.
    moved = changed(TRIP, stage="after", owner="Finance")
    actions.put(by=COMMAND_LINE, workspace="main", key="trip", map_=moved)
    actions.keep(by=COMMAND_LINE, workspace="main", key="trip")
    second = trend_of(planted)
    assert [(one.period, one.value, one.low, one.high, one.n) for one in second.scores.rows] == (
        months
    )
    assert second.breaks == ()
    # Another rule: all of it is counted by the rule of today, and the break is told.
    wider = "touchpoint in ('pay', 'refund')"
    actions.put(by=COMMAND_LINE, workspace="main", key="trip", map_=changed(moved, answers=wider))
    actions.keep(by=COMMAND_LINE, workspace="main", key="trip")
    third = trend_of(planted)
    asked = ScoreRequest(
        "csat", start=SPRING.start, end=SPRING.end, where=parse(wider), kind="touchpoint",
        every="month",
    )  # fmt: skip
    by_today = scores.score(planted, workspaces.settings_of("main"), asked, now=NOW)
    assert third.scores.rows == by_today.rows
    assert [one.n for one in third.scores.rows] > [one[4] for one in months]
    (only,) = third.breaks
    assert (only.version, only.before, only.after) == (3, "touchpoint = 'pay'", wider)
