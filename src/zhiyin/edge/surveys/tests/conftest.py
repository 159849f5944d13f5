"""A real server that asks one survey, and somebody who answers without script."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn

from zhiyin.collect.surveys import facts
from zhiyin.collect.surveys.definition import Survey
from zhiyin.collect.surveys.facts import Told
from zhiyin.collect.surveys.held import Held
from zhiyin.collect.surveys.published import PublishedSurvey
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.edge.app import Edge
from zhiyin.edge.surveys.responses import Responses
from zhiyin.edge.surveys.serving import Surveys
from zhiyin.warehouse.arriving import Letter, Reading

NOTHING = Held([], [], None)


class Desk:
    """Keeps letters in memory, or does not."""

    def __init__(self) -> None:
        self.taken: list[Told] = []
        self.trouble: Exception | None = None

    async def submit(self, letter: Letter, _reading: Reading) -> None:
        if self.trouble is not None:
            raise self.trouble
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
        self.held = PublishedSurvey("flight", "main", "flight", 1, survey, True, "Asia/Shanghai")

    def find(self, id: str) -> PublishedSurvey | None:
        return self.held if id == self.held.id else None

    def change(self, **fields: Any) -> None:
        self.held = replace(self.held, **fields)


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def text(self) -> str:
        """What is read, without tags."""
        bare = re.sub(r"<(script|style)>.*?</\1>", " ", self.body, flags=re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare))).strip()

    @property
    def fields(self) -> dict[str, str]:
        """The hidden fields of its form."""
        found = re.findall(r'<input type=hidden name="?([^\s">]+)"? value="([^"]*)">', self.body)
        return {name: unescape(value) for name, value in found}

    @property
    def names(self) -> set[str]:
        """The fields that can be filled in."""
        return set(re.findall(r'name="([atk]\.[^"]+)"', self.body))


@dataclass
class Browser:
    """Somebody without script.

    Args:
        keeps_cookies: else each request comes without any.
    """

    port: int
    keeps_cookies: bool = True
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "en"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("accept-language", self.language)
        if self.cookies and self.keeps_cookies:
            given["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            page = Page(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()
        said = {name.lower(): value for name, value in page.headers.items()}
        page.headers = said
        if "set-cookie" in said:
            name, _equals, rest = said["set-cookie"].partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return page

    def open(self, path: str = "/s/flight") -> Page:
        return self.ask("GET", path)

    def send(self, page: Page, **values: Any) -> Page:
        """Send the form of a page, and follow where it leads."""
        form = [*page.fields.items()]
        for name, value in values.items():
            listed = value if isinstance(value, list) else [value]
            form += [(name.replace("__", "."), str(one)) for one in listed]
        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = self.ask("POST", "/s/flight", urlencode(form).encode(), **kind)
        return self.open(answer.headers["location"]) if answer.status == 303 else answer

    def answer(self, page: Page, item: str, **values: list[str]) -> Page:
        """Send one answer, as the script does."""
        body = {
            "response": page.fields["r"],
            "page": page.fields["p"],
            "item": item,
            "values": {name.replace("__", "."): value for name, value in values.items()},
        }
        kind = {"content-type": "application/json"}
        return self.ask("POST", "/s/flight/answers", json.dumps(body).encode(), **kind)


@dataclass
class Asking:
    """The server with all that stands behind it."""

    port: int
    desk: Desk
    shelf: Shelf
    responses: Responses
    held: dict[str, Held]
    looked: list[str]

    def browser(self, **given: Any) -> Browser:
        return Browser(self.port, **given)


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    desk, shelf, looked = Desk(), Shelf(FLIGHT), []
    held: dict[str, Held] = {}

    def look_up(_workspace: str, response: str, _since: datetime) -> Held:
        looked.append(response)
        return held.get(response, NOTHING)

    responses = Responses(desk, look_up, b"secret")
    edge = Edge(
        web_socket=tmp_path / "web.sock",
        is_jobs_alive=lambda: True,
        surveys=Surveys(shelf, responses),
    )
    config = uvicorn.Config(edge, port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Asking(port, desk, shelf, responses, held, looked)
    server.should_exit = True
    thread.join(10)
