"""One period at a glance: the headline measures, what really changed, where it hurts, for whom.

All differences that a glance shows are tested as the families that they are: the headlines'
changes together, the places' changes together, the groups at the worst place together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, both, write_node
from zhiyin.kernel.periods import Grain, around, local_day, step_label
from zhiyin.measure import comparisons, requests, scores, side_by_side
from zhiyin.measure.asked import Asked
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.metric import Better
from zhiyin.measure.references import Named
from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Score, Scores
from zhiyin.stats import families
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Schema

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

HEADLINES: dict[str, tuple[str, ...]] = {
    "nps": ("relationship", "journey", "touchpoint"),
    "csat": ("touchpoint", "journey", "relationship"),
    "ces": ("touchpoint", "journey", "relationship"),
    "complaint_rate": (),
    "repurchase": (),
}
"""The measures of the first row; those that are asked, with their kinds, the preferred first."""

AGAINST: tuple[Named, Named] = ("previous", "last-year")

WIDER: dict[Grain, Grain] = {"week": "month", "month": "quarter"}
MOST_GROUPS = 15
"""A column with more words than these does not say for whom it hurts."""
MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Step:
    """A calendar period in local days."""

    grain: Grain
    first: date
    end: date
    label: str

    @classmethod
    def around(cls, day: date, grain: Grain, settings: Settings) -> Step:
        """The step that holds a day."""
        steps = (settings.week_start, settings.fiscal_year_start)
        period = around(day, grain, settings.timezone, *steps)
        first, end = period.days(settings.timezone) or (day, day + timedelta(days=1))
        return cls(grain, first, end, step_label(first, grain, settings.fiscal_year_start))

    def before(self, settings: Settings) -> Step:
        """The one before it."""
        return Step.around(self.first - timedelta(days=1), self.grain, settings)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference from another period, with the verdict of its family.

    Args:
        q: the smallest rate of false discoveries at which it would be marked; None: not tested.
        is_better: whether it goes the good way, as the measure counts.
    """

    comparison: Comparison
    q: float | None
    marked: bool
    is_better: bool

    @property
    def tone(self) -> Literal["bad", "mid", "good"]:
        """``bad`` or ``good`` where it is more than chance, else ``mid``."""
        if not self.marked:
            return "mid"
        return "good" if self.is_better else "bad"


@dataclass(frozen=True, slots=True)
class Headline:
    """One measure in the period.

    Args:
        step: the period that it is of: a wider one where nobody was asked in the one chosen.
        scores: its table; the figure is its total.
        previous: how it differs from the period before; None where there is nothing to compare.
        last_year: how it differs from a year ago.
    """

    request: ScoreRequest
    step: Step
    is_wider: bool
    scores: Scores
    previous: Change | None = None
    last_year: Change | None = None

    @property
    def total(self) -> Score:
        """The figure."""
        return self.scores.total


@dataclass(frozen=True, slots=True)
class Place:
    """One touchpoint in the period.

    Args:
        is_bad: whether it is certainly worse than all other touchpoints together.
        change: how it differs from the period before.
    """

    name: str
    score: Score
    is_bad: bool
    change: Change | None

    @property
    def tone(self) -> Literal["bad", "mid", "good"]:
        """``bad`` where it is certainly worse than the others, else ``mid``."""
        return "bad" if self.is_bad else "mid"


@dataclass(frozen=True, slots=True)
class Places:
    """Touchpoints by satisfaction, the certainly worst first.

    Args:
        changes: how many changes were tested, and `held`, how many are more than chance.
    """

    request: ScoreRequest
    scores: Scores
    rows: tuple[Place, ...]
    changes: int
    held: int

    @property
    def worst(self) -> tuple[Place, ...]:
        """The three that are certainly worse than the others, or fewer."""
        return tuple(place for place in self.rows if place.is_bad)[:3]

    @property
    def changed(self) -> tuple[Place, ...]:
        """Those whose change is more than chance, the largest first."""
        found = [(p, p.change) for p in self.rows if p.change and p.change.marked]
        found.sort(key=lambda one: -abs(_difference(one[1].comparison)))
        return tuple(place for place, _change in found)


@dataclass(frozen=True, slots=True)
class Group:
    """Customers for whom a place is certainly worse than for the others there."""

    column: str
    name: str
    request: ScoreRequest
    comparison: Comparison


# Which period


def reach(log: Log, settings: Settings) -> tuple[date, date] | None:
    """The local days of the first and the last scored answer; None where there is none."""
    answers = lang.table(log.schema(settings.slug), "answers")
    answered = answers.filter(answers.score.notnull())
    query = answered.aggregate(first=answered.occurred_at.min(), last=answered.occurred_at.max())
    row = log.execute(settings.slug, query).to_pylist()[0]
    if row["first"] is None:
        return None
    zone = settings.timezone
    return local_day(row["first"], zone), local_day(row["last"], zone)


