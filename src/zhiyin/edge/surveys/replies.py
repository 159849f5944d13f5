"""Answers of the survey page: HTML with its policy, a way on, or a small document."""

from __future__ import annotations

import gzip

import msgspec

from zhiyin.collect.surveys.html import page
from zhiyin.edge.asgi import Header, Send, respond

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
    hosts: tuple[str, ...] = (),
    is_packed: bool,
    is_head: bool = False,
    more: list[Header] | None = None,
) -> None:
    """A page.

    Args:
        colour: the company's, which its policy allows the style of.
        hosts: origins whose pages may hold it in a frame.
        is_packed: the browser takes gzip.
    """
    body = text.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", page.policy(colour, hosts)),
        (b"vary", b"accept-encoding, accept-language, cookie"),
        *_ALWAYS,
        *(more or []),
    ]
    if is_packed:
        body = gzip.compress(body, 4, mtime=0)
        headers.append((b"content-encoding", b"gzip"))
    await respond(send, status, headers, body, is_head=is_head)


async def see(send: Send, address: str) -> None:
    """Go on there, by GET."""
    await respond(send, 303, [(b"location", address.encode()), *_ALWAYS])


async def document(send: Send, status: int, body: object) -> None:
    """A small JSON document."""
    headers = [(b"content-type", b"application/json"), *_ALWAYS]
    await respond(send, status, headers, msgspec.json.encode(body))
