"""Who answers for a mark is told once that she was named, and once that it falls due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings as DjangoSettings

from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import Mail, Membership, Person, Role, Workspace
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.kernel.text import in_language
from zhiyin.maps import actions, pinning, pins
from zhiyin.maps.models import Pin, PinEvent
from zhiyin.maps.pin_letters import tell_due
from zhiyin.maps.pin_wanted import Wanted, wanted_of
from zhiyin.maps.tests.test_operations import SMALL

DUE = date(2026, 3, 10)
EIGHT = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
"""Half past eight in Shanghai."""


@pytest.fixture
def main(data: Path, settings: DjangoSettings) -> Settings:
    """The workspace in Shanghai; Ben reads English, Mei Chinese."""
    settings.EMAIL_HOST = "mail.example.com"
    settings.ZHIYIN_PUBLIC_URL = "https://cx.example.com/"
    Workspace.objects.update(timezone="Asia/Shanghai", name="Qingchuan")
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL, keeps=True)
    works("ben", email="ben@example.com", language="en")
    works("mei", email="mei@example.com", language="zh-hans")
    return settings_of("main")


def works(login: str, role: Role = Role.TEAM_LEADER, **more: str) -> Person:
    person = Person.objects.create(login=login, **more)
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=role)
    return person


def made(main: Settings, by: Actor = COMMAND_LINE, **more: Any) -> Pin:
    wanted = Wanted(node="pay", title="An hour in the queue", **more)
    return pinning.make(by=by, workspace=main, key="trip", wanted=wanted)


def changed(main: Settings, by: Actor = COMMAND_LINE, **more: Any) -> Pin:
    wanted = replace(wanted_of(pins.get("main", "trip", 1)), **more)
    return pinning.change(by=by, workspace=main, key="trip", number=1, revision=None, wanted=wanted)


def letters() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("to", "subject"))


def who(login: str) -> Actor:
    return Actor(Person.objects.get(login=login), "192.0.2.1")


def told() -> list[dict[str, Any]]:
    return [one.after or {} for one in PinEvent.objects.filter(what="told").order_by("pk")]


def test_an_owner_is_told_once_that_she_was_named(main: Settings) -> None:
    made(main, owner="ben", due_on=DUE)
    assert letters() == [("ben@example.com", "You answer for: An hour in the queue")]
    body = Mail.objects.get().body
    assert "“An hour in the queue” at pay" in body
    assert "It is due on 2026-03-10." in body
    assert "https://cx.example.com/main/journeys/maps/trip/marks/1/" in body
    assert "journey map of Qingchuan" in body
    changed(main, status="doing")
    changed(main, owner="")
    changed(main, owner="ben")
    assert len(letters()) == 1, "named again she knows it"
    changed(main, owner="mei")
    assert [to for to, _subject in letters()] == ["ben@example.com", "mei@example.com"]
    assert told() == [{"why": "named", "to": "ben"}, {"why": "named", "to": "mei"}]


def test_a_letter_is_in_the_language_of_whom_it_is_to(main: Settings) -> None:
    with in_language("en"):
        made(main, owner="mei")
    letter = Mail.objects.get()
    assert letter.subject == "您负责的标记：An hour in the queue"
    assert "answer for" not in letter.body
    works("lin", email="lin@example.com")
    Workspace.objects.update(language="zh-hans")
    made(main, owner="lin")
    assert Mail.objects.get(to="lin@example.com").subject.startswith("您负责")


def test_who_names_herself_gets_no_letter(main: Settings) -> None:
    made(main, who("ben"), owner="ben")
    changed(main, who("ben"), owner="mei")
    assert [to for to, _subject in letters()] == ["mei@example.com"]


def test_the_day_on_which_it_is_due_is_told_once_and_another_day_once_more(main: Settings) -> None:
    made(main, who("ben"), owner="ben", due_on=DUE)
    assert tell_due("main", now=EIGHT - timedelta(hours=1)) == 0, "at half past seven nobody reads"
    assert [tell_due("main", now=EIGHT + timedelta(minutes=30 * n)) for n in range(3)] == [1, 0, 0]
    assert letters() == [("ben@example.com", "Due today: An hour in the queue")]
    assert "is due on 2026-03-10" in Mail.objects.get().body
    changed(main, due_on=DUE + timedelta(days=3))
    assert tell_due("main", now=EIGHT + timedelta(days=1)) == 0
    assert tell_due("main", now=EIGHT + timedelta(days=3)) == 1
    changed(main, owner="mei")
    assert tell_due("main", now=EIGHT + timedelta(days=3)) == 1, "the new owner does not know it"
    assert {one["why"] for one in told()} == {"named", "due"}


def test_the_morning_is_that_of_the_reader(main: Settings) -> None:
    Person.objects.filter(login="ben").update(timezone="America/New_York")
    made(main, who("ben"), owner="ben", due_on=DUE)
    assert tell_due("main", now=EIGHT) == 0, "in New York it is the evening before"
    assert tell_due("main", now=datetime(2026, 3, 10, 12, 30, tzinfo=UTC)) == 1


@pytest.mark.parametrize("status", ["done", "declined"])
def test_what_is_over_is_not_told(main: Settings, status: str) -> None:
    made(main, who("ben"), owner="ben", due_on=DUE, status=status)
    assert tell_due("main", now=EIGHT) == 0


def test_a_server_that_was_away_tells_later_but_not_weeks_later(main: Settings) -> None:
    made(main, who("ben"), owner="ben", due_on=DUE)
    assert tell_due("main", now=EIGHT + timedelta(days=9)) == 0
    assert tell_due("main", now=EIGHT + timedelta(days=5)) == 1


@pytest.mark.parametrize("why", ["no_right", "no_address", "no_server"])
def test_why_nobody_was_told_is_written_down(
    main: Settings, settings: DjangoSettings, why: str
) -> None:
    if why == "no_right":
        Membership.objects.filter(person__login="ben").update(role=Role.AGENT)
    elif why == "no_address":
        Person.objects.filter(login="ben").update(email="")
    else:
        settings.EMAIL_HOST = ""
    made(main, owner="ben", due_on=DUE)
    assert [tell_due("main", now=EIGHT) for _ in range(2)] == [0, 0]
    assert letters() == []
    assert [one["why_not"] for one in told()] == [why, why], "once for each letter"


def test_a_kill_between_letter_and_history_leaves_neither(
    main: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a letter that goes out twice."""
    made(main, who("ben"), owner="ben", due_on=DUE)

    def killed(**_given: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(PinEvent.objects, "create", killed)
    with pytest.raises(RuntimeError):
        tell_due("main", now=EIGHT)
    assert letters() == []
    monkeypatch.undo()
    assert tell_due("main", now=EIGHT) == 1
