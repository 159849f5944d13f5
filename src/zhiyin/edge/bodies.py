"""Bodies of requests: read with a bound, unpacked with a bound."""

from __future__ import annotations

import zlib

from zhiyin.edge.asgi import Receive
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

DRAINED_BYTES = 16 * 1024 * 1024
"""Of a body that is too large so much is read and dropped, that the sender may hear the answer."""

GZIP = b"\x1f\x8b"
EITHER = 47
"""zlib's window for gzip or zlib, whichever it is."""


class Left(Exception):  # noqa: N818 - not a fault
    """The sender went away before the body was complete."""


async def read(receive: Receive, most: int) -> bytes:
    """The whole body.

    Raises:
        Problem: ``intake.too-large``.
        Left: the sender went away.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= most:
            parts.append(part)
        elif size > DRAINED_BYTES:
            break
        if not message.get("more_body"):
            break
    if size > most:
        raise _too_large(most)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def drop(receive: Receive) -> None:
    """Take in a body that nobody wants, so that its sender hears the answer; not without end."""
    size = 0
    while size <= DRAINED_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


def unpacked(body: bytes, encoding: bytes, most: int) -> bytes:
    """The body without its compression, declared or only seen.

    Raises:
        Problem: ``intake.too-large``, ``intake.encoding``.
    """
    encoding = encoding.strip().lower()
    if encoding not in (b"", b"identity", b"gzip", b"x-gzip", b"deflate"):
        raise Problem(
            "intake.encoding",
            _("The body is packed as {encoding}.", encoding=encoding.decode("latin-1")[:40]),
            _("Send it as gzip or deflate, or not packed at all."),
        )
    # PostHog's browser client says nothing of its gzip; a proxy may have unpacked and not said so.
    if body[:2] == GZIP or (encoding == b"deflate" and body[:1] not in (b"{", b"[")):
        return _inflated(body, most)
    return body


def _inflated(body: bytes, most: int) -> bytes:
    found = b""
    rest = body
    window = EITHER
    while rest:
        inflater = zlib.decompressobj(window)
        try:
            # One byte more than may be is enough to know; a bomb is never unpacked.
            found += inflater.decompress(rest, most + 1 - len(found))
        except zlib.error as error:
            if window == EITHER and not found and body[:2] != GZIP:
                window = -15  # bare deflate, as some clients send it
                continue
            raise _broken() from error
        if len(found) > most:
            raise _too_large(most)
        if not inflater.eof:
            raise _broken()
        rest = inflater.unused_data
        if rest[:2] != GZIP:
            return found
    return found


def _too_large(most: int) -> Problem:
    return Problem(
        "intake.too-large",
        _("The body has more than {most} bytes.", most=most),
        _("Send smaller batches: SDKs have a setting for it."),
    )


def _broken() -> Problem:
    return Problem(
        "intake.encoding",
        _("The packed body is broken."),
        _("Send it again, whole."),
    )
