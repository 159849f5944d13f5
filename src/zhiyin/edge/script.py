"""Scripts that pages load, ``/z.js`` and ``/w.js``: read and packed once, told apart by content."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from zhiyin.edge.asgi import Receive, Scope, Send, respond

PATH = "/z.js"
WIDGET_PATH = "/w.js"
FILES = Path(__file__).parent / "static"


class Script:
    """Answers requests for a script, from any page of any origin."""

    def __init__(self, path: str = PATH) -> None:
        self._plain = (FILES / path[1:]).read_bytes()
        self._packed = gzip.compress(self._plain, 9, mtime=0)
        self._tag = b'"' + hashlib.sha256(self._plain).hexdigest()[:20].encode() + b'"'

    async def answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """The script, or that the one which the browser has is the same."""
        asked = dict(scope["headers"])
        headers = [
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"cache-control", b"public, max-age=3600"),
            (b"etag", self._tag),
            (b"vary", b"accept-encoding"),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if self._tag in asked.get(b"if-none-match", b""):
            await respond(send, 304, headers)
            return
        body = self._plain
        if b"gzip" in asked.get(b"accept-encoding", b""):
            body = self._packed
            headers.append((b"content-encoding", b"gzip"))
        await respond(send, 200, headers, body, is_head=scope["method"] == "HEAD")
