"""The page of a journey map 客户旅程地图: what its address asks, and how its figures are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts import curve
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import Tone
from zhiyin.charts.strings import Estimate, string
from zhiyin.collect.definitions import hidden_names
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import And, Compare, Filter, Missing, Node, write_node
from zhiyin.kernel.periods import Grain, local_day
from zhiyin.kernel.text import Text, _
from zhiyin.maps import kept, pins
from zhiyin.maps.difficulties import By, Difficulty, difficulties
from zhiyin.maps.document import Map, Stage, said
from zhiyin.maps.figures import Figures, NodeFigures, StageFigures, figures
from zhiyin.maps.models import JourneyMap, MapVersion
from zhiyin.maps.seen import BEFORE, Seen
from zhiyin.measure import asking, overview, registry
from zhiyin.measure.asking import IS, MISSING
from zhiyin.measure.comparisons import Comparison
from zhiyin.measure.overview import Step
from zhiyin.measure.scores import Score
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.journeys_asked import label_of
from zhiyin.web.menus import Choice, menu
from zhiyin.web.overview_page import GRAINS

FIELDS = ("whose", "period", "from", "until", "before", "metric")
PERSONA = "persona:"
FILTERED = ("channel", "unit")
MOST_WORDS = 60
STRING_WIDTH = 62

METRICS = ("csat", "nps", "ces", "ces_easy", "rating", "net_box")
BEFORES: Mapping[str, Text] = {
    "previous": _("the period before"),
    "last-year": _("the same period last year"),
    "lunar-year": _("the same period of the last lunar year"),
}
TONES: Mapping[int, str] = {-2: "bad-2", -1: "bad-1", 0: "", 1: "good-1", 2: "good-2"}
SIGNS: Mapping[int, Tone] = {-2: "bad", -1: "bad", 0: "mid", 1: "good", 2: "good"}
WHYS: Mapping[By, Text] = {
    "worst": _("the worst score that is sure"),
    "loss": _("the largest loss"),
    "people": _("the most people who end here"),
    "money": _("the most money passing where it hurts"),
}


NO_SCORE = Score({}, None, None, None, None, None, None, None, "", "too_few")
"""Stands in a template for a figure that nobody was asked for."""
NO_COMPARISON = Comparison(
    {}, None, None, None, None, None, None, None, None, None, False, None, None, None, None, "",
    "too_few", None,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """One touchpoint as it is drawn.

    Args:
        tone: class of its tint; blank where it cannot be told from the others.
        picture: its string.
        rank: its place among the difficulties; 0: none.
        problems, suggestions: what is pinned to it and still open.
        unit: of the score.
    """

    figures: NodeFigures
    name: str
    unit: str
    picture: str
    tone: str
    sign: str
    change_sign: str
    rank: int = 0
    problems: int = 0
    suggestions: int = 0

    @property
    def id(self) -> str:
        """Of the touchpoint."""
        return self.figures.node.id

    @property
    def score(self) -> Score:
        """Its score; without a value where there is none."""
        return self.figures.score or NO_SCORE

    @property
    def felt(self) -> Score:
        """Whether the promise is felt; without a value where nobody was asked."""
        return self.figures.felt or NO_SCORE

    @property
    def rest(self) -> Comparison:
        """Beside the others; without a difference where there is none."""
        return self.figures.rest or NO_COMPARISON

    @property
    def change(self) -> Comparison:
        """Beside the period before; without a difference where there is none."""
        return self.figures.change or NO_COMPARISON


@dataclass(frozen=True, slots=True)
class Column:
    """One stage as it is drawn.

    Args:
        width: 2 where one of its cells is busy.
    """

    stage: Stage
    name: str
    figures: StageFigures
    width: int

    @property
    def emotion(self) -> Score:
        """Of the stage; without a value where too few answered."""
        return self.figures.emotion or NO_SCORE


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: its name, and of each stage how wide it is and its touchpoints."""

    name: str
    cells: tuple[tuple[int, tuple[Drawn, ...]], ...]


