"""The evidence of a window: figures and counts by customer and day out of the log, and what
`stats.watching` says of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import conditions, growing, leaving
from zhiyin.act.alerts.conditions import EARLIER, Growing, Leaving, Measured, Often, Windowed
from zhiyin.act.alerts.growing import Spoken
from zhiyin.act.alerts.seen import Daily, Seen, beside, so_far
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Period, split
from zhiyin.kernel.text import _
from zhiyin.listen.themes import daily
from zhiyin.measure.cells import PERIOD
from zhiyin.measure.metric import Scale
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import prepared
from zhiyin.stats import mean, proportion, watching
from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Totals
from zhiyin.stats.watching import Evidence
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.scoped import scoped
from zhiyin.warehouse.where import where as where_of

CONFIDENCE = 0.95
_DAY = timedelta(days=1)


Facts = Daily | Spoken


def first_day(condition: Windowed, starts_on: date) -> date:
    """The first day that a window that starts then needs to know."""
    if isinstance(condition, Growing):
        return growing.first_day(condition, starts_on)
    return starts_on - EARLIER * _apart(condition)


def _apart(condition: Windowed) -> timedelta:
    """How far earlier windows lie apart: whole weeks, so that days of one place are of one
    weekday."""
    return timedelta(days=-(-condition.days // 7) * 7)


def known_until(condition: Windowed, settings: Settings, until: date) -> date:
    """Of the days that are over, the day after the last that can be looked at."""
    if isinstance(condition, Growing):
        return min(until, daily.known_until(settings.slug) or until)
    return until


def read(
    log: Log,
    settings: Settings,
    condition: Windowed,
    *,
    start: date,
    end: date,
    branch: Filter | None = None,
) -> Facts:
    """The facts of the local days from `start` up to, not including, `end`.

    Raises:
        Problem: as `measure.scores.prepared`, `growing.read` and `leaving.read`;
            ``alerts.no-scale``.
    """
    log = scoped(log, branch)
    match condition:
        case Often():
            return _counts(log, settings, condition, start, end)
        case Growing():
            return growing.read(log, settings, condition)
        case Leaving():
            return leaving.read(log, settings, condition, start, end)
    return _scores(log, settings, condition, start, end)


def look(facts: Facts, condition: Windowed, *, starts_on: date, until: date, seed: int) -> Seen:
    """The evidence of a window that starts on a day, with what happened before another.

    Args:
        until: the day after the last that is looked at.
        seed: of the drawing of earlier customers: the same for the same window.
    """
    match facts, condition:
        case Spoken(), Growing():
            return growing.look(facts, condition, starts_on=starts_on, until=until)
        case Daily(), Often():
            return _look_at_counts(facts, condition, starts_on, until)
        case Daily(), Measured() | Leaving():
            return _look_at_scores(facts, condition, starts_on, until, seed)
    raise TypeError(f"{type(facts).__name__} are not the facts of {condition!r}")


# Scores


def _scores(log: Log, settings: Settings, condition: Measured, start: date, end: date) -> Daily:
    metric = conditions.metric_of(condition)
    request = request_of(condition, start, end)
    ready = prepared(log, settings, request, now=clock.now())
    period = Period.of_days(start, end, settings.timezone)
    buckets = split(period, "day", settings.timezone)
    rows = ready.cells.rows((period.start, period.end), buckets=buckets)
    if "den" not in rows.columns:
        rows = rows.mutate(den=lang.literal(1.0))
    grouped = rows.filter(rows.customer.notnull()).group_by(["customer", PERIOD])
    num, den = (rows[name].sum().cast("float64") for name in ("num", "den"))
    query = grouped.aggregate(num=num, den=den)
    table = log.execute(settings.slug, query)
    customer = table["customer"].to_numpy().astype(np.int64)
    day = table[PERIOD].to_numpy().astype(np.int64)
    value = table["num"].to_numpy().astype(float) / table["den"].to_numpy().astype(float)
    order = np.lexsort((customer, day))
    return Daily(
        start, len(buckets), day[order], customer[order], value[order], metric.factor,
        _limits(condition, ready.scale), metric.unit,
    )  # fmt: skip


def request_of(condition: Measured, start: date, end: date) -> ScoreRequest:
    """The figure of these days, as pages ask for it."""
    return ScoreRequest(
        metric=conditions.metric_of(condition).slug,
        start=start,
        end=end,
        where=conditions.filter_of(condition),
        questions=(condition.question,) if condition.question else (),
        kind=condition.answers_kind or None,
        per="answer",
    )


def _limits(condition: Measured, scale: Scale | None) -> tuple[float, float]:
    estimator = conditions.metric_of(condition).estimator
    if estimator == "nps":
        return -1.0, 1.0
    if estimator == "proportion":
        return 0.0, 1.0
    if scale is None:
        raise Problem(
            "alerts.no-scale",
            _("The scale of these answers is not known, so their mean has no limits."),
            _("Bring answers with scale_min and scale_max, or choose a share."),
        )
    return scale.low, scale.high


def evidence_of(
    daily: Daily, condition: Measured | Leaving, *, starts_on: date, until: date, seed: int
) -> Evidence:
    """The evidence of a window of customers' values, with arguments as those of `look`.

    A window is set against windows as long, day by day of the same place: see
    `watching.against_earlier`.
    """
    now = _once_each(daily, starts_on, until)
    before = _windows_before(daily, condition, starts_on, starts_on + condition.days * _DAY)
    x, earlier = _inside(now.value, daily.limits), _inside(before.value, daily.limits)
    if condition.target is None:
        dispersion = watching.dispersion_of_means(earlier, before.date, before.day)
        return watching.against_earlier(
            x, now.day, condition.days, earlier, before.day, each=EARLIER,
            dispersion=dispersion, direction=condition.direction, seed=seed,
        )  # fmt: skip
    # Weekdays that differ are among what lets days vary about one value.
    dispersion = watching.dispersion_of_means(earlier, before.date, np.zeros(earlier.size))
    target = _inside(np.array([condition.target / daily.factor]), daily.limits)
    reference = float(np.clip(target, 1e-6, 1 - 1e-6)[0])
    return watching.against_value(
        x, now.day, condition.days, reference, condition.direction, dispersion=dispersion
    )


def _inside(values: Floats, limits: tuple[float, float]) -> Floats:
    """Values from 0 at the lower limit to 1 at the upper."""
    low, high = limits
    return (values - low) / (high - low)


def _look_at_scores(
    daily: Daily, condition: Measured | Leaving, starts_on: date, until: date, seed: int
) -> Seen:
    evidence = evidence_of(daily, condition, starts_on=starts_on, until=until, seed=seed)
    now = _once_each(daily, starts_on, until)
    if condition.target is not None:
        told: dict[str, Any] = {"reference": condition.target, "reference_is": "target"}
    else:
        before = _windows_before(daily, condition, starts_on, until)
        told = {
            "reference_is": "earlier",
            "reference_from": first_day(condition, starts_on).isoformat(),
            "reference_to": starts_on.isoformat(),
            "reference_n": int(np.unique(before.customer).size),
            **_estimated(before, daily, is_share=_is_share(condition)),
        }
    x = _inside(now.value, daily.limits)
    limits = watching.interval(x, confidence=CONFIDENCE) if x.size else (0.0, 1.0)
    low, high = daily.limits
    told |= {
        "value": float(now.value.mean()) * daily.factor if x.size else None,
        "low": (low + limits[0] * (high - low)) * daily.factor,
        "high": (low + limits[1] * (high - low)) * daily.factor,
        "n": int(x.size),
        "unit": daily.unit,
        "method": evidence.method,
    }
    return Seen(so_far(evidence, until - starts_on), told)


def _is_share(condition: Measured | Leaving) -> bool:
    return (
        isinstance(condition, Leaving) or conditions.metric_of(condition).estimator == "proportion"
    )


def _estimated(counted: Counted, daily: Daily, *, is_share: bool) -> dict[str, Any]:
    """The figure of the earlier windows with its interval for one look."""
    values = counted.value
    if not values.size:
        return {"reference": None}
    totals = Totals.of(values, counted.customer)
    found = (
        proportion.estimate(totals)
        if is_share and set(np.unique(values)) <= {0.0, 1.0}
        else mean.estimate(totals, scale=daily.limits)
    )
    if found is None:
        return {"reference": None}
    shown = found.times(daily.factor)
    return {
        "reference": shown.value,
        "reference_low": shown.low,
        "reference_high": shown.high,
    }


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Customers of windows, each once in a window, by her first day in it.

    Attributes:
        day: of each, of her window, from 0.
        date: of each, of the facts, from 0.
    """

    value: Floats
    day: NDArray[np.int64]
    customer: NDArray[np.int64]
    date: NDArray[np.int64]


