"""Counts of journeys tell of nobody alone: not by themselves, and not by subtraction.

Programs that this would catch: a step shown beside one that it differs from by three; the only
small group of a break-down, left to be the whole less the others; a rare edge or history named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.journey.asking import ALL, Chosen, read_steps
from zhiyin.journey.funnel import FunnelAsked, Step, funnel
from zhiyin.journey.membership import Members
from zhiyin.journey.paths import PathsAsked, paths
from zhiyin.journey.repeats import repeats
from zhiyin.journey.retention import retention
from zhiyin.journey.sessions import sessions
from zhiyin.journey.tests.conftest import FIRST, MAIN, Planted
from zhiyin.journey.variants import variants
from zhiyin.journey.waits import waits
from zhiyin.journey.withholding import State, among, beside_whole, within
from zhiyin.kernel.filters import parse

MINIMUM = 10
GUARDED = replace(MAIN, minimum_base=MINIMUM)
ASKED = FunnelAsked(read_steps("A > B > C > A"), timedelta(days=2), by="channel")
EARLY = Chosen(end=date(2026, 1, 20))
ONE = Chosen(where=parse("customer = 'c5'"))


def is_apart(one: int, other: int) -> bool:
    return one == other or abs(one - other) >= MINIMUM


@given(st.lists(st.integers(0, 60), min_size=1, max_size=7).map(lambda n: sorted(n, reverse=True)))
def test_two_steps_that_are_shown_differ_by_nobody_or_by_enough(counts: list[int]) -> None:
    states = within(counts, MINIMUM)
    shown = [count for count, state in zip(counts, states, strict=True) if state == "ok"]
    assert all(count == 0 or count >= MINIMUM for count in shown)
    assert all(is_apart(*pair) for pair in combinations(shown, 2))
    assert (states[0] == "ok") == (counts[0] == 0 or counts[0] >= MINIMUM)
    few = [count for count, state in zip(counts, states, strict=True) if state == "too_few"]
    assert few == [count for count in counts if 0 < count < MINIMUM]


def test_who_did_not_come_again_is_no_small_group_either() -> None:
    assert among([100, 91, 90, 9, 0, 100], MINIMUM) == [
        "ok", "withheld", "ok", "too_few", "ok", "ok",
    ]  # fmt: skip
    assert among([9, 0, 4], MINIMUM) == ["too_few", "ok", "too_few"]


people_in_groups = st.lists(
    st.tuples(st.tuples(*[st.booleans()] * 3), st.integers(0, 2)), max_size=70
)


@given(people_in_groups)
def test_no_sum_or_difference_of_segments_is_a_small_group(
    customers: list[tuple[tuple[bool, ...], int]],
) -> None:
    """What is left after every step of adding and taking away is nobody, or enough."""
    told = [(*mine, not any(mine), True) for mine, _reached in customers]
    members = Members((), np.array([mine[:-1] for mine in told], np.bool_).reshape(-1, 4))
    counts, wholes = [[0, 0] for _group in range(4)], [0, 0]
    for mine, (_segments, reached) in zip(told, customers, strict=True):
        for step in range(reached):
            wholes[step] += 1
            for group in range(4):
                counts[group][step] += mine[group]
    states = members.states(counts, wholes, MINIMUM)
    for step, of_all in enumerate(within(wholes, MINIMUM)):
        shown = [group for group in range(4) if states[group][step] == "ok" and counts[group][step]]
        if of_all != "ok":
            assert not shown
            continue
        for signs in product((-1, 0, 1), repeat=len(shown) + 1):
            times = [
                sum(sign * mine[one] for sign, one in zip(signs, [*shown, 4], strict=True))
                for mine in told
            ]
            if set(times) <= {0, 1}:
                came = sum(
                    n for n, (_mine, steps) in zip(times, customers, strict=True) if steps > step
                )
                assert came == 0 or came >= MINIMUM, (shown, signs)


def test_segments_that_leave_nobody_alone_are_shown() -> None:
    kinds = np.array([(True, True), (True, False), (False, False)], np.bool_)
    members = Members((), kinds)
    assert members.states([[60, 30], [40, 20]], [90, 60], MINIMUM) == [["ok", "ok"], ["ok", "ok"]]
    # 65 of whom 60 are in the other: the five are those who are in one alone.
    assert members.states([[65, 30], [60, 20]], [90, 60], MINIMUM) == [
        ["ok", "ok"], ["withheld", "ok"],
    ]  # fmt: skip
    # Two that are everybody together: those in both are what they have too many.
    overlap = Members((), np.array([(True, True), (True, False), (False, True)], np.bool_))
    assert overlap.states([[50], [45]], [90], MINIMUM) == [["ok"], ["withheld"]]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_the_whole_less_the_groups_is_nobody_or_enough(counts: list[int]) -> None:
    by_itself: list[State] = ["too_few" if 0 < n < MINIMUM else "ok" for n in counts]
    states = beside_whole(counts, by_itself, sum(counts), MINIMUM)
    hidden = [n for n, state in zip(counts, states, strict=True) if state != "ok"]
    is_all = len(hidden) == sum(n > 0 for n in counts)
    assert not hidden or is_all or (len(hidden) > 1 and sum(hidden) >= MINIMUM)
    unseen = beside_whole(counts, by_itself, sum(counts), MINIMUM, is_shown=False)
    assert all(c == 0 for c, state in zip(counts, unseen, strict=True) if state == "ok")


def test_a_curve_tells_of_nobody_alone(planted: Planted) -> None:
    """Would catch a moment beside another between which three arrived, or a tail of two."""
    asked = FunnelAsked(read_steps("A > B"), timedelta(days=3), chosen=EARLY)
    whole = waits(planted.log, MAIN, asked)
    guarded = waits(planted.log, GUARDED, asked)
    assert 2 < len(guarded.moments) < len(whole.moments)
    assert guarded.began is not None
    assert guarded.arrived is not None
    rows = [(0, 0), *((one.arrived, one.at_risk + one.arrived) for one in guarded.moments)]
    arrived = [one for one, _two in rows] + [guarded.arrived]
    lost = [guarded.began - two if two else 0 for _one, two in rows]
    lost.append(guarded.began - guarded.arrived)
    for counts in (arrived, lost):
        assert all(is_apart(*pair) for pair in pairwise(counts))
    assert all(one.at_risk >= MINIMUM for one in guarded.moments)
    alone = waits(planted.log, replace(MAIN, minimum_base=500), asked)
    assert (alone.began, alone.arrived, alone.median_seconds, alone.moments) == (
        None, None, None, (),
    )  # fmt: skip


def told(steps: Sequence[Step]) -> list[int | str]:
    return [s.state if s.customers is None else s.customers for s in steps]


def test_a_funnel_says_what_is_not_shown(planted: Planted) -> None:
    bare = funnel(planted.log, MAIN, ASKED)
    found = funnel(planted.log, GUARDED, ASKED)
    assert found.minimum_base == MINIMUM
    counts = [step.customers or 0 for step in bare.steps]
    assert counts[-1] < MINIMUM <= counts[0], "the planted funnel has a small end"
    last = found.steps[-1]
    assert (last.customers, last.share_of_first, last.low, last.median_seconds) == (None,) * 4
    assert last.state == "too_few"
    for (_word, steps), (_same, whole) in zip(found.groups, bare.groups, strict=True):
        for step, true in zip(steps, whole, strict=True):
            assert step.customers in (None, true.customers)
            assert (step.customers is None) == (step.state != "ok")
            assert step.state == "ok" or step.share_of_previous is None
    for place in range(len(counts)):
        column = [told(steps)[place] for _word, steps in found.groups]
        if isinstance(told(found.steps)[place], int):
            assert sum(isinstance(one, str) for one in column) != 1
        else:
            assert all(isinstance(one, str) or one == 0 for one in column)


def test_rare_edges_and_histories_are_counted_and_not_named(planted: Planted) -> None:
    bare = paths(planted.log, MAIN, PathsAsked())
    found = paths(planted.log, GUARDED, PathsAsked())
    assert all(edge.customers >= MINIMUM for edge in found.edges)
    assert (found.edges_in_all, found.pairs) == (bare.edges_in_all, bare.pairs)
    assert found.edges_withheld == len(bare.edges) - len(found.edges)
    rare = paths(planted.log, GUARDED, PathsAsked(chosen=ONE))
    assert rare.edges == ()
    few = repeats(planted.log, GUARDED, ONE)
    assert (few.nodes, few.nodes_withheld) == ((), few.nodes_in_all)
    for one in repeats(planted.log, GUARDED, ALL).nodes:
        shown = [n for n in (one.customers, one.again, one.back) if n]
        assert all(n >= MINIMUM for n in shown)
        assert all(is_apart(*pair) for pair in combinations(shown, 2))
    whole = variants(planted.log, replace(MAIN, minimum_base=4), ALL)
    assert 0 < len(whole.variants) < whole.variants_in_all
    assert all(one.customers >= 4 for one in whole.variants)
    assert whole.variants_withheld == whole.variants_in_all - len(whole.variants)
    assert variants(planted.log, GUARDED, ONE).customers is None
    assert sessions(planted.log, GUARDED, ONE, gap=timedelta(days=1)).sessions is None


def test_small_cohorts_are_in_no_sum(planted: Planted) -> None:
    later = FIRST + timedelta(days=400)
    bare = retention(planted.log, MAIN, ALL, every="week", now=later)
    found = retention(planted.log, GUARDED, ALL, every="week", now=later)
    sizes = [cohort.customers for cohort in found.cohorts]
    assert None in sizes
    assert sum(size or 0 for size in sizes) == found.together[0].of
    assert found.together[0].of < bare.together[0].of
    for cohort in found.cohorts:
        for one in cohort.returns:
            assert one.customers is None or one.customers == 0 or one.customers >= MINIMUM
            assert cohort.customers is not None or one.share is None
            if cohort.customers is not None and one.customers is not None:
                assert is_apart(cohort.customers, one.customers)
