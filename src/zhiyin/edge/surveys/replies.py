"""Answers of the survey page: HTML with its policy, a way on, or a small document."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from zhiyin.edge.surveys import page

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

_ALWAYS: list[Header] = [
    (b"cache-control", b"no-store"),
    # The address may be the key of a response.
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]


async def html(
    send: Send,
    status: int,
    text: str,
    *,
    colour: str = "",
    is_packed: bool,
    is_head: bool = False,
    more: list[Header] | None = None,
) -> None:
    """A page.

    Args:
        colour: the company's, which its policy allows the style of.
        is_packed: the browser takes gzip.
    """
    body = text.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", page.policy(colour)),
        (b"vary", b"accept-encoding, accept-language, cookie"),
        *_ALWAYS,
        *(more or []),
    ]
    if is_packed:
        body = gzip.compress(body, 4, mtime=0)
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else body})


async def see(send: Send, address: str, more: list[Header]) -> None:
    """Go on there, by GET."""
    headers = [
        (b"location", address.encode()),
        (b"content-length", b"0"),
        *_ALWAYS,
        *more,
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def document(send: Send, status: int, body: object, more: list[Header] | None = None) -> None:
    """A small JSON document."""
    text = msgspec.json.encode(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(text)).encode()),
        *_ALWAYS,
        *(more or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
