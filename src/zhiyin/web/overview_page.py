"""The page *Overview* 体验总览: the questions of a Monday morning, each with a figure and a way in.

What the installed parts cannot answer yet is absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl

from zhiyin.accounts import units
from zhiyin.accounts.models import SavedView, Unit
from zhiyin.accounts.units import Place as UnitPlace
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.series import Line, Mark
from zhiyin.charts.strings import Estimate, string
from zhiyin.charts.trends import axis_of, trend
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse, render
from zhiyin.kernel.periods import Grain, local_day, months_later
from zhiyin.kernel.text import Text, _
from zhiyin.measure import asking, behind, calendar, overview, scores, targets
from zhiyin.measure.asked import Asked, asked
from zhiyin.measure.behind import Reason, Response, Said
from zhiyin.measure.overview import Group, Headline, Place, Places, Step
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Score, Scores
from zhiyin.measure.side_by_side import begun
from zhiyin.measure.targets import Verdict
from zhiyin.measure.verdict_words import chance_words, verdict_words
from zhiyin.measure.words import KINDS, NOT_SHOWN
from zhiyin.reports import journeys
from zhiyin.reports.blocks import SCORES, Figure
from zhiyin.reports.content import Cell
from zhiyin.unify import people
from zhiyin.unify.people import Count
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.calendar_page import drawn
from zhiyin.web.scores_charts import NARROW, WIDE, point
from zhiyin.web.scores_menus import TABS

TREND_MONTHS = 13
QUOTES = 3
LOST = "orders >= 2 and last_nps <= 6 and days_since_order > 90"
"""Bought again once, said no, and has not come back: a fact, not a prediction."""
LOW_SHARE = 0.5
"""Of a scale: the half of it that is the bad one."""

GRAINS: dict[Grain, Text] = {
    "month": _("Months"),
    "quarter": _("Quarters"),
    "week": _("Weeks"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One headline measure as it is drawn."""

    headline: Headline
    name: str
    kind: str
    query: str
    picture: str


@dataclass(frozen=True, slots=True)
class Row:
    """One touchpoint of the table."""

    place: Place
    picture: str
    query: str
    why: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The line over time, the same for a phone, and as a table."""

    scores: Scores
    name: str
    kind: str
    picture: str
    narrow: str
    query: str
    rows: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Aimed:
    """A target of the period, with its verdict in words and the chance of reaching it."""

    verdict: Verdict
    words: str
    chance: str


@dataclass(frozen=True, slots=True)
class Pinned:
    """A saved view that somebody put here: its figure of all, or why there is none.

    Args:
        what: the figure's name.
        total: None where it cannot be asked.
        why: why it has no value.
    """

    view: SavedView
    what: str = ""
    unit: str = ""
    total: Score | Cell | None = None
    why: str = ""

    @property
    def address(self) -> str:
        """Of its page, as a report takes it."""
        return f"{self.view.page}/?{self.view.query}"


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. Without a `step` nothing has been answered yet."""

    step: Step | None = None
    steps: tuple[tuple[str, tuple[Step, ...]], ...] = ()
    units: tuple[UnitPlace, ...] = ()
    unit: Unit | None = None
    is_over: bool = True
    cards: tuple[Card, ...] = ()
    tests: int = 0
    trend: Trend | None = None
    places: Places | None = None
    worst: tuple[Row, ...] = ()
    worst_query: str = ""
    group: Group | None = None
    group_query: str = ""
    reasons: tuple[Reason, ...] = ()
    quotes: tuple[Response, ...] = ()
    quotes_query: str = ""
    said: tuple[Said, ...] = ()
    lost: Count | None = None
    lost_filter: str = LOST
    response_rate: Score | None = None
    pinned: tuple[Pinned, ...] = ()
    targets: tuple[Aimed, ...] = ()
    minimum: int = 0

    @property
    def held(self) -> int:
        """How many of the headlines' changes are more than chance."""
        changes = [
            c for card in self.cards for c in (card.headline.previous, card.headline.last_year)
        ]
        return sum(change.marked for change in changes if change)

    @property
    def first(self) -> Card | None:
        """The card that the first question is answered by: of the period itself, changed or not."""
        same = [card for card in self.cards if not card.headline.is_wider]
        return next((card for card in same if card.headline.previous), None)


