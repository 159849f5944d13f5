"""Nobody is led by a typed address to where only this machine comes; what comes back is bounded."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from zhiyin.kernel import outbound
from zhiyin.kernel.outbound import NotReached

MEGABYTE = 1_000_000


class Answering(BaseHTTPRequestHandler):
    """A real server: what it answers is asked for by the path."""

    seen: list[tuple[str, str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))  # type: ignore[attr-defined]
        getattr(self, self.path.split("?")[0].strip("/").replace("-", "_"))()

    do_POST = do_GET  # noqa: N815 - the library's name

    def _say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def plain(self) -> None:
        self._say("您好".encode(), Link="<a>; rel=next", link="<b>; rel=last")

    def packed(self) -> None:
        self._say(gzip.compress(b"said"), content_encoding="gzip")

    def bomb(self) -> None:
        self._say(gzip.compress(bytes(100 * MEGABYTE)), content_encoding="gzip")

    def large(self) -> None:
        self._say(bytes(MEGABYTE))

    def half(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "100")
        self.end_headers()
        self.wfile.write(b"half")

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b".")
                time.sleep(0.05)
        except OSError:
            pass

    def slow_headers(self) -> None:
        try:
            for _ in range(100):
                self.wfile.write(b"H")
                time.sleep(0.05)
        except OSError:
            pass

    def here(self) -> None:
        self._say(b"", 302, location="/plain")

    def round(self) -> None:
        self._say(b"", 302, location="/round")

    def inside(self) -> None:
        self._say(b"", 302, location="http://169.254.169.254/latest/meta-data/")

    def elsewhere(self) -> None:
        port = self.headers["host"].rpartition(":")[2]
        self._say(b"", 307, location=f"http://127.0.0.1:{port}/plain")

    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    server_port: int

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    def handle_error(self, *_arguments: Any) -> None:
        """Who asked has gone."""

    def at(self, path: str) -> str:
        return f"http://localhost:{self.server_port}/{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as serving:
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outbound.ALLOW, "example.org, localhost")


def refused(url: str, **asked: Any) -> NotReached:
    with pytest.raises(NotReached) as caught:
        outbound.request("GET", url, **asked)
    return caught.value


def test_what_runs_here_is_not_reached(server: Server) -> None:
    found = refused(server.at("plain"))
    assert found.code == "outbound.not-public"
    assert "localhost is not a machine of the public internet (" in str(found)
    assert not found.was_sent
    assert not found.may_pass
    assert server.seen == []


@pytest.mark.parametrize("said", ["localhost", "127.0.0.0/8,::1", "LOCALHOST:{port}"])
def test_the_operator_may_allow_a_host(
    server: Server, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv(outbound.ALLOW, said.format(port=server.server_port))
    reply = outbound.request("GET", server.at("plain"), headers={"X-Key": "k"})
    assert (reply.status, reply.body.decode(), reply.is_ok) == (200, "您好", True)
    assert reply.headers["link"] == "<a>; rel=next, <b>; rel=last"
    _method, _path, headers, _body = server.seen[0]
    assert headers["x-key"] == "k"
    assert headers["host"] == f"localhost:{server.server_port}"


def test_another_port_of_an_allowed_host_is_not_allowed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outbound.ALLOW, "localhost:1")
    assert refused(server.at("plain")).code == "outbound.not-public"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.100.100.200", "168.63.129.16", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[64:ff9b::7f00:1]", "[fe80::1]",
        "[fd00:ec2::254]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[ff02::1]", "192.0.2.1",
    ],
)  # fmt: skip
def test_no_address_but_a_public_one(host: str) -> None:
    assert refused(f"https://{host}/").code == "outbound.not-public"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "223.5.5.5"])
def test_public_addresses_are_public(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/",
        "http://0x7f000001/", "file:///etc/passwd", "ftp://example.com/", "https:///x", "a.com",
        "https://exa mple.com/", "https://example.com\\@127.0.0.1/", "https://a@127.0.0.1/",
        "https://name:word@example.com/", "https://example.com:99999/", "https://example.com\r\n/",
        "https://-a.com/", "https://a..b/", "gopher://example.com", "https://[fe80::1%25eth0]/",
        "https://example.com/" + "a" * 5000,
    ],
)  # fmt: skip
def test_forms_that_programs_read_differently_are_no_addresses(url: str) -> None:
    assert refused(url).code == "outbound.bad-address"


@pytest.mark.parametrize("port", [22, 25, 465])
def test_ports_of_other_services_are_not_called(port: int) -> None:
    assert refused(f"http://8.8.8.8:{port}/").code == "outbound.port"


def test_a_name_of_which_one_address_is_inside_is_not_asked_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def both(host: str, port: int, **_kind: Any) -> list[Any]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("8.8.8.8", port)), (*kind, ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert refused("https://example.com/").code == "outbound.not-public"


def test_the_address_that_was_looked_at_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that is public at first and inside afterwards is asked for once."""
    asked, called = [], []

    def turns(host: str, port: int, **_kind: Any) -> list[Any]:
        asked.append(host)
        at = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, port))]

    def call(place: tuple[str, int], timeout: float) -> socket.socket:
        called.append(place)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", turns)
    monkeypatch.setattr(socket, "create_connection", call)
    found = refused("http://turning.example/")
    assert found.code == "outbound.no-connection"
    assert found.may_pass
    assert asked == ["turning.example"]
    assert called == [("8.8.8.8", 80)]


