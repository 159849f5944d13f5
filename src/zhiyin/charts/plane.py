"""Points in a plane with their intervals both ways: which are far to the right and low."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhiyin.charts.markup import (
    PAGE,
    SMALL,
    Paint,
    Tone,
    picture,
    shape,
    shortened,
    text,
    title,
    width_of,
)
from zhiyin.kernel.figures import figure

_LEFT, _RIGHT, _TOP, _FOOT = 44, 16, 18, 40
_LINE = 15
_MOST_NAME = 130
At = Callable[[float, float], tuple[float, float]]
"""From values to places."""
Box = tuple[float, float, float, float]
"""Left, top, right, foot."""

TICKS = (0, 25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Point:
    """One point; both axes go from 0 to 100.

    Args:
        x, y: with the ends of their intervals, where there are any.
        tone: of a difference that is more than chance.
        rank: written in its bead; 0: none.
    """

    name: str
    x: float
    y: float
    x_low: float | None = None
    x_high: float | None = None
    y_low: float | None = None
    y_high: float | None = None
    tone: Tone = "mid"
    rank: int = 0


def plane(
    points: Sequence[Point],
    *,
    across: str,
    up: str,
    words: str,
    width: float = 860,
    height: float = 520,
    paint: Paint = PAGE,
) -> str:
    """The points; names stand beside them where there is room, else the pointer tells.

    Args:
        across, up: what the axes are.
        words: what the chart shows, for those who do not see it.
    """

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + (width - _LEFT - _RIGHT) * min(max(x, 0.0), 100.0) / 100,
            _TOP + (height - _TOP - _FOOT) * (1 - min(max(y, 0.0), 100.0) / 100),
        )

    parts = []
    for tick in TICKS:
        x, y = at(tick, 0)[0], at(0, tick)[1]
        parts.append(shape("line", "grid", paint, x1=x, x2=x, y1=_TOP, y2=height - _FOOT))
        parts.append(shape("line", "grid", paint, x1=_LEFT, x2=width - _RIGHT, y1=y, y2=y))
        parts.append(text(str(tick), "tick", paint, x=x, y=height - _FOOT + 16, anchor="middle"))
        parts.append(text(str(tick), "tick", paint, x=_LEFT - 8, y=y + 4, anchor="end"))
    parts.append(text(across, "tick", paint, x=width - _RIGHT, y=height - 6, anchor="end"))
    parts.append(text(up, "tick", paint, x=4, y=12))
    taken: list[Box] = []
    for one in sorted(points, key=lambda one: (one.rank == 0, one.rank, -one.x)):
        parts += _point(one, at, taken, width, paint)
    return picture(parts, kind="quadrant", words=words, width=width, height=height, paint=paint)


def _point(one: Point, at: At, taken: list[Box], width: float, paint: Paint) -> list[str]:
    x, y = at(one.x, one.y)
    found = []
    if one.x_low is not None and one.x_high is not None:
        left, right = at(one.x_low, one.y)[0], at(one.x_high, one.y)[0]
        found.append(shape("line", f"ci {one.tone}", paint, x1=left, x2=right, y1=y, y2=y))
    if one.y_low is not None and one.y_high is not None:
        top, foot = at(one.x, one.y_high)[1], at(one.x, one.y_low)[1]
        found.append(shape("line", f"ci {one.tone}", paint, x1=x, x2=x, y1=top, y2=foot))
    said = f"{one.name}: {figure(one.x, 'percent')}, {figure(one.y, 'percent')}"
    found.append(shape("circle", f"bead {one.tone}", paint, title(said), cx=x, cy=y, r=4.7))
    name = shortened(f"{one.rank} {one.name}" if one.rank else one.name, _MOST_NAME, SMALL)
    wide = width_of(name, SMALL)
    for left, base in (
        (x + 9, y + 4), (x - 9 - wide, y + 4), (x + 9, y - 9), (x + 9, y + 17),
        (x - 9 - wide, y - 9), (x - 9 - wide, y + 17),
    ):  # fmt: skip
        box = (left, base - 11, left + wide, base + 3)
        if left >= _LEFT and left + wide <= width and not any(_meet(box, other) for other in taken):
            taken.append(box)
            found.append(text(name, "name", paint, x=left, y=base))
            break
    return found


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
