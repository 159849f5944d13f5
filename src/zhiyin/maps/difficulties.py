"""The top difficulties of a map: which touchpoints hurt most for certain, and by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from zhiyin.journey.traffic import NodeTraffic
from zhiyin.maps.figures import Figures, NodeFigures

By = Literal["worst", "loss", "people", "money"]
"""Certainly worse than the others; the largest loss; most people left; most money passing."""
ORDER: tuple[By, ...] = ("worst", "loss", "people", "money")
TOP = 3


@dataclass(frozen=True, slots=True)
class Loss:
    """What it may cost that customers end at a touchpoint without the goal.

    Had they gone on as those who passed it and went on: customers who left × the share of those
    who reached the goal × what one of these ordered. It says what is at stake, and proves no cause.

    Args:
        low, high: with the ends of the intervals of the shares and of the money; wider than 95 %.
    """

    customers: int
    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Difficulty:
    """One touchpoint that hurts.

    Args:
        place: 1 is first.
        by: in what it is first among those that are left.
    """

    place: int
    by: By
    figures: NodeFigures
    loss: Loss | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "place": self.place,
            "by": self.by,
            "touchpoint": self.figures.node.id,
            "loss": self.loss and self.loss.as_dict(),
        }


def difficulties(found: Figures, *, most: int = TOP) -> tuple[Difficulty, ...]:
    """The difficulties in the order of `ORDER`, each touchpoint once; fewer where fewer are sure.

    Worst is whose score is certainly below the others' (marked within the table), the bound that
    is nearer to the average decides. Loss and people go by the lower ends of intervals, so that a
    small base never leads; only touchpoints before the goal lose anybody. Money is that of
    customers who pass a touchpoint that is certainly worse.
    """
    told: list[Difficulty] = []
    taken: set[str] = set()
    ways: dict[By, Callable[[NodeFigures], float | None]] = {
        "worst": _worse_by,
        "loss": lambda one: _least_loss(found, one),
        "people": _least_left,
        "money": lambda one: one.traffic.money_low if one.tone < 0 else None,
    }
    while len(told) < most:
        before = len(told)
        for by in ORDER:
            if len(told) == most:
                break
            sized = [
                (size, one)
                for one in found.nodes
                if one.node.id not in taken and (size := ways[by](one)) is not None and size > 0
            ]
            if not sized:
                continue
            one = max(sized, key=lambda pair: pair[0])[1]
            taken.add(one.node.id)
            told.append(Difficulty(len(told) + 1, by, one, loss_of(found, one)))
        if len(told) == before:
            break
    return tuple(told)


def loss_of(found: Figures, one: NodeFigures) -> Loss | None:
    """What it may cost that customers end here; None where it cannot be told."""
    flow = one.traffic
    worth = _worth(found)
    if worth is None or flow.left_customers is None or flow.customers is None:
        return None
    went = _went_on(flow)
    if went is None or flow.left_share is None:
        return None
    low, high = (flow.left_share if end is None else end for end in (flow.left_low, flow.left_high))
    base = float(flow.customers) * went
    return Loss(
        customers=flow.left_customers,
        value=base * flow.left_share * worth[0],
        low=base * low * worth[1],
        high=base * high * worth[2],
    )


def _went_on(flow: NodeTraffic) -> float | None:
    """Of those who were here and did not end here, the share that reached the goal."""
    if flow.completion is None or flow.left_share is None or flow.left_share >= 1:
        return None
    return min(flow.completion / (1.0 - flow.left_share), 1.0)


def _worth(found: Figures) -> tuple[float, float, float] | None:
    """What a customer who reached the goal ordered in these days, with its interval."""
    whole = found.traffic
    if whole.worth is None or whole.worth_low is None or whole.worth_high is None:
        return None
    return whole.worth, whole.worth_low, whole.worth_high


def _worse_by(one: NodeFigures) -> float | None:
    """How far below the others it is for certain."""
    if one.tone >= 0 or one.rest is None or one.rest.low is None or one.rest.high is None:
        return None
    return min(abs(one.rest.low), abs(one.rest.high))


def _least_loss(found: Figures, one: NodeFigures) -> float | None:
    held = loss_of(found, one)
    return held.low if held else None


def _least_left(one: NodeFigures) -> float | None:
    flow = one.traffic
    if flow.left_low is None or flow.customers is None:
        return None
    return flow.left_low * flow.customers
