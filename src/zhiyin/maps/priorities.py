"""What to do first: touchpoints by necessity and convenience, and each group's difficulties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.maps.difficulties import Difficulty, difficulties
from zhiyin.maps.document import Map
from zhiyin.maps.figures import Figures, NodeFigures, figures
from zhiyin.maps.models import Persona
from zhiyin.maps.seen import Seen
from zhiyin.warehouse.log import Log


@dataclass(frozen=True, slots=True)
class Ranked:
    """One touchpoint that many need and that asks much of them.

    Args:
        place: 1 is first; 0 where it has no place, since something about it is not known.
        weight: necessity (0…1, the lower end) × what convenience lacks to 100 (by its upper end):
            so much is certain.
    """

    place: int
    figures: NodeFigures
    weight: float | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        flow, easy = self.figures.traffic, self.figures.convenience
        return {
            "place": self.place or None,
            "touchpoint": self.figures.node.id,
            "weight": self.weight,
            "necessity": flow.necessity,
            "necessity_low": flow.necessity_low,
            "necessity_high": flow.necessity_high,
            "without": flow.without,
            "convenience": easy and easy.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class OfGroup:
    """The top difficulties of one group of customers, and what it brings in these days.

    Args:
        persona: None: of everybody.
        customers: of the group, on the map; None of too few.
        money: what its customers who reached the goal ordered; None where it is not told.
    """

    persona: Persona | None
    figures: Figures
    customers: int | None
    money: float | None
    money_low: float | None
    money_high: float | None
    difficulties: tuple[Difficulty, ...]


def ranked(found: Figures) -> tuple[Ranked, ...]:
    """The touchpoints, the one that is needed most and lacks most convenience for certain first."""

    def weight(one: NodeFigures) -> float | None:
        easy, needed = one.convenience, one.traffic.necessity_low
        return None if easy is None or needed is None else needed * (100.0 - easy.high)

    known = [(weight(one), one) for one in found.nodes]
    told = sorted(
        (pair for pair in known if pair[0] is not None), key=lambda pair: -(pair[0] or 0.0)
    )
    rest = [one for size, one in known if size is None]
    return (
        *(Ranked(place, one, size) for place, (size, one) in enumerate(told, 1)),
        *(Ranked(0, one, None) for one in rest),
    )


def of_group(
    log: Log,
    settings: Settings,
    map_: Map,
    seen: Seen,
    persona: Persona | None,
    *,
    hidden: frozenset[str] = frozenset(),
    now: datetime,
) -> OfGroup:
    """The difficulties of one group.

    Raises:
        Problem: as `figures.figures`.
    """
    if persona is not None:
        seen = replace(seen, customers=persona.customers)
    found = figures(log, settings, map_, seen, hidden=hidden, now=now)
    flow = found.traffic
    money = [
        None if flow.reached is None or end is None else flow.reached * end
        for end in (flow.worth, flow.worth_low, flow.worth_high)
    ]
    return OfGroup(
        persona, found, flow.customers, money[0], money[1], money[2], difficulties(found)
    )


def by_money(groups: Sequence[OfGroup]) -> list[OfGroup]:
    """The groups, the one that brings most for certain first."""
    return sorted(groups, key=lambda one: -(one.money_low or 0.0))
