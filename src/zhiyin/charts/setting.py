"""Words set into a width: broken where they may break, and side by side until a line is full."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from zhiyin.charts.markup import NORMAL, SMALL, Paint, element, escaped, shape, shortened, width_of

Sign = Literal["", "people", "left"]

_SIGN = 13
"""How wide a sign is, with the room after it."""
_GAP = 4
"""Between the runs of an item."""

_NEVER_FIRST = frozenset("，。、；：！？）》」』”’…%％·,.;:!?)]}")
"""What no line begins with."""
_PIECE = re.compile(r"\S+\s*|\s+")

_PATHS: dict[Sign, str] = {
    "people": "M5 5.4a2.2 2.2 0 1 0 0-4.4a2.2 2.2 0 0 0 0 4.4M1 10.4c0-4.6 8-4.6 8 0",
    "left": "M1.4 2.4L8.4 9.4M8.4 4.2V9.4H3.2",
}
"""Drawn in a box of ten by eleven."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look."""

    words: str
    part: str = "name"
    size: int = SMALL

    @property
    def width(self) -> float:
        """About how wide they are."""
        return width_of(self.words, self.size)


@dataclass(frozen=True, slots=True)
class Item:
    """Runs that stay together on one line, after a sign."""

    runs: tuple[Run, ...]
    sign: Sign = ""

    @property
    def width(self) -> float:
        """About how wide it is."""
        between = _GAP * (len(self.runs) - 1)
        return (_SIGN if self.sign else 0) + between + sum(run.width for run in self.runs)

    def drawn(self, paint: Paint, x: float, y: float) -> list[str]:
        """It, from a place on its base line on."""
        found = []
        if self.sign:
            found.append(sign_at(self.sign, paint, x=x, y=y))
            x += _SIGN
        # Each run follows the one before however wide that really is.
        spans = [shape("tspan", run.part, paint, escaped(run.words), **{"font-size": run.size})
                 for run in self.runs]  # fmt: skip
        found.append(element("text", {"x": x, "y": y}, " ".join(spans)))
        return found

    def fitted(self, width: float) -> Item:
        """It, its first run shortened where all is wider than this."""
        if self.width <= width or not self.runs:
            return self
        first, *others = self.runs
        room = first.width - (self.width - width)
        return replace(
            self, runs=(replace(first, words=shortened(first.words, room, first.size)), *others)
        )


def sign_at(sign: Sign, paint: Paint, *, x: float, y: float) -> str:
    """A sign on a base line."""
    moved = f"translate({x:.1f} {y - 9.5:.1f})"
    return shape("path", "sign", paint, d=_PATHS[sign], transform=moved)


def flowed(items: Sequence[Item], width: float, gap: float) -> list[list[tuple[float, Item]]]:
    """Lines of items with the place of each across; one that is wider than a line is shortened."""
    lines: list[list[tuple[float, Item]]] = []
    x = 0.0
    for one in (item.fitted(width) for item in items):
        if not lines or x + one.width > width + 0.01:
            lines.append([])
            x = 0.0
        lines[-1].append((x, one))
        x += one.width + gap
    return lines


def wrapped(words: str, width: float, size: int = NORMAL, most: int = 2) -> list[str]:
    """The words in so many lines at most; the last is shortened where they are longer.

    They break at spaces and between Chinese characters; a word that is wider than a line breaks
    anywhere.
    """
    left = _pieces(" ".join(words.split()))
    lines: list[str] = []
    line = ""
    while left:
        piece = left[0]
        fits = width_of(f"{line}{piece}".rstrip(), size) <= width + 0.01
        if fits or not (line or piece[1:]):
            line += left.pop(0)
        elif len(lines) == most - 1:
            return [*lines, shortened(f"{line}{''.join(left)}", width, size)]
        elif line:
            lines.append(line.rstrip())
            line = ""
        else:
            left[:1] = _cut(piece, width, size)
    return [*lines, line.rstrip()] if line else lines


def _pieces(words: str) -> list[str]:
    """What may stand on a line of its own, with the space after it."""
    found: list[str] = []
    for part in _PIECE.findall(words):
        held = ""
        for letter in part:
            is_after_wide = bool(held) and (_is_wide(held[-1]) or _is_wide(letter))
            if is_after_wide and letter not in _NEVER_FIRST and not letter.isspace():
                found.append(held)
                held = ""
            held += letter
        found.append(held)
    return found


def _cut(piece: str, width: float, size: int) -> list[str]:
    """A piece as what fits on a line, one letter at least, and the rest."""
    end = 1
    while end < len(piece) and width_of(piece[: end + 1], size) <= width:
        end += 1
    return [piece[:end], piece[end:]]


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"
