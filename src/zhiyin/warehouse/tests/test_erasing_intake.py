"""An erased customer leaves intake too: its journal, its refusals, its examples; and stays out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zhiyin.warehouse.intake import Intake
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.sending import event, read, sent
from zhiyin.warehouse.tests.test_erasing import found_in, needle
from zhiyin.warehouse.tests.test_intake import ROOMY, done, ids, wait_for


@pytest.fixture
def plain(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    monkeypatch.setenv("ZHIYIN_LOG_COMPRESSION", "uncompressed")
    with Owner(data) as owner:
        owner.create("main")
        yield owner


def rows(owner: Owner, sql: str) -> list[tuple[Any, ...]]:
    """A query over the file itself."""
    held = owner._workspace("main")
    with owner._cursor() as cursor:
        return cursor.execute(sql.format(log=held.sql)).fetchall()


def test_journal_refusals_and_examples_lose_her_while_others_go_on(
    plain: Owner, data: Path
) -> None:
    """Would catch a segment that stays because somebody else always writes into it."""
    her, said, nameless = needle(), needle(), needle()
    hers = event("hers", customer=her, name=said, properties={"note": needle(), "deep": {said: 1}})
    with Intake(plain, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1), hers, {"id": nameless, "user": her}])))
        done(intake.put(*sent([{"id": "refused", "user": "him"}])))
        wait_for(lambda: len(ids(plain)) == 2)
        with plain._cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {plain._workspace('main').sql}.catalogue VALUES"
                " ('Order Completed', 'note', 'text', 2, ?, now(), now())",
                [[said, "theirs"]],
            )
        needles = [her, said, nameless, hers["properties"]["note"]]
        held = found_in(data, needles)
        assert set().union(*held.values()) == set(needles)
        assert any(name.endswith(".seg") for name in held)

        def hers_in_catalogue() -> int:
            catalogue = rows(plain, "SELECT name, property, examples FROM {log}.catalogue")
            return sum(any(one in str(row) for one in needles) for row in catalogue)

        # Names and properties are counted a little after their events.
        wait_for(lambda: hers_in_catalogue() > 1)
        hers_there = hers_in_catalogue()
        stop = threading.Event()
        sending = threading.Thread(target=_send, args=(intake, stop))
        sending.start()
        try:
            erased = plain.erase("main", [Id("customer", her)], "e1")
            assert erased.by_table["events"] == 1
            assert erased.by_table["refusals"] == 1
            # A name of her own takes its examples with it: such a row is told twice.
            assert erased.by_table["catalogue"] >= hers_there
            assert plain.rewrite("main").erasures == ("e1",)
            # It gives up after a while, and is asked again: the machine may have much to do.
            wait_for(lambda: plain.empty_journal("main"), 120)
            assert found_in(data, needles) == {}
        finally:
            stop.set()
            sending.join()
        left = rows(plain, "SELECT name, property, examples FROM {log}.catalogue")
        assert ("Order Completed", "note", ["theirs"]) in left
        assert not any(one in str(row) for one in needles for row in left)
        assert rows(plain, "SELECT count(*) FROM {log}.refusals") == [(1,)]
        count = stop.sent  # type: ignore[attr-defined]
        wait_for(lambda: len(ids(plain)) == 1 + count)
    assert found_in(data, needles) == {}


def _send(intake: Intake, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        done(intake.put(*sent([event(f"s{number}")])))
        number += 1
    stop.sent = number  # type: ignore[attr-defined]


def test_her_events_are_refused_without_their_bodies(plain: Owner, data: Path) -> None:
    her, word = needle(), needle()
    with Intake(plain, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1, customer=her), event(2)])))
        wait_for(lambda: len(ids(plain)) == 2)
        plain.erase("main", [Id("customer", her)], "e1")
        again = [event(3, customer=her, properties={"x": word}), event(4), event(5, customer=her)]
        done(intake.put(*sent(again)))
        wait_for(lambda: "m4" in ids(plain))
        assert ids(plain) == ["m2", "m4"]
        refused = "SELECT source, code, blanks, body FROM {log}.refusals"
        assert rows(plain, refused) == [("site", "event.erased", '{"count":"2"}', b"")]
        assert plain.empty_journal("main")
        plain.rewrite("main")
        assert found_in(data, [her, word]) == {}
        plain.refuse_erased("main", refuse=False)
        done(intake.put(*sent([event(6, customer=her)])))
        wait_for(lambda: "m6" in ids(plain))
        assert plain.subject("main", her).ids == (Id("customer", her),)


def test_what_is_refused_for_another_reason_keeps_nothing_of_her(plain: Owner, data: Path) -> None:
    """Would catch a dead letter that holds the body of an erased customer's broken event."""
    her, word = needle(), needle()
    with Intake(plain, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1, customer=her), event(2)])))
        wait_for(lambda: len(ids(plain)) == 2)
        plain.erase("main", [Id("customer", her)], "e1")
        broken = [
            {"id": "b1", "customer": her, "says": word, "odd": "\\ud800 \\"},
            {"id": "b2", "customer": "him"},
        ]
        done(intake.put(*sent([*broken, event(3)])))
        wait_for(lambda: "m3" in ids(plain))
        refused = rows(plain, "SELECT code, body FROM {log}.refusals ORDER BY code")
        assert refused == [
            ("event.erased", b""),
            ("event.no-name", b'{"id":"b2","customer":"him"}'),
        ]
        assert plain.empty_journal("main")
        plain.rewrite("main")
        assert found_in(data, [her, word]) == {}


def test_a_link_to_an_erased_id_is_refused_too(plain: Owner, data: Path) -> None:
    """Would catch an alias that brings an erased id back as the other end of a link."""
    with Intake(plain, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1, customer="her"), event(2)])))
        wait_for(lambda: len(ids(plain)) == 2)
        plain.erase("main", [Id("customer", "her")], "e1")
        link = {"customer": "c2", "other": "her", "action": "link", "reason": "alias"}
        done(intake.put(*sent([event(3, customer="c2", identities=link)])))
        wait_for(lambda: "m3" in ids(plain))
        assert rows(plain, "SELECT count(*) FROM {log}.identities") == [(0,)]
        assert rows(plain, "SELECT id FROM {log}.ids ORDER BY id") == [("c2",)]


def test_a_journal_that_nobody_loads_is_not_called_empty(plain: Owner, data: Path) -> None:
    """Without a server the letters of a killed one stay: no receipt may say that they went."""
    folder = data / "journal" / "main"
    folder.mkdir(parents=True)
    assert plain.empty_journal("main")
    (folder / f"{0:020d}.seg").write_bytes(b"acknowledged")
    assert not plain.empty_journal("main")
