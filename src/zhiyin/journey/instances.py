"""Journey instances 旅程实例 one by one, for whoever joins them with what customers said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.journey.events import Keys
from zhiyin.journey.mapped import MapAsked
from zhiyin.journey.placed import Placed
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

NOT_REACHED = -(1 << 63)
"""In the place of a time: the goal was not reached."""
NO_NODE = -1
"""In the place of a node."""
FOLLOWED, BACK, SKIPPED = -1, 0, 1
"""Whether an instance follows the map, and how it leaves it; see `conformance`."""


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """One entry an instance, a customer's together and in the order of time; customers rise.

    Nothing is withheld: what is told of them is for whoever asks to withhold.

    Args:
        customer: her key.
        start, end: of the first step and the last; microseconds since 1970.
        goal: of the first event that is the goal, or `NOT_REACHED`.
        is_open: whether it may go on.
        steps: events at nodes.
        visited: [instance, node of the map], whether it has one there.
        last: the place of the node of the last, or `NO_NODE`.
        left: `FOLLOWED`, `BACK` or `SKIPPED`.
        before, to: where it left the map: the nodes before and after, or `NO_NODE`.
        missing: the required node that it skipped, or `NO_NODE`.
        until: up to when the log is known, microseconds since 1970.
    """

    customer: Ints
    start: Ints
    end: Ints
    goal: Ints
    is_open: Marks
    steps: Ints
    visited: Marks
    last: Ints
    left: Ints
    before: Ints
    to: Ints
    missing: Ints
    until: int

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def reached(self) -> Marks:
        """Which reached the goal."""
        return np.not_equal(self.goal, NOT_REACHED)

    def of(self, chosen: Marks | Ints) -> Instances:
        """Some of them."""
        rows = [name for name in self.__dataclass_fields__ if name != "until"]
        return replace(self, **{name: getattr(self, name)[chosen] for name in rows})

    def at(self, customer: Ints, moment: Ints, *, pause: int) -> Ints:
        """The place of the instance to which each moment of a customer belongs: her latest that
        began by then, where the moment is less than `pause` after its end; -1 where none is.

        Args:
            moment, pause: microseconds.
        """
        first, begun = counted(self.customer, self.start, customer, moment)
        place = first + begun - 1
        if not len(self):
            return place
        is_in = (begun > 0) & (moment < self.end[np.maximum(place, 0)] + pause)
        return np.where(is_in, place, -1)


def counted(whose: Ints, times: Ints, customer: Ints, moment: Ints) -> tuple[Ints, Ints]:
    """Of each customer and moment where her times begin, and how many of them are up to it.

    Args:
        whose, times: by customer and time.

    >>> of = np.array([1, 1, 4]), np.array([10, 20, 10])
    >>> first, count = counted(*of, np.array([1, 1, 2, 4]), np.array([10, 99, 99, 9]))
    >>> first.tolist(), count.tolist()
    ([0, 0, 2, 2], [1, 2, 0, 0])
    """
    first = np.searchsorted(whose, customer, side="left")
    low, high = first.copy(), np.searchsorted(whose, customer, side="right")
    # Halves for all at once: nobody has many.
    while (is_open := low < high).any():
        middle = (low + high) // 2
        is_past = is_open & (times[np.minimum(middle, len(times) - 1)] <= moment)
        low = np.where(is_past, middle + 1, low)
        high = np.where(is_open & ~is_past, middle, high)
    return first, low - first


def instances(
    log: Log,
    settings: Settings,
    asked: MapAsked,
    *,
    whose: Keys | None = None,
    scope: Filter | None = None,
) -> Instances:
    """The instances of customers.

    Args:
        whose: keys of customers, int32 and rising; None: of everybody.

    Raises:
        Problem: ``filter.…``; as `segments.read`.
    """
    placed = Placed.of(log, settings, asked, whose=whose, scope=scope)
    until = placed.until()
    found = placed.ask("map-instances", {**placed.question(), "until": until})
    bits = _ints(found, "visited")
    visited = np.zeros((len(found), len(asked.nodes)), np.bool_)
    for number, place in enumerate(placed.bound):
        visited[:, place] = bits >> number & 1
    nodes = np.array([*placed.bound, NO_NODE], np.int64)
    last, before, to, missing = (
        nodes[_ints(found, name)] for name in ("last", "before", "to", "missing")
    )
    return Instances(
        customer=_ints(found, "customer"),
        start=_ints(found, "start"),
        end=_ints(found, "end"),
        goal=_ints(found, "goal", NOT_REACHED),
        is_open=found["is_open"].to_numpy(),
        steps=_ints(found, "steps"),
        visited=visited,
        last=last,
        left=_ints(found, "kind", FOLLOWED),
        before=before,
        to=to,
        missing=missing,
        until=until,
    )


def _ints(table: pa.Table, name: str, missing: int = -1) -> Ints:
    """A column; where there is nothing, `missing`, which for a node is the last place."""
    column = table[name].combine_chunks()
    values = column.fill_null(pa.scalar(missing, column.type))
    return np.asarray(values.to_numpy(zero_copy_only=False), np.int64)