def build(
    log: Log,
    settings: Settings,
    query: Mapping[str, str],
    *,
    scope: Filter | None,
    sees_it: bool,
    pinned: Sequence[SavedView] = (),
) -> Page:
    """The page for the period and the unit that the query string names.

    Args:
        scope: what narrows the log to what the reader may see; with one she chooses no unit.
        sees_it: whether she sees personal data; else a view that asks by it has no figure.
        pinned: saved views that she finds here.
    """
    now = clock.minute()
    known = asked(log, settings.slug)
    held = overview.reach(log, settings) if known else None
    if held is None:
        return Page()
    first, last = held
    tree = () if scope is not None else tuple(units.tree(settings.slug))
    unit = next((one.unit for one in tree if one.unit.key == query.get("unit", "")), None)
    where = units.branch_filter(unit) if unit else None
    step = overview.step_of(query.get("period", ""), settings) or overview.newest(
        settings, last, now
    )
    bare = Page(
        step=step,
        steps=tuple(
            (str(GRAINS[grain]), steps)
            for grain, steps in overview.choices(settings, first, last).items()
        ),
        units=tree,
        unit=unit,
        is_over=step.end <= local_day(now, settings.timezone),
        minimum=settings.minimum_base,
    )
    over_time = _over_time(known, step, where)
    # None of these needs another; what the calendar and the targets say is read by this thread.
    places = begun(partial(overview.places, log, settings, known, step, where, now=now))
    scored = begun(partial(_scored, log, settings, over_time, now))
    words = begun(partial(behind.newest_words, log, settings, end=step.end, chosen=where))
    lost = begun(partial(_lost, log, settings))
    rate = begun(partial(_response_rate, log, settings, step, where, now))
    cards, tests = overview.headlines(log, settings, known, step, where, now=now)
    page = replace(
        bare,
        cards=tuple(_card(one) for one in cards),
        tests=tests,
        trend=_trend(settings, over_time, scored.result(), scope),
        targets=_targets(log, settings, step, scope, now) if unit is None else (),
        places=places.result(),
        said=tuple(words.result()),
        lost=lost.result() if unit is None else None,
        response_rate=rate.result(),
        pinned=tuple(_pinned(log, settings, one, known, now, sees_it) for one in pinned),
    )
    return page if page.places is None else _worst(log, settings, page, page.places, now)


# Pieces


def _card(one: Headline) -> Card:
    total, unit, label = one.scores.total, one.scores.unit, one.scores.metric.label
    was = one.previous.comparison.reference_value if one.previous else None
    axis = Axis.of([total.low, total.high, total.value, was], unit)
    tone = one.previous.tone if one.previous else "mid"
    estimate = Estimate(total.value, total.low, total.high, was, tone)
    return Card(
        headline=one,
        name=str(label if unit == "count" else TABS.get(one.request.metric, label)),
        kind=str(KINDS[one.request.kind]) if one.request.kind in KINDS else "",
        query=asking.query_of(asking.fields_of(one.request), by="", against="previous"),
        picture=string(estimate, axis, width=220),
    )


def _over_time(known: Sequence[Asked], step: Step, where: Filter | None) -> ScoreRequest | None:
    """NPS, of the kind with the most answers, over the thirteen months to the period's end."""
    mine = [one for one in known if one.metric == "nps"]
    if not mine:
        return None
    return ScoreRequest(
        "nps",
        every="month" if step.grain == "quarter" else "week",
        start=months_later(step.end, -TREND_MONTHS),
        end=step.end,
        where=where,
        kind=mine[0].kind,
    )


def _scored(
    log: Log, settings: Settings, request: ScoreRequest | None, now: datetime
) -> Scores | None:
    try:
        return None if request is None else scores.score(log, settings, request, now=now)
    except Problem:
        return None


def _trend(
    settings: Settings, request: ScoreRequest | None, found: Scores | None, scope: Filter | None
) -> Trend | None:
    """What `_over_time` asks for, drawn with what the calendar says of these months."""
    if request is None or found is None:
        return None
    name = str(TABS["nps"])
    held = {row.period: row for row in found.rows}
    points = tuple(point(period.label, held.get(period.label)) for period in found.periods)
    lines = [Line("", points)]
    axis = axis_of(lines, found.unit)
    if axis is None or len(found.rows) < 2:
        return None
    words = str(_("{metric} over time with its interval; the table has the figures", metric=name))
    marks = _marks(settings, found, scope)
    picture, narrow = (
        trend(
            lines, axis=axis, unit=found.unit, words=words, marks=marks,
            width=width, height=height,
        )
        for width, height in ((WIDE, 250), (NARROW, 220))
    )  # fmt: skip
    kind = str(KINDS[request.kind]) if request.kind in KINDS else ""
    query = asking.query_of(asking.fields_of(request), by="", every=request.every or "")
    return Trend(found, name, kind, picture, narrow, query, found.rows)


def _marks(settings: Settings, found: Scores, scope: Filter | None) -> tuple[Mark, ...]:
    """What the calendar says of these periods."""
    zone = settings.timezone
    starts = [local_day(period.start, zone) for period in found.periods]
    end = local_day(found.periods[-1].end, zone)
    return drawn(calendar.marks_within(settings, starts[0], end, scope=scope), starts, end)


