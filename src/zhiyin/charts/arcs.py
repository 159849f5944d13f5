"""What depends on what, in an order: rows under one another, and arcs beside them.

For what comes in an order anyway, such as the questions of a survey, an arc says which earlier row
a later one hangs on; where it goes up, the order is wrong, and it is dashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.charts.markup import (
    NORMAL,
    PAGE,
    Paint,
    element,
    picture,
    shape,
    shortened,
    text,
    title,
)

WIDE = 460.0
_NAMES, _ROW, _INDENT, _TOP = 300.0, 28.0, 18.0, 6.0
_DOT = 4.0


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Args:
        depth: how far it is moved in.
        said: what it is to those who listen or rest a pointer on it.
        address: where it leads.
        is_odd: something is wrong with it; what, the name says too.
    """

    name: str
    depth: int
    said: str
    address: str
    is_odd: bool = False


@dataclass(frozen=True, slots=True)
class Arc:
    """That one row hangs on another, by their numbers."""

    before: int
    after: int
    said: str


def arcs(rows: Sequence[Row], found: Sequence[Arc], *, words: str, paint: Paint = PAGE) -> str:
    """Draw them.

    Args:
        words: what it shows, for those who do not see it.
    """
    room = WIDE - _NAMES - 20
    most = max((abs(one.after - one.before) for one in found), default=1)
    parts = [_arc(one, room, most, paint) for one in found]
    parts += [_row(number, row, paint) for number, row in enumerate(rows)]
    return picture(
        parts, kind="arcs", words=words, width=WIDE, height=_TOP + _ROW * len(rows) + _TOP,
        paint=paint, role="group", is_sized=True,
    )  # fmt: skip


def _middle(number: int) -> float:
    return _TOP + _ROW * (number + 0.5)


def _row(number: int, row: Row, paint: Paint) -> str:
    x, y = _INDENT * row.depth, _middle(number)
    name = shortened(row.name, _NAMES - x - 16, NORMAL)
    written = text(name, "change bad" if row.is_odd else "name", paint, x=x, y=y + 4, size=NORMAL)
    dot = shape("circle", "bead bad" if row.is_odd else "point", paint, cx=_NAMES, cy=y, r=_DOT)
    return element(
        "a", {"href": row.address, "data-row": number, "aria-label": row.said},
        title(row.said), written, dot,
    )  # fmt: skip


def _arc(one: Arc, room: float, most: int, paint: Paint) -> str:
    begin, end = _middle(one.before), _middle(one.after)
    # A short arc stays near its rows, and the longest has all the room.
    reach = _NAMES + 24 + (room - 24) * abs(one.after - one.before) / most
    part = "flow" if one.after >= one.before else "flow back"
    path = (
        f"M{_NAMES + _DOT:g} {begin:g} C{reach:.1f} {begin:g} {reach:.1f} {end:g}"
        f" {_NAMES + _DOT + 7:g} {end:g}"
    )
    line = shape("path", part, paint, d=path, **{"stroke-width": 1.6})
    x = _NAMES + _DOT + 1
    points = f"{x:g},{end:g} {x + 7:g},{end - 4:g} {x + 7:g},{end + 4:g}"
    head = shape("polygon", "tip", paint, points=points)
    return element(
        "g", {"data-before": one.before, "data-after": one.after}, title(one.said), line, head
    )
