"""A graph of what follows what: nodes in layers from the left, links as wide as what flows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhiyin.charts.layers import BEND, NODE, Layers, lay_out
from zhiyin.charts.markup import (
    PAGE,
    SMALL,
    Paint,
    element,
    lines_of,
    picture,
    shape,
    text,
    title,
)

WIDE = 1300.0
_BOX, _HIGH = 106.0, 50.0
_ROW = 66.0
_LEAST_PITCH, _MOST_PITCH = 160.0, 230.0
_SIDE = 26.0
_BETWEEN = 64.0
_TURN = 30.0
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
        parts, kind="graph", words=words, width=WIDE, height=paper.height, paint=paint,
        role="group", is_sized=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Band:
    """Layers beside one another, as many as the paper is wide.

    Args:
        rows: where each height in it is, from the top of the band, in rows.
        top: where the band begins.
        foot: where it ends.
    """

    rows: Mapping[float, float]
    top: float
    foot: float


@dataclass(frozen=True, slots=True)
class _Paper:
    """Where layers and rows are: more layers than the paper is wide go on in a band below."""

    laid: Layers
    pitch: float
    each: int
    bands: tuple[_Band, ...]

    @classmethod
    def of(cls, laid: Layers) -> _Paper:
        room = WIDE - _BOX - 2 * _SIDE
        each = min(max(laid.count, 2), int(room / _LEAST_PITCH) + 1)
        heights: dict[int, list[tuple[float, float]]] = {}
        for layer, height in zip(laid.layer, laid.height, strict=True):
            heights.setdefault(layer // each, []).append((height, NODE))
        for (before, _after), bends in laid.bends.items():
            for layer, height in enumerate(bends, start=laid.layer[before] + 1):
                heights.setdefault(layer // each, []).append((height, BEND))
        bands: list[_Band] = []
        top = _HIGH
        for _number, held in sorted(heights.items()):
            rows = _squeezed(held)
            foot = top + max(rows.values()) * _ROW + _HIGH / 2
            bands.append(_Band(rows, top, foot))
            top = foot + _BETWEEN + _HIGH / 2
        return cls(laid, min(room / (each - 1), _MOST_PITCH), each, tuple(bands))

    @property
    def height(self) -> float:
        return self.bands[-1].foot + _BETWEEN if self.bands else _BETWEEN

    def band(self, layer: int) -> int:
        return layer // self.each

    def at(self, layer: int, height: float) -> tuple[float, float]:
        """The left side and the middle of what is in a layer at a height."""
        band = self.bands[self.band(layer)]
        return _SIDE + (layer % self.each) * self.pitch, band.top + band.rows[height] * _ROW

    def middle(self, node: int) -> tuple[float, float]:
        """The left side and the middle of a node."""
        return self.at(self.laid.layer[node], self.laid.height[node])


def _squeezed(held: Sequence[tuple[float, float]]) -> dict[float, float]:
    """Each height, from the least on, where strips in which nothing is are taken out.

    Args:
        held: heights, each with the room around it.
    """
    found: dict[float, float] = {}
    foot, empty = math.inf, 0.0
    for height, room in sorted(held, key=lambda one: one[0] - one[1] / 2):
        top = height - room / 2
        empty += max(top - foot, 0.0) if found else height
        found[height] = height - empty
        foot = top + room if not math.isfinite(foot) else max(foot, top + room)
    least = min(found.values(), default=0.0)
    return {height: row - least for height, row in found.items()}


def _node(number: int, node: Node, paper: _Paper, paint: Paint) -> str:
    x, y = paper.middle(number)
    lines = lines_of(node.name, _BOX - 10, SMALL)
    first = y - 6 - 7 * (len(lines) - 1)
    written = [
        text(line, "name", paint, x=x + _BOX / 2, y=first + 14 * at, anchor="middle")
        for at, line in enumerate(lines)
    ]
    more = text(node.more, "tick", paint, x=x + _BOX / 2, y=y + 18, anchor="middle")
    box = shape("rect", "box", paint, x=x, y=y - _HIGH / 2, width=_BOX, height=_HIGH, rx=4)
    places = {"data-node": number, "data-layer": paper.laid.layer[number]}
    return _linked(node.address, node.said, places, box, *written, more)


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
    layers = paper.laid.layer
    if layers[link.after] > layers[link.before]:
        stops = _stops(link, paper)
        (x, y), (_layer, end) = stops[0][1], stops[-1]
        path = f"M{x + _BOX:.1f},{y:.1f}"
        for (one, (a, b)), (other, (c, d)) in itertools.pairwise(stops):
            path += _bend(paper, (one, a + _BOX, b), (other, c, d))
            # Within a layer it goes on level, under no node.
            path += f" H{c + _BOX:.1f}" if other != layers[link.after] else ""
        return path, (end, False), False
    (x1, y1), (x2, y2) = paper.middle(link.before), paper.middle(link.after)
    end = x2 + _BOX * 0.38, y2 + _HIGH / 2
    begin = x1 + _BOX * 0.62
    bands = paper.band(layers[link.before]), paper.band(layers[link.after])
    if bands[0] > bands[1]:
        start, turn = y1 - _HIGH / 2, paper.bands[bands[1]].foot + _BETWEEN / 2
    else:
        start = y1 + _HIGH / 2
        turn = max(y1, y2) + _HIGH / 2 + 26 + 5 * (layers[link.before] - layers[link.after])
    path = (
        f"M{begin:.1f},{start:.1f} C{begin:.1f},{turn:.1f}"
        f" {end[0]:.1f},{turn:.1f} {end[0]:.1f},{end[1] + 6:.1f}"
    )
    return path, (end, True), True


Stop = tuple[int, tuple[float, float]]
"""A layer, and where a link is at its left side."""


def _stops(link: Link, paper: _Paper) -> list[Stop]:
    """Where a link that goes on is in its first layer, in those between, and in its last."""
    first, last = paper.laid.layer[link.before], paper.laid.layer[link.after]
    bends = paper.laid.bends.get((link.before, link.after), ())
    between = [
        (layer, paper.at(layer, height)) for layer, height in enumerate(bends, start=first + 1)
    ]
    return [(first, paper.middle(link.before)), *between, (last, paper.middle(link.after))]


def _bend(paper: _Paper, one: tuple[int, float, float], other: tuple[int, float, float]) -> str:
    """From the right side of a layer to the left side of the next, which may be in a band below."""
    (layer, a, b), (following, c, d) = one, other
    if paper.band(layer) == paper.band(following):
        middle = (a + c) / 2
        return f" C{middle:.1f},{b:.1f} {middle:.1f},{d:.1f} {c:.1f},{d:.1f}"
    turn, middle = paper.bands[paper.band(layer)].foot + _BETWEEN / 2, (a + c) / 2
    return (
        f" C{a + _TURN:.1f},{b:.1f} {a + _TURN:.1f},{turn:.1f} {a - _TURN:.1f},{turn:.1f}"
        f" L{middle:.1f},{turn:.1f} L{c + _TURN:.1f},{turn:.1f}"
        f" C{c - _TURN:.1f},{turn:.1f} {c - _TURN:.1f},{d:.1f} {c:.1f},{d:.1f}"
    )


def _label(link: Link, paper: _Paper, wide: float, paint: Paint) -> str:
    layers = paper.laid.layer
    if layers[link.after] <= layers[link.before]:
        return ""
    (layer, (a, b)), (following, (c, d)), *_more = _stops(link, paper)
    if paper.band(layer) != paper.band(following):
        return ""
    x, y = (a + _BOX + c) / 2, (b + d) / 2 - wide / 2 - 5
    return text(link.label, "note", paint, x=x, y=y, anchor="middle", size=11)


def _linked(address: str, said: str, places: dict[str, int], *inside: str) -> str:
    attributes: dict[str, float | str] = dict(places)
    if not address:
        attributes.pop("tabindex", None)
        return element("g", attributes, title(said), *inside)
    return element("a", {"href": address, **attributes, "aria-label": said}, title(said), *inside)
