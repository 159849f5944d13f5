"""The dot plot: groups under one another on one scale, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.charts.axis import Axis, tick_words
from zhiyin.charts.markup import (
    PAGE,
    Paint,
    lines_of,
    picture,
    row_height,
    row_name,
    shape,
    text,
    width_of,
)
from zhiyin.charts.series import Reference
from zhiyin.charts.strings import Estimate, signs

ROW_HEIGHT = 26
_HEAD, _FOOT = 20, 30
_GAP = 14
_MOST_NAME, _LEAST_NAME = 0.3, 60
"""Names usually take three tenths of the width at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group.

    Args:
        change: its difference as it is written, or blank.
        why: what stands in place of a value that is not shown.
    """

    name: str
    estimate: Estimate
    change: str = ""
    why: str = ""


def dots(
    rows: Sequence[Row],
    *,
    axis: Axis,
    unit: str,
    words: str,
    average: Reference | None = None,
    width: float = 794,
    most_name: float = _MOST_NAME,
    paint: Paint = PAGE,
) -> str:
    """Groups as beads with bars, in the order given.

    Args:
        unit: of the ticks.
        words: what the chart shows, for those who do not see it.
        average: a line through all rows, with its name above them, where no bar is.
        most_name: the share of the width, 0…1, that names take at most.
    """
    left = _names_width(rows, most_name * width) + _GAP
    right = max((width_of(row.change, 12) for row in rows), default=0.0) + _GAP
    top = _HEAD if average else 0
    names = [lines_of(row.name, left - _GAP) for row in rows]
    each = row_height(ROW_HEIGHT, names)
    inner, foot = width - left - right, top + each * len(rows)
    parts = []
    for tick in axis.ticks:
        x = left + axis.at(tick, inner)
        parts.append(shape("line", "grid", paint, x1=x, x2=x, y1=top, y2=foot + 4))
        written = tick_words(tick, unit)
        parts.append(text(written, "tick", paint, x=x, y=foot + 20, anchor="middle"))
    if average is not None:
        x = left + axis.at(average.value, inner)
        parts.append(shape("line", "all", paint, x1=x, x2=x, y1=top, y2=foot + 4))
        middle = min(x, width - width_of(average.label, 12) / 2)
        parts.append(text(average.label, "note", paint, x=middle, y=top - 6, anchor="middle"))
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        y = top + each * (place + 0.5)
        parts.append(row_name(name, row.name, paint, x=left - _GAP, y=y, anchor="end"))
        parts += _row(row, axis, paint, y=y, left=left, inner=inner)
        if row.change:
            parts.append(
                text(
                    row.change, f"change {row.estimate.tone}", paint,
                    x=width - 2, y=y + 4, anchor="end",
                )
            )  # fmt: skip
    return picture(parts, kind="dots", words=words, width=width, height=foot + _FOOT, paint=paint)


def _names_width(rows: Sequence[Row], most: float) -> float:
    longest = max((width_of(row.name) for row in rows), default=0.0)
    return min(max(longest, _LEAST_NAME), most)


def _row(row: Row, axis: Axis, paint: Paint, *, y: float, left: float, inner: float) -> list[str]:
    if row.estimate.value is None:
        return [text(row.why, "note", paint, x=left + 6, y=y + 4)]
    return signs(row.estimate, axis, paint, left=left, width=inner, y=y)
