"""Real servers for the tests: of HTTP in a thread, of mail in a process, with TLS."""

from __future__ import annotations

import imaplib
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

Answer = tuple[int, dict[str, str], bytes]
Answering = Callable[[str, dict[str, str], dict[str, str]], Answer]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        place = urlsplit(self.path)
        asked = dict(parse_qsl(place.query, keep_blank_values=True))
        headers = {name.lower(): said for name, said in self.headers.items()}
        self.server.seen.append((self.path, headers))  # type: ignore[attr-defined]
        status, given, body = self.server.answer(place.path, asked, headers)  # type: ignore[attr-defined]
        self.send_response(status)
        for name, said in given.items():
            self.send_header(name, said)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_said: Any) -> None:
        """Nothing."""


class Web(ThreadingHTTPServer):
    """A server that answers by a function: (path, query, headers) → (status, headers, body)."""

    daemon_threads = True
    block_on_close = False
    server_port: int

    def __init__(self, answer: Answering, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.scheme = "http"
        if certificate is not None:
            self.socket = _context(certificate).wrap_socket(self.socket, server_side=True)
            self.scheme = "https"

    def handle_error(self, *_said: Any) -> None:
        """Who asked has gone."""

    def at(self, path: str) -> str:
        return f"{self.scheme}://localhost:{self.server_port}{path}"


@contextmanager
def serving(answer: Answering, certificate: Path | None = None) -> Iterator[Web]:
    with Web(answer, certificate) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def as_json(found: Any, headers: dict[str, str] | None = None) -> Answer:
    return 200, {"content-type": "application/json", **(headers or {})}, json.dumps(found).encode()


def make_certificate(folder: Path) -> Path:
    """A certificate of `localhost`, which signs itself."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    return context


class MailServer:
    """A real server of IMAP: of STARTTLS at `port`, of TLS from the start at `tls_port`."""

    USER, PASSWORD = "service@example.com", "a-secret-of-the-mailbox"

    def __init__(self, port: int, tls_port: int, certificate: Path) -> None:
        self.port, self.tls_port, self.certificate = port, tls_port, certificate

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """A client of the tests' own."""
        trusting = ssl.create_default_context(cafile=str(self.certificate / "certificate.pem"))
        box = imaplib.IMAP4("localhost", self.port)
        try:
            box.starttls(trusting)
            box.login(self.USER, self.PASSWORD)
            yield box
        finally:
            box.logout()

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self.client() as box:
            for mail in mails:
                assert (
                    box.append(folder, "", imaplib.Time2Internaldate(time.time()), mail)[0] == "OK"
                )

    def flags(self) -> list[bytes]:
        with self.client() as box:
            box.select("INBOX", readonly=True)
            _status, said = box.fetch("1:*", "(FLAGS)")
            return [one for one in said if isinstance(one, bytes)]


@contextmanager
def mail_server(certificate: Path) -> Iterator[MailServer]:
    port, tls_port = _free_port(), _free_port()
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", "from pymap.main import main; main()",
         "--host", "127.0.0.1", "--port", str(port),
         "--cert", certificate / "certificate.pem", "--key", certificate / "key.pem",
         "dict", "--demo-user", MailServer.USER, "--demo-password", MailServer.PASSWORD],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            _wait_for(port)
            with _tls_before(port, tls_port, certificate):
                yield MailServer(port, tls_port, certificate)
        finally:
            process.terminate()


@contextmanager
def _tls_before(port: int, tls_port: int, certificate: Path) -> Iterator[None]:
    """TLS from the start, in front of what speaks it only after it was asked to."""
    context = _context(certificate)
    listening = socket.create_server(("127.0.0.1", tls_port))

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        while True:
            try:
                taken, _at = listening.accept()
            except OSError:
                return
            threading.Thread(target=join, args=(taken,), daemon=True).start()

    def join(taken: socket.socket) -> None:
        with (
            suppress(OSError),
            closing(context.wrap_socket(taken, server_side=True)) as outside,
            closing(socket.create_connection(("127.0.0.1", port))) as inside,
        ):
            back = threading.Thread(target=pump, args=(inside, outside), daemon=True)
            back.start()
            pump(outside, inside)
            back.join(5)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail("the mail server did not start")
