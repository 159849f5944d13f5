"""One figure of a map on both sides, and shares of customers compared as a family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from zhiyin.journey.shares import totals
from zhiyin.journey.traffic import NodeTraffic, Traffic
from zhiyin.maps.sides import Flows, node_of
from zhiyin.measure.comparisons import Q
from zhiyin.stats import families, proportion
from zhiyin.stats.estimate import Floats, number
from zhiyin.stats.totals import Cross

SHARES = ("reach", "completion", "left_share", "necessity")
"""Shares of customers that are compared; each is a family of its own over the touchpoints."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure on both sides: a score in its measure's unit, or a share in 0…1.

    Args:
        difference: here less there, with the interval that agrees with the mark.
        p, q: None where it was not tested.
        marked: whether it is more than chance, among all touchpoints.
        n_here, n_there: answers of a score, customers that a share is of.
        state: why a side is not shown: ``too_few`` or ``withheld``; ``ok`` where both are, and
            where nobody came or was asked.
    """

    here: float | None = None
    there: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    marked: bool = False
    n_here: int | None = None
    n_there: int | None = None
    state: str = "ok"

    @classmethod
    def of(
        cls,
        here: float | None,
        there: float | None,
        *,
        counts: Sequence[int | None],
        states: Sequence[str],
    ) -> Pair:
        """Two figures that are not tested."""
        less = None if here is None or there is None else here - there
        why = next((state for state in states if state != "ok"), "ok")
        return cls(here, there, less, n_here=counts[0], n_there=counts[1], state=why)


NO_PAIR = Pair()


@dataclass(frozen=True, slots=True)
class _Counted:
    """A share of customers at each touchpoint of a side.

    Args:
        value: 0…1; None where it is not shown.
        count, of: customers; 0 of 0 where it is not shown.
        states: of the touchpoints.
    """

    value: tuple[float | None, ...]
    count: Floats
    of: Floats
    states: tuple[str, ...]

    @classmethod
    def at(cls, name: str, ids: Sequence[str], flow: Traffic | None) -> _Counted:
        found = [node_of(flow, id_) for id_ in ids]
        values = [None if one is None else getattr(one, name) for one in found]
        bases = [_base(name, one, flow) for one in found]
        of = np.array(
            [base if value is not None else 0.0 for value, base in zip(values, bases, strict=True)]
        )
        count = np.round(np.array([value or 0.0 for value in values]) * of)
        states = tuple("ok" if one is None else _state(one, name) for one in found)
        return cls(tuple(values), count, of, states)

    def at_place(self, place: int) -> tuple[float | None, int | None, str]:
        """The share of one touchpoint, of how many customers it is, and why it is not shown."""
        value = self.value[place]
        return value, None if value is None else int(self.of[place]), self.states[place]


def _base(name: str, one: NodeTraffic | None, flow: Traffic | None) -> float:
    if one is None or flow is None:
        return 0.0
    return float((flow.customers if name == "reach" else one.base_of(name)) or 0)


def _state(one: NodeTraffic, name: str) -> str:
    """Why a share is not shown; of nobody there is none, and none is hidden."""
    if getattr(one, name) is not None or not one.customers:
        return one.state if one.state in ("too_few", "withheld") else "ok"
    return "withheld"


def shares(name: str, ids: Sequence[str], flow: Flows, test_base: int) -> list[Pair]:
    """A share of each touchpoint on both sides: one family of tests.

    Args:
        name: one of `SHARES`.
        ids: of the touchpoints.
        test_base: below so many customers on a side nothing is tested.
    """
    here, there, shared = (
        _Counted.at(name, ids, one) for one in (flow.here, flow.there, flow.shared)
    )
    # What somebody did who is on both sides, she did on both.
    cross = Cross(shared.count, shared.count, shared.count, shared.of) if flow.shared else None
    found = proportion.differences(
        totals(here.count, here.of), totals(there.count, there.of), cross
    )
    is_tested = (here.of >= test_base) & (there.of >= test_base)
    is_tested &= flow.both != "same"
    family = families.mark(np.where(is_tested, found.p, np.nan), Q)
    low, high = families.intervals(family, found.interval)
    told = []
    for place in range(len(ids)):
        sides = [one.at_place(place) for one in (here, there)]
        pair = Pair.of(
            sides[0][0], sides[1][0],
            counts=[of for _value, of, _state in sides],
            states=[state for _value, _of, state in sides],
        )  # fmt: skip
        if is_tested[place]:
            pair = replace(
                pair,
                low=number(low[place]),
                high=number(high[place]),
                p=number(found.p[place]),
                q=number(family.q_values[place]),
                marked=bool(family.marked[place]),
            )
        told.append(pair)
    return told
