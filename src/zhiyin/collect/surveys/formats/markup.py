"""Texts of other systems, which are HTML, as the plain lines that a survey page shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

_BREAKS = frozenset(
    {"br", "p", "div", "li", "tr", "ul", "ol", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_HIDDEN = frozenset({"script", "style", "head", "title"})
_MEDIA = frozenset({"img", "video", "audio", "iframe", "object", "embed", "svg", "input"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff]")
_LOOKS_LIKE = re.compile(r"<[a-zA-Z!/]|&[a-zA-Z#]")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without markup.

    Args:
        lost: names of elements that showed something else than words: pictures, sounds, links.
    """

    text: str
    lost: tuple[str, ...] = ()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lost: dict[str, None] = {}
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BREAKS:
            self.parts.append("\n")
        elif tag in _MEDIA:
            self.lost[tag] = None
        elif tag == "a" and any(name == "href" and value for name, value in attrs):
            self.lost["a"] = None

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(text: str) -> Plain:
    """The words of a text, a line for each of its paragraphs."""
    lost: tuple[str, ...] = ()
    if _LOOKS_LIKE.search(text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text, lost = "".join(reader.parts), tuple(reader.lost)
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\xa0", " "))
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return Plain("\n".join(line for line in lines if line), lost)
