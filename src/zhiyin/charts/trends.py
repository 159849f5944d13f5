"""Lines over periods, with their intervals and what happened beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from zhiyin.charts.axis import MOST_TICKS, Axis, tick_words
from zhiyin.charts.markup import (
    PAGE,
    Anchor,
    Paint,
    picture,
    shape,
    shortened,
    text,
    title,
    width_of,
)
from zhiyin.charts.series import Line, Mark, Point, Reference
from zhiyin.kernel import figures

_LINE_PARTS = ("line first", "line second", "line more")
_TOP, _FOOT, _GAP = 22, 26, 8
_MOST_NAME = 0.24
"""The names at the ends of lines take a quarter of the width at most."""
_LABEL_HEIGHT = 15
_MOST_DOTS = 120
"""More points than these are a line without dots to rest a pointer on."""


def axis_of(lines: Iterable[Line], unit: str, reference: Reference | None = None) -> Axis | None:
    """One scale for lines that are to be compared, or None where nothing is shown."""
    values = [end for line in lines for p in line.points for end in (p.value, p.low, p.high)]
    if not any(value is not None for value in values):
        return None
    return Axis.of([*values, reference.value if reference else None], unit)


def trend(
    lines: Sequence[Line],
    *,
    axis: Axis,
    unit: str,
    words: str,
    marks: Sequence[Mark] = (),
    reference: Reference | None = None,
    width: float = 860,
    height: float = 280,
    paint: Paint = PAGE,
) -> str:
    """Lines on one scale: the first with its interval as a band, the second with dashed edges.

    A line breaks where a period has too few answers. A point that is not final is hollow. From
    the third on the interval of a line's last point is written beside it; more than a few lines
    are better drawn as small multiples.

    Args:
        lines: with the same periods, one at least.
        unit: of ticks and values.
        words: what the chart shows, for those who do not see it.
    """
    endings = [_ending(line, unit, place) for place, line in enumerate(lines)]
    written = [f"{line.name} {ending}" for line, ending in zip(lines, endings, strict=True)]
    longest = max(
        width_of(one, 12) for one in [*written, *([reference.label] if reference else [])]
    )
    left = max(width_of(tick_words(tick, unit), 12) for tick in axis.ticks) + _GAP
    right = min(longest, _MOST_NAME * width) + _GAP
    frame = _Frame(axis, left, width - right, _TOP, height - _FOOT, len(lines[0].points))
    parts = [
        *_seasons(marks, frame, paint),
        *_levels(frame, unit, paint),
        *_periods(lines[0].points, frame, paint),
        *([_across(reference, frame, paint)] if reference else []),
        *_events(marks, frame, paint),
    ]
    for place, line in enumerate(lines):
        parts += _line(line, place, frame, unit, paint)
    parts += _names(lines, endings, reference, frame, width, paint)
    return picture(parts, kind="trend", words=words, width=width, height=height, paint=paint)


def small(
    line: Line,
    *,
    axis: Axis,
    unit: str,
    words: str,
    reference: Reference | None = None,
    width: float = 240,
    height: float = 84,
    paint: Paint = PAGE,
) -> str:
    """One of several small multiples: the scale is said once, in their head."""
    frame = _Frame(axis, 4, width - 8, 4, height - 4, len(line.points))
    ground = shape("line", "grid", paint, x1=4, x2=width - 8, y1=height - 2, y2=height - 2)
    parts = [ground]
    if reference is not None:
        parts.append(_across(reference, frame, paint))
    parts += _line(line, 0, frame, unit, paint)
    return picture(parts, kind="small", words=words, width=width, height=height, paint=paint)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values and periods are on the paper."""

    axis: Axis
    left: float
    right: float
    top: float
    foot: float
    periods: int

    def x(self, step: float) -> float:
        if self.periods == 1:
            return (self.left + self.right) / 2 + step * (self.right - self.left)
        share = step / (self.periods - 1)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.foot - self.axis.at(value, self.foot - self.top)


# What lies behind the lines


def _levels(frame: _Frame, unit: str, paint: Paint) -> list[str]:
    found = []
    for tick in frame.axis.ticks:
        y = frame.y(tick)
        found.append(shape("line", "grid", paint, x1=frame.left, x2=frame.right, y1=y, y2=y))
        written = tick_words(tick, unit)
        found.append(text(written, "tick", paint, x=frame.left - _GAP, y=y + 4, anchor="end"))
    return found


