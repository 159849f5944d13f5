"""The string 弦, one sign for every estimate.

Hairline for the scale, bar for the interval, bead for the value, hollow bead for what it is
compared with, tick for the average.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import PAGE, Paint, Tone, element, shape

HEIGHT = 14
_MIDDLE = HEIGHT / 2
_SIDE = 5
"""Room for half a bead at each end."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one string shows.

    Args:
        value: None where there are too few answers: the hairline is dotted.
        low: of the interval, with `high`.
        was: what the value is compared with.
        tone: of a difference that is more than chance.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    was: float | None = None
    tone: Tone = "mid"


def string(
    one: Estimate,
    axis: Axis | None,
    *,
    average: float | None = None,
    width: float = 110,
    paint: Paint = PAGE,
) -> str:
    """One estimate on a hairline; hidden from those who listen, whose table has its figures."""
    inner = width - 2 * _SIDE
    if axis is None or one.value is None:
        parts = [_level("few", paint, _SIDE, _SIDE + inner)]
    else:
        parts = [
            _level("scale", paint, _SIDE, _SIDE + inner),
            *signs(one, axis, paint, left=_SIDE, width=inner, y=_MIDDLE, average=average),
        ]
    attributes: dict[str, float | str] = {
        "class": "string", "width": width, "height": HEIGHT, "aria-hidden": "true",
    }  # fmt: skip
    return element("svg", attributes, *parts)


def signs(
    one: Estimate,
    axis: Axis,
    paint: Paint,
    *,
    left: float,
    width: float,
    y: float,
    average: float | None = None,
) -> list[str]:
    """Tick, bar, hollow bead and bead of an estimate, in the order in which they are drawn."""

    def at(value: float) -> float:
        return left + axis.at(value, width)

    found = []
    if average is not None:
        x = at(average)
        found.append(shape("line", "all", paint, x1=x, x2=x, y1=y - 6, y2=y + 6))
    if one.low is not None and one.high is not None:
        found.append(_level(f"ci {one.tone}", paint, at(one.low), at(one.high), y))
    if one.was is not None:
        found.append(shape("circle", "was", paint, cx=at(one.was), cy=y, r=3.4))
    if one.value is not None:
        found.append(shape("circle", f"bead {one.tone}", paint, cx=at(one.value), cy=y, r=4.7))
    return found


def _level(part: str, paint: Paint, x1: float, x2: float, y: float = _MIDDLE) -> str:
    return shape("line", part, paint, x1=x1, x2=x2, y1=y, y2=y)
