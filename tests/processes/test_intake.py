"""Intake of the real server: killed, stopped, asked from outside."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.processes.conftest import SOON_SECONDS, Server, is_alive, wait_for, zhiyin
from tests.processes.installation import Installation, Made
from tests.processes.sending import Sending, backlog, batch, post, stored, write_key


@pytest.fixture(scope="module")
def acknowledged() -> set[str]:
    """What the server has acknowledged to the source `killed` so far."""
    return set()


@pytest.fixture(scope="module")
def counted(shared: Installation) -> None:
    """Three events of the source `counted` in the log, one sent twice, and one refused."""
    server = shared.running()
    key = write_key(server.data, "counted")
    say = partial(batch, event="Counted")
    wait_for(lambda: post(server, key, say(["a"])) == 200, 60, "the key is known")
    assert post(server, key, say(["a", "b", "c"])) == 200
    assert post(server, key, batch(["bad"], event="")) == 200
    wait_for(lambda: stored(server.data, "counted") == ["a", "b", "c"], 90, "in the log")


def test_events_come_in_and_are_counted_from_outside(counted: None, server: Server) -> None:
    for asked, count in (
        (["--name", "Counted"], 3),
        (["--where", "properties.n = 'b'"], 1),
        (["--name", "None such"], 0),
    ):
        found = json.loads(zhiyin(server.data, "events", "--count", *asked).stdout)
        assert found["count"] == count, found
    wait_for(
        lambda: json.loads(zhiyin(server.data, "dead-letters").stdout)["waiting"] == 1,
        SOON_SECONDS,
        "refused",
    )
    letters = json.loads(zhiyin(server.data, "dead-letters").stdout)["letters"]
    assert letters[0]["code"] == "event.no-name"
    replayed = json.loads(zhiyin(server.data, "dead-letters", "--replay-all").stdout)
    assert replayed == {"tried": 1, "taken": 0, "refused": 1}


@pytest.mark.parametrize("round_", range(5))
def test_killed_under_load_nothing_acknowledged_is_lost_or_doubled(
    server: Server, acknowledged: set[str], round_: int
) -> None:
    """Kill -9 of the log process, at a random moment, while SDKs send and send again.

    The rounds are on one log: what came in one must also outlive the kills of the next.
    """
    key = write_key(server.data, "killed")
    wait_for(lambda: post(server, key, batch(["first"])) == 200, 60, "the key is known")
    sending = Sending(server, key, f"round{round_}")
    sending.start()
    for kill in range(2):
        time.sleep(0.5 + (round_ * 7 + kill * 3) % 10 * 0.15)
        old = server.child("log")
        os.kill(old, signal.SIGKILL)
        wait_for(lambda old=old: server.is_back("log", old), 120, "back")  # type: ignore[misc]
    wait_for(lambda: len(sending.acknowledged) > 100, SOON_SECONDS, "acknowledged")
    sending.stop()
    wait_for(lambda: backlog(server) == 0, 120, "loaded")
    held = stored(server.data, "killed")
    acknowledged |= sending.acknowledged
    assert acknowledged - set(held) == set(), "lost"
    assert len(held) == len(set(held)), "doubled"


def test_a_stop_under_load_drains(server: Server) -> None:
    """What was acknowledged is in the log when the process has ended, without another start."""
    key = write_key(server.data, "drained")
    wait_for(lambda: post(server, key, batch(["first"])) == 200, 60, "the key is known")
    sending = Sending(server, key, "drain")
    sending.start()
    wait_for(lambda: len(sending.acknowledged) > 1_000, SOON_SECONDS, "acknowledged")
    server.process.terminate()
    assert server.process.wait(SOON_SECONDS) == 0
    sending.stop()
    held = stored(server.data, "drained")
    assert sending.acknowledged <= set(held)
    assert len(held) == len(set(held))
    assert not list((server.data / "journal").glob("*/*.seg"))


def test_events_and_dead_letters_without_a_server(counted: None, shared: Installation) -> None:
    shared.close()
    replayed = json.loads(zhiyin(shared.data, "dead-letters", "--replay", "0").stdout)
    assert replayed["tried"] == 1
    dismissed = json.loads(zhiyin(shared.data, "dead-letters", "--dismiss-all").stdout)
    assert dismissed == {"dismissed": 1}
    found = json.loads(zhiyin(shared.data, "events", "--count", "--name", "Counted").stdout)
    assert found["count"] == 3


@pytest.fixture
def broken(made: Made, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose journal nobody needs afterwards."""
    found = Installation(tmp_path / "data", made)
    yield found
    found.close()


def test_a_damaged_journal_is_said_and_the_rest_goes_on(broken: Installation) -> None:
    server = broken.open()
    key = write_key(server.data)
    wait_for(lambda: post(server, key, batch(["first"])) == 200, 60, "the key is known")
    wait_for(lambda: stored(server.data) == ["first"], 90, "in the log")
    damage(server)
    wait_for(lambda: post(server, key, batch(["later"])) == 503, 90, "refused")
    status, _headers, body = server.get("/readyz")
    assert status == 200
    assert json.loads(body)["intake"]["trouble"] == {"main": "intake.damaged"}
    said = json.loads(zhiyin(server.data, "doctor").stdout)
    (fault,) = [found for found in said["findings"] if found["what"] == "intake main"]
    assert fault["state"] == "fault"
    assert ".seg" in fault["seen"]
    assert server.get("/login/")[0] in (200, 302, 404)


def damage(server: Server) -> None:
    """Kill the log process and break a frame that has a good one behind it."""
    folder: Path = server.data / "journal" / "main"
    old = server.child("log")
    os.kill(server.process.pid, signal.SIGSTOP)  # or it would be started before we are done
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: not is_alive(old), SOON_SECONDS, "the log process is dead")
    from zhiyin.warehouse.journal import Journal, look

    found = look(folder)
    journal = Journal(folder, first=found.next_number)
    from zhiyin.warehouse.desks import Frame, _encode

    first = journal.append(_encode(Frame(0, [])))
    journal.append(_encode(Frame(0, [])))
    journal.close()
    content = bytearray(first.segment.read_bytes())
    content[first.offset] ^= 1
    first.segment.write_bytes(content)
    os.kill(server.process.pid, signal.SIGCONT)
    wait_for(lambda: server.is_back("log", old), 120, "back")
