"""SVG as text: escaped, and painted for a page or for a file.

On a page colours are the style sheet's variables, so that light and dark both work; in a file
they are written in, because nothing there knows the variables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Tone = Literal["bad", "mid", "good"]
"""``bad`` and ``good`` only where a difference is more than chance."""

Anchor = Literal["start", "middle", "end"]

SMALL, NORMAL = 12, 13
"""Sizes of writing: ticks and notes; names."""
_LINE = 15
"""From one line of a name to the next."""

_FONT = (
    "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei',"
    " 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
)
_LIGHT = {
    "ink": "#15181c", "ink-2": "#474d56", "ink-3": "#676e78", "surface": "#ffffff",
    "sunken": "#f5f6f7", "line": "#e4e6e9", "control": "#868d97", "bad-3": "#96400f",
    "bad-2": "#c8692a", "mid-2": "#8a8c90", "good-3": "#09566f", "good-2": "#2383a3",
    "bad-1": "#f6e1cf", "good-1": "#cee6ee", "accent": "#3a4fa8",
}  # fmt: skip
_INK_TEXT, _NOTE = {"fill": "$ink"}, {"fill": "$ink-3"}
_BAR = {"stroke-width": "5", "stroke-linecap": "round", "opacity": ".42"}
_HALO = {"paint-order": "stroke", "stroke": "$surface", "stroke-width": "5px"}
_PAINTED: dict[str, Mapping[str, str]] = {
    "paper": {"fill": "$surface"},
    "grid": {"stroke": "$line"},
    "scale": {"stroke": "$control"},
    "few": {"stroke": "$control", "stroke-dasharray": "1 4", "stroke-linecap": "round"},
    "all": {"stroke": "$mid-2"},
    "target": {"stroke": "$ink-2", "stroke-dasharray": "6 3"},
    "season": {"fill": "$sunken"},
    "event": {"stroke": "$ink-3", "stroke-dasharray": "1 3"},
    "band": {"fill": "$ink", "fill-opacity": ".11"},
    "edge": {"fill": "none", "stroke": "$ink-3", "stroke-dasharray": "3 3"},
    "line first": {"fill": "none", "stroke": "$ink", "stroke-width": "1.6"},
    "line second": {"fill": "none", "stroke": "$ink-2", "stroke-width": "1.4"},
    "line more": {"fill": "none", "stroke": "$mid-2", "stroke-width": "1.2"},
    "point": {"fill": "$ink"},
    "point open": {"fill": "$surface", "stroke": "$ink-2", "stroke-width": "1.5"},
    "ci bad": {**_BAR, "stroke": "$bad-2"},
    "ci mid": {**_BAR, "stroke": "$mid-2"},
    "ci good": {**_BAR, "stroke": "$good-2"},
    "bead bad": {"fill": "$bad-3"},
    "bead mid": {"fill": "$ink-2"},
    "bead good": {"fill": "$good-3"},
    "was": {"fill": "$surface", "stroke": "$ink-3", "stroke-width": "1.2"},
    "name": _INK_TEXT,
    "tick": _NOTE,
    "note": {**_NOTE, **_HALO},
    "change bad": {"fill": "$bad-3", "font-weight": "600"},
    "change mid": _NOTE,
    "ground": {"fill": "$sunken"},
    "bar": {"fill": "$mid-2", "fill-opacity": ".55"},
    "whisker": {"stroke": "$ink", "stroke-width": "2"},
    "flow": {"fill": "none", "stroke": "$ink-3", "stroke-opacity": ".42"},
    "flow back": {
        "fill": "none",
        "stroke": "$ink-3",
        "stroke-opacity": ".42",
        "stroke-dasharray": "5 4",
    },
    "tip": {"fill": "$ink-3"},
    "box": {"fill": "$surface", "stroke": "$control"},
    "change good": {"fill": "$good-3", "font-weight": "600"},
    "strong": {**_INK_TEXT, "font-weight": "600"},
    "soft": {"fill": "$ink-2"},
    "sign": {"fill": "none", "stroke": "$ink-2", "stroke-width": "1.1"},
    "rule": {"stroke": "$ink", "stroke-width": "2"},
    "node": {"fill": "$sunken"},
    "node bad-1": {"fill": "$bad-1", "fill-opacity": ".62"},
    "node bad-2": {"fill": "$bad-2", "fill-opacity": ".34"},
    "node good-1": {"fill": "$good-1", "fill-opacity": ".55"},
    "node good-2": {"fill": "$good-2", "fill-opacity": ".3"},
    "node unbound": {"fill": "none", "stroke": "$control", "stroke-dasharray": "4 3"},
    "rank": {"fill": "$accent"},
    "rank number": {"fill": "$surface", "font-weight": "600"},
    "pin problem": {"fill": "$surface", "stroke": "$bad-3", "stroke-width": "1.2"},
    "pin suggestion": {"fill": "$surface", "stroke": "$accent", "stroke-width": "1.2"},
    "pin-sign problem": {"fill": "none", "stroke": "$bad-3", "stroke-width": "1.2"},
    "pin-sign suggestion": {"fill": "none", "stroke": "$accent", "stroke-width": "1.2"},
    "pin-number problem": {"fill": "$bad-3", "font-weight": "600"},
    "pin-number suggestion": {"fill": "$accent", "font-weight": "600"},
}
"""How each part looks, by its class; a word after ``$`` is a colour."""

# What XML cannot hold, even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Paint:
    """Where colours come from.

    Args:
        colours: by their names; None leaves them to the page's style sheet.
    """

    colours: Mapping[str, str] | None = None

    def of(self, part: str) -> dict[str, str]:
        """The attributes of a part, by its class."""
        return {name: self._value(value) for name, value in _PAINTED[part].items()}

    def _value(self, value: str) -> str:
        if not value.startswith("$"):
            return value
        name = value[1:]
        return f"var(--{name})" if self.colours is None else self.colours[name]


PAGE = Paint()
FILE = Paint(_LIGHT)


def shape(tag: str, part: str, paint: Paint, /, *inside: str, **places: float | str) -> str:
    """One element of a class, painted; `inside` is markup already.

    Args:
        places: attributes; numbers are written with one decimal at most.
    """
    attributes: dict[str, float | str] = {"class": part, **places, **paint.of(part)}
    return element(tag, attributes, *inside)


def text(
    words: str,
    part: str,
    paint: Paint,
    *,
    x: float,
    y: float,
    anchor: Anchor = "start",
    size: int = SMALL,
) -> str:
    """Words at a place."""
    places = {"x": x, "y": y, "text-anchor": anchor, "font-size": size}
    return shape("text", part, paint, escaped(words), **places)


def title(words: str) -> str:
    """What is said of the shape around it when a pointer rests on it."""
    return f"<title>{escaped(words)}</title>"


def element(tag: str, attributes: Mapping[str, float | str], *inside: str) -> str:
    """An element; its attributes are escaped, `inside` is markup already."""
    written = "".join(f' {name}="{_written(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{written}/>"


def picture(
    parts: Iterable[str],
    *,
    kind: str,
    words: str,
    width: float,
    height: float,
    paint: Paint,
    role: Literal["img", "group"] = "img",
    is_sized: bool = False,
) -> str:
    """The parts as one image that says in words what it shows.

    Args:
        kind: the class by which a page lays it out.
        words: its name for those who do not see it.
        role: a ``group`` has links in it; what an ``img`` holds is one thing to who listens.
        is_sized: whether a page shows it at its own size; else it fits where it stands.
    """
    attributes: dict[str, float | str] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": kind,
        "viewBox": f"0 0 {width:g} {height:g}",
        "role": role,
        "aria-label": words,
    }
    ground: list[str] = []
    if is_sized:
        attributes["width"] = width
    if paint.colours is not None:
        attributes |= {"width": width, "height": height, "font-family": _FONT}
        ground = [shape("rect", "paper", paint, width=width, height=height)]
    return element("svg", attributes, title(words), *ground, *parts)


def escaped(words: str) -> str:
    """Words as markup."""
    return escape(_NOT_XML.sub("", words))


def width_of(words: str, size: int = NORMAL) -> float:
    """About how wide words are: a Chinese character is as wide as it is high."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" or letter == "%" for letter in words)
    return size * (wide + 0.6 * (len(words) - wide))


