"""A survey on the real server: published, answered, killed in between, and counted."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.processes.conftest import Server, wait_for, zhiyin
from tests.processes.sending import backlog
from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.edge.surveys.tests.visiting import Browser


def said(data: Path, *arguments: str) -> Any:
    """What a command answers."""
    done = zhiyin(data, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def address(shared: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a published survey."""
    server = shared.running()
    file = tmp_path_factory.mktemp("survey") / "flight.json"
    file.write_bytes(definition.write(FLIGHT))
    made = said(server.data, "survey", "import", str(file))
    said(server.data, "survey", "publish", "flight")
    ben = Browser(server.port, made["id"])
    wait_for(lambda: ben.open().status == 200, 30, "published")
    return str(made["id"])


def kill_the_log(server: Server) -> None:
    old = server.child("log")
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: server.is_back("log", old), 120, "back")


def test_every_answer_outlives_a_kill_and_the_response_goes_on(
    server: Server, address: str, tmp_path: Path
) -> None:
    ana = Browser(server.port, address)
    first = ana.open()
    assert ana.answer(first, "nps", a__nps=["9"]).status == 200
    kill_the_log(server)
    page = ana.open()
    assert 'name="a.nps" value="9"' in page.body.replace(' aria-label="9"', "")
    wrong = ana.send(page, a__nps=3, a__why="late & late")
    assert "a.reasons" in wrong.names
    kill_the_log(server)
    wrong = ana.open()
    assert "a.reasons" in wrong.names
    you = ana.send(ana.send(wrong, a__reasons="late"), a__reasons="late", a__how_late="30")
    kill_the_log(server)
    end = ana.send(you, a__ease="2")
    assert "We are sorry." in end.text
    kill_the_log(server)
    assert "We are sorry." in ana.open().text
    wait_for(lambda: backlog(server) == 0, 60, "loaded")
    rows = answers(server.data, tmp_path)
    assert {len(listed) for listed in rows.values()} == {1}, "a change supersedes"
    (nps,), (late,), (why,) = rows["nps"], rows["reasons"], rows["why"]
    assert (nps["score"], nps["answer_state"], nps["touchpoint"]) == (3.0, "answered", "cabin")
    assert late["choice"] == "late"
    assert why["answer_state"] == "answered"
    assert rows["ease"][0]["direction"] == "down"
    assert set(rows) == {item.series for item in FLIGHT.items()}


def answers(data: Path, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows of ``answers`` of the survey, by question."""
    file = folder / "answers.jsonl"
    said(
        data,
        "export",
        "answers",
        "--format",
        "jsonl",
        "-o",
        str(file),
        "--where",
        "survey = 'flight'",
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for line in file.read_text().splitlines():
        row = json.loads(line)
        found.setdefault(row["question"], []).append(row)
    return found


def test_whoever_is_invited_is_known_by_her_link(
    server: Server, address: str, tmp_path: Path
) -> None:
    people, links = tmp_path / "people.csv", tmp_path / "links.csv"
    people.write_text(
        "customer,customer_kind,about_kind,about_id,experienced_at,city\n"
        "M7,customer,flight,QC1,2026-11-20T08:00,hgh\n"
    )
    invited = said(server.data, "survey", "invite", "flight", str(people), "-o", str(links))
    assert invited["invitations"] == 1
    (row,) = csv.DictReader(links.read_text().splitlines())
    path = "/s/" + row["link"].partition("/s/")[2]
    phone = Browser(server.port, address)
    wrong = phone.send(phone.open(path), a__nps=3)
    assert wrong.fields["f.city"] == "hgh"
    kill_the_log(server)
    desktop = Browser(server.port, address)
    desktop.send(desktop.open(path))
    wait_for(lambda: backlog(server) == 0, 60, "loaded")
    rows = [row for listed in answers(server.data, tmp_path).values() for row in listed]
    assert {row["about_id"] for row in rows if row["customer"] == "M7"} == {"QC1"}
    assert "nps" in {row["question"] for row in rows if row["customer"] == "M7"}
