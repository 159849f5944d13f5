"""When a source is fetched from: by its interval, one run at a time, later after each failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.sources import actions, fetching, kept
from zhiyin.collect.sources.actions import Wanted
from zhiyin.collect.sources.models import SourceRun, VerbatimSource
from zhiyin.collect.sources.testkit import texts
from zhiyin.collect.sources.tests import servers
from zhiyin.collect.sources.tests.servers import Answer, as_json
from zhiyin.kernel import outbound
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.log import Log


class Desk:
    """A help desk whose answer can be chosen."""

    def __init__(self) -> None:
        self.says: Answer = as_json([{"id": 1, "created_at": "2026-11-02", "text": "Late"}])

    def answer(self, _path: str, _asked: dict[str, str], _headers: dict[str, str]) -> Answer:
        return self.says


@pytest.fixture
def desk(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk()
    monkeypatch.setenv(outbound.ALLOW, "localhost,127.0.0.1")
    with servers.serving(made.answer) as web:
        wanted = Wanted("Desk", "rest", {"address": web.at("/")}, every_minutes=30)
        actions.add(by=COMMAND_LINE, workspace="main", key="desk", wanted=wanted)
        yield made


def run(log: Log, data: Path) -> SourceRun | None:
    return fetching.fetch(log, settings_of("main"), kept.get("main", "desk"), data=data)


def minutes_until_next() -> float:
    return (kept.get("main", "desk").next_at - timezone.now()) / timedelta(minutes=1)


def test_it_is_due_at_once_and_then_by_its_interval(desk: Desk, log: Log, data: Path) -> None:
    assert [one.key for one in fetching.due("main")] == ["desk"]
    assert fetching.fetch_due(log, "main", data=data) == {
        "sources": 1, "added": 1, "rejected": 0, "failed": 0,
    }  # fmt: skip
    assert minutes_until_next() == pytest.approx(30, abs=1)
    assert not fetching.due("main").exists()
    actions.run_now(by=COMMAND_LINE, workspace="main", key="desk")
    assert fetching.due("main").exists()
    actions.pause(by=COMMAND_LINE, workspace="main", key="desk")
    assert not fetching.due("main").exists()
    assert texts(log) == ["Late"]


def test_after_each_failure_it_waits_longer_and_says_why(desk: Desk, log: Log, data: Path) -> None:
    desk.says = (500, {}, b"")
    for minutes in (5, 10, 20, 40):
        run(log, data)
        assert minutes_until_next() == pytest.approx(minutes, abs=1)
    held = kept.get("main", "desk")
    assert (held.failures, held.error["code"]) == (4, "source.answer")
    assert held.runs.count() == 1, "one failure after another is one line"
    desk.says = (429, {"retry-after": "7200"}, b"")
    run(log, data)
    assert minutes_until_next() == pytest.approx(120, abs=1)
    desk.says = as_json([])
    run(log, data)
    held = kept.get("main", "desk")
    assert (held.failures, held.error) == (0, {})
    assert minutes_until_next() == pytest.approx(30, abs=1)


def test_one_run_of_a_source_goes_on_at_a_time(desk: Desk, log: Log, data: Path) -> None:
    mine = VerbatimSource.objects.filter(key="desk")
    mine.update(held_until=timezone.now() + timedelta(minutes=1))
    assert run(log, data) is None
    assert not fetching.due("main").exists()
    mine.update(held_until=timezone.now() - timedelta(seconds=1))
    assert run(log, data) is not None, "whoever was killed is not waited for longer"
    assert mine.get().held_until is None


def test_a_fault_of_a_source_is_its_own(
    desk: Desk, log: Log, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError("with a secret in its words")

    monkeypatch.setattr("zhiyin.collect.sources.rest._ask", broken)
    failed = run(log, data)
    assert failed is not None
    assert failed.error["code"] == "source.fault"
    assert "secret" not in str(failed.error)


def test_other_settings_begin_anew_and_another_name_does_not(
    desk: Desk, log: Log, data: Path
) -> None:
    run(log, data)
    held = kept.get("main", "desk")
    same = Wanted("Help desk", settings=held.settings, mapping=held.mapping)
    actions.change(by=COMMAND_LINE, workspace="main", key="desk", wanted=same)
    assert kept.get("main", "desk").cursor
    other = Wanted("Desk", settings={**held.settings, "size": "7"}, mapping=held.mapping)
    actions.change(by=COMMAND_LINE, workspace="main", key="desk", wanted=other)
    assert not kept.get("main", "desk").cursor


def test_a_secret_goes_over_tls_alone(desk: Desk) -> None:
    wanted = Wanted("X", "rest", {"address": "http://8.8.8.8/", "secret": "s"})
    with pytest.raises(Problem) as caught:
        actions.add(by=COMMAND_LINE, workspace="main", key="x", wanted=wanted)
    assert caught.value.code == "source.secret-in-the-open"


def test_another_workspace_knows_nothing_of_it(desk: Desk) -> None:
    assert kept.of("other") == []
    with pytest.raises(Problem):
        kept.get("other", "desk")
