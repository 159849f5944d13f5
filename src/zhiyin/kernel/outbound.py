"""The one way out to an address that somebody typed: HTTP(S) requests, and connections for mail.

Whoever types an address can name a machine that only this one reaches: a database, the metadata
service of a cloud, Zhiyin's own log process. So a name is resolved once, every address that it has
must be one of the public internet, and the connection goes to the very address that was looked at;
TLS is checked against the name. ``ZHIYIN_OUTBOUND_ALLOW`` names hosts and networks inside that may
be reached nevertheless.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import os
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

ALLOW = "ZHIYIN_OUTBOUND_ALLOW"
MOST_BYTES = 10_000_000
TIMEOUT_SECONDS = 20.0
USER_AGENT = "Zhiyin"

_PORTS = {"http": 80, "https": 443}
_MAIL_PORTS = (143, 993)
_FREE_PORTS_FROM = 1024
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_REDIRECTS = (301, 302, 303, 307, 308)
_READ_BYTES = 65_536
_ANYWHERE = ("accept", "accept-language", "content-type", "user-agent")
"""What another host than the one that was asked may be told, too: nothing secret is in it."""
_NOT_PUBLIC = (
    ipaddress.ip_network("168.63.129.16/32"),  # the inside of Azure's machines
    ipaddress.ip_network("192.88.99.0/24"),  # relays into 6to4
    ipaddress.ip_network("64:ff9b::/96"),  # IPv4 inside of IPv6: NAT64
    ipaddress.ip_network("2002::/16"),  # the same: 6to4
    ipaddress.ip_network("2001::/23"),  # the same: Teredo, and protocols' own
)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Args:
        headers: by their names in small letters; those that came more than once joined by commas.
        body: unpacked.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_ok(self) -> bool:
        """It was done."""
        return 200 <= self.status < 300


class NotReached(Problem):
    """No whole answer came. The sentences name the host and nothing else of the address.

    Args:
        was_sent: the request may have arrived, so whoever got it may have acted on it.
        may_pass: the same may succeed later; otherwise something must be changed first.
    """

    def __init__(
        self,
        code: str,
        message: Text,
        hint: Text | None = None,
        *,
        was_sent: bool = False,
        may_pass: bool = False,
    ) -> None:
        super().__init__(f"outbound.{code}", message, hint)
        self.was_sent = was_sent
        self.may_pass = may_pass


class _Deadline:
    """The end of what a whole request may take."""

    def __init__(self, seconds: float, host: str) -> None:
        self.host = host
        self.was_sent = False
        self._said = f"{seconds:g}"
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            NotReached: none.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.over()
        return left

    def over(self) -> NotReached:
        """Why it ends."""
        return NotReached(
            "too-slow",
            _("{host} gave no whole answer in {n} seconds.", host=self.host, n=self._said),
            _("Try again later; or ask for less at once."),
            was_sent=self.was_sent,
            may_pass=True,
        )


class _Reading(io.RawIOBase):
    """What comes over a connection; each read waits no longer than to the deadline."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        self._connected = connected
        self._deadline = deadline

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some bytes; 0 at the end."""
        self._connected.settimeout(self._deadline.left())
        return self._connected.recv_into(buffer)


class _Wire:
    """A connected socket as `http.client` uses one."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        self._connected = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send it."""
        self._connected.settimeout(self._deadline.left())
        self._deadline.was_sent = True
        self._connected.sendall(data)

    def makefile(self, *_mode: Any) -> io.BufferedReader:
        """What comes back."""
        return io.BufferedReader(_Reading(self._connected, self._deadline), _READ_BYTES)

    def close(self) -> None:
        """Called as soon as the headers are there: what is read afterwards needs the socket."""


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    most_bytes: int = MOST_BYTES,
    timeout_seconds: float = TIMEOUT_SECONDS,
    redirects: int = 0,
    is_operators: bool = False,
) -> Reply:
    """Send one request to an address that somebody typed.

    A redirect is followed `redirects` times, each looked at anew; with 0 it is returned as it
    came. To another host no header goes that could hold a secret, and no body.

    Args:
        most_bytes: of the answer's body, as it comes and unpacked.
        timeout_seconds: for all of it: name, connection, redirects, answer.
        is_operators: an environment variable names the address, so it may be anywhere.

    Raises:
        NotReached: it may not be reached, or no whole answer came.
    """
    place = _read(url)
    deadline = _Deadline(timeout_seconds, place.hostname or "")
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    for left in range(redirects, -1, -1):
        reply = _ask(method, place, sent, body, most_bytes, deadline, is_operators)
        if reply.status not in _REDIRECTS or "location" not in reply.headers or not redirects:
            return reply
        if not left:
            break
        method, place, sent, body = _redirected(method, place, sent, body, reply)
        deadline.host = place.hostname or ""
    raise NotReached(
        "redirects",
        _("{host} leads on and on to other addresses.", host=place.hostname),
        _("Name the address at which it ends."),
        was_sent=True,
    )


