"""A bar from nothing to all, with the interval at its end: one step of a funnel."""

from __future__ import annotations

from zhiyin.charts.markup import PAGE, Paint, element, shape

HEIGHT = 16
_THICK = 10


def bar(
    share: float | None,
    low: float | None,
    high: float | None,
    *,
    width: float,
    paint: Paint = PAGE,
) -> str:
    """One share of 0…1; hidden from those who listen, whose table has its figures.

    Args:
        share: None where it is not shown: the line is dotted.
        low: of the interval, with `high`.
        width: of all, in pixels.
    """
    middle = HEIGHT / 2
    line = {"x1": 0.0, "x2": width, "y1": middle, "y2": middle}
    if share is None:
        parts = [shape("line", "few", paint, **line)]
    else:
        top = middle - _THICK / 2
        parts = [
            shape("rect", "ground", paint, x=0, y=top, width=width, height=_THICK, rx=1),
            shape("rect", "bar", paint, x=0, y=top, width=share * width, height=_THICK, rx=1),
        ]
        if low is not None and high is not None and low < high:
            ends = {"x1": low * width, "x2": high * width, "y1": middle, "y2": middle}
            parts.append(shape("line", "whisker", paint, **ends))
    attributes: dict[str, float | str] = {
        "class": "share-bar", "width": width, "height": HEIGHT, "aria-hidden": "true",
    }  # fmt: skip
    return element("svg", attributes, *parts)
