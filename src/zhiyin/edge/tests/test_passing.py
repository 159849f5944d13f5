"""The way through: real servers on both sides, and visitors that speak raw HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import waitress.server

from zhiyin.edge import passing
from zhiyin.edge.addresses import networks
from zhiyin.edge.app import Edge
from zhiyin.edge.passing import MOST_BODY_BYTES
from zhiyin.kernel.tests.scraped import Scraped

LARGE = 2_000_000
NEW_IMPORT = "/main/data/imports/new/"
BY_PROGRAM = "/api/v1/imports"
PICTURE = "/main/journeys/audits/3/runs/14/2/picture/change/"
PICTURE_BY_PROGRAM = "/api/v1/walkthroughs/3/runs/14/steps/2/picture"
FILES = (NEW_IMPORT, BY_PROGRAM, PICTURE, PICTURE_BY_PROGRAM)


@dataclass
class Pages:
    """A WSGI application that tells what reached it."""

    left: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environment["PATH_INFO"]
        if path == "/healthz":
            start("200 OK", [("Content-Length", "3")])
            return [b"ok\n"]
        if path in FILES and environment["REQUEST_METHOD"] == "HEAD":
            is_ana = environment.get("HTTP_COOKIE") == "name=ana"
            start("200 OK" if is_ana else "302 Found", [("Content-Length", "0")])
            return []
        if path in ("/digest", *FILES):
            digest, count = hashlib.sha256(), 0
            while chunk := environment["wsgi.input"].read(1 << 16):
                digest.update(chunk)
                count += len(chunk)
            return _json(start, {"bytes": count, "sha256": digest.hexdigest()})
        if path == "/drip":
            start("200 OK", [("Content-Type", "text/plain")])
            return self._drip()
        if path == "/nothing":
            start("204 No Content", [])
            return []
        if path == "/moved":
            start("302 Found", [("Location", "/elsewhere?a=1"), ("Set-Cookie", "a=1"),
                                ("Set-Cookie", "b=2"), ("Content-Length", "0")])  # fmt: skip
            return []
        if path == "/breaks":
            start("200 OK", [("Content-Length", "1000")])
            return [b"half"]
        if path == "/slow":
            self.release.wait(20)
        names = ("REQUEST_METHOD", "REQUEST_URI", "QUERY_STRING", "REMOTE_ADDR", "wsgi.url_scheme")
        told = {name: environment.get(name) for name in names}
        told |= {name: value for name, value in environment.items() if name.startswith("HTTP_")}
        return _json(start, told)

    def _drip(self) -> Iterator[bytes]:
        try:
            yield b"first\n"
            self.release.wait(20)
            while True:
                yield b"x" * 4096
                time.sleep(0.005)
        except GeneratorExit:
            self.left.set()
            raise


def _json(start: Callable[..., Any], document: object) -> list[bytes]:
    body = json.dumps(document).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    is_head = isinstance(document, dict) and document.get("REQUEST_METHOD") == "HEAD"
    return [] if is_head else [body]


@dataclass
class House:
    """The edge on a port, and the pages behind it, which may be taken away."""

    port: int
    pages: Pages
    socket: Path
    edge: Edge
    is_jobs_alive: list[bool]
    stop_pages: Callable[[], None]

    def ask(self, raw: bytes, *, seconds: float = 10.0) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send bytes, and read the one answer until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as visitor:
            visitor.sendall(raw)
            answer = b""
            while chunk := visitor.recv(1 << 16):
                answer += chunk
        head, _blank, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = [(n.lower(), v.strip()) for n, _c, v in (line.partition(":") for line in lines)]
        if ("transfer-encoding", "chunked") in headers:
            body = _unchunked(body)
        return int(first.split()[1]), headers, body

    def get(self, path: str, *headers: str, method: str = "GET") -> tuple[int, dict[str, str], Any]:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers]
        status, found, body = self.ask("\r\n".join([*lines, "", ""]).encode("latin-1"))
        named = dict(found)
        is_json = named.get("content-type") == "application/json"
        return status, named, json.loads(body) if is_json and body else body


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _line, rest = body.partition(b"\r\n")
        length = int(size, 16)
        whole, body = whole + rest[:length], rest[length + 2 :]
    return whole


@pytest.fixture
def house() -> Iterator[House]:
    # A Unix socket's path may have 107 bytes: pytest's own folders can be longer.
    with tempfile.TemporaryDirectory(prefix="edge-") as folder:
        path = Path(folder) / "web.sock"
        pages = Pages()
        inner = waitress.server.create_server(
            pages,
            unix_socket=str(path),
            threads=4,
            trusted_proxy="localhost",
            trusted_proxy_headers="x-forwarded-for x-forwarded-proto x-forwarded-host",
            clear_untrusted_proxy_headers=True,
        )
        behind = threading.Thread(target=inner.run, daemon=True)
        behind.start()
        alive = [True]

        def stop_pages() -> None:
            pages.release.set()
            if behind.is_alive():
                # In its own thread: a socket closed from here breaks the select that it waits in.
                inner.trigger.pull_trigger(lambda: inner.asyncore.close_all(inner._map))
                behind.join(10)
                inner.task_dispatcher.shutdown()
            path.unlink(missing_ok=True)

        edge = Edge(web_socket=path, is_jobs_alive=lambda: alive[0])
        config = uvicorn.Config(
            edge, port=0, loop="uvloop", http="httptools", ws="none", lifespan="on",
            proxy_headers=False, server_header=False, date_header=False, log_config=None,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = uvicorn.Server(config)
        front = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        front.start()
        until = time.monotonic() + 60
        while not server.started:
            assert time.monotonic() < until
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield House(port, pages, path, edge, alive, stop_pages)
        server.should_exit = True
        pages.release.set()
        front.join(10)
        stop_pages()


def test_a_path_and_its_query_reach_the_pages_as_they_were_written(house: House) -> None:
    path = "/a%2Fb//c%20d/%E5%AE%A2%E6%88%B7?x=%7B1%7D&y=a+b&&z=%23"
    status, _headers, told = house.get(path)
    assert status == 200
    assert told["REQUEST_URI"] == path
    assert told["QUERY_STRING"] == "x=%7B1%7D&y=a+b&&z=%23"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_passes(house: House, method: str) -> None:
    assert house.get("/any", method=method)[2]["REQUEST_METHOD"] == method


def test_what_is_about_one_connection_stays_on_it(house: House) -> None:
    told = house.get(
        "/", "Connection: close, X-Private", "X-Private: 1", "Keep-Alive: 5", "TE: trailers",
        "Upgrade: websocket", "X-Public: 2", "Cookie: a=1; b=2",
    )[2]  # fmt: skip
    assert told["HTTP_X_PUBLIC"] == "2"
    assert told["HTTP_COOKIE"] == "a=1; b=2"
    gone = {"HTTP_X_PRIVATE", "HTTP_KEEP_ALIVE", "HTTP_TE", "HTTP_UPGRADE"}
    assert not gone & set(told)


def test_who_asks_is_said_by_the_edge_and_not_by_the_visitor(house: House) -> None:
    told = house.get(
        "/", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil",
        "Forwarded: for=6.6.6.6;proto=https", "X-Real-IP: 6.6.6.6", "X_Forwarded_For: 6.6.6.6",
    )[2]  # fmt: skip
    assert told["REMOTE_ADDR"] == "127.0.0.1"
    assert told["wsgi.url_scheme"] == "http"
    assert "6.6.6.6" not in json.dumps(told)
    assert "evil" not in json.dumps(told)


def test_a_proxy_of_ours_says_who_asks_and_nobody_before_it(house: House) -> None:
    house.edge._proxies = networks("127.0.0.1, 10.0.0.0/8")
    for said, seen in (
        ("X-Forwarded-For: 203.0.113.9", "203.0.113.9"),
        ("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 2001:db8::7", "2001:db8::7"),
        ("X-Forwarded-For: 6.6.6.6, nobody", "127.0.0.1"),
        ("X-Forwarded-For: 10.1.2.3", "10.1.2.3"),
        ("X-Real-IP: 6.6.6.6", "127.0.0.1"),
    ):
        assert house.get("/", said)[2]["REMOTE_ADDR"] == seen, said


def test_redirects_and_repeated_headers_come_back_untouched(house: House) -> None:
    status, headers, _body = house.ask(
        b"GET /moved HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )
    assert status == 302
    assert ("location", "/elsewhere?a=1") in headers
    assert [value for name, value in headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_answers_without_a_body_end(house: House) -> None:
    assert house.get("/nothing")[0] == 204
    status, headers, body = house.get("/any", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_body_arrives_whole(house: House, is_chunked: bool) -> None:
    body = bytes(range(256)) * (MOST_BODY_BYTES // 256)
    how = b"Transfer-Encoding: chunked" if is_chunked else b"Content-Length: %d" % len(body)
    head = b"POST /digest HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + how + b"\r\n\r\n"
    sent = body
    if is_chunked:
        pieces = (body[i : i + 100_000] for i in range(0, len(body), 100_000))
        sent = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"
    status, _headers, told = house.ask(head + sent)
    assert status == 200
    assert json.loads(told) == {
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_in_both_languages(
    house: House, is_chunked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a limit that believes the visitor about the length."""
    # So few that the pages hold half a body in memory, and no file that nobody closes.
    monkeypatch.setattr(passing, "MOST_BODY_BYTES", 300_000)
    how = b"Transfer-Encoding: chunked" if is_chunked else b"Content-Length: %d" % LARGE
    head = b"POST /digest HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + how + b"\r\n\r\n"
    sent = bytes(LARGE)
    if is_chunked:
        piece = b"%x\r\n%s\r\n" % (100_000, bytes(100_000))
        sent = piece * (LARGE // 100_000) + b"0\r\n\r\n"
    status, headers, page = house.ask(head + sent)
    assert (status, dict(headers)["content-security-policy"]) == (413, "default-src 'none'")
    assert "more than a page takes at once" in page.decode()
    assert "请分次提交" in page.decode()
    assert house.get("/any")[0] == 200


@pytest.mark.parametrize(
    ("name", "path", "size", "expected"),
    [
        ("ana", NEW_IMPORT, LARGE, 200),
        ("cleo", NEW_IMPORT, LARGE, 403),
        ("ana", BY_PROGRAM, LARGE, 200),
        ("cleo", BY_PROGRAM, LARGE, 403),
        ("ana", f"{BY_PROGRAM}/more", LARGE, 413),
        ("ana", "/digest", LARGE, 413),
        ("ana", "/main/data/imports/new/more/", LARGE, 413),
        ("ana", NEW_IMPORT, 2 * LARGE, 413),
        ("ana", PICTURE, LARGE // 2, 200),
        ("cleo", PICTURE, LARGE // 2, 403),
        ("ana", PICTURE_BY_PROGRAM, LARGE // 2, 200),
        ("cleo", PICTURE_BY_PROGRAM, LARGE // 2, 403),
        ("ana", PICTURE, LARGE, 413),
        ("ana", PICTURE.replace("14", "x"), LARGE // 2, 413),
    ],
)
def test_a_file_passes_for_whom_the_page_opens_and_for_nobody_else(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str, path: str, size: int, expected: int
) -> None:
    """Would catch a disk that anybody may fill."""
    monkeypatch.setattr(passing, "MOST_BODY_BYTES", 300_000)
    monkeypatch.setattr(passing, "MOST_UPLOAD_BYTES", LARGE + 1)
    monkeypatch.setattr(passing, "MOST_PICTURE_BYTES", LARGE // 2 + 1)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Cookie: name={name}\r\nContent-Length: {size}\r\n\r\n"
    )
    status, _headers, told = house.ask(head.encode() + bytes(size))
    assert status == expected
    if expected == 200:
        assert json.loads(told)["bytes"] == size
    if expected == 403:
        assert "您不能在此导入文件" in told.decode()


def test_a_visitor_may_ask_before_it_sends(house: House) -> None:
    """`curl` sends ``Expect: 100-continue`` with large uploads."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as visitor:
        visitor.sendall(
            b"POST /digest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert visitor.recv(1000).startswith(b"HTTP/1.1 100")
        visitor.sendall(b"hello")
        answer = b""
        while chunk := visitor.recv(1000):
            answer += chunk
    assert b"200 OK" in answer
    assert hashlib.sha256(b"hello").hexdigest().encode() in answer


def test_an_answer_streams_and_a_visitor_who_leaves_ends_it(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as visitor:
        visitor.sendall(b"GET /drip HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = b""
        while b"first" not in answer:  # before the rest of the answer exists
            answer += visitor.recv(1000)
    house.pages.release.set()
    assert house.pages.left.wait(60)


def test_a_visitor_who_leaves_in_the_middle_of_a_body_harms_nobody(house: House) -> None:
    for _ in range(8):  # more than the pages have threads
        with socket.create_connection(("127.0.0.1", house.port), timeout=60) as visitor:
            visitor.sendall(
                b"POST /digest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\nhalf"
            )
            time.sleep(0.05)
    assert house.get("/any")[0] == 200


def test_half_an_answer_is_never_passed_off_as_a_whole_one(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as visitor:
        visitor.sendall(b"GET /breaks HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = b""
        while chunk := visitor.recv(1000):
            answer += chunk
    assert answer.endswith(b"half")
    assert b"content-length: 1000" in answer.lower()


def test_pages_that_wait_keep_nobody_else_waiting(house: House) -> None:
    waiting = [socket.create_connection(("127.0.0.1", house.port), timeout=60) for _ in range(40)]
    try:
        for visitor in waiting:
            visitor.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(0.2)
        began = time.monotonic()
        assert house.get("/healthz")[0] == 200
        assert time.monotonic() - began < 15, "they wait for 20"
    finally:
        house.pages.release.set()
        for visitor in waiting:
            assert visitor.recv(1000).startswith(b"HTTP/1.1 200")
            visitor.close()


@pytest.mark.parametrize(
    "line", ["OPTIONS * HTTP/1.1", "GET http://evil.example/any HTTP/1.1", "GET //any HTTP/1.1"]
)
def test_strange_targets_go_to_the_pages_and_nowhere_else(house: House, line: str) -> None:
    raw = f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    status, _headers, body = house.ask(raw.encode())
    assert status in (200, 400, 404)
    if status == 200:
        assert json.loads(body)["HTTP_HOST"] == "127.0.0.1"


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
        b"GARBAGE\r\n\r\n",
    ],
)
def test_a_request_that_two_servers_could_read_in_two_ways_is_refused(
    house: House, raw: bytes
) -> None:
    assert house.ask(raw)[0] == 400


def test_while_the_pages_are_away_it_says_so_in_both_languages(house: House) -> None:
    house.stop_pages()
    status, headers, body = house.get("/anything", "Accept-Language: zh-CN")
    assert (status, headers["retry-after"]) == (503, "2")
    assert headers["content-security-policy"] == "default-src 'none'"
    assert "in a moment" in body.decode()
    assert "页面正在启动" in body.decode()
    status, _headers, _body = house.ask(
        b"POST /digest HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody"
    )
    assert status == 503


def test_ready_means_all_three(house: House) -> None:
    status, headers, parts = house.get("/readyz")
    assert (status, parts) == (200, {"log": "ok", "web": "ok", "jobs": "ok"})
    assert headers["cache-control"] == "no-store"
    house.is_jobs_alive[0] = False
    assert house.get("/readyz")[0] == 503
    house.is_jobs_alive[0] = True
    house.stop_pages()
    status, _headers, parts = house.get("/readyz")
    assert (status, parts["web"], parts["log"]) == (503, "starting", "ok")
    assert house.get("/healthz")[0] == 200


def test_a_request_has_one_id_on_both_sides(house: House) -> None:
    _status, headers, told = house.get("/any", "X-Request-Id: from-a-caller")
    assert headers["x-request-id"] == told["HTTP_X_REQUEST_ID"] == "from-a-caller"
    _status, headers, told = house.get("/any", "X-Request-Id: ana@example.com")
    assert headers["x-request-id"] == told["HTTP_X_REQUEST_ID"] != "ana@example.com"
    one, other = (house.get(path)[1]["x-request-id"] for path in ("/any", "/healthz"))
    assert one != other
    house.stop_pages()
    status, headers, _body = house.get("/any", "X-Request-Id: from-a-caller")
    assert (status, headers["x-request-id"]) == (503, "from-a-caller")


@pytest.mark.parametrize("name", ["X-Zhiyin-Inside", "x_zhiyin_inside"])
def test_no_visitor_can_say_that_it_is_the_log_process(house: House, name: str) -> None:
    """The web process takes ``//metrics`` for its own, which tells whoever asks from inside."""
    _status, _headers, told = house.get("//metrics", f"{name}: 1")
    assert told["HTTP_HOST"] == "127.0.0.1"
    assert "HTTP_X_ZHIYIN_INSIDE" not in told


def test_without_the_pages_the_figures_say_so(house: House) -> None:
    house.get("/any")
    house.stop_pages()
    house.get("/any")
    status, headers, body = house.get("/metrics")
    found = Scraped(body.decode())
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert found.get("zhiyin_process_up", process="web") == 0
    assert found.get("zhiyin_process_up", process="jobs") == 1
    assert found.get("zhiyin_http_requests_total", route="pages", status="200") == 1
    assert found.get("zhiyin_http_requests_total", route="pages", status="503") == 1
    assert found.get("zhiyin_http_request_duration_seconds_count", route="pages") == 2


def test_who_leaves_before_the_answer_is_counted_as_such(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.port), timeout=60) as visitor:
        visitor.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(0.2)

    def left() -> float:
        document = house.get("/metrics")[2].decode()
        return Scraped(document).get("zhiyin_http_requests_total", route="pages", status="none")

    until = time.monotonic() + 60
    while left() != 1:
        assert time.monotonic() < until
        time.sleep(0.05)
