"""The way through to the web process: a request in, its answer out, both as streams."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from zhiyin.collect.files.limits import UPLOAD_BYTES
from zhiyin.edge import bodies
from zhiyin.edge.asgi import Receive, Scope, Send, respond
from zhiyin.kernel import server_log
from zhiyin.kernel.exposition import INSIDE, Family
from zhiyin.maps.audit_pictures import MOST_BYTES as PICTURE_BYTES

HOP_BY_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
"""Headers about one connection, which the next does not get (RFC 9110, 7.6.1)."""

CLAIMS = frozenset({b"forwarded", b"x-real-ip", b"x-forwarded-for", b"x-forwarded-host",
                    b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-by",
                    INSIDE.lower().encode()})  # fmt: skip
"""Headers that say who asks. Ours are put in their place; a visitor's are not believed."""

CONNECTIONS = 64

MOST_BODY_BYTES = 2_500_000
"""No form of ours is larger, but for the one that brings a file."""

UPLOADS = re.compile(rb"/[a-z0-9-]+/data/imports/new/|/api/v1/imports")
"""Where a file to import is sent: whoever is answered 200 to a HEAD there may send one."""

MOST_UPLOAD_BYTES = UPLOAD_BYTES + 1_000_000
"""A file, and the form around it."""

PICTURES = re.compile(
    rb"/[a-z0-9-]+/journeys/audits/[0-9]+/runs/[0-9]+/[0-9]+/picture/change/"
    rb"|/api/v1/walkthroughs/[0-9]+/runs/[0-9]+/steps/[0-9]+/picture"
)
"""Where a picture of a walkthrough is sent: as above."""

MOST_PICTURE_BYTES = PICTURE_BYTES + 100_000
"""A picture, and the form around it."""

_families = msgspec.json.Decoder(list[Family]).decode

AWAY = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Zhiyin 知音</title>
<p>The pages are starting. Load this page again in a moment.</p>
<p lang="zh-CN">页面正在启动，请稍后刷新。</p></html>
""".encode()


TOO_LARGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Zhiyin 知音</title>
<p>This is more than a page takes at once. Send less at a time. Files are brought in on the page
Import, up to 1 GB, and larger ones on the server with: <code>zhiyin import</code></p>
<p lang="zh-CN">内容超过页面一次可接收的大小，请分次提交。
文件请在“数据导入”页面上传（不超过 1 GB），更大的文件请在服务器上用
<code>zhiyin import</code> 导入。</p>
</html>
""".encode()

