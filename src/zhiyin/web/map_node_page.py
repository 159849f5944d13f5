"""The page of one touchpoint of a map: what it is for, its figures, its trend, what is pinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.series import Line, Mark, step_of
from zhiyin.charts.trends import axis_of, trend
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import Grain, local_day, months_later
from zhiyin.kernel.text import Text, _
from zhiyin.listen import subjects
from zhiyin.maps import trends
from zhiyin.maps.causes import Cause, cause, request_of
from zhiyin.maps.convenience import NAMES, Convenience
from zhiyin.maps.document import WISHES, Node, said
from zhiyin.maps.figures import SENTIMENT, aspects_at
from zhiyin.maps.models import JourneyMap
from zhiyin.maps.seen import Seen
from zhiyin.measure import asking, registry
from zhiyin.measure.scores import Score
from zhiyin.warehouse.log import Log
from zhiyin.web import map_page, personal
from zhiyin.web.map_page import Drawn
from zhiyin.web.scores_charts import NARROW, WIDE, point

MONTHS = 13
MOST_ASPECTS = 5
EVERY: tuple[Grain, ...] = ("month", "week", "quarter")

PARTS: Mapping[str, Text] = {
    "time": _("time to the next touchpoint"),
    "attempts": _("events a journey"),
    "switches": _("switches of channel a journey"),
    "help": _("asked for help"),
    "effort": _("customer effort score"),
}
assert set(PARTS) == set(NAMES)  # noqa: S101 - each part has its words


@dataclass(frozen=True, slots=True)
class Over:
    """The trend as it is drawn, for a wide page and a phone, and as a table."""

    picture: str
    narrow: str
    unit: str
    rows: tuple[Score, ...]
    breaks: tuple[trends.Break, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    Args:
        map: the page of the map with the figures of all its touchpoints.
        query: of the responses behind the score; blank where nobody was asked.
        aspects: what was said there is about: name, net sentiment, and the query of the page
            *Voice* that shows it.
    """

    map: map_page.Page
    node: Node
    drawn: Drawn | None = None
    over: Over | None = None
    every: Grain = "month"
    query: str = ""
    aspects: tuple[tuple[str, Score, str], ...] = ()
    problem: Problem | None = None

    @property
    def name(self) -> str:
        """Of the touchpoint."""
        return said(self.node.name) or self.node.id

    @property
    def stage(self) -> str:
        """Where it stands."""
        found = next(one for one in self.map.map.stages if one.id == self.node.stage)
        return said(found.name) or found.id

    @property
    def wish(self) -> str:
        """What a customer comes for."""
        return str(WISHES[self.node.wish]) if self.node.wish else ""

    @property
    def owner(self) -> str:
        """Who answers for it, by name."""
        found = Person.objects.filter(login=self.node.owner).first() if self.node.owner else None
        return (found.name or found.login) if found else self.node.owner

    @property
    def convenience(self) -> Convenience | None:
        """Beside the best comparable touchpoint."""
        return self.drawn.figures.convenience if self.drawn else None

    @property
    def parts(self) -> tuple[tuple[str, object, str], ...]:
        """What convenience is made of; see `parts_of`."""
        return parts_of(self.convenience, dict(map_page.names_of(self.map.map)))

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """What is written about it."""
        node = self.node
        told = (
            (_("The customer wants"), said(node.wants)),
            (_("We promise"), said(node.promise)),
            (_("Why it hurts"), said(node.cause)),
        )
        return tuple((str(label), text) for label, text in told if text)


def parts_of(
    found: Convenience | None, names: Mapping[str, str]
) -> tuple[tuple[str, object, str], ...]:
    """What convenience is made of: words of the part, the part, and the name of the best."""
    parts = found.parts if found else ()
    return tuple((str(PARTS[one.name]), one, names[one.best_at]) for one in parts)


