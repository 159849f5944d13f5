"""The page *Scores*: what it shows for what its address asks.

Everything that is chosen stands in the query string, so that a link shows the same page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import Tone
from zhiyin.kernel import clock
from zhiyin.kernel.answers import STATES
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text
from zhiyin.measure import (
    asking,
    calendar,
    comparisons,
    methods,
    registry,
    scores,
)
from zhiyin.measure.asked import asked
from zhiyin.measure.asking import Question
from zhiyin.measure.calendar import Dated
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.left_out import Drops
from zhiyin.measure.metric import Metric
from zhiyin.measure.scores import Score, Scores
from zhiyin.measure.words import FLAGS
from zhiyin.warehouse.log import Log
from zhiyin.web import personal, scores_menus
from zhiyin.web.menus import Choice
from zhiyin.web.responses_links import Links
from zhiyin.web.scores_menus import Words, column_label

MOST_ROWS = 200
"""More rows than these are in the files that the page gives, not on it."""
MOST_LINES = 2
"""More lines than these are small multiples."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group in one period: its figure, and how it differs from what it is compared with.

    Args:
        responses: the address of the rows behind it, or blank.
        without: the figure that leaves out whom a mark concerned, where that is asked.
    """

    name: str
    score: Score
    comparison: Comparison | None
    is_better: bool = False
    place: str = ""
    responses: str = ""
    without: Score | None = None

    @property
    def tone(self) -> Tone:
        """``bad`` or ``good`` where the difference is more than chance, else ``mid``."""
        if self.comparison is None or not self.comparison.marked:
            return "mid"
        return "good" if self.is_better else "bad"


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. With a `problem` there are menus and no figures."""

    metric: Metric
    tabs: tuple[tuple[str, str, bool, str], ...]
    menus: Mapping[str, tuple[Choice, ...]]
    filters: tuple[tuple[str, str, tuple[Choice, ...]], ...]
    given: Mapping[str, str]
    problem: Problem | None = None
    question: Question | None = None
    scores: Scores | None = None
    compared: Comparisons | None = None
    without: Scores | None = None
    dated: tuple[Dated, ...] = ()
    rows: tuple[Row, ...] = ()
    every_row: tuple[Row, ...] = ()
    axis: Axis | None = None
    states: tuple[tuple[str, int], ...] = ()
    held: int = 0
    alone: int = 0
    flags: Mapping[str, Text] = field(default_factory=lambda: FLAGS)
    methods: tuple[tuple[str, str], ...] = ()
    r_call: str = ""
    total_responses: str = ""

    @property
    def left_out(self) -> int:
        """How many rows are not on the page."""
        return len(self.every_row) - len(self.rows)

    @property
    def has_places(self) -> bool:
        """Whether the rows are ranked."""
        return any(row.place for row in self.rows)

    @property
    def is_series(self) -> bool:
        """Whether there is a figure for each period."""
        return self.question is not None and self.question.request.every is not None

    @property
    def has_differences(self) -> bool:
        """Whether rows of the table are compared with something."""
        return any(row.comparison for row in self.rows)

    @property
    def compared_periods(self) -> tuple[str, str] | None:
        """The one period of all figures, and the one that they are compared with."""
        found = {
            (row.comparison.period, row.comparison.reference_period)
            for row in self.rows
            if row.comparison and not self.is_series
        }
        return next(((a, b) for a, b in found if a and b), None)

    @property
    def pair(self) -> Row | None:
        """The difference of two groups, where two are compared."""
        found, compared = self.scores, self.compared
        if found is None or compared is None or not compared.rows:
            return None
        if self.question is None or self.question.pair is None:
            return None
        one = compared.rows[0]
        name = f"{self.given['group']} − {self.given['other']}"
        rose = (one.difference or 0) > 0
        return Row(name, found.total, one, rose == (found.better == "up"))

    @property
    def is_table(self) -> bool:
        """Whether there is more than the one figure of all."""
        return self.is_series or bool(self.by_label)

    @property
    def has_picture(self) -> bool:
        """Whether there is a chart: dots for groups, else lines for one or two of them."""
        if not self.rows or not self.is_table or self.axis is None:
            return False
        return not self.is_series or len({row.name for row in self.every_row}) <= MOST_LINES

    @property
    def is_rolling(self) -> bool:
        """Whether the periods overlap."""
        return self.question is not None and self.question.rolling is not None

    @property
    def is_own_past(self) -> bool:
        """Whether the groups are countries or languages, which are not ranked."""
        return asking.is_own_past(self.given["by"])

    @property
    def withholds(self) -> bool:
        """Whether a group is left out so that no other can be calculated."""
        return any(row.score.state == "withheld" for row in self.rows)

    @property
    def by_label(self) -> str:
        """The name of the column that the rows are groups of, or blank."""
        return column_label(self.given["by"])

    @property
    def query(self) -> str:
        """The query of the page's address."""
        return self.question.query if self.question else ""


