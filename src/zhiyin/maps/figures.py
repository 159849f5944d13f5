"""The figures of a map: what each touchpoint and stage shows, all of one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.traffic import NodeTraffic, Traffic, traffic
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, both, parse, write_node
from zhiyin.maps import convenience
from zhiyin.maps.causes import request_of
from zhiyin.maps.convenience import Convenience
from zhiyin.maps.document import Map, Node
from zhiyin.maps.seen import Seen, answers_of, asked_of, by_stage, heard_of
from zhiyin.measure import comparisons, registry, scores, side_by_side
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.metric import Better
from zhiyin.measure.requests import PART, ScoreRequest
from zhiyin.measure.scores import Score, Scores
from zhiyin.warehouse.log import Log

Tone = Literal[-2, -1, 0, 1, 2]
"""How a touchpoint stands beside the others: below 0 certainly worse, above certainly better."""

FAR = 0.1
"""So large a part of the measure's range is a large difference."""

SENTIMENT = "sentiment"
EMOTION = "net_box"
EMOTION_OF = ("csat", "rating")
"""Values of ``answers.metric``, the preferred first."""
EFFORT = "ces"
FELT = "top_box"

RANGES: Mapping[str, float] = {"points": 200.0, "percent": 100.0}


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """What one touchpoint shows.

    Args:
        traffic: how many come, go on and leave.
        score: of the map's measure; None where nobody was asked about it.
        rest: beside all other touchpoints of the map.
        change: beside the period before.
        effort: of the customer effort score.
        felt: the share of those asked who feel that the promise is kept.
        sentiment: of the clauses that were read of what was said there, net.
        convenience: beside the best comparable touchpoint; None where nothing tells.
    """

    node: Node
    traffic: NodeTraffic
    score: Score | None = None
    rest: Comparison | None = None
    change: Comparison | None = None
    better: Better = "up"
    spread: float = 100.0
    effort: Score | None = None
    felt: Score | None = None
    sentiment: Score | None = None
    convenience: Convenience | None = None

    @property
    def tone(self) -> Tone:
        """How it stands beside the others; 0 where they cannot be told apart."""
        return _tone(self.rest, self.better, self.spread)

    @property
    def changed(self) -> Tone:
        """How it has changed since the period before; 0 where that may be chance."""
        return _tone(self.change, self.better, self.spread)

    @property
    def gap(self) -> float | None:
        """Between the promise and what is felt, in points: so many do not feel it kept."""
        return None if self.felt is None or self.felt.value is None else 100.0 - self.felt.value

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "id": self.node.id,
            "name": dict(self.node.name),
            "stage": self.node.stage,
            "lane": self.node.lane,
            "owner": self.node.owner or None,
            "is_bound": self.node.is_bound,
            "traffic": self.traffic.as_dict(),
            "score": self.score and self.score.as_dict(),
            "rest": self.rest and self.rest.as_dict(),
            "change": self.change and self.change.as_dict(),
            "tone": self.tone,
            "effort": self.effort and self.effort.as_dict(),
            "felt": self.felt and self.felt.as_dict(),
            "gap": self.gap,
            "sentiment": self.sentiment and self.sentiment.as_dict(),
            "convenience": self.convenience and self.convenience.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class StageFigures:
    """What one stage shows: how many come to it, and the emotion there."""

    id: str
    traffic: Any
    emotion: Score | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "id": self.id,
            "traffic": self.traffic.as_dict(),
            "emotion": self.emotion and self.emotion.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a map.

    Args:
        problem: why touchpoints show no scores, where something must not be mixed.
        tests: how many changes were tested, and `held`, how many are more than chance; `seemed`,
            how many would have seemed so, each by itself.
    """

    map: Map
    seen: Seen
    metric: str
    as_of: datetime
    minimum_base: int
    currency: str
    traffic: Traffic
    nodes: tuple[NodeFigures, ...]
    stages: tuple[StageFigures, ...]
    scores: Scores | None = None
    problem: Problem | None = None
    tests: int = 0
    held: int = 0
    seemed: int = 0

    def node(self, id_: str) -> NodeFigures | None:
        """The figures of a touchpoint."""
        return next((one for one in self.nodes if one.node.id == id_), None)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "from": self.seen.start.isoformat(),
            "to": self.seen.end.isoformat(),
            "before": self.seen.before,
            "customers": self.seen.customers or None,
            "metric": self.metric,
            "average": self.scores and self.scores.total.as_dict(),
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": self.seen.confidence,
            "minimum_base": self.minimum_base,
            "currency": self.currency,
            "problem": None if self.problem is None else str(self.problem),
            "tests": self.tests,
            "held": self.held,
            "stages": [one.as_dict() for one in self.stages],
            "touchpoints": [one.as_dict() for one in self.nodes],
            "traffic": self.traffic.totals(),
            "unexplained": [one.as_dict() for one in self.traffic.unexplained],
        }


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of parts by name, with what they are compared with."""

    scores: Scores | None = None
    rest: Comparisons | None = None
    before: Comparisons | None = None
    problem: Problem | None = None

    def of(self, name: str) -> Score | None:
        """The score of a part."""
        rows = self.scores.rows if self.scores else ()
        return next((row for row in rows if row.group.get(PART) == name), None)