def build(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    node: str,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    now: datetime | None = None,
) -> Page:
    """The page of a touchpoint.

    Raises:
        Problem: ``map.no-such-part``.
    """
    instant = now or clock.now()
    found = map_page.build(log, settings, held, query, sees_it=sees_it, now=instant)
    one = found.map.node(node)
    if one is None:
        raise Problem(
            "map.no-such-part",
            _("The map has no {part} {id}.", part=_("touchpoint"), id=node[:80]),
            _("Somebody may have removed it; its history says who."),
        )
    every = next((grain for grain in EVERY if grain == query.get("every")), EVERY[0])
    page = Page(found, one, every=every, problem=found.problem)
    if found.found is None or found.seen is None:
        return page
    drawn = next(other for other in found.drawn if other.id == node)
    page = replace(page, drawn=drawn)
    if not one.answers:
        return page
    metric = found.found.metric
    try:
        over = _over(log, settings, held, one, found.seen, metric, every, instant)
    except Problem as problem:
        return replace(page, problem=problem)
    behind = asking.query_of(asking.fields_of(request_of(one, found.seen, metric)))
    aspects = _aspects(log, settings, one, found.seen, instant)
    return replace(page, over=over, query=behind, aspects=aspects)


def _aspects(
    log: Log, settings: Settings, node: Node, seen: Seen, now: datetime
) -> tuple[tuple[str, Score, str], ...]:
    names = subjects.named(settings.slug)
    fields = asking.fields_of(request_of(node, seen, SENTIMENT))
    days = {name: fields[name] for name in ("from", "until", "where")}
    return tuple(
        (names.get(key, key), one, asking.query_of({**days, "aspect": key}))
        for one in aspects_at(log, settings, node, seen, now)[:MOST_ASPECTS]
        for key in (str(one.group["aspect"]),)
    )


def cause_of(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    node: str,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    now: datetime | None = None,
) -> tuple[Cause, str] | None:
    """What goes with a low score at a touchpoint, and the unit of the score; None of no touchpoint,
    and of an address that asks nothing."""
    instant = now or clock.now()
    page = map_page.build(log, settings, held, query, sees_it=sees_it, answers=False, now=instant)
    one = page.map.node(node)
    if one is None or page.seen is None:
        return None
    metric = registry.metric(page.seen.metric or page.map.metric)
    try:
        found = cause(log, settings, one, page.seen, metric.slug, now=instant)
    except Problem:
        found = Cause()
    return personal_of(found, sees_it=sees_it), metric.unit


def personal_of(found: Cause, *, sees_it: bool) -> Cause:
    """Without a group whose name says who somebody is, for who may not see that."""
    group = found.group
    if group is None or sees_it or not personal.says_who(group.column):
        return found
    return replace(found, group=None)


def _over(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    node: Node,
    seen: Seen,
    metric: str,
    every: Grain,
    now: datetime,
) -> Over | None:
    since = replace(seen, start=months_later(seen.end, -MONTHS))
    found = trends.trend(log, settings, held, node, since, metric, every=every, now=now)
    if found is None:
        return None
    told = found.scores
    rows = {row.period: row for row in told.rows}
    lines = [Line("", tuple(point(one.label, rows.get(one.label)) for one in told.periods))]
    axis = axis_of(lines, told.unit)
    if axis is None or len(told.rows) < 2:
        return Over("", "", told.unit, told.rows, found.breaks)
    starts = [local_day(one.start, settings.timezone) for one in told.periods]
    end = local_day(told.periods[-1].end, settings.timezone)
    marks = [
        Mark(str(_("version {number}", number=one.version)), step_of(one.day, starts, end))
        for one in found.breaks
        if starts[0] <= one.day < end
    ]
    words = str(_("{metric} over time with its interval; the table has the figures",
                  metric=told.metric.label))  # fmt: skip
    wide, narrow = (
        trend(
            lines, axis=axis, unit=told.unit, words=words, marks=marks, width=width, height=height
        )
        for width, height in ((min(WIDE, 520.0), 200), (NARROW, 190))
    )
    return Over(wide, narrow, told.unit, told.rows, found.breaks)
