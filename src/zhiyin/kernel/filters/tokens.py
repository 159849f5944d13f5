"""Cutting the text of a filter into names, words, values and signs.

Full-width signs that a Chinese keyboard types (（），＝“”) count as their ASCII forms outside
of quotes; positions in the text never move.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from zhiyin.kernel.filters.problems import FilterProblem, syntax
from zhiyin.kernel.filters.tree import Value
from zhiyin.kernel.periods import in_range
from zhiyin.kernel.text import _

Kind = Literal["name", "word", "value", "sign", "end"]

KEYWORDS = frozenset(
    {"and", "or", "not", "in", "is", "contains", "missing", "null", "between", "true", "false"}
)
NAME = r"[^\W\d]\w*(?:\.\w+)*"

_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_AS_ASCII = str.maketrans(
    {
        **{chr(code): form for code, form in _FULL_WIDTH.items()},
        "、": ",",
        "\u200b": " ",
        "\ufeff": " ",
    }
)
_CLOSING = {"'": "'", '"': '"', "“": "“”", "”": "“”", "‘": "‘’", "’": "‘’"}

_name = re.compile(NAME)
_moment = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[Tt](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?(?![\w-])")
_other_date = re.compile(r"\d+([-/.])\d+\1\d+|\d+-\d+")
_number = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])")
_sign = re.compile(r"<=|>=|!=|<|>|=|\(|\)|,|≠|≤|≥")
_SAME = {"≠": "!=", "≤": "<=", "≥": ">="}
_HABITS = {
    "==": "=",
    "<>": "!=",
    "&&": "and",
    "||": "or",
    "=>": ">=",
    "=<": "<=",
    "!": "not",
    "&": "and",
    "|": "or",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, from `start` up to `end` (0-based)."""

    kind: Kind
    word: str
    start: int
    end: int
    value: Value | None = None


def plain(text: str) -> str:
    """The text with full-width signs as ASCII, character for character."""
    return text.translate(_AS_ASCII)


def tokens(text: str) -> list[Token]:
    """The pieces of `text`, the last of kind ``end``.

    Raises:
        FilterProblem: a character that begins nothing, an open quote, a date that is none.
    """
    ascii_text = plain(text)
    found: list[Token] = []
    at = 0
    while True:
        while at < len(text) and ascii_text[at].isspace():
            at += 1
        if at == len(text):
            found.append(Token("end", "", at, at))
            return found
        found.append(_token(text, ascii_text, at))
        at = found[-1].end


def _token(text: str, ascii_text: str, at: int) -> Token:
    here = ascii_text[at]
    if here in _CLOSING:
        return _quoted(text, at, _CLOSING[here] + text[at], "value")
    if here == "`":
        return _quoted(text, at, "`" + text[at], "name")
    if hit := _name.match(ascii_text, at):
        word = hit[0].lower()
        if word in ("true", "false"):
            return Token("value", hit[0], at, hit.end(), word == "true")
        return Token("word" if word in KEYWORDS else "name", hit[0], at, hit.end())
    if hit := _moment.match(ascii_text, at):
        return Token("value", hit[0], at, hit.end(), _time(text, hit))
    if hit := _other_date.match(ascii_text, at):
        raise _no_date(text, at, hit[0])
    if hit := _number.match(ascii_text, at):
        return Token("value", hit[0], at, hit.end(), _amount(text, hit))
    for habit, ours in _HABITS.items():
        if ascii_text.startswith(habit, at) and not ascii_text.startswith("!=", at):
            raise syntax(
                text,
                at,
                _(
                    "“{found}” at character {at} is not a sign of this language.",
                    found=habit,
                    at=at + 1,
                ),
                _("Write {ours} instead.", ours=ours),
                len(habit),
            )
    if hit := _sign.match(ascii_text, at):
        return Token("sign", _SAME.get(hit[0], hit[0]), at, hit.end())
    raise _unreadable(text, ascii_text, at)


def _quoted(text: str, at: int, closing: str, kind: Kind) -> Token:
    # `closing` is compared with the text itself: a full-width quote inside ASCII ones is content.
    pieces: list[str] = []
    begin = end = at + 1
    while end < len(text):
        if text[end] not in closing:
            end += 1
            continue
        pieces.append(text[begin:end])
        # A quote inside quotes is written twice.
        if text[end + 1 : end + 2] == text[end]:
            pieces.append(text[end])
            begin = end = end + 2
            continue
        content = "".join(pieces)
        if kind == "name":
            return Token("name", _column(text, at, content), at, end + 1)
        return Token("value", text[at : end + 1], at, end + 1, content)
    raise syntax(
        text,
        at,
        _("The quote opened at character {at} is never closed.", at=at + 1),
        _("Close it; a quote inside the text is written twice."),
    )


def _column(text: str, at: int, name: str) -> str:
    # Any character but a line break: headers of Chinese files have full-width spaces.
    if name.strip() and name.splitlines() == [name]:
        return name
    raise syntax(
        text,
        at,
        _("The backquotes at character {at} hold no column name.", at=at + 1),
        _("Write the column's name between them, in one line."),
        len(name) + 2,
    )


def _time(text: str, hit: re.Match[str]) -> date | datetime:
    try:
        if hit[2]:
            return in_range(datetime.fromisoformat(f"{hit[1]}T{_six_digits(hit[2])}"))
        return in_range(date.fromisoformat(hit[1]))
    except ValueError:
        raise _no_date(text, hit.start(), hit[0]) from None


def _no_date(text: str, at: int, found: str) -> FilterProblem:
    return syntax(
        text,
        at,
        _("“{found}” at character {at} is not a date.", found=found, at=at + 1),
        _("Write dates as 2026-01-31 and times as 2026-01-31T10:00."),
        len(found),
    )


def _six_digits(clock: str) -> str:
    head, dot, fraction = clock.partition(".")
    return f"{head}.{fraction:0<6}" if dot else head


def _amount(text: str, hit: re.Match[str]) -> int | float:
    whole = not set(hit[0]) & set(".eE")
    # The engines count in 64 bits; a longer number would silently become another.
    if whole and len(hit[0]) <= 20 and -(2**63) <= int(hit[0]) < 2**63:
        return int(hit[0])
    if not whole and math.isfinite(float(hit[0])):
        return float(hit[0])
    raise syntax(
        text,
        hit.start(),
        _("The number at character {at} is too large.", at=hit.start() + 1),
        _("Put it in quotes if it is an id."),
        len(hit[0]),
    )


def _unreadable(text: str, ascii_text: str, at: int) -> FilterProblem:
    if ascii_text[at].isdigit():
        hint = _("Put text in quotes, and a column name that begins with a digit in backquotes.")
    elif ascii_text[at] == "-":
        hint = _("Put a column name with a space or a hyphen in backquotes.")
    else:
        hint = _("Put text in quotes: 'text'.")
    message = _("“{found}” at character {at} cannot be read.", found=text[at], at=at + 1)
    return syntax(text, at, message, hint)
