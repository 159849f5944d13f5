"""A real server that asks one survey."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from zhiyin.collect.surveys import facts
from zhiyin.collect.surveys.definition import Survey
from zhiyin.collect.surveys.facts import Told
from zhiyin.collect.surveys.held import Held
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.edge.app import Edge
from zhiyin.edge.surveys.anonymous.keeping import Keeping
from zhiyin.edge.surveys.anonymous.store import HoldingStore
from zhiyin.edge.surveys.responses import Responses
from zhiyin.edge.surveys.serving import Surveys
from zhiyin.edge.surveys.tests.visiting import Browser
from zhiyin.warehouse.arriving import Letter, Reading

NOTHING = Held()


class Desk:
    """Keeps letters in memory, or does not."""

    def __init__(self) -> None:
        self.taken: list[Told] = []
        self.letters: list[Letter] = []
        self.trouble: Exception | None = None

    async def submit(self, letter: Letter, _reading: Reading) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.letters.append(letter)
        self.taken.append(facts._decoder.decode(letter.body))

    @property
    def said(self) -> dict[str, Any]:
        """What stands of each series: its state, and the value if there is one."""
        found: dict[str, Any] = {}
        for told in self.taken:
            for one in told.said:
                value = one.score if one.score is not None else one.chosen or one.text
                found[one.name] = (one.state, value) if value else (one.state,)
        return found


class Shelf:
    """The published surveys."""

    def __init__(self, survey: Survey) -> None:
        self.held = PublishedSurvey("main", "flight", 1, survey, True, "Asia/Shanghai")
        self.others: dict[int, PublishedSurvey] = {}

    def find(self, public_id: str) -> PublishedSurvey | None:
        return self.held if public_id == "flight" else None

    def of(self, workspace: str, key: str, number: int | None = None) -> PublishedSurvey | None:
        held = self.held if number is None else self.others.get(number, self.held)
        is_it = number in (None, held.number)
        return held if is_it and (held.workspace, held.key) == (workspace, key) else None

    def change(self, **fields: Any) -> None:
        self.held = replace(self.held, **fields)


@dataclass
class Asking:
    """The server with all that stands behind it."""

    port: int
    desk: Desk
    shelf: Shelf
    responses: Responses
    held: dict[str, Held]
    ended: list[int]
    quotas: Counter[str]
    looked: list[str]
    data: Path

    def browser(self, **given: Any) -> Browser:
        return Browser(self.port, **given)


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    desk, shelf, looked = Desk(), Shelf(FLIGHT), []
    held: dict[str, Held] = {}
    ended = [0]
    quotas: Counter[str] = Counter()

    def look_up(_workspace: str, response: str, _invitation: str, _since: datetime) -> Held:
        looked.append(response)
        return held.get(response, NOTHING)

    keeping = Keeping(HoldingStore(tmp_path / "holding"), desk, shelf)
    responses = Responses(
        desk, look_up, lambda *_of: Counter({"": ended[0]}) + quotas, shelf, keeping, b"secret"
    )
    edge = Edge(
        web_socket=tmp_path / "web.sock",
        is_jobs_alive=lambda: True,
        surveys=Surveys(shelf, responses, data=tmp_path / "data"),
    )
    config = uvicorn.Config(edge, port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Asking(port, desk, shelf, responses, held, ended, quotas, looked, tmp_path / "data")
    server.should_exit = True
    thread.join(10)
