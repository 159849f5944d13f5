"""What intake refused is kept with its reason, can be read again, and put aside."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, in_language
from zhiyin.warehouse import lang
from zhiyin.warehouse.arriving import Letter, Reading
from zhiyin.warehouse.engines.duckdb import refusals
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.sending import event, read, sent


def bad(number: int) -> dict[str, Any]:
    return {"id": f"bad{number}", "customer": f"c{number}"}


def refuse(owner: Owner, *numbers: int, source: str = "site") -> None:
    owner.reader = read_again
    owner.arrive("main", [sent([bad(n) for n in numbers], source=source)], position=None)


def read_again(letter: Letter) -> Reading:
    """The test's reader, for one event and with a name for those of even numbers: the fault was
    the program's and is mended."""
    assert letter.about["replay"]
    said = msgspec.json.decode(letter.body)
    if "broken" in said:
        raise Problem("event.broken", _("{id} is broken.", id=said["id"]))
    if int(said["id"][-1]) % 2 == 0:
        said["name"] = "Mended"
    body = msgspec.json.encode([said])
    about = {"path": "/t"}
    return read(
        Letter(letter.workspace, letter.source, letter.wire, letter.received_at, body, about)
    )


def ids(log: Log) -> list[str]:
    table = lang.table(log.schema("main"), "events")
    found = log.execute("main", table.order_by("seq").select("id"))
    return [str(value) for value in found["id"].to_pylist()]


def test_a_refusal_says_what_is_wrong_in_both_languages(owner: Owner, log: Log) -> None:
    refuse(owner, 1)
    (found,) = log.dead_letters("main")
    assert (found.number, found.source, found.wire, found.code) == (
        0,
        "site",
        "test",
        "event.no-name",
    )
    assert found.body == '{"id":"bad1","customer":"c1"}'
    assert str(found.message) == "The event bad1 has no name."
    with in_language("zh"):
        assert "bad1" in str(found.message)


def test_they_are_counted_paged_and_chosen(owner: Owner, log: Log) -> None:
    refuse(owner, 1, 2, 3)
    refuse(owner, 4, source="app")
    counts = [(one.code, one.source, one.count) for one in log.dead_letter_counts("main")]
    assert counts == [("event.no-name", "site", 3), ("event.no-name", "app", 1)]
    first = log.dead_letters("main", limit=3)
    assert [one.number for one in first] == [3, 2, 1]
    assert [one.number for one in log.dead_letters("main", limit=3, before=1)] == [0]
    assert [one.number for one in log.dead_letters("main", source="app")] == [3]
    assert log.dead_letters("main", code="event.other") == []


def test_those_that_name_somebody_are_found_by_the_whole_word(owner: Owner, log: Log) -> None:
    refuse(owner, 1, 12, 2)
    owner.dismiss_dead_letters("main", [2])
    assert [one.number for one in log.dead_letters_naming("main", ["c1"])] == [0]
    assert [one.number for one in log.dead_letters_naming("main", ["bad12", "c1"])] == [0, 1]
    assert log.dead_letters_naming("main", ["c"]) == []
    assert log.dead_letters_naming("main", []) == []


def test_a_replay_takes_what_is_good_now_once(owner: Owner, log: Log) -> None:
    """Would catch a replay that takes the same again, or that forgets what it could not take."""
    refuse(owner, 1, 2, 4)
    owner.arrive("main", [sent([event(1)])], position=7)
    done = log.replay_dead_letters("main")
    assert (done.tried, done.taken, done.refused) == (3, 2, 1)
    assert ids(log) == ["m1", "bad2", "bad4"]
    assert [one.body for one in log.dead_letters("main", state="replayed")] == ["", ""]
    assert [one.number for one in log.dead_letters("main")] == [0]
    assert log.replay_dead_letters("main").tried == 1
    assert ids(log) == ["m1", "bad2", "bad4"]
    assert owner.journal_position("main") == 7


def test_a_replay_of_some_leaves_the_others(owner: Owner, log: Log) -> None:
    refuse(owner, 2, 4)
    assert log.replay_dead_letters("main", [1]).taken == 1
    assert ids(log) == ["bad4"]
    assert [one.number for one in log.dead_letters("main")] == [0]


def test_the_reason_is_the_one_that_holds_now(owner: Owner, log: Log) -> None:
    owner.reader = read_again
    owner.arrive("main", [sent([{**bad(2), "broken": True}])], position=None)
    assert log.replay_dead_letters("main").refused == 1
    (found,) = log.dead_letters("main")
    assert (found.code, str(found.message)) == ("event.broken", "bad2 is broken.")


def test_what_is_dismissed_leaves_its_reason_and_not_what_it_said(owner: Owner, log: Log) -> None:
    refuse(owner, 1, 2)
    assert log.dismiss_dead_letters("main", [0, 77]) == 1
    (found,) = log.dead_letters("main", state="dismissed")
    assert (found.body, found.code) == ("", "event.no-name")
    assert found.settled_at is not None
    assert log.dismiss_dead_letters("main") == 1
    assert log.dead_letters("main") == []
    assert log.replay_dead_letters("main").tried == 0


def test_the_oldest_make_room(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a table that anybody with a public key can make grow without end."""
    monkeypatch.setattr(refusals, "KEPT", 500)
    for start in range(0, 3000, 500):
        refuse(owner, *range(start, start + 500))
    kept = owner.dead_letters("main", limit=10_000)
    assert 500 <= len(kept) <= 1500
    assert kept[0].number == 2999