def _worst(log: Log, settings: Settings, page: Page, found: Places, now: datetime) -> Page:
    """The worst places, and of the very worst: for whom, why, and in whose words."""
    axis = Axis.of(
        [
            end
            for place in found.rows
            for end in (place.score.low, place.score.high, place.score.value)
        ],
        found.scores.unit,
    )
    rows = []
    for place in found.rows[:8]:
        was = place.change.comparison.reference_value if place.change else None
        score = place.score
        estimate = Estimate(score.value, score.low, score.high, was, place.tone)
        request = replace(found.request, by=(), where=overview.at_place(found.request, place.name))
        picture = string(estimate, axis, average=found.scores.total.value, width=200)
        query = asking.query_of(asking.fields_of(request))
        rows.append(Row(place, picture, query, str(NOT_SHOWN.get(score.state, ""))))
    query = asking.query_of(asking.fields_of(found.request), by="touchpoint", against="rest")
    page = replace(page, worst=tuple(rows), worst_query=query)
    if not found.worst:
        return page
    worst = found.worst[0]
    group = overview.for_whom(log, settings, found, worst, now=now)
    scale = found.scores.scale
    if scale is None:
        return replace(page, group=group)
    middle = scale.low + LOW_SHARE * (scale.high - scale.low)
    side = f"score < {middle:g}" if found.scores.better == "up" else f"score > {middle:g}"
    where = parse(f"({render(overview.at_place(found.request, worst.name))}) and {side}")
    low = replace(found.request, by=(), where=where)
    behind_it = behind.of_figure(log, settings, low)
    with_words = behind.of_figure(log, settings, low, text="")
    return replace(
        page,
        group=group,
        group_query=(
            asking.query_of(asking.fields_of(group.request), by=group.column, against="rest")
            if group
            else ""
        ),
        reasons=tuple(behind.reasons(behind_it, settings)),
        quotes=tuple(with_words.page(limit=QUOTES)),
        quotes_query=asking.query_of(asking.fields_of(low)),
    )


def _targets(
    log: Log, settings: Settings, step: Step, scope: Filter | None, now: datetime
) -> tuple[Aimed, ...]:
    """The targets whose period lies around the one that is shown, those of the company first."""
    found = targets.verdicts(log, settings, scope=scope, period=(step.first, step.end), now=now)
    mine = [one for one in found if one.target.first <= step.first and step.end <= one.target.end]
    mine.sort(key=lambda one: (bool(one.target.unit), one.target.end - one.target.first))
    return tuple(Aimed(one, str(verdict_words(one)), chance_words(one)) for one in mine)


def _pinned(
    log: Log,
    settings: Settings,
    view: SavedView,
    known: Sequence[Asked],
    now: datetime,
    sees_it: bool,
) -> Pinned:
    """The figure of all that a saved view asks for, on the day."""
    try:
        if view.page != SCORES:
            return _pinned_journeys(log, settings, view, now, sees_it)
        query = dict(parse_qsl(view.query, keep_blank_values=True))
        given = asking.given_of(query, known, log.schema(settings.slug), log, settings.slug)
        question = asking.read(given, asking.chosen_of(query), log, settings, now)
        personal.check_facts(question.columns, sees_it=sees_it)
        request = replace(question.request, by=(), every=None)
        found = scores.score(log, settings, request, now=now)
    except Problem:
        return Pinned(view)
    why = str(NOT_SHOWN.get(found.total.state, ""))
    return Pinned(view, str(found.metric.label), found.unit, found.total, why)


def _pinned_journeys(
    log: Log, settings: Settings, view: SavedView, now: datetime, sees_it: bool
) -> Pinned:
    """That of a view of journeys: as a report says it.

    Raises:
        Problem: it cannot be asked.
    """
    asked = journeys.read(view.page, view.query, settings, now)
    personal.check_facts(asked.columns, sees_it=sees_it)
    block = Figure("", view.query, page=view.page)
    found = journeys.figure(log, settings, block, asked, now)
    what = " · ".join(filter(None, (found.title, found.total.name, found.total.period)))
    return Pinned(view, what, found.unit, found.total, found.total.why)


def _lost(log: Log, settings: Settings) -> Count | None:
    try:
        return people.count(log, settings, parse(LOST))
    except Problem:
        return None


def _response_rate(
    log: Log, settings: Settings, step: Step, where: Filter | None, now: datetime
) -> Score | None:
    """Who answered, of those who were asked; the rest of the answer is the page of data health."""
    request = ScoreRequest("response_rate", start=step.first, end=step.end, where=where)
    found = _scored(log, settings, request, now)
    return found.total if found and found.total.n else None
