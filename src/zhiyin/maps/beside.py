"""A map seen from two sides: two groups of customers, two channels, two periods, two versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.maps.document import Map, Node
from zhiyin.maps.pairs import NO_PAIR, SHARES, Pair, shares
from zhiyin.maps.seen import answers_of
from zhiyin.maps.sides import Both, Side, flows
from zhiyin.measure import comparisons, registry, scores, side_by_side
from zhiyin.measure.comparisons import Comparison, Comparisons, Q
from zhiyin.measure.metric import Better, Unit
from zhiyin.measure.requests import PART, ScoreRequest
from zhiyin.measure.scores import Score, Scores
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class NodeBeside:
    """One touchpoint from both sides.

    Args:
        in_here, in_there: whether the map of that side has it; versions may differ.
        is_alike: whether both bind it to the same events and answers.
        score: of the measure that is looked at.
        shares: by their names, as in `SHARES`.
    """

    node: Node
    in_here: bool
    in_there: bool
    is_alike: bool
    score: Pair
    shares: Mapping[str, Pair]

    @property
    def pairs(self) -> Iterator[Pair]:
        """All that is compared of it."""
        yield self.score
        yield from self.shares.values()


@dataclass(frozen=True, slots=True)
class Beside:
    """A map from two sides.

    Args:
        both: what became of customers on both sides, in the shares.
        left_out: how many customers are on neither side for that.
        problem: why there are no scores.
    """

    metric: str
    unit: Unit
    better: Better
    here: Side
    there: Side
    nodes: tuple[NodeBeside, ...]
    both: Both
    left_out: int
    problem: Problem | None
    minimum_base: int
    test_base: int

    @property
    def tested(self) -> tuple[Pair, ...]:
        """Every difference that was tested."""
        return tuple(pair for one in self.nodes for pair in one.pairs if pair.p is not None)

    @property
    def tests(self) -> int:
        """How many were."""
        return len(self.tested)

    @property
    def held(self) -> int:
        """How many of them are more than chance."""
        return sum(pair.marked for pair in self.tested)

    @property
    def seemed(self) -> int:
        """How many would have seemed so, each by itself."""
        return sum((pair.p or 0.0) < Q for pair in self.tested)


@dataclass(frozen=True, slots=True)
class _Scored:
    """Scores of touchpoints by id.

    Args:
        tested: compared as the measures compare; None where nothing may be tested.
        alone: of each side by its own rules, where they are not the same.
    """

    tested: Comparisons | None = None
    alone: tuple[Scores, Scores] | None = None
    problem: Problem | None = None

    def of(self, id_: str) -> Pair:
        row = _row(self.tested, id_)
        if row is not None:
            return _compared(row)
        if self.alone is None:
            return NO_PAIR
        return _untested(*(_score(one, id_) for one in self.alone))


def beside(
    log: Log,
    settings: Settings,
    here: Side,
    there: Side,
    *,
    hidden: frozenset[str] = frozenset(),
    now: datetime | None = None,
) -> Beside:
    """Compare what two sides show, touchpoint by touchpoint.

    Scores differ by the measures' comparison, in which customers on both sides count with their
    covariance. Shares of customers differ by Newcombe's interval; of customers on both sides
    becomes what `sides.Both` says. All differences of one kind over the touchpoints are one family:
    the whole table that was asked for. Below the workspace's base of a test nothing is tested.

    Raises:
        Problem: a rule that names a column which the log does not have; as `segments.read`.
    """
    metric = registry.metric(here.seen.metric or here.map.metric)
    requests = [_request(log, settings, metric.slug, one) for one in (here, there)]
    scoring = side_by_side.begun(partial(_scored, log, settings, requests, now or clock.now()))
    flow = flows(log, settings, here, there, hidden)
    scored = scoring.result()
    nodes = _nodes(here.map, there.map)
    alike = [_is_alike(here.map.node(one.id), there.map.node(one.id)) for one in nodes]
    ids = [one.id for one in nodes]
    each = {name: shares(name, ids, flow, settings.test_base) for name in SHARES}
    found = scored.tested or (scored.alone[0] if scored.alone else None)
    return Beside(
        metric=metric.slug,
        unit=found.unit if found else metric.unit,
        better=found.better if found else metric.better,
        here=here,
        there=there,
        nodes=tuple(
            NodeBeside(
                node=one,
                in_here=here.map.node(one.id) is not None,
                in_there=there.map.node(one.id) is not None,
                is_alike=is_alike,
                score=scored.of(one.id),
                shares={name: each[name][place] for name in SHARES},
            )
            for place, (one, is_alike) in enumerate(zip(nodes, alike, strict=True))
        ),
        both=flow.both,
        left_out=flow.left_out,
        problem=scored.problem,
        minimum_base=settings.minimum_base,
        test_base=settings.test_base,
    )


def _nodes(here: Map, there: Map) -> list[Node]:
    """The touchpoints of the first map, then those that the second alone has."""
    return [*here.nodes, *(one for one in there.nodes if here.node(one.id) is None)]


def _is_alike(here: Node | None, there: Node | None) -> bool:
    if here is None or there is None:
        return False
    return (here.events, here.answers) == (there.events, there.answers)


# Scores


def _request(log: Log, settings: Settings, metric: str, side: Side) -> ScoreRequest:
    seen = side.seen
    return ScoreRequest(
        metric,
        start=seen.start,
        end=seen.end,
        where=seen.where,
        kind="touchpoint" if registry.metric(metric).is_asked else None,
        confidence=seen.confidence,
        parts=answers_of(side.map.nodes),
        whose=side.whose(log, settings.slug),
    )


def _scored(
    log: Log,
    settings: Settings,
    requests: Sequence[ScoreRequest],
    now: datetime,
) -> _Scored:
    mine, other = requests
    try:
        if mine == other:
            found = scores.score(log, settings, mine, now=now) if mine.parts else None
            return _Scored(alone=(found, found) if found else None)
        if mine.parts == other.parts:
            return _Scored(
                comparisons.beside(log, settings, mine, other, now=now) if mine.parts else None
            )
        # A touchpoint that is bound to other answers on the other side is not tested.
        same = tuple(one for one in mine.parts if one in other.parts)
        tested = None
        if same and replace(mine, parts=same) != replace(other, parts=same):
            sides = [replace(one, parts=same) for one in requests]
            tested = comparisons.beside(log, settings, sides[0], sides[1], now=now)
        each = [scores.score(log, settings, one, now=now) for one in requests]
    except Problem as problem:
        return _Scored(problem=problem)
    return _Scored(tested, (each[0], each[1]))


def _row(found: Comparisons | None, id_: str) -> Comparison | None:
    rows = found.rows if found else ()
    return next((row for row in rows if row.group.get(PART) == id_), None)


def _score(found: Scores, id_: str) -> Score | None:
    return next((row for row in found.rows if row.group.get(PART) == id_), None)


def _compared(row: Comparison) -> Pair:
    return Pair(
        row.value, row.reference_value, row.difference, row.low, row.high, row.p, row.q, row.marked,
        row.n, row.reference_n, row.state,
    )  # fmt: skip


def _untested(here: Score | None, there: Score | None) -> Pair:
    """Two scores by two rules."""
    return Pair.of(
        here.value if here else None,
        there.value if there else None,
        counts=[one.n if one else None for one in (here, there)],
        states=[one.state for one in (here, there) if one],
    )