def connect(
    host: str, port: int, *, has_tls: bool, timeout_seconds: float = TIMEOUT_SECONDS
) -> socket.socket:
    """Connect to a host that somebody typed, for what speaks another protocol than HTTP.

    Args:
        has_tls: TLS from the first byte, checked against the name.

    Raises:
        NotReached: it may not be reached, or nobody is there.
    """
    name = _host(host)
    deadline = _Deadline(timeout_seconds, name)
    connected = _connected(name, port, deadline, is_operators=False)
    if has_tls:
        connected = _with_tls(connected, name, deadline)
    connected.settimeout(timeout_seconds)
    return connected


def check(url: str) -> None:
    """Look whether an address may be asked at all, without asking it.

    Raises:
        NotReached: it may not, or its name is not known.
    """
    place = _read(url)
    host = place.hostname or ""
    deadline = _Deadline(TIMEOUT_SECONDS, host)
    _addresses(host, _port(place), deadline, is_operators=False)


def _ask(
    method: str,
    place: SplitResult,
    headers: Mapping[str, str],
    body: bytes,
    most_bytes: int,
    deadline: _Deadline,
    is_operators: bool,
) -> Reply:
    host = place.hostname or ""
    connected = _connected(host, _port(place), deadline, is_operators=is_operators)
    if place.scheme == "https":
        connected = _with_tls(connected, host, deadline)
    connection = http.client.HTTPConnection(host)
    connection.sock = _Wire(connected, deadline)
    given = {
        "user-agent": USER_AGENT,
        **headers,
        "host": place.netloc,
        "accept-encoding": "gzip",
        "connection": "close",
    }
    path = (place.path or "/") + (f"?{place.query}" if place.query else "")
    try:
        connection.request(method, path, body or None, given)
        answer = connection.getresponse()
        received: dict[str, str] = {}
        for name, value in answer.getheaders():
            key = name.lower()
            received[key] = f"{received[key]}, {value}" if key in received else value
        return Reply(answer.status, received, _body(answer, received, most_bytes, host))
    except TimeoutError as error:
        raise deadline.over() from error
    except (OSError, http.client.HTTPException, zlib.error) as error:
        raise NotReached(
            "broken",
            _("{host} broke off before its answer was whole.", host=host),
            _("Try again later."),
            was_sent=deadline.was_sent,
            may_pass=True,
        ) from error
    except ValueError as error:  # a line feed inside a header, or a letter that none can have
        raise NotReached(
            "bad-header",
            _("A header for {host} holds signs that cannot be sent.", host=host),
            _("Type its name and value anew, in plain letters and without line breaks."),
        ) from error
    finally:
        connected.close()