NOT_ALLOWED = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Zhiyin 知音</title>
<p>You cannot bring files in here. Sign in again, as somebody who may change data; a program needs
a key with that right.</p>
<p lang="zh-CN">您不能在此导入文件。请以有权更改数据的账号重新登录；程序需使用有该权限的密钥。</p>
</html>
""".encode()


class _TooLarge(Exception):  # noqa: N818 - the visitor's fault and not ours
    """A body that did not say its length is longer than may be."""


class Passing:
    """Passes requests to the web process over its Unix socket."""

    def __init__(self, socket: Path, *, public_url: str = "") -> None:
        self._socket = socket
        self._scheme = urlsplit(public_url).scheme
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the client; inside the event loop."""
        connector = aiohttp.UnixConnector(path=str(self._socket), limit=CONNECTIONS)
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=300),
        )

    async def close(self) -> None:
        """Close the connections to the web process."""
        if self._session is not None:
            await self._session.close()

    async def is_web_alive(self) -> bool:
        """Whether the web process answers."""
        if self._session is None:
            return False
        timeout = aiohttp.ClientTimeout(total=2)
        try:
            async with self._session.get("http://web/healthz", timeout=timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def figures(self) -> list[Family] | None:
        """What the web process says about itself; None where it does not answer."""
        if self._session is None:
            return None
        timeout = aiohttp.ClientTimeout(total=2)
        headers = {INSIDE: "1"}
        try:
            async with self._session.get(
                "http://web/metrics", headers=headers, timeout=timeout
            ) as response:
                said = await response.read()
                return _families(said) if response.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError):
            return None

    async def forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on and its answer back; a visitor who leaves ends both."""
        if self._session is None:
            await _say(send, 503, AWAY)
            return
        if _length(scope) > _most(scope):
            await bodies.drop(receive)
            await _say(send, 413, TOO_LARGE)
            return
        # What is kept on the disk on its way is asked about before any of it is taken.
        if _length(scope) > MOST_BODY_BYTES and not await self._may_open(self._session, scope):
            await bodies.drop(receive)
            await _say(send, 403, NOT_ALLOWED)
            return
        body_done = asyncio.Event()
        passing = asyncio.ensure_future(self._pass(self._session, scope, receive, send, body_done))
        leaving = asyncio.ensure_future(_left(receive, body_done))
        try:
            await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (passing, leaving):
                if not task.done():
                    task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await passing
            with contextlib.suppress(asyncio.CancelledError):
                await leaving

    async def _may_open(self, session: aiohttp.ClientSession, scope: Scope) -> bool:
        """Whether the visitor may open the page that she sends something to."""
        headers = self._headers(scope)
        for name in ("Content-Length", "Content-Type", "Expect"):
            headers.popall(name, None)
        target = "http://web" + scope["raw_path"].decode("latin-1")
        timeout = aiohttp.ClientTimeout(total=60)
        try:
            async with session.head(
                URL(target, encoded=True), headers=headers, allow_redirects=False, timeout=timeout
            ) as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def _pass(
        self,
        session: aiohttp.ClientSession,
        scope: Scope,
        receive: Receive,
        send: Send,
        body_done: asyncio.Event,
    ) -> None:
        target = "http://web" + scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        headers = self._headers(scope)
        has_body = any(
            name in (b"content-length", b"transfer-encoding") for name, _v in scope["headers"]
        )
        if not has_body:
            body_done.set()
        is_started = False
        try:
            async with session.request(
                scope["method"],
                URL(target, encoded=True),
                headers=headers,
                data=_body(receive, body_done, _most(scope)) if has_body else None,
                allow_redirects=False,
            ) as response:
                is_started = True
                await send(
                    {
                        "type": "http.response.start",
                        "status": response.status,
                        "headers": [
                            (name.lower(), value)
                            for name, value in response.raw_headers
                            if name.lower() not in HOP_BY_HOP
                        ],
                    }
                )
                async for chunk in response.content.iter_any():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except (aiohttp.ClientError, TimeoutError) as error:
            if is_started:
                # Half an answer is out: breaking off is the only honest end.
                raise
            if isinstance(error.__cause__, _TooLarge):
                await bodies.drop(receive)
                await _say(send, 413, TOO_LARGE)
            else:
                await _say(send, 503, AWAY)

    def _headers(self, scope: Scope) -> CIMultiDict[str]:
        named = {
            token.strip().lower()
            for name, value in scope["headers"]
            if name == b"connection"
            for token in value.split(b",")
        }
        headers: CIMultiDict[str] = CIMultiDict()
        for name, value in scope["headers"]:
            if name not in HOP_BY_HOP and name not in CLAIMS and name not in named:
                headers.add(name.decode("latin-1"), value.decode("latin-1"))
        client = scope.get("client")
        headers["X-Forwarded-For"] = client[0] if client else "127.0.0.1"
        headers["X-Forwarded-Proto"] = self._scheme or scope["scheme"]
        headers["X-Forwarded-Host"] = headers.get("Host", "")
        headers[server_log.HEADER] = server_log.about().request_id
        return headers


def _length(scope: Scope) -> int:
    """How long the body says that it is; the server has seen to it that it says so once."""
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() else 0


def _is_sent_to(places: re.Pattern[bytes], scope: Scope) -> bool:
    """Whether this is a file for one of these places, which says its length."""
    is_there = places.fullmatch(scope["raw_path"]) is not None
    return is_there and scope["method"] == "POST" and _length(scope) > 0


def _most(scope: Scope) -> int:
    """How many bytes the body of a request may have."""
    if _is_sent_to(PICTURES, scope):
        return MOST_PICTURE_BYTES
    return MOST_UPLOAD_BYTES if _is_sent_to(UPLOADS, scope) else MOST_BODY_BYTES


async def _body(receive: Receive, done: asyncio.Event, most: int) -> AsyncIterator[bytes]:
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        size += len(message.get("body", b""))
        if size > most:
            raise _TooLarge
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            done.set()
            return


async def _left(receive: Receive, body_done: asyncio.Event) -> None:
    """Returns when the visitor has left; the body is somebody else's to read."""
    await body_done.wait()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, status: int, page: bytes) -> None:
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"2"))
    await respond(send, status, headers, page)
