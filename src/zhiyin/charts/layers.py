"""Where the nodes of a graph stand, so that most of what flows goes from left to right.

After Sugiyama, Tagawa & Toda (1981, IEEE Trans. SMC 11): nodes are put in an order in which little
flows back (greedy, Eades, Lin & Smyth 1993, then
by single moves), each a layer after the node that most comes from; in a
layer they are sorted by the middle of their neighbours. A link over several layers bends in each of
them, so that it passes between nodes and not under them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SWEEPS = 16
NODE, BEND = 1.0, 0.24
"""Room that a node and the bend of a link take in a layer."""

Links = Mapping[tuple[int, int], float]
"""What flows between two nodes, by their numbers; from a node to itself is not looked at."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A layout.

    Args:
        layer: of each node, 0 is the leftmost.
        height: of each node's middle, in rows; 0 is the topmost.
        bends: of each link over several layers, the heights in the layers between.
        rows: the height of all.
    """

    layer: tuple[int, ...]
    height: tuple[float, ...]
    bends: Mapping[tuple[int, int], tuple[float, ...]]
    rows: float

    @property
    def count(self) -> int:
        """How many layers there are."""
        return max(self.layer, default=-1) + 1


def lay_out(nodes: int, links: Links, *, start: int | None = None) -> Layers:
    """Place nodes, numbered from 0.

    Args:
        start: the node that stands at the left; None chooses the ones that little comes to.
    """
    layer = _layers(nodes, links, _order(nodes, links, start))
    items = _Items.of(nodes, links, layer)
    for sweep in range(SWEEPS):
        items.sort(from_left=sweep % 2 == 0)
    heights = items.heights()
    top = min((h - items.room(n) / 2 for n, h in heights.items()), default=0.0)
    low = max((h + items.room(n) / 2 for n, h in heights.items()), default=0.0)
    bends = {
        link: tuple(heights[item] - top for item in chain) for link, chain in items.bends.items()
    }
    return Layers(layer, tuple(heights[n] - top for n in range(nodes)), bends, low - top)


def _order(nodes: int, links: Links, start: int | None) -> list[int]:
    """The nodes in an order in which little flows backwards."""
    left: list[int] = [] if start is None else [start]
    right: list[int] = []
    rest = set(range(nodes)) - set(left)
    while rest:
        out = dict.fromkeys(rest, 0.0)
        come = dict.fromkeys(rest, 0.0)
        for (before, after), weight in links.items():
            if before in rest and after in rest and before != after:
                out[before] += weight
                come[after] += weight
        sinks = [node for node in sorted(rest) if not out[node]]
        chosen = sinks[0] if sinks else max(sorted(rest), key=lambda node: out[node] - come[node])
        rest.remove(chosen)
        if sinks:
            right.insert(0, chosen)
        else:
            left.append(chosen)
    return _moved(left + right, links, kept=0 if start is None else 1)


def _moved(order: list[int], links: Links, *, kept: int) -> list[int]:
    """The order, with single nodes moved for as long as less flows backwards by it.

    Args:
        kept: how many at the beginning stay there.
    """
    least = _back(order, links)
    is_better = True
    while is_better:
        is_better = False
        for node in order[kept:]:
            rest = [one for one in order if one != node]
            tries = [[*rest[:at], node, *rest[at:]] for at in range(kept, len(order))]
            best = min(tries, key=lambda one: _back(one, links))
            if _back(best, links) < least:
                order, least, is_better = best, _back(best, links), True
    return order


def _back(order: Sequence[int], links: Links) -> float:
    """How much flows from later nodes to earlier ones."""
    place = {node: at for at, node in enumerate(order)}
    return sum(weight for (a, b), weight in links.items() if place[a] > place[b])


def _layers(nodes: int, links: Links, order: Sequence[int]) -> tuple[int, ...]:
    """Each node's layer: one after that of the earlier node that most comes from."""
    place = {node: at for at, node in enumerate(order)}
    found = [0] * nodes
    for node in order:
        earlier = [
            (weight, -place[before], before)
            for (before, after), weight in links.items()
            if after == node and place[before] < place[node]
        ]
        if earlier:
            found[node] = found[max(earlier)[2]] + 1
    return tuple(found)


