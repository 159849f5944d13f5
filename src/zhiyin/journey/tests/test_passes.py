"""The compiled passes beside a search by definition, on random histories.

Programs that this would catch: a window that ends before its last microsecond; an earlier start
kept when there is a later one; ties put in another order when slices are merged; a filter applied
after the order; a group's later member counted again; a median that is off by one value.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from zhiyin.journey import before as room_before
from zhiyin.journey import parting as room_parting
from zhiyin.journey.asking import ORDERS, Order, Steps
from zhiyin.journey.paths import MOST_NODES
from zhiyin.journey.tests import naive
from zhiyin.journey.tests.index import (
    BY_CHANNEL,
    CHANNELS,
    EPOCH,
    KEYS,
    NAMES,
    TUPLES,
    Indexed,
    logs,
)
from zhiyin.journey.tests.naive import Happened
from zhiyin.warehouse.journeys import choosing, leading
from zhiyin.warehouse.journeys.passes import (
    before,
    funnel,
    parting,
    paths,
    reading,
    repeats,
    retention,
    sessions,
    variants,
)
from zhiyin.warehouse.journeys.passes.asked import WHOLE, Allowed, Nodes, Periods
from zhiyin.warehouse.journeys.passes.medians import Book, exact, note


@pytest.fixture(autouse=True, scope="module")
def _few_events_are_shared_out() -> Iterator[None]:
    """Logs of more than ten events are read by several threads, as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FEW", 10)
        yield


OFTEN = settings(max_examples=40, deadline=None)

sets = st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=2)
spans = st.sampled_from([0, 1, 3, 8, 100])
gaps = st.sampled_from([None, 0, 2, 6])
NODES = Nodes.named(len(NAMES))


@st.composite
def steps(draw: st.DrawFn) -> Steps:
    names = draw(st.lists(sets, min_size=2, max_size=4))
    gaps = st.one_of(st.just(frozenset[str]()), sets)
    return Steps(tuple(names), tuple(draw(gaps) for _gap in names[1:]))


def coded(steps: Steps, within: int, order: Order) -> funnel.Steps:
    def codes(parts: tuple[frozenset[str], ...]) -> list[frozenset[int]]:
        return [frozenset(NAMES.index(name) for name in part) for part in parts]

    return funnel.Steps(codes(steps.names), codes(steps.between), within, order)


def told(found: funnel.Passed, row: int) -> list[tuple[int, float | None]]:
    return [
        (int(customers), None if np.isnan(median) else float(median))
        for customers, median in zip(found.customers[row], found.median_us[row], strict=True)
    ]


@OFTEN
@given(log=logs(), steps=steps(), within=spans, order=st.sampled_from(ORDERS))
def test_funnels(log: Indexed, steps: Steps, within: int, order: Order) -> None:
    asked = coded(steps, within, order)
    found = funnel.funnel(log.histories, asked, allowed=log.allowed, by=BY_CHANNEL)
    histories = log.named()
    assert told(found, 0) == naive.funnel(histories, steps, within, order)
    for number, channel in enumerate(CHANNELS):
        expected = naive.funnel(histories, steps, within, order, channel or "")
        assert told(found, number + 1) == expected


@OFTEN
@given(
    log=logs(),
    steps=steps(),
    within=spans,
    order=st.sampled_from(ORDERS),
    begins=st.lists(st.integers(EPOCH - 2, EPOCH + 27), min_size=2, max_size=6, unique=True),
)
def test_funnels_by_period(
    log: Indexed, steps: Steps, within: int, order: Order, begins: list[int]
) -> None:
    """Would catch a chain that ends with its period, or a start of another that is kept."""
    begins.sort()
    asked, periods = coded(steps, within, order), Periods(np.array(begins))
    found = funnel.funnel(log.histories, asked, allowed=log.allowed, by=periods)
    by_period = {
        customer: [replace(e, channel=str(bisect_right(begins, e.us))) for e in events]
        for customer, events in log.named().items()
    }
    assert told(found, 0) == naive.funnel(by_period, steps, within, order)
    for number in range(1, len(begins)):
        assert told(found, number) == naive.funnel(by_period, steps, within, order, str(number))


@OFTEN
@given(log=logs(), data=st.data())
def test_names_are_allowed_with_tuples(log: Indexed, data: st.DataObject) -> None:
    """Would catch bits that are read as flags."""
    row = st.lists(st.booleans(), min_size=TUPLES, max_size=TUPLES)
    flags = np.array([data.draw(row) for _name in NAMES], np.uint8)
    bits = choosing.bits_of(flags)
    assert bits is not None
    both = Allowed(bits[1], bits[0])
    found = paths.edges(log.histories, paths.PathsAsked(NODES), allowed=both)
    allowed = {
        str(key): [e for e in events if flags[NAMES.index(e.name), e.code]]
        for key, events in log.whole.items()
    }
    edges = {edge: pairs for edge, (pairs, _who, _wait) in naive.edges(allowed, None, None).items()}
    assert {
        (NAMES[one], NAMES[other]): found.pairs[one, other]
        for one, other in zip(*np.nonzero(found.pairs), strict=True)
    } == edges


