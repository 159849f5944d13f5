"""Parting 分叉: at which nodes two groups go on differently, counted in customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.compared import Q, certain
from zhiyin.journey.events import EPOCH, Events, microseconds, order_of
from zhiyin.journey.groups import Groups, by_column, known_sides, marked
from zhiyin.journey.outcomes import reach
from zhiyin.journey.shares import totals
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.stats import choices, families, proportion
from zhiyin.stats.bases import Bases
from zhiyin.stats.choices import Homogeneity
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

MOST_NODES = 512
"""Of events in a question that the journey index answers; SQL answers larger ones."""

NOTHING = -1
"""Stands for no next step in time."""

Step = Literal["step", "nothing", "other"]


@dataclass(frozen=True, slots=True)
class PartingAsked:
    """One question.

    Args:
        gap: what comes later is no next step; visits so short before the end are left out.
    """

    groups: Groups
    gap: timedelta = timedelta(days=7)
    chosen: Chosen = ALL
    q: float = Q


@dataclass(frozen=True, slots=True)
class Choice:
    """One next step.

    Args:
        kind: ``step``; ``nothing``: no event in time; ``other``: steps that are too rare to be
            told apart.
        step: its name, of a ``step``.
        one: customers of the first group who took it.
        share_one: of the group's at this node, 0…1.
        difference: share of the first group less that of the second.
        low: of its interval, see `Node.interval_confidence`; None where nothing is tested.
    """

    kind: Step
    step: str | None
    one: int
    two: int
    share_one: float
    share_two: float
    difference: float
    low: float | None
    high: float | None

    @property
    def certain(self) -> float:
        """The smallest difference that the interval allows, 0 where it allows none."""
        return certain(self.low, self.high)

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Node:
    """One node, and how customers went on after their first visit to it.

    Args:
        one: customers of the first group who were there.
        statistic: χ² with `df`; None where nothing is tested: too few customers, or one choice.
        q: the smallest rate of false discoveries at which it would be marked.
        marked: whether the groups go on differently for certain, within all nodes.
        cramers_v: how differently, 0…1.
        interval_confidence: of the intervals of its differences, so high that those of all marked
            nodes hold together as often as the marks do.
        choices: the largest certain difference first.
    """

    node: str
    one: int
    two: int
    statistic: float | None
    df: int | None
    p: float | None
    q: float | None
    marked: bool
    cramers_v: float | None
    interval_confidence: float | None
    choices: tuple[Choice, ...]

    @property
    def certain(self) -> float:
        """The largest of its certain differences; 0 where the node is not marked."""
        return max((one.certain for one in self.choices), default=0.0) if self.marked else 0.0

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**told, "certain": self.certain, "choices": [c.as_dict() for c in self.choices]}


@dataclass(frozen=True, slots=True)
class Parting:
    """The nodes, those with the largest certain difference first.

    Args:
        nodes: without those of fewer customers of a group than `minimum_base`.
        nodes_in_all: how many somebody of either group was at, shown or not.
        nodes_withheld: of them, those that are not shown.
        tests: how many were tested, as one family.
        q: the share of marks that may be false.
    """

    gap_seconds: float
    nodes: tuple[Node, ...]
    nodes_in_all: int
    nodes_withheld: int
    tests: int
    q: float
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**told, "nodes": [node.as_dict() for node in self.nodes]}


def parting(
    log: Log, settings: Settings, asked: PartingAsked, *, scope: Filter | None = None
) -> Parting:
    """Compare how two groups go on after each node.

    Raises:
        Problem: ``filter.…``, ``journey.groups``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    counted = counts(events, asked)
    bases = Bases(settings.minimum_base, settings.test_base, settings.small_base)
    shown = [
        (node, steps)
        for node, steps in counted.items()
        if all(sum(side) >= max(bases.minimum, 1) for side in zip(*steps.values(), strict=True))
    ]
    tables = [_Table.made(node, steps, bases) for node, steps in shown]
    p = [np.nan if one.verdict is None else one.verdict.p for one in tables]
    family = families.mark(p, asked.q)
    # Of those nodes that are marked the intervals are looked at: their level is Benjamini and
    # Yekutieli's for selected ones, shared out to a node's choices.
    level = 1.0 - family.confidence
    nodes = [
        _node(events, one, float(q), bool(is_marked), level)
        for one, q, is_marked in zip(tables, family.q_values, family.marked, strict=True)
    ]
    nodes.sort(key=lambda one: (-one.certain, one.p is None, one.p or 0.0, one.node))
    return Parting(
        gap_seconds=asked.gap.total_seconds(),
        nodes=tuple(nodes),
        nodes_in_all=len(counted),
        nodes_withheld=len(counted) - len(shown),
        tests=family.tests,
        q=asked.q,
        minimum_base=settings.minimum_base,
    )


Counted = dict[int, dict[int, tuple[int, int]]]
"""By node and next node (or `NOTHING`): customers of each group."""


def counts(events: Events, asked: PartingAsked) -> Counted:
    """How many customers of each group took which step after their first visit to each node."""
    until = known_until(events)
    found = _out_of_index(events, asked, until)
    if found is None:
        rows = first_visits(events, asked, until)
        found = events.run(
            rows.group_by(["side", "node", "following"]).aggregate(customers=rows.count())
        )
    counted: Counted = {}
    for row in found.to_pylist():
        steps = counted.setdefault(row["node"], {})
        following = NOTHING if row["following"] is None else row["following"]
        pair = list(steps.get(following, (0, 0)))
        pair[row["side"]] = row["customers"]
        steps[following] = pair[0], pair[1]
    # In one order, so that of equally rare steps the same ones stand alone each time.
    return {node: dict(sorted(steps.items())) for node, steps in sorted(counted.items())}