@dataclass(frozen=True, slots=True)
class Hard:
    """One difficulty as it is told."""

    difficulty: Difficulty
    drawn: Drawn
    why: str
    cause: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. With a `problem` there is a form alone."""

    held: JourneyMap
    version: MapVersion | None
    map: Map
    given: Mapping[str, str]
    chosen: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    periods: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    filters: tuple[tuple[str, str, tuple[Choice, ...]], ...] = ()
    seen: Seen | None = None
    problem: Problem | None = None
    found: Figures | None = None
    columns: tuple[Column, ...] = ()
    lanes: tuple[Lane, ...] = ()
    hard: tuple[Hard, ...] = ()
    curve: str = ""
    narrow: str = ""
    is_waiting: bool = False
    has_changes: bool = False
    unbound: int = 0
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the map."""
        return said(self.map.name) or self.held.key

    @property
    def query(self) -> str:
        """The query of the page's address."""
        return query_of(self.given, self.chosen)

    @property
    def days(self) -> str:
        """The days, where no period of the menu has them."""
        if self.seen is None or not (self.given["from"] or self.given["until"]):
            return ""
        return f"{self.seen.start.isoformat()} – {last_day(self.seen).isoformat()}"

    @property
    def units(self) -> int:
        """So many columns its stages take together."""
        return sum(one.width for one in self.columns)

    @property
    def by_stage(self) -> tuple[tuple[Column, tuple[Drawn, ...]], ...]:
        """The stages with their touchpoints, as a phone lists them."""
        return tuple(
            (column, tuple(one for lane in self.lanes for one in lane.cells[place][1]))
            for place, column in enumerate(self.columns)
        )

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Every touchpoint, stage by stage."""
        return tuple(one for _column, some in self.by_stage for one in some)


def query_of(given: Mapping[str, str], chosen: Mapping[str, str], **changed: str) -> str:
    """The query of an address, some of its fields changed."""
    asked = {name: value for name, value in {**given, **changed}.items() if value}
    return urlencode({**asked, **{f"{IS}{name}": value for name, value in chosen.items()}})


def build(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she does not ask by it either.
        answers: whether the figures are asked for, which takes its time; else the form alone.
    """
    instant = now or clock.now()
    version, map_ = kept.shown(held)
    given = {name: query.get(name, "").strip() for name in FIELDS}
    if given["period"]:  # chosen in the form, where the days of before are still kept
        given |= {"from": "", "until": ""}
    chosen = asking.chosen_of(query)
    page = Page(
        held, version, map_, given, chosen, {}, has_changes=kept.has_changes(held),
        unbound=sum(not one.is_bound for one in map_.nodes),
    )  # fmt: skip
    try:
        asked, steps = _asked(log, settings, map_, given, chosen, instant, sees_it=sees_it)
    except Problem as problem:
        return replace(page, problem=problem, menus=_menus(settings, map_, given))
    page = replace(
        page, seen=asked, menus=_menus(settings, map_, given),
        periods=_periods(steps, given, asked), filters=_filters(log, settings, chosen),
    )  # fmt: skip
    if not answers:
        return replace(page, is_waiting=True)
    try:
        found = figures(
            log, settings, map_, asked, hidden=frozenset(hidden_names(settings.slug)),
            now=instant,
        )  # fmt: skip
    except Problem as problem:
        return replace(page, problem=problem)
    return drawn(replace(page, found=found), found, pins.open_by_node(held))


