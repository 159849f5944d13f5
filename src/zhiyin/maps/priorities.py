"""What to do first: touchpoints by necessity and convenience, and groups by what they bring in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events
from zhiyin.journey.shares import Figure
from zhiyin.journey.traffic import ordered
from zhiyin.maps.figures import Figures, NodeFigures
from zhiyin.maps.seen import Seen
from zhiyin.maps.sides import keys_of
from zhiyin.stats import mean
from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Totals
from zhiyin.unify import segments
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


@dataclass(frozen=True, slots=True)
class Worth:
    """What a group of customers brings in these days.

    Args:
        key: of the group.
        customers: in it; None where they are too few to tell.
        money: what they ordered in these days; None where too few ordered to tell.
        low, high: with an interval over the group's customers.
    """

    key: str
    customers: int | None
    money: float | None = None
    low: float | None = None
    high: float | None = None


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


def worths(
    log: Log, settings: Settings, seen: Seen, groups: Mapping[str, str], *, confidence: float = 0.95
) -> tuple[Worth, ...]:
    """What each group ordered in these days, the one that brings most for certain first.

    All their orders count, whatever is drawn on a map. A customer may be in several groups.

    Args:
        groups: short name of a segment, or a rule over customers, by a key of the group; blank:
            everybody.

    Raises:
        Problem: as `segments.read`.
    """
    chosen = Chosen(start=seen.start, end=seen.end)
    buyers, amounts = ordered(Events.of(log, settings, chosen))
    found = []
    for key, rule in groups.items():
        whose = segments.read(log, settings.slug, rule) if rule else None
        hers = keys_of(log, settings, whose)
        found.append(
            _worth(
                key, len(hers), amounts[np.isin(buyers, hers)], settings.minimum_base, confidence
            )
        )
    # Equal ones, and those that are not told, stay in their order.
    return tuple(sorted(found, key=lambda one: -(one.low or 0.0)))


def _worth(key: str, customers: int, amounts: Floats, minimum: int, confidence: float) -> Worth:
    if customers < minimum:
        return Worth(key, None if customers else 0)
    if 0 < len(amounts) < minimum:
        return Worth(key, customers)
    k, money, squares = float(customers), float(amounts.sum()), float((amounts**2).sum())
    # Those who ordered nothing are among them.
    sums = Totals(
        n=k, customers=k, num=money, den=k, yy=squares, den2=k, tt=squares, tn=money, nn=k
    )
    each = Figure.of(mean.estimate(sums, confidence=confidence, scale=(0.0, np.inf)))
    low, high = (None if end is None else k * end for end in (each.low, each.high))
    return Worth(key, customers, money, low, high)
