"""The recorded requests of the official SDKs, as they were on the wire."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """Where they are: `sdk_recordings` beside the folder of real data."""
    data = Path(os.environ.get("ZHIYIN_TEST_DATA") or ROOT.parent / "shared" / "data")
    found = data.parent / "sdk_recordings"
    if not found.is_dir():
        said = f"the recordings are not in {found}; name their sibling in ZHIYIN_TEST_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return found


@dataclass(frozen=True)
class Request:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: list[tuple[str, str]]
    is_packed: bool
    document: Any

    def body(self, key: str) -> bytes:
        """As it was sent, with our key in the place of the recorder's."""
        if self.document is None:
            return b""
        text = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))
        body = _with_key(text, key).encode()
        return gzip.compress(body) if self.is_packed else body

    def send(self, port: int, key: str) -> tuple[int, bytes]:
        """Send it; status and body of the answer."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        body = self.body(key)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.putrequest(
                self.method, _with_key(self.path + query, key), skip_accept_encoding=True
            )
            for name, value in self.headers:
                if name.lower() in ("host", "content-length", "connection"):
                    continue
                if value.startswith("Basic "):
                    user = base64.b64decode(value[6:]).decode()
                    value = "Basic " + base64.b64encode(_with_key(user, key).encode()).decode()
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The events in it."""
        if self.method != "POST" or self.path.startswith("/flags"):
            return []
        found: list[dict[str, Any]] = self.document.get("batch", [self.document])
        return found

    @property
    def sent_at(self) -> str | None:
        said = self.document.get("sentAt") or self.document.get("sent_at")
        return str(said) if said else None


@dataclass(frozen=True)
class Recording:
    """One SDK in one scenario."""

    name: str
    sdk: str
    scenario: str
    requests: list[Request]


def recordings() -> list[Recording]:
    """All of them."""
    found = []
    for file in sorted(folder().glob("*__*.json")):
        said = json.loads(file.read_text("utf-8"))
        requests = [
            Request(
                each["method"],
                each["path"],
                each["query"] or {},
                [(name, value) for name, value in each["headers"]],
                each["body_note"] == "gzip" or each["content_encoding"] == "gzip",
                each["body_json"],
            )
            for each in said["requests"]
            if not (each["path"].startswith("/page/") or each["path"].endswith((".js", ".ico")))
        ]
        found.append(Recording(file.stem, said["sdk"], said["scenario"], requests))
    return found


def _with_key(text: str, key: str) -> str:
    return text.replace("WRITEKEY", key).replace("phc_test", key)
