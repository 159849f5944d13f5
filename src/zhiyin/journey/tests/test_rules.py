"""Under rules for touchpoints and units the index says what SQL says.

Programs that this would catch: a rule that overrides what an event says itself, or does not where
rules come first; a rule that is read in another order; a rule for units that does not see the
touchpoint that a rule gave; a table of names and tuples that is read the wrong way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from math import isclose
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey.asking import Chosen, read_steps
from zhiyin.journey.before import BeforeAsked, before
from zhiyin.journey.conversion import conversion
from zhiyin.journey.funnel import FunnelAsked, funnel
from zhiyin.journey.groups import Groups
from zhiyin.journey.mapped import MapAsked, MapNode
from zhiyin.journey.outcomes import Outcome
from zhiyin.journey.parting import PartingAsked, parting
from zhiyin.journey.paths import PathsAsked, paths
from zhiyin.journey.retention import retention
from zhiyin.journey.sessions import sessions
from zhiyin.journey.tests.conftest import MAIN, Planted
from zhiyin.journey.traffic import traffic
from zhiyin.journey.variants import variants
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.rules import RULED, Rule, Rules

CONDITIONS = (
    "name = 'A'",
    "name in ('B', 'C') and channel = 'app'",
    "channel is missing",
    "name != 'A' or channel = 'shop'",
    "not (channel = 'app' and name contains 'd')",
    "touchpoint = 'Desk'",
    "source = 'web' and touchpoint is missing",
    "unit = 'north'",
)
FILTERS = (
    *CONDITIONS,
    "unit in ('north', 'south') and touchpoint != 'Desk'",
    "touchpoint is missing or unit = 'south'",
)
BY = ("touchpoint", "unit", "name", "channel")
WITHIN = timedelta(days=2)
LATE = Outcome("event", "B")
APART = Groups("events", parse("channel = 'app'"), parse("channel = 'shop'"))

conditions = st.sampled_from(CONDITIONS)


def rules(words: tuple[str, ...]) -> st.SearchStrategy[Rules]:
    one = st.builds(Rule, where=conditions, gives=st.sampled_from(words))
    return st.builds(Rules, st.lists(one, max_size=4).map(tuple), st.booleans())


@pytest.fixture
def ruled(held: Planted) -> Iterator[Planted]:
    yield held
    for column in RULED:
        held.log.set_rules("main", column, Rules())


def answers(planted: Planted, by: str, chosen: Chosen) -> list[dict[str, Any]]:
    """Every question once."""
    steps = read_steps("A | B > !C > B | C")
    broken_down = FunnelAsked(steps, WITHIN, by=by, chosen=chosen)
    log = planted.log
    nodes = tuple(
        MapNode(rule, parse(rule), stage, is_help=stage == 1)
        for stage, rule in enumerate(("touchpoint = 'Desk'", "unit = 'south'", "channel = 'app'"))
    )
    on_map = MapAsked(nodes, frozenset("B"), WITHIN, chosen)
    return [
        funnel(log, MAIN, broken_down).as_dict(),
        conversion(log, MAIN, broken_down, every="week").as_dict(),
        paths(log, MAIN, PathsAsked(start="A", chosen=chosen)).as_dict(),
        paths(log, MAIN, PathsAsked(gap=WITHIN, chosen=chosen)).as_dict(),
        variants(log, MAIN, chosen).as_dict(),
        sessions(log, MAIN, chosen, gap=WITHIN).as_dict(),
        retention(log, MAIN, chosen, every="week").as_dict(),
        before(log, MAIN, BeforeAsked(LATE, WITHIN, steps=2, chosen=chosen)).as_dict(),
        parting(log, MAIN, PartingAsked(APART, WITHIN, chosen)).as_dict(),
        asdict(traffic(log, MAIN, on_map)),
    ]


@settings(max_examples=8, deadline=None)
@given(
    touchpoints=rules(("Desk", "Shop", "Phone")),
    units=rules(("north", "south")),
    by=st.sampled_from(BY),
    where=st.sampled_from(FILTERS) | st.none(),
)
def test_rules(held: Planted, touchpoints: Rules, units: Rules, by: str, where: str | None) -> None:
    held.log.set_rules("main", "touchpoint", touchpoints)
    held.log.set_rules("main", "unit", units)
    chosen = Chosen(where=parse(where) if where else None)
    by_index = held.log.ask_journeys
    told = []

    def watched(*asked: Any, **more: Any) -> Any:
        found = by_index(*asked, **more)
        told.append(found is not None)
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held.log, "ask_journeys", watched)
        found = answers(held, by, chosen)
        patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
        expected = answers(held, by, chosen)
    assert told
    assert all(told)
    assert all(is_same(one, other) for one, other in zip(found, expected, strict=True))


def is_same(one: Any, other: Any) -> bool:
    """Whether two documents say the same; sums of another order differ in their last digits."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


def test_a_rule_on_a_property_is_left_to_sql(ruled: Planted) -> None:
    ask = ruled.log.ask_journeys
    only = Rules((Rule("properties.path = '/'", "Shop"),))
    ruled.log.set_rules("main", "touchpoint", only)
    assert ask("main", "extent", {}, by=("touchpoint",)) is None
    assert ask("main", "extent", {}, where=parse("touchpoint = 'Shop'")) is None
    assert ask("main", "extent", {}) is not None


def test_a_scope_goes_by_the_touchpoints_of_rules(ruled: Planted) -> None:
    ruled.log.set_rules("main", "touchpoint", Rules((Rule("name = 'A'", "Shop"),), True))
    found = paths(ruled.log, MAIN, PathsAsked(), scope=parse("touchpoint = 'Shop'"))
    assert {(edge.before, edge.after) for edge in found.edges} == {("Shop", "Shop")}