@OFTEN
@given(log=logs(), steps=steps(), within=spans, beyond=st.integers(0, 40))
def test_how_long_until(log: Indexed, steps: Steps, within: int, beyond: int) -> None:
    until = EPOCH + 25 + beyond
    asked = coded(steps, within, "earliest")
    rows = funnel.waits(log.histories, asked, until=until, allowed=log.allowed, by=BY_CHANNEL)
    for found, group in zip(rows, [None, "app", "shop", ""], strict=True):
        took, still = naive.waits(log.of.values(), steps, within, until, group)
        assert (sorted(found.took), sorted(found.still)) == (took, still)


@OFTEN
@given(log=logs(), gap=gaps, start=st.none() | sets)
def test_paths(log: Indexed, gap: int | None, start: frozenset[str] | None) -> None:
    begin = None if start is None else frozenset(NAMES.index(name) for name in start)
    asked = paths.PathsAsked(NODES, paths.WHOLE_HISTORY if gap is None else gap, begin)
    found = paths.edges(log.histories, asked, allowed=log.allowed)
    expected = naive.edges(log.named(start), gap, None)
    edges = [(int(one), int(other)) for one, other in zip(*np.nonzero(found.pairs), strict=True)]
    waits = paths.median_us(log.histories, asked, edges, allowed=log.allowed)
    assert {
        (NAMES[one], NAMES[other]): (found.pairs[one, other], found.customers[one, other], wait)
        for (one, other), wait in zip(edges, waits, strict=True)
    } == expected
    left = list(log.named(start).values())
    assert found.total_us.sum() == sum(
        other.us - one.us
        for events in left
        for one, other in pairwise(events)
        if gap is None or other.us - one.us <= gap
    )
    assert (found.events, found.people) == (sum(map(len, left)), sum(map(bool, left)))


@OFTEN
@given(log=logs(), data=st.data())
def test_a_node_is_made_of_name_and_tuple(log: Indexed, data: st.DataObject) -> None:
    """Would catch a table that is read by the wrong column, or beyond its end."""
    columns = data.draw(st.lists(st.integers(0, 2), min_size=TUPLES, max_size=TUPLES))
    known = NAMES[: data.draw(st.integers(1, len(NAMES)))]
    table = np.arange(3 * len(known), dtype=np.int32).reshape(-1, 3)
    nodes = Nodes(table, table.size, np.array(columns, np.uint16))
    for key, events in log.of.items():
        found = variants.row_of(log.histories, nodes, key, allowed=log.allowed)
        assert found.tolist() == [
            table[NAMES.index(event.name), columns[event.code]]
            for event in events
            if event.name in known
        ]


@OFTEN
@given(log=logs(), gap=st.integers(0, 12))
def test_sessions(log: Indexed, gap: int) -> None:
    found = sessions.sessions(log.histories, gap=gap, allowed=log.allowed, by=BY_CHANNEL)
    for row, channel in enumerate([(), *((c,) for c in CHANNELS)]):
        each = [
            (customer, stretch)
            for customer, events in log.named().items()
            for stretch in naive.stretches({customer: events}, gap)
            if not channel or stretch[0].channel == channel[0]
        ]
        sizes = [len(stretch) for _customer, stretch in each]
        lasted = [stretch[-1].us - stretch[0].us for _customer, stretch in each]
        assert found.sessions[row] == len(each)
        assert found.single[row] == sizes.count(1)
        assert found.customers[row] == len({customer for customer, _stretch in each})
        assert found.events[row] == sum(sizes)
        assert found.total_us[row] == sum(lasted)
        if each:
            assert found.median_events[row] == median(sizes)
            assert found.median_us[row] == median(lasted)
        else:
            assert np.isnan(found.median_events[row])


values_of = st.lists(
    st.one_of(
        st.integers(0, 70),
        st.sampled_from([0, 62, 63, 64, 3_600_000_000]),
        st.integers(0, 1 << 50),
    ),
    max_size=40,
)


@given(first=st.lists(values_of, min_size=2, max_size=2), second=values_of)
def test_medians(first: list[list[int]], second: list[int]) -> None:
    """Two kinds, and two ranges of keys; a middle in buckets of one value, of many, and between."""
    spans = [[(0, one) for one in part] for part in first]
    spans[0] += [(1, one) for one in second]

    def walk(books: Sequence[Book]) -> None:
        for book, noted in zip(books, spans, strict=True):
            for kind, value in noted:
                note_one(book, kind, value)

    found = exact(2, 2, walk)
    for kind, values in enumerate(([*first[0], *first[1]], second)):
        if values:
            assert found[kind] == np.median(values)
        else:
            assert np.isnan(found[kind])


@njit
def note_one(book, kind, value):  # type: ignore[no-untyped-def]
    counts, low, high, place, values, real, bits = book
    note(counts, low, high, place, values, real, bits, kind, value)


