"""The night's work, as the jobs process runs it: every workspace's, whatever one is like."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from dbos import DBOS
from django.contrib.sessions.models import Session
from django.utils import timezone

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import Person
from zhiyin.kernel.clock import now
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

NIGHT = datetime(2026, 1, 1, 3, 17)


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


@pytest.fixture
def night(log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The store of work, as the jobs process opens it."""
    monkeypatch.setenv("ZHIYIN_DATA", str(tmp_path))
    monkeypatch.delenv("ZHIYIN_DATABASE_URL", raising=False)
    DBOS(config=jobs.configuration(tmp_path))
    DBOS.launch()
    yield
    DBOS.destroy()


@pytest.mark.usefixtures("night")
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
    jobs.keep_house(NIGHT, None)
    assert [s.session_key for s in Session.objects.all()] == ["open"]
    assert (old.exists(), new.exists()) == (False, True)
    assert read(log, "id") == [("r1",)]
    (done,) = Erasure.objects.all()
    assert done.state == ErasureState.GONE
    assert all(place["bytes_gone_at"] for place in done.places)


@pytest.mark.usefixtures("night", "ana")
def test_a_workspace_that_fails_keeps_nothing_from_the_others(
    log: Owner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = []

    def apply(workspace: str, _log: object) -> dict[str, int]:
        asked.append(workspace)
        if workspace == "main":
            raise OSError("its disk is gone")
        return {}

    monkeypatch.setattr(rules, "apply", apply)
    with caplog.at_level(logging.ERROR, "zhiyin.jobs"):
        jobs.keep_house(NIGHT, None)
    assert sorted(set(asked)) == ["main", "other"]
    assert "workspace main" in caplog.text


@pytest.mark.usefixtures("night", "ana")
def test_customers_are_matched_at_once_and_compared_the_first_time(log: Owner) -> None:
    put(
        log,
        [trait("a", "email", "li@example.com"), trait("b", "email", "LI@example.com ")],
        table="traits",
    )
    assert not suggesting.was_run("main")
    jobs.match_customers(NIGHT, None)
    assert suggesting.was_run("main")
    assert matching.last_run("main") is not None
    assert len(set(log.execute("main", lang.ids())["key"].to_pylist())) == 1


@pytest.mark.usefixtures("night", "ana")
def test_the_log_is_tended(log: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    put(log, [{}])
    monkeypatch.setattr(bases, "LONG_TAIL", 0)
    assert jobs.tend_log() > 0
    assert jobs.tend_log() == 0
