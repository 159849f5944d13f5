"""Whole journeys 整段旅程: how they are judged by how many touchpoints went badly, and by which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.shares import NO_FIGURE, Figure
from zhiyin.journey.withholding import State, beside_whole, within
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.maps.document import Map
from zhiyin.maps.judged import Judged, Looked
from zhiyin.maps.seen import Seen, asked_of
from zhiyin.measure.rows.asked import DETRACTOR_TO, PROMOTER_FROM
from zhiyin.stats import bad_steps, mean, nps, peak_end, proportion
from zhiyin.stats.difference import Difference
from zhiyin.stats.peak_end import PARTS, PeakEnd
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

AGAIN_WITHIN = timedelta(days=90)
NPS_SCALE = (0.0, 10.0)


@dataclass(frozen=True, slots=True)
class Burdened:
    """Journeys with so many bad touchpoints. None where it is not shown, as the states say.

    Args:
        bad: touchpoints that went badly; 3 is 3 and more.
        score: mean of the answers about the whole, on their scale.
        nps: in points, where the scale is 0 to 10.
        watched: journeys that reached the goal and were watched so long after their end.
        again: share of them after which the same customer came to the goal again, 0…1.
    """

    bad: int
    journeys: int | None
    customers: int | None
    score: Figure
    nps: Figure
    watched: int | None
    again: Figure
    state: State = "ok"
    again_state: State = "ok"

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        found: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            found[name] = value.as_dict() if isinstance(value, Figure) else value
        return found


@dataclass(frozen=True, slots=True)
class Whole:
    """Journeys that their customers judged as a whole.

    Args:
        question: the series of the question about the whole; None where nobody answered one.
        scale: its lowest and its highest answer.
        journeys: with an answer about the whole.
        customers: whose they are; None where they are fewer than the minimum.
        groups: by bad touchpoints: none, one, two, three and more.
        trend: by how much the score changes with each further one; None where it is not tested.
        parts: how much of the score the mean of the steps, the last and the worst explain; None of
            too few customers.
        again_within: how long after a journey's end the goal counts as reached again.
    """

    question: str | None
    scale: tuple[float, float] | None
    is_up: bool
    journeys: int | None
    customers: int | None
    groups: tuple[Burdened, ...]
    trend: Difference | None
    parts: PeakEnd | None
    again_within: timedelta
    minimum_base: int
    state: State = "ok"

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "question": self.question,
            "scale": self.scale and list(self.scale),
            "better": "up" if self.is_up else "down",
            "journeys": self.journeys,
            "customers": self.customers,
            "by_bad_touchpoints": [one.as_dict() for one in self.groups],
            "trend": self.trend and {
                "change": self.trend.difference,
                "low": self.trend.low,
                "high": self.trend.high,
                "p": self.trend.p,
            },
            "parts": None if self.parts is None else _parts_as_dict(self.parts),
            "again_within_days": self.again_within / timedelta(days=1),
            "minimum_base": self.minimum_base,
            "state": self.state,
        }  # fmt: skip


def _parts_as_dict(parts: PeakEnd) -> dict[str, Any]:
    each = {name: getattr(parts, name) for name in ("explained", *PARTS)}
    return {
        "journeys": parts.explained.n,
        "customers": parts.explained.customers,
        **{name: Figure.of(one).as_dict() for name, one in each.items()},
    }


def whole(
    log: Log,
    settings: Settings,
    map_: Map,
    seen: Seen,
    *,
    again_within: timedelta = AGAIN_WITHIN,
    hidden: frozenset[str] = frozenset(),
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Whole:
    """Join journeys with what their customers said of the whole and of the steps.

    Args:
        again_within: so long after its end a journey's customer may come to the goal again.
        hidden: names of events of which nobody wants to see anything.
        scope: only rows that the reader may see.

    Raises:
        Problem: ``map.whole-scales``; ``filter.…``; as `segments.read`.
    """
    asked = asked_of(map_, seen, hidden)
    schema = log.schema(settings.slug)
    looked = Looked(
        log, settings, map_, seen, asked, schema, scope, now or clock.now(), again_within
    )
    found = looked.judged()
    minimum = settings.minimum_base
    if found is None:
        return Whole(None, None, True, 0, 0, (), None, None, again_within, minimum)
    journeys = found.journeys
    customers = len(np.unique(journeys.customer))
    (state,) = within([customers], minimum)
    is_tested = customers >= settings.test_base and state == "ok"
    number = found.bad.sum(axis=1)
    parts = None
    if is_tested:
        parts = peak_end.peak_end(
            found.score, found.journey, found.final, journeys.customer, confidence=seen.confidence
        )
        if parts is not None and parts.explained.customers < settings.test_base:
            parts = None
    trend = None
    if is_tested:
        trend = bad_steps.trend(found.final, number, journeys.customer, confidence=seen.confidence)
    return Whole(
        question=found.question.name,
        scale=(found.question.low, found.question.high),
        is_up=found.question.is_up,
        journeys=len(journeys) if state == "ok" else None,
        customers=customers if state == "ok" else None,
        groups=_groups(found, number, customers, minimum, seen.confidence),
        trend=trend,
        parts=parts,
        again_within=again_within,
        minimum_base=minimum,
        state=state,
    )


def _groups(
    found: Judged, number: Any, customers: int, minimum: int, confidence: float
) -> tuple[Burdened, ...]:
    who, group = found.journeys.customer, bad_steps.groups(number)
    scale = (found.question.low, found.question.high)
    scores = mean.estimates(
        bad_steps.totals(found.final, number, who), scale=scale, confidence=confidence
    )
    points = None
    if scale == NPS_SCALE:
        votes = (found.final >= PROMOTER_FROM) * 1.0 - (found.final <= DETRACTOR_TO)
        points = nps.estimates(bad_steps.totals(votes, number, who), confidence=confidence)
    is_in = found.is_watched
    again = proportion.estimates(
        bad_steps.totals(found.again[is_in], number[is_in], who[is_in]), confidence=confidence
    )
    counts = [len(np.unique(who[group == one])) for one in range(bad_steps.GROUPS)]
    states = _states(counts, customers, minimum)
    rows = []
    for bad, (count, state) in enumerate(zip(counts, states, strict=True)):
        is_told = state == "ok"
        watched = is_in & (group == bad)
        again_state = _again_state(who, watched, found.again, count, minimum) if is_told else state
        one = None if points is None else points[bad]
        rows.append(
            Burdened(
                bad=bad,
                journeys=int((group == bad).sum()) if is_told else None,
                customers=count if is_told else None,
                score=Figure.of(scores[bad]) if is_told else NO_FIGURE,
                nps=Figure.of(one.times(100)) if is_told and one is not None else NO_FIGURE,
                watched=int(watched.sum()) if again_state == "ok" else None,
                again=Figure.of(again[bad]) if again_state == "ok" else NO_FIGURE,
                state=state,
                again_state=again_state,
            )
        )
    return tuple(rows)


def _states(counts: Sequence[int], customers: int, minimum: int) -> list[State]:
    """Groups are told beside all of them, whose number is told too."""
    states: list[State] = ["too_few" if 0 < one < minimum else "ok" for one in counts]
    whole_state = within([customers], minimum)[0]
    return beside_whole(counts, states, customers, minimum, is_shown=whole_state == "ok")


def _again_state(who: Any, watched: Any, again: Any, customers: int, minimum: int) -> State:
    """Whether it is shown how many came again: who is watched, who came and who did not are each
    nobody or enough, and so is who differs from another that is shown."""
    of = len(np.unique(who[watched]))
    came = len(np.unique(who[watched & again]))
    gone = len(np.unique(who[watched & ~again]))
    states = [
        *within([customers, of, came], minimum)[1:],
        *within([customers, of, gone], minimum)[1:],
    ]
    return next((one for one in states if one != "ok"), "ok")
