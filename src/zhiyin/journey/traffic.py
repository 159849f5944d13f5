"""The traffic of a journey map: who comes to its touchpoints, ends there, goes without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zhiyin.journey.events import Events, microseconds
from zhiyin.journey.mapped import MapAsked
from zhiyin.journey.placed import Placed
from zhiyin.journey.shares import NO_FIGURE, Figure, interval
from zhiyin.journey.withholding import among, within
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.stats import mean, ratio
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
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
        left_share: of the customers with a journey here that is over.
        completion: of the customers, those who reached the goal in a journey with an event here.
        necessity: of the customers who reached the goal, those who had passed here before.
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
    left_customers: int | None = None
    left_share: float | None = None
    left_low: float | None = None
    left_high: float | None = None
    completion: float | None = None
    completion_low: float | None = None
    completion_high: float | None = None
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
    sessions: int
    sessions_unexplained: int
    unexplained: tuple[Unexplained, ...]
    minimum_base: int

    @property
    def unexplained_share(self) -> float:
        """Of all sessions, 0…1."""
        return self.sessions_unexplained / self.sessions if self.sessions else 0.0

    def totals(self) -> dict[str, Any]:
        """What is true of the whole map, as the command line and the API write it."""
        names = (
            "customers", "instances", "reached", "worth", "worth_low", "worth_high", "sessions",
            "sessions_unexplained", "minimum_base",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def traffic(
    log: Log, settings: Settings, asked: MapAsked, *, scope: Filter | None = None
) -> Traffic:
    """Count what goes on at the touchpoints of a map.

    Raises:
        Problem: ``filter.…``; as `segments.read`.
    """
    placed = Placed.of(log, settings, asked, scope=scope)
    nodes = [asked.nodes[place] for place in placed.bound]
    stages = max((one.stage for one in asked.nodes), default=-1) + 1
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
    chosen, zone = events.chosen, events.settings.timezone
    codes = events.log.words(events.settings.slug, "currency")
    own = [code for code, word in codes.items() if word == events.settings.currency]
    orders = lang.table(events.schema, "orders")
    asked = [orders.customer.notnull(), orders.currency.isin(own or [-1])]
    if chosen.start is not None:
        asked.append(orders.occurred_at >= lang.timestamp(day_start(chosen.start, zone)))
    if chosen.end is not None:
        asked.append(orders.occurred_at < lang.timestamp(day_start(chosen.end, zone)))
    rows = orders.filter(*asked)
    query = rows.group_by("customer").aggregate(amount=rows.amount.sum().cast("float64"))
    found = events.run(query)
    return found["customer"].to_numpy(), found["amount"].to_numpy()


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
    return Traffic(
        nodes=tuple(found.get(one.id, unbound[one.id]) for one in asked.nodes),
        stages=tuple(
            _stage(row, state, customers, confidence, is_told=whole_state == "ok")
            for row, state in zip(stage, stage_states, strict=True)
        ),
        customers=customers if whole_state == "ok" else None,
        instances=whole["instances"] if whole_state == "ok" else None,
        reached=reached if reached_state == "ok" else None,
        worth=worth.value,
        worth_low=worth.low,
        worth_high=worth.high,
        sessions=whole["sessions"],
        sessions_unexplained=whole["sessions_unexplained"],
        unexplained=tuple(
            Unexplained(words[row["number"]], row["events"], row["customers"], row["sessions"])
            for row in sorted(name, key=lambda row: (-row["customers"], words[row["number"]]))
            if row["customers"] >= minimum
        ),
        minimum_base=minimum,
    )


def _stage(
    row: Row, state: State, customers: int, confidence: float, *, is_told: bool
) -> StageTraffic:
    if state != "ok":
        return StageTraffic(None, None, None, None, None, state)
    own = row["customers"]
    low, high = interval(own, customers, confidence) if is_told else (None, None)
    share = own / customers if customers and is_told else None
    return StageTraffic(own, row["instances"], share, low, high, state)


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
    own = row["customers"]
    found = NodeTraffic(
        id_, state, own, row["instances"], row["events"],
        seconds=None if row["median"] is None or row["waited"] < minimum else row["median"] / 1e6,
        **_of("attempts", _ratio(row, "events", "ee", "ei", confidence)),
        **_of("switches", _ratio(row, "switches", "ss", "si", confidence)),
        **_of("helped", _ratio(row, "helped", "hh", "hi", confidence)),
        **_of("money", _sum(row, own, confidence)),
    )  # fmt: skip
    if is_whole_told:
        found = replace(found, **_share("reach", own, customers, confidence))
    over, left = row["over_customers"], row["left_customers"]
    if _are_told([own, over, left], minimum) and _are_told([own, over, over - left], minimum):
        found = replace(
            found, left_customers=left,
            **_share("left", left, over, confidence, share="left_share"),
        )  # fmt: skip
    completed = row["completed_customers"]
    if _are_told([own, completed], minimum):
        found = replace(found, **_share("completion", completed, own, confidence))
    passed = row["passed_customers"]
    if is_reached_told and _are_told([reached, passed], minimum):
        found = replace(
            found, without=reached - passed, **_share("necessity", passed, reached, confidence)
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


def _ratio(row: Row, num: str, squares: str, products: str, confidence: float) -> Figure:
    """So many a journey, with the interval of a ratio over customers."""
    n, k = float(row["instances"]), float(row["customers"])
    sums = Totals(
        n=n, customers=k, num=float(row[num]), den=n, yy=0.0, den2=n,
        tt=float(row[squares]), tn=float(row[products]), nn=float(row["ii"]),
    )  # fmt: skip
    return Figure.of(ratio.estimate(sums, confidence=confidence))


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
