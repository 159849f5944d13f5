"""A whole journey map as one picture: stages across, lanes down, a box for each touchpoint.

As wide as a landscape sheet is beside its height, and as high as what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from zhiyin.charts import curve, touchpoint
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import FILE, SMALL, Paint, element, picture, shape, text
from zhiyin.charts.setting import Item, Run, Sign, flowed, sign_at, wrapped
from zhiyin.charts.strings import Estimate, signs
from zhiyin.charts.touchpoint import OVERHANG, Box, Pinned, Tint, Touchpoint, laid_out

WIDTH = 1720
_SIDE = 36
_LANE = 96
"""The column of the lanes' names."""
_GAP = 10
"""Between columns."""
_NARROW = 120
"""A stage has two columns of boxes only where each of them is at least so wide."""
_BETWEEN = touchpoint.OVERHANG + 5
"""From one box down to the next."""
_CURVE = 116
_LINE = 18
_TITLE, _NAME, _WORDS = 26, 15, 13
_HARD_GAP = 40


@dataclass(frozen=True, slots=True)
class Stage:
    """One column of the map.

    Args:
        counts: who comes there.
        width: 2 where it has two columns of boxes.
        value, low, high: of the emotion; None where too few answered.
    """

    name: str
    counts: Sequence[Item] = ()
    width: int = 1
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: its touchpoints, stage by stage."""

    name: str
    cells: tuple[tuple[Touchpoint, ...], ...]


@dataclass(frozen=True, slots=True)
class Difficulty:
    """One of those that are told first.

    Args:
        says: what it is, why, and who answers for it: a paragraph each.
    """

    place: int
    title: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What the signs mean."""

    below: str
    level: str
    above: str
    string: str
    problems: str
    suggestions: str
    people: str
    left: str


@dataclass(frozen=True, slots=True)
class Journey:
    """All that the picture says; words are in the reader's language already.

    Args:
        about: which version of the map it is.
        asked: whose journeys, when, compared with what.
        notes: what hinders figures.
        emotion: the name of the curve, and what it shows.
        axis: of all strings; None where nothing has a value.
        average: of the strings' ticks.
        unexplained: its heading, then each event's name with its number.
        foot: as of when, by which definition.
        words: the whole in one sentence, for those who do not see it.
    """

    title: str
    about: str
    asked: str
    stages: tuple[Stage, ...]
    lanes: tuple[Lane, ...]
    key: Key
    foot: str
    words: str
    notes: tuple[str, ...] = ()
    difficulties: tuple[Difficulty, ...] = ()
    no_difficulty: str = ""
    emotion: tuple[str, str] = ("", "")
    axis: Axis | None = None
    average: float | None = None
    unexplained: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    x: float
    width: float
    columns: int


Drawn = tuple[list[str], float]
"""Parts, and how far down they come."""


def journey(one: Journey, *, paint: Paint = FILE) -> str:
    """The map as an SVG picture."""
    columns = _columns(one.stages)
    steps: tuple[Callable[[float], Drawn], ...] = (
        lambda y: _head(one, y, paint),
        lambda y: _hard(one, y, paint),
        lambda y: _stages(one, columns, y, paint),
        lambda y: _emotion(one, columns, y, paint),
        lambda y: _lanes(one, columns, y, paint),
        lambda y: _unexplained(one, y, paint),
        lambda y: _key(one, y, paint),
        lambda y: _foot(one, y, paint),
    )
    parts: list[str] = []
    y = float(_SIDE)
    for step in steps:
        some, y = step(y)
        parts += some
    return picture(
        parts, kind="journey", words=one.words, width=WIDTH, height=y + _SIDE - 10, paint=paint
    )


def _columns(stages: Sequence[Stage]) -> list[_Column]:
    """Where each stage stands. A wide one is as wide as two with the gap between them."""
    room = WIDTH - 2 * _SIDE - _LANE
    widths = [one.width for one in stages]
    if not widths or room / sum(widths) - _GAP < _NARROW:
        widths = [1] * len(stages)
    unit = room / max(sum(widths), 1)
    begins = [0, *accumulate(widths)]
    return [
        _Column(_SIDE + _LANE + _GAP + unit * first, unit * wide - _GAP, wide)
        for first, wide in zip(begins, widths, strict=False)
    ]


def _lines(
    lines: Sequence[str], part: str, paint: Paint, *, x: float, y: float, size: int = _WORDS
) -> Drawn:
    """Lines of words under one another, the first on the base line `y`."""
    found = []
    for line in lines:
        found.append(text(line, part, paint, x=x, y=y, size=size))
        y += _LINE
    return found, y


