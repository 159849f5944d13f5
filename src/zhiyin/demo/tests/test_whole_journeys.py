"""What whole journeys of the demo company are judged by, beside what is planted.

A trip's satisfaction is the weighted mean of that at its touchpoints and some noise, with nothing
more for its worst or its end (`demo.touchpoints`); and the better a trip was, the sooner comes the
next (`demo.trips.EFFECTS`).
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.demo.touchpoints import RATED, TOUCHPOINTS
from zhiyin.maps import whole as room
from zhiyin.maps.document import Map, Node, Stage
from zhiyin.maps.seen import Seen
from zhiyin.maps.whole import Whole
from zhiyin.stats.estimate import Estimate
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")
SEEN = Seen(date(2024, 1, 1), date(2027, 1, 1))
EVENTS = {"booking": "name = 'Order Completed'", "boarding": "name = 'Boarded'"}
MAP = Map(
    goal="Flight Arrived",
    pause="7d",
    whole="recommend_journey",
    stages=(Stage("all", begins=True),),
    nodes=tuple(
        Node(one.slug, "all", "", events=EVENTS.get(one.slug, ""),
             answers=f"touchpoint = '{one.slug}'")
        for one in (TOUCHPOINTS[place] for place in RATED)
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(airline: Owner) -> Whole:
    return room.whole(airline, MAIN, MAP, SEEN, again_within=timedelta(days=90))


def test_nearly_every_answer_has_its_journey(airline: Owner, whole: Whole) -> None:
    answers = lang.table(airline.schema("main"), "answers")
    code = {word: number for number, word in airline.words("main", "question").items()}
    rows = answers.filter(answers.question == code["recommend_journey"], answers.score.notnull())
    (found,) = airline.execute("main", rows.aggregate(n=rows.count())).to_pylist()
    assert whole.journeys is not None
    assert 0.9 * found["n"] < whole.journeys <= found["n"]


def test_a_trip_is_judged_by_all_of_it(whole: Whole) -> None:
    """The mean has the largest part by far, as it was planted."""
    assert whole.parts is not None
    mean, last, worst = (
        _told(one) for one in (whole.parts.mean, whole.parts.last, whole.parts.worst)
    )
    assert mean[0] > max(last[1], worst[1])
    assert mean[0] > 0.5
    assert whole.parts.explained.value > 0.5


def _told(one: Estimate | None) -> tuple[float, float]:
    assert one is not None
    assert one.low is not None
    assert one.high is not None
    return one.low, one.high


def test_with_each_bad_touchpoint_fewer_recommend_and_fewer_come_back(whole: Whole) -> None:
    points = [group.nps.value for group in whole.groups]
    assert all(one is not None for one in points)
    assert points == sorted(points, reverse=True)  # type: ignore[type-var]
    assert whole.trend is not None
    assert whole.trend.high is not None
    assert whole.trend.high < -0.5
    first, last = whole.groups[0].again, whole.groups[-1].again
    assert first.low is not None
    assert last.high is not None
    assert first.low > last.high
