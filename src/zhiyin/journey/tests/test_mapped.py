"""The pass over a map's traffic beside a search by definition.

Programs that these would catch: a node that is passed after the goal; an instance that is left
though it may go on; a change of channel beside an event of the instance before; help that is asked
for at the next node put down to this one; a wait that ends with another event at the same node; a
middle that lies outside the times that were taken down; a session counted twice for a name; a
customer's money counted once an instance.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey.tests import naive_traffic as naive
from zhiyin.journey.tests.index import CHANNELS, EPOCH, KEYS, NAMES, TUPLES, Indexed, logs
from zhiyin.journey.tests.test_map_passes import maps
from zhiyin.warehouse.journeys.passes import conformance, mapped, reading
from zhiyin.warehouse.journeys.passes.asked import Nodes
from zhiyin.warehouse.journeys.passes.instances import Journey
from zhiyin.warehouse.journeys.passes.next_node import MapAsked

CHANNEL = np.array(
    [-1 if CHANNELS[code % 3] is None else code % 3 for code in range(TUPLES)], np.int32
)


@pytest.fixture(autouse=True, scope="module", params=["all kept", "near the middle", "elsewhere"])
def _few(request: pytest.FixtureRequest) -> Iterator[None]:
    """Logs of more than ten events are read by several threads, as large ones are; and of the times
    to the next node all are kept, or those near the middle of a few, or nearly none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FEW", 10)
        if request.param != "all kept":
            patch.setattr(mapped, "FEW", 0)
            patch.setattr(mapped, "ASKED_BEFORE", 2)
            patch.setattr(mapped, "WIDTH", 0.5 if request.param == "near the middle" else 0.0)
        yield


@st.composite
def questions(draw: st.DrawFn) -> tuple[MapAsked, naive.Asked]:
    """A map with what it is besides how it is drawn."""
    asked, drawn = draw(maps())
    count, stages = len(drawn.stage), 4
    help_ = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    gap, until = draw(st.sampled_from([0, 2, 8])), EPOCH + draw(st.integers(0, 40))
    money = np.array(draw(st.lists(st.integers(0, 50), min_size=KEYS, max_size=KEYS)), np.float64)
    return (
        MapAsked(asked.journey, asked.stage, stages, help_, gap, until, CHANNEL, money),
        naive.Asked(
            drawn, help_, stages, gap, until, {str(key): float(money[key]) for key in range(KEYS)}
        ),
    )


@settings(max_examples=200, deadline=None)
@given(log=logs(), question=questions())
def test_traffic(log: Indexed, question: tuple[MapAsked, naive.Asked]) -> None:
    asked, plain = question
    found = mapped.traffic(log.histories, asked, allowed=log.allowed)
    histories = log.named()
    for at, sums in enumerate(found.nodes):
        expected, median = naive.node(histories, plain, at)
        money, squares = (expected.pop(name, 0) for name in ("money", "squares"))
        told = dict(zip(mapped.NODE_SUMS, sums.tolist(), strict=True))
        assert told == {name: expected.get(name, 0) for name in mapped.NODE_SUMS}
        assert found.money[at].tolist() == [money, squares]
        assert (None if np.isnan(found.median_us[at]) else found.median_us[at]) == median
    assert found.stages.tolist() == [
        list(naive.stage(histories, plain, number)) for number in range(plain.stages)
    ]
    expected, money = naive.totals(histories, plain)
    told = dict(zip(mapped.TOTALS, found.totals.tolist(), strict=True))
    assert told == {name: expected.get(name, 0) for name in mapped.TOTALS}
    assert found.reached_money[0] == money
    told = {
        NAMES[code]: tuple(found.names[code].tolist()) for code in np.flatnonzero(found.names[:, 0])
    }
    assert told == naive.unexplained(histories, plain)


@settings(max_examples=20, deadline=None)
@given(log=logs(), question=questions())
def test_instances_are_those_of_the_other_passes(
    log: Indexed, question: tuple[MapAsked, naive.Asked]
) -> None:
    asked, plain = question
    found = mapped.traffic(log.histories, asked, allowed=log.allowed)
    drawn = conformance.Drawn(asked.journey, asked.stage, [False] * len(asked.stage))
    every = conformance.instances(log.histories, drawn, allowed=log.allowed)
    totals = dict(zip(mapped.TOTALS, found.totals.tolist(), strict=True))
    assert totals["instances"] == len(every.keys)
    assert totals["reached"] == int((every.goal_us != conformance.NO_TIME).sum())
    is_over = (every.is_followed == 1) | (plain.until - every.end_us > plain.drawn.pause)
    assert totals["over"] == int(is_over.sum())


@settings(max_examples=1)
@given(log=logs())
def test_without_nodes_every_event_is_unexplained(log: Indexed) -> None:
    nodes = Nodes(np.zeros((1, 1), np.int32), 0)
    asked = MapAsked(Journey(nodes, frozenset(), [], 0), [], 0, [], 0, 0)
    found = mapped.traffic(log.histories, asked)
    assert found.names[:, 0].sum() == sum(len(events) for events in log.whole.values())
    assert not found.totals[:3].any()
