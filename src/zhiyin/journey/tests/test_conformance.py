"""Instances and conformance beside a search by definition, by the index and by SQL.

Programs that these would catch: an event at the second node whose rule holds; a node without a rule
that shifts the numbers of the others; a name that nobody has sent refused; an instance that is
called over though it may go on; a way of leaving of few customers that all less the others tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey import conformance as room
from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.conformance import KINDS, Conformance, conformance
from zhiyin.journey.instances import FOLLOWED, NO_NODE, NOT_REACHED, Instances, instances
from zhiyin.journey.mapped import MapAsked, MapNode
from zhiyin.journey.tests import naive_map as naive
from zhiyin.journey.tests.conftest import MAIN, NAMES, Planted
from zhiyin.journey.tests.naive import Happened, Histories
from zhiyin.kernel.filters import parse
from zhiyin.stats import proportion
from zhiyin.stats.totals import Totals

APP = Chosen(where=parse("channel = 'app'"))
MICROSECOND = timedelta(microseconds=1)
MINIMUM = 10
GUARDED = replace(MAIN, minimum_base=MINIMUM)

RULES: dict[str, Callable[[Happened], bool]] = {
    "name = 'A'": lambda event: event.name == "A",
    "name = 'B' and channel = 'app'": lambda event: (event.name, event.channel) == ("B", "app"),
    "name in ('B', 'C')": lambda event: event.name in ("B", "C"),
    "channel = 'shop'": lambda event: event.channel == "shop",
    "not (channel = 'app')": lambda event: event.channel != "app",
    "name = 'Nobody has sent it'": lambda _event: False,
    "": lambda _event: False,
}

nodes = st.lists(
    st.tuples(st.sampled_from(list(RULES)), st.integers(0, 2), st.booleans(), st.booleans()),
    max_size=5,
)
maps = st.builds(
    lambda every, goal, hidden, pause, chosen: MapAsked(
        tuple(
            MapNode(f"n{place}", parse(rule) if rule else None, stage, begins, required)
            for place, (rule, stage, begins, required) in enumerate(every)
        ),
        goal,
        pause,
        chosen,
        hidden,
    ),
    nodes,
    st.frozensets(st.sampled_from([*NAMES, "Unheard of"]), max_size=2),
    st.frozensets(st.sampled_from([*NAMES, "Unheard of"]), max_size=1),
    st.sampled_from([1, 5, 86_400, 2_000_000]).map(lambda one: timedelta(seconds=one)),
    st.sampled_from([ALL, APP]),
)


def drawn(asked: MapAsked) -> naive.Drawn:
    texts = [one.where.text if one.where else "" for one in asked.nodes]

    def node(event: Happened) -> int | None:
        return next((at for at, text in enumerate(texts) if RULES[text](event)), None)

    return naive.Drawn(
        node,
        asked.goal,
        [one.begins for one in asked.nodes],
        [one.stage for one in asked.nodes],
        # What is bound to nothing asks for nothing.
        [one.is_required and one.where is not None for one in asked.nodes],
        asked.pause // MICROSECOND,
        asked.hidden,
    )


def histories(planted: Planted, asked: MapAsked) -> Histories:
    return planted.histories if asked.chosen is ALL else planted.where_channel("app")


def last_of(planted: Planted) -> int:
    return max(e.us for events in planted.histories.values() for e in events)


def number(code: int, missing: int) -> int | None:
    return None if code == missing else int(code)


def told(found: Instances) -> dict[int, list[tuple[naive.Instance, bool]]]:
    rows: dict[int, list[tuple[naive.Instance, bool]]] = {}
    for at in range(len(found)):
        left = None
        if found.left[at] != FOLLOWED:
            kind = KINDS[int(found.left[at])]
            missing = number(found.missing[at], NO_NODE)
            left = kind, int(found.before[at]), int(found.to[at]), missing
        one = naive.Instance(
            start=int(found.start[at]),
            end=int(found.end[at]),
            goal=number(found.goal[at], NOT_REACHED),
            is_followed=False,
            steps=int(found.steps[at]),
            visited=frozenset(np.flatnonzero(found.visited[at]).tolist()),
            last=number(found.last[at], NO_NODE),
            left=left,
            before=None,
        )
        rows.setdefault(int(found.customer[at]), []).append((one, bool(found.is_open[at])))
    return rows


def expected(planted: Planted, asked: MapAsked) -> dict[str, list[tuple[naive.Instance, bool]]]:
    until, pause = last_of(planted), asked.pause // MICROSECOND
    found = {}
    for who, events in histories(planted, asked).items():
        every = naive.told(events, drawn(asked))
        rows = [
            (
                replace(one, is_followed=False, before=None),
                not one.is_followed and until - one.end <= pause,
            )
            for one in every
        ]
        if rows:
            found[who] = rows
    return found


def in_order(rows: Any) -> list[str]:
    return sorted(map(repr, rows))


@settings(max_examples=40, deadline=None)
@given(asked=maps)
def test_instances(planted: Planted, asked: MapAsked) -> None:
    found = instances(planted.log, MAIN, asked)
    assert found.until == last_of(planted)
    rows = told(found)
    assert in_order(rows.values()) == in_order(expected(planted, asked).values())
    assert list(rows) == sorted(rows)


@settings(max_examples=10, deadline=None)
@given(asked=maps, chance=st.randoms(use_true_random=False))
def test_instances_of_some_customers(planted: Planted, asked: MapAsked, chance: Any) -> None:
    every = told(instances(planted.log, MAIN, asked))
    some = sorted(chance.sample(sorted(every), len(every) // 3))
    whose = np.array([*some, 10_000], np.int32)
    found = told(instances(planted.log, MAIN, asked, whose=whose))
    assert found == {key: every[key] for key in some}


def test_of_some_customers_those_in_the_segment(planted: Planted) -> None:
    asked = MapAsked((MapNode("a", parse("name = 'A'"), 0),), frozenset("B"), timedelta(days=2))
    every = told(instances(planted.log, MAIN, asked))
    rule = Chosen(customers="events >= 6")
    hers = told(instances(planted.log, MAIN, replace(asked, chosen=rule)))
    assert 0 < len(hers) < len(every)
    whose = np.array(sorted(every)[:60], np.int32)
    found = told(instances(planted.log, MAIN, replace(asked, chosen=rule), whose=whose))
    assert found == {key: rows for key, rows in hers.items() if key in whose}
    assert 0 < len(found) < len(hers)


def test_days_cut_instances(planted: Planted) -> None:
    """Events outside are as if they had never happened, and the log ends with the last day."""
    asked = MapAsked((MapNode("a", parse("name = 'A'"), 0),), frozenset("B"), timedelta(days=20))
    days = Chosen(start=date(2026, 1, 6), end=date(2026, 1, 16))
    found = instances(planted.log, MAIN, replace(asked, chosen=days))
    # Days of Shanghai.
    first, end = 1_767_628_800_000_000, 1_768_492_800_000_000
    assert found.until == end
    assert ((found.start >= first) & (found.end < end)).all()
    assert found.is_open.any()
    inside = [
        [event for event in events if first <= event.us < end]
        for events in planted.histories.values()
    ]
    assert len(found) == sum(len(naive.told(events, drawn(asked))) for events in inside)


def ways(found: Conformance) -> dict[tuple[str, str, str, str | None], tuple[int, int]]:
    return {
        (one.kind, one.before, one.to, one.missing): (one.instances, one.customers)
        for one in found.deviations
    }


@settings(max_examples=40, deadline=None)
@given(asked=maps)
def test_conformance(planted: Planted, asked: MapAsked) -> None:
    found = conformance(planted.log, MAIN, asked)
    plain = naive.conformance(histories(planted, asked), drawn(asked))
    n, customers, following, _any, all_following, tt, tn, nn = plain.totals
    assert (found.instances, found.customers) == (n, customers)
    assert (found.following, found.following_customers) == (following, all_following)
    if n:
        assert found.share.value == pytest.approx(all_following / customers)
        sums = Totals(n, customers, following, n, following, n, tt, tn, nn)
        whole = proportion.estimate(sums)
        assert whole is not None
        assert found.share_of_instances.value == pytest.approx(following / n)
        assert found.share_of_instances.low == pytest.approx(whole.low)

    def called(left: naive.Left) -> tuple[str, str, str, str | None]:
        kind, before, to, missing = left
        return kind, f"n{before}", f"n{to}", None if missing is None else f"n{missing}"

    assert ways(found) == {
        called(left): (count, plain.customers[left, None])
        for (left, name), count in plain.instances.items()
        if name is None
    }
    assert found.deviations_in_all == len(found.deviations)
    names = Counter(
        {
            (called(left), name): count
            for (left, name), count in plain.customers.items()
            if name is not None
        }
    )
    assert names == Counter(
        {
            ((one.kind, one.before, one.to, one.missing), each.name): each.customers
            for one in found.deviations
            for each in one.names
        }
    )
    sizes = [one.customers for one in found.deviations]
    assert all(one >= other for one, other in pairwise(sizes))


@settings(max_examples=40, deadline=None)
@given(asked=maps)
def test_nobody_alone_is_told_of(planted: Planted, asked: MapAsked) -> None:
    """What is shown, and what is left of all when it is taken away, is nobody or enough."""
    every = conformance(planted.log, MAIN, asked)
    found = conformance(planted.log, GUARDED, asked)
    n = every.customers or 0
    if found.customers is None:
        assert 0 < n < MINIMUM
        assert not found.deviations
        assert found.following is None
        return
    assert n == 0 or n >= MINIMUM
    for one in found.deviations:
        assert one.customers >= MINIMUM
        assert one.customers == n or n - one.customers >= MINIMUM
        for name in one.names:
            assert name.customers >= MINIMUM
            assert name.customers == one.customers or one.customers - name.customers >= MINIMUM
    if found.following_customers is not None:
        rest = n - found.following_customers
        assert found.following_customers == 0 or found.following_customers >= MINIMUM
        assert rest == 0 or rest >= MINIMUM
    hidden = set(ways(every)) - set(ways(found))
    assert found.deviations_in_all == len(every.deviations)
    assert len(hidden) + (found.following is None) != 1


def test_the_sum_over_ways_tells_of_no_single_one(planted: Planted) -> None:
    """One way is of few customers: another is not shown with it."""
    asked = MapAsked(
        (
            MapNode("a", parse("name = 'A'"), 0, is_required=True),
            MapNode("b", parse("name = 'B'"), 1),
            MapNode("c", parse("name = 'C' and channel = 'shop'"), 2),
        ),
        frozenset(),
        timedelta(days=60),
    )
    every = conformance(planted.log, MAIN, asked)
    sizes = sorted(one.customers for one in every.deviations)
    assert len(sizes) > 2
    guarded = replace(MAIN, minimum_base=sizes[0] + 1)
    found = conformance(planted.log, guarded, asked)
    assert found.deviations
    assert len(found.deviations) <= len(sizes) - 2 or found.following is None


def test_names_do_not_tell_of_those_before_whom_there_was_none() -> None:
    words = {1: "A", 2: "B"}
    rows = [{"name": 1, "customers": 30}, {"name": 2, "customers": 20}]

    def shown(of: int) -> list[str]:
        return [one.name for one in room._names(words, rows, of, MINIMUM)]

    assert shown(50) == ["A", "B"]
    assert shown(60) == ["A", "B"]
    assert shown(53) == ["A"]


def test_what_is_told(planted: Planted) -> None:
    asked = MapAsked(
        (MapNode("a", parse("name = 'A'"), 1), MapNode("b", parse("name = 'B'"), 0)),
        frozenset({"C"}),
        timedelta(days=60),
    )
    found = conformance(planted.log, MAIN, asked).as_dict()
    assert found["deviations"][0] == {
        **found["deviations"][0],
        "kind": "back", "before": "a", "to": "b", "missing": None,
    }  # fmt: skip
    assert {each["name"] for each in found["deviations"][0]["names"]} == {"D > E"}
    assert found["share"]["low"] < found["share"]["value"] < found["share"]["high"]
