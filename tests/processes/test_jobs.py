"""Background work of a real server: killed in the middle, it ends as if it had run once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.processes.conftest import READY_SECONDS, ZHIYIN, wait_for, zhiyin
from tests.processes.installation import Installation, Made
from tests.processes.visiting import Visitor

SUGGESTIONS = "/main/customers/suggestions/"


@pytest.fixture
def with_customers(made: Made, tmp_path: Path) -> Iterator[Installation]:
    """An installation with so many customers that comparing them takes some seconds."""
    found = Installation(tmp_path / "data", made)
    done = zhiyin(found.data, "demo", "--customers", "900", "--months", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    yield found
    found.close()


def comparisons(data: Path) -> list[dict[str, Any]]:
    """The rows of the store, the oldest first."""
    with closing(sqlite3.connect(data / "zhiyin.sqlite3", timeout=20)) as store:
        store.row_factory = sqlite3.Row
        asked = "SELECT * FROM accounts_work WHERE kind = 'suggest-merges' ORDER BY id"
        return [dict(row) for row in store.execute(asked)]


def suggestions(data: Path) -> set[tuple[Any, ...]]:
    """What the model suggests, with the weight of each pair."""
    with closing(sqlite3.connect(data / "zhiyin.sqlite3", timeout=20)) as store:
        asked = "SELECT key_a, key_b, round(weight, 6) FROM unify_matchsuggestion"
        return set(store.execute(f"{asked} WHERE origin = 'model' AND state = 'pending'"))


def said(data: Path, *arguments: str) -> dict[str, Any]:
    done = zhiyin(data, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_killed_jobs_process_leaves_its_work_to_the_next(with_customers: Installation) -> None:
    """Would catch work that is lost with its process, done twice, or asked for by each click."""
    data = with_customers.data
    # The clock finds nothing new to match then, and asks for no comparison of its own.
    command = [*ZHIYIN, "--data", str(data), "--json", "match", "--suggest"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=300)
    once = json.loads(done.stdout)["model"]
    suggested = suggestions(data)
    assert len(suggested) == once["offered"] > 0
    server = with_customers.open()
    ana = Visitor(server, with_customers.password)
    page = ana.read(SUGGESTIONS)
    assert f"{SUGGESTIONS}compare/" in page
    ana.send("/me/", f"{SUGGESTIONS}compare/")
    ana.send("/me/", f"{SUGGESTIONS}compare/")

    def is_in_the_middle() -> bool:
        return any(row["state"] == "running" and row["parts_done"] for row in comparisons(data))

    wait_for(is_in_the_middle, 60, "in the middle")
    first = comparisons(data)[0]
    jobs = server.child("jobs")
    os.kill(jobs, signal.SIGKILL)
    wait_for(lambda: server.is_back("jobs", jobs), READY_SECONDS, "another jobs process")
    wait_for(lambda: comparisons(data)[-1]["state"] == "done", READY_SECONDS, "the work is done")
    rows = comparisons(data)
    # A click that came after the first had begun waits for its end.
    assert [row["state"] for row in rows] in (["done"], ["done", "done"])
    assert (rows[0]["id"], rows[0]["attempts"], rows[0]["asked_by"]) == (first["id"], 2, "admin")
    assert rows[0]["parts_done"] == rows[0]["parts"] > 0
    names = ("records", "compared", "offered")
    assert [json.loads(row["result"]) for row in rows] == [
        {name: once[name] for name in names} for _row in rows
    ]
    assert suggestions(data) == suggested


def test_the_command_line_lists_and_cancels(made: Made, tmp_path: Path) -> None:
    """Without a server nobody does the work, so it waits."""
    found = Installation(tmp_path / "data", made)
    server = found.open()
    Visitor(server, found.password).send("/me/", f"{SUGGESTIONS}compare/")
    wait_for(
        lambda: {row["state"] for row in comparisons(found.data)} == {"done"},
        60,
        "the work is done",
    )
    found.close()
    with closing(sqlite3.connect(found.data / "zhiyin.sqlite3")) as store, store:
        store.execute(
            "UPDATE accounts_work SET state = 'waiting', ended_at = NULL,"
            " not_before = '2026-01-01' WHERE kind = 'suggest-merges'"
        )
    listed = said(found.data, "jobs")
    (waits,) = listed["waiting"]
    assert (waits["kind"], waits["asked_by"], waits["state"]) == (
        "suggest-merges", "admin", "waiting",
    )  # fmt: skip
    assert {one["kind"] for one in listed["schedules"]} >= {"keep-house", "match-customers"}
    doctor = zhiyin(found.data, "doctor")
    findings = {one["what"]: one for one in json.loads(doctor.stdout)["findings"]}
    late = findings["jobs that wait for too long"]
    assert (late["state"], doctor.returncode) == ("fault", 1)
    assert late["seen"] == f"main/suggest-merges {waits['number']}"
    assert findings["failed jobs"]["state"] == "ok"
    cancelled = said(found.data, "jobs", "cancel", str(waits["number"]))
    assert (cancelled["number"], cancelled["state"]) == (waits["number"], "cancelled")
    over = zhiyin(found.data, "jobs", "cancel", str(waits["number"]))
    assert json.loads(over.stdout)["error"]["code"] == "work.over"
    after = said(found.data, "jobs")
    assert (after["waiting"], after["past"][0]) == ([], cancelled)
    with closing(sqlite3.connect(found.data / "zhiyin.sqlite3")) as store, store:
        store.execute("UPDATE accounts_work SET state = 'failed' WHERE state = 'cancelled'")
    findings = {
        one["what"]: one for one in json.loads(zhiyin(found.data, "doctor").stdout)["findings"]
    }
    assert findings["failed jobs"]["state"] == "fault"
    assert "runs it again" in findings["failed jobs"]["advice"]
