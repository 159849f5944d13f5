"""The emotion curve 情绪曲线: one value a stage with its band, as wide as what it stands above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from zhiyin.charts.markup import PAGE, SMALL, Paint, element, escaped, shape
from zhiyin.kernel.figures import figure

Down = Callable[[float], float]
"""From a value to how far below the top it is."""

_ROOM = 18
"""Above and below, for the values."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the curve.

    Args:
        name: said to those who listen.
        width: of its column, beside the others'.
        value: None where there are too few answers: the line breaks.
        low, high: of the interval.
    """

    name: str
    width: float
    value: float | None = None
    low: float | None = None
    high: float | None = None


def curve(
    stages: Sequence[Stage],
    *,
    height: int = 110,
    label: str,
    is_narrow: bool = False,
    paint: Paint = PAGE,
) -> str:
    """The curve; places across are parts of the whole width, so that it fits any.

    Args:
        label: what it shows, for those who listen; values follow it.
        is_narrow: how wide intervals are stands on the other side of the points than the values.
    """
    centres = _centres(stages)
    ends = [abs(end) for one in stages for end in (one.low, one.high, one.value) if end is not None]
    most = max([*ends, 10.0])

    def down(value: float) -> float:
        return _ROOM + (height - 2 * _ROOM) * (1 - (value + most) / (2 * most))

    parts = [
        shape("line", "grid", paint, x1="0", x2="100%", y1=down(0), y2=down(0),
              **{"stroke-dasharray": "2 3"}),
    ]  # fmt: skip
    told = list(zip(centres, stages, strict=True))
    for (x1, one), (x2, next_) in pairwise(told):
        if one.value is None or next_.value is None:
            continue
        parts.append(_band(x1, one, x2, next_, down, height, paint))
        parts.append(
            shape("line", "line first", paint, x1=_part(x1), x2=_part(x2),
                  y1=down(one.value), y2=down(next_.value))
        )  # fmt: skip
    for x, one in told:
        if one.value is not None:
            parts += _point(x, one, one.value, down, paint, is_narrow=is_narrow)
    said = "; ".join(
        f"{one.name} {figure(one.value, 'points')}" for one in stages if one.value is not None
    )
    attributes: dict[str, float | str] = {
        "class": "curve", "width": "100%", "height": height, "role": "img",
        "aria-label": f"{label}: {said}" if said else label,
    }  # fmt: skip
    return element("svg", attributes, *parts)


def _centres(stages: Sequence[Stage]) -> list[float]:
    """Where the middle of each stage is, 0…1."""
    whole = sum(one.width for one in stages) or 1.0
    found, left = [], 0.0
    for one in stages:
        found.append((left + one.width / 2) / whole)
        left += one.width
    return found


def _band(
    x1: float, one: Stage, x2: float, next_: Stage, down: Down, height: int, paint: Paint
) -> str:
    """The band from one stage to the next, stretched to the width between them."""
    ends = [end for end in (one.low, next_.low, next_.high, one.high) if end is not None]
    if len(ends) < 4:
        return ""
    low, next_low, next_high, high = map(down, ends)
    points = f"0,{high:.1f} 100,{next_high:.1f} 100,{next_low:.1f} 0,{low:.1f}"
    inside = shape("polygon", "band", paint, points=points)
    attributes: dict[str, float | str] = {
        "x": _part(x1), "y": 0, "width": _part(x2 - x1), "height": height,
        "viewBox": f"0 0 100 {height}", "preserveAspectRatio": "none",
    }  # fmt: skip
    return element("svg", attributes, inside)


def _point(
    x: float, one: Stage, value: float, down: Down, paint: Paint, *, is_narrow: bool
) -> list[str]:
    tone = "mid"
    if one.low is not None and one.low > 0:
        tone = "good"
    if one.high is not None and one.high < 0:
        tone = "bad"
    y = down(value)
    half = "" if one.low is None or one.high is None else f"±{(one.high - one.low) / 2:.0f}"
    outside, inside = (y - 9, y + 18) if value >= 0 else (y + 18, y - 9)
    words = figure(value, "points")
    if half and not is_narrow:
        words = f"{words} {half}"
    place: dict[str, float | str] = {
        "x": _part(x), "text-anchor": "middle", "font-size": SMALL
    }  # fmt: skip
    parts = [
        shape("circle", f"bead {tone}", paint, cx=_part(x), cy=y, r=4),
        shape("text", "name", paint, escaped(words), y=outside, **place),
    ]
    if half and is_narrow:
        parts.append(shape("text", "scale", paint, half, y=inside, **place))
    return parts


def _part(share: float) -> str:
    return f"{100 * share:.2f}%"
