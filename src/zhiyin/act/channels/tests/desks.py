"""Chat groups and a service of ours, for tests: real HTTP, and they check signatures as the
vendors' pages say, by code of their own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from standardwebhooks import Webhook

ROBOT_SECRET = "SEC000000000000000000000000000000000000000000000000000000000000beef"
HOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

Answer = tuple[int, dict[str, str], bytes]


class Desk(ThreadingHTTPServer):
    """Keeps what comes; answers as the vendor does, or as the test has it say."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[tuple[str, dict[str, str], Any]] = []
        self.asked = 0
        self.says: Callable[[str], Answer | None] = lambda _path: None

    def at(self, path: str) -> str:
        """The address of one of its places."""
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked += 1
        status, more, said = self.server.says(self.path) or self._judged(headers, raw)
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def _judged(self, headers: dict[str, str], raw: bytes) -> Answer:
        place = urlsplit(self.path)
        answer = {
            "/cgi-bin/webhook/send": self._wecom,
            "/robot/send": self._dingtalk,
            "/open-apis/bot/v2/hook/x": self._feishu,
            "/services/T/B/X": self._slack,
            "/hook": self._hook,
        }[place.path]
        status, said = answer(place.query, headers, raw)
        if status == 200 and said in ({"errcode": 0, "errmsg": "ok"}, {"code": 0}, "ok"):
            self.server.taken.append((self.path, headers, json.loads(raw)))
        body = said if isinstance(said, str) else json.dumps(said)
        return status, {}, body.encode()

    def _wecom(self, query: str, _headers: dict[str, str], raw: bytes) -> tuple[int, Any]:
        said = json.loads(raw)
        if query != "key=k":
            return 200, {"errcode": 93000, "errmsg": "invalid webhook url"}
        if said["msgtype"] != "markdown" or len(said["markdown"]["content"].encode()) > 4096:
            return 200, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
        return 200, {"errcode": 0, "errmsg": "ok"}

    def _dingtalk(self, query: str, _headers: dict[str, str], raw: bytes) -> tuple[int, Any]:
        asked = {name: found[0] for name, found in parse_qs(query).items()}
        signed = hmac.new(
            ROBOT_SECRET.encode("utf-8"),
            f"{asked['timestamp']}\n{ROBOT_SECRET}".encode(),
            digestmod=hashlib.sha256,
        ).digest()
        # The address holds it percent-encoded: + would be a blank.
        sent = next(part for part in query.split("&") if part.startswith("sign="))
        if unquote(sent[5:]) != base64.b64encode(signed).decode() or len(asked["timestamp"]) != 13:
            return 200, {"errcode": 310000, "errmsg": "sign not match"}
        if json.loads(raw)["msgtype"] != "markdown":
            return 200, {"errcode": 43004, "errmsg": "无效的HTTP HEADER Content-Type"}
        return 200, {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, _query: str, _headers: dict[str, str], raw: bytes) -> tuple[int, Any]:
        said = json.loads(raw)
        key = f"{said['timestamp']}\n{ROBOT_SECRET}".encode()
        signed = hmac.new(key, digestmod=hashlib.sha256).digest()
        if said["sign"] != base64.b64encode(signed).decode() or len(said["timestamp"]) != 10:
            return 200, {
                "code": 19021,
                "msg": "sign match fail",
            }
        if len(raw) > 20_000 or said["msg_type"] != "post":
            return 200, {"code": 9499, "msg": "Bad Request"}
        return 200, {"code": 0}

    def _slack(self, _query: str, _headers: dict[str, str], raw: bytes) -> tuple[int, Any]:
        for block in json.loads(raw)["blocks"]:
            if len(block["text"]["text"]) > 3000:
                return 400, "invalid_blocks"
        return 200, "ok"

    def _hook(self, _query: str, headers: dict[str, str], raw: bytes) -> tuple[int, Any]:
        # Clocks of tests jump, so the time is not looked at; `test_requests` has it looked at.
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        expected = Webhook(HOOK_SECRET).sign(headers["webhook-id"], at, raw.decode())
        fits = expected in headers["webhook-signature"].split(" ")
        return (200, "ok") if fits else (401, "signature")

    def log_message(self, *_said: Any) -> None:
        return


@contextmanager
def served() -> Iterator[Desk]:
    """A desk that answers."""
    desk = Desk()
    thread = threading.Thread(target=desk.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        desk.shutdown()
        desk.server_close()
        thread.join(5)