NOTHING = _Scored()


def figures(
    log: Log,
    settings: Settings,
    map_: Map,
    seen: Seen,
    *,
    hidden: frozenset[str] = frozenset(),
    now: datetime | None = None,
) -> Figures:
    """What a map shows of what its reader may see.

    Args:
        hidden: names of events of which nobody wants to see anything.

    Raises:
        Problem: a rule that names a column which the log does not have.
    """
    instant = now or clock.now()
    metric = registry.metric(seen.metric or map_.metric).slug
    ask = _Ask(log, settings, seen, seen.whose(log, settings.slug), instant)
    parts = answers_of(map_.nodes)
    asked = asked_of(map_, seen, hidden)
    works: list[Callable[[], Any]] = [
        partial(traffic, log, settings, asked),
        partial(ask.compared, metric, parts),
        partial(ask.emotion, by_stage(map_)),
        partial(ask.scored, EFFORT, parts),
        partial(ask.felt, map_.nodes),
        partial(ask.heard, map_.nodes),
    ]
    flow, scored, emotion, effort, felt, heard = side_by_side.found(works)
    nodes = [
        NodeFigures(
            node=one,
            traffic=flow_of,
            score=scored.of(one.id),
            rest=_row(scored.rest, one.id),
            change=_row(scored.before, one.id),
            better=scored.scores.better if scored.scores else "up",
            spread=_spread(scored.scores),
            effort=effort.of(one.id),
            felt=felt.of(one.id),
            sentiment=heard.of(one.id),
        )
        for one, flow_of in zip(map_.nodes, flow.nodes, strict=True)
    ]
    easy = convenience.of([(one.node, one.traffic, one.effort) for one in nodes], effort.scores)
    before = scored.before.rows if scored.before else ()
    return Figures(
        map=map_,
        seen=seen,
        metric=metric,
        as_of=instant,
        minimum_base=settings.minimum_base,
        currency=settings.currency,
        traffic=flow,
        nodes=tuple(
            replace(one, convenience=found) for one, found in zip(nodes, easy, strict=True)
        ),
        stages=tuple(
            StageFigures(stage.id, stage_flow, emotion.of(stage.id))
            for stage, stage_flow in zip(map_.stages, flow.stages, strict=True)
        ),
        scores=scored.scores,
        problem=scored.problem,
        tests=scored.before.tests if scored.before else 0,
        held=sum(row.marked for row in before),
        seemed=sum(row.p is not None and row.p < comparisons.Q for row in before),
    )


