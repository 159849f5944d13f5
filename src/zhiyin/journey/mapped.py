"""The traffic of a journey map: who comes to its nodes, leaves there, passes or goes without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.kernel.filters import Filter


@dataclass(frozen=True, slots=True)
class MapNode:
    """A node of a map, as its questions need it.

    Args:
        where: which events are at it; None: it is bound to nothing.
        stage: the number of its stage.
        begins: whether an event there begins another journey after the goal.
        is_required: whether nobody should come to a later stage without it.
        is_help: whether it is a place where customers ask for help.
    """

    id: str
    where: Filter | None
    stage: int
    begins: bool = False
    is_required: bool = False
    is_help: bool = False


@dataclass(frozen=True, slots=True)
class MapAsked:
    """A map, and whose events in which days are asked for.

    Args:
        nodes: an event is at the first whose rule holds for it.
        goal: names of events. The log need not know them.
        pause: after a longer one another journey begins.
        hidden: names of events that are at no node, and that nobody wants explained.
        stages: how many there are, where more than nodes name.
    """

    nodes: tuple[MapNode, ...]
    goal: frozenset[str]
    pause: timedelta
    chosen: Chosen = ALL
    hidden: frozenset[str] = frozenset()
    confidence: float = 0.95
    stages: int = 0
