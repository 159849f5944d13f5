"""Background work is done once, whatever is killed, clicked twice or cancelled in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from croniter import croniter  # type: ignore[import-untyped]
from django.db import connection, transaction
from django.utils import timezone

from zhiyin.accounts import actions, jobs, running, work
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.kinds import KINDS, Every, Kind, Nightly
from zhiyin.accounts.models import AuditEntry, Person, Work, WorkState
from zhiyin.accounts.running import Running
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _, in_language

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = threading.Event()


@pytest.fixture
def ana(db: None) -> Actor:
    actions.set_up(by=COMMAND_LINE, login="ana")
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    return Actor(Person.objects.get(login="ana"), "192.0.2.1")


@pytest.fixture(autouse=True)
def sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of work of the tests."""
    for kind in ("sweep", "dust"):
        says = Kind(Text(kind, {}), Text("{rooms} rooms", {}), Text("rooms", {}))
        monkeypatch.setitem(KINDS, kind, says)


def asked(by: Actor | None, kind: str = "sweep", workspace: str = "main", **arguments: Any) -> Work:
    return work.ask(by=by, kind=kind, workspace=workspace, arguments=arguments)


def done(does: Callable[[Running], Mapping[str, Any]] = lambda _work: {"rooms": 3}) -> Work | None:
    return running.run_next({"sweep": does, "dust": does}, NEVER)


def at_once(count: int, turn: Callable[[], object]) -> None:
    """Call it in so many threads at the same moment."""
    start = threading.Barrier(count)

    def begin() -> None:
        start.wait()
        try:
            turn()
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _turn in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drop(held: Work) -> None:
    """Let it look as if the process that runs it was killed a while ago."""
    Work.objects.filter(pk=held.pk).update(held_until=timezone.now() - timedelta(seconds=1))


# Asked for


def test_what_is_asked_for_is_done_and_says_so(ana: Actor) -> None:
    number = asked(ana).pk
    seen: list[tuple[int, int, str]] = []

    def sweeps(held: Running) -> Mapping[str, Any]:
        for room in range(3):
            held.between(room, 3)
            row = Work.objects.get()
            seen.append((row.parts_done, row.parts, row.state))
        return {"rooms": 3}

    ended = done(sweeps)
    assert ended is not None
    # Half a second has not passed since the first room, which alone is written down.
    assert seen == [(0, 3, "running")] * 3
    assert (ended.pk, ended.state, ended.result, ended.attempts) == (
        number,
        "done",
        {"rooms": 3},
        1,
    )
    assert done() is None
    assert str(jobs.seen(ended).did) == "3 rooms"
    (entry,) = AuditEntry.objects.filter(action="work.asked")
    assert (entry.by, entry.workspace, entry.subject) == ("ana", "main", f"sweep {number}")


