"""Colleagues who edit one map at once, each with a session, connections and a stream of her own."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.processes.conftest import Server, wait_for
from tests.processes.visiting import Visitor
from zhiyin.maps.document import Lane, Map, Node, Stage

PASSWORD = "a long enough password"
AGAIN_SECONDS = 0.5
"""After an answer that did not come."""

STAGES, LANES = ("motive", "search", "buy", "use", "after"), ("own", "places", "people")
SHARED = 3
"""Touchpoints that everybody writes on; each person has one of her own besides."""


def drawn(people: int) -> Map:
    """A map with touchpoints that are shared, and one for each person."""
    names = [*(f"shared-{number}" for number in range(SHARED)), *map(own, range(people))]
    return Map(
        name={"en": "Edited by many"},
        stages=tuple(Stage(one, {"en": one.title()}) for one in STAGES),
        lanes=tuple(Lane(one, {"en": one.title()}) for one in LANES),
        nodes=tuple(
            Node(one, STAGES[n % len(STAGES)], LANES[n % len(LANES)], {"en": one})
            for n, one in enumerate(names)
        ),
    )


def own(number: int) -> str:
    """The touchpoint that one person alone writes on."""
    return f"own-{number}"


class Colleague:
    """One who joins by an invitation, and edits.

    Args:
        page: address of the map.
    """

    def __init__(self, server: Server, login: str, link: str, page: str) -> None:
        self.server, self.login, self.page = server, login, page
        jar = CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        address = f"http://{server.host}:{server.port}{urlsplit(link).path}"
        with opener.open(address, timeout=60) as answer:
            token = _token(answer.read().decode())
        given = {"name": login.title(), "password": PASSWORD, "again": PASSWORD}
        body = urlencode({**given, "csrfmiddlewaretoken": token}).encode()
        with opener.open(address, body, timeout=60):
            pass
        self.cookie = "; ".join(f"{one.name}={one.value}" for one in jar)
        self.csrf = next(str(one.value) for one in jar if one.name == "zhiyin_csrf")
        self.heard: list[tuple[float, str, dict[str, Any]]] = []
        self.known: set[int] = set()
        self.seen = 0
        self.sent_at: dict[str, float] = {}
        self.kept: dict[str, dict[str, Any]] = {}
        self.was_cut: set[str] = set()
        self.cuts = 0
        self._guard = threading.Lock()
        self._line: Line | None = None

    # Asking

    def get(self, path: str) -> Any:
        """What a page answers as JSON."""
        return json.loads(self._request("GET", path))

    def post(self, path: str, body: Any) -> Any:
        """The same with a body."""
        return json.loads(self._request("POST", path, json.dumps(body)))

    def _request(self, method: str, path: str, body: str | None = None) -> bytes:
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=60)
        try:
            connection.request(method, self.page + path, body, self._headers())
            answer = connection.getresponse()
            said = answer.read()
            if answer.status not in (200, 204):
                raise OSError(f"{answer.status} {said[:300]!r}")
            return said
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": self.cookie,
            "X-CSRFToken": self.csrf,
            "Content-Type": "application/json",
        }

    def cut(self, path: str, body: Any, part: float) -> None:
        """Send all or a part of it, and go without waiting for what comes."""
        self.cuts += 1
        text = json.dumps(body).encode()
        head = [f"POST {self.page}{path} HTTP/1.1", f"Host: {self.server.host}"]
        head += [f"{name}: {value}" for name, value in self._headers().items()]
        head += [f"Content-Length: {len(text)}", "", ""]
        with socket.create_connection((self.server.host, self.server.port), 60) as line:
            line.sendall("\r\n".join(head).encode())
            line.sendall(text[: int(len(text) * part)])

    def do(self, wanted: dict[str, Any], *, cuts: Sequence[float] = ()) -> None:
        """One operation, sent until it is acknowledged.

        Args:
            cuts: for each time that it is sent in vain before, how much of it is sent.
        """
        self.sent_at.setdefault(wanted["id"], time.monotonic())
        for part in cuts:
            self.was_cut.add(wanted["id"])
            with contextlib.suppress(OSError):
                self.cut("operations/", [wanted], part)
            time.sleep(0.1)
        while True:
            try:
                told = self.post("operations/", [wanted])["done"][0]
                break
            except (OSError, http.client.HTTPException):
                time.sleep(AGAIN_SECONDS)
        self.kept[wanted["id"]] = told
        if "number" in told:
            self.learn([told["number"]])

    # Hearing

    def learn(self, numbers: list[int]) -> None:
        """She knows of these, in whichever way; `seen` goes on where none lacks before it."""
        with self._guard:
            self.known.update(numbers)
            while self.seen + 1 in self.known:
                self.seen += 1

    def ask(self) -> None:
        """What came since, as after each cut and every few seconds."""
        told = self.get(f"operations/?after={self.seen}")
        if "document" in told:
            self.learn(list(range(1, told["number"] + 1)))
        else:
            self.learn([one["number"] for one in told["operations"]])

    def listen(self) -> None:
        """Open a stream, and ask for what came before it was open."""
        stream = self.get(f"operations/?after={self.seen}")["stream"]
        self._line = Line(self, stream)
        self.ask()

    def hang_up(self) -> None:
        """Cut the stream without a word."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def hold(self, part: str) -> None:
        """She is at this part now."""
        body = json.dumps({"visitor": self.number, "holds": part})
        self._request("POST", "holding/", body)

    def present(self) -> dict[str, Any]:
        """Who is there, as she was told last."""
        told = [says for _at, kind, says in list(self.heard) if kind == "present"]
        return told[-1] if told else {"people": [], "n": 0}

    @property
    def number(self) -> str:
        """What tells her page apart."""
        opened = [says["you"] for _at, kind, says in list(self.heard) if kind == "open"]
        return str(opened[-1])


