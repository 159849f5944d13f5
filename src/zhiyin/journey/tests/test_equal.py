"""The product's answers beside those of a search by definition, on random histories.

Programs that this would catch: a window that ends before its last microsecond; the earliest start
kept instead of the latest; an event that serves two steps of one chain; ties ordered by name, or by
arrival across the ids of one customer; a filter applied after the order; customers counted before
merges; rows of an undone import counted.
"""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey.asking import ALL, ORDERS, Chosen, Order, Steps
from zhiyin.journey.events import EPOCH, Events, microseconds
from zhiyin.journey.funnel import FunnelAsked, Step, funnel
from zhiyin.journey.paths import PathsAsked, paths
from zhiyin.journey.repeats import repeats
from zhiyin.journey.retention import retention
from zhiyin.journey.sessions import sessions
from zhiyin.journey.tests import naive
from zhiyin.journey.tests.conftest import MAIN, NAMES, Planted
from zhiyin.journey.variants import variants
from zhiyin.journey.waits import counted, waits
from zhiyin.kernel.filters import parse
from zhiyin.kernel.periods import GRAINS, day_start, local_day, step_label, step_start

APP = Chosen(where=parse("channel = 'app'"))
MICROSECOND = timedelta(microseconds=1)

sets = st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=2)
spans = st.sampled_from([1, 2, 5, 8, 86_400]).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def steps(draw: st.DrawFn) -> Steps:
    names = draw(st.lists(sets, min_size=2, max_size=4))
    gaps = st.one_of(st.just(frozenset[str]()), sets)
    return Steps(tuple(names), tuple(draw(gaps) for _gap in names[1:]))


def told(found: tuple[Step, ...]) -> list[tuple[int | None, float | None]]:
    return [
        (s.customers, None if s.median_seconds is None else round(s.median_seconds * 1e6, 1))
        for s in found
    ]


@settings(max_examples=15)
@given(
    steps=steps(),
    within=spans,
    order=st.sampled_from(ORDERS),
    chosen=st.sampled_from([ALL, APP]),
)
def test_funnels(
    planted: Planted, steps: Steps, within: timedelta, order: Order, chosen: Chosen
) -> None:
    histories = planted.histories if chosen is ALL else planted.where_channel("app")
    asked = FunnelAsked(steps, within, order, by="channel", chosen=chosen)
    found = funnel(planted.log, MAIN, asked)
    us = within // MICROSECOND
    assert told(found.steps) == naive.funnel(histories, steps, us, order)
    groups = {
        channel: naive.funnel(histories, steps, us, order, channel or "")
        for channel in ("app", "shop", None)
    }
    started = {channel: one for channel, one in groups.items() if one[0][0]}
    assert {word: told(one) for word, one in found.groups} == started


@settings(max_examples=15)
@given(
    steps=steps(),
    within=spans,
    chosen=st.sampled_from([ALL, APP, Chosen(end=date(2026, 1, 14))]),
    data=st.data(),
)
def test_how_long_until(
    planted: Planted, steps: Steps, within: timedelta, chosen: Chosen, data: st.DataObject
) -> None:
    to = data.draw(st.integers(2, len(steps.names)))
    found = waits(planted.log, MAIN, FunnelAsked(steps, within, chosen=chosen), last=to)
    short = Steps(steps.names[:to], steps.between[: to - 1])
    histories = planted.where_channel("app") if chosen is APP else planted.histories
    until = max(events[-1].us for events in planted.histories.values())
    if chosen.end is not None:
        until = microseconds(day_start(chosen.end, MAIN.timezone) - EPOCH)
        histories = {who: [e for e in told if e.us < until] for who, told in histories.items()}
    us = within // MICROSECOND
    took, still = ([one // 1_000_000 for one in found] for found in naive.waits(
        histories.values(), short, us, until, None
    ))  # fmt: skip
    asked = FunnelAsked(short, within, order="earliest", chosen=chosen)
    rows = counted(Events.of(planted.log, MAIN, chosen), asked, until).to_pylist()
    by_second = {row["seconds"]: (row["arrived"], row["still"]) for row in rows}
    assert by_second == {one: (took.count(one), still.count(one)) for one in {*took, *still}}
    assert (found.began, found.arrived, found.number) == (len(took) + len(still), len(took), to)
    for one in found.moments:
        assert one.arrived == sum(second <= one.seconds for second in took)
        assert one.at_risk == sum(second > one.seconds for second in took) + sum(
            second >= one.seconds for second in still
        )


def test_paths(planted: Planted) -> None:
    for gap in (None, timedelta(seconds=2)):
        for start, end in ((None, None), ("B", None), (None, "C"), ("B", "C"), ("B", "B")):
            found = paths(planted.log, MAIN, PathsAsked(start=start, gap=gap, end=end))
            us = None if gap is None else gap // MICROSECOND
            expected = naive.edges(planted.histories, us, start, end)
            told = {
                (e.before, e.after): (e.count, e.customers, round(e.median_seconds * 1e6, 1))
                for e in found.edges
            }
            assert told == expected
            assert found.pairs == sum(pairs for pairs, _customers, _wait in expected.values())


def test_a_reader_sees_the_paths_of_her_scope(planted: Planted) -> None:
    found = paths(planted.log, MAIN, PathsAsked(), scope=APP.where)
    expected = naive.edges(planted.where_channel("app"), None, None)
    assert {(e.before, e.after): e.count for e in found.edges} == {
        edge: pairs for edge, (pairs, _customers, _wait) in expected.items()
    }


