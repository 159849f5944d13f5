"""Somebody who answers a survey without script."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def text(self) -> str:
        """What is read, without tags."""
        bare = re.sub(r"<(script|style)>.*?</\1>", " ", self.body, flags=re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare))).strip()

    @property
    def fields(self) -> dict[str, str]:
        """The hidden fields of its form."""
        found = re.findall(r'<input type=hidden name="?([^\s">]+)"? value="([^"]*)">', self.body)
        return {name: unescape(value) for name, value in found}

    @property
    def names(self) -> set[str]:
        """The fields that can be filled in."""
        return set(re.findall(r'name="([atk]\.[^"]+)"', self.body))


@dataclass
class Browser:
    """Somebody without script.

    Args:
        survey: its id in the address.
        keeps_cookies: else each request comes without any.
    """

    port: int
    survey: str = "flight"
    keeps_cookies: bool = True
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "en"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("accept-language", self.language)
        if self.cookies and self.keeps_cookies:
            given["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            page = Page(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()
        said = {name.lower(): value for name, value in page.headers.items()}
        page.headers = said
        if "set-cookie" in said:
            name, _equals, rest = said["set-cookie"].partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return page

    def open(self, path: str = "") -> Page:
        return self.ask("GET", path or f"/s/{self.survey}")

    def send(self, page: Page, **values: Any) -> Page:
        """Send the form of a page, and follow where it leads."""
        form = [*page.fields.items()]
        for name, value in values.items():
            listed = value if isinstance(value, list) else [value]
            form += [(name.replace("__", "."), str(one)) for one in listed]
        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = self.ask("POST", f"/s/{self.survey}", urlencode(form).encode(), **kind)
        return self.open(answer.headers["location"]) if answer.status == 303 else answer

    def answer(self, page: Page, item: str, **values: list[str]) -> Page:
        """Send one answer, as the script does."""
        body = {
            "response": page.fields["r"],
            "page": page.fields["p"],
            "item": item,
            "values": {name.replace("__", "."): value for name, value in values.items()},
        }
        kind = {"content-type": "application/json"}
        return self.ask("POST", f"/s/{self.survey}/answers", json.dumps(body).encode(), **kind)