def test_progress_is_written_down_while_it_goes_on(
    ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SHOWN_SECONDS", 0.0)
    asked(ana)
    seen: list[int] = []

    def sweeps(held: Running) -> Mapping[str, Any]:
        for room in range(4):
            held.between(room, 3)
            seen.append(Work.objects.get().parts_done)
        return {}

    done(sweeps)
    assert seen == [0, 1, 2, 3]


def test_work_is_asked_for_with_its_write_or_not_at_all(ana: Actor) -> None:
    with transaction.atomic():
        asked(ana)
        transaction.set_rollback(True)
    assert done() is None
    assert not AuditEntry.objects.filter(action="work.asked").exists()


def test_clicks_at_the_same_moment_ask_once(ana: Actor) -> None:
    """Would catch a look for the one that waits without a rule of the store."""
    numbers: list[int] = []
    at_once(6, lambda: numbers.append(asked(ana).pk))
    assert len(numbers) == 6
    assert len(set(numbers)) == 1
    assert Work.objects.count() == 1
    assert AuditEntry.objects.filter(action="work.asked").count() == 1


def test_what_is_asked_while_the_same_runs_is_done_after_it(ana: Actor) -> None:
    """The write that it belongs to came after the running one had begun to read."""
    asked(ana)
    runs: list[int] = []

    def sweeps(_work: Running) -> Mapping[str, Any]:
        runs.append(len(runs))
        if len(runs) == 1:
            asked(ana)
            assert done(sweeps) is None, "one of a kind at a time"
        return {}

    done(sweeps)
    done(sweeps)
    assert done(sweeps) is None
    assert len(runs) == 2


def test_other_arguments_other_workspaces_and_other_kinds_are_other_work(ana: Actor) -> None:
    rows = [asked(ana), asked(ana, room=1), asked(ana, room=2), asked(ana, kind="dust"),
            asked(ana, workspace="other"), asked(ana, room=1)]  # fmt: skip
    assert len({row.pk for row in rows}) == 5
    given: list[tuple[str, dict[str, Any]]] = []

    def sweeps(held: Running) -> Mapping[str, Any]:
        given.append((held.workspace, held.arguments))
        return {}

    while done(sweeps):
        pass
    assert given == [("main", {}), ("main", {"room": 1}), ("main", {"room": 2}), ("main", {}),
                     ("other", {})]  # fmt: skip


def test_the_clock_asks_each_workspace_or_once_and_writes_no_audit(ana: Actor) -> None:
    for _time in range(2):
        work.ask_by_the_clock("tend-log")
        work.ask_by_the_clock("keep-house")
    rows = {(row.kind, row.workspace, row.asked_by) for row in Work.objects.all()}
    assert rows == {("tend-log", "main", ""), ("tend-log", "other", ""), ("keep-house", "", "")}
    assert Work.objects.count() == 3
    assert not AuditEntry.objects.filter(action__startswith="work.").exists()


# Taken


def test_many_who_look_at_once_do_each_piece_once(ana: Actor) -> None:
    for room in range(3):
        asked(ana, kind="sweep", room=room)
        asked(ana, kind="dust", room=room)
    guard, together, most, runs = threading.Lock(), dict[str, int](), list[int](), list[object]()

    def does(kind: str) -> Callable[[Running], Mapping[str, Any]]:
        def run(held: Running) -> Mapping[str, Any]:
            with guard:
                together[kind] = together.get(kind, 0) + 1
                most.append(together[kind])
                runs.append((kind, held.arguments["room"]))
            threading.Event().wait(0.05)
            with guard:
                together[kind] -= 1
            return {}

        return run

    def look() -> None:
        until = timezone.now() + timedelta(seconds=60)
        while Work.objects.filter(state__in=work.OPEN).exists() and timezone.now() < until:
            running.run_next({"sweep": does("sweep"), "dust": does("dust")}, NEVER)

    at_once(4, look)
    assert sorted(map(str, runs)) == sorted(
        str((kind, room)) for kind in ("sweep", "dust") for room in range(3)
    )
    assert max(most) == 1, "one of a kind at a time"


def test_a_kind_that_is_not_known_here_is_left_to_others(ana: Actor) -> None:
    asked(ana)
    assert running.run_next({"dust": lambda _work: {}}, NEVER) is None


def test_what_a_killed_process_held_is_taken_by_the_next_and_not_before(ana: Actor) -> None:
    asked(ana)
    dead = running.take({"sweep": None})
    assert dead is not None
    assert done() is None, "it is held"
    drop(dead)
    ended = done()
    assert ended is not None
    assert (ended.pk, ended.state, ended.attempts) == (dead.pk, "done", 2)


def test_who_lost_it_changes_nothing_any_more(ana: Actor) -> None:
    """A process that stood still for a minute goes on: another has done its work."""
    asked(ana)

    def stands_still(held: Running) -> Mapping[str, Any]:
        drop(Work.objects.get())
        assert done(lambda _work: {"rooms": 2}) is not None
        assert not held.is_wanted()
        held.show(1, 9)
        return {"rooms": 1}

    done(stands_still)
    row = Work.objects.get()
    assert (row.state, row.result, row.parts) == ("done", {"rooms": 2}, 0)


def test_work_that_kills_its_process_is_not_begun_for_ever(ana: Actor) -> None:
    asked(ana)
    for _time in range(running.TRIES):
        held = running.take({"sweep": None})
        assert held is not None
        drop(held)
    assert done() is None
    row = Work.objects.get()
    assert (row.state, row.attempts, row.error["code"]) == ("failed", running.TRIES, "work.killed")


def test_who_runs_long_says_that_it_lives(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SAYS_SECONDS", 0.05)
    asked(ana)
    lives: list[bool] = []

    def sweeps(_work: Running) -> Mapping[str, Any]:
        drop(Work.objects.get())
        held = Work.objects.filter(held_until__gt=timezone.now())
        until = time.monotonic() + 60
        while not held.exists() and time.monotonic() < until:
            time.sleep(0.05)
        lives.append(held.exists())
        return {}

    done(sweeps)
    assert lives == [True]


# Failed


def test_a_fault_is_tried_again_later_each_time_and_then_no_more(ana: Actor) -> None:
    asked(ana)

    def breaks(_work: Running) -> Mapping[str, Any]:
        raise OSError("the disk of 13800138000 is full")

    waits = []
    for _time in range(running.TRIES - 1):
        row = done(breaks)
        assert row is not None
        assert row.state == WorkState.WAITING
        assert done(breaks) is None, "not yet"
        waits.append(round((row.not_before - timezone.now()).total_seconds()))
        Work.objects.update(not_before=timezone.now())
    assert waits == [30, 60, 120, 240]
    row = done(breaks)
    assert row is not None
    assert row.state == WorkState.FAILED
    assert "13800138000" not in str(row.error)
    error = jobs.seen(row).error
    assert error is not None
    assert "OSError at test_work.py" in str(error.message)
    assert list(work.failures()) == [row]


def test_a_problem_that_stays_is_not_tried_again_and_is_read_in_ones_language(ana: Actor) -> None:
    asked(ana)

    def refuses(_work: Running) -> Mapping[str, Any]:
        raise Problem(
            "accounts.no-workspace",
            _("There is no workspace {slug}.", slug="main"),
            _("Check its short name, or make one with: zhiyin init"),
        )

    row = done(refuses)
    assert row is not None
    assert (row.state, row.attempts) == ("failed", 1)
    error = jobs.seen(row).error
    assert error is not None
    assert str(error.message) == "There is no workspace main."
    with in_language("zh"):
        assert "main" in str(error.message)
        assert "There is" not in str(error.message)
        assert "zhiyin init" in str(error.hint)


def test_a_log_that_is_away_is_tried_again(ana: Actor) -> None:
    asked(ana)

    def is_away(_work: Running) -> Mapping[str, Any]:
        raise Problem("log.away", _("There is no workspace {slug}.", slug="main"))

    row = done(is_away)
    assert row is not None
    assert (row.state, row.error["code"]) == ("waiting", "log.away")


def test_a_fault_beside_the_same_that_waits_leaves_one(ana: Actor) -> None:
    asked(ana)

    def breaks(_work: Running) -> Mapping[str, Any]:
        asked(ana)
        raise OSError

    row = done(breaks)
    assert row is not None
    assert row.state == WorkState.FAILED
    assert [one.state for one in Work.objects.exclude(pk=row.pk)] == ["waiting"]
    assert list(work.failures()) == [], "it is asked for again"


def test_what_failed_is_run_again_and_is_no_failure_then(ana: Actor) -> None:
    first = asked(ana, room=7)

    def refuses(_work: Running) -> Mapping[str, Any]:
        raise Problem("work.x", _("There is no workspace {slug}.", slug="x"))

    done(refuses)
    assert work.failures().count() == 1
    again = work.again(by=ana, number=first.pk, workspace="main")
    assert (again.pk != first.pk, again.arguments, again.state) == (True, {"room": 7}, "waiting")
    assert work.failures().count() == 0
    assert AuditEntry.objects.filter(action="work.repeated").count() == 1
    with pytest.raises(Problem, match="can be run again"):
        work.again(by=ana, number=again.pk, workspace="main")


# Cancelled


def test_what_waits_is_cancelled_at_once(ana: Actor) -> None:
    held = work.cancel(by=ana, number=asked(ana).pk, workspace="main")
    assert held.state == WorkState.CANCELLED
    assert done() is None
    assert AuditEntry.objects.filter(action="work.cancelled").count() == 1
    with pytest.raises(Problem, match="is over"):
        work.cancel(by=ana, number=held.pk, workspace="main")


def test_what_runs_stops_at_its_next_piece(ana: Actor) -> None:
    asked(ana)
    swept: list[int] = []

    def sweeps(held: Running) -> Mapping[str, Any]:
        for room in range(9):
            held.between(room, 9)
            swept.append(room)
            if room == 3:
                work.cancel(by=ana, number=Work.objects.get().pk, workspace="main")
                assert str(jobs.running("main")[0].state_in_words) == "being cancelled"
        return {"rooms": 9}

    row = done(sweeps)
    assert row is not None
    assert swept == [0, 1, 2, 3]
    assert (row.state, row.result) == ("cancelled", {})


def test_work_that_was_cancelled_is_not_tried_again(ana: Actor) -> None:
    asked(ana)

    def breaks(_work: Running) -> Mapping[str, Any]:
        work.cancel(by=ana, number=Work.objects.get().pk)
        raise OSError

    row = done(breaks)
    assert row is not None
    assert row.state == WorkState.CANCELLED


def test_a_process_that_ends_gives_back_what_it_has_begun(ana: Actor) -> None:
    asked(ana)
    stop = threading.Event()

    def sweeps(held: Running) -> Mapping[str, Any]:
        stop.set()
        held.between(0, 2)
        raise AssertionError("it went on")

    row = running.run_next({"sweep": sweeps}, stop)
    assert row is not None
    assert (row.state, row.attempts, row.error) == ("waiting", 0, {})
    ended = done()
    assert ended is not None
    assert ended.state == WorkState.DONE


def test_nobody_cancels_what_is_of_another_workspace(ana: Actor) -> None:
    elsewhere = asked(ana, workspace="other")
    for act in (work.cancel, work.again):
        with pytest.raises(Problem, match="no background work"):
            act(by=ana, number=elsewhere.pk, workspace="main")
    assert Work.objects.get().state == WorkState.WAITING


# Seen


def test_lists_say_what_runs_waits_and_is_over(ana: Actor) -> None:
    asked(None, kind="dust")
    done()
    asked(ana)
    done()
    asked(ana, workspace="other")
    waits = asked(ana)
    assert [job.number for job in jobs.waiting("main")] == [waits.pk]
    assert jobs.running("main") == []

    def past(**wanted: str) -> list[tuple[str, str]]:
        found = jobs.past("main", jobs.Asked(**wanted))
        return [(row.kind, row.asked_by) for row in found]

    assert past() == [("sweep", "ana")]
    assert past(asked="clock") == [("dust", "")]
    assert past(asked="all") == [("sweep", "ana"), ("dust", "")]
    assert past(asked="all", kind="dust") == [("dust", "")]
    assert past(asked="all", text="AN") == [("sweep", "ana")]
    assert past(asked="all", text="swee") == [("sweep", "ana")]
    assert past(state="failed") == []
    document = jobs.seen(waits).as_dict()
    assert (document["label"], document["asked_by"], document["state"]) == (
        "sweep",
        "ana",
        "waiting",
    )


def test_old_work_goes_and_failures_stay_longer(ana: Actor) -> None:
    for kind, by in (("sweep", ana), ("dust", None)):
        asked(by, kind=kind)
        done()
    waits = asked(ana)
    at = timezone.now()
    assert work.remove_old(at + work.KEPT_OF_THE_CLOCK - timedelta(minutes=1)) == 0
    assert work.remove_old(at + work.KEPT_OF_THE_CLOCK + timedelta(minutes=1)) == 1
    assert work.remove_old(at + work.KEPT + timedelta(minutes=1)) == 1
    assert list(Work.objects.all()) == [waits]


def test_work_that_nobody_does_is_late(ana: Actor) -> None:
    asked(ana)
    at = timezone.now()
    assert not work.late(at + work.LATE - timedelta(minutes=1)).exists()
    assert work.late(at + work.LATE + timedelta(minutes=1)).exists()


@pytest.mark.parametrize(
    ("schedule", "at", "then"),
    [
        (Every(5), "2026-01-01T03:17:20", "2026-01-01T03:20:00"),
        (Every(10), "2026-01-01T23:50:00", "2026-01-02T00:00:00"),
        (Nightly(3, 17), "2026-01-01T03:16:59", "2026-01-01T03:17:00"),
        (Nightly(3, 17), "2026-01-31T03:17:00", "2026-02-01T03:17:00"),
    ],
)
def test_the_next_run_is_when_the_scheduler_says(
    schedule: Every | Nightly, at: str, then: str
) -> None:
    moment = datetime.fromisoformat(at)
    assert schedule.next_after(moment).isoformat() == then
    assert croniter(schedule.cron, moment).get_next(datetime).isoformat() == then
