"""Where events come in: the tracking API, PostHog's, CloudEvents and signed webhooks.

A request is authenticated, read with a bound, unpacked, read by its reader, and answered when
intake says that it is on disk. Nothing here waits on a disk or on the web process. Reading 500 KB
takes some ten milliseconds and stays on the event loop: a thread would need the same interpreter.
"""

from __future__ import annotations

import base64
import binascii
import logging
import uuid
from collections.abc import Awaitable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

import msgspec

from zhiyin.collect.events import posthog, webhook
from zhiyin.collect.events.reading import read
from zhiyin.collect.events.refusing import BATCH_BYTES, EVENT_BYTES, HINTS, POSTHOG_BYTES
from zhiyin.edge import bodies, clientsettings, replies, script
from zhiyin.edge.addresses import is_this_machine
from zhiyin.edge.asgi import Handler, Header, Receive, Scope, Send, respond
from zhiyin.edge.keys import Key, Keys
from zhiyin.edge.limits import Buckets
from zhiyin.edge.replies import Slow
from zhiyin.edge.tally import Tally
from zhiyin.kernel import server_log, tracing
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, best_language, in_language
from zhiyin.warehouse.arriving import Letter, Reading

_TRACKING = (
    "batch", "b", "import", "identify", "track", "page", "screen", "group", "alias",
    "i", "t", "p", "s", "g", "a",
)  # fmt: skip

WIRES: dict[str, str] = {
    **{f"/v1/{name}": "tracking" for name in _TRACKING},
    "/beacon/v1/batch": "tracking",
    "/batch": "posthog",
    "/e": "posthog",
    "/capture": "posthog",
    "/track": "posthog",
    "/i/v0/e": "posthog",
    "/v1/events": "cloudevents",
    "/flags": "flags",
    "/decide": "flags",
}
"""Addresses that take events, without the slash that may follow, and what is spoken there."""

WEBHOOKS = "/v1/webhooks/"

_LARGEST = {"tracking": BATCH_BYTES, "cloudevents": BATCH_BYTES, "posthog": POSTHOG_BYTES,
            "webhook": EVENT_BYTES, "flags": BATCH_BYTES}  # fmt: skip

ADDRESS_RATE = 1000.0
"""Requests a second from one address, where nothing else is set; from this machine any number,
for that is where a server in front of this one stands."""

_TRACE = tracing.HEADER.encode()

_log = logging.getLogger("zhiyin.edge")


class Taking(Protocol):
    """What makes letters durable: `warehouse.intake.Intake`, as far as this side needs it."""

    def submit(self, letter: Letter, reading: Reading) -> Awaitable[None]:
        """Done when the letter is on disk; raises `Problem` where it cannot be taken."""


class _Named(msgspec.Struct, rename="camel"):
    """Where a body may hold the key."""

    write_key: Any = None
    api_key: Any = msgspec.field(name="api_key", default=None)
    token: Any = None
    properties: Any = None


_named = msgspec.json.Decoder(_Named)
_named_list = msgspec.json.Decoder(list[_Named])


class _Request(NamedTuple):
    scope: Scope
    receive: Receive
    headers: dict[bytes, bytes]
    query: dict[str, list[str]]
    wire: str
    path: str