def _flow(
    items: Sequence[Item], paint: Paint, *, x: float, y: float, width: float, gap: float = 22
) -> Drawn:
    found: list[str] = []
    for line in flowed(items, width, gap):
        for across, item in line:
            found += item.drawn(paint, x + across, y)
        y += _LINE
    return found, y


def _head(one: Journey, y: float, paint: Paint) -> Drawn:
    whole = WIDTH - 2 * _SIDE
    (name,) = wrapped(one.title, whole - 420, _TITLE, 1) or [""]
    y += 20
    parts = [
        text(name, "strong", paint, x=_SIDE, y=y, size=_TITLE),
        *(
            text(line, "tick", paint, x=WIDTH - _SIDE, y=y, anchor="end", size=SMALL)
            for line in wrapped(one.about, 400, SMALL, 1)
        ),
    ]
    more, y = _lines(wrapped(one.asked, whole, _WORDS, 3), "soft", paint, x=_SIDE, y=y + 26)
    parts += more
    for note in one.notes:
        more, y = _lines(wrapped(note, whole, _WORDS, 2), "change bad", paint, x=_SIDE, y=y)
        parts += more
    return parts, y + 8


def _hard(one: Journey, y: float, paint: Paint) -> Drawn:
    """The difficulties side by side."""
    if not one.difficulties:
        lines = wrapped(one.no_difficulty, WIDTH - 2 * _SIDE, _WORDS, 2)
        return _lines(lines, "soft", paint, x=_SIDE, y=y + 4)
    count = len(one.difficulties)
    width = (WIDTH - 2 * _SIDE - _HARD_GAP * (max(count, 3) - 1)) / max(count, 3)
    parts: list[str] = []
    lowest = y
    for place, hard in enumerate(one.difficulties):
        x = _SIDE + place * (width + _HARD_GAP)
        parts += touchpoint.rank(hard.place, paint, x=x + 10, y=y)
        inner = width - 32
        more, down = _lines(wrapped(hard.title, inner, _WORDS), "strong", paint, x=x + 32, y=y + 4)
        parts += more
        for at, words in enumerate(hard.says):
            part = "tick" if at == len(hard.says) - 1 else "soft"
            more, down = _lines(wrapped(words, inner, _WORDS, 3), part, paint, x=x + 32, y=down)
            parts += more
        lowest = max(lowest, down)
    return parts, lowest + 8


def _stages(one: Journey, columns: Sequence[_Column], y: float, paint: Paint) -> Drawn:
    parts: list[str] = []
    lowest = y
    for stage, column in zip(one.stages, columns, strict=True):
        x, end = column.x, column.x + column.width
        parts.append(shape("line", "rule", paint, x1=x, x2=end, y1=y, y2=y))
        names = wrapped(stage.name, column.width, _NAME, 2)
        more, down = _lines(names, "strong", paint, x=x, y=y + 22, size=_NAME)
        parts += more
        more, down = _flow(stage.counts, paint, x=x, y=down, width=column.width, gap=8)
        parts += more
        lowest = max(lowest, down)
    return parts, lowest


def _emotion(one: Journey, columns: Sequence[_Column], y: float, paint: Paint) -> Drawn:
    """The curve, each of its stages above the middle of its column."""
    if not columns:
        return [], y
    name, shows = one.emotion
    parts, _down = _lines(
        wrapped(name, _LANE - 8, SMALL, 2), "soft", paint, x=_SIDE, y=y + 26, size=SMALL
    )
    more, _down = _lines(
        wrapped(shows, _LANE - 8, SMALL, 3), "tick", paint, x=_SIDE, y=_down, size=SMALL
    )
    parts += more
    stages = [
        curve.Stage(stage.name, column.columns, stage.value, stage.low, stage.high)
        for stage, column in zip(one.stages, columns, strict=True)
    ]
    last = columns[-1]
    inside = curve.curve(stages, height=_CURVE, label=name, paint=paint)
    places: dict[str, float | str] = {
        "x": columns[0].x - _GAP / 2,
        "y": y,
        "width": last.x + last.width - columns[0].x + _GAP,
        "height": _CURVE,
    }
    return [*parts, element("svg", places, inside)], y + _CURVE + 6


