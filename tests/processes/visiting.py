"""Somebody who is signed in at a real server."""

from __future__ import annotations

import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

from tests.processes.conftest import Server


class Visitor:
    """The administrator, with her cookies."""

    def __init__(self, server: Server, password: str) -> None:
        self._jar = CookieJar()
        keeping = urllib.request.HTTPCookieProcessor(self._jar)
        self._opener = urllib.request.build_opener(keeping)
        self._address = f"http://{server.host}:{server.port}"
        self.send("/sign-in/", "/sign-in/", username="admin", password=password)

    @property
    def cookie(self) -> str:
        """The header with which a request of another program is hers."""
        return "; ".join(f"{one.name}={one.value}" for one in self._jar)

    def read(self, path: str, body: bytes | None = None) -> str:
        """A page, after its redirects."""
        with self._opener.open(self._address + path, body, timeout=60) as answer:
            return str(answer.read().decode())

    def send(self, page: str, to: str, **given: str) -> str:
        """What comes when a form of a page is sent."""
        token = self.read(page).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        return self.read(to, urlencode({**given, "csrfmiddlewaretoken": token}).encode())