class Reception:
    """Takes events.

    Args:
        intake: makes letters durable.
        address_rate: requests a second that one address may send; 0 is no limit, None the usual.

    Attributes:
        tally: what was taken and what was refused, since the start.
    """

    def __init__(
        self, *, data: Path, intake: Taking, public_url: str = "", address_rate: float | None = None
    ) -> None:
        self.keys = Keys(data)
        self.tally = Tally()
        self._intake = intake
        self._public = urlsplit(public_url)
        self._address_rate = address_rate
        self._script = script.Script()
        self._by_key = Buckets()
        self._by_address = Buckets()

    def route(self, scope: Scope) -> tuple[str, Handler] | None:
        """What kind of request this is and who answers it; None where it is not about events."""
        method, path = scope["method"], scope["path"]
        if path == script.PATH and method in ("GET", "HEAD"):
            return "script", self._script.answer
        wire = WIRES.get(path.rstrip("/"))
        if wire is not None or path.startswith(WEBHOOKS):
            if method == "POST":
                return wire or "webhook", self._post
            return ("preflight", _preflight) if method == "OPTIONS" else None
        if path == "/sourceConfig/" or path == "/sourceConfig" or _settings_key(path):
            if method == "GET":
                return "settings", self._settings
            return ("preflight", _preflight) if method == "OPTIONS" else None
        return None

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"")
        path = scope["path"].rstrip("/")
        wire = WIRES.get(path) or "webhook"
        query = parse_qs(scope["query_string"].decode("latin-1")) if scope["query_string"] else {}
        request = _Request(scope, receive, headers, query, wire, path)
        more: list[Header] = []
        came_with = _latin(headers.get(_TRACE, b""))
        try:
            with tracing.now_and_then(f"POST {wire}", _about_request(wire), came_with=came_with):
                status, body = await self._taken(request)
        except bodies.Left:
            return
        except Problem as problem:
            self.tally.refused(problem.code)
            with in_language(_language(headers)):
                status, body = replies.refusal(problem)
            more = replies.waiting(problem, status)
            if problem.code == "intake.origin":
                origin = b""
        except Exception:
            # Not the path: that of a webhook holds its key.
            _log.exception("a request of the %s kind", wire)
            self.tally.refused("fault")
            with in_language(_language(headers)):
                status, body = replies.refusal(_fault())
        await _answer(send, status, body, [*replies.cors(origin), *more])

    async def _taken(self, request: _Request) -> tuple[int, bytes]:
        headers, wire = request.headers, request.wire
        self.pace(request.scope)
        most = _LARGEST[wire]
        body = await bodies.read(request.receive, most)
        received_at = datetime.now(UTC).replace(tzinfo=None)
        body = bodies.unpacked(body, headers.get(b"content-encoding", b""), most)
        if wire == "flags":
            return 200, msgspec.json.encode(clientsettings.posthog_flags(str(uuid.uuid4())))
        if wire == "posthog":
            body = posthog.unwrapped(body)
        name, key = self._key(request, body)
        server_log.note_workspace(key.workspace)
        rate = key.events_per_second
        if rate and (seconds := self._by_key.wait(name, rate)) > 0:
            raise Slow(too_fast(), seconds)
        about = self._about(request, key, body)
        letter = Letter(key.workspace, key.source, wire, received_at, body, about)
        reading = read(letter)
        if rate:
            self._by_key.take(name, rate, _events(reading))
        if reading.facts or reading.changes or reading.refused:
            with tracing.inner("keep", {"zhiyin.workspace": key.workspace}):
                await self._intake.submit(letter, reading)
        self._count(key, reading, len(body))
        if reading.refused and headers.get(b"x-strict-mode", b"").strip() == b"1":
            with in_language(_language(headers)):
                return replies.refusal(_bad_events(reading), _named_events(reading))
        return 200, replies.SUCCESS

    def _count(self, key: Key, reading: Reading, size: int) -> None:
        self.tally.taken(key.workspace, key.source, _happened(reading), size)
        for refused in reading.refused:
            self.tally.refused_event(refused.code)

    def pace(self, scope: Scope) -> None:
        """Count the request.

        Raises:
            Slow: its address asks more often than it may.
        """
        client = scope.get("client")
        if not client or self._address_rate == 0:
            return
        address = str(client[0])
        if self._address_rate is None and is_this_machine(address):
            return
        rate = self._address_rate or ADDRESS_RATE
        if (seconds := self._by_address.wait(address, rate)) > 0:
            raise Slow(too_fast(), seconds)
        self._by_address.take(address, rate, 1)

    def _key(self, request: _Request, body: bytes) -> tuple[str, Key]:
        """The key that the request names, in any of the ways that SDKs have.

        Raises:
            Problem: ``intake.no-key``, ``intake.origin``.
        """
        name = self._name(request, body)
        origin = request.headers.get(b"origin", b"").decode("latin-1").lower()
        return name, self.key(name, origin, signs=request.wire == "webhook")

    def key(self, name: str, origin: str, *, signs: bool = False) -> Key:
        """The key called so, if pages of an origin may use it.

        Raises:
            Problem: ``intake.no-key``, ``intake.origin``.
        """
        key = self.keys.find(name)
        # A key with a secret is for those who sign, and a webhook is always signed.
        if key is None or bool(key.signing_secret) != signs:
            raise _no_key()
        if origin and key.origins and origin not in key.origins:
            raise Problem(
                "intake.origin",
                _("Pages of {origin} may not use this write key.", origin=origin[:100]),
                _("Add the origin to the key's origins, or make a key for it."),
            )
        return key

    def _name(self, request: _Request, body: bytes) -> str:
        if request.wire == "webhook":
            return request.path.removeprefix(WEBHOOKS)
        said = request.headers.get(b"authorization", b"")
        scheme, _space, rest = said.partition(b" ")
        if scheme.lower() == b"basic":
            if found := _user_of(rest):
                return found
        elif scheme.lower() == b"bearer" and self.keys.find(bearer := _latin(rest)):
            return bearer
        for name in request.query.keys() & {"writeKey", "api_key", "token"}:
            return request.query[name][0]
        return _name_in(body) if request.wire in ("tracking", "posthog") else ""

    def _about(self, request: _Request, key: Key, body: bytes) -> dict[str, str]:
        """What the reader needs of address and headers. No network address is ever kept."""
        headers = request.headers
        about = {"path": request.path}
        if request.wire == "tracking" and b"sentat" in headers:
            about["sent_at"] = _latin(headers[b"sentat"])
        elif request.wire == "cloudevents":
            about.update(
                (_latin(name), _latin(value))
                for name, value in headers.items()
                if name.startswith(b"ce-")
            )
        elif request.wire == "webhook":
            about = {"path": WEBHOOKS, "webhook_id": _latin(headers.get(b"webhook-id", b""))}
            webhook.verify(
                key.signing_secret,
                id=about["webhook_id"],
                timestamp=_latin(headers.get(b"webhook-timestamp", b"")),
                signatures=_latin(headers.get(b"webhook-signature", b"")),
                body=body,
                now=datetime.now(UTC).timestamp(),
            )
        return about

    async def _settings(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        path = scope["path"]
        request = _Request(scope, receive, headers, query, "settings", path)
        try:
            found = _settings_key(path)
            if found:
                request = request._replace(query={"writeKey": [found]}, headers={
                    name: value for name, value in headers.items() if name != b"authorization"
                })  # fmt: skip
            name, key = self._key(request, b"")
        except Problem as problem:
            with in_language(_language(headers)):
                status, body = replies.refusal(problem)
            await _answer(send, status, body, replies.cors(origin))
            return
        if path.startswith("/v1/projects/"):
            host, scheme = _latin(headers.get(b"host", b"")), scope["scheme"]
            # An address of this machine is the usual one, that nobody chose.
            if self._public.hostname and not is_this_machine(self._public.hostname):
                host, scheme = self._public.netloc, self._public.scheme
            document = clientsettings.segment(name, host=host, scheme=scheme)
        elif path.startswith("/array/"):
            document = clientsettings.posthog(name)
        else:
            document = clientsettings.rudderstack(name, source=key.source, workspace=key.workspace)
        await _answer(send, 200, msgspec.json.encode(document), replies.cors(origin))


def _about_request(wire: str) -> dict[str, str]:
    return {"zhiyin.wire": wire, "zhiyin.request_id": server_log.about().request_id}


def _settings_key(path: str) -> str | None:
    """The key in the address of a settings call."""
    parts = path.strip("/").split("/")
    if len(parts) == 4 and parts[:2] == ["v1", "projects"] and parts[3] == "settings":
        return parts[2]
    if len(parts) == 3 and parts[0] == "array" and parts[2] == "config":
        return parts[1]
    return None


def _name_in(body: bytes) -> str:
    """The key that a body names; blank where it names none."""
    try:
        if body[:1] == b"[":
            said = _named_list.decode(body)
            found = said[0] if said else _Named()
        else:
            found = _named.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return ""
    token = found.properties.get("token") if isinstance(found.properties, dict) else None
    for name in (found.write_key, found.api_key, found.token, token):
        if isinstance(name, str) and name:
            return name
    return ""


def _events(reading: Reading) -> int:
    """How much a reading counts: what happened or was said, and what was refused."""
    return max(_happened(reading) + len(reading.refused), 1)


def _happened(reading: Reading) -> int:
    events = reading.facts.get("events")
    return len(events["id"]) if events is not None else 0


def _named_events(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "place": refused.place,
            "code": refused.code,
            "message": str(refused.message),
            "hint": str(HINTS[refused.code]),
        }
        for refused in reading.refused
    ]