def drawn(page: Page, found: Figures, open_pins: Mapping[str, tuple[int, int]]) -> Page:
    """The page with its figures as pictures."""
    unit = found.scores.unit if found.scores else "percent"
    average = found.scores.total.value if found.scores else None
    axis = axis_of(found, unit)
    hard = difficulties(found)
    ranks = {one.figures.node.id: one.place for one in hard}
    by_id = {one.node.id: _drawn(one, unit, axis, average, ranks, open_pins) for one in found.nodes}
    columns = tuple(
        Column(stage, said(stage.name) or stage.id, of_stage, _width(page.map, stage))
        for stage, of_stage in zip(page.map.stages, found.stages, strict=True)
    )
    lanes = tuple(
        Lane(
            said(lane.name) or lane.id,
            tuple(
                (
                    _width(page.map, stage),
                    tuple(by_id[one.id] for one in page.map.at(stage.id, lane.id)),
                )
                for stage in page.map.stages
            ),
        )
        for lane in page.map.lanes
    )
    label = str(_("Emotion by stage: net satisfaction, with its 95% interval"))
    return replace(
        page,
        columns=columns,
        lanes=lanes,
        hard=tuple(_hard(one, by_id) for one in hard),
        curve=curve.curve([_on_curve(one, one.width) for one in columns], label=label),
        narrow=curve.curve(
            [_on_curve(one, 1) for one in columns],
            label=label,
            height=130,
            is_narrow=True,
        ),
    )


def axis_of(found: Figures, unit: str) -> Axis | None:
    """The one scale of all strings of a map."""
    return Axis.of(
        [
            end
            for one in found.nodes
            if one.score is not None
            for end in (one.score.value, one.score.low, one.score.high)
        ],
        unit,
    )


def estimate_of(one: NodeFigures) -> Estimate:
    """What the string of a touchpoint shows; what was before only where the change holds."""
    score = one.score
    was = one.change.reference_value if one.change is not None and one.changed else None
    return Estimate(
        score.value if score else None, score.low if score else None,
        score.high if score else None, was, SIGNS[one.tone],
    )  # fmt: skip


def _drawn(
    one: NodeFigures,
    unit: str,
    axis: Axis | None,
    average: float | None,
    ranks: Mapping[str, int],
    open_pins: Mapping[str, tuple[int, int]],
) -> Drawn:
    problems, suggestions = open_pins.get(one.node.id, (0, 0))
    return Drawn(
        figures=one,
        name=said(one.node.name) or one.node.id,
        unit=unit,
        picture=string(estimate_of(one), axis, average=average, width=STRING_WIDTH),
        tone=TONES[one.tone],
        sign=SIGNS[one.tone],
        change_sign=SIGNS[one.changed],
        rank=ranks.get(one.node.id, 0),
        problems=problems,
        suggestions=suggestions,
    )


def _hard(one: Difficulty, by_id: Mapping[str, Drawn]) -> Hard:
    node = one.figures.node
    return Hard(one, by_id[node.id], str(WHYS[one.by]), said(node.cause))


def _width(map_: Map, stage: Stage) -> int:
    """A stage is twice as wide where one of its lanes has three touchpoints or more."""
    return 2 if any(len(map_.at(stage.id, lane.id)) > 2 for lane in map_.lanes) else 1


def _on_curve(column: Column, width: int) -> curve.Stage:
    one = column.figures.emotion
    if one is None:
        return curve.Stage(column.name, width)
    return curve.Stage(column.name, width, one.value, one.low, one.high)


# What is asked


def _asked(
    log: Log,
    settings: Settings,
    map_: Map,
    given: Mapping[str, str],
    chosen: Mapping[str, str],
    now: datetime,
    *,
    sees_it: bool,
) -> tuple[Seen, Mapping[Grain, tuple[Step, ...]]]:
    """What an address asks, and the periods that may be chosen.

    Raises:
        Problem: ``period.bad-date``, ``segments.none``, ``personal.filter``, ``map.no-persona``,
            ``measure.no-such-metric``.
    """
    personal.check_facts(chosen, sees_it=sees_it)
    reach = overview.reach(log, settings)
    today = local_day(now, settings.timezone)
    first, last = reach or (today, today)
    steps = overview.choices(settings, first, last)
    step = overview.step_of(given["period"], settings) or overview.newest(settings, last, now)
    start, end = _days(given, settings, (first, last), now) or (step.first, step.end)
    before = next((one for one in BEFORE if one == given["before"]), BEFORE[0])
    if given["metric"]:
        registry.metric(given["metric"])
    return Seen(
        start=start,
        end=end,
        before=before,
        where=_where(chosen),
        customers=_customers(settings, map_, given["whose"], sees_it=sees_it),
        metric=given["metric"],
    ), steps


