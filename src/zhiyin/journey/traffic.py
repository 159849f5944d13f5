"""The traffic of a journey map: who comes to its touchpoints, ends there, goes without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zhiyin.journey.brought import orders_of
from zhiyin.journey.events import Events, Keys, microseconds
from zhiyin.journey.mapped import MapAsked
from zhiyin.journey.placed import Placed
from zhiyin.journey.shares import NO_FIGURE, Figure, interval
from zhiyin.journey.withholding import among, beside_whole, within
from zhiyin.kernel.filters import Filter
from zhiyin.stats import mean, proportion, ratio
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

GAP = timedelta(minutes=30)
State = Literal["ok", "too_few", "withheld", "unbound"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NodeTraffic:
    """What goes on at one touchpoint. None is what is not shown, as `state` says, or not known.

    Shares lie in 0…1. Their intervals count customers; those of attempts, switches and help are
    of ratios over customers, and that of money of a sum over them.

    Args:
        customers: with an event here; `events` theirs; `instances`, journeys with one.
        reach: of all customers on the map.
        left_customers: of whom a journey that is over ended here and never reached the goal.
        left_of: customers with a journey here that is over.
        left_share: of them.
        completion: of the customers, those who reached the goal in a journey with an event here.
        necessity_of: customers who reached the goal.
        necessity: of them, those who had passed here before.
        without: customers who reached the goal and had not.
        seconds: the median from the first event here to the journey's next touchpoint.
        attempts: events here a journey.
        switches: how often the channel changed here, a journey.
        helped: of journeys here, the share in which help was asked for before another touchpoint.
        money: what the customers ordered in these days.
    """

    id: str
    state: State = "ok"
    customers: int | None = None
    instances: int | None = None
    events: int | None = None
    reach: float | None = None
    reach_low: float | None = None
    reach_high: float | None = None
    left_of: int | None = None
    left_customers: int | None = None
    left_share: float | None = None
    left_low: float | None = None
    left_high: float | None = None
    completion: float | None = None
    completion_low: float | None = None
    completion_high: float | None = None
    necessity_of: int | None = None
    necessity: float | None = None
    necessity_low: float | None = None
    necessity_high: float | None = None
    without: int | None = None
    seconds: float | None = None
    attempts: float | None = None
    attempts_low: float | None = None
    attempts_high: float | None = None
    switches: float | None = None
    switches_low: float | None = None
    switches_high: float | None = None
    helped: float | None = None
    helped_low: float | None = None
    helped_high: float | None = None
    money: float | None = None
    money_low: float | None = None
    money_high: float | None = None

    def base_of(self, share: str) -> int | None:
        """How many customers a share is of: ``completion``, ``left_share`` or ``necessity``."""
        bases = {"left_share": self.left_of, "necessity": self.necessity_of}
        return bases.get(share, self.customers)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class StageTraffic:
    """Who comes to one stage; `reach` of all customers on the map."""

    customers: int | None
    instances: int | None
    reach: float | None
    reach_low: float | None
    reach_high: float | None
    state: State

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Events of one name that are at no touchpoint."""

    name: str
    events: int
    customers: int
    sessions: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Traffic:
    """What goes on at a map.

    Args:
        nodes: in the order in which they were asked for.
        customers, instances: with an event at any touchpoint, or the goal.
        reached: of the customers, who reached the goal.
        worth: what a customer who reached it ordered in these days, with its interval.
        sessions_unexplained: of the sessions, those with an event at no touchpoint.
        unexplained: by name, the most customers first, none of few.
    """

    nodes: tuple[NodeTraffic, ...]
    stages: tuple[StageTraffic, ...]
    customers: int | None
    instances: int | None
    reached: int | None
    worth: float | None
    worth_low: float | None
    worth_high: float | None
    sessions: int | None
    sessions_unexplained: int | None
    unexplained: tuple[Unexplained, ...]
    minimum_base: int

    @property
    def unexplained_share(self) -> float | None:
        """Of all sessions, 0…1; None where there are none, or either is not shown."""
        if not self.sessions or self.sessions_unexplained is None:
            return None
        return self.sessions_unexplained / self.sessions

    def totals(self) -> dict[str, Any]:
        """What is true of the whole map, as the command line and the API write it."""
        names = (
            "customers", "instances", "reached", "worth", "worth_low", "worth_high", "sessions",
            "sessions_unexplained", "minimum_base",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def traffic(
    log: Log,
    settings: Settings,
    asked: MapAsked,
    *,
    whose: Keys | None = None,
    scope: Filter | None = None,
) -> Traffic:
    """Count what goes on at the touchpoints of a map.

    Args:
        whose: keys of customers, int32 and rising; None: of everybody that is asked for.

    Raises:
        Problem: ``filter.…``; as `segments.read`.
    """
    placed = Placed.of(log, settings, asked, whose=whose, scope=scope)
    nodes = [asked.nodes[place] for place in placed.bound]
    stages = max([asked.stages, *(one.stage + 1 for one in asked.nodes)])
    customers, amounts = ordered(placed.events)
    question = {
        **placed.question(),
        "help": [one.is_help for one in nodes],
        "stages": stages,
        "gap": microseconds(GAP),
        "until": placed.until(),
        "customers": customers.astype(np.int32).tobytes(),
        "amounts": amounts.astype(np.float64).tobytes(),
    }
    rows = placed.ask("map-traffic", question).to_pylist()
    return _told(settings, asked, placed, rows)


def ordered(events: Events) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Customers with an order in the chosen days, and what each ordered in the workspace's
    currency."""
    rows = orders_of(events, in_days=True)
    found = events.run(rows.group_by("buyer").aggregate(amount=rows.amount.sum()))
    return found["buyer"].to_numpy(), found["amount"].to_numpy()


def _told(settings: Settings, asked: MapAsked, placed: Placed, rows: Sequence[Row]) -> Traffic:
    node, stage, total, name = ([row for row in rows if row["what"] == what] for what in range(4))
    (whole,) = total
    minimum, confidence = settings.minimum_base, asked.confidence
    customers, reached = whole["customers"], whole["reached_customers"]
    whole_state, reached_state = within([customers, reached], minimum)
    states = among([customers, *(row["customers"] for row in node)], minimum)[1:]
    found = {
        placed.id_of(row["number"]): _node(
            row, placed.id_of(row["number"]), state, customers, reached, minimum, confidence,
            is_reached_told=reached_state == "ok", is_whole_told=whole_state == "ok",
        )
        for row, state in zip(node, states, strict=True)
    }  # fmt: skip
    unbound = {one.id: NodeTraffic(one.id, "unbound") for one in asked.nodes}
    stage_states = among([customers, *(row["customers"] for row in stage)], minimum)[1:]
    worth = _mean(whole, reached, confidence) if reached_state == "ok" else NO_FIGURE
    words = {code: word for word, code in placed.events.names.items()}
    came, odd = _sessions(whole, minimum)
    return Traffic(
        nodes=tuple(found.get(one.id, unbound[one.id]) for one in asked.nodes),
        stages=tuple(
            _stage(row, state, customers, minimum, confidence, is_told=whole_state == "ok")
            for row, state in zip(stage, stage_states, strict=True)
        ),
        customers=customers if whole_state == "ok" else None,
        instances=whole["instances"] if whole_state == "ok" else None,
        reached=reached if reached_state == "ok" else None,
        worth=worth.value,
        worth_low=worth.low,
        worth_high=worth.high,
        sessions=whole["sessions"] if came == "ok" else None,
        sessions_unexplained=whole["sessions_unexplained"] if odd == "ok" else None,
        unexplained=_unexplained(
            name, words, whole["unexplained_customers"], minimum, is_told=odd == "ok"
        ),
        minimum_base=minimum,
    )


def _sessions(whole: Row, minimum: int) -> tuple[State, State]:
    """Whether all sessions are shown, and those with an event at no touchpoint."""
    every, without = whole["sessions_customers"], whole["explained_customers"]
    came, odd = within([every, whole["unexplained_customers"]], minimum)
    return came, "withheld" if odd == "ok" and 0 < without < minimum else odd


def _unexplained(
    rows: Sequence[Row], words: Mapping[int, str], customers: int, minimum: int, *, is_told: bool
) -> tuple[Unexplained, ...]:
    """The names that are shown, the most customers first.

    Args:
        customers: with an event of any of them.
    """
    counts = [row["customers"] for row in rows]
    states = among([customers, *counts], minimum)[1:]
    states = beside_whole(counts, states, customers, minimum, is_shown=is_told)
    found = [
        Unexplained(words[row["number"]], row["events"], row["customers"], row["sessions"])
        for row, state in zip(rows, states, strict=True)
        if state == "ok"
    ]
    return tuple(sorted(found, key=lambda one: (-one.customers, one.name)))


def _are_enough(row: Row, customers: int, minimum: int) -> bool:
    """Whether the journeys that never came here are of nobody or of enough of all customers, so
    that those that did may be told beside all."""
    others = customers - row["customers"] + row["elsewhere_customers"]
    return not 0 < others < minimum


def _stage(
    row: Row, state: State, customers: int, minimum: int, confidence: float, *, is_told: bool
) -> StageTraffic:
    if state != "ok":
        return StageTraffic(None, None, None, None, None, state)
    own = row["customers"]
    low, high = interval(own, customers, confidence) if is_told else (None, None)
    share = own / customers if customers and is_told else None
    instances = row["instances"] if _are_enough(row, customers, minimum) else None
    return StageTraffic(own, instances, share, low, high, state)


def _node(
    row: Row,
    id_: str,
    state: State,
    customers: int,
    reached: int,
    minimum: int,
    confidence: float,
    *,
    is_reached_told: bool,
    is_whole_told: bool,
) -> NodeTraffic:
    """One touchpoint: each count is shown where it and what is beside it are nobody or enough."""
    if state != "ok":
        return NodeTraffic(id_, state)
    own, is_enough = row["customers"], _are_enough(row, customers, minimum)
    attempts = _ratio(row, "events", "ee", "ei", confidence)
    found = NodeTraffic(
        id_, state, own, row["instances"] if is_enough else None, row["events"],
        seconds=_seconds(row, minimum),
        **_of("attempts", attempts if is_enough else NO_FIGURE),
        **_of("switches", _ratio(row, "switches", "ss", "si", confidence)),
        **_of("helped", _helped(row, confidence)),
        **_of("money", _sum(row, own, confidence)),
    )  # fmt: skip
    if is_whole_told:
        found = replace(found, **_share("reach", own, customers, confidence))
    over, left = row["over_customers"], row["left_customers"]
    if _are_told([own, over, left], minimum) and _are_told([own, over, over - left], minimum):
        found = replace(
            found, left_of=over, left_customers=left,
            **_share("left", left, over, confidence, share="left_share"),
        )  # fmt: skip
    # Who passed has completed, and who completed has reached the goal.
    completed = row["completed_customers"]
    counts = [reached] if is_reached_told else []
    if _are_told([own, completed], minimum) and _are_told([*counts, completed], minimum):
        counts.append(completed)
        found = replace(found, **_share("completion", completed, own, confidence))
    passed = row["passed_customers"]
    if is_reached_told and _are_told([*counts, passed], minimum):
        found = replace(
            found,
            necessity_of=reached,
            without=reached - passed,
            **_share("necessity", passed, reached, confidence),
        )
    return found


def _are_told(counts: Sequence[int], minimum: int) -> bool:
    return all(state == "ok" for state in within(counts, minimum))


def _of(name: str, figure: Figure) -> dict[str, Any]:
    return {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}


def _share(name: str, count: int, of: int, confidence: float, *, share: str = "") -> dict[str, Any]:
    low, high = interval(count, of, confidence)
    value = count / of if of else None
    return {share or name: value, f"{name}_low": low, f"{name}_high": high}


def _seconds(row: Row, minimum: int) -> float | None:
    """The median to the next node, where enough customers went on to one."""
    if row["median"] is None or row["waited_customers"] < minimum:
        return None
    return float(row["median"]) / 1e6


def _ratio(row: Row, num: str, squares: str, products: str, confidence: float) -> Figure:
    """So many a journey, with the interval of a ratio over customers."""
    if row[num] is None:
        return NO_FIGURE
    sums = _sums(row, num, squares, products)
    return Figure.of(ratio.estimate(sums, confidence=confidence))


def _helped(row: Row, confidence: float) -> Figure:
    """A share of journeys; variance over customers."""
    sums = replace(_sums(row, "helped", "hh", "hi"), yy=float(row["helped"]))
    return Figure.of(proportion.estimate(sums, confidence=confidence))


def _sums(row: Row, num: str, squares: str, products: str) -> Totals:
    n, k = float(row["instances"]), float(row["customers"])
    return Totals(
        n=n, customers=k, num=float(row[num]), den=n, yy=0.0, den2=n,
        tt=float(row[squares]), tn=float(row[products]), nn=float(row["ii"]),
    )  # fmt: skip


def _sum(row: Row, customers: int, confidence: float) -> Figure:
    """A sum over customers: its mean's interval times how many they are."""
    one = _mean(row, customers, confidence)
    if one.value is None:
        return NO_FIGURE
    low, high = (None if end is None else end * customers for end in (one.low, one.high))
    return Figure(row["money"], low, high)


def _mean(row: Row, customers: int, confidence: float) -> Figure:
    """What a customer ordered, those who ordered nothing among them."""
    k = float(customers)
    if not customers or row["money"] is None:
        return NO_FIGURE
    money, squares = float(row["money"]), float(row["money_squares"])
    sums = Totals(
        n=k, customers=k, num=money, den=k, yy=squares, den2=k, tt=squares, tn=money, nn=k
    )
    return Figure.of(mean.estimate(sums, confidence=confidence, scale=(0.0, np.inf)))
