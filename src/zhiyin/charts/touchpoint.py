"""One touchpoint of a journey map as a box: its name, its value on a string, who comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import NORMAL, SMALL, Paint, Tone, element, shape, text, title, width_of
from zhiyin.charts.setting import Item, flowed, wrapped
from zhiyin.charts.strings import Estimate, signs

Tint = Literal["", "bad-1", "bad-2", "good-1", "good-2"]
"""A difference from the others that is more than chance, and how large it is."""

Pinned = Literal["problem", "suggestion"]

OVERHANG = 12
"""What stands out above the box: its rank and its pins."""

_PAD = 9
_NAME, _VALUE, _COUNT = 17, 24, 16
"""From one line to the next."""
_LARGE = 17
_STRING, _LEAST_STRING = 64, 34
_MOST_NAME, _MOST_WHY = 3, 3
_PIN, _PIN_GAP = 17, 4
_PINS: dict[Pinned, str] = {
    "problem": "M2 9V1h6L6.5 3.2L8 5.4H2",
    "suggestion": "M3.6 7a3 3 0 1 1 2.8 0v.6H3.6zM3.8 9h2.4",
}


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """What a box shows.

    Args:
        value: as it is written; blank where there is none, and then `why` says why.
        estimate: of the string.
        change: as it is written; blank where it may be chance.
        counts: people, money and the like.
        rank: among the difficulties; 0: none.
        problems, suggestions: pinned to it and open.
        words: all of it in one sentence.
    """

    name: str
    value: str = ""
    why: str = ""
    estimate: Estimate | None = None
    tint: Tint = ""
    change: str = ""
    change_tone: Tone = "mid"
    counts: Sequence[Item] = ()
    rank: int = 0
    problems: int = 0
    suggestions: int = 0
    is_bound: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A touchpoint that is laid out for a width.

    Args:
        name, why: in lines.
        counts: in lines, each with its place across.
        string: how wide the string is; 0: there is none.
        is_apart: whether the change has a line of its own.
        height: of the box, without what stands out above it.
    """

    of: Touchpoint
    width: float
    name: tuple[str, ...]
    why: tuple[str, ...]
    counts: tuple[tuple[tuple[float, Item], ...], ...]
    string: float
    is_apart: bool
    height: float


def laid_out(one: Touchpoint, width: float) -> Box:
    """A touchpoint in a box of a width, as high as what it holds."""
    inner = width - 2 * _PAD
    name = tuple(wrapped(one.name, inner, NORMAL, _MOST_NAME))
    why = () if one.value else tuple(wrapped(one.why, inner, SMALL, _MOST_WHY))
    counts = tuple(tuple(line) for line in flowed(one.counts, inner, 9))
    string, is_apart = _value_line(one, inner)
    lines = _VALUE if one.value else _NAME * len(why)
    height = 2 * _PAD - 3 + _NAME * len(name) + lines + _COUNT * (len(counts) + is_apart)
    return Box(one, width, name, why, counts, string, is_apart, height)


def _value_line(one: Touchpoint, inner: float) -> tuple[float, bool]:
    """How wide the string is beside the value and the change, and whether these do not fit."""
    if not one.value:
        return 0.0, False
    room = inner - width_of(one.value, _LARGE) - 7
    # Signs of rising and falling are as wide as they are high.
    change = width_of(one.change, SMALL) + 13 if one.change else 0.0
    if room - change >= _LEAST_STRING:
        return min(room - change, _STRING), False
    if room < _LEAST_STRING:
        return 0.0, room < change
    return min(room, _STRING), True


def drawn(
    box: Box, *, x: float, y: float, axis: Axis | None, average: float | None, paint: Paint
) -> str:
    """The box at a place, whose top is `y`."""
    one, left, right = box.of, x + _PAD, x + box.width - _PAD
    kind = "node" if one.is_bound else "node unbound"
    parts = [
        shape("rect", f"node {one.tint}" if one.tint else kind, paint,
              x=x, y=y, width=box.width, height=box.height, rx=4)
    ]  # fmt: skip
    line = y + _PAD + 11
    for words in box.name:
        parts.append(text(words, "strong", paint, x=left, y=line, size=NORMAL))
        line += _NAME
    for words in box.why:
        parts.append(text(words, "soft", paint, x=left, y=line, size=SMALL))
        line += _NAME
    if one.value:
        line += 5
        parts += _value(box, axis, average, paint, left=left, right=right, y=line)
        line += _VALUE - 5
        if box.is_apart:
            parts += _change(one, paint, right=right, y=line)
            line += _COUNT
    for some in box.counts:
        for across, item in some:
            parts += item.drawn(paint, left + across, line)
        line += _COUNT
    parts += _above(one, paint, x=x, y=y, width=box.width)
    return element("g", {"class": "touchpoint"}, title(one.words or one.name), *parts)


def _value(
    box: Box,
    axis: Axis | None,
    average: float | None,
    paint: Paint,
    *,
    left: float,
    right: float,
    y: float,
) -> list[str]:
    one = box.of
    parts = [text(one.value, "strong", paint, x=left, y=y, size=_LARGE)]
    if box.string and axis is not None and one.estimate is not None:
        first, middle = left + width_of(one.value, _LARGE) + 7, y - 6
        parts.append(
            shape("line", "scale", paint, x1=first, x2=first + box.string, y1=middle, y2=middle)
        )
        parts += signs(
            one.estimate, axis, paint, left=first, width=box.string, y=middle, average=average
        )
    if one.change and not box.is_apart:
        parts += _change(one, paint, right=right, y=y)
    return parts


def _change(one: Touchpoint, paint: Paint, *, right: float, y: float) -> list[str]:
    return [
        text(one.change, f"change {one.change_tone}", paint, x=right, y=y, anchor="end",
             size=SMALL)
    ]  # fmt: skip


def _above(one: Touchpoint, paint: Paint, *, x: float, y: float, width: float) -> list[str]:
    """What stands out above the box: its place among the difficulties, and what is pinned."""
    parts: list[str] = []
    if one.rank:
        parts += rank(one.rank, paint, x=x + 3, y=y)
    right = x + width - 6
    pins: tuple[tuple[Pinned, int], ...] = (
        ("suggestion", one.suggestions), ("problem", one.problems),
    )  # fmt: skip
    for kind, count in pins:
        if count:
            wide = _PIN + width_of(str(count), 11) + 3
            parts += _pin(kind, count, paint, x=right - wide, y=y - 10, width=wide)
            right -= wide + _PIN_GAP
    return parts


def rank(place: int, paint: Paint, *, x: float, y: float) -> list[str]:
    """A place among the difficulties: a number on a disc."""
    return [
        shape("circle", "rank", paint, cx=x, cy=y, r=9.5),
        text(str(place), "rank number", paint, x=x, y=y + 4, anchor="middle", size=11),
    ]


def pin_sign(kind: Pinned, paint: Paint, *, x: float, y: float) -> str:
    """The sign of what is pinned, in ten by ten."""
    return shape("path", f"pin-sign {kind}", paint, d=_PINS[kind],
                 transform=f"translate({x:.1f} {y:.1f})")  # fmt: skip


def _pin(kind: Pinned, count: int, paint: Paint, *, x: float, y: float, width: float) -> list[str]:
    return [
        shape("rect", f"pin {kind}", paint, x=x, y=y, width=width, height=16, rx=8),
        pin_sign(kind, paint, x=x + 4, y=y + 3),
        text(str(count), f"pin-number {kind}", paint, x=x + _PIN - 1, y=y + 12, size=11),
    ]