def known_until(events: Events) -> int:
    """The last moment of which the log tells, microseconds since 1970."""
    last = reach(events).last or 0
    end = events.chosen.end
    if end is None:
        return last
    return min(last, microseconds(day_start(end, events.settings.timezone) - EPOCH) - 1)


def _out_of_index(events: Events, asked: PartingAsked, until: int) -> pa.Table | None:
    question = question_of(events, asked, until)
    return None if question is None else events.ask("parting", question[0], also=question[1])


def question_of(
    events: Events, asked: PartingAsked, until: int
) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """What the journey index is asked, and the columns that it is broken down by: of touchpoints,
    and of groups. None where it cannot be: of too many nodes, or of groups that more than one
    column tells.

    Args:
        until: the last moment of which the log tells.
    """
    if not 0 < len(events.nodes) <= MOST_NODES:
        return None
    nodes_by = () if events.nodes_by is None else (events.nodes_by,)
    question: dict[str, Any] = {"nodes": list(events.nodes), "until": until}
    question["gap"] = microseconds(asked.gap)
    if asked.groups.whose == "customers":
        return {**question, **known_sides(events, asked.groups)}, nodes_by
    by = by_column(events, asked.groups)
    if by is None:
        return None
    column, one, two = by
    return {**question, "one": one, "two": two}, (*nodes_by, column)


def first_visits(events: Events, asked: PartingAsked, until: int) -> lang.Expression:
    """One row a customer and node: ``customer``, ``node``, ``side`` of her first visit in a group,
    ``following`` (null for nothing in time); those without the time that a next step may take are
    left out."""
    rows = marked(events, asked.groups)
    gap = microseconds(asked.gap)
    turn = {"group_by": "customer", "order_by": order_of(rows)}
    rows = rows.mutate(next_node=rows.node.lead().over(**turn), at_next=rows.us.lead().over(**turn))
    rows = rows.filter(rows.side.notnull())
    place = lang.row_number().over(group_by=["customer", "node"], order_by=order_of(rows))
    rows = rows.mutate(place=place)
    rows = rows.filter(rows.place == 0, rows.us + gap <= until)
    in_time = lang.coalesce(rows.at_next - rows.us <= gap, False)
    following = lang.ifelse(in_time, rows.next_node, lang.null("int64"))
    return rows.select("customer", "node", "side", following=following.cast("int64"))


@dataclass(frozen=True, slots=True)
class _Table:
    """The choices at a node that stand alone, then the others together where there are some.

    Args:
        of: the next node of each choice, None of the others together.
        counts: [group, choice].
    """

    node: int
    of: tuple[int | None, ...]
    counts: np.ndarray[Any, np.dtype[np.float64]]
    verdict: Homogeneity | None

    @classmethod
    def made(cls, node: int, steps: dict[int, tuple[int, int]], bases: Bases) -> _Table:
        found = np.array(list(steps.values()), dtype=np.float64).T
        alone = choices.apart(found[0], found[1], bases.minimum)
        following = list(steps)
        of: list[int | None] = [following[at] for at in np.flatnonzero(alone)]
        parts = found[:, alone]
        rest = found[:, ~alone].sum(axis=1, keepdims=True)
        if rest.any():
            of.append(None)
            parts = np.hstack((parts, rest))
        sizes = found.sum(axis=1)
        is_enough = bool(bases.tested(sizes[0], sizes[1]))
        verdict = choices.homogeneity(*parts) if is_enough else None
        return cls(node, tuple(of), parts, verdict)


def _node(events: Events, table: _Table, q: float, is_marked: bool, level: float) -> Node:
    sizes = table.counts.sum(axis=1)
    size = len(table.of)
    confidence = 1.0 - level / max(size, 1)
    one, two = (totals(table.counts[g], np.full(size, sizes[g])) for g in (0, 1))
    found = proportion.differences(one, two, confidence=confidence)
    is_tested = table.verdict is not None
    told = [
        Choice(
            kind="other" if step is None else "nothing" if step == NOTHING else "step",
            step=None if step is None or step == NOTHING else events.nodes[step],
            one=int(table.counts[0, at]),
            two=int(table.counts[1, at]),
            share_one=float(table.counts[0, at] / sizes[0]),
            share_two=float(table.counts[1, at] / sizes[1]),
            difference=float(found.difference[at]),
            low=float(found.low[at]) if is_tested else None,
            high=float(found.high[at]) if is_tested else None,
        )
        for at, step in enumerate(table.of)
    ]
    told.sort(key=lambda one: (-one.certain, -abs(one.difference), one.step or ""))
    verdict = table.verdict
    return Node(
        node=events.nodes[table.node],
        one=int(sizes[0]),
        two=int(sizes[1]),
        statistic=None if verdict is None else verdict.statistic,
        df=None if verdict is None else verdict.df,
        p=None if verdict is None else verdict.p,
        q=None if verdict is None else q,
        marked=is_marked,
        cramers_v=None if verdict is None else verdict.cramers_v,
        interval_confidence=None if verdict is None else confidence,
        choices=tuple(told),
    )