def _body(
    answer: http.client.HTTPResponse, headers: Mapping[str, str], most_bytes: int, host: str
) -> bytes:
    packing = headers.get("content-encoding", "identity").strip().lower()
    unpack = None
    if packing in {"gzip", "x-gzip", "deflate"}:
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    elif packing not in {"identity", ""}:
        raise NotReached(
            "packing",
            _("{host} packs its answers as {packing}, which was not asked for.",
              host=host, packing=packing[:40]),
            was_sent=True,
        )  # fmt: skip
    whole, came = bytearray(), 0
    while part := answer.read(_READ_BYTES):
        came += len(part)
        if unpack is None:
            whole += part
        else:
            # Never more than one byte over the limit: a kilobyte may unpack into a megabyte.
            whole += unpack.decompress(part, most_bytes + 1 - len(whole))
        if came > most_bytes or len(whole) > most_bytes:
            raise NotReached(
                "too-large",
                _("{host} answers with more than {n} bytes.", host=host, n=f"{most_bytes:,}"),
                _("Ask for less at once, such as smaller pages."),
                was_sent=True,
            )
    if answer.length:  # closed before as much had come as it said
        raise http.client.IncompleteRead(bytes(whole), answer.length)
    if unpack is not None and came and not unpack.eof:
        raise zlib.error
    return bytes(whole)


def _redirected(
    method: str, place: SplitResult, headers: Mapping[str, str], body: bytes, reply: Reply
) -> tuple[str, SplitResult, dict[str, str], bytes]:
    onward = _read(urljoin(place.geturl(), reply.headers["location"]))
    is_same = (onward.scheme, onward.hostname, _port(onward)) == (
        place.scheme, place.hostname, _port(place),
    )  # fmt: skip
    if reply.status == 303 or (reply.status in (301, 302) and method == "POST"):
        method, body = "GET", b""
    if (place.scheme == "https" and onward.scheme == "http") or (body and not is_same):
        raise NotReached(
            "redirects",
            _("{host} leads on to {other}, where what is sent would not be safe.",
              host=place.hostname, other=onward.hostname),
            _("Name the address at which it ends."),
            was_sent=True,
        )  # fmt: skip
    kept = {name: value for name, value in headers.items() if is_same or name in _ANYWHERE}
    return method, onward, kept, body


def _read(url: str) -> SplitResult:
    """An address in the one form that is sent.

    Raises:
        NotReached: it is none, or not one of HTTP.
    """
    hint = _("Write it as in a browser, such as https://example.com/reviews.")
    if any(sign.isspace() or ord(sign) < 32 or sign == "\\" for sign in url) or len(url) > 4000:
        raise NotReached("bad-address", _("The address holds signs that none can have."), hint)
    try:
        place = urlsplit(url)
        port = place.port
    except ValueError as error:
        raise NotReached("bad-address", _("This is not an address of the web."), hint) from error
    if place.scheme not in _PORTS or not place.hostname:
        raise NotReached(
            "bad-address", _("The address must begin with https:// or http:// and a host."), hint
        )
    if place.username is not None or place.password is not None:
        raise NotReached(
            "bad-address",
            _("The address holds a name or a password before its host."),
            _("Leave them out, and give them where secrets are asked for: they are kept sealed."),
        )
    host = _host(place.hostname)
    at = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[place.scheme]:
        at += f":{port}"
    path, query = (
        "".join(sign if ord(sign) < 128 else _quoted(sign) for sign in part)
        for part in (place.path, place.query)
    )
    return SplitResult(place.scheme, at, path, query, "")


def _quoted(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "replace"))


