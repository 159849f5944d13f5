"""A map seen from two sides: two groups of customers, two channels, two periods, two versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.shares import totals as shares
from zhiyin.journey.traffic import NodeTraffic, Traffic, traffic
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.maps.document import Map, Node
from zhiyin.maps.seen import Seen, answers_of, asked_of
from zhiyin.measure import comparisons, registry, side_by_side
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.requests import PART, ScoreRequest
from zhiyin.stats import families, proportion
from zhiyin.stats.estimate import number
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Q = 0.05
SHARES = ("completion", "left_share", "necessity")
"""Shares of customers that are compared; each is a family of its own over the touchpoints."""


@dataclass(frozen=True, slots=True)
class Share:
    """One share on both sides, 0…1.

    Args:
        difference: here less there, with the interval that agrees with the mark.
        p, q: None where a side has too few customers.
        marked: whether it is more than chance, among all touchpoints.
    """

    here: float | None
    there: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    marked: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class NodeBeside:
    """One touchpoint from both sides.

    Args:
        in_here, in_there: whether the map of that side has it; versions may differ.
        score: None where it is not asked about on either side.
    """

    node: Node
    in_here: bool
    in_there: bool
    here: NodeTraffic | None
    there: NodeTraffic | None
    score: Comparison | None
    shares: dict[str, Share]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "id": self.node.id,
            "here": self.here and self.here.as_dict(),
            "there": self.there and self.there.as_dict(),
            "score": self.score and self.score.as_dict(),
            "shares": {name: one.as_dict() for name, one in self.shares.items()},
        }


@dataclass(frozen=True, slots=True)
class Beside:
    """A map from two sides.

    Args:
        problem: why scores are not compared.
        tests: how many differences were tested, `held`, how many are more than chance, and
            `seemed`, how many would have seemed so, each by itself.
    """

    metric: str
    here: Seen
    there: Seen
    nodes: tuple[NodeBeside, ...]
    scores: Comparisons | None
    problem: Problem | None
    tests: int
    held: int
    seemed: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "metric": self.metric,
            "tests": self.tests,
            "held": self.held,
            "seemed": self.seemed,
            "problem": None if self.problem is None else str(self.problem),
            "touchpoints": [one.as_dict() for one in self.nodes],
        }


def beside(
    log: Log,
    settings: Settings,
    here: tuple[Map, Seen],
    there: tuple[Map, Seen],
    *,
    hidden: frozenset[str] = frozenset(),
    now: datetime | None = None,
) -> Beside:
    """Compare what two sides show, touchpoint by touchpoint.

    Scores differ by the measures' comparison, in which customers on both sides count with their
    covariance. Shares are compared as if nobody were on both sides: customers resemble themselves,
    so these tests say *apart* too seldom rather than too often.

    Raises:
        Problem: a rule that names a column which the log does not have.
    """
    instant = now or clock.now()
    metric = registry.metric(here[1].metric or here[0].metric).slug
    works: list[Callable[[], Any]] = [
        partial(traffic, log, settings, asked_of(*here, hidden)),
        partial(traffic, log, settings, asked_of(*there, hidden)),
        partial(_scores, log, settings, metric, here, there, instant),
    ]
    flow, other_flow, (scores, problem) = side_by_side.found(works)
    nodes = _nodes(here[0], there[0])
    mine, theirs = _by_id(flow), _by_id(other_flow)
    each = {
        name: _shares(name, [(mine.get(n.id), theirs.get(n.id)) for n in nodes], settings)
        for name in SHARES
    }
    rows = scores.rows if scores else ()
    by_part = {row.group.get(PART): row for row in rows}
    found = tuple(
        NodeBeside(
            node=node,
            in_here=here[0].node(node.id) is not None,
            in_there=there[0].node(node.id) is not None,
            here=mine.get(node.id),
            there=theirs.get(node.id),
            score=by_part.get(node.id),
            shares={name: each[name][place] for name in SHARES},
        )
        for place, node in enumerate(nodes)
    )
    told: list[Comparison | Share] = [*rows, *(one for some in each.values() for one in some)]
    tested = [one for one in told if one.p is not None]
    return Beside(
        metric=metric,
        here=here[1],
        there=there[1],
        nodes=found,
        scores=scores,
        problem=problem,
        tests=len(tested),
        held=sum(one.marked for one in tested),
        seemed=sum((one.p or 0.0) < Q for one in tested),
    )


def _nodes(here: Map, there: Map) -> list[Node]:
    """The touchpoints of the first map, then those that the second alone has."""
    return [*here.nodes, *(one for one in there.nodes if here.node(one.id) is None)]


def _by_id(flow: Traffic) -> dict[str, NodeTraffic]:
    return {one.id: one for one in flow.nodes}


def _scores(
    log: Log,
    settings: Settings,
    metric: str,
    here: tuple[Map, Seen],
    there: tuple[Map, Seen],
    now: datetime,
) -> tuple[Comparisons | None, Problem | None]:
    rules = [dict(answers_of(map_.nodes)) for map_, _seen in (here, there)]
    # A touchpoint that is bound to other answers on the other side is another thing.
    same = tuple((id_, rule) for id_, rule in rules[0].items() if rules[1].get(id_) == rule)
    if not same:
        return None, None

    def request(seen: Seen) -> ScoreRequest:
        return ScoreRequest(
            metric, start=seen.start, end=seen.end, where=seen.where,
            kind="touchpoint" if registry.metric(metric).is_asked else None,
            confidence=seen.confidence, parts=same, whose=seen.whose(log, settings.slug),
        )  # fmt: skip

    try:
        found = comparisons.beside(log, settings, request(here[1]), request(there[1]), now=now)
    except Problem as problem:
        return None, problem
    return found, None


def _shares(
    name: str, pairs: Sequence[tuple[NodeTraffic | None, NodeTraffic | None]], settings: Settings
) -> list[Share]:
    """A share of each touchpoint on both sides: one family of tests."""
    sides = [[_count(name, one) for one in side] for side in zip(*pairs, strict=True)]
    (count, of), (other, other_of) = (
        (np.array([c for c, _n in side]), np.array([n for _c, n in side])) for side in sides
    )
    found = proportion.differences(shares(count, of), shares(other, other_of))
    is_tested = (of >= settings.test_base) & (other_of >= settings.test_base)
    family = families.mark(np.where(is_tested, found.p, np.nan), Q)
    low, high = families.intervals(family, found.interval)
    told = []
    for place, (here, there) in enumerate(pairs):
        values = [None if one is None else getattr(one, name) for one in (here, there)]
        if not is_tested[place] or None in values:
            told.append(Share(values[0], values[1]))
            continue
        told.append(
            Share(
                values[0], values[1], number(found.difference[place]), number(low[place]),
                number(high[place]), number(found.p[place]), number(family.q_values[place]),
                bool(family.marked[place]),
            )
        )  # fmt: skip
    return told


def _count(name: str, one: NodeTraffic | None) -> tuple[float, float]:
    """How many customers the share is of, and how many have it; nobody where it is not shown."""
    value = None if one is None else getattr(one, name)
    of = None if one is None else one.base_of(name)
    return (0.0, 0.0) if value is None or not of else (round(value * of), float(of))
