"""What goes on at the nodes of a map, written again the plain way: by search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from zhiyin.journey.tests import naive_map
from zhiyin.journey.tests.naive import Happened, Histories, stretches
from zhiyin.journey.tests.naive_map import Drawn

Counts = dict[str, float]


@dataclass(frozen=True)
class Asked:
    """What a map is besides how it is drawn.

    Attributes:
        help: by node.
        stages: how many there are.
        gap: of sessions, microseconds.
        until: microseconds since 1970, up to which the log is known.
        money: what each customer ordered.
    """

    drawn: Drawn
    help: Sequence[bool]
    stages: int
    gap: int
    until: int
    money: Mapping[str, float]


@dataclass(frozen=True)
class Instance:
    """The steps of one instance; `ends`, whether it is over."""

    events: Sequence[Happened]
    ends: bool
    asked: Asked

    @property
    def at(self) -> list[int | None]:
        """The nodes of its steps."""
        return [self.asked.drawn.at(event) for event in self.events]

    @property
    def goal(self) -> int | None:
        """The place of its first step that is the goal."""
        goal = self.asked.drawn.goal
        return next((n for n, event in enumerate(self.events) if event.name in goal), None)

    @property
    def last(self) -> int | None:
        """Its last node."""
        return next((node for node in reversed(self.at) if node is not None), None)

    def is_left(self, node: int) -> bool:
        """Whether it ended there without the goal."""
        return self.ends and self.goal is None and self.last == node

    def is_passed(self, node: int) -> bool:
        """Whether it reached the goal by way of the node; where the goal is at a node, by that."""
        return self.goal is not None and node in self.at[: self.goal + 1]

    def switches(self, node: int) -> int:
        """How often a step there has another channel than the last before it that told one."""
        found = 0
        for place, event in enumerate(self.events):
            told = [one.channel for one in self.events[:place] if one.channel is not None]
            if self.at[place] == node and told and event.channel not in (None, told[-1]):
                found += 1
        return found

    def is_helped(self, node: int) -> bool:
        """Whether after a step there, before one at another node that is no help, is one at a node
        of help."""
        if self.asked.help[node]:
            return False
        for place, at in enumerate(self.at):
            if at == node:
                for later in self.at[place + 1 :]:
                    if later is not None and self.asked.help[later]:
                        return True
                    if later not in (None, node):
                        break
        return False

    def wait(self, node: int) -> int | None:
        """Microseconds from the first step there to the next at another node."""
        first = self.at.index(node)
        for event, at in zip(self.events[first:], self.at[first:], strict=True):
            if at not in (None, node):
                return event.us - self.events[first].us
        return None


def instances(events: Sequence[Happened], asked: Asked) -> list[Instance]:
    """A customer's instances."""
    every = naive_map.instances(events, asked.drawn)
    found = []
    for number, places in enumerate(every):
        own = [events[place] for place in places]
        is_over = number + 1 < len(every) or asked.until - own[-1].us > asked.drawn.pause
        found.append(Instance(own, is_over, asked))
    return found


def node(histories: Histories, asked: Asked, at: int) -> tuple[Counts, float | None]:
    """The counts and sums of one node, as `passes.mapped` calls them, and the median."""
    found: Counter[str] = Counter()
    waits: list[int] = []
    for who, events in histories.items():
        mine = [one for one in instances(events, asked) if at in one.at]
        if not mine:
            continue
        over = [one for one in mine if one.ends]
        left = [one for one in mine if one.is_left(at)]
        went = [wait for one in mine if (wait := one.wait(at)) is not None]
        e, i = sum(one.at.count(at) for one in mine), len(mine)
        s, h = sum(one.switches(at) for one in mine), sum(one.is_helped(at) for one in mine)
        passed = sum(one.is_passed(at) for one in mine)
        paid = asked.money.get(who, 0.0)
        found.update(
            events=e, instances=i, over=len(over), left=len(left), switches=s, helped=h,
            passed=passed, customers=1, over_customers=bool(over), left_customers=bool(left),
            passed_customers=passed > 0, waited=len(went), waited_customers=bool(went),
            completed_customers=any(one.goal is not None for one in mine),
            elsewhere_customers=len(instances(events, asked)) > i,
            ee=e * e, ei=e * i, ii=i * i, ss=s * s, si=s * i, hh=h * h, hi=h * i,
        )  # fmt: skip
        found.update({"money": paid, "squares": paid * paid})
        waits += went
    return dict(found), median(waits) if waits else None


def stage(histories: Histories, asked: Asked, number: int) -> tuple[int, int, int]:
    """Instances and customers with a step at a node of the stage, and those of them who have an
    instance without one, too."""
    nodes = [at for at, stage in enumerate(asked.drawn.stage) if stage == number]
    every = [
        [any(at in nodes for at in one.at) for one in instances(events, asked)]
        for events in histories.values()
    ]
    came = [mine for mine in every if any(mine)]
    return sum(map(sum, came)), len(came), sum(not all(mine) for mine in came)


def is_unexplained(event: Happened, drawn: Drawn) -> bool:
    """Whether an event is at no node, and not the goal."""
    return event.name not in drawn.hidden and not drawn.is_step(event)


def totals(histories: Histories, asked: Asked) -> tuple[Counts, float]:
    """All of it together, and what those ordered who reached the goal."""
    found: Counter[str] = Counter()
    money = 0.0
    for who, events in histories.items():
        mine = instances(events, asked)
        reached = sum(one.goal is not None for one in mine)
        sessions = stretches({who: events}, asked.gap)
        odd = [any(is_unexplained(one, asked.drawn) for one in part) for part in sessions]
        found.update(
            instances=len(mine), over=sum(one.ends for one in mine), customers=bool(mine),
            reached=reached, reached_customers=reached > 0, sessions=len(sessions),
            sessions_unexplained=sum(odd), sessions_customers=bool(sessions),
            unexplained_customers=any(odd), explained_customers=not all(odd),
        )  # fmt: skip
        money += asked.money.get(who, 0.0) if reached else 0.0
    return dict(found), money


def unexplained(histories: Histories, asked: Asked) -> dict[str, tuple[int, int, int]]:
    """By name of events at no node: events, customers, sessions."""
    counts = Counter(
        one.name
        for events in histories.values()
        for one in events
        if is_unexplained(one, asked.drawn)
    )
    found: dict[str, tuple[int, int, int]] = {}
    for name, count in counts.items():
        who = sum(
            any(one.name == name and is_unexplained(one, asked.drawn) for one in events)
            for events in histories.values()
        )
        sessions = sum(
            any(one.name == name and is_unexplained(one, asked.drawn) for one in part)
            for part in stretches(histories, asked.gap)
        )
        found[name] = (count, who, sessions)
    return found
