"""The lists behind figures have as many customers as the figures, and by the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from zhiyin.journey.adoption import AdoptionAsked
from zhiyin.journey.asking import ALL, ORDERS, Chosen, Order, read_steps
from zhiyin.journey.before import BeforeAsked
from zhiyin.journey.behind import Behind, Listing, StepAsked, Which
from zhiyin.journey.conversion import conversion
from zhiyin.journey.engagement import EngagementAsked
from zhiyin.journey.events import EPOCH
from zhiyin.journey.funnel import FunnelAsked, funnel
from zhiyin.journey.groups import Groups
from zhiyin.journey.outcomes import Outcome
from zhiyin.journey.parting import PartingAsked
from zhiyin.journey.paths import PathsAsked, paths
from zhiyin.journey.repeats import WHO
from zhiyin.journey.retention import retention
from zhiyin.journey.tests import naive
from zhiyin.journey.tests.conftest import MAIN, Planted
from zhiyin.journey.variants import variants
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.periods import local_day, step_label, step_start
from zhiyin.warehouse.owner import Owner

STEPS = read_steps("A > !C > B > A")
WITHIN = timedelta(days=3)
NOW = datetime(2026, 6, 1)
WHICH: tuple[Which, ...] = ("tried", "done", "never")


def listing(planted: Planted, *, first: int = 0, limit: int = 50) -> Listing:
    return Listing(planted.log, MAIN, first, limit)


@pytest.mark.parametrize("order", ORDERS)
def test_behind_a_step_stand_those_who_came_to_it(planted: Planted, order: Order) -> None:
    asked = FunnelAsked(STEPS, WITHIN, order, by="channel")
    found = funnel(planted.log, MAIN, asked)
    lists = listing(planted, limit=1000)
    counts = [step.customers or 0 for step in found.steps]
    for place, count in enumerate(counts):
        came = lists.of_step(StepAsked(asked, place))
        assert came.customers == len(came.keys) == len(set(came.keys)) == count
        stopped = lists.of_step(StepAsked(asked, place, stopped=True)).customers
        assert stopped == count - (counts[place + 1] if place + 1 < len(counts) else 0)
    for word, steps in found.groups:
        mine = StepAsked(asked, 1, group=word, is_grouped=True)
        assert lists.of_step(mine).customers == steps[1].customers


@pytest.mark.parametrize("order", ["any", "earliest"])
def test_conversion_by_week_is_that_of_chains_that_began_in_it(
    planted: Planted, order: Order
) -> None:
    asked = FunnelAsked(STEPS, timedelta(days=10), order)
    found = conversion(planted.log, MAIN, asked, every="week", now=NOW)
    expected: dict[str, list[set[str]]] = {}
    for customer, events in planted.histories.items():
        us = asked.within // timedelta(microseconds=1)
        for step, start, _end in naive.chains(events, STEPS, us, order):
            day = local_day(EPOCH + timedelta(microseconds=events[start].us), MAIN.timezone)
            label = step_label(step_start(day, "week"), "week")
            expected.setdefault(label, [set(), set(), set()])[step].add(customer)
    told = {one.period: [s.customers for s in one.steps] for one in found.periods if one.steps}
    assert told == {label: [len(step) for step in sets] for label, sets in expected.items()}
    for label in told:
        behind = listing(planted).of_step(StepAsked(asked, 1, period=label)).customers
        assert behind == told[label][1]


def test_a_period_is_final_when_its_last_chain_cannot_go_on(planted: Planted) -> None:
    asked = FunnelAsked(STEPS, timedelta(days=7))
    # The first planted week ends on Monday 12 January, 00:00 in Shanghai.
    end = datetime(2026, 1, 11, 16) + timedelta(days=7)
    for now, is_final in ((end, True), (end - timedelta(microseconds=1), False)):
        first = conversion(planted.log, MAIN, asked, every="week", now=now).periods[0]
        assert first.is_final is is_final
    until = FunnelAsked(STEPS, timedelta(days=7), chosen=Chosen(end=datetime(2026, 1, 15).date()))
    assert not conversion(planted.log, MAIN, until, every="week", now=NOW).periods[0].is_final


def test_behind_an_edge_and_a_history(planted: Planted) -> None:
    asked = PathsAsked(gap=timedelta(days=2))
    for edge in paths(planted.log, MAIN, asked).edges:
        assert listing(planted).of_edge(asked, edge.before, edge.after).customers == edge.customers
    events = {who: [e.name for e in all_] for who, all_ in planted.histories.items()}
    at_b = sum("B" in names and len(names) > 1 for names in events.values())
    assert listing(planted).of_edge(PathsAsked(), "B", None).customers == at_b
    for one in variants(planted.log, MAIN, ALL, top=20).variants:
        assert listing(planted).of_variant(ALL, one.steps).customers == one.customers


def test_behind_a_cohort(planted: Planted) -> None:
    lists = listing(planted, limit=1000)
    for cohort in retention(planted.log, MAIN, ALL, every="week", now=NOW).cohorts:
        size = cohort.customers or 0
        for one in cohort.returns:
            came = lists.of_cohort(ALL, "week", cohort.period, one.later)
            gone = lists.of_cohort(ALL, "week", cohort.period, one.later, came=False)
            assert (came.customers, gone.customers) == (one.customers, size - (one.customers or 0))
            assert not set(came.keys) & set(gone.keys)


def test_lists_have_pages_and_a_scope(planted: Planted) -> None:
    asked = StepAsked(FunnelAsked(STEPS, WITHIN), 0)
    whole = listing(planted, limit=1000).of_step(asked)
    pages = [listing(planted, first=first, limit=30).of_step(asked) for first in (0, 30)]
    assert pages == [Behind(whole.keys[n : n + 30], whole.customers) for n in (0, 30)]
    scoped = Listing(planted.log, MAIN, scope=parse("channel = 'app'"))
    us = WITHIN // timedelta(microseconds=1)
    mine = naive.funnel(planted.where_channel("app"), STEPS, us, "any")
    assert scoped.of_step(asked).customers == mine[0][0]


def test_lists_of_the_index_are_those_of_sql(held: Planted) -> None:
    """The same customers page by page; and the index tells them."""
    step = FunnelAsked(STEPS, WITHIN, by="channel")
    edge, rows = PathsAsked(gap=timedelta(days=2)), variants(held.log, MAIN, ALL, top=3).variants
    late = BeforeAsked(Outcome("event", "A", where=parse("channel = 'app'")), WITHIN)
    parts = Groups("events", parse("channel = 'app'"), parse("channel = 'shop'"))
    apart = PartingAsked(parts, WITHIN)
    new = AdoptionAsked(frozenset({"B"}), WITHIN, 2, since=frozenset({"A", "C"}), every="week")
    found = retention(held.log, MAIN, ALL, every="week", now=NOW).cohorts
    periods = [cohort.period for cohort in found]
    asked: list[Callable[[Listing], Behind]] = [
        lambda of: of.of_step(StepAsked(step, 1, stopped=True)),
        lambda of: of.of_step(StepAsked(step, 1, group="app", is_grouped=True)),
        lambda of: of.of_step(StepAsked(step, 0, group=None, is_grouped=True)),
        lambda of: of.of_step(StepAsked(step, 0, period=periods[0])),
        lambda of: of.of_edge(edge, "A", "A"),
        lambda of: of.of_edge(PathsAsked(start="C", end="B"), "B", "A"),
        lambda of: of.of_edge(edge, "D > E", None),
        *(lambda of, one=one: of.of_variant(ALL, one.steps) for one in rows),
        *(lambda of, w=w: of.of_repeat(ALL, "A", w) for w in WHO),
        lambda of: of.of_cohort(ALL, "week", periods[0], 1),
        lambda of: of.of_cohort(ALL, "week", periods[0], 1, came=False),
        lambda of: of.of_before(late, "here", node="B"),
        lambda of: of.of_before(late, "there", node="B"),
        lambda of: of.of_before(late, "here", steps=("A",)),
        lambda of: of.of_before(late, "here", steps=("B", "A")),
        lambda of: of.of_before(late, "here", steps=()),
        lambda of: of.of_parting(apart, 0, "A", "B"),
        lambda of: of.of_parting(apart, 1, "A", "A"),
        lambda of: of.of_parting(apart, 1, "A", None),
        lambda of: of.of_engaged(EngagementAsked(timedelta(seconds=3), "week"), periods[0]),
        *(lambda of, w=w: of.of_adoption(new, periods[0], which=w) for w in WHICH),
    ]
    of_sql = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
        of_sql = [ask(Listing(held.log, MAIN, 0, 1000)) for ask in asked]
    assert all(one.customers for one in of_sql), [one.customers for one in of_sql]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held.log, "ask_journeys", partial(Owner.ask_journeys, held.log))
        patched.delattr(Listing, "_listed")
        for ask, whole in zip(asked, of_sql, strict=True):
            pages = [ask(Listing(held.log, MAIN, n, 7)) for n in range(0, whole.customers, 7)]
            assert {page.customers for page in pages} == {whole.customers}
            assert [key for page in pages for key in page.keys] == list(whole.keys)


def test_an_address_of_no_figure_is_said(planted: Planted) -> None:
    lists = listing(planted)
    funnel_asked = FunnelAsked(STEPS, WITHIN, by="channel")
    for wrong in (
        StepAsked(funnel_asked, 3),
        StepAsked(funnel_asked, 0, group="fax", is_grouped=True),
        StepAsked(funnel_asked, 0, period="1999-W01"),
    ):
        with pytest.raises(Problem, match="no figure"):
            lists.of_step(wrong)
    with pytest.raises(Problem, match="no figure"):
        lists.of_cohort(ALL, "week", "2026-W02", 400)
