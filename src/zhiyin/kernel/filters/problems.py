"""Errors that point at the character."""

from __future__ import annotations

import unicodedata

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

_AROUND = 30


class FilterProblem(Problem):
    """A filter that cannot be read.

    Args:
        position: the character where reading stopped, counted from 1.
        length: how many characters are meant.
    """

    def __init__(
        self, code: str, message: Text, hint: Text | None, position: int, length: int
    ) -> None:
        super().__init__(code, message, hint)
        self.position = position
        self.length = length


def syntax(text: str, at: int, message: Text, advice: Text, length: int = 1) -> FilterProblem:
    """The error at character `at` (0-based): the advice, then the place with a mark under it."""
    if not text.strip():
        return FilterProblem("filter.syntax", message, advice, at + 1, length)
    hint = _("{advice}\n  {excerpt}\n  {mark}", advice=advice, **_excerpt(text, at, length))
    return FilterProblem("filter.syntax", message, hint, at + 1, length)


def too_large(at: int, message: Text, advice: Text) -> FilterProblem:
    """A filter over one of the limits."""
    return FilterProblem("filter.too-large", message, advice, at + 1, 1)


def _excerpt(text: str, at: int, length: int) -> dict[str, object]:
    begin = max(text.rfind("\n", 0, at) + 1, at - _AROUND)
    line = text[begin : at + _AROUND + length].split("\n")[0].replace("\t", " ")
    before = "".join("\u3000" if _is_wide(char) else " " for char in line[: at - begin])
    return {"excerpt": line.rstrip(), "mark": before + "^" * max(1, min(length, _AROUND))}


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