def _host(said: str) -> str:
    """A host's name or address in its plain form.

    Raises:
        NotReached: it is written in a way that programs read differently.
    """
    said = said.strip().strip("[]")
    with suppress(ValueError):
        return str(ipaddress.ip_address(said.replace("%", " ")))  # no zone of this machine
    try:
        name = said.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    labels = name.split(".")
    # 0x7f.1, 2130706433 and 0177.0.0.1 are all 127.0.0.1 to some: no name ends with a number.
    is_number = bool(re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", labels[-1]))
    if len(name) > 253 or is_number or not all(_LABEL.fullmatch(label) for label in labels):
        raise NotReached(
            "bad-address",
            _("“{host}” is not the name of a host.", host=said[:100]),
            _("Write a name such as example.com, or an address such as 203.0.113.7."),
        )
    return name


def _port(place: SplitResult) -> int:
    return place.port or _PORTS[place.scheme]


def _addresses(host: str, port: int, deadline: _Deadline, *, is_operators: bool) -> list[Address]:
    """The addresses of a host, all of which may be reached.

    Raises:
        NotReached: the name is not known, or leads to where nobody may.
    """
    found = _resolved(host, port, deadline)
    allowed = _allowed()
    if not is_operators and not allowed.has_name(host, port):
        if port < _FREE_PORTS_FROM and port not in (*_PORTS.values(), *_MAIL_PORTS):
            raise NotReached(
                "port",
                _("Port {port} is one of another service.", port=port),
                _("Use 443, 993 or one above 1023; or let whoever runs this installation allow "
                  "{host}:{port} with {name}.", host=host, port=port, name=ALLOW),
            )  # fmt: skip
        for address in found:
            if not (is_public(address) or allowed.has_address(address)):
                raise NotReached(
                    "not-public",
                    _("{host} is not a machine of the public internet ({address}).",
                      host=host, address=address),
                    _("Name another; or let whoever runs this installation allow it with {name}.",
                      name=ALLOW),
                )  # fmt: skip
    return found


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, and of nothing else at once."""
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not address.is_multicast


def _resolved(host: str, port: int, deadline: _Deadline) -> list[Address]:
    # The system's look-up cannot be broken off, so it waits beside us.
    found: list[Any] = []

    def look() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    looking = threading.Thread(target=look, daemon=True, name="name-look-up")
    looking.start()
    looking.join(deadline.left())
    if not found:
        raise deadline.over()
    if isinstance(found[0], Exception) or not found[0]:
        raise NotReached(
            "unknown-host",
            _("No machine is called {host}.", host=host),
            _("Look at how the name is written; or try again later."),
            may_pass=True,
        ) from (found[0] or None)
    return list(
        dict.fromkeys(ipaddress.ip_address(at[0].partition("%")[0]) for *_x, at in found[0])
    )


def _connected(host: str, port: int, deadline: _Deadline, *, is_operators: bool) -> socket.socket:
    trouble: OSError | None = None
    for address in _addresses(host, port, deadline, is_operators=is_operators):
        try:
            return socket.create_connection((str(address), port), timeout=deadline.left())
        except OSError as error:
            trouble = error
    raise NotReached(
        "no-connection",
        _("Nobody answers at {host}, port {port}.", host=host, port=port),
        _("Look at the address; or try again later."),
        may_pass=True,
    ) from trouble


def _with_tls(connected: socket.socket, host: str, deadline: _Deadline) -> socket.socket:
    try:
        connected.settimeout(deadline.left())
        return ssl.create_default_context().wrap_socket(connected, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        connected.close()
        raise NotReached(
            "tls",
            _("{host} cannot prove who it is: {why}.", host=host, why=error.verify_message),
            _("Whoever runs it must renew its certificate; or the address is not the right one."),
        ) from error
    except OSError as error:
        connected.close()
        raise NotReached(
            "tls",
            _("{host} speaks no TLS that can be trusted.", host=host),
            _("Look at the address and the port."),
            may_pass=True,
        ) from error


@dataclass(frozen=True, slots=True)
class _Allowed:
    names: frozenset[str]
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

    def has_name(self, host: str, port: int) -> bool:
        return host in self.names or f"{host}:{port}" in self.names

    def has_address(self, address: Address) -> bool:
        return any(
            address in network for network in self.networks if network.version == address.version
        )


def _allowed() -> _Allowed:
    names, networks = set(), []
    for said in os.environ.get(ALLOW, "").lower().split(","):
        try:
            networks.append(ipaddress.ip_network(said.strip(), strict=False))
        except ValueError:
            names.add(said.strip())
    return _Allowed(frozenset(names - {""}), tuple(networks))
