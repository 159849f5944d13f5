"""What may be done to a case, by whom, and what becomes of its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import AuditEntry, Person, Role
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import actions, hours, kept, rules, statuses
from zhiyin.act.cases.models import OVER, Case, Status
from zhiyin.act.cases.tests.conftest import MONDAY, SetClock, about, works
from zhiyin.kernel.errors import Problem

pytestmark = pytest.mark.any_store
HOUR = timedelta(hours=1)


def refused(do: Any, **given: Any) -> str:
    with pytest.raises(Problem) as found:
        do(**given)
    return found.value.code


def opened(main: Settings, owner: Person | None = None, **more: Any) -> Case:
    by = Actor(owner, "test") if owner else COMMAND_LINE
    return actions.open(by=by, workspace=main, subject=about(**more), owner=owner)[0]


def moved(main: Settings, status: str, **more: Any) -> Case:
    return actions.move(by=COMMAND_LINE, workspace=main, number=1, status=status, **more)


def test_what_is_taken_has_an_owner_a_number_and_a_time(main: Settings, at: SetClock) -> None:
    ben = works("ben")
    case = opened(main, ben)
    assert (case.number, case.status, case.owner) == (1, Status.TAKEN, ben)
    assert kept.naive(case.due_at) == MONDAY + 8 * HOUR, "ten to six of a day until six"
    second = opened(main, key="8", severity="high")
    assert (second.number, second.status, second.owner) == (2, Status.NEW, None)
    assert kept.naive(second.due_at) == MONDAY + 4 * HOUR
    assert AuditEntry.objects.filter(action="case.opened").count() == 2


def test_a_second_take_finds_the_first(main: Settings, at: SetClock) -> None:
    ben, mei = works("ben"), works("mei")
    first = opened(main, ben)
    second, is_new = actions.open(
        by=Actor(mei, "test"), workspace=main, subject=about(), owner=mei
    )  # fmt: skip
    assert (second.pk, second.owner, is_new) == (first.pk, ben, False)
    moved(main, Status.DONE, reason="explained")
    third, is_new = actions.open(by=COMMAND_LINE, workspace=main, subject=about())
    assert (third.number, is_new) == (2, True), "what is over may be taken anew"
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=first.pk).update(status=Status.TAKEN, closed_at=None, reason="")


@pytest.mark.parametrize("before", list(Status))
@pytest.mark.parametrize("after", list(Status))
def test_only_what_may_follow_follows(
    main: Settings, at: SetClock, before: Status, after: Status
) -> None:
    """Would catch a step that the table has and the action has not, or the other way round."""
    ways: dict[str, list[Status]] = {
        Status.NEW: [], Status.TAKEN: [Status.TAKEN],
        Status.WAITING: [Status.TAKEN, Status.WAITING],
        Status.DONE: [Status.TAKEN, Status.DONE], Status.NOT_JUSTIFIED: [Status.NOT_JUSTIFIED],
    }  # fmt: skip
    opened(main)
    more = {"note": "why", "reason": "explained"}
    for step in ways[before]:
        moved(main, step, **more)
    if after in statuses.STEPS[before]:
        case = moved(main, after, **more)
        assert case.status == after
        assert (case.closed_at is not None) == (after in OVER)
        assert (case.seconds_left is not None) == (after == Status.WAITING)
    else:
        asked: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "number": 1, **more}
        assert refused(actions.move, **asked, status=after) == "cases.step"


def test_done_needs_a_reason_and_not_justified_a_note(main: Settings, at: SetClock) -> None:
    opened(main, works("ben"))
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "number": 1}
    assert refused(actions.move, **given, status=Status.DONE) == "cases.reason"
    assert refused(actions.move, **given, status=Status.DONE, reason="no") == "cases.reason"
    assert refused(actions.move, **given, status=Status.NOT_JUSTIFIED, note=" ") == "cases.note"
    assert refused(actions.move, **given, status="lost") == "cases.status"
    case = moved(main, Status.DONE, reason="explained", note="She knows now.")
    assert (case.reason, case.steps.last().says) == ("explained", "She knows now.")  # type: ignore[union-attr]


def test_the_clock_stands_still_while_it_waits_for_the_customer(
    main: Settings, at: SetClock
) -> None:
    opened(main, works("ben"))
    at(MONDAY + 2 * HOUR)
    case = moved(main, Status.WAITING)
    assert case.seconds_left == 6 * 3600
    friday = MONDAY + timedelta(days=4)
    at(friday)
    assert not kept.is_overdue(case)
    case = moved(main, Status.TAKEN)
    assert kept.naive(case.due_at) == friday + 6 * HOUR
    at(friday + 7 * HOUR)
    assert kept.is_overdue(case)
    late = moved(main, Status.WAITING)
    at(friday + timedelta(days=20))
    assert not kept.is_overdue(late)
    assert kept.is_overdue(moved(main, Status.TAKEN)), "what was missed before stays missed"


def test_what_is_opened_again_has_the_whole_time_anew(main: Settings, at: SetClock) -> None:
    opened(main, works("ben"))
    moved(main, Status.DONE, reason="explained")
    at(MONDAY + timedelta(days=1))
    case = moved(main, Status.TAKEN)
    assert (case.closed_at, case.reason) == (None, "")
    assert kept.naive(case.due_at) == MONDAY + timedelta(days=1) + 8 * HOUR


def test_more_severe_is_due_earlier(main: Settings, at: SetClock) -> None:
    opened(main)
    at(MONDAY + HOUR)
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "number": 1}
    assert kept.naive(actions.change(**given, severity="high").due_at) == MONDAY + 4 * HOUR
    assert kept.naive(actions.change(**given, severity="normal").due_at) == MONDAY + 8 * HOUR
    moved(main, Status.TAKEN)
    moved(main, Status.WAITING)
    assert actions.change(**given, severity="high").seconds_left == 3 * 3600
    assert refused(actions.change, **given, severity="dire") == "cases.severity"
    assert refused(actions.change, **given, title=" ") == "cases.title"


def test_of_two_who_change_the_same_the_second_is_told(main: Settings, at: SetClock) -> None:
    case = opened(main)
    ben = works("ben")
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "number": 1}
    given["version"] = case.version
    actions.assign(**given, owner=ben)
    assert refused(actions.assign, **given, owner=None) == "cases.changed"
    assert refused(actions.move, **given, status=Status.WAITING) == "cases.changed"
    assert refused(actions.change, **given, title="x") == "cases.changed"


def test_only_who_works_on_cases_and_sees_the_unit_has_one(main: Settings, at: SetClock) -> None:
    viewer, other = works("vera", Role.VIEWER), Person.objects.create(login="cleo")
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main}
    opened(main)
    for person in (viewer, other):
        assert refused(actions.assign, **given, number=1, owner=person) == "cases.owner"
        asked = {**given, "subject": about("9"), "owner": person}
        assert refused(actions.open, **asked) == "cases.owner"
    ben = works("ben", Role.AGENT)
    assert actions.assign(**given, number=1, owner=ben).status == Status.TAKEN
    assert {one.person.login for one in actions.may_own("main", "")} == {"ana", "ben"}
    assert actions.assign(**given, number=1, owner=None).status == Status.NEW


def test_units_that_one_does_not_see_are_not_there(main: Settings, at: SetClock) -> None:
    opened(main, unit="north")
    own = frozenset({"south"})
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "number": 1, "own": own}
    assert refused(actions.note, **given, text="x") == "cases.none"
    assert refused(actions.move, **given, status=Status.TAKEN) == "cases.none"
    again: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "own": own}
    again["subject"] = about(unit="north")
    assert refused(actions.open, **again) == "cases.not-yours"
    assert refused(actions.open, **{**again, "subject": about("9")}) == "cases.not-yours"
    assert not kept.of("main", own).exists()
    assert kept.of("main", frozenset({"north"})).count() == 1


def test_several_are_given_each_by_itself(main: Settings, at: SetClock) -> None:
    ben = works("ben")
    for key in "789":
        opened(main, key=key)
    moved(main, Status.NOT_JUSTIFIED, note="twice")
    done = actions.assign_several(
        by=Actor(ben, "test"), workspace=main, numbers=[1, 2, 3, 44], owner=ben
    )
    assert done.done == (2, 3)
    assert [(number, problem.code) for number, problem in done.refused] == [
        (1, "cases.over"), (44, "cases.none"),
    ]  # fmt: skip


def test_lists_are_of_what_is_asked(main: Settings, at: SetClock) -> None:
    ben = works("ben")
    opened(main, ben, touchpoint="Gate")
    opened(main, key="8", severity="low", title="Praise")
    opened(main, key="9", severity="high")
    actions.note(by=COMMAND_LINE, workspace=main, number=2, text="Told the crew.")

    def found(**asked: Any) -> list[int]:
        return [one.number for one in kept.chosen(main, kept.Chosen(**asked))]

    assert found() == [3, 1, 2]
    assert found(sort="newest") == [3, 2, 1]
    assert found(owner="ben") == [1]
    assert found(owner=kept.NOBODY) == [3, 2]
    assert found(touchpoint="Gate") == [1]
    assert found(text="CREW") == [2]
    assert found(text="2") == [2]
    assert found(due="today") == [3, 1]
    at(MONDAY + 9 * HOUR)
    assert found(due="overdue") == [3, 1]
    counted = kept.counts(main, ben)
    assert (counted.mine, counted.overdue, counted.new, counted.all) == (1, 2, 2, 3)
    moved(main, Status.WAITING)
    assert found(due="overdue") == [3]
    assert found(status="open", sort="severity") == [3, 2, 1], "what waits comes last"


def test_rules_change_what_falls_due_next(main: Settings, at: SetClock) -> None:
    week = (*(hours.read("10:00-12:00"),) * 5, None, None)
    wanted = rules.Rules(week=week, has_holidays=False, hours={"high": 1, "normal": 3, "low": 9})
    wanted = rules.with_reasons(wanted, [("Explained", "", False), *[("", "", False)] * 7,
                                         ("Sent flowers", "已送花", False)])  # fmt: skip
    rules.change(by=COMMAND_LINE, workspace="main", rules=wanted)
    assert rules.of("main") == wanted
    assert wanted.reasons[0].zh == ""
    assert wanted.reasons[1].is_retired
    assert wanted.reasons[8].key == "sent_flowers"
    case = opened(main, works("ben"))
    assert kept.naive(case.due_at) == MONDAY + timedelta(days=1) + HOUR
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "number": 1}
    assert refused(actions.move, **given, status=Status.DONE, reason="apologised") == "cases.reason"
    assert moved(main, Status.DONE, reason="sent_flowers").closed_at == MONDAY.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"week": (None,) * 7}, "cases.hours"),
        ({"hours": {"high": 0, "normal": 1, "low": 1}}, "cases.severity-hours"),
        ({"hours": {"normal": 1}}, "cases.severity-hours"),
        ({"reasons": ()}, "cases.reasons"),
        ({"reasons": (rules.Reason("a", "A", "甲", is_retired=True),)}, "cases.reasons"),
    ],
)
def test_rules_that_cannot_be_are_refused(main: Settings, wrong: Any, code: str) -> None:
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": "main", "rules": rules.Rules(**wrong)}
    assert refused(rules.change, **given) == code


@given(st.lists(st.sampled_from(list(Status)), max_size=12))
def test_a_walk_through_the_table_ends_where_it_may(walk: list[Status]) -> None:
    """From every status a case can be closed, and what is closed can be opened again."""
    at_ = Status.NEW.value
    for step in walk:
        if step in statuses.STEPS[at_]:
            at_ = step
    if at_ in OVER:
        assert statuses.STEPS[at_] == (Status.TAKEN,)
    else:
        assert Status.NOT_JUSTIFIED in statuses.STEPS[at_]


def test_the_day_ends_where_the_workspace_is(main: Settings, at: SetClock) -> None:
    at(datetime(2026, 3, 6, 9, 30))  # half past five on Friday
    case = opened(main, severity="high")
    assert kept.naive(case.due_at) == datetime(2026, 3, 9, 4, 30), "half past twelve on Monday"
