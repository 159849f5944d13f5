"""Points in a plane with their intervals both ways, each with its name: which are far to the right
and low."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zhiyin.charts.axis import Axis, tick_words
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

_LEFT, _RIGHT, _TOP, _FOOT = 44.0, 20.0, 24.0, 44.0
_LINE = 15.0
_BEAD = 4.7
_NEAR = 14.0
"""A name farther than this from its bead has a line to it."""
_RINGS = (11.0, 18.0, 28.0, 40.0, 54.0, 70.0, 90.0, 115.0, 145.0)
_MOST_NAME = 190.0

Box = tuple[float, float, float, float]
"""Left, top, right, foot."""
Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """One point; both axes are of 0 to 100.

    Args:
        x, y: with the ends of their intervals, where there are any.
        tone: of a difference that is more than chance.
        rank: written before its name; 0: none.
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

    @property
    def called(self) -> str:
        """Its name, behind its rank."""
        return f"{self.rank} {self.name}" if self.rank else self.name


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values lie."""

    across: Axis
    up: Axis
    width: float
    height: float

    def at(self, x: float, y: float) -> Spot:
        wide, high = self.width - _LEFT - _RIGHT, self.height - _TOP - _FOOT
        left = self.across.at(min(max(x, self.across.low), self.across.high), wide)
        below = self.up.at(min(max(y, self.up.low), self.up.high), high)
        return _LEFT + left, _TOP + high - below

    def holds(self, box: Box) -> bool:
        return (
            box[0] >= _LEFT - 2 and box[1] >= _TOP - 12 and box[2] <= self.width - 4
            and box[3] <= self.height - _FOOT + 4
        )  # fmt: skip


def quadrant(
    points: Sequence[Point],
    *,
    across: str,
    up: str,
    words: str,
    width: float = 1080,
    height: float = 600,
    paint: Paint = PAGE,
) -> str:
    """The points, on axes that hold all of them; no name lies on another, a bead or an interval.

    A name that finds no place beside its bead stands farther off with a line to it; only where the
    whole plane is full has a bead none, and a pointer tells it.

    Args:
        across, up: what the axes are.
        words: what the chart shows, for those who do not see it.
    """
    frame = _Frame(
        _axis([end for one in points for end in (one.x, one.x_low, one.x_high)]),
        _axis([end for one in points for end in (one.y, one.y_low, one.y_high)]),
        width,
        height,
    )
    parts = [*_ground(frame, across, up, paint)]
    places = [frame.at(one.x, one.y) for one in points]
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in places]
    for one in points:
        for x1, y1, x2, y2 in _bars(one, frame):
            parts.append(shape("line", f"ci {one.tone}", paint, x1=x1, y1=y1, x2=x2, y2=y2))
            taken.append((x1 - 4, y1 - 4, x2 + 4, y2 + 4))
    order = sorted(range(len(points)), key=lambda at: (points[at].rank == 0, points[at].rank))
    for at in order:
        parts += _name(points[at], frame, places[at], taken, paint)
    for one, (x, y) in zip(points, places, strict=True):
        said = f"{one.called}: {figure(one.x, 'percent')}, {figure(one.y, 'percent')}"
        parts.append(shape("circle", f"bead {one.tone}", paint, title(said), cx=x, cy=y, r=_BEAD))
    return picture(parts, kind="quadrant", words=words, width=width, height=height, paint=paint)


def _axis(ends: Sequence[float | None]) -> Axis:
    found = Axis.of(ends, "percent") or Axis.of((0.0, 100.0), "percent")
    assert found is not None  # noqa: S101 - two values have an axis
    return found


def _ground(frame: _Frame, across: str, up: str, paint: Paint) -> Iterator[str]:
    right, foot = frame.width - _RIGHT, frame.height - _FOOT
    for tick in frame.across.ticks:
        x = frame.at(tick, frame.up.low)[0]
        yield shape("line", "grid", paint, x1=x, x2=x, y1=_TOP, y2=foot)
        yield text(tick_words(tick, "percent"), "tick", paint, x=x, y=foot + 16, anchor="middle")
    for tick in frame.up.ticks:
        y = frame.at(frame.across.low, tick)[1]
        yield shape("line", "grid", paint, x1=_LEFT, x2=right, y1=y, y2=y)
        yield text(tick_words(tick, "percent"), "tick", paint, x=_LEFT - 8, y=y + 4, anchor="end")
    yield text(f"{across} →", "tick", paint, x=right, y=frame.height - 8, anchor="end")
    yield text(f"↑ {up}", "tick", paint, x=4, y=12)


def _bars(one: Point, frame: _Frame) -> Iterator[Box]:
    """Its intervals, from the left and from the top."""
    x, y = frame.at(one.x, one.y)
    if one.x_low is not None and one.x_high is not None:
        yield frame.at(one.x_low, one.y)[0], y, frame.at(one.x_high, one.y)[0], y
    if one.y_low is not None and one.y_high is not None:
        yield x, frame.at(one.x, one.y_high)[1], x, frame.at(one.x, one.y_low)[1]


def _name(one: Point, frame: _Frame, at: Spot, taken: list[Box], paint: Paint) -> Iterator[str]:
    name = shortened(one.called, _MOST_NAME, SMALL)
    wide = width_of(name, SMALL)
    for box in _boxes(at, wide):
        if not frame.holds(box) or any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        near = _nearest(box, at)
        if abs(near[0] - at[0]) > _NEAR or abs(near[1] - at[1]) > _NEAR:
            yield shape("line", "scale", paint, x1=at[0], y1=at[1], x2=near[0], y2=near[1])
        yield text(name, "name", paint, x=box[0], y=box[3] - 4)
        return


def _boxes(at: Spot, wide: float) -> Iterator[Box]:
    """Where a name may stand, the nearest first: right of the bead, left, above and below."""
    x, y = at
    for far in _RINGS:
        half = wide / 2
        for left, middle in (
            (x + far, y), (x - far - wide, y), (x - half, y - far - 4), (x - half, y + far + 4),
            (x + far, y - far), (x + far, y + far), (x - far - wide, y - far),
            (x - far - wide, y + far), (x + far, y - far / 2), (x + far, y + far / 2),
            (x - far - wide, y - far / 2), (x - far - wide, y + far / 2),
        ):  # fmt: skip
            yield left, middle - _LINE / 2, left + wide, middle + _LINE / 2


def _nearest(box: Box, at: Spot) -> Spot:
    return min(max(at[0], box[0]), box[2]), min(max(at[1], box[1]), box[3])


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
