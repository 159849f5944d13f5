"""How steps and lengths of time are written, and what is said of those that cannot be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.journey.asking import Steps, read_names, read_span, read_steps, write_steps
from zhiyin.journey.events import Events
from zhiyin.journey.funnel import FunnelAsked, funnel
from zhiyin.journey.tests.conftest import MAIN, Planted
from zhiyin.kernel.errors import Problem


def test_steps_are_names_sets_of_names_and_what_may_not_come_between() -> None:
    found = read_steps(' Seen >!Left | Lost> "a > ""b""" |C ')
    assert found.names == (frozenset({"Seen"}), frozenset({'a > "b"', "C"}))
    assert found.between == (frozenset({"Left", "Lost"}),)
    assert found.labels == ("Seen", 'C | a > "b"')


names = st.frozensets(st.text('ab >|!"', min_size=1, max_size=4).filter(str.strip), min_size=1)


@given(st.lists(names, min_size=2, max_size=4), st.lists(names, min_size=3, max_size=3))
def test_steps_are_written_as_they_are_read(
    steps: list[frozenset[str]], between: list[frozenset[str]]
) -> None:
    held = Steps(tuple(steps), tuple(between[: len(steps) - 1]))
    assert read_steps(write_steps(held)) == held


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "A >",
        "> A",
        "A > > B",
        "A > | B",
        "!A > B",
        "A > !B",
        'A > "B',
        'A "B" > C',
        "A > !",
        "A > B | !C > D",
    ],
)
def test_what_names_no_steps_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read_steps(text)
    assert refused.value.code == "journey.steps"


def test_a_funnel_has_an_end() -> None:
    with pytest.raises(Problem) as refused:
        read_steps(" > ".join("ABCDEFGHIJKLM"))
    assert refused.value.code == "journey.too-many-steps"


def test_names_that_count_alike() -> None:
    assert read_names(' Paid | "a > b" ') == frozenset({"Paid", "a > b"})
    for text in ("", "A > B", "!A", "A |", '"A'):
        with pytest.raises(Problem) as refused:
            read_names(text)
        assert refused.value.code == "journey.names"


def test_lengths_of_time() -> None:
    assert read_span("90s") == timedelta(seconds=90)
    assert read_span("30 m") == timedelta(minutes=30)
    assert read_span("2w") == timedelta(days=14)


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5h", "7 days", "999999999w"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read_span(text)
    assert refused.value.code == "journey.span"


def test_what_the_log_does_not_know_is_named(planted: Planted) -> None:
    week = timedelta(days=7)
    with pytest.raises(Problem) as refused:
        funnel(planted.log, MAIN, FunnelAsked(read_steps('A > "D > F"'), week))
    assert refused.value.code == "journey.no-such-event"
    assert "D > E" in str(refused.value)
    with pytest.raises(Problem) as refused:
        funnel(planted.log, MAIN, FunnelAsked(read_steps("A > B"), week, by="session"))
    assert refused.value.code == "journey.no-such-column"
    assert "channel" in str(refused.value)


def test_rules_for_touchpoints_name_the_nodes(planted: Planted) -> None:
    """What an event says itself stays; one that no rule speaks of keeps its name."""
    from zhiyin.journey.asking import ALL
    from zhiyin.journey.paths import PathsAsked, paths
    from zhiyin.warehouse.rules import Rule, Rules

    before = paths(planted.log, MAIN, PathsAsked())
    planted.log.set_rules("main", "touchpoint", Rules((Rule("name in ('A', 'B')", "Shop"),)))
    try:
        after = paths(planted.log, MAIN, PathsAsked())
        assert {e.before for e in after.edges} == {"Shop", "C", "D > E", "Desk", "Screen"}
        inside = sum(e.count for e in before.edges if {e.before, e.after} <= {"A", "B"})
        (shop,) = (e for e in after.edges if e.before == e.after == "Shop")
        assert 0 < shop.count < inside
        assert after.pairs == before.pairs
        assert "Shop" in Events.of(planted.log, MAIN, ALL).nodes.values()
    finally:
        planted.log.set_rules("main", "touchpoint", Rules())
