"""What is told to a team, before it is in the form of any channel; and what a channel asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing told.

    Args:
        id: the same however often it is sent.
        kind: what is told, as ``alert.fired``.
        at: when it was made (UTC, ISO 8601).
        title: one line.
        lines: what there is to say, a paragraph each; plain text.
        link: where to read on; blank: nowhere.
        link_text: what the link is called.
        data: the same for programs: JSON values.
    """

    id: str
    kind: str
    at: str
    title: str
    lines: tuple[str, ...] = ()
    link: str = ""
    link_text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a channel leads to, and what proves there who we are.

    Args:
        address: typed by somebody; that of a robot is itself a secret.
        secret: of the signature; blank: there is none.
        former: a webhook's secret until it was renewed, while both hold; blank: none.
        keyword: a word without which a robot takes nothing; blank: none.
    """

    address: str
    secret: str = ""
    former: str = ""
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a request.

    Args:
        state: ``sent``; ``later``: the same may succeed; ``failed``: something must be changed
            first; ``gone``: nobody is there any more.
        said: why, as it was answered; nothing of the address is in it.
        wait_seconds: no earlier; None where nothing was said.
    """

    state: Literal["sent", "later", "failed", "gone"]
    said: str = ""
    wait_seconds: float | None = None


def posted(url: str, document: Mapping[str, Any]) -> Request:
    """A JSON document to an address."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Request(url, {"content-type": JSON}, body)


def with_query(url: str, more: Mapping[str, str]) -> str:
    """An address with more in its query."""
    place = urlsplit(url)
    query = urlencode([*parse_qsl(place.query, keep_blank_values=True), *more.items()])
    return place._replace(query=query).geturl()


def cut(text: str, most_bytes: int) -> str:
    """As much of a text as UTF-8 puts into so many bytes; an ellipsis stands for the rest."""
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    return raw[: most_bytes - 3].decode(errors="ignore") + "…"


def whole(message: Message, keyword: str = "") -> tuple[str, list[str]]:
    """Title and paragraphs, with the word that a robot demands in them."""
    title, lines = message.title, list(message.lines)
    if keyword and keyword not in title and not any(keyword in line for line in lines):
        title = f"{keyword} {title}"
    return title, lines
