"""What of an event's context is worth keeping, and what is not kept for privacy.

Kept: the page, the campaign, the library, the kind of device, the system, app, locale and time
zone. Not kept: the network address, the user agent, names and advertising ids of devices, sizes
of screens: they serve to recognise a person, and no figure is broken down by them.

A context repeats itself, over the events of a batch and from one sender: what was made of the
last ones is kept by their bytes.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from zhiyin.collect.events.facts import Bad
from zhiyin.kernel.text import _

_PAGE = ("path", "url", "referrer", "title", "search")
_DEVICE = ("type", "manufacturer", "model")
_SYSTEM = ("name", "version")
_APP = ("name", "version", "build")

_WEB = ("analytics.js", "rudderlabs javascript", "zhiyin.js", "web", "posthog-js")
_APPS = ("ios", "android", "kotlin", "swift", "react-native", "flutter", "unity", "expo")
_SERVERS = (
    "python", "node", "ruby", "go", "java", "php", ".net", "dotnet", "rust", "elixir",
)  # fmt: skip

_CHANNELS = {"web": "web", "browser": "web", "mobile": "app", "app": "app", "server": "server"}


MOST_REMEMBERED = 1024
LONGEST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Context:
    """What a context says.

    Args:
        kept: what is stored; never changed, for it is shared.
        channel: ``web``, ``app``, ``server``, or None.
        session: as it was sent: text, a number, or nothing.
    """

    kept: dict[str, Any]
    channel: str | None
    session: Any


_remembered: dict[tuple[bytes, bytes], Context] = {}
_decoder = msgspec.json.Decoder()


def of(own: msgspec.Raw, shared: bytes = b"") -> Context:
    """The context of an event; what its batch says of all (`shared`) stands where it is silent.

    Raises:
        Bad: ``event.properties``: it is no JSON object.
    """
    key = (bytes(own), shared)
    found = _remembered.get(key)
    if found is None:
        found = _made(merged(own, shared))
        if len(key[0]) + len(shared) <= LONGEST_REMEMBERED:
            if len(_remembered) >= MOST_REMEMBERED:
                _remembered.clear()
            _remembered[key] = found
    return found


def merged(own: msgspec.Raw, shared: bytes = b"") -> dict[str, Any]:
    """The whole context of an event.

    Raises:
        Bad: ``event.properties``: it is no JSON object.
    """
    said = [_decoder.decode(part) for part in (shared, own) if part]
    if not all(part is None or isinstance(part, dict) for part in said):
        raise Bad("event.properties", _("{field} is no JSON object.", field="context"))
    return {name: value for part in said if part for name, value in part.items()}


def _made(context: dict[str, Any]) -> Context:
    return Context(
        kept(context),
        channel(context.get("channel"), context.get("library")),
        context.get("sessionId") or context.get("session_id"),
    )


def kept(context: dict[str, Any]) -> dict[str, Any]:
    """The part of a tracking context that is stored, as ``properties.context``."""
    found: dict[str, Any] = {}
    get = context.get
    _some(found, "page", get("page"), _PAGE)
    campaign = get("campaign")
    if isinstance(campaign, dict) and campaign:
        found["campaign"] = campaign
    library = get("library")
    if isinstance(library, dict):
        found["library"] = f"{library.get('name', '')} {library.get('version', '')}".strip()
    _some(found, "device", get("device"), _DEVICE)
    _some(found, "os", get("os"), _SYSTEM)
    _some(found, "app", get("app"), _APP)
    for name in ("locale", "timezone"):
        value = get(name)
        if isinstance(value, str) and value:
            found[name] = value
    return found


def _some(found: dict[str, Any], name: str, part: Any, fields: tuple[str, ...]) -> None:
    if isinstance(part, dict):
        picked = {field: part[field] for field in fields if part.get(field) not in (None, "")}
        if picked:
            found[name] = picked


def put(properties: dict[str, Any], found: dict[str, Any]) -> None:
    """Store a context with the properties; one of theirs that is called so steps aside."""
    if "context" in properties:
        properties["own_context"] = properties["context"]
    properties["context"] = found


def page_of(properties: dict[str, Any]) -> dict[str, Any]:
    """The page that a page call without a context names in its properties."""
    page = {name: properties[name] for name in _PAGE if isinstance(properties.get(name), str)}
    url = page.get("url")
    if url and "path" not in page:
        with contextlib.suppress(ValueError):
            page["path"] = urlsplit(url).path or "/"
    return page


def channel(said: Any, library: Any) -> str | None:
    """``web``, ``app`` or ``server``: what the event says, else by the library that sent it."""
    if isinstance(said, str) and said.lower() in _CHANNELS:
        return _CHANNELS[said.lower()]
    name = library.get("name") if isinstance(library, dict) else library
    if not isinstance(name, str):
        return None
    return _channel_of(name)


_known: dict[str, str | None] = {}


def _channel_of(name: str) -> str | None:
    if name not in _known:
        if len(_known) > 1000:  # a hostile sender names a new library each time
            _known.clear()
        small = name.lower()
        _known[name] = (
            "app" if any(part in small for part in _APPS)
            else "web" if small.startswith(_WEB)
            else "server" if any(part in small for part in _SERVERS)
            else None
        )  # fmt: skip
    return _known[name]
