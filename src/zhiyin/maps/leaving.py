"""How whole journeys are judged that leave the drawn way, beside those that follow it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.instances import BACK, FOLLOWED, NO_NODE
from zhiyin.journey.shares import NO_FIGURE, Figure
from zhiyin.kernel import clock
from zhiyin.maps.document import Map
from zhiyin.maps.judged import Judged, Looked
from zhiyin.maps.seen import Seen, asked_of
from zhiyin.maps.whole import AGAIN_WITHIN
from zhiyin.stats import families, mean
from zhiyin.stats.difference import Differences
from zhiyin.stats.estimate import number
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Q = 0.05
FOLLOWS = (FOLLOWED, NO_NODE, NO_NODE, NO_NODE)
TOTALS = tuple(one.name for one in fields(Totals))
CROSS = tuple(one.name for one in fields(Cross))
NO_CROSS = Cross(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Way:
    """Judged journeys that follow the map, or leave it in one way; touchpoints by their ids.

    Args:
        kind: ``follows``, ``back`` or ``skipped``.
        before, to, missing: as of `journey.conformance.Deviation`.
        score: mean of the answers about the whole.
        difference: to those that follow, with the interval that agrees with the mark.
        marked: whether it is more than chance, within all ways.
    """

    kind: str
    before: str | None
    to: str | None
    missing: str | None
    journeys: int
    customers: int
    score: Figure
    difference: Figure = NO_FIGURE
    p: float | None = None
    q: float | None = None
    marked: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        found: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            found[name] = value.as_dict() if isinstance(value, Figure) else value
        return found


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of judged journeys: those that follow first, then the largest.

    Args:
        question: the series of the question about the whole; None where nobody answered one.
        tests: how many ways were tested; they are one family.
    """

    question: str | None
    ways: tuple[Way, ...]
    tests: int
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "question": self.question,
            "ways": [one.as_dict() for one in self.ways],
            "tests": self.tests,
            "minimum_base": self.minimum_base,
        }


def ways(
    log: Log,
    settings: Settings,
    map_: Map,
    seen: Seen,
    *,
    hidden: frozenset[str] = frozenset(),
    now: datetime | None = None,
) -> Ways:
    """The scores of journeys by the way in which they leave the map.

    A way of fewer customers than the workspace's minimum is not told. Only judged journeys count:
    so these are fewer than those of `conformance`.

    Raises:
        Problem: ``map.whole-scales``; ``filter.…``; as `segments.read`.
    """
    asked = asked_of(map_, seen, hidden)
    schema = log.schema(settings.slug)
    looked = Looked(
        log, settings, map_, seen, asked, schema, None, now or clock.now(), AGAIN_WITHIN
    )
    found = looked.judged()
    if found is None:
        return Ways(None, (), 0, settings.minimum_base)
    return _ways(found, settings, map_, seen.confidence)


def _ways(found: Judged, settings: Settings, map_: Map, confidence: float) -> Ways:
    journeys, final, who = found.journeys, found.final, found.journeys.customer
    keys = np.stack([journeys.left, journeys.before, journeys.to, journeys.missing], axis=1)
    keys[journeys.left == FOLLOWED] = FOLLOWS
    kinds, of_kind = np.unique(keys, axis=0, return_inverse=True)
    of_kind = of_kind.reshape(-1)
    scale = (found.question.low, found.question.high)
    sums = Totals.by(final, who, of_kind, len(kinds))
    customers = np.asarray(sums.customers)
    scores = mean.estimates(sums, scale=scale, confidence=confidence)
    is_told = customers >= max(settings.minimum_base, 1)
    is_follows = (kinds == FOLLOWS).all(axis=1)
    compared = _beside(final, who, of_kind, is_follows, sums, confidence)
    is_tested = is_told & ~is_follows & (customers >= settings.test_base)
    if not is_follows.any() or customers[is_follows][0] < settings.test_base:
        is_tested[:] = False
    family = families.mark(np.where(is_tested, compared.p, np.nan), Q)
    low, high = families.intervals(family, compared.interval)
    rows = []
    for n in sorted(np.flatnonzero(is_told), key=lambda n: (not is_follows[n], -customers[n])):
        kind, before, to, missing = kinds[n].tolist()
        row = Way(
            kind="follows" if kind == FOLLOWED else "back" if kind == BACK else "skipped",
            before=_id(map_, before),
            to=_id(map_, to),
            missing=_id(map_, missing),
            journeys=int(np.asarray(sums.n)[n]),
            customers=int(customers[n]),
            score=Figure.of(scores[int(n)]),
        )
        if is_tested[n]:
            row = replace(
                row,
                difference=Figure(number(compared.difference[n]), number(low[n]), number(high[n])),
                p=number(compared.p[n]),
                q=number(family.q_values[n]),
                marked=bool(family.marked[n]),
            )
        rows.append(row)
    return Ways(found.question.name, tuple(rows), family.tests, settings.minimum_base)


def _beside(
    final: Any, who: Any, of_kind: Any, is_follows: Any, sums: Totals, confidence: float
) -> Differences:
    """Each way beside those that follow; customers on both sides count with their covariance."""
    follows = np.flatnonzero(is_follows[of_kind])
    every = [np.flatnonzero(of_kind == kind) for kind in range(len(is_follows))]
    each = [
        Cross.of(final[own], who[own], final[follows], who[follows])
        if len(own) and len(follows) else NO_CROSS
        for own in every
    ]  # fmt: skip
    cross = Cross(*(np.array([getattr(one, name) for one in each]) for name in CROSS))
    place = np.flatnonzero(is_follows)
    at = np.repeat(place[0] if len(place) else 0, len(is_follows))
    there = Totals(*(np.asarray(getattr(sums, name))[at] for name in TOTALS))
    return mean.differences(sums, there, cross, confidence=confidence)


def _id(map_: Map, place: int) -> str | None:
    return None if place == NO_NODE else map_.nodes[place].id
