"""Whole journeys: answers about them beside a search by definition, and what bad steps do.

Programs that these would catch: an answer put to the journey that began next; the first of two
answers about a whole; the scale of an effort score read the wrong way round; a touchpoint that went
badly three times counted as three; a purchase within the journey counted as one more; a journey
whose time to come again is not over counted as one that brought nobody back.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.tests import naive_map as naive
from zhiyin.journey.tests.naive import Happened
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.maps import whole as room
from zhiyin.maps.document import Map, Node, Stage
from zhiyin.maps.judged import Judged, Looked
from zhiyin.maps.seen import Seen, asked_of
from zhiyin.stats import mean, nps
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

MAIN = Settings("main", "Main", "UTC", 0, "CNY", "en", minimum_base=1, test_base=1)
FIRST = datetime(2026, 1, 1)
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
NOW = datetime(2026, 12, 1)
WEEK = timedelta(days=7)
AGAIN = timedelta(days=30)

MAP = Map(
    goal="Ordered",
    pause="7d",
    whole="whole",
    stages=(Stage("look", begins=True), Stage("buy"), Stage("use")),
    nodes=(
        Node("seen", "look", "", events="name = 'Seen'", answers="touchpoint = 'Screen'"),
        Node("cart", "buy", "", events="name = 'Cart'", bad="name = 'Failed'"),
        Node("desk", "use", "", answers="touchpoint = 'Desk'", events="name = 'Asked'",
             bad="name = 'Asked' and channel = 'phone'"),
        Node("drawn", "use", ""),
    ),
)  # fmt: skip
SEEN = Seen(date(2026, 1, 1), date(2026, 3, 2))
NAMES = ("Seen", "Seen", "Cart", "Ordered", "Failed", "Asked", "Noise")


@dataclass(frozen=True)
class Answer:
    """One answer as the log has it."""

    customer: str
    occurred_at: datetime
    experienced_at: datetime | None
    question: str
    kind: str
    metric: str
    score: float | None
    scale_min: float
    scale_max: float
    direction: str
    touchpoint: str | None
    answer_state: str = "answered"

    @property
    def us(self) -> int:
        return ((self.experienced_at or self.occurred_at) - EPOCH) // MICROSECOND


KINDS: tuple[tuple[str, str, str, float, float, str], ...] = (
    ("whole", "journey", "nps", 0, 10, "up"),
    ("ease of all", "journey", "ces", 1, 7, "down"),
    ("how was it", "touchpoint", "csat", 1, 5, "up"),
    ("effort", "touchpoint", "ces", 1, 7, "down"),
    ("recommend here", "touchpoint", "nps", 0, 10, "up"),
)


@dataclass(frozen=True)
class Planted:
    """The log, and what it holds by plain reckoning."""

    log: Owner
    events: dict[str, list[Happened]]
    answers: list[Answer]


@pytest.fixture(scope="module")
def planted(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    data = tmp_path_factory.mktemp("whole") / "data"
    shutil.copytree(empty_log, data)
    chance = random.Random(11)  # noqa: S311 - journeys, not secrets
    events, answers = _events(chance), _answers(chance)
    with Owner(data) as log:
        _put_events(log, events)
        rows = [
            {name: getattr(one, name) for name in Answer.__dataclass_fields__} for one in answers
        ]
        put(log, [{**row, "id": f"a{place}", "row": place} for place, row in enumerate(rows)])
        found: dict[str, list[Happened]] = {}
        for row in sorted(events, key=lambda row: (row["occurred_at"], row["row"])):
            us = (row["occurred_at"] - EPOCH) // MICROSECOND
            found.setdefault(row["customer"], []).append(Happened(us, row["name"], row["channel"]))
        yield Planted(log, found, answers)


def _put_events(log: Owner, rows: list[dict[str, Any]]) -> None:
    with log.begin("main", source="web", label="test") as batch:
        batch.write("events", pa.Table.from_pylist(rows))
        batch.commit()


def _moment(chance: random.Random) -> datetime:
    return FIRST + timedelta(days=chance.randint(0, 80), hours=chance.randint(0, 23))


def _events(chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "row": place,
            "id": f"e{place}",
            "customer": f"c{chance.randrange(120)}",
            "occurred_at": _moment(chance) + timedelta(minutes=place % 7),
            "name": chance.choice(NAMES),
            "channel": chance.choice(("app", "phone")),
        }
        for place in range(2_500)
    ]


def _answers(chance: random.Random) -> list[Answer]:
    found = []
    for _place in range(1_500):
        question, kind, metric, low, high, direction = chance.choice(KINDS)
        at = _moment(chance)
        state = chance.choice(("answered", "answered", "answered", "skipped"))
        found.append(
            Answer(
                customer=f"c{chance.randrange(120)}",
                occurred_at=at,
                experienced_at=at - timedelta(days=chance.randint(1, 3))
                if chance.random() < 0.5
                else None,
                question=question,
                kind=kind,
                metric=metric,
                score=float(chance.randint(int(low), int(high))) if state == "answered" else None,
                scale_min=float(low),
                scale_max=float(high),
                direction=direction,
                touchpoint=chance.choice(("Screen", "Desk", "Elsewhere", None)),
                answer_state=state,
            )
        )
    return found


def _us(day: date) -> int:
    return (datetime(day.year, day.month, day.day) - EPOCH) // MICROSECOND


def _node(event: Happened) -> int | None:
    return {"Seen": 0, "Cart": 1, "Asked": 2}.get(event.name)


DRAWN = naive.Drawn(
    _node, frozenset({"Ordered"}), [True, False, False, False], [0, 1, 2, 2], [False] * 4,
    WEEK // MICROSECOND,
)  # fmt: skip


@dataclass
class Expected:
    """One journey with an answer about the whole."""

    customer: str
    start: int
    end: int
    final: float
    bad: set[int]
    good: list[float]
    is_watched: bool
    again: bool


def expected(planted: Planted, question: str = "whole") -> list[Expected]:
    """By search, for each answer, through all journeys."""
    start, end = _us(SEEN.start), _us(SEEN.end)
    last = max(event.us for events in planted.events.values() for event in events)
    found = []
    for customer, every in planted.events.items():
        events = [one for one in every if start <= one.us < end]
        journeys = naive.told(events, DRAWN)
        hers = [
            one
            for one in planted.answers
            if one.customer == customer and one.score is not None and start <= one.us < end
        ]

        def journey_of(us: int, journeys: list[naive.Instance] = journeys) -> int | None:
            begun = [place for place, one in enumerate(journeys) if one.start <= us]
            if not begun or us >= journeys[begun[-1]].end + WEEK // MICROSECOND:
                return None
            return begun[-1]

        for place, one in enumerate(journeys):
            finals = [a for a in hers if a.question == question and journey_of(a.us) == place]
            if not finals:
                continue
            own = Expected(customer, one.start, one.end, 0.0, set(), [], False, False)
            # At one time what came last is the last.
            own.final = max(enumerate(finals), key=lambda pair: (pair[1].us, pair[0]))[1].score or 0
            steps = [
                (answer, {"Screen": 0, "Desk": 2}[answer.touchpoint])
                for answer in sorted(hers, key=lambda answer: answer.us)
                if answer.kind == "touchpoint"
                and answer.touchpoint in ("Screen", "Desk")
                and journey_of(answer.us) == place
            ]
            for answer, node in steps:
                assert answer.score is not None
                part = (answer.score - answer.scale_min) / (answer.scale_max - answer.scale_min)
                good = part if answer.direction == "up" else 1 - part
                own.good.append(good)
                if answer.score <= 6 if answer.metric == "nps" else good <= 0.25:
                    own.bad.add(node)
            for event in events:
                if journey_of(event.us) == place:
                    if event.name == "Failed":
                        own.bad.add(1)
                    if (event.name, event.channel) == ("Asked", "phone"):
                        own.bad.add(2)
            limit = one.end + AGAIN // MICROSECOND
            own.is_watched = one.goal is not None and limit <= last
            own.again = own.is_watched and any(
                event.name == "Ordered" and one.end < event.us <= limit
                for event in every
                if event.us >= start
            )
            found.append(own)
    return found


def looked(planted: Planted, map_: Map = MAP, seen: Seen = SEEN) -> Looked:
    schema = planted.log.schema("main")
    return Looked(planted.log, MAIN, map_, seen, asked_of(map_, seen), schema, None, NOW, AGAIN)


def judged(planted: Planted, map_: Map = MAP) -> Judged:
    found = looked(planted, map_).judged()
    assert found is not None
    return found


def test_each_journey_has_what_was_said_of_it(planted: Planted) -> None:
    found, plain = judged(planted), expected(planted)
    assert len(plain) > 60
    assert sum(len(one.bad) > 1 for one in plain) > 5
    assert sum(one.again for one in plain) > 5
    assert sum(not one.is_watched for one in plain) > 5
    told = []
    for place in range(len(found.journeys)):
        of = found.journey == place
        told.append(
            (
                int(found.journeys.start[place]),
                int(found.journeys.end[place]),
                float(found.final[place]),
                sorted(np.flatnonzero(found.bad[place]).tolist()),
                sorted(round(float(one), 6) for one in found.score[of]),
                bool(found.is_watched[place]),
                bool(found.again[place]),
            )
        )
    wanted = [
        (one.start, one.end, one.final, sorted(one.bad), sorted(round(g, 6) for g in one.good),
         one.is_watched, one.again)
        for one in plain
    ]  # fmt: skip
    assert sorted(told) == sorted(wanted)
    assert found.question.name == "whole"


def test_the_steps_of_a_journey_are_in_their_order(planted: Planted) -> None:
    found = judged(planted)
    plain = {(one.customer, one.start): one.good for one in expected(planted)}
    several = [good for good in plain.values() if len(good) > 2]
    assert several
    told = [
        [round(float(one), 6) for one in found.score[found.journey == place]]
        for place in range(len(found.journeys))
    ]
    # Answers of one moment may stand either way round.
    exact = [[round(one, 6) for one in good] for good in several]
    assert sum(one in told for one in exact) >= 0.9 * len(exact)


def test_without_a_question_the_most_answered_of_the_kind_is_taken(planted: Planted) -> None:
    found = judged(planted, map_with(whole=""))
    finals = [one for one in planted.answers if one.score is not None and one.kind == "journey"]
    start, end = _us(SEEN.start), _us(SEEN.end)
    sizes = {
        name: len(
            {one.customer for one in finals if one.question == name and start <= one.us < end}
        )
        for name in ("whole", "ease of all")
    }
    most = max(sizes, key=lambda name: sizes[name])
    assert found.question.name == most
    assert len(found.final) == len(expected(planted, most))
    assert found.question.is_up == (most == "whole")


def map_with(**fields: Any) -> Map:
    return msgspec.structs.replace(MAP, **fields)


def test_a_question_that_nobody_answered(planted: Planted) -> None:
    assert looked(planted, map_with(whole="never asked")).judged() is None
    found = room.whole(planted.log, MAIN, map_with(whole="never asked"), SEEN, now=NOW)
    assert (found.question, found.journeys, found.groups) == (None, 0, ())


def test_only_what_the_reader_may_see(planted: Planted) -> None:
    found = room.whole(planted.log, MAIN, MAP, SEEN, scope=parse("customer = 'c1'"), now=NOW)
    mine = [one for one in expected(planted) if one.customer == "c1"]
    assert found.journeys == len(mine)
    narrowed = room.whole(planted.log, MAIN, MAP, replace(SEEN, customers="events >= 22"), now=NOW)
    often = {who for who, events in planted.events.items() if len(events) >= 22}
    hers = [one for one in expected(planted) if one.customer in often]
    assert 0 < len(hers) < len(expected(planted))
    assert narrowed.journeys == len(hers)


def test_the_figures_are_of_the_journeys_with_so_many_bad_touchpoints(planted: Planted) -> None:
    found = room.whole(planted.log, MAIN, MAP, SEEN, again_within=AGAIN, now=NOW)
    plain = expected(planted)
    assert (found.journeys, found.customers) == (len(plain), len({one.customer for one in plain}))
    assert found.scale == (0.0, 10.0)
    for group in found.groups:
        own = [one for one in plain if min(len(one.bad), 3) == group.bad]
        assert group.journeys == len(own)
        assert group.customers == len({one.customer for one in own})
        if not own:
            continue
        who, score = [one.customer for one in own], [one.final for one in own]
        value = mean.estimate(Totals.of(score, who), scale=(0.0, 10.0))
        votes = [(one >= 9) - (one <= 6) for one in score]
        points = nps.estimate(Totals.of(votes, who))
        assert value is not None
        assert points is not None
        assert group.score.value == pytest.approx(np.mean(score))
        assert (group.score.low, group.score.high) == pytest.approx((value.low, value.high))
        assert group.nps.value == pytest.approx(100 * np.mean(votes))
        assert group.nps.low == pytest.approx(100 * (points.low or 0))
        watched = [one for one in own if one.is_watched]
        assert group.watched == len(watched)
        if watched:
            assert group.again.value == pytest.approx(np.mean([one.again for one in watched]))
    assert found.as_dict()["again_within_days"] == 30


def test_to_the_microsecond(empty_log: Path, tmp_path: Path) -> None:
    """A journey has the answers up to its pause after the end, and the goal in time comes again."""
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    end = FIRST + timedelta(hours=5)
    asked = {
        "just in time": (end + WEEK - MICROSECOND, end + AGAIN),
        "too late": (end + WEEK, end + AGAIN),
        "at the end": (end, end + AGAIN + MICROSECOND),
    }
    events: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for who, (answered_at, again_at) in asked.items():
        for name, at in (("Seen", FIRST), ("Ordered", end), ("Ordered", again_at)):
            events.append({"row": len(events), "id": f"e{len(events)}", "customer": who,
                           "occurred_at": at, "name": name, "channel": "app"})  # fmt: skip
        answers.append(
            {"row": len(answers), "id": f"a{len(answers)}", "customer": who, "question": "whole",
             "metric": "nps", "kind": "journey", "score": 9.0, "scale_min": 0.0, "scale_max": 10.0,
             "direction": "up", "occurred_at": answered_at}
        )  # fmt: skip
    with Owner(tmp_path) as log:
        _put_events(log, events)
        put(log, answers)
        found = looked(Planted(log, {}, [])).judged()
    assert found is not None
    # The log ends a microsecond after the time in which these may come again is over.
    assert found.is_watched.tolist() == [True, True]
    assert found.again.tolist() == [True, False]
    assert set(found.journeys.end.tolist()) == {(end - EPOCH) // MICROSECOND}


def test_two_scales_are_not_mixed(empty_log: Path, tmp_path: Path) -> None:
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    row = {"question": "whole", "metric": "csat", "kind": "journey", "direction": "up"}
    scales = [{"scale_min": 1.0, "scale_max": 5.0}, {"scale_min": 1.0, "scale_max": 7.0}]
    at = {"occurred_at": datetime(2026, 1, 5)}
    with Owner(tmp_path) as log:
        put(log, [{**row, **scale, **at} for scale in scales])
        with pytest.raises(Problem) as caught:
            room.whole(log, MAIN, MAP, SEEN, now=NOW)
    assert caught.value.code == "map.whole-scales"


def test_what_is_planted_is_found(empty_log: Path, tmp_path: Path) -> None:
    """Customers are judged by the worst step, and with each bad one fewer come back."""
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    rng = np.random.default_rng(5)
    events: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for customer in range(900):
        begun = FIRST + timedelta(minutes=30 * customer)
        scores = rng.integers(1, 6, 3)
        bad = int((scores <= 2).sum())
        names = ["Seen", "Cart", "Asked", "Ordered"]
        if rng.random() < 0.9 - 0.25 * bad:
            names.append("Ordered later")
        for place, name in enumerate(names):
            at = begun + timedelta(hours=place)
            if name == "Ordered later":
                name, at = "Ordered", begun + timedelta(days=15)
            events.append({"row": len(events), "id": f"e{len(events)}", "customer": f"c{customer}",
                           "occurred_at": at, "name": name, "channel": "app"})  # fmt: skip
        for place, (score, touchpoint) in enumerate(
            zip(scores, ("Screen", "Till", "Desk"), strict=True)
        ):
            answers.append(
                {"question": "how was it", "metric": "csat", "kind": "touchpoint",
                 "score": float(score), "scale_min": 1.0, "scale_max": 5.0, "direction": "up",
                 "touchpoint": touchpoint, "occurred_at": begun + timedelta(hours=place, minutes=1)}
            )  # fmt: skip
        whole = float(np.clip(2 * scores.min() + rng.normal(0, 0.5), 0, 10).round())
        answers.append(
            {"question": "whole", "metric": "nps", "kind": "journey", "score": whole,
             "scale_min": 0.0, "scale_max": 10.0, "direction": "up",
             "occurred_at": begun + timedelta(days=2)}
        )  # fmt: skip
        for one in answers[-4:]:
            one |= {"customer": f"c{customer}", "id": f"a{len(answers)}", "row": len(answers)}
    for place, one in enumerate(answers):
        one |= {"id": f"a{place}", "row": place}
    # Somebody is there long after, so that it is known who did not come back.
    events.append({"row": len(events), "id": "last", "customer": "late", "name": "Noise",
                   "occurred_at": datetime(2026, 6, 1), "channel": "app"})  # fmt: skip
    till = node_with(MAP.nodes[1], answers="touchpoint = 'Till'", bad="")
    map_ = map_with(nodes=(MAP.nodes[0], till, node_with(MAP.nodes[2], bad="")))
    guarded = replace(MAIN, minimum_base=10, test_base=30)
    with Owner(tmp_path) as log:
        _put_events(log, events)
        put(log, answers)
        found = room.whole(log, guarded, map_, SEEN, again_within=timedelta(days=30), now=NOW)
        few = room.whole(
            log, replace(guarded, minimum_base=150), map_, SEEN,
            again_within=timedelta(days=30), now=NOW,
        )  # fmt: skip
    assert found.journeys == 900
    values = [group.score.value for group in found.groups]
    assert values == sorted(values, reverse=True)  # type: ignore[type-var]
    assert found.trend is not None
    assert found.trend.difference < -1
    assert (found.trend.p or 0) < 1e-6
    for group in found.groups:
        assert group.again.low is not None
        assert group.again.high is not None
        assert group.again.low < 0.9 - 0.25 * group.bad < group.again.high
    assert found.parts is not None
    assert found.parts.worst is not None
    assert found.parts.last is not None
    assert found.parts.explained.value > 0.85
    assert found.parts.worst.low > found.parts.last.high  # type: ignore[operator]
    # 0.4³ of them have three bad ones, some sixty: nobody tells how they, or all others, were.
    states = [group.state for group in few.groups]
    assert states[3] == "too_few"
    assert sum(state != "ok" for state in states) >= 2
    assert all(
        group.score.value is None and group.journeys is None
        for group in few.groups
        if group.state != "ok"
    )


def node_with(node: Node, **fields: Any) -> Node:
    return msgspec.structs.replace(node, **fields)
