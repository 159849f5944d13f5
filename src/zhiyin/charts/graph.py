"""A graph of what follows what: nodes in layers from the left, links as wide as what flows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.charts.layers import Layers, lay_out
from zhiyin.charts.markup import (
    PAGE,
    Paint,
    element,
    picture,
    shape,
    shortened,
    text,
    title,
    width_of,
)

WIDE = 1300.0
_BOX, _HIGH = 106.0, 50.0
_ROW = 66.0
_LEAST_PITCH, _MOST_PITCH = 160.0, 230.0
_SIDE = 12.0
_THIN, _THICK = 1.2, 11.0
_LABELS = 14
"""So many links have their number written; the pointer and the table tell the others."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node.

    Args:
        more: what is written under its name.
        said: what it is to those who listen or rest a pointer on it.
        address: of what is behind it, or blank.
    """

    name: str
    more: str
    said: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What flows from one node to another, by their numbers; the heaviest links come first."""

    before: int
    after: int
    weight: float
    label: str
    said: str
    address: str = ""


def graph(
    nodes: Sequence[Node],
    links: Sequence[Link],
    *,
    words: str,
    start: int | None = None,
    paint: Paint = PAGE,
) -> str:
    """Draw it; links from a node to itself are left to what the node says.

    Args:
        words: what it shows, for those who do not see it.
        start: the node that stands at the left.
    """
    drawn = [link for link in links if link.before != link.after]
    weights = {(link.before, link.after): link.weight for link in drawn}
    laid = lay_out(len(nodes), weights, start=start)
    paper = _Paper.of(laid)
    most = max((link.weight for link in drawn), default=1.0)
    parts = [
        _link(link, paper, _THIN + (_THICK - _THIN) * link.weight / most, paint)
        for link in reversed(drawn)
    ]
    parts += [
        _label(link, paper, _THIN + (_THICK - _THIN) * link.weight / most, paint)
        for link in drawn[:_LABELS]
    ]
    parts += [_node(number, node, paper, paint) for number, node in enumerate(nodes)]
    return picture(
        parts, kind="graph", words=words, width=paper.width, height=paper.height, paint=paint,
        role="group", is_sized=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Paper:
    """Where layers and rows are."""

    laid: Layers
    pitch: float
    width: float
    height: float
    top: float

    @classmethod
    def of(cls, laid: Layers) -> _Paper:
        gaps = max(laid.count - 1, 1)
        pitch = min(max((WIDE - _BOX - 2 * _SIDE) / gaps, _LEAST_PITCH), _MOST_PITCH)
        width = max(2 * _SIDE + _BOX + gaps * pitch, WIDE)
        return cls(laid, pitch, width, laid.rows * _ROW + 2 * _HIGH, _HIGH / 2)

    def x(self, layer: int) -> float:
        """The left side of a layer's boxes."""
        return _SIDE + layer * self.pitch

    def y(self, height: float) -> float:
        return self.top + height * _ROW

    def middle(self, node: int) -> tuple[float, float]:
        """The left side and the middle of a node."""
        return self.x(self.laid.layer[node]), self.y(self.laid.height[node])


def _node(number: int, node: Node, paper: _Paper, paint: Paint) -> str:
    x, y = paper.middle(number)
    lines = _lines(node.name)
    first = y - 6 - 7 * (len(lines) - 1)
    written = [
        text(line, "name", paint, x=x + _BOX / 2, y=first + 14 * at, anchor="middle")
        for at, line in enumerate(lines)
    ]
    more = text(node.more, "tick", paint, x=x + _BOX / 2, y=y + 18, anchor="middle")
    box = shape("rect", "box", paint, x=x, y=y - _HIGH / 2, width=_BOX, height=_HIGH, rx=4)
    places = {"data-node": number, "data-layer": paper.laid.layer[number]}
    return _linked(node.address, node.said, places, box, *written, more)


def _lines(name: str) -> list[str]:
    """A name in one or two lines that fit the box."""
    room = _BOX - 10
    if width_of(name, 12) <= room or " " not in name:
        return [shortened(name, room, 12)]
    words, first = name.split(" "), ""
    while words and width_of(f"{first} {words[0]}".strip(), 12) <= room:
        first = f"{first} {words.pop(0)}".strip()
    if not first:
        return [shortened(name, room, 12)]
    return [first, shortened(" ".join(words), room, 12)] if words else [first]


def _link(link: Link, paper: _Paper, wide: float, paint: Paint) -> str:
    path, tip, is_back = _path(link, paper)
    size = 4 + wide / 2
    (x, y), turn = tip
    corners = [(x, y), (x - size * 1.3, y - size), (x - size * 1.3, y + size)]
    if turn:
        corners = [(x, y), (x - size, y + size * 1.3), (x + size, y + size * 1.3)]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    part = "flow back" if is_back else "flow"
    drawn = shape("path", part, paint, d=path, **{"stroke-width": wide})
    head = shape("polygon", "tip", paint, points=points)
    places = {"data-before": link.before, "data-after": link.after, "tabindex": -1}
    return _linked(link.address, link.said, places, drawn, head)


def _path(link: Link, paper: _Paper) -> tuple[str, tuple[tuple[float, float], bool], bool]:
    """The curve, where its head is and whether that looks up, and whether it goes back."""
    (x1, y1), (x2, y2) = paper.middle(link.before), paper.middle(link.after)
    laid = paper.laid
    if laid.layer[link.after] > laid.layer[link.before]:
        bends = laid.bends.get((link.before, link.after), ())
        points = [(x1 + _BOX, y1)]
        for at, height in enumerate(bends, start=laid.layer[link.before] + 1):
            points += [(paper.x(at), paper.y(height)), (paper.x(at) + _BOX, paper.y(height))]
        points.append((x2 - 6, y2))
        path = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
        for (a, b), (c, d) in itertools.pairwise(points):
            middle = (a + c) / 2
            path += f" C{middle:.1f},{b:.1f} {middle:.1f},{d:.1f} {c:.1f},{d:.1f}"
        return path, ((x2, y2), False), False
    below = max(y1, y2) + _HIGH / 2 + 26 + 5 * (laid.layer[link.before] - laid.layer[link.after])
    begin, end = (x1 + _BOX * 0.62, y1 + _HIGH / 2), (x2 + _BOX * 0.38, y2 + _HIGH / 2)
    path = (
        f"M{begin[0]:.1f},{begin[1]:.1f} C{begin[0]:.1f},{below:.1f}"
        f" {end[0]:.1f},{below:.1f} {end[0]:.1f},{end[1] + 6:.1f}"
    )
    return path, (end, True), True


def _label(link: Link, paper: _Paper, wide: float, paint: Paint) -> str:
    (x1, y1), (_x2, y2) = paper.middle(link.before), paper.middle(link.after)
    layers = paper.laid.layer
    if layers[link.after] <= layers[link.before]:
        return ""
    bends = paper.laid.bends.get((link.before, link.after))
    first = paper.y(bends[0]) if bends else y2
    x = (x1 + _BOX + paper.x(layers[link.before] + 1)) / 2
    return text(
        link.label, "note", paint, x=x, y=(y1 + first) / 2 - wide / 2 - 5, anchor="middle", size=11
    )


def _linked(address: str, said: str, places: dict[str, int], *inside: str) -> str:
    attributes: dict[str, float | str] = dict(places)
    if not address:
        attributes.pop("tabindex", None)
        return element("g", attributes, title(said), *inside)
    return element("a", {"href": address, **attributes, "aria-label": said}, title(said), *inside)