class Line:
    """A stream that is read by a thread of its own."""

    def __init__(self, colleague: Colleague, stream: str) -> None:
        server = colleague.server
        self._connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
        self._connection.request("GET", stream)
        self._socket = self._connection.sock  # the answer takes it over
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()
        self._colleague = colleague
        self._is_open = threading.Event()
        self._reading = threading.Thread(target=self._listen, daemon=True)
        self._reading.start()
        assert self._is_open.wait(60)

    def _listen(self) -> None:
        kind = ""
        with contextlib.suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            while line := self._answer.readline():
                said = line.decode().strip()
                if said.startswith("event: "):
                    kind = said.removeprefix("event: ")
                elif said.startswith("data: "):
                    says = json.loads(said[6:])
                    self._colleague.heard.append((time.monotonic(), kind, says))
                    if kind == "done":
                        self._colleague.learn([says["number"]])
                    self._is_open.set()

    def close(self) -> None:
        """As a network that is gone."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reading.join(60)
        self._answer.close()
        self._connection.close()


def gathered(server: Server, password: str, n: int, key: str) -> list[Colleague]:
    """Analysts who have joined, and listen to a map."""
    admin = Visitor(server, password)
    page = f"/main/journeys/maps/{key}/"
    found = []
    for number in range(n):
        login = f"{key}-{number}"
        said = admin.send(
            "/main/settings/people/", "/main/settings/people/", login=login, role="analyst",
            personal="1",
        )  # fmt: skip
        link = re.search(r"http://[^<\s]+/join/[^<\s]+", said)
        assert link, "no invitation"
        found.append(Colleague(server, login, link[0], page))
    return found


@dataclass
class Play:
    """How they edit.

    Args:
        rest: seconds between what one person does, at least and at most.
        cut: share of operations whose connection is cut before the answer comes.
        hang_up: share after which the stream is cut, and opened again later.
    """

    each: int
    rest: tuple[float, float] = (2.0, 6.0)
    cut: float = 0.15
    hang_up: float = 0.05
    seed: int = 1
    failed: list[BaseException] = field(default_factory=list)

    def edit(self, colleague: Colleague, number: int) -> None:
        """All that one person does."""
        draw = random.Random(self.seed * 1000 + number)  # noqa: S311 - nothing secret
        try:
            for step in range(self.each):
                time.sleep(draw.uniform(*self.rest))
                wanted = self._wanted(draw, colleague, number, step)
                times = draw.choice([1, 2]) if draw.random() < self.cut else 0
                colleague.do(wanted, cuts=[draw.choice([0.5, 1, 1]) for _time in range(times)])
                if draw.random() < self.hang_up:
                    colleague.hang_up()
                    time.sleep(draw.uniform(0, 2))
                    colleague.listen()
        except BaseException as error:
            self.failed.append(error)
            raise

    def _wanted(
        self, draw: random.Random, colleague: Colleague, number: int, step: int
    ) -> dict[str, Any]:
        target, does = own(number), "set"
        field_, value = draw.choice(["name.en", "name.zh-Hans", "owner"]), f"{number} {step}"
        what: Any = value
        if draw.random() < 0.4:
            target, field_ = f"shared-{draw.randrange(SHARED)}", draw.choice(["name.en", "owner"])
        elif draw.random() < 0.2:
            does, field_ = "move", ""
            what = {"stage": draw.choice(STAGES), "lane": draw.choice(LANES), "after": ""}
            if draw.random() < 0.5:
                target = f"shared-{draw.randrange(SHARED)}"
        return {
            "id": f"{colleague.login}-{step}-{draw.getrandbits(40):x}", "does": does,
            "part": "node", "target": target, "field": field_, "value": what,
            "seen": colleague.seen,
        }  # fmt: skip

    def run(self, colleagues: list[Colleague]) -> None:
        """Everybody at once, and then until each has heard or asked for everything."""
        threads = [
            threading.Thread(target=self.edit, args=(one, number), daemon=True)
            for number, one in enumerate(colleagues)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(600)
            assert not thread.is_alive(), "still editing"
        assert self.failed == []


def all_know(colleagues: list[Colleague], last: int) -> None:
    """Wait until everybody has heard of everything, without asking for it."""
    wait_for(lambda: all(one.seen >= last for one in colleagues), 60, "everybody knows")


def waits(colleagues: list[Colleague]) -> list[float]:
    """Seconds from when an operation was sent until it was on another's stream; one whose
    connection was cut waited for being sent again, and tells nothing."""
    sent = {
        id_: at for one in colleagues for id_, at in one.sent_at.items() if id_ not in one.was_cut
    }
    return sorted(
        at - sent[says["id"]]
        for one in colleagues
        for at, kind, says in one.heard
        if kind == "done" and says.get("id") in sent and says["id"] not in one.sent_at
    )


def share(values: list[float], part: float) -> float:
    """The value below which so much of them lies."""
    return values[min(int(len(values) * part), len(values) - 1)]


def _token(page: str) -> str:
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
