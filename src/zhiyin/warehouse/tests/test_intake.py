"""What intake acknowledges is in the log once, through restarts, full disks and damage."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.warehouse import journal, lang
from zhiyin.warehouse.arriving import Letter, Reading
from zhiyin.warehouse.intake import Bounds, Intake
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.sending import event, read, sent

ROOMY = Bounds(free_bytes=0)


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.01)


def done(future: Future[None]) -> None:
    future.result(60)


def ids(owner: Owner, slug: str = "main") -> list[str]:
    table = lang.table(owner.schema(slug), "events")
    found = owner.execute(slug, table.order_by("seq").select("id"))
    return [str(value) for value in found["id"].to_pylist()]


def test_what_is_answered_is_on_disk_and_soon_in_the_log(owner: Owner, data: Path) -> None:
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1), event(2)])))
        found = journal.look(data / "journal" / "main")
        assert found.places
        assert b"m2" in found.places[0].segment.read_bytes()
        wait_for(lambda: ids(owner) == ["m1", "m2"])
        wait_for(lambda: intake.state("main").backlog_rows == 0)
        assert intake.state("main").last_received_at is not None


def test_on_an_event_loop_the_future_is_awaited(owner: Owner, data: Path) -> None:
    async def send(intake: Intake) -> None:
        await asyncio.gather(*(intake.submit(*sent([event(n)])) for n in range(300)))

    with Intake(owner, data, read, bounds=ROOMY) as intake:
        asyncio.run(send(intake))
        wait_for(lambda: len(ids(owner)) == 300)


def test_what_was_not_loaded_is_read_again_at_the_next_start(data: Path) -> None:
    """A loader that stands still, as when the process is killed."""
    with Owner(data) as owner:
        owner.create("main")
        intake = Intake(owner, data, read, bounds=ROOMY)
        intake._loader.start = lambda: None  # type: ignore[method-assign]
        with intake:
            for number in range(5):
                done(intake.put(*sent([event(number)])))
        assert ids(owner) == []
    with Owner(data) as owner, Intake(owner, data, read, bounds=ROOMY):
        wait_for(lambda: ids(owner) == [f"m{n}" for n in range(5)])
    with Owner(data) as owner, Intake(owner, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1), event(9)])))
        wait_for(lambda: len(ids(owner)) == 6)


def test_a_close_loads_what_it_has_acknowledged(data: Path) -> None:
    with Owner(data) as owner:
        owner.create("main")
        with Intake(owner, data, read, bounds=ROOMY) as intake:
            last = [intake.put(*sent([event(n)])) for n in range(50)]
        assert all(one.done() for one in last)
        assert len(ids(owner)) == 50
        assert not list((data / "journal" / "main").iterdir())


def test_beyond_the_bounds_it_is_busy_and_memory_does_not_grow(owner: Owner, data: Path) -> None:
    bounds = Bounds(backlog_rows=10, held_rows=4, free_bytes=0)
    intake = Intake(owner, data, read, bounds=bounds)
    with intake, owner._workspace("main").writing:  # as an import does while it commits
        count, code = 0, ""
        while not code:
            try:
                done(intake.put(*sent([event(count)])))
                count += 1
            except Problem as problem:
                code = problem.code
        assert code == "intake.busy"
        assert 10 <= count <= 12
        assert sum(entry.held is not None for entry in intake._desks["main"].queue) <= 5
    assert len(ids(owner)) == count


def test_too_many_bytes_at_once_are_busy(owner: Owner, data: Path) -> None:
    bounds = Bounds(waiting_bytes=1000, free_bytes=0)
    with Intake(owner, data, read, bounds=bounds) as intake, pytest.raises(Problem, match="wait"):
        intake.put(*sent([event(1, properties={"x": "y" * 2000})]))


def test_a_full_disk_refuses_says_so_and_recovers(
    owner: Owner, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1)])))
        wait_for(lambda: ids(owner) == ["m1"])
        intake._desks["main"]._bounds = Bounds(free_bytes=1 << 60)
        with pytest.raises(Problem) as met:
            done(intake.put(*sent([event(2)])))
        assert met.value.code == "intake.full"
        assert ("intake main", "fault") in [(what, state) for what, state, _s in intake.check()]
        intake._desks["main"]._bounds = ROOMY
        done(intake.put(*sent([event(3)])))
        assert [state for _w, state, _s in intake.check()] == ["ok"]
        wait_for(lambda: ids(owner) == ["m1", "m3"])


def test_a_damaged_journal_refuses_and_gives_what_can_be_read(data: Path) -> None:
    with Owner(data) as owner:
        owner.create("main")
        owner.create("other")
        intake = Intake(owner, data, read, bounds=ROOMY)
        intake._loader.start = lambda: None  # type: ignore[method-assign]
        with intake:
            for number in range(3):
                done(intake.put(*sent([event(number)])))
    (segment,) = journal.segments(data / "journal" / "main")
    broken = bytearray(segment.read_bytes())
    broken[journal.look(segment.parent).places[1].offset] ^= 1
    segment.write_bytes(broken)
    with Owner(data) as owner:
        assert [s for what, s, _seen in owner.check() if what == "intake main"] == ["fault"]
        with Intake(owner, data, read, bounds=ROOMY) as intake:
            wait_for(lambda: ids(owner) == ["m0", "m2"])
            with pytest.raises(Problem, match=segment.name) as met:
                intake.put(*sent([event(9)]))
            assert met.value.code == "intake.damaged"
            done(intake.put(*sent([event(1)], slug="other")))
            assert intake.summary()["trouble"] == {"main": "intake.damaged"}
        assert segment.exists()
    segment.unlink()
    with Owner(data) as owner, Intake(owner, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(9)])))
        wait_for(lambda: ids(owner) == ["m0", "m2", "m9"])


def test_an_unknown_workspace_is_refused_until_it_is_there(owner: Owner, data: Path) -> None:
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        with pytest.raises(Problem, match="no workspace late"):
            done(intake.put(*sent([event(1)], slug="late")))
        owner.create("late")
        intake._desks["late"]._look_again = 0
        done(intake.put(*sent([event(1)], slug="late")))
        wait_for(lambda: ids(owner, "late") == ["m1"])


def test_one_poisoned_letter_does_not_stop_the_others(owner: Owner, data: Path) -> None:
    made, reading = sent([event(2)])
    reading.facts["events"]["nonsense"] = [1]
    with Intake(owner, data, read, bounds=ROOMY) as intake, owner._workspace("main").writing:
        first = intake.put(*sent([event(1)]))
        done(intake.put(made, reading))
        done(intake.put(*sent([event(3)])))
        done(first)
    assert ids(owner) == ["m1", "m3"]


def test_a_reader_that_fails_at_a_replay_costs_one_letter(data: Path) -> None:
    def picky(letter: Letter) -> Reading:
        if b"m1" in letter.body:
            raise ValueError
        return read(letter)

    with Owner(data) as owner:
        owner.create("main")
        intake = Intake(owner, data, picky, bounds=Bounds(free_bytes=0, held_rows=0))
        with intake:
            for number in range(3):
                done(intake.put(*sent([event(number)])))
            wait_for(lambda: ids(owner) == ["m0", "m2"])


def test_a_load_that_fails_for_the_machines_sake_is_tried_again(
    owner: Owner, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [OSError("no room"), OSError("no room")]
    arrive = owner.arrive

    def failing(*given: Any, **named: Any) -> Any:
        if failures:
            raise failures.pop()
        return arrive(*given, **named)

    monkeypatch.setattr(owner, "arrive", failing)
    monkeypatch.setattr("zhiyin.warehouse.loading.RETRY_SECONDS", 0.05)
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1)])))
        wait_for(lambda: intake.state("main").trouble is not None)
        wait_for(lambda: ids(owner) == ["m1"])
        wait_for(lambda: intake.state("main").trouble is None)


def test_watchers_hear_of_the_newest_events(owner: Owner, data: Path) -> None:
    heard: list[tuple[str, list[Any]]] = []
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        end = intake.watch(lambda slug, newest: heard.append((slug, newest)))
        done(intake.put(*sent([event(1), event(2, properties={"a": 1})])))
        wait_for(lambda: bool(heard))
        end()
    slug, newest = heard[0]
    assert slug == "main"
    assert [(one.seq, one.id, one.customer) for one in newest] == [(1, "m2", "c2"), (0, "m1", "c1")]
    assert newest[0].properties == '{"a":1}'


def test_settling_empties_the_journal(owner: Owner, data: Path) -> None:
    """Would catch an erased customer whose letters stay in a segment that is still open."""
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1)])))
        assert intake.settle("main")
        assert not list((data / "journal" / "main").iterdir())
        done(intake.put(*sent([event(2)])))
        wait_for(lambda: ids(owner) == ["m1", "m2"])


def test_a_dropped_workspace_leaves_no_journal_and_no_sets(owner: Owner, data: Path) -> None:
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        done(intake.put(*sent([event(1)])))
        owner.drop("main")
        assert not (data / "journal" / "main").exists()
        assert not (data / "seen" / "main").exists()
        owner.create("main")
        done(intake.put(*sent([event(1)])))
        wait_for(lambda: ids(owner) == ["m1"])


def test_blocked_names_and_properties_are_left_out(owner: Owner, data: Path) -> None:
    snapshot = data / "snapshots" / "events.json"
    snapshot.parent.mkdir()
    snapshot.write_text(
        '{"version": 1, "workspaces": {"main": {"blocked": ["Noise"],'
        ' "blocked_properties": {"Order Completed": ["card"]}}}}'
    )
    with Intake(owner, data, read, bounds=ROOMY) as intake:
        events = [event(1, name="Noise"), event(2, properties={"card": "4111", "ok": 1})]
        done(intake.put(*sent(events)))
        wait_for(lambda: ids(owner) == ["m2"])
    table = lang.table(owner.schema("main"), "events")
    assert owner.execute("main", table.select("properties")).to_pylist() == [
        {"properties": '{"ok":1}'}
    ]
    cursor = owner._root.cursor()
    assert cursor.execute("SELECT name, n FROM ws_main.blocked").fetchall() == [("Noise", 1)]
    cursor.close()


def test_imports_and_intake_run_beside_each_other(owner: Owner, data: Path) -> None:
    """The same ids by both ways at once are there once."""

    def bring() -> None:
        for start in range(0, 500, 50):
            rows = [
                {"row": n, "id": f"m{n}", "occurred_at": DAY, "customer": f"c{n}", "name": "x"}
                for n in range(start, start + 50)
            ]
            put(owner, rows, table="events", source="site")

    with Intake(owner, data, read, bounds=ROOMY) as intake:
        importing = threading.Thread(target=bring)
        importing.start()
        for start in range(480, -1, -20):
            done(intake.put(*sent([event(n) for n in range(start, start + 20)])))
        importing.join()
        wait_for(lambda: intake.state("main").backlog_rows == 0)
    assert sorted(ids(owner)) == sorted(f"m{n}" for n in range(500))
    table = lang.table(owner.schema("main"), "events")
    found = owner.execute("main", table.select("id", "customer")).to_pylist()
    assert len({row["customer"] for row in found}) == 500