def test_a_name_that_nobody_has() -> None:
    found = refused("https://nobody.invalid/")
    assert found.code == "outbound.unknown-host"
    assert found.may_pass


@pytest.mark.usefixtures("allowed")
def test_answers_are_unpacked(server: Server) -> None:
    assert outbound.request("GET", server.at("packed")).body == b"said"


@pytest.mark.usefixtures("allowed")
def test_a_body_is_sent(server: Server) -> None:
    reply = outbound.request("POST", server.at("plain?a=您"), body=b"{}")
    assert reply.is_ok
    method, path, _headers, body = server.seen[0]
    assert (method, path, body) == ("POST", "/plain?a=%E6%82%A8", b"{}")


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("path", ["large", "bomb"])
def test_answers_are_bounded_as_they_come_and_unpacked(server: Server, path: str) -> None:
    found = refused(server.at(path), most_bytes=200_000)
    assert found.code == "outbound.too-large"
    assert "200,000 bytes" in str(found)


@pytest.mark.usefixtures("allowed")
def test_an_answer_that_breaks_off_is_none(server: Server) -> None:
    found = refused(server.at("half"))
    assert found.code == "outbound.broken"
    assert found.was_sent
    assert found.may_pass


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("path", ["endless", "slow-headers"])
def test_who_drips_is_not_waited_for(server: Server, path: str) -> None:
    began = time.monotonic()
    found = refused(server.at(path), timeout_seconds=0.3)
    assert found.code == "outbound.too-slow"
    assert "0.3 seconds" in str(found)
    assert found.was_sent
    assert time.monotonic() - began < 2


@pytest.mark.usefixtures("allowed")
def test_a_redirect_is_followed_where_that_is_asked_for(server: Server) -> None:
    assert outbound.request("GET", server.at("here")).status == 302
    assert outbound.request("GET", server.at("here"), redirects=1).body.decode() == "您好"
    assert refused(server.at("round"), redirects=3).code == "outbound.redirects"
    assert len(server.seen) == 1 + 2 + 4


@pytest.mark.usefixtures("allowed")
def test_a_redirect_inside_is_looked_at_as_any_address(server: Server) -> None:
    found = refused(server.at("inside"), redirects=3)
    assert found.code == "outbound.not-public"
    assert "169.254.169.254" in str(found)


def test_another_host_is_told_no_secret(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outbound.ALLOW, "localhost,127.0.0.1")
    secret = {"Authorization": "Bearer s", "X-Key": "s", "Accept": "text/plain"}
    assert outbound.request("GET", server.at("elsewhere"), headers=secret, redirects=1).is_ok
    assert server.seen[0][2]["authorization"] == "Bearer s"
    assert not {"authorization", "x-key"} & server.seen[1][2].keys()
    assert server.seen[1][2]["accept"] == "text/plain"
    with pytest.raises(NotReached) as caught:
        outbound.request("POST", server.at("elsewhere"), body=b"s", redirects=1)
    assert caught.value.code == "outbound.redirects"


@pytest.mark.usefixtures("allowed")
def test_a_header_cannot_smuggle_another(server: Server) -> None:
    found = refused(server.at("plain"), headers={"X-Key": "a\r\nX-Other: b"})
    assert found.code == "outbound.bad-header"
    assert server.seen == []


def test_errors_name_the_host_and_nothing_of_the_path(server: Server) -> None:
    found = refused(server.at("plain?token=hidden"))
    assert "hidden" not in str(found) + repr(found.as_dict())


def test_the_operators_own_address_may_be_anywhere(server: Server) -> None:
    assert outbound.request("GET", server.at("plain"), is_operators=True).is_ok


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def test_tls_is_checked_against_the_name(
    server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv(outbound.ALLOW, "localhost,127.0.0.1")
    url = server.at("plain").replace("http://", "https://")
    found = refused(url)
    assert found.code == "outbound.tls"
    assert "cannot prove who it is" in str(found)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    assert outbound.request("GET", url).is_ok
    assert refused(url.replace("localhost", "127.0.0.1")).code == "outbound.tls"


def test_a_connection_for_other_protocols_is_guarded_alike(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.server_port
    with pytest.raises(NotReached) as caught:
        outbound.connect("localhost", port, has_tls=False)
    assert caught.value.code == "outbound.not-public"
    monkeypatch.setenv(outbound.ALLOW, "localhost")
    outbound.connect("localhost", port, has_tls=False).close()


def test_an_address_is_looked_at_before_it_is_kept(server: Server) -> None:
    with pytest.raises(NotReached):
        outbound.check(server.at("plain"))
    outbound.check("https://8.8.8.8/")
