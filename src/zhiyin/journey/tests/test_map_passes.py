"""The passes over a map's instances beside a search by definition.

Programs that these would catch: an instance that begins anew at every event of a node that begins;
a pause that counts unexplained events; a goal that is its own beginning; a required node of a stage
before the instance's first; a way of leaving told twice for one instance; a customer counted by her
ids before merges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey.tests import naive_map as naive
from zhiyin.journey.tests.index import NAMES, TUPLES, Coded, Indexed, logs
from zhiyin.journey.tests.naive import Happened
from zhiyin.warehouse.journeys.passes import conformance as passes
from zhiyin.warehouse.journeys.passes import reading
from zhiyin.warehouse.journeys.passes.asked import Nodes
from zhiyin.warehouse.journeys.passes.conformance import BACK, NONE, SKIPPED
from zhiyin.warehouse.journeys.passes.instances import MOST_NODES, Journey


@pytest.fixture(autouse=True, scope="module")
def _few_events_are_shared_out() -> Iterator[None]:
    """Logs of more than ten events are read by several threads, as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FEW", 10)
        yield


KINDS = {BACK: "back", SKIPPED: "skipped"}


@st.composite
def maps(draw: st.DrawFn) -> tuple[passes.Drawn, naive.Drawn]:
    """A map over names and classes of tuples, for the pass and for the search."""
    count = draw(st.integers(0, 5))
    columns = draw(st.lists(st.integers(0, 1), min_size=TUPLES, max_size=TUPLES))
    table = np.array(
        draw(st.lists(st.integers(0, count), min_size=2 * len(NAMES), max_size=2 * len(NAMES))),
        np.int32,
    ).reshape(len(NAMES), 2)
    begins = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    stage = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    required = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    goal, hidden = (
        draw(st.frozensets(st.integers(0, len(NAMES) - 1), max_size=most)) for most in (2, 1)
    )
    pause = draw(st.sampled_from([0, 1, 3, 10]))

    def node(event: Happened) -> int | None:
        assert isinstance(event, Coded)
        found = int(table[NAMES.index(event.name), columns[event.code]])
        return None if found == count else found

    nodes = Nodes(table, count, np.array(columns, np.uint16))
    called = [frozenset(NAMES[code] for code in codes) for codes in (goal, hidden)]
    return (
        passes.Drawn(Journey(nodes, goal, begins, pause, hidden), stage, required),
        naive.Drawn(node, called[0], begins, stage, required, pause, called[1]),
    )


def left(code: int) -> naive.Left | None:
    if code == NONE:
        return None
    kind, before, to, missing = (int(one[0]) for one in passes.unpacked(np.array([code])))
    return KINDS[kind], before, to, None if missing == NONE else missing


@settings(max_examples=300, deadline=None)
@given(log=logs(), drawn=maps())
def test_instances(log: Indexed, drawn: tuple[passes.Drawn, naive.Drawn]) -> None:
    found = passes.instances(log.histories, drawn[0], allowed=log.allowed)
    told: dict[int, list[naive.Instance]] = {}
    for row in range(len(found.keys)):
        goal, visited = int(found.goal_us[row]), int(found.visited[row])
        one = naive.Instance(
            start=int(found.start_us[row]),
            end=int(found.end_us[row]),
            goal=None if goal == passes.NO_TIME else goal,
            is_followed=bool(found.is_followed[row]),
            steps=int(found.steps[row]),
            visited=frozenset(node for node in range(MOST_NODES) if visited >> node & 1),
            last=None if found.last[row] == NONE else int(found.last[row]),
            left=left(int(found.left[row])),
            before=None,
        )
        told.setdefault(int(found.keys[row]), []).append(one)
    expected = {key: naive.told(events, drawn[1]) for key, events in log.of.items()}
    assert told == {
        key: [replace(one, before=None) for one in every]
        for key, every in expected.items()
        if every
    }


@settings(max_examples=300, deadline=None)
@given(log=logs(), drawn=maps())
def test_conformance(log: Indexed, drawn: tuple[passes.Drawn, naive.Drawn]) -> None:
    found = passes.conformance(log.histories, drawn[0], allowed=log.allowed)
    histories = {str(key): events for key, events in log.of.items()}
    expected = naive.conformance(histories, drawn[1])
    assert found.totals.tolist() == expected.totals
    told = {}
    for (kind, before, to, missing, name), counts in zip(
        found.left.tolist(), found.counts.tolist(), strict=True
    ):
        way = (KINDS[kind], before, to, None if missing == NONE else missing)
        told[way, None if name == NONE else NAMES[name]] = tuple(counts)
    assert told == {
        way: (number, expected.customers[way]) for way, number in expected.instances.items()
    }


@settings(max_examples=1)
@given(log=logs())
def test_a_map_has_no_more_nodes_than_a_mark_can_tell_apart(log: Indexed) -> None:
    nodes = Nodes(np.zeros((1, 1), np.int32), MOST_NODES + 1)
    drawn = passes.Drawn(Journey(nodes, frozenset(), [], 0), [], [])
    with pytest.raises(ValueError, match="at most 62 nodes"):
        passes.instances(log.histories, drawn)
