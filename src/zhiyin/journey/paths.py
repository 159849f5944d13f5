"""Paths: which event follows which, how often, for how many customers, after how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.events import Events, microseconds, order_of, seconds
from zhiyin.kernel.filters import Filter
from zhiyin.stats.withheld import Wholes, beside
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


MOST_NODES = 1024
"""In a graph that the journey index draws; SQL draws larger ones."""


@dataclass(frozen=True, slots=True)
class PathsAsked:
    """One question to the paths.

    Args:
        start: a customer's events before her first one of this name are left out.
        end: her events after her last one of this name are left out.
        gap: events further apart than this do not follow one another; None: over her whole history.
        top: only so many edges, the most frequent; None is all.
    """

    start: str | None = None
    gap: timedelta | None = None
    top: int | None = None
    chosen: Chosen = ALL
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """One event directly after another of the same customer.

    Args:
        before: the node that it leaves.
        after: the node that it reaches.
        count: such pairs of events.
        customers: who have at least one.
        median_seconds: between the two, over pairs.
    """

    before: str
    after: str
    count: int
    customers: int
    median_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "from": self.before,
            "to": self.after,
            "count": self.count,
            "customers": self.customers,
            "median_seconds": self.median_seconds,
        }


@dataclass(frozen=True, slots=True)
class Paths:
    """The edges, the most frequent first.

    Args:
        edges: without those of fewer customers than `minimum_base`, and without what would tell
            of these by subtraction.
        edges_in_all: how many there are, shown or not.
        edges_withheld: of them, those that are not shown however many are asked for.
        pairs: of consecutive events, over all edges.
    """

    edges: tuple[Edge, ...]
    edges_in_all: int
    edges_withheld: int
    pairs: int
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "edges": [edge.as_dict() for edge in self.edges],
            "edges_in_all": self.edges_in_all,
            "edges_withheld": self.edges_withheld,
            "pairs": self.pairs,
            "minimum_base": self.minimum_base,
        }


def paths(log: Log, settings: Settings, asked: PathsAsked, *, scope: Filter | None = None) -> Paths:
    """Count which event directly follows which.

    Raises:
        Problem: ``journey.no-such-event``, ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    minimum = settings.minimum_base
    edges = _edges(events, asked, asked.top)
    shown = _shown(edges, minimum)
    if any(isnan(edge.median_seconds) for edge in shown[: asked.top]):
        # One was withheld for its neighbour's sake, and the next one took its place.
        edges = _edges(events, asked, None)
        shown = _shown(edges, minimum)
    return Paths(
        edges=tuple(shown[: asked.top]),
        edges_in_all=len(edges),
        edges_withheld=len(edges) - len(shown),
        pairs=sum(edge.count for edge in edges),
        minimum_base=minimum,
    )


def _edges(events: Events, asked: PathsAsked, medians: int | None) -> list[Edge]:
    """All edges, the most frequent first; not a number stands for a median that was not reckoned.

    Args:
        medians: how many edges of enough customers need theirs; None is all.
    """
    found = _out_of_index(events, asked, medians)
    edges = _by_sql(events, asked) if found is None else found
    return sorted(edges, key=lambda edge: (-edge.count, edge.before, edge.after))


def _by_sql(events: Events, asked: PathsAsked) -> list[Edge]:
    pairs = pairs_of(events, asked)
    counted = pairs.group_by(["node", "following"]).aggregate(
        n=pairs.count(), customers=pairs.customer.nunique(), median=pairs.waited.median()
    )
    return [
        Edge(
            before=events.nodes[row["node"]],
            after=events.nodes[row["following"]],
            count=row["n"],
            customers=row["customers"],
            median_seconds=seconds(row["median"]) or 0.0,
        )
        for row in events.run(counted).to_pylist()
    ]


def _out_of_index(events: Events, asked: PathsAsked, medians: int | None) -> list[Edge] | None:
    """The edges, those that may be shown with their medians; None where SQL must say."""
    if not 0 < len(events.nodes) <= MOST_NODES:
        return None
    question = question_of(events, asked)
    question |= {"minimum": events.settings.minimum_base, "medians": medians}
    found = events.ask("paths", question, events.nodes_by)
    if found is None:
        return None
    return [
        Edge(
            before=events.nodes[row["before"]],
            after=events.nodes[row["after"]],
            count=row["n"],
            customers=row["customers"],
            median_seconds=nan if row["median"] is None else row["median"] / 1e6,
        )
        for row in found.to_pylist()
    ]


def question_of(events: Events, asked: PathsAsked) -> dict[str, Any]:
    """What the journey index is asked.

    Raises:
        Problem: ``journey.no-such-event``.
    """
    return {
        "nodes": sorted(events.nodes, key=lambda node: events.nodes[node]),
        "gap": None if asked.gap is None else microseconds(asked.gap),
        "begins": None if asked.start is None else events.nodes_called(asked.start),
        "ends": None if asked.end is None else events.nodes_called(asked.end),
    }


def _shown(edges: list[Edge], minimum: int) -> list[Edge]:
    """Those of enough customers, of which none follows from all pairs less the others.

    A customer is in many edges, so nothing is known of how many the hidden ones have together but
    the largest of them.
    """
    customers = np.array([edge.customers for edge in edges], dtype=np.float64)
    more = beside(customers, minimum, [Wholes.one(len(edges), 0)])
    few = customers < minimum
    return [edge for edge, is_hidden in zip(edges, few | more, strict=True) if not is_hidden]


def pairs_of(events: Events, asked: PathsAsked) -> lang.Expression:
    """One row an event that another follows: ``node``, ``following`` and ``waited``."""
    rows = events.paths()
    if asked.start is not None:
        rows = from_first(rows, events.nodes_called(asked.start))
    if asked.end is not None:
        rows = up_to_last(rows, events.nodes_called(asked.end))
    turn = {"group_by": "customer", "order_by": order_of(rows)}
    rows = rows.mutate(following=rows.node.lead().over(**turn), at_next=rows.us.lead().over(**turn))
    rows = rows.filter(rows.following.notnull())
    pairs = rows.mutate(waited=rows.at_next - rows.us)
    if asked.gap is None:
        return pairs
    return pairs.filter(pairs.waited <= microseconds(asked.gap))


def from_first(rows: lang.Expression, nodes: list[int]) -> lang.Expression:
    """The rows of each customer from her first one at one of these nodes on."""
    return _where_any(rows, nodes, (None, 0))


def up_to_last(rows: lang.Expression, nodes: list[int]) -> lang.Expression:
    """The rows of each customer up to her last one at one of these nodes."""
    return _where_any(rows, nodes, (0, None))


def _where_any(
    rows: lang.Expression, nodes: list[int], among: tuple[int | None, int | None]
) -> lang.Expression:
    """The rows for which one of the customer's rows `among` those around it is at such a node."""
    is_one = lang.ifelse(rows.node.isin(nodes), 1, 0)
    count = is_one.sum().over(group_by="customer", order_by=order_of(rows), rows=among)
    marked = rows.mutate(found=count)
    return marked.filter(marked.found > 0).drop("found")
