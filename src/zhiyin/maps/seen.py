"""What somebody looks at on a map: which days, whose customers, which measure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from typing import Literal

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import Chosen, read_names, read_span
from zhiyin.journey.mapped import MapAsked, MapNode
from zhiyin.kernel.filters import Filter, Or, both, parse, write_node
from zhiyin.maps.document import Map, Node
from zhiyin.measure import overview
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log

Before = Literal["previous", "last-year", "lunar-year"]
BEFORE: tuple[Before, ...] = ("previous", "last-year", "lunar-year")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is looked at.

    Args:
        start: first local day.
        end: the day after the last.
        before: with which period it is compared.
        where: only events and answers for which this holds.
        customers: only these: short name of a segment, or a rule over customers; blank: everybody.
        metric: slug of the measure that nodes show; blank: the map's own.
        confidence: of the intervals.
    """

    start: date
    end: date
    before: Before = "previous"
    where: Filter | None = None
    customers: str = ""
    metric: str = ""
    confidence: float = 0.95

    @property
    def chosen(self) -> Chosen:
        """Which events there are."""
        return Chosen(self.where, self.start, self.end, self.customers)

    def whose(self, log: Log, workspace: str) -> Filter | None:
        """The rule over customers.

        Raises:
            Problem: as `segments.read`.
        """
        return segments.read(log, workspace, self.customers) if self.customers else None


def usual(log: Log, settings: Settings, now: datetime) -> Seen:
    """The last month that is over and has answers up to its end; of an empty log this month."""
    reach = overview.reach(log, settings)
    last = reach[1] if reach else now.date()
    step = overview.newest(settings, last, now)
    return Seen(step.first, step.end)


def with_persona(seen: Seen, customers: str) -> Seen:
    """The customers of the map's persona, where nobody asks for others."""
    return seen if seen.customers else replace(seen, customers=customers)


def asked_of(map_: Map, seen: Seen, hidden: frozenset[str] = frozenset()) -> MapAsked:
    """What the journey index is asked of a map.

    Args:
        hidden: names of events that are neither at a touchpoint nor left unexplained.
    """
    stages = {stage.id: (place, stage.begins) for place, stage in enumerate(map_.stages)}
    nodes = []
    for one in map_.nodes:
        place, begins = stages[one.stage]
        nodes.append(
            MapNode(
                id=one.id,
                where=parse(one.events) if one.events else None,
                stage=place,
                begins=begins,
                is_required=one.is_required,
                is_help=one.is_help,
            )
        )
    return MapAsked(
        nodes=tuple(nodes),
        goal=read_names(map_.goal) if map_.goal else frozenset(),
        pause=read_span(map_.pause),
        chosen=seen.chosen,
        hidden=hidden,
        confidence=seen.confidence,
        stages=len(map_.stages),
    )


def answers_of(nodes: tuple[Node, ...]) -> tuple[tuple[str, Filter], ...]:
    """The rules that say about which touchpoint an answer is, by its id."""
    return tuple((one.id, parse(one.answers)) for one in nodes if one.answers)


def heard_of(nodes: tuple[Node, ...], columns: Collection[str]) -> tuple[tuple[str, Filter], ...]:
    """The rules of `answers_of` that say of what was written, too, about which touchpoint it is.

    Args:
        columns: of clauses; a rule that names another is about answers alone.
    """
    return tuple(
        (id_, rule) for id_, rule in answers_of(nodes) if set(rule.columns()) <= set(columns)
    )


def by_stage(map_: Map) -> tuple[tuple[str, Filter], ...]:
    """The rules that say about which stage an answer is, by its id."""
    found = []
    for stage in map_.stages:
        rules = [rule for _id, rule in answers_of(tuple(
            one for one in map_.nodes if one.stage == stage.id
        ))]  # fmt: skip
        if rules:
            found.append((stage.id, reduce(either, rules)))
    return tuple(found)


def either(one: Filter, other: Filter) -> Filter:
    """The rule that holds where one of two does."""
    root = Or((one.root, other.root))
    return Filter(root, write_node(root))


def narrowed(seen: Seen, where: Filter | None) -> Seen:
    """The same of fewer rows."""
    return replace(seen, where=both(seen.where, where))