@dataclass
class _Items:
    """Nodes and bends by layer, in their order from top to bottom.

    Args:
        nodes: items below this number are nodes, the others bends.
        bends: of each link that has some, their items.
        beside: of each item, its neighbours in the layer before and in the one after.
    """

    nodes: int
    layers: list[list[int]]
    bends: dict[tuple[int, int], list[int]]
    beside: tuple[dict[int, list[tuple[int, float]]], dict[int, list[tuple[int, float]]]]

    @classmethod
    def of(cls, nodes: int, links: Links, layer: Sequence[int]) -> _Items:
        layers: list[list[int]] = [[] for _layer in range(max(layer, default=0) + 1)]
        for node, at in enumerate(layer):
            layers[at].append(node)
        found = cls(nodes, layers, {}, ({}, {}))
        number = nodes
        for (before, after), weight in links.items():
            if layer[after] <= layer[before]:
                continue
            chain = []
            for at in range(layer[before] + 1, layer[after]):
                layers[at].append(number)
                chain.append(number)
                number += 1
            if chain:
                found.bends[before, after] = chain
            ends = [before, *chain, after]
            for one, other in itertools.pairwise(ends):
                found.beside[0].setdefault(other, []).append((one, weight))
                found.beside[1].setdefault(one, []).append((other, weight))
        return found

    def room(self, item: int) -> float:
        return NODE if item < self.nodes else BEND

    def sort(self, *, from_left: bool) -> None:
        """Sort each layer by the middle of what its items are joined to on one side."""
        side = self.beside[0] if from_left else self.beside[1]
        layers = self.layers if from_left else self.layers[::-1]
        at = {item: place for layer in self.layers for place, item in enumerate(layer)}
        for layer in layers:
            middle = {
                item: _mean((at[other], weight) for other, weight in side.get(item, ()))
                for item in layer
            }
            layer.sort(key=lambda item: (at[item] if (m := middle[item]) is None else m, at[item]))
            at |= {item: place for place, item in enumerate(layer)}

    def heights(self) -> dict[int, float]:
        """Heights near those of neighbours, with room between."""
        found: dict[int, float] = {}
        for layer in self.layers:
            size = sum(map(self.room, layer))
            top = -size / 2
            for item in layer:
                found[item] = top + self.room(item) / 2
                top += self.room(item)
        for _sweep in range(SWEEPS):
            for layer in self.layers:
                wanted = []
                for item in layer:
                    joined = [*self.beside[0].get(item, ()), *self.beside[1].get(item, ())]
                    middle = _mean((found[other], weight) for other, weight in joined)
                    wanted.append(found[item] if middle is None else middle)
                found |= zip(layer, self._apart(layer, wanted), strict=True)
        return found

    def _apart(self, layer: Sequence[int], wanted: Sequence[float]) -> list[float]:
        """The wanted heights, moved as little as room needs: half down, half up."""
        down, up = list(wanted), list(wanted)
        rooms = [self.room(item) for item in layer]
        for n in range(1, len(down)):
            down[n] = max(down[n], down[n - 1] + (rooms[n - 1] + rooms[n]) / 2)
        for n in range(len(up) - 2, -1, -1):
            up[n] = min(up[n], up[n + 1] - (rooms[n] + rooms[n + 1]) / 2)
        return [(one + other) / 2 for one, other in zip(down, up, strict=True)]


def _mean(pairs: Iterable[tuple[float, float]]) -> float | None:
    held = list(pairs)
    weights = sum(weight for _value, weight in held)
    return sum(value * weight for value, weight in held) / weights if weights else None