def _periods(points: Sequence[Point], frame: _Frame, paint: Paint) -> Iterator[str]:
    room = frame.right - frame.left
    longest = max(width_of(point.label, 12) for point in points) + 2 * _GAP
    most = max(min(MOST_TICKS, int(room / longest), len(points)), 1)
    last = len(points) - 1
    chosen = {round(last * k / (most - 1)) for k in range(most)} if most > 1 else {last}
    for number in sorted(chosen):
        x, label = frame.x(number), points[number].label
        anchor = _anchor(number, last)
        yield text(label, "tick", paint, x=x, y=frame.foot + 18, anchor=anchor)


def _anchor(number: int, last: int) -> Anchor:
    """The first and the last period are written inwards."""
    if number == 0 < last:
        return "start"
    return "end" if number == last > 0 else "middle"


def _seasons(marks: Sequence[Mark], frame: _Frame, paint: Paint) -> list[str]:
    found, taken = [], _Taken()
    for mark in sorted(marks, key=lambda mark: mark.rank):
        if mark.until is None:
            continue
        x1, x2 = frame.x(mark.start), frame.x(mark.until)
        if x2 <= x1:
            continue
        places = {"x": x1, "y": _TOP - 6, "width": x2 - x1, "height": frame.foot - _TOP + 6}
        found.append(shape("rect", "season", paint, title(mark.label), **places))
        is_late = x1 + 2 + width_of(mark.label, 12) > frame.right
        name = shortened(mark.label, x2 - 2 - frame.left, 12) if is_late else mark.label
        begins = x2 - 2 - width_of(name, 12) if is_late else x1 + 2
        if taken.has_room(begins, begins + width_of(name, 12)):
            found.append(
                text(
                    name, "tick", paint,
                    x=x2 - 2 if is_late else x1 + 2, y=_TOP - 10,
                    anchor="end" if is_late else "start",
                )
            )  # fmt: skip
    return found


def _events(marks: Sequence[Mark], frame: _Frame, paint: Paint) -> list[str]:
    found, taken = [], _Taken()
    for mark in sorted(marks, key=lambda mark: mark.rank):
        if mark.until is not None:
            continue
        x = frame.x(mark.start)
        found.append(
            shape("line", "event", paint, title(mark.label), x1=x, x2=x, y1=_TOP - 6, y2=frame.foot)
        )
        is_late = x > (frame.left + frame.right) / 2
        name = shortened(mark.label, x - frame.left if is_late else frame.right - x, 12)
        ends = (
            (x - 4 - width_of(name, 12), x - 4) if is_late else (x + 4, x + 4 + width_of(name, 12))
        )
        if taken.has_room(*ends):
            found.append(
                text(
                    name, "note", paint,
                    x=x - 4 if is_late else x + 4, y=_TOP + 4, anchor="end" if is_late else "start",
                )
            )  # fmt: skip
    return found


class _Taken:
    """Where names are written on one line already."""

    def __init__(self) -> None:
        self._ends: list[tuple[float, float]] = []

    def has_room(self, left: float, right: float) -> bool:
        """Whether a name fits from `left` to `right`; then its room is taken."""
        if any(left < end + _GAP and begin - _GAP < right for begin, end in self._ends):
            return False
        self._ends.append((left, right))
        return True


def _across(reference: Reference, frame: _Frame, paint: Paint) -> str:
    y = frame.y(reference.value)
    part = "target" if reference.kind == "target" else "all"
    return shape("line", part, paint, x1=frame.left, x2=frame.right, y1=y, y2=y)


# Lines


def _line(line: Line, place: int, frame: _Frame, unit: str, paint: Paint) -> list[str]:
    found = []
    for run in _runs(line.points, lambda point: point.low is not None and point.high is not None):
        if place == 0:
            found += _band(run, line.points, frame, paint)
        elif place == 1:
            found += _edges(run, line.points, frame, paint)
    part = _LINE_PARTS[min(place, len(_LINE_PARTS) - 1)]
    for run in _runs(line.points, lambda point: point.value is not None):
        if len(run) > 1:
            path = _path((number, line.points[number].value) for number in run)
            found.append(shape("polyline", part, paint, points=_corners(path, frame)))
    found += _gaps(line, frame, paint)
    return [*found, *_beads(line, frame, unit, paint)]


def _runs(points: Sequence[Point], has: Callable[[Point], bool]) -> Iterator[list[int]]:
    """The numbers of points that follow one another without a break."""
    run: list[int] = []
    for number, point in enumerate(points):
        if has(point):
            run.append(number)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _path(pairs: Iterable[tuple[int, float | None]]) -> list[tuple[int, float]]:
    return [(number, value) for number, value in pairs if value is not None]


