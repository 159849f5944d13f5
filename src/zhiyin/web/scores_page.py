"""The page *Scores*: what its address asks, and what it shows.

Everything that is chosen stands in the query string, so that a link shows the same page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import Tone
from zhiyin.kernel.answers import STATES
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.text import Text, _
from zhiyin.measure import calendar, comparisons, references, registry, requests, scores
from zhiyin.measure.asked import Asked, asked
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.left_out import Drops
from zhiyin.measure.metric import Metric
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Group, Score, Scores
from zhiyin.measure.words import COLUMNS, FLAGS, KINDS, PER
from zhiyin.warehouse.log import Log, Schema
from zhiyin.web import methods, personal

TABS: dict[str, Text] = {
    "nps": _("NPS"),
    "csat": _("CSAT"),
    "ces": _("CES"),
    "ces_easy": _("CES, easy"),
    "rating": _("Rating mean"),
    "top_box": _("Top-2 box"),
    "bottom_box": _("Bottom-2 box"),
    "response_rate": _("Response rate"),
    "conversion": _("Conversion"),
    "order_value": _("Order value"),
    "purchase_frequency": _("Orders a customer"),
    "repurchase": _("Repurchase"),
    "complaint_rate": _("Complaint rate"),
    "cart_abandonment": _("Cart abandonment"),
    "bounce": _("Bounce"),
}
"""The measures that the page offers, in this order; any other may be asked for by its address."""

AGAINST: dict[str, Text] = {
    "rest": _("the rest"),
    "previous": _("the period before"),
    "last-year": _("the same period last year"),
    "lunar-year": _("the same period of the last lunar year"),
}
PERS = {"": _("as defined"), **PER}

NO_GROUP = ""
MOST_ROWS = 200
"""More groups than these are in the table of the command line, not on the page."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a menu."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One group: its figure, and how it differs from what it is compared with."""

    name: str
    score: Score
    comparison: Comparison | None

    @property
    def tone(self) -> Tone:
        """``bad`` or ``good`` where the difference is more than chance, else ``mid``."""
        if self.comparison is None or not self.comparison.marked:
            return "mid"
        return "good" if self.is_better else "bad"

    is_better: bool = False
    place: str = ""
    without: Score | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. With a `problem` there are menus and no figures."""

    metric: Metric
    tabs: tuple[tuple[str, str, bool, str], ...]
    menus: Mapping[str, tuple[Choice, ...]]
    given: Mapping[str, str]
    problem: Problem | None = None
    scores: Scores | None = None
    compared: Comparisons | None = None
    without: Scores | None = None
    rows: tuple[Row, ...] = ()
    left_out: int = 0
    axis: Axis | None = None
    states: tuple[tuple[str, int], ...] = ()
    held: int = 0
    alone: int = 0
    flags: Mapping[str, Text] = field(default_factory=lambda: FLAGS)
    methods: tuple[tuple[str, str], ...] = ()

    @property
    def has_places(self) -> bool:
        """Whether the rows are ranked."""
        return any(row.place for row in self.rows)

    @property
    def withholds(self) -> bool:
        """Whether a group is left out so that no other can be calculated."""
        return any(row.score.state == "withheld" for row in self.rows)

    @property
    def by_label(self) -> str:
        """The name of the column that the rows are groups of, or blank."""
        name = self.given.get("by", "")
        return str(COLUMNS.get(name, name))