@lru_cache(1024)
def _user_of(basic: bytes) -> str:
    """The user of Basic credentials; blank where there is none."""
    try:
        return base64.b64decode(basic.strip()).partition(b":")[0].decode("latin-1")
    except binascii.Error:
        return ""


def _language(headers: dict[bytes, bytes]) -> str:
    return best_language(_latin(headers.get(b"accept-language", b"")))


def _latin(value: bytes) -> str:
    return value.decode("latin-1").strip()


async def _preflight(scope: Scope, _receive: Receive, send: Send) -> None:
    headers = dict(scope["headers"])
    answer = replies.preflight(
        headers.get(b"origin", b""), headers.get(b"access-control-request-headers", b"")
    )
    await respond(send, 204, answer)


async def _answer(send: Send, status: int, body: bytes, more: list[Header]) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *more]
    await respond(send, status, headers, body)


def _no_key() -> Problem:
    return Problem(
        "intake.no-key",
        _("The write key is missing, unknown or revoked."),
        _("`zhiyin key list` shows the keys; `zhiyin key create --write` makes one."),
    )


def too_fast() -> Problem:
    """More comes than a key or an address may send."""
    return Problem(
        "intake.too-fast",
        _("More is sent than this key or this address may send."),
        _("Wait as long as Retry-After says, and send it again."),
    )


def _bad_events(reading: Reading) -> Problem:
    return Problem(
        "intake.bad-events",
        _("{count} events were not taken; the others were.", count=len(reading.refused)),
        _("Put right those that are named, and send the batch again: no event counts twice."),
    )


def _fault() -> Problem:
    return Problem(
        "fault",
        _("Zhiyin met a fault of its own and did not take what was sent."),
        _("Keep it and send it again; the log of the server says what happened."),
    )
