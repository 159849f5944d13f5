"""A real server with the widget's rules and a survey, and a log that can be slow."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn

from zhiyin.collect.surveys.held import Held
from zhiyin.collect.surveys.tests.flight import FLIGHT
from zhiyin.collect.widgets import definition, facts
from zhiyin.collect.widgets.choosing import Visitor
from zhiyin.collect.widgets.facts import Shown
from zhiyin.collect.widgets.published import PublishedRule, PublishedRules, rules_file
from zhiyin.edge.app import Edge
from zhiyin.edge.intake import Reception
from zhiyin.edge.surveys.anonymous.keeping import Keeping
from zhiyin.edge.surveys.anonymous.store import HoldingStore
from zhiyin.edge.surveys.responses import Responses
from zhiyin.edge.surveys.serving import Surveys
from zhiyin.edge.surveys.tests.conftest import Shelf
from zhiyin.edge.widgets.serving import Widgets
from zhiyin.warehouse.arriving import Letter, Reading

SITE = "https://shop.example.com"


class Desk:
    """Keeps letters in memory, or does not."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.trouble: Exception | None = None

    async def submit(self, letter: Letter, reading: Reading) -> None:
        if self.trouble is not None:
            raise self.trouble
        assert reading.facts
        self.letters.append(letter)

    @property
    def shown(self) -> list[Shown]:
        """What the widget told."""
        return [facts._decoder.decode(one.body) for one in self.letters if one.wire == facts.WIRE]


@dataclass
class Known:
    """What the log says of visitors."""

    asked: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    trouble: Exception | None = None

    def is_in_segment(self, rule: PublishedRule, visitor: Visitor, *, at: datetime) -> bool:
        if self.trouble:
            raise self.trouble
        return visitor.is_proven and visitor.customer in self.members

    def was_asked(self, rule: PublishedRule, visitor: Visitor, *, at: datetime) -> bool:
        if self.trouble:
            raise self.trouble
        return visitor.device in self.asked


@dataclass
class Site:
    """A site's browser, and what stands behind the server."""

    port: int
    desk: Desk
    known: Known
    shelf: Shelf
    refused: set[str]
    data: Path
    rules: PublishedRules

    def look(self) -> None:
        """The rules are looked at anew by the next request."""
        self.rules._look_at = 0.0

    def ask(
        self, method: str, what: str, body: Any = None, *, origin: str = SITE, key: str = "wk_a"
    ) -> tuple[int, dict[str, str], Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Origin": origin, "Content-Type": "text/plain"} if origin else {}
        sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        path = f"/v1/widget/{what}?writeKey={key}" if not what.startswith("/") else what
        try:
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            found = answer.read()
            said = {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()
        return answer.status, said, json.loads(found) if found[:1] == b"{" else found.decode()

    def invite(self, rule: str, device: str = "d", **more: Any) -> dict[str, Any]:
        status, _headers, answer = self.ask("POST", "ask", {"rule": rule, "device": device, **more})
        assert status == 200, answer
        found: dict[str, Any] = answer
        return found

    def write(self, rules: dict[str, dict[str, Any]]) -> None:
        """Other rules, by name; they are read at once."""
        found = []
        for name, parts in rules.items():
            more = {"segment": {"slug": parts["segment"]}} if "segment" in parts else {}
            rule = definition.read({"origins": [SITE], **parts})
            found.append({
                "workspace": "main", "name": name, "revision": 1, "survey": "flight", "seed": 7,
                "rule": rule.as_dict(), **more,
            })  # fmt: skip
        file = rules_file(self.data)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(msgspec.json.encode({"rules": found}))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    desk, known, shelf, refused = Desk(), Known(), Shelf(FLIGHT), set[str]()
    (tmp_path / "snapshots").mkdir()
    keys = {
        "wk_a": {"workspace": "main", "source": "web"},
        "wk_slow": {"workspace": "main", "source": "web", "events_per_second": 1},
        "wk_ours": {"workspace": "main", "source": "web", "origins": ["https://ours.example"]},
        "wk_other": {"workspace": "other", "source": "web"},
    }
    (tmp_path / "snapshots" / "keys.json").write_text(json.dumps({"keys": keys}))
    keeping = Keeping(HoldingStore(tmp_path / "holding"), desk, shelf)
    responses = Responses(
        desk, lambda *_of: Held(), lambda *_of: Counter(), shelf, keeping, b"secret"
    )
    reception = Reception(data=tmp_path, intake=desk, address_rate=0)
    rules = PublishedRules(tmp_path)

    async def may_ask(_workspace: str, _survey: Any, visitor: Visitor) -> bool:
        return visitor.device not in refused

    widgets = Widgets(
        reception=reception, intake=desk, rules=rules, surveys=shelf, responses=responses,
        choosing=known, secret=b"secret", may_ask=may_ask,
    )  # fmt: skip
    edge = Edge(
        web_socket=tmp_path / "web.sock", is_jobs_alive=lambda: True, reception=reception,
        surveys=Surveys(shelf, responses, framing=rules), widgets=widgets,
    )  # fmt: skip
    config = uvicorn.Config(edge, port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    found = Site(port, desk, known, shelf, refused, tmp_path, rules)
    found.write({"all": {}})
    yield found
    server.should_exit = True
    thread.join(10)