@dataclass(frozen=True, slots=True)
class _Ask:
    """Asks the measures of the parts of a map."""

    log: Log
    settings: Settings
    seen: Seen
    whose: Filter | None
    now: datetime

    def request(self, metric: str, parts: tuple[tuple[str, Filter], ...]) -> ScoreRequest:
        is_asked = registry.metric(metric).is_asked
        return ScoreRequest(
            metric,
            start=self.seen.start,
            end=self.seen.end,
            where=self.seen.where,
            kind="touchpoint" if is_asked else None,
            confidence=self.seen.confidence,
            parts=parts,
            whose=self.whose,
        )

    def compared(self, metric: str, parts: tuple[tuple[str, Filter], ...]) -> _Scored:
        """Scores beside the rest and beside the period before."""
        if not parts:
            return NOTHING
        request = self.request(metric, parts)
        try:
            found, rest = comparisons.scored_and_compared(
                self.log, self.settings, request, "rest", now=self.now
            )
        except Problem as problem:
            return _Scored(problem=problem)
        try:
            before: Comparisons | None = comparisons.compare(
                self.log, self.settings, request, self.seen.before, now=self.now
            )
        except Problem:
            before = None
        return _Scored(found, rest, before)

    def scored(self, metric: str, parts: tuple[tuple[str, Filter], ...]) -> _Scored:
        """Scores alone; nothing where they cannot be had."""
        return self._scores(self.request(metric, parts)) if parts else NOTHING

    def emotion(self, parts: tuple[tuple[str, Filter], ...]) -> _Scored:
        """Net satisfaction: of answers of satisfaction, else of other ratings; never of both."""
        found = NOTHING
        for kind in EMOTION_OF:
            request = self.request(EMOTION, parts)
            where = both(request.where, _is("metric", kind))
            found = self._scores(replace(request, where=where)) if parts else NOTHING
            if found.scores and found.scores.total.n:
                break
        return found

    def felt(self, nodes: tuple[Node, ...]) -> _Scored:
        """Whether promises are felt to be kept, by touchpoint.

        A question about one touchpoint alone is about it whatever its answers say besides; of one
        that is asked about several, each has the answers that its own rule chooses.
        """
        known = set(self.log.words(self.settings.slug, "question").values())
        asked = [one for one in nodes if one.promise_question in known]
        times = Counter(one.promise_question for one in asked)
        parts = []
        for one in asked:
            of_question = _is("question", one.promise_question)
            if times[one.promise_question] == 1:
                parts.append((one.id, of_question))
            elif one.answers:
                parts.append((one.id, both(of_question, parse(one.answers))))
        if not parts:
            return NOTHING
        request = self.request(FELT, tuple(parts))
        return self._scores(replace(request, kind=None, questions=tuple(times)))

    def heard(self, nodes: tuple[Node, ...]) -> _Scored:
        """Net sentiment of what was said at each touchpoint; nothing where nothing was read."""
        slug = self.settings.slug
        if not self.log.words(slug, "polarity"):
            return NOTHING
        return self.scored(SENTIMENT, heard_of(nodes, self.log.schema(slug).columns("clauses")))

    def _scores(self, request: ScoreRequest) -> _Scored:
        try:
            found = scores.score(self.log, self.settings, request, now=self.now)
        except Problem as problem:
            return _Scored(problem=problem)
        return _Scored(found)


def aspects_at(
    log: Log, settings: Settings, node: Node, seen: Seen, now: datetime
) -> tuple[Score, ...]:
    """What was said at a touchpoint by what it was about: net sentiment of each aspect, the most
    spoken of first. Nothing where nothing was read, or none of it can be shown."""
    columns = log.schema(settings.slug).columns("clauses")
    if not heard_of((node,), columns) or not log.words(settings.slug, "polarity"):
        return ()
    whose = seen.whose(log, settings.slug)
    request = replace(request_of(node, seen, SENTIMENT, whose), by=("aspect",))
    try:
        found = scores.score(log, settings, request, now=now)
    except Problem:
        return ()
    shown = [one for one in found.rows if one.value is not None and one.group["aspect"] is not None]
    return tuple(sorted(shown, key=lambda one: -(one.n or 0)))


def _is(column: str, word: str) -> Filter:
    node = Compare(column, "=", word)
    return Filter(node, write_node(node))


def _row(table: Comparisons | None, name: str) -> Comparison | None:
    rows = table.rows if table else ()
    return next((row for row in rows if row.group.get(PART) == name), None)


def _spread(found: Scores | None) -> float:
    """How wide the measure's range is."""
    if found is None:
        return 100.0
    if found.unit == "scale" and found.scale is not None:
        return found.scale.high - found.scale.low
    return RANGES.get(found.unit, 100.0)


def _tone(row: Comparison | None, better: Better, spread: float) -> Tone:
    if row is None or not row.marked or row.difference is None:
        return 0
    is_far = abs(row.difference) >= FAR * spread
    if (row.difference > 0) == (better == "up"):
        return 2 if is_far else 1
    return -2 if is_far else -1
