"""Attempts, waits, adoption and visits beside a search by definition, by the index and by SQL.

Programs that this would catch: an attempt that a second start begins anew; a goal one microsecond
too late; an error counted after the goal; an attempt that the end of the log cut counted as
failed; a wait that ends with its own event; a customer counted by her ids before merges.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from statistics import mean, median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey import attempts as room
from zhiyin.journey.adoption import AdoptionAsked, adoption
from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.behind import Listing, TaskListed
from zhiyin.journey.between import BetweenAsked, between
from zhiyin.journey.engagement import EngagementAsked, engagement
from zhiyin.journey.events import EPOCH, Events
from zhiyin.journey.task import Success, TaskAsked, task
from zhiyin.journey.tests import naive_tasks as naive
from zhiyin.journey.tests.conftest import MAIN, NAMES, Planted
from zhiyin.journey.tests.index import BY_CHANNEL, CHANNELS, TUPLES, Indexed, logs
from zhiyin.journey.tests.index import EPOCH as FIRST
from zhiyin.journey.tests.index import NAMES as CODED
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.periods import local_day, step_label, step_start
from zhiyin.warehouse.journeys.passes import tasks

APP = Chosen(where=parse("channel = 'app'"))
MICROSECOND = timedelta(microseconds=1)
NOW = datetime(2026, 6, 1)
GUARDED = replace(MAIN, minimum_base=10)

sets = st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=2)
some = st.frozensets(st.sampled_from(NAMES), max_size=2)
spans = st.sampled_from([1, 2, 5, 86_400, 2_000_000]).map(lambda one: timedelta(seconds=one))


def last_of(planted: Planted) -> int:
    return max(e.us for events in planted.histories.values() for e in events)


def tried(planted: Planted, asked: TaskAsked) -> dict[str, list[naive.Tried]]:
    histories = planted.histories if asked.chosen is ALL else planted.where_channel("app")
    parts = naive.Parts(
        asked.begins, asked.goal, asked.error, asked.help, asked.within // MICROSECOND
    )
    until = last_of(planted)
    found = {who: list(naive.attempts(e, parts, until)) for who, e in histories.items()}
    return {who: one for who, one in found.items() if one}


asked_of_tasks = st.builds(
    TaskAsked, sets, sets, spans, some, some, st.just("channel"), chosen=st.sampled_from([ALL, APP])
)


@settings(max_examples=25, deadline=None)
@given(asked=asked_of_tasks)
def test_attempts(planted: Planted, asked: TaskAsked) -> None:
    events = Events.of(planted.log, MAIN, asked.chosen)
    until = room.known_until(events, NOW)
    assert until == last_of(planted)
    found = room.attempts(
        events, asked.names, within=asked.within // MICROSECOND, until=until, by=asked.by
    )
    words = events.words("channel")
    columns = (found.began, found.lasted, found.state, found.errors, found.helps, found.switches)
    told: dict[int, list[naive.Tried]] = {}
    for who, part, *row in zip(found.customer, found.part, *columns, strict=True):
        told.setdefault(int(who), []).append(naive.tried(row, words[int(part)]))
    assert sorted(told.values()) == sorted(tried(planted, asked).values())


@settings(max_examples=15, deadline=None)
@given(asked=asked_of_tasks)
def test_what_is_said_of_a_task(planted: Planted, asked: TaskAsked) -> None:
    found = task(planted.log, MAIN, asked, now=NOW)
    within, until = asked.within // MICROSECOND, last_of(planted)
    by_customer = tried(planted, asked)
    every = [one for all_ in by_customer.values() for one in all_]
    settled = {
        who: [one for one in all_ if one.began + within <= until]
        for who, all_ in by_customer.items()
    }
    settled = {who: all_ for who, all_ in settled.items() if all_}
    rows = [one for all_ in settled.values() for one in all_]
    done = [one for one in rows if one.state == naive.CAME]
    success = found.success
    assert (success.attempts, success.customers) == (len(rows), len(settled))
    assert (success.completed, found.open_attempts) == (len(done), len(every) - len(rows))
    tries = [
        1 + [one.state for one in all_].index(naive.CAME)
        for all_ in settled.values()
        if any(one.state == naive.CAME for one in all_)
    ]
    assert success.completed_customers == len(tries)
    assert success.missed_customers == sum(
        any(one.state != naive.CAME for one in all_) for all_ in settled.values()
    )
    if rows:
        assert success.completion.value == pytest.approx(len(done) / len(rows))
        errors, helped = success.errors.value, success.helped.value
        assert (errors is None, helped is None) == (not asked.error, not asked.help)
        assert errors is None or errors == pytest.approx(mean(one.errors for one in rows))
        assert helped is None or helped == pytest.approx(mean(one.helps > 0 for one in rows))
        assert success.switches.value == pytest.approx(mean(one.switches for one in rows))
    if done:
        assert success.tries.value == pytest.approx(mean(tries))
        assert success.times[1].seconds == pytest.approx(median(o.lasted for o in done) / 1e6)
    assert {word: one.attempts for word, one in found.groups} == {
        word or None: sum(one.channel == word for one in rows)
        for word in {one.channel for one in rows}
    }


def test_attempts_stand_in_the_period_in_which_they_began(planted: Planted) -> None:
    week = timedelta(days=7)
    asked = TaskAsked(frozenset({"A"}), frozenset({"B"}), week, every="week")
    found = task(planted.log, MAIN, asked, now=NOW)
    expected: dict[str, int] = {}
    for all_ in tried(planted, asked).values():
        for one in all_:
            day = local_day(EPOCH + one.began * MICROSECOND, MAIN.timezone)
            if one.began + week // MICROSECOND <= last_of(planted):
                label = step_label(step_start(day, "week"), "week")
                expected[label] = expected.get(label, 0) + 1
    told = {p.period: p.success.attempts for p in found.periods if p.success is not None}
    assert told == expected
    assert [p.is_final for p in found.periods] == sorted(p.is_final for p in found.periods)[::-1]
    assert not found.periods[-1].is_final


@settings(max_examples=20, deadline=None)
@given(first=sets, then=sets, chosen=st.sampled_from([ALL, APP]))
def test_time_between(
    planted: Planted, first: frozenset[str], then: frozenset[str], chosen: Chosen
) -> None:
    found = between(planted.log, MAIN, BetweenAsked(first, then, chosen), now=NOW)
    histories = planted.histories if chosen is ALL else planted.where_channel("app")
    until = last_of(planted)
    each = {who: list(naive.gaps(e, first, then, until)) for who, e in histories.items()}
    rows = [(who, *one) for who, all_ in each.items() for one in all_]
    done = [row for row in rows if row[3]]
    assert (found.waits, found.followed) == (len(rows), len(done))
    assert found.customers == len({row[0] for row in rows})
    assert found.followed_customers == len({row[0] for row in done})
    if done:
        assert found.times[2].seconds == pytest.approx(median(row[2] for row in done) / 1e6)


@settings(max_examples=20, deadline=None)
@given(names=sets, since=st.none() | sets, within=spans, times=st.integers(1, 3))
def test_adoption(
    planted: Planted,
    names: frozenset[str],
    since: frozenset[str] | None,
    within: timedelta,
    times: int,
) -> None:
    asked = AdoptionAsked(names, within, times, since, "week")
    found = adoption(planted.log, MAIN, asked, now=NOW)
    expected: dict[str, tuple[int, int]] = {}
    us = within // MICROSECOND
    for new, did in naive.adopted(planted.histories, names, since, us, times).values():
        day = local_day(EPOCH + new * MICROSECOND, MAIN.timezone)
        label = step_label(step_start(day, "week"), "week")
        n, did_so_far = expected.get(label, (0, 0))
        expected[label] = n + 1, did_so_far + did
    assert {one.period: (one.customers, one.adopted) for one in found.cohorts} == expected
    final = [one for one in found.cohorts if one.is_final]
    if found.together is None:
        assert not final
    else:
        assert found.together.customers == sum(one.customers or 0 for one in final)
        assert found.together.adopted == sum(one.adopted or 0 for one in final)


@pytest.mark.parametrize("gap", [1, 4, 864_000])
def test_engagement(planted: Planted, gap: int) -> None:
    asked = EngagementAsked(timedelta(seconds=gap), "week")
    found = engagement(planted.log, MAIN, asked, now=NOW)
    by_week: dict[str, list[tuple[str, int]]] = {}
    for who, began, lasted in naive.visits(planted.histories, gap * 1_000_000):
        day = local_day(EPOCH + began * MICROSECOND, MAIN.timezone)
        label = step_label(step_start(day, "week"), "week")
        by_week.setdefault(label, []).append((who, lasted))
    told = {one.period: one.engaged for one in found.periods}
    assert told.keys() == by_week.keys()
    for label, rows in by_week.items():
        customers = {who for who, _lasted in rows}
        one = told[label]
        assert (one.customers, one.sessions) == (len(customers), len(rows))
        assert one.per_customer.value == pytest.approx(len(rows) / len(customers))
        assert one.seconds.value == pytest.approx(mean(lasted for _who, lasted in rows) / 1e6)
    together = found.together
    assert together is not None
    came = sum(len({who for who, _lasted in rows}) for rows in by_week.values())
    assert together.sessions == sum(map(len, by_week.values()))
    assert together.per_customer.value == pytest.approx(together.sessions / came)


def test_no_small_group_is_told_of(planted: Planted) -> None:
    few = Chosen(where=parse("customer = 'c5'"))
    asked = TaskAsked(
        frozenset({"A", "B"}), frozenset({"C"}), timedelta(days=1), by="channel", every="week"
    )
    hers = replace(asked, begins=frozenset(NAMES), chosen=few)
    found = task(planted.log, GUARDED, hers, now=NOW).success
    assert (found.customers, found.attempts, found.errors.value) == (None, None, None)
    whole = task(planted.log, GUARDED, asked, now=NOW)
    for one in (whole.success, *(group for _word, group in whole.groups)):
        if one.customers and one.completed_customers:
            assert one.customers - one.completed_customers >= GUARDED.minimum_base
        assert one.customers is None or one.customers >= GUARDED.minimum_base
        assert one.completed_state == "ok" or one.completion.value is None
        assert one.missed_customers in (None, 0) or (one.missed_customers or 0) >= 10
    cohorts = adoption(
        planted.log, GUARDED, AdoptionAsked(frozenset({"A"}), timedelta(days=1), every="week")
    )
    for cohort in cohorts.cohorts:
        assert cohort.customers is None or cohort.customers >= GUARDED.minimum_base
        assert cohort.adopted in (None, 0) or (cohort.adopted or 0) >= GUARDED.minimum_base
    waits = between(
        planted.log, GUARDED, BetweenAsked(frozenset(NAMES), frozenset({"B"}), few), now=NOW
    )
    assert (waits.waits, waits.times) == (None, ())
    rare = engagement(planted.log, GUARDED, EngagementAsked(chosen=few), now=NOW)
    assert all(one.engaged.sessions is None for one in rare.periods)


def test_behind_these_figures_stand_their_customers(planted: Planted) -> None:
    lists = Listing(planted.log, MAIN, limit=1000)
    asked = TaskAsked(
        frozenset({"A"}), frozenset({"B", "C"}), timedelta(seconds=3), by="channel", every="week"
    )
    found = task(planted.log, MAIN, asked)
    told: list[tuple[dict[str, Any], Success]] = [({}, found.success)]
    told += [({"group": word, "is_grouped": True}, one) for word, one in found.groups]
    told += [({"period": p.period}, p.success) for p in found.periods if p.success]
    for more, one in told:
        tried, done, never = (
            lists.of_task(TaskListed(asked, which, **more)) for which in ("tried", "done", "never")
        )
        assert tried.customers == one.customers == len(set(tried.keys))
        assert done.customers == one.completed_customers
        assert set(done.keys) | set(never.keys) == set(tried.keys)
        assert not set(done.keys) & set(never.keys)
    waits = BetweenAsked(frozenset({"A"}), frozenset({"B"}))
    said = between(planted.log, MAIN, waits)
    assert lists.of_between(waits, followed=False).customers == said.customers
    assert lists.of_between(waits, followed=True).customers == said.followed_customers
    new = AdoptionAsked(frozenset({"B"}), timedelta(days=1), every="week")
    for cohort in adoption(planted.log, MAIN, new).cohorts:
        counts = [
            lists.of_adoption(new, cohort.period, which=which).customers
            for which in ("tried", "done", "never")
        ]
        assert counts == [
            cohort.customers, cohort.adopted, (cohort.customers or 0) - (cohort.adopted or 0),
        ]  # fmt: skip
    with pytest.raises(Problem, match="no figure"):
        lists.of_task(TaskListed(asked, period="1999-W01"))
    with pytest.raises(Problem, match="no figure"):
        lists.of_task(TaskListed(asked, group="fax", is_grouped=True))


def test_the_index_and_sql_mean_the_same_customers(held: Planted) -> None:
    asked = TaskListed(TaskAsked(frozenset({"A"}), frozenset({"B"}), timedelta(days=1)))
    by_index = Listing(held.log, MAIN, limit=1000).of_task(asked)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
        assert Listing(held.log, MAIN, limit=1000).of_task(asked) == by_index


coded = st.frozensets(st.integers(0, len(CODED) - 1), max_size=2)
OFTEN = settings(max_examples=40, deadline=None)


@OFTEN
@given(
    log=logs(), begins=coded, goal=coded, error=coded, help_=coded, within=st.integers(0, 12),
    beyond=st.integers(0, 10),
)  # fmt: skip
def test_the_pass_of_attempts(
    log: Indexed,
    begins: frozenset[int],
    goal: frozenset[int],
    error: frozenset[int],
    help_: frozenset[int],
    within: int,
    beyond: int,
) -> None:
    until = FIRST + 30 + beyond
    asked = tasks.Task(begins, goal, error, help_, within, until)
    channels = [code % 3 if CHANNELS[code % 3] else -1 for code in range(TUPLES)]
    found = tasks.attempts(
        log.histories, asked, channels=channels, allowed=log.allowed, by=BY_CHANNEL
    )

    def named(codes: frozenset[int]) -> frozenset[str]:
        return frozenset(CODED[code] for code in codes)

    parts = naive.Parts(named(begins), named(goal), named(error), named(help_), within)
    expected = [(key, one) for key, e in log.of.items() for one in naive.attempts(e, parts, until)]
    columns = (
        found.began_us, found.lasted_us, found.state, found.errors, found.helps, found.switches,
    )  # fmt: skip
    told = [
        (int(key), naive.tried(row, CHANNELS[group]))
        for key, group, *row in zip(found.keys, found.groups, *columns, strict=True)
    ]
    assert sorted(told) == sorted(expected)


@OFTEN
@given(log=logs(), first=coded, then=coded, beyond=st.integers(0, 10))
def test_the_pass_of_waits(
    log: Indexed, first: frozenset[int], then: frozenset[int], beyond: int
) -> None:
    until = FIRST + 30 + beyond
    found = tasks.gaps(log.histories, first, then, until=until, allowed=log.allowed)
    one, other = (frozenset(CODED[code] for code in codes) for codes in (first, then))
    expected = [
        (key, *row) for key, e in log.of.items() for row in naive.gaps(e, one, other, until)
    ]
    columns = (found.keys, found.began_us, found.lasted_us, found.came)
    assert sorted(zip(*(column.tolist() for column in columns), strict=True)) == sorted(expected)


def test_the_room_and_the_pass_number_how_an_attempt_stands_alike() -> None:
    """The room does not load the passes to know."""
    assert (room.CAME, room.GAVE_UP, room.OPEN) == (tasks.CAME, tasks.GAVE_UP, tasks.OPEN)
    assert np.all(np.array([tasks.START, tasks.GOAL, tasks.ERROR, tasks.HELP]) == [1, 2, 4, 8])
