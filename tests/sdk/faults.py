"""A proxy in front of the real server that does to requests what networks and servers do."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Callable, Mapping
from typing import Any

Fault = int | str
"""A status to answer instead of the server; ``cut``: the connection ends before anything came;
``lost``: the server has taken it, and the answer never arrives."""


NOTHING: Mapping[str, str] = {}


class Proxy:
    """Passes requests on; the first events meet the faults, in their order.

    Args:
        port: the real server's.
        adds: headers that every request gets on its way.
    """

    def __init__(
        self,
        port: int,
        faults: list[Fault] | None = None,
        retry_after: int = 1,
        adds: Mapping[str, str] = NOTHING,
    ) -> None:
        self.faults = list(faults or [])
        self.met: list[Fault] = []
        self.statuses: list[int] = []
        self.on_lost: Callable[[], None] = lambda: None
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_event = self.command == "POST" and not self.path.startswith("/flags")
                fault = proxy._next() if is_event else None
                if isinstance(fault, int):
                    self._say(fault, {"Retry-After": str(retry_after)}, b'{"success":false}')
                    return
                if fault == "cut":
                    self._cut()
                    return
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                    headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
                    headers |= adds
                    connection.request(self.command, self.path, body, headers)
                    answer = connection.getresponse()
                    said = answer.read()
                    connection.close()
                except OSError:
                    self._cut()
                    return
                if fault == "lost":
                    proxy.on_lost()
                    self._cut()
                    return
                if is_event:
                    proxy.statuses.append(answer.status)
                kept = {
                    name: value
                    for name, value in answer.getheaders()
                    if name.lower() not in ("content-length", "connection", "transfer-encoding")
                }
                self._say(answer.status, kept, said)

            do_GET = do_POST = do_OPTIONS = _pass  # noqa: N815 - as the library calls them

            def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _cut(self) -> None:
                self.close_connection = True
                self.connection.close()

            def log_message(self, *_arguments: Any) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_arguments: Any) -> None:
                """A client that goes away is no news."""

        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _next(self) -> Fault | None:
        with self._lock:
            if not self.faults:
                return None
            self.met.append(self.faults.pop(0))
            return self.met[-1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
