"""Work as the jobs process does it: every workspace's, whatever one is like."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from dbos import DBOS
from django.contrib.sessions.models import Session
from django.utils import timezone

from zhiyin.accounts import actions, running, work
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.kinds import KINDS
from zhiyin.accounts.models import Person, Work
from zhiyin.demo import filling
from zhiyin.demo.plan import Plan
from zhiyin.kernel.clock import now
from zhiyin.listen import keeping
from zhiyin.processes import jobs
from zhiyin.unify import erasure, matching, rules, suggesting
from zhiyin.unify.models import Erasure, ErasureState
from zhiyin.unify.tests.test_erasure import trait
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import bases
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.tests.planting import put, read
from zhiyin.warehouse.wire import socket_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(two_workspaces: Owner, tmp_path: Path) -> Iterator[Owner]:
    """The log of two workspaces, served as the log process does."""
    server = LogServer(two_workspaces, socket_of(tmp_path))
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield two_workspaces
    server.shutdown()
    thread.join()


@pytest.fixture
def ana(db: None) -> Actor:
    actions.set_up(by=COMMAND_LINE, login="ana")
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    return Actor(Person.objects.get(login="ana"), "192.0.2.1")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIYIN_DATA", str(tmp_path))


def at_its_time(*kinds: str) -> dict[tuple[str, str], Work]:
    """What became of it when the clock asked for these, by (kind, workspace)."""
    for kind in kinds:
        work.ask_by_the_clock(kind)
    found = {}
    while held := running.run_next(jobs.DOING, threading.Event()):
        found[held.kind, held.workspace] = held
    return found


def test_there_is_somebody_to_do_each_kind_of_work() -> None:
    assert jobs.DOING.keys() == KINDS.keys()


def test_the_night_ends_sessions_rejects_retention_and_erasures(
    log: Owner, tmp_path: Path, ana: Actor
) -> None:
    at = timezone.now()
    for name, days in (("ended", -1), ("open", 1)):
        Session.objects.create(
            session_key=name, session_data="", expire_date=at + timedelta(days=days)
        )
    (tmp_path / "rejects").mkdir()
    old, new = tmp_path / "rejects" / "old.csv", tmp_path / "rejects" / "new.csv"
    for file in (old, new):
        file.write_text("x")
    long_ago = time.time() - (jobs.REJECTS_DAYS + 1) * 86_400
    os.utime(old, (long_ago, long_ago))
    put(log, [{"occurred_at": now() - timedelta(days=400)}, {"occurred_at": now()}])
    put(log, [trait("her", "name", "林"), trait("him", "name", "王")], table="traits")
    rules.keep(by=ana, workspace="main", months={("answers", ""): 12})
    erasure.erase(by=ana, log=log, data=tmp_path, workspace="main", name="her", reason="request")
    did = at_its_time("keep-house", "end-what-is-kept")
    assert [s.session_key for s in Session.objects.all()] == ["open"]
    assert (old.exists(), new.exists()) == (False, True)
    assert read(log, "id") == [("r1",)]
    (done,) = Erasure.objects.all()
    assert done.state == ErasureState.GONE
    assert all(place["bytes_gone_at"] for place in done.places)
    removed = {
        "sessions": 1, "rejects": 1, "uploads": 0, "letters": 0, "work": 0,
        "answers": 0, "askings": 0, "messages": 0,
    }  # fmt: skip
    assert did["keep-house", ""].result == removed
    assert did["end-what-is-kept", "main"].result == {"ended": 1, "erasures": 1}
    assert did["end-what-is-kept", "other"].result == {"ended": 0, "erasures": 0}


@pytest.mark.usefixtures("ana", "log")
def test_a_workspace_that_fails_keeps_nothing_from_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def apply(workspace: str, _log: object) -> dict[str, int]:
        if workspace == "main":
            raise OSError("its disk is gone")
        return {}

    monkeypatch.setattr(rules, "apply", apply)
    with caplog.at_level(logging.ERROR, "zhiyin.work"):
        did = at_its_time("end-what-is-kept")
    states = {workspace: held.state for (_kind, workspace), held in did.items()}
    assert states == {"main": "waiting", "other": "done"}
    assert "end-what-is-kept, try 1" in caplog.text


@pytest.mark.usefixtures("ana")
def test_customers_are_matched_at_once_and_compared_the_first_time(log: Owner) -> None:
    put(
        log,
        [trait("a", "email", "li@example.com"), trait("b", "email", "LI@example.com ")],
        table="traits",
    )
    assert not suggesting.was_run("main")
    did = at_its_time("match-customers")
    assert suggesting.was_run("main")
    assert matching.last_run("main") is not None
    assert len(set(log.execute("main", lang.ids())["key"].to_pylist())) == 1
    assert did["match-customers", "main"].result["linked"] == 1
    compared = did["suggest-merges", "main"]
    assert (compared.parts_done, compared.parts) == (suggesting.STEPS, suggesting.STEPS)
    assert ("suggest-merges", "main") not in at_its_time("match-customers"), "once is enough"


@pytest.mark.usefixtures("ana")
def test_what_customers_wrote_is_read_in_every_workspace(log: Owner) -> None:
    said = [
        {"row": n, "id": f"v{n}", "occurred_at": datetime(2026, 3, 1), "customer": f"c{n}",
         "text": text}
        for n, text in enumerate(("退款太慢了", "The crew were kind"))
    ]  # fmt: skip
    put(log, said, table="verbatims")
    did = at_its_time("listen")
    assert did["listen", "main"].result == {"verbatims": 2}
    assert did["listen", "other"].result == {"verbatims": 0}
    clauses = lang.table(log.schema("main"), "clauses").order_by("seq").select("polarity")
    found = log.execute("main", clauses, words=True)["polarity"].to_pylist()
    assert found == ["negative", "positive"]
    assert at_its_time("listen")["listen", "main"].result == {"verbatims": 0}


@pytest.mark.usefixtures("ana", "log")
def test_who_reads_in_the_background_steps_back_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def own() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def read(*_given: object, **_named: object) -> int:
        seen.append(own())
        return 0

    monkeypatch.setattr(keeping, "read", read)
    before = own()
    at_its_time("listen")
    assert seen == [jobs.BEHIND] * 2
    assert own() == before


@pytest.mark.usefixtures("ana")
def test_the_log_is_tended(log: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    put(log, [{}])
    monkeypatch.setattr(bases, "LONG_TAIL", 0)
    assert at_its_time("tend-log")["tend-log", "main"].result["tables"] > 0
    assert at_its_time("tend-log")["tend-log", "main"].result["tables"] == 0


def test_the_demo_leaves_piece_by_piece_and_what_was_cut_off_is_finished(
    log: Owner, ana: Actor
) -> None:
    filling.fill(log, "main", Plan(customers=150, months=1, until=date(2026, 6, 30)))
    imports = len(log.imports("main"))
    number = work.ask(by=ana, kind="remove-demo", workspace="main").pk

    def stops(held: running.Running) -> running.Result:
        shown = 0

        def show(done: int, of: int) -> None:
            nonlocal shown
            held.show(done, of)
            shown += 1
            if shown == 3:
                raise running.Unwanted

        return {"facts": filling.remove(log, held.workspace, progress=show)}

    stopped = running.run_next({"remove-demo": stops}, threading.Event())
    assert stopped is not None
    assert sum(one.undone_at is None for one in log.imports("main")) == imports - 2 > 0
    did = at_its_time()["remove-demo", "main"]
    assert (did.pk, did.state, did.result["facts"] > 0) == (number, "done", True)
    assert not filling.is_demo(log, "main")
    assert (did.parts_done, did.parts) == (imports - 2, imports - 2)
    work.ask(by=ana, kind="remove-demo", workspace="main")
    assert at_its_time()["remove-demo", "main"].result == {"facts": 0}


@pytest.mark.usefixtures("ana")
def test_the_clock_asks_through_its_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZHIYIN_DATABASE_URL", raising=False)
    DBOS(config=jobs.configuration(tmp_path))
    DBOS.launch()
    try:
        jobs.by_the_clock(datetime(2026, 1, 1, 3, 17), "keep-house")
    finally:
        DBOS.destroy()
    assert [(held.kind, held.state) for held in Work.objects.all()] == [("keep-house", "waiting")]