@OFTEN
@given(log=logs())
def test_variants_and_repeats(log: Indexed) -> None:
    found = variants.variants(log.histories, NODES, allowed=log.allowed)
    expected = naive.variants(log.named())
    rows = [
        variants.row_of(log.histories, NODES, key, allowed=log.allowed) for key in found.example
    ]
    told = [tuple(NAMES[node] for node in row) for row in rows]
    assert dict(zip(told, found.customers.tolist(), strict=True)) == expected
    assert sorted(found.customers, reverse=True) == list(found.customers)
    for row, key, took in zip(told, found.example, found.median_us, strict=True):
        same = {k: e for k, e in log.of.items() if tuple(one.name for one in e) == row}
        assert key == min(same)
        assert took == median(events[-1].us - events[0].us for events in same.values())
    again = repeats.repeats(log.histories, NODES, allowed=log.allowed)
    counted = {name: tuple(row) for name, row in zip(NAMES, again.tolist(), strict=True) if row[0]}
    assert counted == naive.repeats(log.of.values())


@OFTEN
@given(log=logs(), cuts=st.sets(st.integers(EPOCH - 3, EPOCH + 30), min_size=2, max_size=6))
def test_retention(log: Indexed, cuts: set[int]) -> None:
    periods = sorted(cuts)
    found = retention.retention(log.histories, np.array(periods), allowed=log.allowed)
    came = [
        (customer, bisect_right(periods, event.us) - 1)
        for customer, events in log.named().items()
        for event in events
        if periods[0] <= event.us < periods[-1]
    ]
    cohorts = {
        (int(first), int(first + age)): int(found[first, age])
        for first, age in zip(*np.nonzero(found), strict=True)
    }
    assert cohorts == naive.cohorts(came)


moments = st.lists(
    st.tuples(st.integers(0, KEYS - 1), st.integers(EPOCH, EPOCH + 30), st.integers(0, 1))
)


@OFTEN
@given(log=logs(), moments=moments, within=st.integers(0, 12), steps=st.integers(1, 4))
def test_before(log: Indexed, moments: list[tuple[int, int, int]], within: int, steps: int) -> None:
    """Would catch a window that holds the moment itself, rows told backwards, and a customer of
    both sides counted as shared at one of them alone."""
    keys, times, sides = zip(*moments, strict=True) if moments else ((), (), ())
    found = before.before(
        log.histories,
        before.Moments(
            np.array(keys, np.int32), np.array(times, np.int64), np.array(sides, np.uint8)
        ),
        NODES,
        within=within,
        steps=steps,
        allowed=log.allowed,
    )
    hers = [(log.stands[key], time, side) for key, time, side in moments]
    columns = np.column_stack((found.had, found.both, found.shared)).tolist()
    told = {(name,): tuple(row) for name, row in zip(NAMES, columns, strict=True) if any(row)}
    assert told == naive.before(log.of, hers, within)
    for (customer, time, _side), row in zip(hers, found.rows.tolist(), strict=True):
        names = tuple(NAMES[node] for node in before.nodes_of(row, len(NAMES)))
        assert names == naive.last_nodes(log.of.get(customer, ()), time, within, steps)


@OFTEN
@given(log=logs(), gap=st.integers(0, 12), until=st.integers(EPOCH, EPOCH + 40), data=st.data())
def test_parting(log: Indexed, gap: int, until: int, data: st.DataObject) -> None:
    """Would catch a later visit counted, a visit whose next step may be to come, and a group that
    is taken from the next event."""
    asked = parting.PartingAsked(NODES, gap, until, BY_CHANNEL)
    of_channel = {"app": 0, "shop": 1}
    expected = naive.parting(log.of.values(), lambda e: of_channel.get(e.channel or ""), gap, until)
    assert next_steps(log, asked) == expected
    side = st.sampled_from([0, 1, parting.NEITHER])
    sides = data.draw(st.lists(side, min_size=KEYS, max_size=KEYS))
    of_key = np.array(sides, np.int8)
    asked = parting.PartingAsked(NODES, gap, until, WHOLE, of_key)
    expected = Counter()
    for key, events in log.of.items():
        if sides[key] >= 0:
            expected += naive.parting([events], partial(of_her, sides[key]), gap, until)
    assert next_steps(log, asked) == expected


def of_her(side: int, _event: Happened) -> int:
    return side


def next_steps(log: Indexed, asked: parting.PartingAsked) -> Counter[tuple[int, str, str | None]]:
    found = parting.parting(log.histories, asked, allowed=log.allowed)
    called = (*NAMES, None)
    return Counter(
        {
            (int(side), NAMES[node], called[then]): int(found[side, node, then])
            for side, node, then in zip(*np.nonzero(found), strict=True)
        }
    )


def test_as_many_names_as_a_graph_may_have_fit_a_pass() -> None:
    """The room asks SQL of larger ones, and does not load the passes to know."""
    assert MOST_NODES <= paths.MOST_NODES
    assert room_before.MOST_NODES <= before.MOST_NODES
    assert room_before.MOST_STEPS <= before.MOST_STEPS
    assert room_before.NEVER == leading.NEVER
    assert room_parting.MOST_NODES <= parting.MOST_NODES