def build(
    log: Log,
    settings: Settings,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    scope: Filter | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        scope: what narrows the log to what the reader may see; it chooses the marks too.
        sees_it: whether the reader sees personal data; else she does not ask by it either.
    """
    schema = log.schema(settings.slug)
    known = asked(log, settings.slug)
    given = _given(query, known, schema, log, settings.slug)
    metric = registry.metric(given["metric"])
    bare = Page(
        metric=metric,
        tabs=_tabs(metric, given),
        menus=_menus(metric, schema, known, given) | _marks(settings, given, scope),
        given=given,
    )
    try:
        request = _request(given)
        named = {*request.by, *(request.where.columns() if request.where else ())}
        personal.check_facts(named, sees_it=sees_it)
        found = _figures(log, settings, bare, request, sees_it=sees_it)
        return _beside(log, settings, found, request, scope)
    except Problem as problem:
        return Page(bare.metric, bare.tabs, bare.menus, bare.given, problem)


def _given(
    query: Mapping[str, str], known: Sequence[Asked], schema: Schema, log: Log, workspace: str
) -> dict[str, str]:
    """What is asked, with what is not said filled in by what the log holds most of."""
    names = (
        "metric", "by", "from", "until", "where", "kind", "question", "per", "against", "without",
        "drop",
    )  # fmt: skip
    given = {name: query.get(name, "").strip() for name in names}
    scored = [a for a in known if a.metric in registry.METRICS]
    if given["metric"].lower().replace("-", "_") not in registry.METRICS:
        given["metric"] = scored[0].metric if scored else "nps"
    given["metric"] = registry.metric(given["metric"]).slug
    metric = registry.metric(given["metric"])
    if metric.is_asked and "kind" not in query:
        # Kinds are never mixed; the page opens on the one with the most answers.
        mine = [a for a in known if a.metric in metric.scored]
        given["kind"] = (mine[0].kind or "") if len({a.kind for a in mine}) > 1 else ""
    if "by" not in query:
        given["by"] = _telling_column(metric, schema, log, workspace)
    if "against" not in query:
        given["against"] = "rest" if given["by"] else ""
    return given


def _telling_column(metric: Metric, schema: Schema, log: Log, workspace: str) -> str:
    """The first column with more than one word, touchpoints before all others."""
    possible = requests.breakable(metric, schema)
    first: tuple[str, ...] = ("touchpoint", "channel")
    order = [n for n in first if n in possible]
    order += [n for n in schema.dimensions.get(metric.table, {}) if n in possible]
    for name in order:
        domain = possible[name].domain
        if domain and 1 < len(log.words(workspace, domain)) <= MOST_ROWS:
            return name
    return ""


def _tabs(metric: Metric, given: Mapping[str, str]) -> tuple[tuple[str, str, bool, str], ...]:
    names = TABS if metric.slug in TABS else {**TABS, metric.slug: metric.label}
    kept = {name: given[name] for name in ("from", "until", "where", "without") if given[name]}
    return tuple(
        (slug, str(name), slug == metric.slug, urlencode({"metric": slug, **kept}))
        for slug, name in names.items()
    )


def _menus(
    metric: Metric, schema: Schema, known: Sequence[Asked], given: Mapping[str, str]
) -> dict[str, tuple[Choice, ...]]:
    def menu(name: str, options: Mapping[str, object]) -> tuple[Choice, ...]:
        chosen = given[name]
        if chosen and chosen not in options:
            options = {**options, chosen: chosen}
        return tuple(Choice(v, str(label), v == chosen) for v, label in options.items())

    columns = {
        "": _("nothing"),
        **{n: COLUMNS.get(n, n) for n in requests.breakable(metric, schema)},
    }
    menus = {"by": menu("by", columns), "against": menu("against", {"": _("nothing"), **AGAINST})}
    if metric.is_asked:
        mine = [a for a in known if a.metric in (*metric.scored, *metric.by_name)]
        kinds = {a.kind: KINDS.get(a.kind, a.kind) for a in mine if a.kind}
        menus["kind"] = menu("kind", {"": _("all kinds"), **kinds})
        questions = {a.question: a.question for a in sorted(mine, key=lambda a: a.question)}
        menus["question"] = menu("question", {"": _("all questions"), **questions})
        menus["per"] = menu("per", PERS)
    return menus


MOST_MARKS = 100


def _marks(
    settings: Settings, given: Mapping[str, str], scope: Filter | None
) -> dict[str, tuple[Choice, ...]]:
    """The menu of marks whose customers may be left out; none where nothing is marked."""
    marks = calendar.of(settings, scope=scope)[:MOST_MARKS]
    if not marks:
        return {}
    chosen = given["without"]
    names = {"": str(_("nobody"))}
    names |= {str(one.number): f"{one.name} · {one.first:%Y-%m-%d}" for one in marks}
    drops = {"": _("the customers"), "facts": _("only these answers")}
    return {
        "without": tuple(Choice(v, label, v == chosen) for v, label in names.items()),
        "drop": tuple(Choice(v, str(label), v == given["drop"]) for v, label in drops.items()),
    }


def _beside(
    log: Log, settings: Settings, page: Page, request: ScoreRequest, scope: Filter | None
) -> Page:
    """The page with the figures beside their own that leave a mark's customers out."""
    text = page.given["without"]
    if not text:
        return page
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    mark = calendar.get(settings, number, scope=scope)
    drops: Drops = "facts" if page.given["drop"] == "facts" else "customers"
    left = calendar.left_out(settings, mark, drops)
    without = scores.score(log, settings, replace(request, without=(left,)))
    by_group = {_key(row.group): row for row in without.rows}
    rows = [replace(row, without=by_group.get(_key(row.score.group))) for row in page.rows]
    lines = (*page.methods, *methods.left_out(settings, without))
    return replace(page, without=without, rows=tuple(rows), methods=lines)


def _figures(
    log: Log, settings: Settings, bare: Page, request: ScoreRequest, *, sees_it: bool
) -> Page:
    found = scores.score(log, settings, request)
    against, compared = bare.given["against"], None
    if against and (request.by or against != "rest"):
        compared = comparisons.compare(
            log, settings, request, references.read(against, settings.timezone)
        )
    rows = _rows(found, compared, sees_it)
    rows = [replace(row, place=p) for row, p in zip(rows, _places(rows), strict=True)]
    shown = rows[:MOST_ROWS]
    tested = [] if compared is None else [r for r in compared.rows if r.p is not None]
    return Page(
        metric=bare.metric,
        tabs=bare.tabs,
        menus=bare.menus,
        given=bare.given,
        scores=found,
        compared=compared,
        rows=tuple(shown),
        left_out=len(rows) - len(shown),
        axis=Axis.of(_drawn([*(row.score for row in shown), found.total]), found.unit),
        states=tuple((str(STATES.get(s, s)), n) for s, n in found.states.items() if n),
        held=sum(r.marked for r in tested),
        alone=sum((r.p or 0) < 0.05 for r in tested),
        methods=methods.lines(settings, found, compared),
    )


def _drawn(shown: Sequence[Score]) -> list[float | None]:
    return [end for one in shown for end in (one.value, one.low, one.high)]


def _request(given: Mapping[str, str]) -> ScoreRequest:
    until = _day(given["until"], _("The last day"))
    return ScoreRequest(
        metric=given["metric"],
        by=(given["by"],) if given["by"] else (),
        start=_day(given["from"], _("The first day")),
        end=until + timedelta(days=1) if until else None,
        where=parse(given["where"]) if given["where"] else None,
        questions=(given["question"],) if given["question"] else (),
        kind=given["kind"] or None,
        per="answer" if given["per"] == "answer" else "customer" if given["per"] else None,
    )


def _day(text: str, name: Text) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(
            "score.bad-date",
            _("{name}, {text}, is not a date.", name=name, text=text),
            _("Write a date as 2026-01-31."),
        ) from None


def _rows(found: Scores, compared: Comparisons | None, sees_it: bool) -> list[Row]:
    """The groups, worst first: by the end of the interval that is nearer to the average."""
    beside = {_key(row.group): row for row in compared.rows} if compared else {}
    up = found.better == "up"
    rows = []
    for one in found.rows:
        comparison = beside.get(_key(one.group))
        rose = comparison is not None and (comparison.difference or 0) > 0
        name = personal.words(_name(one.group), sees_it=sees_it)
        rows.append(Row(name, one, comparison, is_better=rose == up))
    average = found.total.value

    sign = 1.0 if up else -1.0

    # The ranking of `stats.ranking` from its end: a tie of bounds is settled by the value.
    def order(row: Row) -> tuple[bool, float, float, str]:
        value, low, high = row.score.value, row.score.low, row.score.high
        if value is None:
            return (True, 0.0, 0.0, row.name)
        near = value
        if average is not None and low is not None and high is not None:
            near = min(max(average, low), high)
        return (False, sign * near, sign * value, row.name)

    return sorted(rows, key=order)


def _places(rows: Sequence[Row]) -> tuple[str, ...]:
    """Each row's place as it is written: ``3``, or ``3=`` where others share it."""
    held = [None if row.comparison is None else row.comparison.place for row in rows]
    often = Counter(held)
    return tuple("" if p is None else f"{p}=" if often[p] > 1 else str(p) for p in held)


def _key(group: Group) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(group.items()))


def _name(group: Group) -> str:
    values = ["–" if value is None else str(value) for value in group.values()]
    return " · ".join(values) or NO_GROUP
