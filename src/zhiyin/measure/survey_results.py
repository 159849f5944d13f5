"""What came of a survey: its responses, and what was answered to each question.

Figures of scores are those of the measures, so that no two places disagree. What counts answers
(points, choices, numbers, break-off) counts each by one, without weights. Where fewer than the
smallest base have answered a question, nothing of it is shown: states would tell how few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from zhiyin.collect.surveys import definition, kept
from zhiyin.collect.surveys.definition import CHOSEN, OTHER, SCORED, Item, Texts, Type
from zhiyin.collect.surveys.unnamed import GROUP
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.measure import figures, registry, scores, survey_cells
from zhiyin.measure.metric import Unit
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.survey_cells import ANSWERED, Cell, Chosen
from zhiyin.measure.survey_counts import OUTCOMES, Counter, Filled
from zhiyin.stats import mean, middle, proportion
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

CONFIDENCE = 0.95
State = Literal["ok", "too_few"]

MEASURES: dict[Type, tuple[str, ...]] = {
    "nps": ("nps", "rating"),
    "csat": ("csat", "rating"),
    "ces": ("ces", "ces_easy"),
    "rating": ("rating",),
    "matrix": ("rating",),
}
"""By which measures a question is judged; one of them is the mean."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many (`n`) of so many (`of`): per cent, with Wilson's interval over customers."""

    n: int
    of: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Middle:
    """A median with the interval between two of the values in order, and the quartiles."""

    median: float
    low: float | None
    high: float | None
    lower_quartile: float
    upper_quartile: float


