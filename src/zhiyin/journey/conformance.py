"""Conformance 流程符合度: whether customers go the way that is drawn, and where they leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zhiyin.journey.mapped import MapAsked
from zhiyin.journey.placed import Placed
from zhiyin.journey.shares import NO_FIGURE, Figure, interval
from zhiyin.journey.withholding import State, among, beside_whole, within
from zhiyin.kernel.filters import Filter
from zhiyin.stats import proportion
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Kind = Literal["back", "skipped"]
KINDS: tuple[Kind, ...] = ("back", "skipped")
"""How an instance leaves the map: to an earlier stage, or past a required node. In the order of
the numbers of the pass."""


@dataclass(frozen=True, slots=True)
class Before:
    """A name of unexplained events directly before the one by which instances left the map.

    Args:
        customers: in whose instance of this way of leaving one was.
        share: of the customers who left this way, 0…1.
    """

    name: str
    customers: int
    share: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which instances leave the map; nodes by their ids.

    Args:
        kind: ``back``, to an earlier stage; ``skipped``, past a required node.
        before: the node before.
        to: the node that they came to instead.
        missing: of ``skipped``, the first required node that they had not been at.
        share: of all customers, 0…1, with Wilson's interval.
        names: of what was done directly before and is at no node, the most customers first.
    """

    kind: Kind
    before: str
    to: str
    missing: str | None
    instances: int
    customers: int
    share: Figure
    names: tuple[Before, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "kind": self.kind,
            "before": self.before,
            "to": self.to,
            "missing": self.missing,
            "instances": self.instances,
            "customers": self.customers,
            "share": self.share.value,
            "low": self.share.low,
            "high": self.share.high,
            "names": [one.as_dict() for one in self.names],
        }


@dataclass(frozen=True, slots=True)
class Conformance:
    """How many go the way that is drawn; None where it is not shown, as the states say.

    Args:
        instances: with an event at a node.
        customers: whose they are.
        following: of the instances, those that follow the map.
        following_customers: all of whose instances do.
        share: of the customers, 0…1, with Wilson's interval.
        share_of_instances: variance over customers.
        deviations: most customers first.
        deviations_in_all: how many ways of leaving there are, shown or not.
        state: of all counts but the following ones.
    """

    instances: int | None
    customers: int | None
    following: int | None
    following_customers: int | None
    share: Figure
    share_of_instances: Figure
    deviations: tuple[Deviation, ...]
    deviations_in_all: int
    minimum_base: int
    state: State = "ok"
    following_state: State = "ok"

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "instances": self.instances,
            "customers": self.customers,
            "following": self.following,
            "following_customers": self.following_customers,
            "share": self.share.as_dict(),
            "share_of_instances": self.share_of_instances.as_dict(),
            "deviations": [one.as_dict() for one in self.deviations],
            "deviations_in_all": self.deviations_in_all,
            "state": self.state,
            "following_state": self.following_state,
            "minimum_base": self.minimum_base,
        }


Row = Mapping[str, Any]


def conformance(
    log: Log, settings: Settings, asked: MapAsked, *, scope: Filter | None = None
) -> Conformance:
    """Say how many journey instances follow the map, and where the others leave it.

    Raises:
        Problem: ``filter.…``; as `segments.read`.
    """
    placed = Placed.of(log, settings, asked, scope=scope)
    total, *rows = placed.ask("map-conformance", placed.question()).to_pylist()
    minimum, confidence = settings.minimum_base, asked.confidence
    customers, following = total["customers"], total["all_following"]
    ways = [row for row in rows if row["name"] is None]
    named: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if row["name"] is not None:
            named.setdefault(_way(row), []).append(row)
    state, following_state, states = _states(ways, total, minimum)
    words = {code: word for word, code in placed.events.names.items()}
    deviations = [
        Deviation(
            kind=KINDS[way["kind"]],
            before=placed.id_of(way["before"]),
            to=placed.id_of(way["to"]),
            missing=None if way["missing"] is None else placed.id_of(way["missing"]),
            instances=way["instances"],
            customers=way["customers"],
            share=_share(way["customers"], customers, confidence),
            names=_names(words, named.get(_way(way), []), way["customers"], minimum),
        )
        for way, shown in zip(ways, states, strict=True)
        if shown == "ok"
    ]
    deviations.sort(key=lambda one: (-one.customers, -one.instances, one.before, one.to))
    is_told = following_state == "ok"
    return Conformance(
        instances=total["instances"] if state == "ok" else None,
        customers=customers if state == "ok" else None,
        following=total["following"] if is_told else None,
        following_customers=following if is_told else None,
        share=_share(following, customers, confidence) if is_told else NO_FIGURE,
        share_of_instances=_of_instances(total, confidence) if is_told else NO_FIGURE,
        deviations=tuple(deviations),
        deviations_in_all=len(ways),
        minimum_base=minimum,
        state=state,
        following_state=following_state,
    )


def _states(ways: Sequence[Row], total: Row, minimum: int) -> tuple[State, State, list[State]]:
    """What is shown of all customers, of those who follow the map, and of each way of leaving it.

    Instances that follow and those of each way add up to all, so what is not shown of them must
    not be told by the others.
    """
    customers = total["customers"]
    state, *parts = within([customers, total["any_following"], total["all_following"]], minimum)
    following = next((one for one in parts if one != "ok"), state)
    counts = [way["customers"] for way in ways]
    states = [following, *among([customers, *counts], minimum)[1:]]
    counts = [total["any_following"], *counts]
    following, *states = beside_whole(counts, states, customers, minimum, is_shown=state == "ok")
    return state, following, states


def _share(count: int, of: int, confidence: float) -> Figure:
    return Figure(count / of if of else None, *interval(count, of, confidence))


def _of_instances(total: Row, confidence: float) -> Figure:
    n, following = float(total["instances"]), float(total["following"])
    sums = Totals(
        n=n, customers=float(total["customers"]), num=following, den=n, yy=following, den2=n,
        tt=float(total["tt"]), tn=float(total["tn"]), nn=float(total["nn"]),
    )  # fmt: skip
    return Figure.of(proportion.estimate(sums, confidence=confidence))


def _way(row: Row) -> tuple[Any, ...]:
    return row["kind"], row["before"], row["to"], row["missing"]


def _names(
    words: Mapping[int, str], named: Sequence[Row], of: int, minimum: int
) -> tuple[Before, ...]:
    """The names that are shown. Those before whom there was none are a part of all too."""
    counts = [row["customers"] for row in named]
    counts.append(max(of - sum(counts), 0))
    states = beside_whole(counts, among([of, *counts], minimum)[1:], of, minimum)
    found = [
        Before(words[row["name"]], row["customers"], row["customers"] / of)
        for row, state in zip(named, states[:-1], strict=True)
        if state == "ok"
    ]
    return tuple(sorted(found, key=lambda one: (-one.customers, one.name)))