def _lanes(one: Journey, columns: Sequence[_Column], y: float, paint: Paint) -> Drawn:
    parts: list[str] = []
    for lane in one.lanes:
        parts.append(shape("line", "grid", paint, x1=_SIDE, x2=WIDTH - _SIDE, y1=y, y2=y))
        more, lowest = _lines(
            wrapped(lane.name, _LANE - 8, SMALL, 5), "soft", paint, x=_SIDE, y=y + 24, size=SMALL
        )
        parts += more
        for cell, column in zip(lane.cells, columns, strict=True):
            more, down = _cell(one, cell, column, y + OVERHANG + 4, paint)
            parts += more
            lowest = max(lowest, down)
        y = lowest + 12
    return parts, y


def _cell(
    one: Journey, cell: Sequence[Touchpoint], column: _Column, y: float, paint: Paint
) -> Drawn:
    """The touchpoints of a stage in a lane: one under another, in a wide stage side by side."""
    width = (column.width - _GAP * (column.columns - 1)) / column.columns
    parts: list[str] = []
    boxes: list[Box] = [laid_out(found, width) for found in cell]
    for first in range(0, len(boxes), column.columns):
        row = boxes[first : first + column.columns]
        for place, box in enumerate(row):
            x = column.x + place * (width + _GAP)
            parts.append(
                touchpoint.drawn(box, x=x, y=y, axis=one.axis, average=one.average, paint=paint)
            )
        y += max(box.height for box in row) + _BETWEEN
    return parts, y - _BETWEEN if boxes else y


def _unexplained(one: Journey, y: float, paint: Paint) -> Drawn:
    rule = shape("line", "grid", paint, x1=_SIDE, x2=WIDTH - _SIDE, y1=y, y2=y)
    parts, y = _flow(one.unexplained, paint, x=_SIDE, y=y + 24, width=WIDTH - 2 * _SIDE, gap=26)
    return [rule, *parts], y + 8


_SWATCH = 16

At = Callable[[float, float], list[str]]
"""Draws something at a place across, on a base line."""


def _key(one: Journey, y: float, paint: Paint) -> Drawn:
    """What tints, strings and signs mean."""
    key = one.key
    entries: list[tuple[float, At, str]] = [
        (2 * _SWATCH + 4, _swatches(paint, "bad-2", "bad-1"), key.below),
        (_SWATCH, _swatches(paint, ""), key.level),
        (2 * _SWATCH + 4, _swatches(paint, "good-1", "good-2"), key.above),
        (54, _sample(paint), key.string),
        (10, _pinned(paint, "problem"), key.problems),
        (10, _pinned(paint, "suggestion"), key.suggestions),
        (10, _signed(paint, "people"), key.people),
        (10, _signed(paint, "left"), key.left),
    ]
    parts: list[str] = []
    x, right = float(_SIDE), WIDTH - _SIDE
    for wide, sign, words in entries:
        (line,) = wrapped(words, right - _SIDE - wide - 6, SMALL, 1) or [""]
        item = Item((Run(line, "tick"),))
        if x + wide + 6 + item.width > right:
            x, y = float(_SIDE), y + _LINE
        parts += [*sign(x, y), *item.drawn(paint, x + wide + 6, y)]
        x += wide + 6 + item.width + 24
    return parts, y + _LINE


def _swatches(paint: Paint, *tints: Tint) -> At:
    def at(x: float, y: float) -> list[str]:
        return [
            shape("rect", f"node {tint}" if tint else "node", paint,
                  x=x + place * (_SWATCH + 4), y=y - 10, width=_SWATCH, height=11, rx=2)
            for place, tint in enumerate(tints)
        ]  # fmt: skip

    return at


def _sample(paint: Paint) -> At:
    """A string as an example."""

    def at(x: float, y: float) -> list[str]:
        axis = Axis(0.0, 1.0, ())
        line = shape("line", "scale", paint, x1=x, x2=x + 54, y1=y - 4, y2=y - 4)
        shown = Estimate(0.64, 0.46, 0.82, 0.28)
        return [line, *signs(shown, axis, paint, left=x, width=54, y=y - 4, average=0.5)]

    return at


def _pinned(paint: Paint, kind: Pinned) -> At:
    return lambda x, y: [touchpoint.pin_sign(kind, paint, x=x, y=y - 10)]


def _signed(paint: Paint, sign: Sign) -> At:
    return lambda x, y: [sign_at(sign, paint, x=x, y=y)]


def _foot(one: Journey, y: float, paint: Paint) -> Drawn:
    lines = wrapped(one.foot, WIDTH - 2 * _SIDE, SMALL, 2)
    return _lines(lines, "tick", paint, x=_SIDE, y=y + 4, size=SMALL)