def newest(settings: Settings, last: date, now: datetime) -> Step:
    """The last month that is over and has answers up to its end, or the one that holds `last`."""
    today = local_day(now, settings.timezone)
    present = Step.around(today, "month", settings)
    held = Step.around(last, "month", settings)
    if held.first < present.first:
        return held
    return present.before(settings)


def choices(settings: Settings, first: date, last: date) -> dict[Grain, tuple[Step, ...]]:
    """The periods that may be chosen, the newest first: months, quarters, weeks."""
    most: dict[Grain, int] = {"month": 25, "quarter": 9, "week": 14}
    found: dict[Grain, tuple[Step, ...]] = {}
    for grain, count in most.items():
        steps = [Step.around(last, grain, settings)]
        while len(steps) < count and steps[-1].first > first:
            steps.append(steps[-1].before(settings))
        found[grain] = tuple(steps)
    return found


def step_of(text: str, settings: Settings) -> Step | None:
    """The period that an address names (``month:2026-10-01``); None where it names none."""
    grain, colon, day = text.partition(":")
    if not colon or grain not in ("week", "month", "quarter"):
        return None
    try:
        held: Grain = "week" if grain == "week" else "month" if grain == "month" else "quarter"
        return Step.around(date.fromisoformat(day), held, settings)
    except (ValueError, OverflowError, Problem):
        return None


# The headlines


def headlines(
    log: Log,
    settings: Settings,
    known: Sequence[Asked],
    step: Step,
    where: Filter | None,
    *,
    now: datetime,
) -> tuple[list[Headline], int]:
    """The measures of the first row that the log can give, and how many changes were tested.

    A measure that cannot be given (nothing asked, no orders, amounts in two currencies) is absent.
    """

    def one_of(slug: str, kinds: Sequence[str]) -> tuple[Headline, list[Comparison | None]] | None:
        questions = _questions(slug, kinds, known, where)
        one = _first_figure(log, settings, questions, step, now)
        if one is None:
            return None
        return one, [_compared(log, settings, one, other, now) for other in AGAINST]

    works = [partial(one_of, slug, kinds) for slug, kinds in HEADLINES.items()]
    given = [one for one in side_by_side.found(works) if one is not None]
    found = [one for one, _rows in given]
    compared = [rows for _one, rows in given]
    family = families.mark([_p(row) for rows in compared for row in rows])
    verdicts = zip(family.q_values.tolist(), family.marked.tolist(), strict=True)
    for place, rows in enumerate(compared):
        up = found[place].scores.better == "up"
        previous, last_year = (_judged(row, next(verdicts), up=up) for row in rows)
        found[place] = replace(found[place], previous=previous, last_year=last_year)
    return found, family.tests


def _judged(row: Comparison | None, verdict: tuple[float, bool], *, up: bool) -> Change | None:
    change = _change(row, up=up)
    q, marked = verdict
    return change and replace(change, q=None if np.isnan(q) else q, marked=marked)


def _questions(
    slug: str, kinds: Sequence[str], known: Sequence[Asked], where: Filter | None
) -> list[ScoreRequest]:
    """The measure of each kind that was asked, the preferred kind first."""
    metric = METRICS[slug]
    if not metric.is_asked:
        return [ScoreRequest(slug, where=where)]
    held = {one.kind for one in known if one.metric in metric.scored}
    return [ScoreRequest(slug, kind=kind, where=where) for kind in (*kinds, None) if kind in held]


def _first_figure(
    log: Log, settings: Settings, questions: Sequence[ScoreRequest], step: Step, now: datetime
) -> Headline | None:
    """The first that has a value; of none with a value, the first that anybody answered."""
    held = None
    for request in questions:
        try:
            one = _figure(log, settings, request, step, now)
        except Problem:
            continue
        if one is not None and one.total.value is not None:
            return one
        held = held or one
    return held


def _figure(
    log: Log, settings: Settings, request: ScoreRequest, step: Step, now: datetime
) -> Headline | None:
    """The figure of the period, or of the wider one where it holds nothing; None of neither."""
    held, is_wider = step, False
    while True:
        asked = replace(request, start=held.first, end=held.end)
        found = scores.score(log, settings, asked, now=now)
        if found.total.n != 0:
            return Headline(asked, held, is_wider, found)
        if held.grain not in WIDER:
            return None
        held, is_wider = _wider(held, settings), True


def _wider(step: Step, settings: Settings) -> Step:
    """The wider period that holds this one, or the last that was over when this one ended."""
    wider = Step.around(step.first, WIDER[step.grain], settings)
    return wider if wider.end <= step.end else wider.before(settings)


