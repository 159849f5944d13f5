"""Marks on a map: made, changed, voted for, commented on; found again, and counted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import AuditEntry, Membership, Person, Role, Workspace
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.kernel.errors import Problem
from zhiyin.maps import actions, kept, pinning, pins
from zhiyin.maps.models import Pin, PinEvent
from zhiyin.maps.pin_wanted import Wanted, wanted_of
from zhiyin.maps.pins import ALL, NOBODY, Chosen
from zhiyin.maps.tests.test_operations import SMALL

QUEUE = Wanted(node="pay", title="An hour in the queue")


@pytest.fixture
def main(data: Path) -> Settings:
    """The workspace with the map trip, where Ana, Ben and Vera work and Cleo does not."""
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL, keeps=True)
    works("ben", Role.TEAM_LEADER)
    works("vera", Role.VIEWER)
    Person.objects.create(login="cleo")
    return settings_of("main")


def works(login: str, role: Role) -> Person:
    person = Person.objects.create(login=login)
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=role)
    return person


def made(main: Settings, title: str = QUEUE.title, **more: Any) -> Pin:
    wanted = Wanted(**{"node": "pay", "title": title, **more})
    return pinning.make(by=COMMAND_LINE, workspace=main, key="trip", wanted=wanted)


def changed(main: Settings, pin: Pin, by: Actor = COMMAND_LINE, **more: Any) -> Pin:
    named = {name: more.pop(name) for name in ("writes", "revision") if name in more}
    asked = {**as_fields(wanted_of(pin)), **more}
    return pinning.change(
        by=by, workspace=main, key="trip", number=pin.number, wanted=Wanted(**asked),
        **{"revision": pin.revision, **named},
    )  # fmt: skip


def as_fields(wanted: Wanted) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}


def who(login: str) -> Actor:
    return Actor(Person.objects.get(login=login), "192.0.2.1")


def refused(action: Any, *given: Any, **more: Any) -> str:
    with pytest.raises(Problem) as caught:
        action(*given, **more)
    return caught.value.code


def titles(main: Settings, **asked: Any) -> list[str]:
    return [pin.title for pin in pins.chosen(main, Chosen(**asked), "trip")]


def test_a_mark_says_what_where_and_who_answers_for_it(main: Settings) -> None:
    pin = made(
        main, "  An hour   in the queue ", kind="suggestion", says=" Open a counter.\r\nAt noon. ",
        owner="Ben", contributors=("vera", "ana", "vera"), due_on=date(2026, 3, 1),
    )  # fmt: skip
    told = pins.as_dict(pin, main, pins.names_of([pin])["trip"])
    assert told.items() >= {
        "map": "trip", "number": 1, "kind": "suggestion", "title": "An hour in the queue",
        "says": "Open a counter.\nAt noon.", "status": "open", "is_open": True, "node": "pay",
        "touchpoint": "pay", "owner": "ben", "contributors": ["ana", "vera"],
        "due_on": date(2026, 3, 1), "is_overdue": True, "votes": 0, "comments": 0, "evidence": 0,
        "revision": 1, "made_by": "zhiyin",
    }.items()  # fmt: skip
    assert made(main).number == 2
    (entry,) = AuditEntry.objects.filter(action="pin.made", subject="trip 1")
    assert entry.after["owner"] == "ben"
    assert "queue" not in str(entry.after), "what people write stays where an erasure reaches it"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": " "}, "pins.title"),
        ({"title": "x" * 201}, "pins.title"),
        ({"says": "x" * 4_001}, "pins.text"),
        ({"kind": "idea"}, "pins.kind"),
        ({"status": "later"}, "pins.status"),
        ({"node": "nowhere"}, "pins.node"),
        ({"owner": "cleo"}, "pins.member"),
        ({"contributors": ("ana", "cleo")}, "pins.member"),
        ({"contributors": tuple(f"p{n}" for n in range(41))}, "pins.too-many"),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_kept(
    main: Settings, wrong: dict[str, Any], code: str
) -> None:
    assert refused(made, main, **wrong) == code
    assert not Pin.objects.exists()
    pin = made(main)
    assert refused(changed, main, pin, **wrong) == code
    assert wanted_of(pins.get("main", "trip", 1)) == QUEUE


def test_its_history_holds_what_was_and_what_became(main: Settings) -> None:
    pin = changed(main, made(main), who("ana"), node="fly", status="planned", owner="ben")
    assert (pin.node, pin.status, str(pin.owner), pin.revision) == ("fly", "planned", "ben", 2)
    first, second = [one for one in pins.history(pin) if one.what != "told"]
    assert (first.what, first.after and first.after["title"]) == ("made", QUEUE.title)
    assert (second.what, second.by) == ("changed", "ana")
    assert second.before == {"node": "pay", "status": "open", "owner": ""}
    assert second.after == {"node": "fly", "status": "planned", "owner": "ben"}
    assert changed(main, pin).revision == 2, "nothing changed is no change"
    assert PinEvent.objects.filter(what="changed").count() == 1


def test_two_who_change_the_same_never_overwrite_each_other(main: Settings) -> None:
    seen = made(main)
    changed(main, seen, who("ana"), title="Two hours")
    with pytest.raises(Problem) as caught:
        changed(main, seen, who("ben"), says="It is the lift.")
    assert caught.value.code == "pins.changed"
    assert "ana" in str(caught.value.message)
    now = pins.get("main", "trip", 1)
    assert (now.title, now.says) == ("Two hours", "")
    changed(main, now, who("ben"), says="It is the lift.")
    changed(main, now, revision=None, title="Three hours")
    assert pins.get("main", "trip", 1).title == "Three hours"


def test_who_left_stays_the_owner_until_somebody_names_another(main: Settings) -> None:
    pin = made(main, owner="ben", contributors=("vera",))
    Membership.objects.filter(person__login__in=("ben", "vera")).delete()
    pin = changed(main, pin, status="doing")
    assert wanted_of(pin).owner == "ben"
    assert wanted_of(pin).contributors == ("vera",)
    pin = changed(main, pin, owner="")
    assert refused(changed, main, pin, owner="ben") == "pins.member"


def test_a_mark_outlives_its_touchpoint_and_can_be_moved(main: Settings) -> None:
    pin = made(main)
    Pin.objects.update(node="gone")
    pin = changed(main, pins.get("main", "trip", 1), status="planned")
    assert pins.as_dict(pin, main, pins.names_of([pin])["trip"])["touchpoint"] is None
    assert changed(main, pin, node="ask").node == "ask"


def test_who_may_not_write_marks_makes_none_and_changes_none(main: Settings) -> None:
    pin = made(main, owner="ben", contributors=("vera",))
    asked = {"by": who("vera"), "workspace": main, "key": "trip", "writes": False}
    assert refused(pinning.make, wanted=QUEUE, **asked) == "pins.not-yours"
    assert refused(pinning.remove, number=1, **asked) == "pins.not-yours"
    for login in ("ben", "vera"):
        assert refused(changed, main, pin, who(login), title="x", writes=False) == "pins.not-yours"
        pin = changed(main, pin, who(login), status=f"{'doing' if login == 'ben' else 'done'}",
                      writes=False)  # fmt: skip
    assert (pin.status, pin.title) == ("done", QUEUE.title)
    other = made(main, "Another")
    assert refused(changed, main, other, who("ben"), status="done", writes=False) == (
        "pins.not-yours"
    )
    link = pinning.Proof("link", "https://example.com/")
    assert refused(
        pinning.add_evidence, number=2, proofs=[link], log=None, **asked
    ) == "pins.not-yours"  # fmt: skip


def test_each_member_votes_once(main: Settings) -> None:
    pin = made(main)
    asked: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main, "key": "trip", "number": 1}
    assert [pinning.vote(login="ben", **asked) for _ in range(3)] == [True, False, False]
    assert pinning.vote(login="VERA", **asked)
    assert pins.counted(pins.get("main", "trip", 1), "supporters") == 2
    assert [str(one) for one in pins.voters(pin)] == ["ben", "vera"]
    assert pinning.vote(login="ben", is_for=False, **asked)
    assert not pinning.vote(login="ben", is_for=False, **asked)
    assert [str(one) for one in pins.voters(pin)] == ["vera"]
    assert refused(pinning.vote, login="cleo", **asked) == "pins.member"
    said = [(one.before, one.after) for one in pins.history(pin) if one.what == "voted"]
    assert said[-1] == ({"votes": True}, {"votes": False, "who": "ben"})
    assert pins.get("main", "trip", 1).revision == 1, "a vote stands in nobody's way"


def test_comments_are_kept_in_their_order(main: Settings) -> None:
    made(main)
    asked: dict[str, Any] = {"workspace": main, "key": "trip", "number": 1}
    pinning.say(by=who("ben"), text=" Since March. ", **asked)
    pinning.say(by=who("vera"), text="Since May.", **asked)
    for text in (" ", "x" * 4_001):
        assert refused(pinning.say, by=who("ben"), text=text, **asked) == "pins.comment"
    pin = pins.get("main", "trip", 1)
    said = [(one.by, one.says) for one in pins.history(pin) if one.what == pins.SAID]
    assert said == [("ben", "Since March."), ("vera", "Since May.")]
    assert pins.counted(pin, "said") == 2
    assert not AuditEntry.objects.filter(after__icontains="Since March").exists()


def test_lists_are_narrowed_and_ordered(main: Settings) -> None:
    today = pins.today(main)
    made(main, "a", kind="suggestion", node="fly", owner="ben", due_on=today - timedelta(days=1))
    made(main, "b", status="done", due_on=today - timedelta(days=9), contributors=("ben",))
    made(main, "c", says="The lift", contributors=("ben", "vera"), due_on=today)
    made(main, "d", status="declined", owner="ana")
    made(main, "e", owner="vera", contributors=("ben",))
    for login in ("ben", "vera"):
        pinning.vote(by=who(login), workspace=main, key="trip", number=3, login=login)
    pinning.vote(by=who("ben"), workspace=main, key="trip", number=1, login="ben")
    assert titles(main) == ["c", "a", "e"]
    assert titles(main, status=ALL) == ["c", "a", "e", "d", "b"]
    assert titles(main, status="done") == ["b"]
    assert titles(main, kind="suggestion") == ["a"]
    assert titles(main, node="fly") == ["a"]
    assert titles(main, owner="ben") == ["a"]
    assert titles(main, owner=NOBODY) == ["c"]
    assert titles(main, whose="ben") == ["c", "a", "e"]
    assert titles(main, whose="ben", status=ALL) == ["c", "a", "e", "b"]
    assert titles(main, overdue=True) == ["a"], "neither what is over nor what is due today"
    assert titles(main, text="LIFT") == ["c"]
    assert titles(main, sort="due") == ["a", "c", "e"]
    assert titles(main, sort="newest") == ["e", "c", "a"]
    assert refused(titles, main, status="later") == "pins.status"
    assert [pins.counted(one, "supporters") for one in pins.chosen(main, Chosen(whose="ben"))] == [
        2, 1, 0,
    ]  # fmt: skip


def test_what_is_not_over_is_counted_by_touchpoint(main: Settings) -> None:
    for kind, node, status in (
        ("problem", "pay", "open"), ("problem", "pay", "doing"), ("problem", "pay", "done"),
        ("suggestion", "pay", "planned"), ("suggestion", "fly", "open"),
        ("suggestion", "ask", "declined"),
    ):  # fmt: skip
        made(main, "x", kind=kind, node=node, status=status)
    found = pins.open_by_node(kept.get("main", "trip"))
    assert found == {"pay": (2, 1), "fly": (0, 1)}


def test_a_removed_mark_takes_everything_with_it(main: Settings) -> None:
    made(main, owner="ben")
    pinning.vote(by=who("ben"), workspace=main, key="trip", number=1, login="ben")
    pinning.remove(by=who("ana"), workspace=main, key="trip", number=1)
    assert not Pin.objects.exists()
    assert not PinEvent.objects.exists()
    entry = AuditEntry.objects.get(action="pin.removed")
    assert (entry.by, entry.subject, entry.before["owner"]) == ("ana", "trip 1", "ben")
    assert refused(pins.get, "main", "trip", 1) == "pins.none"


def test_a_mark_is_found_on_its_own_map_alone(main: Settings) -> None:
    made(main)
    actions.create(by=COMMAND_LINE, workspace="main", key="other", map_=SMALL)
    assert refused(pins.get, "main", "other", 1) == "pins.none"
    assert refused(pinning.make, by=COMMAND_LINE, workspace=main, key="x", wanted=QUEUE) == (
        "map.none"
    )
    other = pinning.make(by=COMMAND_LINE, workspace=main, key="other", wanted=QUEUE)
    assert other.number == 1, "numbers are those of a map"