def _band(run: list[int], points: Sequence[Point], frame: _Frame, paint: Paint) -> list[str]:
    top = _path((number, points[number].high) for number in run)
    bottom = _path((number, points[number].low) for number in reversed(run))
    if len(run) == 1:
        # A period alone has no width: its interval is a bar.
        ((step, high),), ((_step, low),) = top, bottom
        x = frame.x(step)
        return [shape("line", "ci mid", paint, x1=x, x2=x, y1=frame.y(low), y2=frame.y(high))]
    return [shape("polygon", "band", paint, points=_corners([*top, *bottom], frame))]


def _edges(run: list[int], points: Sequence[Point], frame: _Frame, paint: Paint) -> list[str]:
    sides = (
        _path((number, points[number].low) for number in run),
        _path((number, points[number].high) for number in run),
    )
    if len(run) == 1:
        return _band(run, points, frame, paint)
    return [shape("polyline", "edge", paint, points=_corners(side, frame)) for side in sides]


def _corners(path: Iterable[tuple[int, float]], frame: _Frame) -> str:
    return " ".join(f"{frame.x(step):.1f},{frame.y(value):.1f}" for step, value in path)


def _gaps(line: Line, frame: _Frame, paint: Paint) -> list[str]:
    """Dots along the foot where the line breaks, and why when a pointer rests on them."""
    found = []
    for number, point in enumerate(line.points):
        if point.value is not None:
            continue
        x1, x2 = frame.x(number - 0.4), frame.x(number + 0.4)
        said = title(f"{point.label}: {point.note}")
        found.append(shape("line", "few", paint, said, x1=x1, x2=x2, y1=frame.foot, y2=frame.foot))
    return found


def _beads(line: Line, frame: _Frame, unit: str, paint: Paint) -> list[str]:
    shown = [number for number, point in enumerate(line.points) if point.value is not None]
    found = []
    for number in shown:
        point = line.points[number]
        is_last = number == shown[-1]
        if point.value is None or not (is_last or len(shown) <= _MOST_DOTS or not point.is_final):
            continue
        part = "point" if point.is_final else "point open"
        radius = 4.0 if is_last or not point.is_final else 1.8
        said = title(_said(line.name, point, unit))
        at = {"cx": frame.x(number), "cy": frame.y(point.value), "r": radius}
        found.append(shape("circle", part, paint, said, **at))
    return found


def _said(name: str, point: Point, unit: str) -> str:
    parts = [figures.figure(point.value, unit), figures.interval(point.low, point.high, unit)]
    if point.n is not None:
        parts.append(f"n = {figures.count(point.n)}")
    if point.note:
        parts.append(point.note)
    heading = " · ".join(part for part in (name, point.label) if part)
    return f"{heading}: {'  '.join(parts)}"


# Direct labels


def _last(line: Line) -> tuple[int, Point] | None:
    shown = [(at, point) for at, point in enumerate(line.points) if point.value is not None]
    return shown[-1] if shown else None


def _ending(line: Line, unit: str, place: int) -> str:
    """A line's last value; from the third line on with half its interval."""
    found = _last(line)
    if found is None:
        return ""
    _at, point = found
    written = figures.figure(point.value, unit)
    if place > 1 and point.low is not None and point.high is not None:
        half = figures.figure((point.high - point.low) / 2, unit).lstrip("+")
        return f"{written} ±{half}"
    return written


def _names(
    lines: Sequence[Line],
    endings: Sequence[str],
    reference: Reference | None,
    frame: _Frame,
    width: float,
    paint: Paint,
) -> list[str]:
    places = []
    room = width - frame.right - _GAP
    if reference is not None:
        places.append((frame.y(reference.value), shortened(reference.label, room, 12), "tick"))
    for line, ending in zip(lines, endings, strict=True):
        found = _last(line)
        if found is not None and found[1].value is not None:
            name = shortened(line.name, room - width_of(f" {ending}", 12), 12)
            places.append((frame.y(found[1].value), f"{name} {ending}".strip(), "name"))
    places.sort()
    heights = _apart([y for y, _name, _part in places], frame.foot)
    return [
        text(name, part, paint, x=frame.right + _GAP, y=y + 4)
        for y, (_y, name, part) in zip(heights, places, strict=True)
    ]


def _apart(heights: Sequence[float], foot: float) -> list[float]:
    """The same heights, moved so that no two lines of writing touch, and none is under the foot."""
    found = list(heights)
    for number in range(1, len(found)):
        found[number] = max(found[number], found[number - 1] + _LABEL_HEIGHT)
    over = max(found[-1] - foot, 0.0) if found else 0.0
    return [height - over for height in found]
