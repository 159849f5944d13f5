"""ASGI: its types, and answers that are sent whole."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

_WITHOUT_BODY = (204, 304)


async def respond(
    send: Send, status: int, headers: Iterable[Header], body: bytes = b"", *, is_head: bool = False
) -> None:
    """A whole answer, with its length.

    Args:
        is_head: HEAD was asked: the body is not sent, and its length is said all the same.
    """
    said = [*headers]
    if status not in _WITHOUT_BODY:
        said.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": said})
    await send({"type": "http.response.body", "body": b"" if is_head else body})


async def answer(send: Send, status: int, body: object) -> None:
    """A small JSON answer of the log process's own."""
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await respond(send, status, headers, json.dumps(body).encode())