def shortened(words: str, width: float, size: int = NORMAL) -> str:
    """The words, or as many of their letters as fit and an ellipsis."""
    if width_of(words, size) <= width + 0.01:
        return words
    kept = words
    while kept and width_of(kept, size) + size > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def lines_of(words: str, width: float, size: int = NORMAL) -> list[str]:
    """The words in one line, or in two, where they may break; the last is `shortened`."""
    if width_of(words, size) <= width + 0.01 or " " not in words:
        return [shortened(words, width, size)]
    left, first = words.split(" "), ""
    while left and width_of(f"{first} {left[0]}".strip(), size) <= width:
        first = f"{first} {left.pop(0)}".strip()
    if not first:
        return [shortened(words, width, size)]
    return [first, shortened(" ".join(left), width, size)] if left else [first]


def row_height(usual: float, names: Iterable[Sequence[str]]) -> float:
    """How high each row is: more than usual where any name has two lines."""
    return usual + (_LINE - 3 if any(len(lines) > 1 for lines in names) else 0)


def row_name(
    lines: Sequence[str], words: str, paint: Paint, *, x: float, y: float, anchor: Anchor = "start"
) -> str:
    """The name of a row around its middle; what was cut of it is said to a pointer.

    Args:
        lines: of `lines_of`.
        words: the whole name.
    """
    first = y + 4 - _LINE / 2 * (len(lines) - 1)
    written = [
        text(line, "name", paint, x=x, y=first + _LINE * at, anchor=anchor, size=NORMAL)
        for at, line in enumerate(lines)
    ]
    whole = "" if " ".join(lines) == words else title(words)
    return f"<g>{whole}{''.join(written)}</g>"


def _written(value: float | str) -> str:
    return escaped(value) if isinstance(value, str) else f"{round(value, 1):g}"