@dataclass(frozen=True, slots=True)
class Place:
    """The mean place of a choice among those who gave it one, with its interval."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Responses:
    """The responses by how they ended; `seconds` is from start to end, of those that did.

    `seconds` is None where fewer than the smallest base came to the end.
    """

    begun: int
    ended: int
    dismissed: int
    left: int
    open: int
    customers: int
    completion: Part
    seconds: Middle | None


@dataclass(frozen=True, slots=True)
class Figure:
    """What a measure says of a question; `problem` says why it says nothing."""

    metric: str
    unit: Unit
    score: scores.Score | None
    problem: Problem | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        found = self.score
        return {
            "metric": self.metric,
            "unit": self.unit,
            "value": None if found is None else found.value,
            "low": None if found is None else found.low,
            "high": None if found is None else found.high,
            "n": None if found is None else found.n,
            "customers": None if found is None else found.customers,
            "method": "" if found is None else found.method,
            "state": None if found is None else found.state,
            "flags": [] if found is None else list(found.flags),
            "problem": None if self.problem is None else str(self.problem.message),
        }


@dataclass(frozen=True, slots=True)
class Point:
    """How often one point of the scale was given; `share` is per cent."""

    point: float
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class Choice:
    """How many chose something, of those who answered; no place where too few gave it one."""

    value: str
    label: Texts
    share: Part
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of one question, or one row of a matrix.

    Args:
        version: the newest that asks it.
        n, customers: who answered; None where they are too few, and then so is all that follows.
        break_off: of those who were shown it, how many left there; None where nobody was.
        number: of a question for a number.
    """

    item: Item
    version: int
    state: State
    n: int | None = None
    customers: int | None = None
    states: Mapping[str, int] | None = None
    break_off: Part | None = None
    figures: tuple[Figure, ...] = ()
    points: tuple[Point, ...] = ()
    choices: tuple[Choice, ...] = ()
    number: Middle | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        question = self.item.question
        return {
            "name": self.item.name,
            "series": self.item.series,
            "type": question.type,
            "title": question.title,
            "row": self.item.row.label if self.item.row else None,
            "version": self.version,
            "state": self.state,
            "n": self.n,
            "customers": self.customers,
            "states": None if self.states is None else dict(self.states),
            "break_off": _as_dict(self.break_off),
            "figures": [one.as_dict() for one in self.figures],
            "points": [asdict(one) for one in self.points],
            "choices": [asdict(one) for one in self.choices],
            "number": _as_dict(self.number),
        }


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a survey.

    Args:
        version: the one asked for; None: all of them.
        responses: None where too few customers have one.
    """

    key: str
    title: Texts
    version: int | None
    as_of: datetime
    minimum_base: int
    state: State
    responses: Responses | None
    questions: tuple[Answers, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "key": self.key,
            "title": self.title,
            "version": self.version,
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "minimum_base": self.minimum_base,
            "state": self.state,
            "responses": _as_dict(self.responses),
            "questions": [one.as_dict() for one in self.questions],
        }


def results(
    log: Log,
    settings: Settings,
    key: str,
    *,
    version: int | None = None,
    where: Filter | None = None,
    now: datetime | None = None,
) -> Results:
    """What came of the survey of this key, its questions in the order of its newest version.

    What only older versions ask comes after. Without a version the answers of all count. Of an
    anonymous survey nothing is told where those who are left out are too few, either.

    Args:
        where: only responses, and only answers, for which this holds: columns that both have.
        now: the instant of asking (UTC, naive).

    Raises:
        Problem: ``survey.none``, ``survey.no-version``, ``survey.not-published``; a column that
            responses or answers do not have.
    """
    held = kept.get(settings.slug, key)
    if version is None:
        versions = kept.versions(held)
    else:
        document = kept.version(held, version).document
        versions = [(version, definition.read(document.encode()))]
    if not versions:
        raise kept.not_published(key)
    chosen = kept.answers_to(key, version=version, where=where)
    instant = now or clock.now()
    is_anonymous = versions[-1][1].is_anonymous
    if is_anonymous:
        settings = replace(settings, minimum_base=max(settings.minimum_base, GROUP))
    counter = Counter.of(log, settings, chosen)
    filled = counter.filled()
    customers = 0 if filled.ended is None else int(filled.ended.customers)
    is_few = customers < max(settings.minimum_base, 1)
    if is_anonymous and (version is not None or where is not None):
        every = Counter.of(log, settings, kept.answers_to(key)).filled().ended
        others = 0 if every is None else int(every.customers) - customers
        is_few = is_few or 0 < others < settings.minimum_base
    made = Results(
        key=key, title=versions[-1][1].title, version=version, as_of=instant,
        minimum_base=settings.minimum_base, state="too_few" if is_few else "ok",
        responses=None, questions=(),
    )  # fmt: skip
    if is_few or filled.ended is None:
        return made
    asked = _items(versions)
    types = {item.series: item.question.type for item, _number in asked}
    asker = _Asker(log, settings, chosen, instant, counter, types, counter.answers(types))
    return replace(
        made,
        responses=_responses(filled, filled.ended, settings.minimum_base),
        questions=tuple(asker.all(asked)),
    )


def _items(versions: list[tuple[int, definition.Survey]]) -> list[tuple[Item, int]]:
    """Everything that was asked, each series once as it was asked last, with that version."""
    found: dict[str, tuple[Item, int]] = {}
    for number, survey in reversed(versions):
        for item in survey.items():
            found.setdefault(item.series, (item, number))
    return list(found.values())


def _responses(filled: Filled, ended: Totals, minimum: int) -> Responses:
    is_shown = filled.ended_customers >= minimum and bool(filled.seconds.size)
    return Responses(
        begun=int(ended.n),
        **{name: filled.outcomes[name] for name in OUTCOMES},
        customers=int(ended.customers),
        completion=_part(ended),
        seconds=_middle(filled.seconds) if is_shown else None,
    )


@dataclass(frozen=True, slots=True)
class _Asker:
    """What is known of all questions, and how the measures are asked of one."""

    log: Log
    settings: Settings
    where: Filter
    now: datetime
    counter: Counter
    types: Mapping[str, Type]
    given: Mapping[str, survey_cells.Answers]

    def all(self, asked: Sequence[tuple[Item, int]]) -> Iterator[Answers]:
        """What became of each question."""
        numbers = self.counter.numbers(
            [item.series for item, _version in asked if item.question.type == "number"]
        )
        shown = {
            item.series: item.question.type for item, _version in asked if self._is_shown(item)
        }
        figures = self._figures([one for one, kind in shown.items() if kind in SCORED])
        for item, version in asked:
            yield self._answers(item, version, figures, numbers.get(item.series, {}))

    def _is_shown(self, item: Item) -> bool:
        given = self.given.get(item.series)
        return given is not None and given.answering >= max(self.settings.minimum_base, 1)

    def _answers(
        self,
        item: Item,
        version: int,
        figures: Mapping[str, Sequence[Figure]],
        numbers: Mapping[float, int],
    ) -> Answers:
        kind, given = item.question.type, self.given.get(item.series)
        minimum = self.settings.minimum_base
        if given is None:
            return Answers(item, version, "too_few", 0, 0, {})
        if 0 < given.answering < minimum:
            return Answers(item, version, "too_few")
        states, left = given.states(), given.left()
        is_shown = left is not None and left.customers >= minimum
        found = Answers(
            item, version, "ok" if given.answering else "too_few", states.get(ANSWERED, 0),
            given.answering, states, _part(left) if left is not None and is_shown else None,
        )  # fmt: skip
        if not given.answering:
            return found
        if kind in SCORED:
            return replace(
                found, figures=tuple(figures[item.series]), points=_points(item, given.points())
            )
        if kind in CHOSEN:
            return replace(found, choices=_choices(item, given.choices(), minimum))
        if kind == "number":
            values = np.repeat(list(numbers), list(numbers.values()))
            return replace(found, number=_middle(values))
        return found

    def _figures(self, series: Sequence[str]) -> dict[str, list[Figure]]:
        """What the measures say of each of these questions: all from the same counts."""
        ready: dict[tuple[str, str], scores.Ready | Problem] = {}
        for one in series:
            for slug in MEASURES[self.types[one]]:
                ready[one, slug] = self._ready(slug, one)
        is_latest = any(
            isinstance(one, scores.Ready) and one.cells.latest for one in ready.values()
        )
        latest = self.counter.latest(self.types) if is_latest else {}
        found: dict[str, list[Figure]] = {one: [] for one in series}
        for (one, slug), how in ready.items():
            unit = registry.metric(slug).unit
            if isinstance(how, Problem):
                found[one].append(Figure(slug, unit, None, how))
            else:
                sums = self._sums(how, one, latest.get(one, ()))
                found[one].append(Figure(slug, unit, scores.of_tables(how, sums).total))
        return found

    def _ready(self, slug: str, series: str) -> scores.Ready | Problem:
        request = ScoreRequest(slug, where=self.where, questions=(series,), confidence=CONFIDENCE)
        asked = self.given[series].asked(registry.metric(slug), series)
        try:
            return scores.prepared(self.log, self.settings, request, now=self.now, asked=asked)
        except Problem as problem:
            return problem

    def _sums(self, ready: scores.Ready, series: str, latest: Sequence[Cell]) -> list[pa.Table]:
        metric, scale = ready.cells.metric, ready.scale
        if ready.cells.source.is_weighted:
            # Each answer counts for its own weight, which is no matter of its cell.
            return scores.tables_of(ready)
        if ready.cells.latest:
            return [figures.table_of(survey_cells.voted_once(latest, metric, scale))]
        return [figures.table_of(self.given[series].voted(metric, scale))]


def _points(item: Item, given: Mapping[float, int]) -> tuple[Point, ...]:
    """Every point of the scale, and those of another scale that an older version had."""
    low, high = item.question.scale
    n = sum(given.values())
    every = sorted({float(point) for point in range(low, high + 1)} | set(given))
    return tuple(Point(one, given.get(one, 0), given.get(one, 0) * 100 / n) for one in every)


def _choices(item: Item, found: Mapping[str, Chosen], minimum: int) -> tuple[Choice, ...]:
    """The question's choices in order, and then those that only older versions offered."""
    question = item.question
    labels = {one.value: one.label for one in question.choices}
    if question.has_other:
        labels[OTHER] = {}
    labels |= {value: {} for value in sorted(found) if value not in labels}
    whole = next(iter(found.values())).share if found else None
    scale = 1.0, float(len(labels))
    made = []
    for value, label in labels.items():
        one = found.get(value)
        if one is not None:
            is_placed = question.type == "ranking" and one.place.customers >= minimum
            place = _place(one.place, scale) if is_placed else None
            made.append(Choice(value, label, _part(one.share), place))
        elif whole is not None:
            nobody = replace(whole, num=0.0, yy=0.0, tt=0.0, tn=0.0)
            made.append(Choice(value, label, _part(nobody)))
    return tuple(made)


def _part(totals: Totals) -> Part:
    found = proportion.estimates(totals, confidence=CONFIDENCE)
    value, low, high = (float(part) * 100 for part in (found.value, found.low, found.high))
    return Part(int(totals.num), int(totals.den), value, low, high)


def _place(totals: Totals, scale: tuple[float, float]) -> Place | None:
    found = mean.estimate(totals, confidence=CONFIDENCE, scale=scale)
    return None if found is None else Place(found.value, found.low, found.high)


def _middle(values: np.ndarray[Any, Any]) -> Middle | None:
    found = middle.estimate(values, confidence=CONFIDENCE)
    if found is None:
        return None
    lower, upper = (float(value) for value in np.quantile(values, [0.25, 0.75]))
    return Middle(found.value, found.low, found.high, lower, upper)


def _as_dict(part: Part | Middle | Responses | None) -> dict[str, Any] | None:
    return None if part is None else asdict(part)
