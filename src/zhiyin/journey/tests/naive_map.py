"""Journey instances on a map and where they leave it, written again the plain way: by search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from zhiyin.journey.tests.naive import Happened

Left = tuple[str, int, int, int | None]
"""The kind, the node before, the node that was come to, and the one that was missing."""


@dataclass(frozen=True)
class Drawn:
    """A map.

    Attributes:
        node: of an event the number of its node; None at none.
        goal, hidden: names of events.
        begins, stage, required: by node.
        pause: microseconds.
    """

    node: Callable[[Happened], int | None]
    goal: frozenset[str]
    begins: Sequence[bool]
    stage: Sequence[int]
    required: Sequence[bool]
    pause: int
    hidden: frozenset[str] = frozenset()

    def at(self, event: Happened) -> int | None:
        """The node of an event; None for one that is hidden."""
        return None if event.name in self.hidden else self.node(event)

    def is_step(self, event: Happened) -> bool:
        """Whether it belongs to an instance."""
        return event.name in self.goal or self.at(event) is not None

    def is_begin(self, event: Happened) -> bool:
        """Whether it is at a node that begins, and not the goal."""
        at = self.at(event)
        return event.name not in self.goal and at is not None and self.begins[at]


def instances(events: Sequence[Happened], drawn: Drawn) -> list[list[int]]:
    """The places of a customer's steps, those of one instance together."""
    steps = [place for place, event in enumerate(events) if drawn.is_step(event)]
    found: list[list[int]] = []
    for number, place in enumerate(steps):
        earlier = [events[one] for one in steps[:number]]
        turns = [one for one in earlier if one.name in drawn.goal or drawn.is_begin(one)]
        after_goal = bool(turns) and turns[-1].name in drawn.goal
        if (
            not earlier
            or events[place].us - earlier[-1].us > drawn.pause
            or (drawn.is_begin(events[place]) and after_goal)
        ):
            found.append([])
        found[-1].append(place)
    return found


@dataclass(frozen=True, order=True)
class Instance:
    """One instance as it is told."""

    start: int
    end: int
    goal: int | None
    is_followed: bool
    steps: int
    visited: frozenset[int]
    last: int | None
    left: Left | None
    before: str | None


def told(events: Sequence[Happened], drawn: Drawn) -> list[Instance]:
    """All instances of a customer in order."""
    every = instances(events, drawn)
    return [
        _told(events, places, drawn, is_followed=number + 1 < len(every))
        for number, places in enumerate(every)
    ]


def _told(
    events: Sequence[Happened], places: list[int], drawn: Drawn, *, is_followed: bool
) -> Instance:
    goals = [events[place].us for place in places if events[place].name in drawn.goal]
    at = [node for place in places if (node := drawn.at(events[place])) is not None]
    left, before = leaving(events, places, drawn)
    return Instance(
        start=events[places[0]].us,
        end=events[places[-1]].us,
        goal=min(goals, default=None),
        is_followed=is_followed,
        steps=len(at),
        visited=frozenset(at),
        last=at[-1] if at else None,
        left=left,
        before=before,
    )


def leaving(
    events: Sequence[Happened], places: list[int], drawn: Drawn
) -> tuple[Left | None, str | None]:
    """Where an instance leaves the map, and the name of the unexplained event directly before."""
    at = [(place, node) for place in places if (node := drawn.at(events[place])) is not None]
    for number in range(1, len(at)):
        place, node = at[number]
        visited = [one for _place, one in at[:number]]
        stages = [drawn.stage[one] for one in visited]
        missing = [
            one
            for one in range(len(drawn.stage))
            if drawn.required[one]
            and stages[0] <= drawn.stage[one] < drawn.stage[node]
            and one not in visited
        ]
        missing.sort(key=lambda one: (drawn.stage[one], one))
        if drawn.stage[node] < max(stages):
            kind, absent = "back", None
        elif missing and drawn.stage[node] not in stages:
            kind, absent = "skipped", missing[0]
        else:
            continue
        told = [one for one in events[:place] if one.name not in drawn.hidden or drawn.is_step(one)]
        before = told[-1]
        return (kind, visited[-1], node, absent), None if drawn.is_step(before) else before.name
    return None, None


@dataclass(frozen=True)
class Conformance:
    """Totals as `passes.conformance.TOTALS`, and customers and instances by way of leaving."""

    totals: list[int]
    instances: Counter[tuple[Left, str | None]]
    customers: Counter[tuple[Left, str | None]]


def conformance(histories: Mapping[str, Sequence[Happened]], drawn: Drawn) -> Conformance:
    """Count them; with the name None each way of leaving whatever came before."""
    rows, customers = Counter[tuple[Left, str | None]](), Counter[tuple[Left, str | None]]()
    both = []
    for events in histories.values():
        placed = [one for one in told(events, drawn) if one.steps]
        ways = [(one.left, name) for one in placed if one.left for name in {None, one.before}]
        rows.update(ways)
        customers.update(set(ways))
        both.append((sum(one.left is None for one in placed), len(placed)))
    totals = [
        sum(n for _t, n in both),
        sum(n > 0 for _t, n in both),
        sum(t for t, _n in both),
        sum(t > 0 for t, _n in both),
        sum(t == n > 0 for t, n in both),
        sum(t * t for t, _n in both),
        sum(t * n for t, n in both),
        sum(n * n for _t, n in both),
    ]
    return Conformance(totals, rows, customers)
