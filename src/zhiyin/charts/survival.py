"""A survival curve: the share still on its way, with its interval, and how many it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.charts.axis import Axis, tick_words
from zhiyin.charts.markup import PAGE, Anchor, Paint, picture, shape, text, title, width_of
from zhiyin.kernel import figures

_TOP, _GAP, _LINE = 14, 8, 18
_FOOT = 3 * _LINE
"""Below the curve: times, what the next line is, and numbers at risk."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The curve at one moment, in per cent.

    Args:
        at: 0…1 of the whole time.
        said: when, in words.
        low: of the interval, with `high`; None where there is none.
    """

    at: float
    said: str
    share: float
    low: float | None
    high: float | None
    at_risk: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A time that is written below, with how many are at risk then; None where that is not told."""

    at: float
    label: str
    at_risk: int | None


def curve(
    moments: Sequence[Moment],
    ticks: Sequence[Tick],
    *,
    axis: Axis,
    words: str,
    at_risk: str,
    median: tuple[float, str] | None = None,
    width: float = 860,
    height: float = 300,
    paint: Paint = PAGE,
) -> str:
    """A line of steps with its band; it ends where what is told does.

    Args:
        moments: in the order of time, one at least.
        words: what the chart shows, for those who do not see it.
        at_risk: what the numbers below are called.
        median: where half have arrived, as a share of the whole time, and how it is written.
    """
    frame = _Frame.of(axis, ticks, width, height)
    parts = [*_levels(frame, paint), *_below(frame, ticks, at_risk, paint)]
    if median is not None:
        at, said = median
        x = frame.x(at)
        parts.append(shape("line", "all", paint, x1=x, x2=x, y1=frame.top, y2=frame.foot))
        is_late = at > 0.5
        side = -4 if is_late else 4
        anchor: Anchor = "end" if is_late else "start"
        parts.append(text(said, "note", paint, x=x + side, y=frame.top + 10, anchor=anchor))
    parts += _band(frame, moments, paint)
    steps = _steps([(one.at, one.share) for one in moments], frame)
    parts.append(shape("polyline", "line first", paint, points=steps))
    parts += _rests(frame, moments, at_risk, paint)
    return picture(parts, kind="trend", words=words, width=width, height=height, paint=paint)


@dataclass(frozen=True, slots=True)
class _Frame:
    axis: Axis
    left: float
    right: float
    top: float
    foot: float

    @classmethod
    def of(cls, axis: Axis, ticks: Sequence[Tick], width: float, height: float) -> _Frame:
        written = max(width_of(tick_words(tick, "percent"), 12) for tick in axis.ticks)
        side = max((width_of(_number(tick), 12) / 2 for tick in ticks), default=0.0)
        return cls(axis, max(written + _GAP, side), width - side - _GAP, _TOP, height - _FOOT)

    def x(self, at: float) -> float:
        return self.left + at * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.foot - self.axis.at(value, self.foot - self.top)


def _number(tick: Tick) -> str:
    return "·" if tick.at_risk is None else figures.count(tick.at_risk)


def _levels(frame: _Frame, paint: Paint) -> list[str]:
    found = []
    for tick in frame.axis.ticks:
        y = frame.y(tick)
        found.append(shape("line", "grid", paint, x1=frame.left, x2=frame.right, y1=y, y2=y))
        written = tick_words(tick, "percent")
        found.append(text(written, "tick", paint, x=frame.left - _GAP, y=y + 4, anchor="end"))
    return found


def _below(frame: _Frame, ticks: Sequence[Tick], at_risk: str, paint: Paint) -> list[str]:
    """Times, and the numbers at risk under them, as many as there is room for."""
    room = (frame.right - frame.left) / max(len(ticks) - 1, 1)
    widest = max((width_of(w, 12) for t in ticks for w in (t.label, _number(t))), default=0.0)
    every = next((n for n in range(1, len(ticks) + 1) if n * room > widest + _GAP), 1)
    found = [text(at_risk, "tick", paint, x=0, y=frame.foot + 2 * _LINE)]
    for tick in ticks[::every]:
        x = frame.x(tick.at)
        found.append(shape("line", "grid", paint, x1=x, x2=x, y1=frame.foot, y2=frame.foot + 4))
        found.append(text(tick.label, "tick", paint, x=x, y=frame.foot + _LINE, anchor="middle"))
        below = frame.foot + 3 * _LINE - 4
        found.append(text(_number(tick), "tick", paint, x=x, y=below, anchor="middle"))
    return found


def _band(frame: _Frame, moments: Sequence[Moment], paint: Paint) -> list[str]:
    lows = [(one.at, one.low) for one in moments if one.low is not None]
    highs = [(one.at, one.high) for one in moments if one.high is not None]
    if len(lows) < 2:
        return []
    there = _steps(highs, frame)
    back = " ".join(reversed(_steps(lows, frame).split(" ")))
    return [shape("polygon", "band", paint, points=f"{there} {back}")]


def _steps(path: Sequence[tuple[float, float]], frame: _Frame) -> str:
    """Level until the next moment, then down."""
    found: list[str] = []
    for place, (at, value) in enumerate(path):
        if place:
            found.append(f"{frame.x(at):.1f},{frame.y(path[place - 1][1]):.1f}")
        found.append(f"{frame.x(at):.1f},{frame.y(value):.1f}")
    return " ".join(found)


def _rests(frame: _Frame, moments: Sequence[Moment], at_risk: str, paint: Paint) -> list[str]:
    """A dot at each moment to rest a pointer on."""
    found = []
    for place, one in enumerate(moments):
        ends = figures.interval(one.low, one.high, "percent")
        written = figures.figure(one.share, "percent")
        said = f"{one.said}: {written} {ends}, {at_risk} {figures.count(one.at_risk)}"
        is_last = place == len(moments) - 1
        at = {"cx": frame.x(one.at), "cy": frame.y(one.share), "r": 4.0 if is_last else 1.8}
        found.append(shape("circle", "point", paint, title(said), **at))
    return found