def build(
    log: Log,
    settings: Settings,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    sees_rows: bool = False,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        scope: what narrows the log to what the reader may see; it chooses the marks too.
        sees_it: whether the reader sees personal data; else she does not ask by it either.
        sees_rows: whether she may open the responses behind a figure.
    """
    schema = log.schema(settings.slug)
    known = asked(log, settings.slug)
    given = asking.given_of(query, known, schema, log, settings.slug)
    chosen = asking.chosen_of(query)
    metric = registry.metric(given["metric"])
    words = Words(log, settings.slug, schema, metric)
    bare = Page(
        metric=metric,
        tabs=scores_menus.tabs(metric, given),
        menus=scores_menus.menus(words, known, given) | scores_menus.marks(settings, given, scope),
        filters=scores_menus.filters(chosen, words),
        given=given,
    )
    instant = now or clock.now()
    try:
        question = asking.read(given, chosen, log, settings, instant)
        personal.check_facts(question.columns, sees_it=sees_it)
        found, compared = asking.answer(log, settings, question, instant)
        without = _without(log, settings, given, question, scope, instant)
    except Problem as problem:
        return replace(bare, problem=problem)
    bare = replace(bare, question=question, scores=found, compared=compared, without=without)
    if found.periods:
        bare = replace(bare, dated=_dated(settings, found, scope))
    links = Links(settings, question, schema, sees_rows, {p.label: p for p in found.periods})
    return _shown(bare, settings, links, sees_it=sees_it)


def _without(
    log: Log,
    settings: Settings,
    given: Mapping[str, str],
    question: Question,
    scope: Filter | None,
    now: datetime,
) -> Scores | None:
    """The same figures without those whom a mark concerned, where one is named."""
    text = given["without"]
    if not text or question.rolling is not None:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0
    mark = calendar.get(settings, number, scope=scope)
    drops: Drops = "facts" if given["drop"] == "facts" else "customers"
    request = replace(question.request, without=(calendar.left_out(settings, mark, drops),))
    return scores.score(log, settings, request, now=now)


_DIGITS = 19


def _dated(settings: Settings, found: Scores, scope: Filter | None) -> tuple[Dated, ...]:
    """What happened during the periods of a series."""
    zone = settings.timezone
    first, end = (local_day(day, zone) for day in (found.periods[0].start, found.periods[-1].end))
    return calendar.marks_within(settings, first, end, scope=scope)


def _shown(bare: Page, settings: Settings, links: Links, *, sees_it: bool) -> Page:
    """The page with what was found, in the order and the words in which it is read."""
    found, compared = bare.scores, bare.compared
    assert found is not None  # noqa: S101 - `build` has just put it there
    rows = _rows(bare, links, sees_it)
    more: methods.Lines = ()
    if bare.without is not None:
        left = {(asking.group_name(one.group), one.period): one for one in bare.without.rows}
        rows = [
            replace(row, without=left.get((asking.group_name(row.score.group), row.score.period)))
            for row in rows
        ]
        more = methods.left_out(settings, bare.without)
    shown = rows[:MOST_ROWS]
    tested = [] if compared is None else [r for r in compared.rows if r.p is not None]
    return replace(
        bare,
        rows=tuple(shown),
        every_row=tuple(rows),
        axis=Axis.of(_drawn(shown, found.total), found.unit),
        states=tuple((str(STATES.get(s, s)), n) for s, n in found.states.items() if n),
        held=sum(r.marked for r in tested),
        alone=sum((r.p or 0) < comparisons.Q for r in tested),
        methods=(*methods.lines(settings, found, compared, bare.question), *more),
        r_call=methods.r_call(found),
        total_responses=links.of({}, None),
    )


def _drawn(rows: Sequence[Row], total: Score) -> list[float | None]:
    ends = [end for one in rows for end in (one.score.value, one.score.low, one.score.high)]
    were = [one.comparison.reference_value for one in rows if one.comparison]
    return [*ends, *were, total.value, total.low, total.high]


# Rows


def _rows(page: Page, links: Links, sees_it: bool) -> list[Row]:
    found, question = page.scores, page.question
    assert found is not None  # noqa: S101 - asked by `_shown` alone
    assert question is not None  # noqa: S101
    beside = asking.Beside.of(question, page.compared)
    rows = []
    for one in asking.ordered(question, found):
        comparison = beside.find(one)
        rose = comparison is not None and (comparison.difference or 0) > 0
        name = personal.words(asking.group_name(one.group), sees_it=sees_it)
        address = links.of(one.group, one.period)
        rows.append(Row(name, one, comparison, rose == (found.better == "up"), responses=address))
    if page.is_series or page.is_own_past:
        return rows
    return [replace(row, place=p) for row, p in zip(rows, _places(rows), strict=True)]


def _places(rows: Sequence[Row]) -> tuple[str, ...]:
    """Each row's place as it is written: ``3``, or ``3=`` where others share it."""
    held = [None if row.comparison is None else row.comparison.place for row in rows]
    often = Counter(held)
    return tuple("" if p is None else f"{p}=" if often[p] > 1 else str(p) for p in held)
