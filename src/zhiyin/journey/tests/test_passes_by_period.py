"""The passes of adoption, engagement and sessions by place, beside a search by definition, and who
is behind their counts.

Programs that this would catch: a first event outside the periods that makes somebody new within
them; a session that is counted where it ends; a next session of another customer; a list that
leaves out somebody at the border of two ranges.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.journey.tests import naive_tasks
from zhiyin.journey.tests.index import BY_CHANNEL, CHANNELS, EPOCH, NAME_BITS, NAMES, Indexed, logs
from zhiyin.journey.tests.naive import Happened, stretches
from zhiyin.journey.tests.test_passes import OFTEN, gaps, sets
from zhiyin.warehouse.journeys.passes import adoption, engagement, funnel, locating, tasks, visits
from zhiyin.warehouse.journeys.passes.locating import Page

cuts = st.sets(st.integers(EPOCH - 3, EPOCH + 30), min_size=2, max_size=6).map(sorted)


def coded(names: frozenset[str]) -> frozenset[int]:
    return frozenset(map(NAMES.index, names))


@OFTEN
@given(
    log=logs(), periods=cuts, names=sets, since=st.none() | sets, within=st.integers(0, 9),
    times=st.integers(1, 3), short=st.integers(1, 4),
)  # fmt: skip
def test_adoption(
    log: Indexed,
    periods: list[int],
    names: frozenset[str],
    since: frozenset[str] | None,
    within: int,
    times: int,
    short: int,
) -> None:
    asked = adoption.AdoptionAsked(
        coded(names), None if since is None else coded(since), within, times, np.array(periods)
    )
    found = adoption.adoption(log.histories, asked, allowed=log.allowed)
    expected = np.zeros_like(found)
    behind: dict[tuple[int, bool], list[int]] = defaultdict(list)
    new = naive_tasks.adopted(log.named(), names, since, within, times)
    for customer, (at, did) in new.items():
        if periods[0] <= at < periods[-1]:
            period = bisect_right(periods, at) - 1
            expected[period] += 1, did
            behind[period, bool(did)].append(int(customer))
    assert found.tolist() == expected.tolist()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(locating, "SHORT", short)
        for period in range(len(periods) - 1):
            for did in (True, False):
                page = adoption.behind(
                    log.histories, asked, Page(1, 3), period=period, did=did, allowed=log.allowed
                )
                hers = sorted(behind[period, did])
                assert (page.keys.tolist(), page.customers) == (hers[1:4], len(hers))


@OFTEN
@given(log=logs(), periods=cuts, gap=gaps, finished=st.integers(0, 5))
def test_engagement(log: Indexed, periods: list[int], gap: int | None, finished: int) -> None:
    pause = 40 if gap is None else gap
    found = engagement.engagement(
        log.histories, np.array(periods), finished=finished, gap=pause, allowed=log.allowed
    )
    lasted: dict[tuple[int, str], list[float]] = defaultdict(list)
    for customer, began, long in naive_tasks.visits(log.named(), pause):
        if periods[0] <= began < periods[-1]:
            lasted[bisect_right(periods, began) - 1, customer].append(long / 1e6)
    expected = np.zeros_like(found)
    for (period, _customer), times in lasted.items():
        expected[period] += sums([times])
    for customer in {customer for _period, customer in lasted}:
        every = [t for (p, c), t in lasted.items() if c == customer and p < finished]
        if every:
            expected[-1] += sums(every)
    assert found == pytest.approx(expected)
    for period in range(len(periods) - 1):
        page = engagement.behind(
            log.histories, np.array(periods), Page(0, 99), period=period, gap=pause,
            allowed=log.allowed,
        )  # fmt: skip
        assert page.keys.tolist() == sorted(int(c) for p, c in lasted if p == period)


def sums(periods: Sequence[Sequence[float]]) -> list[float]:
    """Those of one customer, of the times of her sessions by period."""
    all_ = [time for times in periods for time in times]
    came, number, long = float(len(periods)), float(len(all_)), sum(all_)
    squares = sum(time * time for time in all_)
    return [1.0, came, number, long, squares, number**2, number * came, came**2, long**2,
            long * number]  # fmt: skip


@OFTEN
@given(log=logs(), steps=st.lists(sets, min_size=2, max_size=4), gap=st.integers(0, 12))
def test_sessions_by_how_they_began(log: Indexed, steps: list[frozenset[str]], gap: int) -> None:
    rows, goals = visits.visits(
        log.histories, [coded(step) for step in steps], gap=gap, allowed=log.allowed
    )
    came: Counter[tuple[int, int, int, int]] = Counter()
    arrived = []
    for key, events in log.of.items():
        all_ = stretches({str(key): events}, gap)
        for session, following in zip(all_, [*all_[1:], None], strict=True):
            if not any(event.name in steps[0] for event in session):
                continue
            first = session[0]
            reached = max(step_of(event, steps) for event in session)
            began = (key, NAMES.index(first.name), first.code)  # type: ignore[attr-defined]
            came.update((*began, step) for step in range(reached + 1))
            if reached == len(steps) - 1:
                next_start = visits.NONE if following is None else following[0].us
                arrived.append((*began, first.us, session[-1].us, next_start))
    told = {
        (int(key), int(name), int(code), step): int(n)
        for key, name, code, counts in zip(
            rows.keys, rows.names, rows.tuples, rows.came, strict=True
        )
        for step, n in enumerate(counts)
        if n
    }
    assert told == dict(came)
    columns = (goals.keys, goals.names, goals.tuples, goals.starts, goals.ends, goals.following)
    assert sorted(zip(*(one.tolist() for one in columns), strict=True)) == sorted(arrived)


def step_of(event: Happened, steps: Sequence[frozenset[str]]) -> int:
    """The last step that an event is of; -1 for none."""
    return max((n for n, names in enumerate(steps) if event.name in names), default=-1)


@OFTEN
@given(log=logs(), steps=st.lists(sets, min_size=4, max_size=4), within=st.integers(0, 9))
def test_names_that_came_in_after_the_index_are_names_that_nobody_has(
    log: Indexed, steps: list[frozenset[str]], within: int
) -> None:
    newer = frozenset({1 << NAME_BITS, 1 << NAME_BITS + 9})
    began = np.array([EPOCH, EPOCH + 9, EPOCH + 20])
    until = EPOCH + 40
    channels = [place % len(CHANNELS) for place in range(6)]

    def ask(more: frozenset[int]) -> list[object]:
        start, goal, error, help_ = (coded(step) | more for step in steps)
        attempts = tasks.attempts(
            log.histories, tasks.Task(start, goal, error, help_, within, until),
            channels=channels, allowed=log.allowed,
        )  # fmt: skip
        waits = tasks.gaps(log.histories, start, goal, until=until, allowed=log.allowed)
        chain = funnel.Steps([start, goal], [error], within)
        passed = funnel.funnel(log.histories, chain, allowed=log.allowed, by=BY_CHANNEL)
        new = adoption.AdoptionAsked(start, goal, within, 1, began)
        came, arrived = visits.visits(log.histories, [start, goal], gap=within, allowed=log.allowed)
        return [
            attempts.keys, attempts.state, attempts.errors, attempts.helps,
            waits.keys, waits.lasted_us,
            passed.customers, adoption.adoption(log.histories, new, allowed=log.allowed),
            came.keys, came.came, arrived.keys, arrived.ends,
        ]  # fmt: skip

    for plain, with_newer in zip(ask(frozenset()), ask(newer), strict=True):
        np.testing.assert_array_equal(plain, with_newer)
