"""A bar from nothing to all, with the interval at its end: one step of a funnel, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.charts.markup import (
    PAGE,
    Paint,
    element,
    lines_of,
    picture,
    row_height,
    row_name,
    shape,
    text,
    width_of,
)

HEIGHT = 16
_THICK = 10
_ROW_HEIGHT, _GAP, _MOST_NAME = 30, 14, 0.3


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
    parts = _parts(share, low, high, width, HEIGHT / 2, paint)
    attributes: dict[str, float | str] = {
        "class": "share-bar", "width": width, "height": HEIGHT, "aria-hidden": "true",
    }  # fmt: skip
    return element("svg", attributes, *parts)


@dataclass(frozen=True, slots=True)
class Row:
    """One step of a funnel: its name, how many came, and their share of the first, 0…1.

    Args:
        said: how many, and which share, as they are written beside the bar.
        share: None where it is not shown.
        low: of the interval, with `high`.
    """

    name: str
    said: str
    share: float | None
    low: float | None = None
    high: float | None = None


def steps(rows: Sequence[Row], *, words: str, width: float = 860, paint: Paint = PAGE) -> str:
    """The steps of a funnel under one another.

    Args:
        words: what the chart shows, for those who do not see it.
    """
    left = min(max((width_of(row.name) for row in rows), default=0.0), _MOST_NAME * width) + _GAP
    right = max((width_of(row.said, 12) for row in rows), default=0.0) + _GAP
    inner = width - left - right
    names = [lines_of(row.name, left - _GAP) for row in rows]
    each = row_height(_ROW_HEIGHT, names)
    parts = []
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        y = each * (place + 0.5)
        parts.append(row_name(name, row.name, paint, x=0, y=y))
        drawn = _parts(row.share, row.low, row.high, inner, y, paint)
        parts.append(element("g", {"transform": f"translate({left:.1f} 0)"}, *drawn))
        parts.append(text(row.said, "tick", paint, x=width, y=y + 4, anchor="end"))
    height = each * len(rows)
    return picture(parts, kind="dots", words=words, width=width, height=height, paint=paint)


def _parts(
    share: float | None,
    low: float | None,
    high: float | None,
    width: float,
    middle: float,
    paint: Paint,
) -> list[str]:
    if share is None:
        return [shape("line", "few", paint, x1=0, x2=width, y1=middle, y2=middle)]
    top = middle - _THICK / 2
    parts = [
        shape("rect", "ground", paint, x=0, y=top, width=width, height=_THICK, rx=1),
        shape("rect", "bar", paint, x=0, y=top, width=share * width, height=_THICK, rx=1),
    ]
    if low is not None and high is not None and low < high:
        ends = {"x1": low * width, "x2": high * width, "y1": middle, "y2": middle}
        parts.append(shape("line", "whisker", paint, **ends))
    return parts