def _days(
    given: Mapping[str, str], settings: Settings, reach: tuple[date, date], now: datetime
) -> tuple[date, date] | None:
    """Days of one's own, from the first or to the last that there are where an end is left out;
    None where a period is chosen."""
    if not (given["from"] or given["until"]):
        return None
    dates = {"period": "", "from": given["from"], "until": given["until"]}
    start, end = asking.dates(dates, settings, now)
    first, last = reach
    return start or first, end or last + timedelta(days=1)


def _customers(settings: Settings, map_: Map, whose: str, *, sees_it: bool) -> str:
    """The rule over customers, or the segment: of a persona, of the map's own, or as named."""
    key = whose.removeprefix(PERSONA) if whose.startswith(PERSONA) else ""
    if not whose and map_.persona:
        key = map_.persona
    if key:
        return kept.persona(settings.slug, key).customers
    if whose and whose != MISSING:
        personal.check_segment(settings.slug, whose, sees_it=sees_it)
        return whose
    return ""


def _where(chosen: Mapping[str, str]) -> Filter | None:
    nodes: list[Node] = [
        Missing(name) if value == MISSING else Compare(name, "=", value)
        for name, value in chosen.items()
    ]
    if not nodes:
        return None
    root = nodes[0] if len(nodes) == 1 else And(tuple(nodes))
    return Filter(root, write_node(root))


# What can be chosen


def _menus(
    settings: Settings, map_: Map, given: Mapping[str, str]
) -> dict[str, tuple[Choice, ...]]:
    own = {f"{PERSONA}{one.key}": kept.called(one) for one in kept.personas(settings.slug)}
    groups = {one.slug: one.name for one in segments.of(settings.slug)}
    usual: dict[str, object] = {"": _("all customers")}
    if map_.persona:
        usual = {"": own.get(f"{PERSONA}{map_.persona}", map_.persona), MISSING: _("all customers")}
    names = dict.fromkeys([map_.metric, *METRICS])
    return {
        "whose": menu(given["whose"], {**usual, **own, **groups}),
        "before": menu(given["before"] or BEFORE[0], BEFORES),
        "metric": menu(
            given["metric"] or map_.metric, {one: registry.metric(one).label for one in names}
        ),
    }


def _periods(
    steps: Mapping[Grain, tuple[Step, ...]], given: Mapping[str, str], asked: Seen
) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    found = []
    for grain, some in steps.items():
        options = tuple(
            Choice(
                f"{grain}:{one.first.isoformat()}", one.label,
                (one.first, one.end) == (asked.start, asked.end)
                and not (given["from"] or given["until"]),
            )
            for one in some
        )  # fmt: skip
        found.append((str(GRAINS[grain]), options))
    return tuple(found)


def _filters(
    log: Log, settings: Settings, chosen: Mapping[str, str]
) -> tuple[tuple[str, str, tuple[Choice, ...]], ...]:
    found = []
    for name in dict.fromkeys([*chosen, *FILTERED]):
        words = sorted(log.words(settings.slug, name).values())
        if name in chosen or 1 < len(words) <= MOST_WORDS:
            every = {"": _("all"), **{word: word for word in words}, MISSING: MISSING}
            found.append((name, label_of(name), menu(chosen.get(name, ""), every)))
    return tuple(found)


def last_day(asked: Seen) -> date:
    """The last day that is looked at."""
    return asked.end - timedelta(days=1)


def names_of(map_: Map) -> Sequence[tuple[str, str]]:
    """The touchpoints by id, as the reader calls them."""
    return [(one.id, said(one.name) or one.id) for one in map_.nodes]