def test_variants(planted: Planted) -> None:
    for chosen, histories in ((ALL, planted.histories), (APP, planted.where_channel("app"))):
        found = variants(planted.log, MAIN, chosen)
        expected = naive.variants(histories)
        assert {one.steps: one.customers for one in found.variants} == expected
        assert (found.variants_in_all, found.customers) == (len(expected), expected.total())
    first = variants(planted.log, MAIN, ALL, top=3)
    assert [one.customers for one in first.variants] == sorted(
        naive.variants(planted.histories).values(), reverse=True
    )[:3]


def test_sessions(planted: Planted) -> None:
    for gap in (1, 4, 864_000):
        found = sessions(planted.log, MAIN, ALL, gap=timedelta(seconds=gap))
        expected = naive.stretches(planted.histories, gap * 1_000_000)
        assert found.sessions == len(expected)
        assert found.single == sum(len(one) == 1 for one in expected)
        assert found.events == sum(map(len, expected))
        assert found.customers == len(planted.histories)


def test_what_comes_again(planted: Planted) -> None:
    for chosen, histories in ((ALL, planted.histories), (APP, planted.where_channel("app"))):
        found = repeats(planted.log, MAIN, chosen)
        told = {
            one.node: (one.events, one.customers, one.again, one.back, one.at_once)
            for one in found.nodes
        }
        assert told == naive.repeats(histories.values())
        assert found.nodes_in_all == len(told)
    again = [one.again or 0 for one in repeats(planted.log, MAIN, ALL, top=2).nodes]
    assert again == sorted((row[2] for row in naive.repeats(planted.histories.values()).values()),
                           reverse=True)[:2]  # fmt: skip


def test_of_some_customers_alone(planted: Planted) -> None:
    """A rule over customers as they are now, merged ones as one."""
    often = Chosen(customers="events >= 6")
    histories = {who: events for who, events in planted.histories.items() if len(events) >= 6}
    assert 20 < len(histories) < len(planted.histories) - 20
    expected = naive.edges(histories, None, None)
    found = paths(planted.log, MAIN, PathsAsked(chosen=often))
    followed = {(one.before, one.after): (one.count, one.customers) for one in found.edges}
    assert followed == {edge: tuple(known[:2]) for edge, known in expected.items()}
    every = variants(planted.log, MAIN, often)
    assert {one.steps: one.customers for one in every.variants} == naive.variants(histories)
    visits = sessions(planted.log, MAIN, often, gap=timedelta(seconds=4))
    assert visits.customers == len(histories)
    assert visits.sessions == len(naive.stretches(histories, 4_000_000))
    wanted = Steps((frozenset({"A"}), frozenset({"B"})), (frozenset(),))
    within = timedelta(days=1)
    passed = funnel(planted.log, MAIN, FunnelAsked(wanted, within, chosen=often))
    assert told(passed.steps) == naive.funnel(histories, wanted, within // MICROSECOND, "any")
    # With a filter over events besides; of nobody there is nothing.
    app = Chosen(APP.where, customers="events >= 6")
    few = {who: planted.where_channel("app")[who] for who in histories}
    both = paths(planted.log, MAIN, PathsAsked(chosen=app))
    assert both.pairs == sum(known[0] for known in naive.edges(few, None, None).values())
    nobody = Chosen(customers="events > 1000")
    assert paths(planted.log, MAIN, PathsAsked(chosen=nobody)).edges == ()


RULES = {
    "events >= 6": (6, 99),
    "events >= 3": (3, 99),
    "events <= 4": (1, 4),
    "events > 99": (0, 0),
}


@settings(max_examples=4)
@given(
    steps=steps(),
    within=spans,
    order=st.sampled_from(ORDERS),
    rules=st.lists(st.sampled_from(sorted(RULES)), min_size=1, unique=True),
    chosen=st.sampled_from([ALL, APP, Chosen(customers="events >= 2")]),
)
def test_by_segments(
    planted: Planted,
    steps: Steps,
    within: timedelta,
    order: Order,
    rules: list[str],
    chosen: Chosen,
) -> None:
    """Rules that overlap, lie within one another, or hold of nobody."""
    asked = FunnelAsked(steps, within, order, by_segments=tuple(rules), chosen=chosen)
    found = funnel(planted.log, MAIN, asked)
    histories = planted.where_channel("app") if chosen is APP else planted.histories
    least = 2 if chosen.customers else 1
    us = within // MICROSECOND
    sizes = {who: len(events) for who, events in planted.histories.items()}
    of: dict[str | None, list[str]] = {
        rule: [
            who for who, n in sizes.items() if n >= least and RULES[rule][0] <= n <= RULES[rule][1]
        ]
        for rule in rules
    }
    held = {who for members in of.values() for who in members}
    of[None] = [who for who, n in sizes.items() if n >= least and who not in held]
    expected = {
        word: naive.funnel({who: histories[who] for who in members}, steps, us, order)
        for word, members in of.items()
    }
    assert [(word, told(one)) for word, one in found.groups] == [
        (word, one) for word, one in expected.items() if one[0][0]
    ]


def test_retention(planted: Planted) -> None:
    for every in GRAINS:
        came = [
            (customer, step_start(local_day(EPOCH + e.us * MICROSECOND, MAIN.timezone), every))
            for customer, events in planted.where_channel("app").items()
            for e in events
        ]
        expected = naive.cohorts((customer, day.toordinal()) for customer, day in came)
        labels = {day.toordinal(): step_label(day, every) for _customer, day in came}
        found = retention(planted.log, MAIN, APP, every=every)
        told = {
            (cohort.period, one.period): one.customers
            for cohort in found.cohorts
            for one in cohort.returns
            if one.customers
        }
        assert told == {
            (labels[first], labels[period]): customers
            for (first, period), customers in expected.items()
        }
