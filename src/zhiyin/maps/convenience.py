"""Convenience 便利性: how little a touchpoint asks, beside the best comparable one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zhiyin.journey.traffic import NodeTraffic
from zhiyin.maps.document import Node
from zhiyin.measure.scores import Score, Scores

NAMES = ("time", "attempts", "switches", "help", "effort")
"""What it is made of: median time to the next touchpoint, events a journey, switches of channel a
journey, share of journeys in which help was asked for, and the customer effort score."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked of a customer.

    Args:
        value: as it is counted, with its interval, where there is one.
        best: of the comparable touchpoints, and `best_at`, which has it.
        part: 1 where this is the best itself, towards 0 the farther it is from it; with the ends
            that the interval gives.
    """

    name: str
    value: float
    best: float
    best_at: str
    part: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Convenience:
    """The mean of the parts, 0…100.

    Args:
        low, high: what it would be at the ends of all parts' intervals: wider than one of 95 %.
        beside: ids of the touchpoints that it is comparable with.
    """

    value: float
    low: float
    high: float
    parts: tuple[Part, ...]
    beside: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "parts": [one.as_dict() for one in self.parts],
            "beside": list(self.beside),
        }


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing of one touchpoint, as a cost: 0 is best, less is better."""

    value: float
    cost: float
    low: float
    high: float


Asked = tuple[Node, NodeTraffic, Score | None]


def of(nodes: Sequence[Asked], effort: Scores | None) -> list[Convenience | None]:
    """The convenience of each touchpoint, in their order; None where nothing tells, or where
    nothing is comparable.

    Comparable are touchpoints that customers come to for the same (`wish`); where nobody has said
    for what, those of the same stage.

    Args:
        effort: the table of the efforts, whose scale and direction they have.
    """
    told = [_costs(flow, score, effort) for _node, flow, score in nodes]
    found: list[Convenience | None] = []
    for place, (node, _flow, _score) in enumerate(nodes):
        near = [at for at, (other, _f, _s) in enumerate(nodes) if _is_like(node, other)]
        parts = []
        for name in NAMES:
            if name not in told[place]:
                continue
            others = [at for at in near if name in told[at]]
            if len(others) < 2:
                continue
            best = min(others, key=lambda at: told[at][name].cost)
            parts.append(_part(name, told[place][name], told[best][name], nodes[best][0].id))
        if not parts:
            found.append(None)
            continue
        value, low, high = (
            100.0 * sum(getattr(one, end) for one in parts) / len(parts)
            for end in ("part", "low", "high")
        )
        ids = tuple(nodes[at][0].id for at in near if at != place)
        found.append(Convenience(value, low, high, tuple(parts), ids))
    return found


def _is_like(node: Node, other: Node) -> bool:
    if node.wish or other.wish:
        return node.wish == other.wish
    return node.stage == other.stage


def _part(name: str, own: _Told, best: _Told, best_at: str) -> Part:
    return Part(
        name=name,
        value=own.value,
        best=best.value,
        best_at=best_at,
        part=_ratio(best.cost, own.cost),
        low=_ratio(best.cost, own.high),
        high=_ratio(best.cost, own.low),
    )


def _ratio(best: float, own: float) -> float:
    """1 for the best, towards 0 as the cost grows; with 1 added, so that a best of 0 is no wall."""
    return min((1.0 + best) / (1.0 + max(own, 0.0)), 1.0)


def _costs(flow: NodeTraffic, score: Score | None, effort: Scores | None) -> dict[str, _Told]:
    found: dict[str, _Told] = {}
    if flow.seconds is not None:
        minutes = flow.seconds / 60
        found["time"] = _Told(flow.seconds, minutes, minutes, minutes)
    for name, value, low, high, least in (
        ("attempts", flow.attempts, flow.attempts_low, flow.attempts_high, 1.0),
        ("switches", flow.switches, flow.switches_low, flow.switches_high, 0.0),
        ("help", flow.helped, flow.helped_low, flow.helped_high, 0.0),
    ):
        if value is not None:
            ends = (value if low is None else low, value if high is None else high)
            found[name] = _Told(value, value - least, ends[0] - least, ends[1] - least)
    if score is not None and score.value is not None and effort is not None and effort.scale:
        scale = effort.scale
        up = effort.better == "up"

        def cost(at: float) -> float:
            return (scale.high - at) if up else (at - scale.low)

        costs = [cost(score.value if end is None else end) for end in (score.low, score.high)]
        found["effort"] = _Told(score.value, cost(score.value), min(costs), max(costs))
    return found
