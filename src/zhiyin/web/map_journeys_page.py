"""The pages *Whole journeys* 整段旅程 and *Conformance* 流程符合度 of a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.strings import Estimate, string
from zhiyin.collect.definitions import hidden_names
from zhiyin.journey.conformance import Conformance, Deviation, conformance
from zhiyin.journey.shares import Figure
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.maps.leaving import Way, Ways, ways
from zhiyin.maps.models import JourneyMap
from zhiyin.maps.seen import asked_of
from zhiyin.maps.whole import Burdened, Whole, whole
from zhiyin.warehouse.log import Log
from zhiyin.web import map_page

WIDTH = 200
MOST = 40
"""More ways of leaving a map than these are in its files."""

PARTS: Mapping[str, Text] = {
    "mean": _("the mean of all touchpoints"),
    "last": _("the last touchpoint"),
    "worst": _("the worst touchpoint"),
}
KINDS: Mapping[str, Text] = {"back": _("went back"), "skipped": _("skipped a touchpoint")}


@dataclass(frozen=True, slots=True)
class Row:
    """One group of journeys, with the picture of its score."""

    one: Burdened
    label: str
    picture: str


@dataclass(frozen=True, slots=True)
class WholePage:
    """All that the page *Whole journeys* shows."""

    map: map_page.Page
    problem: Problem | None = None
    found: Whole | None = None
    rows: tuple[Row, ...] = ()
    is_waiting: bool = False

    @property
    def parts(self) -> tuple[tuple[str, object], ...]:
        """How much of the score each part explains."""
        told = self.found.parts if self.found else None
        return tuple((str(PARTS[name]), getattr(told, name)) for name in PARTS) if told else ()


@dataclass(frozen=True, slots=True)
class Left:
    """One way of leaving a map, in words."""

    one: Deviation
    kind: str
    before: str
    to: str
    missing: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How the journeys of one way are judged, in words and as a picture."""

    one: Way
    name: str
    picture: str


@dataclass(frozen=True, slots=True)
class ConformancePage:
    """All that the page *Conformance* shows."""

    map: map_page.Page
    problem: Problem | None = None
    found: Conformance | None = None
    rows: tuple[Left, ...] = ()
    judged: Ways | None = None
    ways: tuple[Judged, ...] = ()
    is_waiting: bool = False

    @property
    def has_names(self) -> bool:
        """Whether events at no touchpoint lie before any of the ways out."""
        return any(one.one.names for one in self.rows)


def of_whole(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> WholePage:
    """Journeys by how many touchpoints went badly; a mistake in the query is shown in its place."""
    instant = now or clock.now()
    page = map_page.build(log, settings, held, query, sees_it=sees_it, answers=False, now=instant)
    if page.seen is None or not answers:
        return WholePage(page, page.problem, is_waiting=page.problem is None)
    hidden = frozenset(hidden_names(settings.slug))
    try:
        found = whole(log, settings, page.map, page.seen, hidden=hidden, now=instant)
    except Problem as problem:
        return WholePage(page, problem)
    axis = Axis.of(
        [end for one in found.groups for end in _ends(one.score)],
        "scale",
    )
    rows = tuple(
        Row(one, _bad(one.bad), string(_estimate(one.score), axis, width=WIDTH))
        for one in found.groups
    )
    return WholePage(page, None, found, rows)


def of_conformance(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> ConformancePage:
    """Who follows the map, and where the others leave it."""
    instant = now or clock.now()
    page = map_page.build(log, settings, held, query, sees_it=sees_it, answers=False, now=instant)
    if page.seen is None or not answers:
        return ConformancePage(page, page.problem, is_waiting=page.problem is None)
    hidden = frozenset(hidden_names(settings.slug))
    try:
        found = conformance(log, settings, asked_of(page.map, page.seen, hidden))
        judged = ways(log, settings, page.map, page.seen, hidden=hidden, now=instant)
    except Problem as problem:
        return ConformancePage(page, problem)
    names = dict(map_page.names_of(page.map))
    rows = tuple(
        Left(
            one,
            str(KINDS[one.kind]),
            names[one.before],
            names[one.to],
            names[one.missing] if one.missing else "",
        )
        for one in found.deviations[:MOST]
    )
    axis = Axis.of([end for one in judged.ways for end in _ends(one.score)], "scale")
    told = tuple(
        Judged(one, _way(one, names), string(_estimate(one.score), axis, width=WIDTH))
        for one in judged.ways
    )
    return ConformancePage(page, None, found, rows, judged, told)


def _way(one: Way, names: Mapping[str, str]) -> str:
    """A way of going, in words."""
    if one.kind == "follows":
        return str(_("followed the map"))
    before, to = (names.get(id_ or "", "") for id_ in (one.before, one.to))
    if one.kind == "back":
        return str(_("{before} → back to {to}", before=before, to=to))
    missing = names.get(one.missing or "", "")
    return str(_("{before} → {to} without {missing}", before=before, to=to, missing=missing))


def _bad(number: int) -> str:
    return f"{number}+" if number == 3 else str(number)


def _ends(one: Figure) -> tuple[float | None, ...]:
    return one.value, one.low, one.high


def _estimate(one: Figure) -> Estimate:
    return Estimate(one.value, one.low, one.high)