def _compared(
    log: Log, settings: Settings, one: Headline, against: Named, now: datetime
) -> Comparison | None:
    try:
        found = comparisons.compare(log, settings, one.request, against, now=now)
    except Problem:
        return None
    return found.rows[0] if found.rows else None


def _p(row: Comparison | None) -> float:
    return float("nan") if row is None or row.p is None else row.p


# Places


def places(
    log: Log,
    settings: Settings,
    known: Sequence[Asked],
    step: Step,
    where: Filter | None,
    *,
    now: datetime,
) -> Places | None:
    """Touchpoints by satisfaction, the certainly worst first; None where none was asked about."""
    questions = _questions("csat", HEADLINES["csat"], known, where)
    if not questions:
        return None
    asked = replace(questions[0], by=("touchpoint",), start=step.first, end=step.end)
    try:
        found, rest = comparisons.scored_and_compared(log, settings, asked, "rest", now=now)
    except Problem:
        return None
    try:
        before: Comparisons | None = comparisons.compare(log, settings, asked, "previous", now=now)
    except Problem:
        before = None
    up = found.better == "up"
    beside = {_name(row.group): row for row in rest.rows}
    earlier = {_name(row.group): row for row in before.rows} if before else {}
    rows = []
    for one in found.rows:
        name = _name(one.group)
        if not name or one.value is None or name not in beside:
            continue
        rest_of = beside[name]
        is_bad = rest_of.marked and (_difference(rest_of) < 0) == up
        rows.append(Place(name, one, is_bad, _change(earlier.get(name), up=up)))
    sign = 1.0 if up else -1.0

    def order(place: Place) -> tuple[bool, float]:
        near = place.score.high if up else place.score.low
        return (not place.is_bad, sign * (near if near is not None else 0.0))

    return Places(
        request=asked,
        scores=found,
        rows=tuple(sorted(rows, key=order)),
        changes=before.tests if before else 0,
        held=sum(row.marked for row in before.rows) if before else 0,
    )


def _change(row: Comparison | None, *, up: bool) -> Change | None:
    if row is None or row.difference is None:
        return None
    return Change(row, row.q, row.marked, (row.difference > 0) == up)


def for_whom(
    log: Log, settings: Settings, found: Places, place: Place, *, now: datetime
) -> Group | None:
    """The group of customers for whom a place is most certainly worse than for the others there."""
    request = replace(found.request, by=(), where=at_place(found.request, place.name))
    return worst_for(log, settings, request, found.scores.better, now=now)


def worst_for(
    log: Log, settings: Settings, request: ScoreRequest, better: Better, *, now: datetime
) -> Group | None:
    """The group of customers for whom a figure is most certainly worse than for all others in it.

    Every group of every telling column is tested, all as one family.
    """

    def with_rest(column: str) -> list[tuple[str, ScoreRequest, Comparison]]:
        asked = replace(request, by=(column,))
        try:
            compared = comparisons.compare(log, settings, asked, "rest", now=now)
        except Problem:
            return []
        return [(column, asked, row) for row in compared.rows]

    columns = _telling(log, settings, log.schema(settings.slug))
    each = side_by_side.found(partial(with_rest, column) for column in columns)
    rows = [row for one in each for row in one]
    family = families.mark([_p(row) for _column, _request, row in rows])
    up = better == "up"
    worse = [
        (row.difference or 0.0, column, asked, row)
        for (column, asked, row), marked in zip(rows, family.marked.tolist(), strict=True)
        if marked and row.difference is not None and (row.difference < 0) == up
    ]
    if not worse:
        return None
    _size, column, asked, row = min(worse, key=lambda one: one[0] if up else -one[0])
    return Group(column, _name(row.group), asked, row)


def _telling(log: Log, settings: Settings, schema: Schema) -> list[str]:
    """Columns that say who she was or what happened to her: declared, with few words."""
    possible = requests.breakable(METRICS["csat"], schema)
    found = []
    for name in schema.dimensions.get("answers", {}):
        domain = possible[name].domain if name in possible else None
        if domain and 1 < len(log.words(settings.slug, domain)) <= MOST_GROUPS:
            found.append(name)
    return found[:MOST_COLUMNS]


def at_place(request: ScoreRequest, name: str) -> Filter:
    """The filter of a figure, at one touchpoint."""
    here = Compare("touchpoint", "=", name)
    found = both(request.where, Filter(here, write_node(here)))
    assert found is not None  # noqa: S101 - one of the two is there
    return found


def _name(group: Mapping[str, object]) -> str:
    value = next(iter(group.values()), None)
    return "" if value is None else str(value)


def _difference(row: Comparison) -> float:
    return row.difference or 0.0