def _once_each(daily: Daily, start: date, end: date) -> Counted:
    """The customers of one window, from `start` up to, not including, `end`."""
    first, last = (start - daily.start).days, (end - daily.start).days
    inside = (daily.day >= first) & (daily.day < last)
    customer, value, day = daily.customer[inside], daily.value[inside], daily.day[inside]
    # Rows are in the order of days, so the first of each customer is that of her first day.
    _, at = np.unique(customer, return_index=True)
    at = np.sort(at)
    return Counted(value[at], day[at] - first, customer[at], day[at])


def _windows_before(daily: Daily, condition: Windowed, start: date, end: date) -> Counted:
    """The customers of the same days of the windows before, all as one."""
    back = [_apart(condition) * times for times in range(EARLIER, 0, -1)]
    found = [_once_each(daily, start - one, end - one) for one in back]
    return Counted(
        *(np.concatenate([getattr(one, of.name) for one in found]) for of in fields(Counted))
    )


# Counts


def _counts(log: Log, settings: Settings, condition: Often, start: date, end: date) -> Daily:
    schema, zone, name = log.schema(settings.slug), settings.timezone, condition.table
    facts = lang.table(schema, name)
    period = Period.of_days(start, end, zone)
    buckets = split(period, "day", zone)
    holds = [
        facts.occurred_at >= lang.timestamp(period.start),
        facts.occurred_at < lang.timestamp(period.end),
        facts.customer.notnull(),
    ]
    chosen = conditions.filter_of(condition)
    if chosen is not None:
        holds.append(where_of(chosen, facts, schema, table_name=name, zone=zone))
    rows = facts.filter(*holds)
    days = rows.select("customer", **{PERIOD: lang.period_number(rows.occurred_at, buckets)})
    table = log.execute(settings.slug, days.distinct())
    day = table[PERIOD].to_numpy().astype(np.int64)
    customer = table["customer"].to_numpy().astype(np.int64)
    return Daily(start, len(buckets), day, customer, np.ones(day.size))


def _look_at_counts(daily: Daily, condition: Often, starts_on: date, until: date) -> Seen:
    begins = first_day(condition, starts_on)
    counted = np.bincount(daily.day, minlength=daily.days)
    first, last = (starts_on - daily.start).days, (until - daily.start).days
    now = np.zeros(condition.days)
    now[: last - first] = counted[first:last]
    before = counted[(begins - daily.start).days : first].astype(float)
    each = np.full(condition.days, EARLIER)
    each[last - first :] = 0
    dispersion = watching.dispersion_of(before, np.arange(before.size) % 7)
    evidence = watching.counts(
        now,
        beside(before, condition.days),
        each,
        dispersion=dispersion,
        direction=condition.direction,
    )
    days = max(1, last - first)
    told = {
        "value": float(now.sum()) / days,
        "n": int(now.sum()),
        "days": days,
        "unit": "count",
        "reference_is": "earlier",
        "reference": float(before.mean()) if before.size else None,
        "reference_n": int(before.sum()),
        "reference_from": begins.isoformat(),
        "reference_to": starts_on.isoformat(),
        "dispersion": dispersion,
        "method": evidence.method,
    }
    return Seen(so_far(evidence, until - starts_on), told)
