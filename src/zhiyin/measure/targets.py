"""Targets 目标值: what a measure should be, and whether it is.

The verdict is that of `zhiyin compare … --against VALUE`: the same rows, interval and limits. For a
period that is not over there is the chance of reaching the target by its end (`stats.reaching`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Period, day_start, local_day
from zhiyin.measure import (
    branches,
    comparisons,
    figures,
    registry,
    scores,
    side_by_side,
    target_periods,
)
from zhiyin.measure.cells import PERIOD
from zhiyin.measure.metric import Better, Metric
from zhiyin.measure.models import Target
from zhiyin.measure.references import Days
from zhiyin.measure.requests import ScoreRequest
from zhiyin.stats import reaching
from zhiyin.stats.clusters import spread
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

State = Literal["reached", "missed", "open", "too_few", "not_begun", "impossible"]
"""``open``: the interval holds the target, so nobody can tell; ``impossible``: the figure cannot be
made, for the reason that `Verdict.problem` says."""

EARLIER_PERIODS = 6
"""So many periods before tell how far the truth drifts."""


@dataclass(frozen=True, slots=True)
class Held:
    """A target as it stands.

    Args:
        kind: of answers; blank where it is not said.
        question: blank: every question.
        unit: the key of a unit; blank: the whole company.
        period: the shortest name of its days.
        first: the first local day.
        end: the day after the last.
    """

    number: int
    metric: Metric
    kind: str
    question: str
    unit: str
    unit_name: str
    period: str
    first: date
    end: date
    value: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line, the API and files write it."""
        return {
            "number": self.number,
            "metric": self.metric.slug,
            "kind": self.kind or None,
            "question": self.question or None,
            "unit": self.unit or None,
            "period": self.period,
            "from": self.first,
            "to": self.end,
            "target": self.value,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target beside the figure of its period. Numbers are in the measure's unit.

    Args:
        is_over: whether the period is; before that the verdict is on what is in so far.
        value: the figure; None where it is not shown, and so are its interval, n and customers.
        low: of the interval that agrees with the verdict.
        better: which side of the target is good.
        outlook: the chance of reaching it by the end of a period that is not over.
        problem: why there is no figure.
    """

    target: Held
    state: State
    is_over: bool
    better: Better
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    customers: int | None = None
    flags: tuple[str, ...] = ()
    outlook: reaching.Reaching | None = None
    problem: Problem | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        outlook = self.outlook
        return {
            **self.target.as_dict(),
            "verdict": self.state,
            "is_over": self.is_over,
            "better": self.better,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "customers": self.customers,
            "flags": list(self.flags),
            "chance": None if outlook is None else outlook.chance,
            "needed": None if outlook is None else outlook.needed,
            "expected": None if outlook is None else outlook.expected,
            "to_come": None if outlook is None else outlook.to_come,
            "problem": None if self.problem is None else str(self.problem.message),
        }


def of(
    settings: Settings, *, scope: Filter | None = None, period: Days | None = None
) -> tuple[Held, ...]:
    """The targets that a reader with this scope sees: those of the units that are all hers.

    Args:
        period: only targets whose period shares a day with it.
    """
    rows = Target.objects.filter(workspace__slug=settings.slug)
    if period is not None:
        rows = rows.filter(first__lt=period[1], end__gt=period[0])
    own = branches.own_units(scope)
    seen = (row for row in rows if branches.is_hers(row.unit, own))
    return held(settings, seen)


def held(settings: Settings, rows: Iterable[Target]) -> tuple[Held, ...]:
    """Rows of the store as they are read; one whose measure is gone is left out."""
    names = branches.names(settings.slug)
    return tuple(
        Held(
            number=row.pk,
            metric=registry.METRICS[row.metric],
            kind=row.kind,
            question=row.question,
            unit=row.unit,
            unit_name=names.get(row.unit, row.unit),
            period=target_periods.label(row.first, row.end, settings),
            first=row.first,
            end=row.end,
            value=float(row.value),
        )
        for row in rows
        if row.metric in registry.METRICS
    )


def verdicts(
    log: Log,
    settings: Settings,
    *,
    scope: Filter | None = None,
    period: Days | None = None,
    now: datetime | None = None,
) -> tuple[Verdict, ...]:
    """The verdict on each target that a reader sees.

    Args:
        log: as this reader may read it.
        scope: what narrows it.
        period: local days, half-open; targets whose period shares a day with it. None: today.
        now: the instant of asking (UTC, naive).
    """
    instant = now or clock.now()
    today = local_day(instant, settings.timezone)
    days = period or (today, date.fromordinal(today.toordinal() + 1))
    return verdicts_on(log, settings, of(settings, scope=scope, period=days), instant)


def verdicts_on(
    log: Log, settings: Settings, found: Iterable[Held], now: datetime
) -> tuple[Verdict, ...]:
    """The verdict on each of these targets, in their order.

    Args:
        now: the instant of asking (UTC, naive).
    """
    # Units stand in the relational store, whose connection is this thread's.
    asked = [(one, branches.condition(settings.slug, one.unit)) for one in found]
    works = [partial(_verdict, log, settings, one, where, now) for one, where in asked]
    return tuple(side_by_side.found(works))


def history(
    log: Log, settings: Settings, target: Held, *, now: datetime | None = None
) -> tuple[Verdict, ...]:
    """The verdicts on all targets of the same measure, kind, question and unit, newest first."""
    same = Target.objects.filter(
        workspace__slug=settings.slug,
        metric=target.metric.slug,
        kind=target.kind,
        question=target.question,
        unit=target.unit,
    ).order_by("-first", "end")
    return verdicts_on(log, settings, held(settings, same), now or clock.now())


def verdict(log: Log, settings: Settings, target: Held, *, now: datetime | None = None) -> Verdict:
    """Whether the figure of the target's period is on its good side, and will be."""
    (found,) = verdicts_on(log, settings, [target], now or clock.now())
    return found


def _verdict(
    log: Log, settings: Settings, target: Held, where: Filter | None, now: datetime
) -> Verdict:
    is_over = day_start(target.end, settings.timezone) <= now
    bare = Verdict(target, "not_begun", is_over, target.metric.better)
    if day_start(target.first, settings.timezone) > now:
        return bare
    try:
        return _judged(log, settings, target, where, now, is_over=is_over)
    except Problem as problem:
        return Verdict(target, "impossible", is_over, target.metric.better, problem=problem)


def request_of(settings: Settings, target: Held) -> ScoreRequest:
    """The question to the measures that a target asks."""
    return _request(target, branches.condition(settings.slug, target.unit))


def _request(target: Held, where: Filter | None, days: Days | None = None) -> ScoreRequest:
    """The same of other days, with the filter of the target's unit."""
    first, end = days or (target.first, target.end)
    return ScoreRequest(
        metric=target.metric.slug,
        start=first,
        end=end,
        where=where,
        questions=(target.question,) if target.question else (),
        kind=target.kind or None,
    )


def _judged(
    log: Log,
    settings: Settings,
    target: Held,
    where: Filter | None,
    now: datetime,
    *,
    is_over: bool,
) -> Verdict:
    request = _request(target, where)
    found = comparisons.compare(log, settings, request, target.value, now=now)
    row = found.rows[0] if found.rows else None
    if row is None or row.state != "ok" or row.difference is None:
        return Verdict(target, "too_few", is_over, found.better)
    state: State = "open"
    if row.marked:
        state = "reached" if (row.difference > 0) == (found.better == "up") else "missed"
    return Verdict(
        target=target,
        state=state,
        is_over=is_over,
        better=found.better,
        value=row.value,
        low=None if row.low is None else row.low + target.value,
        high=None if row.high is None else row.high + target.value,
        n=row.n,
        customers=row.customers,
        flags=row.flags,
        outlook=None if is_over else _outlook(log, settings, target, where, now),
    )


# Before the period is over


def _outlook(
    log: Log, settings: Settings, target: Held, where: Filter | None, now: datetime
) -> reaching.Reaching | None:
    """The chance of reaching a target by the end of its period; None where nothing can be said."""
    zone = settings.timezone
    start, end = day_start(target.first, zone), day_start(target.end, zone)
    earlier = _earlier(settings, target, now)
    here = Bucket("so far", start, now)
    try:
        ready, (*past, so_far) = _sums(log, settings, target, where, now, [*earlier, here])
    except Problem:
        # Earlier days were asked otherwise, and cannot be in one table with these.
        ready, (so_far,) = _sums(log, settings, target, where, now, [here])
        past = []
    if float(so_far.den) <= 0:
        return None
    same_days, rest = (float(part.den) for part in past[-2:]) if past else (0.0, 0.0)
    share_over = (now - start) / (end - start)
    coming = reaching.to_come(float(so_far.den), share_over, same_days, rest)
    metric = target.metric
    found = reaching.chance(
        so_far,
        target.value / metric.factor,
        coming,
        family=metric.estimator,
        better=ready.better,
        drift=_drift(past),
        limits=figures.limits(metric, ready.scale),
    )
    return None if found is None else _in_unit(found, metric)


def _in_unit(found: reaching.Reaching, metric: Metric) -> reaching.Reaching:
    needed = None if found.needed is None else found.needed * metric.factor
    return reaching.Reaching(found.chance, needed, found.expected * metric.factor, found.to_come)


def _earlier(settings: Settings, target: Held, now: datetime) -> list[Bucket]:
    """The periods before; the last of them in two, where this one is now."""
    zone = settings.timezone
    days = target.first, target.end
    spans: list[Period] = []
    for _step in range(EARLIER_PERIODS):
        days = target_periods.before(*days)
        spans.append(Period.of_days(*days, zone))
    last = spans[0]
    middle = min(last.start + (now - day_start(target.first, zone)), last.end)
    return [
        *(Bucket("before", span.start, span.end) for span in reversed(spans[1:])),
        Bucket("the last, so far", last.start, middle),
        Bucket("the last, the rest", middle, last.end),
    ]


def _drift(past: list[Totals]) -> float:
    cells = spread(Totals.stack(past))
    return reaching.drift(cells.ratio, cells.variance)


def _sums(
    log: Log,
    settings: Settings,
    target: Held,
    where: Filter | None,
    now: datetime,
    buckets: list[Bucket],
) -> tuple[scores.Ready, list[Totals]]:
    """The sums of each bucket; they follow one another without gap, and may be empty."""
    window = buckets[0].start, buckets[-1].end
    zone = settings.timezone
    days = local_day(window[0], zone), max(target.end, local_day(window[1], zone))
    request = _request(target, where, days)
    ready = scores.prepared(log, settings, request, now=now, windows=[window])
    (table,) = ready.cells.totals(ready.cells.rows(window, buckets=buckets), [[PERIOD]])
    rows = {number: place for place, number in enumerate(table[PERIOD].to_pylist())}
    places = np.array([rows.get(number, -1) for number in range(len(buckets))])
    found = figures.at_rows(figures.totals_of(table, target.metric), places)
    return ready, [found[place] for place in range(len(buckets))]
