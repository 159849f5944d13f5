"""What HTML says, in plain words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_HIDDEN = frozenset({"script", "style", "head", "title", "template", "svg", "object"})
_LINES = frozenset(
    {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre",
     "table", "ul", "ol", "hr", "section", "article"}
)  # fmt: skip
_MARKUP = re.compile(r"<(?:/?[A-Za-z][^<>]*|!--.*?--)>|&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]+);", re.S)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _LINES:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _LINES:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))


def words(html: str) -> str:
    """The words of a piece of HTML, a line for each paragraph."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return tidy("".join(reader.parts))


def has_markup(text: str) -> bool:
    """Whether tags or entities of HTML stand in it."""
    return bool(_MARKUP.search(text))


def tidy(text: str) -> str:
    """Lines without outer spaces, and no two blank ones in a row."""
    lines = [re.sub(r"[ \t\xa0\u3000]+", " ", line).strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
