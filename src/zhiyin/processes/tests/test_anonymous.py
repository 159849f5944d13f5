"""An anonymous survey on a real server with a real log: nothing joins a person and her answers.

The test knows who said what; whoever holds every file of the installation must not be able to find
out. Programs that this would catch: a response that keeps its invitation, a customer's key, the
time of an answer, the kind of device; rows in the order in which people came; answers in the
journal when they are given; an answered invitation that is followed by its response; words that
stay in the holding store.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import uvicorn
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.events.reading import read
from zhiyin.collect.surveys import actions, inviting
from zhiyin.collect.surveys.inviting import Invited
from zhiyin.collect.surveys.tests.written import NPS, asking, survey
from zhiyin.collect.surveys.unnamed import GROUP
from zhiyin.collect.widgets.published import PublishedRules
from zhiyin.edge.app import Edge
from zhiyin.edge.surveys.tests.visiting import Browser
from zhiyin.processes.log import surveys
from zhiyin.warehouse.folders import log_folder
from zhiyin.warehouse.intake import Intake
from zhiyin.warehouse.owner import Owner

PEOPLE = 13
SURVEY = survey((NPS,), (asking("why", "comment"), asking("city", "text")), is_anonymous=True)


@dataclass
class House:
    """A data folder with an open survey, and the links of those who were invited."""

    data: Path
    public_id: str = ""
    links: list[str] = field(default_factory=list)

    def tokens(self) -> list[str]:
        return [link.partition("i=")[2].partition("&")[0] for link in self.links]

    @property
    def file(self) -> Path:
        (found,) = log_folder(self.data).glob("main*.duckdb")
        return found


@pytest.fixture
def house(
    db: None,
    tmp_path: Path,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> House:
    settings.ZHIYIN_DATA = tmp_path
    who: Any = {"by": COMMAND_LINE, "workspace": "main"}
    with django_capture_on_commit_callbacks(execute=True):
        accounts.set_up(by=COMMAND_LINE, login="ana")
        made = actions.create(**who, key="mood", survey=SURVEY)
        actions.publish(**who, key="mood")
    people = [Invited(f"customer-{n:02}", "customer", "visit", f"V{n}") for n in range(PEOPLE)]
    with Owner(tmp_path) as log:
        log.create("main")
        links = inviting.invite(log, **who, key="mood", people=people)
    return House(tmp_path, made.public_id, links)


class Running:
    """The log process's public side, in this one."""

    def __init__(self, house: House) -> None:
        self._house = house

    def __enter__(self) -> Running:
        self.owner = Owner(self._house.data).__enter__()
        self.intake = Intake(self.owner, self._house.data, read).__enter__()
        self.surveys = surveys(self.owner, self.intake, PublishedRules(self._house.data))
        edge = Edge(
            web_socket=self._house.data / "none", is_jobs_alive=lambda: True, surveys=self.surveys
        )
        config = uvicorn.Config(edge, port=0, log_level="warning", lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self._server.serve()

        asyncio.run(serve())

    def tend(self) -> None:
        assert self.surveys.tending is not None
        asyncio.run_coroutine_threadsafe(self.surveys.tending.anonymous(), self.loop).result(30)

    def __exit__(self, *why: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self.intake.__exit__(None, None, None)
        self.owner.__exit__(None, None, None)


def answer(running: Running, house: House, person: int) -> Browser:
    browser = Browser(running.port, house.public_id)
    page = browser.open("/s/" + house.links[person].partition("/s/")[2])
    assert page.status == 200
    more = browser.send(page, a__recommend=person % 11)
    assert browser.send(more, a__why=words(person), a__city="Hangzhou").status == 200
    return browser


def words(person: int) -> str:
    return f"said by {person:02} and nobody else"


@pytest.fixture
def answered(house: House) -> House:
    """All have answered, one after the other, the server was killed in between, and it closed."""
    with Running(house) as running:
        for person in range(6):
            answer(running, house, person)
    with Running(house) as running:
        for person in range(6, PEOPLE):
            answer(running, house, person)
        actions.close(by=COMMAND_LINE, workspace="main", key="mood")
        close_on_disk(house)
        running.tend()
    return house


def close_on_disk(house: House) -> None:
    """What the action does after its transaction, which the test's never ends."""
    from zhiyin.collect.surveys import snapshot

    snapshot.publish()
    time.sleep(0.6)


Row = tuple[str, dict[str, Any]]
"""A table and one of its rows, with the place of the row as `rowid`."""


def rows(house: House) -> list[Row]:
    """Every row of every table of the log's file."""
    with duckdb.connect(house.file, read_only=True) as log:
        tables = log.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary"
        ).fetchall()
        found = []
        for schema, table in tables:
            said = log.execute(f'SELECT rowid, * FROM "{schema}"."{table}"')
            names = [column[0] for column in said.description]
            found += [(table, dict(zip(names, row, strict=True))) for row in said.fetchall()]
    return found


def about(all_: list[Row], first: str) -> list[Row]:
    """Rows that speak of this id: they have it, or the key that stands for it."""
    keys = {row["key"] for table, row in all_ if table == "ids" and row["id"] == first}
    return [
        (table, row)
        for table, row in all_
        if first in {str(value).partition(":")[0] for value in row.values()}
        or any(row.get(name) in keys for name in ("customer", "customer_key", "key") if keys)
    ]


def test_no_two_stores_join_a_person_and_her_answers(answered: House) -> None:
    all_ = rows(answered)
    no_value_is_with_a_person_and_with_fewer_than_five_responses(answered, all_)
    order_and_time_leave_five_responses_to_each_and_five_people_to_each_response(answered, all_)


def no_value_is_with_a_person_and_with_fewer_than_five_responses(
    answered: House, all_: list[Row]
) -> None:
    names = responses(all_)
    assert len(names) == PEOPLE, "every answer is in the log"
    has: dict[Any, set[int]] = defaultdict(set)
    for person, name in names.items():
        for table, row in about(all_, name):
            for column, value in row.items():
                if is_telling(column, value):
                    has[table, column, str(value)].add(person)
    of_responses: dict[str, set[int]] = defaultdict(set)
    for (_table, _column, value), people in has.items():
        of_responses[value] |= people
    for person, token in enumerate(answered.tokens()):
        hers = about(all_, token) + about(all_, f"customer-{person:02}")
        assert {table for table, _row in hers} >= {"exposures", "ids"}
        actions_ = [row["action"] for table, row in hers if table == "exposures"]
        assert len(set(actions_)) == 2, "she was invited and has answered"
        for table, row in hers:
            for column, value in row.items():
                if is_telling(column, value) and str(value) in of_responses:
                    assert len(of_responses[str(value)]) >= GROUP, (table, column, value)


def responses(all_: list[Row]) -> dict[int, str]:
    """By person the name of her response, which her words give away to this test alone."""
    found = {}
    for table, row in all_:
        if table == "verbatims" and str(row["text"]).startswith("said by "):
            found[int(row["text"].split()[2])] = row["response"]
    return found


def is_telling(column: str, value: Any) -> bool:
    """Whether equal values would join two rows: codes, scores and places are not of one kind."""
    return isinstance(value, str | datetime | bytes) and value != "" and column != "text"


def order_and_time_leave_five_responses_to_each_and_five_people_to_each_response(
    answered: House, all_: list[Row]
) -> None:
    """What the log can tell at most: who had answered when a group came in."""
    names = responses(all_)
    (code,) = (
        row["code"] for _table, row in all_
        if (row.get("domain"), row.get("word")) == ("action", "answered")
    )  # fmt: skip
    marks = sorted(
        (row["received_at"], row["seq"], row["invitation"])
        for table, row in all_
        if table == "exposures" and row["action"] == code
    )
    assert [token for _at, _place, token in marks] == answered.tokens(), "the order is known"
    filled = sorted(
        (row["received_at"], row["seq"], row["id"].partition(":")[0])
        for table, row in all_
        if table == "responses"
    )
    at = {name: received for received, _place, name in filled}
    feasible = np.array(
        [[marks[person][0] <= at[names[r]] for r in range(PEOPLE)] for person in range(PEOPLE)]
    )
    assert not feasible.all(), "time does tell something"
    possible = np.zeros((PEOPLE, PEOPLE), bool)
    for person, response in zip(*np.nonzero(feasible), strict=True):
        rest = np.delete(np.delete(feasible, person, 0), response, 1)
        matched = maximum_bipartite_matching(csr_matrix(rest), perm_type="column")
        possible[person, response] = (matched >= 0).all()
    assert np.diag(possible).all(), "the truth is possible"
    assert possible.sum(axis=0).min() >= GROUP
    assert possible.sum(axis=1).min() >= GROUP
    came = [name for _at, _place, name in filled]
    assert came != [names[person] for person in range(PEOPLE)], "rows are not in their order"
    days = {row["occurred_at"] for table, row in all_ if table in ("answers", "verbatims")}
    assert len(days) == 1
    local = days.pop()
    assert (local.minute, local.second, local.microsecond) == (0, 0, 0)


def test_files_hold_no_words_before_a_group_and_no_person_with_them(house: House) -> None:
    with Running(house) as running:
        for person in range(4):
            answer(running, house, person)
        running.intake.settle("main")
        kept = {path for path in files(house.data) if words(0).encode() in path.read_bytes()}
        assert {path.parent.name for path in kept} == {"holding"}, "as durable, and there alone"
        for person in range(4, PEOPLE):
            answer(running, house, person)
        close_by = {path: path.read_bytes() for path in files(house.data / "holding")}
    for held in close_by.values():
        assert not any(token.encode() in held for token in house.tokens())
        left = [person for person in range(PEOPLE) if words(person).encode() in held]
        assert len(left) == PEOPLE - GROUP, "those who wait, and nothing of the others"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".duckdb"]


def test_a_link_is_answered_once_on_whatever_device_and_a_response_outlives_a_kill(
    house: House,
) -> None:
    with Running(house) as running:
        link = "/s/" + house.links[0].partition("/s/")[2]
        phone = Browser(running.port, house.public_id)
        more = phone.send(phone.open(link), a__recommend=3)
        assert "a.why" in more.names
    with Running(house) as running:
        phone.port = running.port
        again = phone.open(link)
        assert "a.why" in again.names, "it goes on in the same browser"
        desktop = Browser(running.port, house.public_id)
        other = desktop.open(link)
        assert "a.recommend" in other.names, "and on another device it begins anew"
        half = desktop.send(other, a__recommend=9)
        phone.send(again, a__why="mine")
        told = desktop.send(half, a__why="again")
        assert told.status == 410
        assert "answered already" in told.text
        third = Browser(running.port, house.public_id)
        assert third.open(link).status == 410
        assert third.open(f"/s/{house.public_id}").status == 200, "the bare address is anybody's"
