"""Intake over a real server: keys, origins, packing, bounds, rates, strict mode, settings calls.

What makes letters durable is a double that keeps them in memory; `tests/sdk` runs the whole.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import http.client
import json
import os
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from zhiyin.collect.events import webhook
from zhiyin.collect.events.refusing import BATCH_BYTES, EVENT_BYTES
from zhiyin.edge.app import Edge
from zhiyin.edge.intake import Reception
from zhiyin.kernel import server_log
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.tests.scraped import Scraped
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEYS: dict[str, dict[str, Any]] = {
    "wk_web": {"workspace": "main", "source": "web", "origins": [], "events_per_second": 0},
    "wk_shop": {"workspace": "main", "source": "shop", "origins": ["https://shop.example"],
                "events_per_second": 0},
    "wk_slow": {"workspace": "main", "source": "slow", "origins": [], "events_per_second": 2},
    "wk_hook": {"workspace": "other", "source": "crm", "origins": [], "events_per_second": 0,
                "signing_secret": SECRET},
}  # fmt: skip
TRACK = {"type": "track", "event": "E", "userId": "ana", "messageId": "m"}


class Desk:
    """Keeps letters in memory."""

    def __init__(self) -> None:
        self.taken: list[tuple[Letter, Reading]] = []
        self.trouble: Exception | None = None

    async def submit(self, letter: Letter, reading: Reading) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.taken.append((letter, reading))


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Front:
    port: int
    desk: Desk
    data: Path
    reception: Reception
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def send(self, path: str, document: Any, key: str = "wk_web", **headers: str) -> Answer:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        if key:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        return self.ask("POST", path, body, **headers)

    def publish(self, keys: dict[str, Any]) -> None:
        file = self.data / "snapshots" / "keys.json"
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps({"version": 1, "keys": keys}))
        draft.replace(file)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    data = tmp_path_factory.mktemp("edge")
    (data / "snapshots").mkdir()
    desk = Desk()
    reception = Reception(data=data, intake=desk)
    edge = Edge(web_socket=data / "none", is_jobs_alive=lambda: True, reception=reception)
    config = uvicorn.Config(
        edge, port=0, loop="uvloop", http="httptools", ws="none", lifespan="on", log_config=None,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    front = Front(server.servers[0].sockets[0].getsockname()[1], desk, data, reception)
    front.publish(KEYS)
    yield front
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def front(house: Front) -> Front:
    house.desk.taken.clear()
    house.desk.trouble = None
    return house


def test_an_event_becomes_a_letter_and_its_reading(front: Front) -> None:
    answer = front.send("/v1/track", TRACK)
    assert (answer.status, answer.body) == (200, b'{"success":true}')
    ((letter, reading),) = front.desk.taken
    assert (letter.workspace, letter.source, letter.wire) == ("main", "web", "tracking")
    assert letter.about == {"path": "/v1/track"}, "no address, no user agent is kept"
    assert json.loads(letter.body) == TRACK
    assert reading.facts["events"]["name"] == ["E"]


@pytest.mark.parametrize(
    "path",
    ["/v1/batch", "/v1/batch/", "/v1/b", "/v1/import", "/v1/identify", "/v1/track", "/v1/page",
     "/v1/screen", "/v1/group", "/v1/alias", "/v1/i", "/v1/t", "/v1/p", "/v1/s", "/v1/g",
     "/v1/a", "/beacon/v1/batch"],
)  # fmt: skip
def test_every_address_of_the_tracking_api_takes_events(front: Front, path: str) -> None:
    event = {"userId": "ana", "event": "E", "groupId": "g", "previousId": "d", "type": "track",
             "traits": {"a": 1}}  # fmt: skip
    document = {"batch": [event]} if path.rstrip("/").endswith(("batch", "/b", "import")) else event
    assert front.send(path, document).status == 200
    assert len(front.desk.taken) == 1


def test_the_key_comes_in_any_of_the_ways_that_sdks_have(front: Front) -> None:
    ways: list[tuple[str, Any, dict[str, str]]] = [
        ("/v1/track", TRACK, {"Authorization": "Basic d2tfd2ViOg=="}),
        ("/v1/track", {**TRACK, "writeKey": "wk_web"}, {}),
        ("/v1/track", {**TRACK, "writeKey": "wk_web"}, {"Authorization": "Bearer token"}),
        ("/v1/track", TRACK, {"Authorization": "Bearer wk_web"}),
        ("/v1/track?writeKey=wk_web", TRACK, {}),
        ("/batch/", {"api_key": "wk_web", "batch": [{"event": "E", "distinct_id": "a"}]}, {}),
        ("/e/", {"event": "E", "distinct_id": "a", "properties": {"token": "wk_web"}}, {}),
        ("/e/", [{"event": "E", "distinct_id": "a", "properties": {"token": "wk_web"}}], {}),
        ("/v1/events?writeKey=wk_web", CLOUD, {}),
    ]
    for path, document, headers in ways:
        assert front.send(path, document, key="", **headers).status == 200, (path, headers)
    assert [letter.source for letter, _reading in front.desk.taken] == ["web"] * len(ways)


CLOUD = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "order.paid",
         "subject": "ana"}  # fmt: skip


@pytest.mark.parametrize("key", ["", "wk_none", "wk_hook"])
def test_without_a_key_nothing_is_taken(front: Front, key: str) -> None:
    """`wk_hook` has a secret: without a signature nothing may come in by it."""
    answer = front.send("/v1/batch", {"batch": [TRACK]}, key=key)
    assert (answer.status, answer.said["error"]["code"]) == (401, "intake.no-key")
    assert front.desk.taken == []


def test_a_revoked_key_ends_and_a_new_one_begins_within_a_second(front: Front) -> None:
    try:
        front.publish({"wk_new": KEYS["wk_web"]})
        time.sleep(0.6)
        assert front.send("/v1/track", TRACK).status == 401
        assert front.send("/v1/track", TRACK, key="wk_new").status == 200
    finally:
        front.publish(KEYS)
        time.sleep(0.6)
    assert front.send("/v1/track", TRACK).status == 200
    (front.data / "snapshots" / "keys.json").write_text("{broken")
    time.sleep(0.6)
    assert front.send("/v1/track", TRACK).status == 200, "a broken file refuses nobody"
    front.publish(KEYS)


def test_pages_of_other_origins_may_not_use_a_key_that_names_its_own(front: Front) -> None:
    good = front.send("/v1/track", TRACK, key="wk_shop", Origin="https://shop.example")
    assert good.status == 200
    assert good.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in good.headers
    evil = front.send("/v1/track", TRACK, key="wk_shop", Origin="https://evil.example")
    assert (evil.status, evil.said["error"]["code"]) == (403, "intake.origin")
    assert "access-control-allow-origin" not in evil.headers
    assert front.send("/v1/track", TRACK, key="wk_shop").status == 200, "a server has no origin"
    assert len(front.desk.taken) == 2


def test_a_preflight_allows_the_headers_that_it_asks_for(front: Front) -> None:
    asked = "anonymousid,authorization,content-type,sentat"
    for path in ("/v1/track", "/batch/", "/sourceConfig/", "/v1/projects/k/settings"):
        answer = front.ask("OPTIONS", path, Origin="https://a.example",
                           Access_Control_Request_Headers=asked)  # fmt: skip
        assert answer.status == 204
        assert answer.headers["access-control-allow-headers"] == asked
        assert answer.headers["access-control-allow-origin"] == "https://a.example"
        assert "POST" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("declared", ["gzip", "", "deflate", "bare deflate", "two members"])
def test_packed_bodies_declared_or_only_seen(front: Front, declared: str) -> None:
    body = json.dumps({"batch": [TRACK]}).encode()
    if declared == "deflate":
        packed = zlib.compress(body)
    elif declared == "bare deflate":
        packed = zlib.compressobj(wbits=-15).compress(body)
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(body) + packer.flush()
    elif declared == "two members":
        packed = gzip.compress(body[:20]) + gzip.compress(body[20:])
    else:
        packed = gzip.compress(body)
    named = {"gzip": "gzip", "": "", "two members": "gzip"}.get(declared, "deflate")
    headers = {"Content_Encoding": named} if named else {}
    assert front.send("/v1/batch", packed, **headers, Content_Type="text/plain").status == 200
    assert front.desk.taken[0][0].body == body


def test_a_bomb_is_not_unpacked(front: Front) -> None:
    bomb = gzip.compress(b"0" * 100_000_000)
    assert len(bomb) < BATCH_BYTES
    began = time.process_time()
    answer = front.send("/v1/batch", bomb)
    assert (answer.status, answer.said["error"]["code"]) == (413, "intake.too-large")
    assert time.process_time() - began < 1


def test_broken_and_unknown_packing(front: Front) -> None:
    whole = gzip.compress(json.dumps({"batch": [TRACK]}).encode())
    for body, headers in [(whole[:-9], {}), (b"\x1f\x8b broken", {}), (b"{}",
                          {"Content_Encoding": "br"})]:  # fmt: skip
        answer = front.send("/v1/batch", body, **headers)
        assert (answer.status, answer.said["error"]["code"]) == (400, "intake.encoding")


def test_bounds_of_size(front: Front) -> None:
    filler = {**TRACK, "properties": {"x": "y" * (EVENT_BYTES - 200)}}
    fits = {"batch": [{**filler, "messageId": str(n)} for n in range(15)]}
    assert len(json.dumps(fits)) <= BATCH_BYTES
    assert front.send("/v1/batch", fits).status == 200
    for size in (BATCH_BYTES + 1, 3_000_000):
        answer = front.send("/v1/batch", b" " * size)
        assert (answer.status, answer.said["error"]["code"]) == (413, "intake.too-large")
    answer = front.send("/v1/batch", {"batch": [1] * 2501})
    assert (answer.status, answer.said["error"]["code"]) == (400, "intake.too-many-events")
    assert len(front.desk.taken) == 1
    big = {"event": "E", "distinct_id": "a", "properties": {"x": "y" * 30_000}}
    assert front.send("/batch/", {"batch": [big] * 60}).status == 200, (
        "PostHog's batches are larger"
    )


def test_plain_mode_says_yes_and_strict_mode_names_each_bad_event(front: Front) -> None:
    batch = {"batch": [TRACK, {"type": "track", "userId": "ana"}, {"type": "buy"}]}
    assert front.send("/v1/batch", batch).status == 200
    answer = front.send("/v1/batch", batch, X_Strict_Mode="1")
    assert answer.status == 400
    assert answer.said["error"]["code"] == "intake.bad-events"
    named = [(event["place"], event["code"]) for event in answer.said["events"]]
    assert named == [(1, "event.no-name"), (2, "event.type")]
    assert all(event["message"] and event["hint"] for event in answer.said["events"])
    chinese = front.send("/v1/batch", batch, X_Strict_Mode="1", Accept_Language="zh-CN,zh")
    assert chinese.said["events"][1]["message"] == '"buy" 不是事件类型。'
    for _letter, reading in front.desk.taken:
        assert (len(reading.facts["events"]["id"]), len(reading.refused)) == (1, 2)
    assert front.send("/v1/batch", {"batch": [TRACK]}, X_Strict_Mode="1").status == 200
    assert front.send("/v1/batch", {"batch": []}).status == 200


def test_a_key_that_may_send_two_a_second(front: Front) -> None:
    batch = {"batch": [{**TRACK, "messageId": str(n)} for n in range(6)]}
    assert front.send("/v1/batch", batch, key="wk_slow").status == 200
    answer = front.send("/v1/batch", batch, key="wk_slow")
    assert (answer.status, answer.said["error"]["code"]) == (429, "intake.too-fast")
    assert answer.headers["retry-after"] == answer.headers["x-ratelimit-reset"]
    # Four too many, and one more before the next: 2.5 s, less what this test took between them.
    assert answer.headers["retry-after"] in ("3", "2")
    time.sleep(2.6)
    assert front.send("/v1/batch", batch, key="wk_slow").status == 200
    assert len(front.desk.taken) == 2
    assert front.send("/v1/batch", batch).status == 200, "another key is another's"


def test_an_address_that_may_ask_thrice_a_second(front: Front) -> None:
    slow = Reception(data=front.data, intake=front.desk, address_rate=3)

    async def ask() -> list[int]:
        found = []
        for _n in range(5):
            sent: list[Any] = []

            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": json.dumps(TRACK).encode()}

            async def send(message: Any, sent: list[Any] = sent) -> None:
                sent.append(message)

            scope = {"type": "http", "method": "POST", "path": "/v1/track", "query_string": b"",
                     "headers": [(b"authorization", b"Basic d2tfd2ViOg==")],
                     "client": ("203.0.113.7", 5)}  # fmt: skip
            route = slow.route(scope)
            assert route is not None
            await route[1](scope, receive, send)
            found.append(sent[0]["status"])
        return found

    assert asyncio.run(ask()) == [200, 200, 200, 429, 429]


@pytest.mark.parametrize(
    ("code", "status"), [("intake.busy", 429), ("intake.full", 503), ("intake.closing", 503)]
)
def test_what_intake_cannot_take_is_to_be_sent_again(front: Front, code: str, status: int) -> None:
    front.desk.trouble = Problem(code, _("Wait as long as Retry-After says, and send it again."))
    answer = front.send("/v1/track", TRACK)
    assert (answer.status, answer.said["error"]["code"]) == (status, code)
    assert int(answer.headers["retry-after"]) >= 1


def test_a_fault_of_ours_is_never_a_yes(front: Front) -> None:
    front.desk.trouble = OSError(28, os.strerror(28))
    answer = front.send("/v1/track", TRACK)
    assert (answer.status, answer.said["error"]["code"]) == (503, "fault")


def signed(body: bytes, *, at: float | None = None, id: str = "msg_1") -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    made = webhook.signature(SECRET, id=id, timestamp=stamp, body=body).decode()
    return {"webhook_id": id, "webhook_timestamp": stamp, "webhook_signature": made}


def test_a_signed_webhook_comes_in(front: Front) -> None:
    body = json.dumps({"type": "order.refunded", "timestamp": "2026-03-01T08:00:00Z",
                       "data": {"customer_id": "ana", "amount": 3}}).encode()  # fmt: skip
    assert front.ask("POST", "/v1/webhooks/wk_hook", body, **signed(body)).status == 200
    ((letter, reading),) = front.desk.taken
    assert (letter.workspace, letter.source, letter.wire) == ("other", "crm", "webhook")
    assert reading.facts["events"]["id"] == ["msg_1"]
    assert reading.facts["events"]["customer"] == ["ana"]
    wrong: list[tuple[str, dict[str, str]]] = [
        ("webhook.unsigned", {}),
        ("webhook.too-old", signed(body, at=time.time() - 301)),
        ("webhook.too-old", signed(body, at=time.time() + 310)),
        ("webhook.signature", signed(body + b" ")),
        ("webhook.signature", {**signed(body), "webhook_id": "msg_2"}),
    ]
    for code, headers in wrong:
        answer = front.ask("POST", "/v1/webhooks/wk_hook", body, **headers)
        assert (answer.status, answer.said["error"]["code"]) == (401, code)
    assert front.ask("POST", "/v1/webhooks/wk_web", body, **signed(body)).status == 401
    assert len(front.desk.taken) == 1


def test_browser_sdks_are_told_where_to_send(front: Front) -> None:
    told = front.ask("GET", "/v1/projects/wk_web/settings", Origin="https://a.example")
    assert told.headers["access-control-allow-origin"] == "https://a.example"
    segment = told.said["integrations"]["Segment.io"]
    assert (segment["apiHost"], segment["protocol"]) == (f"127.0.0.1:{front.port}/v1", "http")
    rudder = front.ask("GET", "/sourceConfig/?p=npm&writeKey=wk_web").said["source"]
    assert (rudder["enabled"], rudder["destinations"]) == (True, [])
    assert front.ask("GET", "/array/wk_web/config").said["supportedCompression"]
    assert front.ask("POST", "/flags/?v=2", b"{}").said["featureFlags"] == {}
    for path in ("/v1/projects/nobody/settings", "/sourceConfig/", "/array/nobody/config"):
        assert front.ask("GET", path).status == 401


def test_other_addresses_go_to_the_pages(front: Front) -> None:
    for method, path in [("GET", "/v1/track"), ("GET", "/e/"), ("POST", "/v1/other"),
                         ("POST", "/e/x"), ("GET", "/v1/projects/a/b/settings")]:  # fmt: skip
        answer = front.ask(method, path)
        assert (answer.status, b"The pages are starting" in answer.body) == (503, True), path


@pytest.mark.parametrize(
    ("public_url", "host", "scheme"),
    [
        ("", "asked.example:81", "http"),
        ("http://127.0.0.1:8000", "asked.example:81", "http"),
        ("http://localhost:8000", "asked.example:81", "http"),
        ("https://cx.example", "cx.example", "https"),
    ],
)
def test_segments_browser_sdk_is_sent_to_the_public_address(
    front: Front, public_url: str, host: str, scheme: str
) -> None:
    reception = Reception(data=front.data, intake=front.desk, public_url=public_url)
    sent: list[Any] = []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/v1/projects/wk_web/settings",
                 "query_string": b"", "headers": [(b"host", b"asked.example:81")],
                 "scheme": "http", "client": ("127.0.0.1", 5)}  # fmt: skip
        route = reception.route(scope)
        assert route is not None
        await route[1](scope, receive, send)

    asyncio.run(ask())
    told = json.loads(sent[1]["body"])["integrations"]["Segment.io"]
    assert (told["apiHost"], told["protocol"]) == (f"{host}/v1", scheme)


def test_what_is_taken_and_what_is_refused_is_counted(front: Front) -> None:
    def figures() -> Scraped:
        return Scraped(front.ask("GET", "/metrics").body.decode())

    before = figures()
    bad = {"type": "track", "event": "E", "messageId": "m2"}
    body = json.dumps({"batch": [TRACK, TRACK, bad]}).encode()
    assert front.send("/v1/batch", body).status == 200
    assert front.send("/v1/track", TRACK, key="wk_none").status == 401
    assert front.send("/v1/track", b"{broken").status == 400
    front.desk.trouble = ValueError("of our own")
    assert front.send("/v1/track", TRACK).status == 503
    after = figures()

    def more(name: str, **labels: str) -> float:
        return after.get(name, **labels) - before.get(name, **labels)

    assert more("zhiyin_events_taken_total", workspace="main", source="web") == 2
    assert more("zhiyin_events_taken_total") == 2
    assert more("zhiyin_events_taken_bytes_total", source="web") == len(body)
    assert more("zhiyin_events_refused_total", reason="event.no-customer") == 1
    assert more("zhiyin_intake_requests_refused_total", reason="intake.no-key") == 1
    assert more("zhiyin_intake_requests_refused_total", reason="intake.not-json") == 1
    assert more("zhiyin_intake_requests_refused_total", reason="fault") == 1
    assert more("zhiyin_intake_requests_refused_total") == 3
    for status in ("200", "400", "401", "503"):
        assert more("zhiyin_http_requests_total", route="tracking", status=status) == 1
    assert more("zhiyin_http_request_duration_seconds_count", route="tracking") == 4


def test_a_fault_of_our_own_is_written_without_what_was_sent(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    """The path of a webhook holds its key, and the words of an error may quote the event."""
    caplog.handler.setFormatter(server_log.Json())
    front.desk.trouble = ValueError("ana.planted@example.com")
    answer = front.send("/v1/track", {**TRACK, "userId": "ana.planted@example.com"})
    (line,) = (json.loads(line) for line in caplog.text.splitlines())
    assert "planted" not in caplog.text
    assert line["error"] == "ValueError"
    assert (line["workspace"], line["request_id"]) == ("main", answer.headers["x-request-id"])
