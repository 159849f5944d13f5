"""Requests to the survey page, read: who asks, in which language, with which fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from zhiyin.collect.surveys.definition import Survey
from zhiyin.edge.asgi import Scope

FIELDS = 20
"""A link says at most so many."""

FIELD_CHARACTERS = 200


@dataclass(frozen=True)
class Asked:
    """One request.

    Args:
        id: the survey in the address.
    """

    id: str
    scope: Scope

    @cached_property
    def headers(self) -> dict[bytes, bytes]:
        """By name, the last of each."""
        return dict(self.scope["headers"])

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query string, read."""
        return read_form(self.scope["query_string"])

    @property
    def address(self) -> str:
        """The path of the survey."""
        return f"/s/{self.id}"

    @property
    def is_secure(self) -> bool:
        """Whether it came by HTTPS."""
        return bool(self.scope.get("scheme") == "https")

    def cookie(self, name: str) -> str:
        """A cookie that came with it; blank where there is none."""
        try:
            held = SimpleCookie(self.headers.get(b"cookie", b"").decode("latin-1")).get(name)
        except CookieError:
            return ""
        return held.value if held else ""

    def language(self, survey: Survey, asked: str = "") -> str:
        """In which of its languages a survey is shown.

        Args:
            asked: the one that was chosen, if any.
        """
        spoken = survey.spoken()
        if asked in spoken:
            return asked
        tags = preferred(self.headers.get(b"accept-language", b"").decode("latin-1"))
        return language_of(tags, spoken)

    def device(self) -> str:
        """What kind of thing the page is read on, by its own word."""
        agent = self.headers.get(b"user-agent", b"")
        if b"iPad" in agent or b"Tablet" in agent:
            return "tablet"
        if b"Mobi" in agent or b"Android" in agent or b"iPhone" in agent:
            return "phone"
        return "desktop" if agent else ""

    def mode(self) -> str:
        """Whether it is read inside WeChat."""
        return "wechat" if b"MicroMessenger" in self.headers.get(b"user-agent", b"") else "web"


def read_form(body: bytes) -> dict[str, list[str]]:
    """A form, URL-encoded; what is no UTF-8 has marks in its place."""
    text = body.decode("latin-1")
    return parse_qs(text, keep_blank_values=True, max_num_fields=2_000, errors="replace")


def fields(form: dict[str, list[str]]) -> dict[str, str]:
    """What the link said: ``f.city=…``."""
    said = {
        name[2:]: values[0][:FIELD_CHARACTERS]
        for name, values in form.items()
        if name.startswith("f.") and len(name) <= 62 and name[2:].isidentifier()
    }
    return dict(list(said.items())[:FIELDS])


def preferred(header: str) -> list[str]:
    """Languages that a browser asks for by ``Accept-Language``, the dearest first."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _semicolon, weight = part.strip().partition(";q=")
        try:
            found.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for _weight, tag in sorted(found, key=lambda one: one[0])]


def language_of(tags: Sequence[str], spoken: tuple[str, ...]) -> str:
    """The language of a survey that serves the first of the tags that one serves, else its own."""
    return next((found for tag in tags if (found := nearest(tag, spoken))), spoken[0])


def nearest(tag: str, spoken: tuple[str, ...]) -> str | None:
    """The language of a survey that serves a tag: the same, or the same script, or the tongue."""
    low = tag.lower().replace("_", "-")
    for code in spoken:
        if code.lower() == low:
            return code
    if low.startswith("zh"):
        is_traditional = any(part in low.split("-") for part in ("hant", "tw", "hk", "mo"))
        script = "zh-hant" if is_traditional else "zh-hans"
        found = next((code for code in spoken if code.lower() == script), None)
        return found or next((code for code in spoken if code.lower().startswith("zh")), None)
    return next((code for code in spoken if code.lower().split("-")[0] == low.split("-")[0]), None)
