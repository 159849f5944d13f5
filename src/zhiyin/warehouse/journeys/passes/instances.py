"""Where one journey instance ends and the customer's next one begins, for every pass over a map.

Each event has a mark: the node that it is at, and whether it is the goal or begins another
instance. Only events that are at a node or are the goal belong to an instance; all others leave it
as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories
from zhiyin.warehouse.journeys.passes.asked import Nodes
from zhiyin.warehouse.journeys.passes.reading import ended

MOST_NODES = 62
"""Of a map: two more numbers stand for events at none."""

NODE = np.uint8(63)
"""The bits of a mark that are the number of the node."""
UNEXPLAINED = np.uint8(62)
"""In the place of a node: the event is at none."""
HIDDEN = np.uint8(63)
"""In the place of a node: the event is at none, and nobody asks why."""
GOAL, BEGINS = np.uint8(64), np.uint8(128)
"""Further bits of a mark. No event has both: one that is the goal begins nothing."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What instances are made of.

    Args:
        nodes: the number of the node that an event is at; `count` for none.
        goal: codes of names. Such an event may be at a node as well.
        begins: by node, whether an event there begins another instance after the goal.
        pause: microseconds; after a longer one another instance begins.
        hidden: codes of names whose events are at no node.
    """

    nodes: Nodes
    goal: frozenset[int]
    begins: Sequence[bool]
    pause: int
    hidden: frozenset[int] = frozenset()


def marks(
    histories: Histories, journey: Journey
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    """The mark of each event, by [code of its name, column of its tuple], and the columns.

    Raises:
        ValueError: there are more nodes than `MOST_NODES`.
    """
    nodes = journey.nodes
    if nodes.count > MOST_NODES:
        msg = f"a map has at most {MOST_NODES} nodes"
        raise ValueError(msg)
    names = np.minimum(np.arange(1 << histories.name_bits), len(nodes.table) - 1)
    place = nodes.table[names]
    is_at = (place >= 0) & (place < nodes.count)
    found = np.where(is_at, place, UNEXPLAINED).astype(np.uint8)
    begins = np.zeros(nodes.count + 1, np.bool_)
    begins[np.flatnonzero(np.asarray(journey.begins, np.bool_))] = True
    is_begin = is_at & begins[np.where(is_at, place, nodes.count)]
    hidden, goal = histories.known(journey.hidden), histories.known(journey.goal)
    found[hidden] = HIDDEN
    is_begin[hidden] = False
    is_begin[goal] = False
    found[is_begin] |= BEGINS
    found[goal] |= GOAL
    return found, ended(nodes.columns, 0, np.uint16)


@numba.njit(nogil=True, inline="always")
def is_step(mark):  # type: ignore[no-untyped-def]
    """Whether an event belongs to an instance: it is at a node or the goal."""
    return mark & NODE < UNEXPLAINED or mark & GOAL != 0


@numba.njit(nogil=True, inline="always")
def is_another(mark, since, was_goal, pause):  # type: ignore[no-untyped-def]
    """Whether a step that is not the customer's first begins another instance.

    Args:
        since: microseconds since her last step.
        was_goal: as `goal_was` says of the steps before.
    """
    return since > pause or (was_goal and mark & BEGINS != 0)


@numba.njit(nogil=True, inline="always")
def goal_was(mark, was_goal):  # type: ignore[no-untyped-def]
    """Whether of a customer's steps that are the goal, or at a node that begins, the last is the
    goal."""
    if mark & GOAL != 0:
        return True
    return was_goal and mark & BEGINS == 0
