"""A score with its intervals: by column, by period, and in total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, Period, around, local_day, split
from zhiyin.kernel.text import _
from zhiyin.measure import expected, figures, registry, withholding
from zhiyin.measure.cells import PERIOD, Cells, Window, window_of
from zhiyin.measure.left_out import LeftOut
from zhiyin.measure.metric import Better, Metric, Per, Scale, Unit
from zhiyin.measure.questions import Asked, Basis, basis
from zhiyin.measure.requests import PART, ScoreRequest, checked
from zhiyin.stats.bases import Bases, State
from zhiyin.stats.totals import Totals
from zhiyin.stats.withheld import Mask
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Group = Mapping[str, object]

MOST_PERIODS = 4000
"""Eleven years of days: each period is a part of the query's text."""


@dataclass(frozen=True, slots=True)
class Score:
    """One figure: of a group, in a period, or of all.

    Where too few customers answered (`state` is then ``too_few``), and where the figure of too few
    could be calculated from this one (``withheld``), `value`, `low`, `high` and `design_effect`
    are None, and so are `n` and `customers`: a count is the upper part of some other figure. Of
    nobody they are 0. Nothing is rounded.
    """

    group: Group
    period: str | None
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    design_effect: float | None
    method: str
    state: State
    flags: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "group": dict(self.group),
            "period": self.period,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "customers": self.customers,
            "design_effect": self.design_effect,
            "method": self.method,
            "state": self.state,
            "flags": list(self.flags),
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """A table of scores with everything that says what they are.

    Args:
        start: the first local day covered; None where the log holds nothing.
        end: the day after the last.
        as_of: what the log knew then (UTC, naive).
        minimum_base: under so many customers no figure is shown.
        states: answers in each state over the same window and filter; only those *answered*
            are in a figure, and are left out where the total is not shown. Empty where nothing
            is asked.
        sums: of the total, one cell, where it is shown: what anybody needs to make it again.
        periods: of a series, in order; one of which nothing is known has no row.
    """

    metric: Metric
    questions: tuple[str, ...]
    kind: str | None
    per: Per
    unit: Unit
    better: Better
    scale: Scale | None
    timezone: str
    start: date | None
    end: date | None
    as_of: datetime
    confidence: float
    minimum_base: int
    by: tuple[str, ...]
    without: tuple[LeftOut, ...]
    rows: tuple[Score, ...]
    total: Score
    states: Mapping[str, int]
    sums: Totals | None = None
    periods: tuple[Bucket, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            **heading(self),
            "rows": [row.as_dict() for row in self.rows],
            "total": self.total.as_dict(),
            "states": dict(self.states),
        }


def heading(scores: Any) -> dict[str, Any]:
    """What a table of scores or comparisons says of itself."""
    return {
        "metric": scores.metric.slug,
        "questions": list(scores.questions),
        "kind": scores.kind,
        "per": scores.per,
        "definition": str(scores.metric.definition),
        "definition_version": scores.metric.version,
        "unit": scores.unit,
        "better": scores.better,
        "scale": None if scores.scale is None else [scores.scale.low, scores.scale.high],
        "timezone": scores.timezone,
        "from": None if scores.start is None else scores.start.isoformat(),
        "to": None if scores.end is None else scores.end.isoformat(),
        "as_of": scores.as_of.isoformat() + "Z",
        "confidence": scores.confidence,
        "minimum_base": scores.minimum_base,
        "without": [{"number": one.number, "name": one.name} for one in scores.without],
    }


@dataclass(frozen=True, slots=True)
class Ready:
    """A request that has been found possible, with what it rests on."""

    cells: Cells
    basis: Basis
    window: Window

    @property
    def scale(self) -> Scale | None:
        """The answers' scale."""
        return self.basis.scale

    @property
    def better(self) -> Better:
        """Which way is good: the scale's direction decides for means of answers."""
        metric = self.cells.metric
        if metric.unit == "scale" and self.scale is not None:
            return self.scale.direction
        return metric.better

    def fields(self) -> dict[str, Any]:
        """What `Scores` and `Comparisons` say in common."""
        cells, zone = self.cells, self.cells.settings.timezone
        first, last = self.basis.first, self.basis.last
        start = cells.request.start or (None if first is None else local_day(first, zone))
        end = cells.request.end
        if end is None and last is not None:
            end = local_day(last, zone) + timedelta(days=1)
        return {
            "metric": cells.metric,
            "questions": self.basis.questions,
            "kind": self.basis.kind,
            "per": self.basis.per,
            "unit": cells.metric.unit,
            "better": self.better,
            "scale": self.scale,
            "timezone": zone,
            "start": start,
            "end": end,
            "as_of": cells.request.as_of or cells.now,
            "confidence": cells.request.confidence,
            "minimum_base": cells.settings.minimum_base,
            "by": tuple(column.name for column in cells.by),
            "without": cells.request.without,
        }


def score(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    *,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Scores:
    """The figures that `request` asks for.

    Args:
        scope: only rows that the reader may see.
        now: the instant of asking (UTC, naive); decides which periods are unfinished.

    Raises:
        Problem: the measure, a column, a question or a kind that is not there; a request that
            would mix kinds, scales, measures or currencies; no invitations for a response rate.
    """
    ready = prepared(log, settings, request, scope=scope, now=now)
    return of_tables(ready, tables_of(ready))


def tables_of(ready: Ready) -> list[pa.Table]:
    """The sums that the scores of a request are made of, by the levels of `withholding`."""
    buckets = series(ready, ready.cells.request)
    levels = withholding.levels(ready.cells, is_series=bool(buckets))
    return ready.cells.totals(ready.cells.rows(ready.window, buckets=buckets), levels)


def of_tables(ready: Ready, tables: Sequence[pa.Table]) -> Scores:
    """The scores that the sums of `tables_of` make."""
    cells = ready.cells
    buckets = series(ready, cells.request)
    levels = withholding.levels(cells, is_series=bool(buckets))
    flags, whole = flags_of(ready), tables[levels.index([])]
    few = _few_left_out(ready, buckets, tables)
    found = None
    if len(levels) > 1:
        own = several_questions(ready, flags, [column.name for column in cells.by])
        withheld = withholding.of_table(cells, tables) | few
        late = period_flags(ready, buckets)
        found = sorted_scores(rows_of(ready, tables[0], buckets, own, late, withheld))
    return with_total(ready, whole, found, buckets)


def with_total(
    ready: Ready,
    whole: pa.Table,
    rows: Sequence[Score] | None,
    periods: Sequence[Bucket] = (),
) -> Scores:
    """Rows, the figure of all (the only row where nothing is broken down), and states."""
    flags = several_questions(ready, flags_of(ready), ())
    total = _total(ready, whole, flags)
    states = dict(ready.basis.states)
    if total.n is None:
        states.pop("answered", None)
    sums = figures.totals_of(whole, ready.cells.metric) if total.value is not None else None
    return Scores(
        **ready.fields(),
        rows=tuple([total] if rows is None else rows),
        total=total,
        states=states,
        sums=sums,
        periods=tuple(periods),
    )


def _few_left_out(ready: Ready, buckets: Sequence[Bucket], tables: Sequence[pa.Table]) -> Mask:
    """Which cells are withheld, because what is left out of them is of too few customers."""
    cells = ready.cells
    if not cells.request.without:
        return np.zeros(tables[0].num_rows, dtype=np.bool_)
    level = [*cells.levels, *([PERIOD] if buckets else [])]
    gone = cells.rows(ready.window, buckets=buckets, leaves_out=True)
    return withholding.of_left_out(cells, tables[0], cells.totals(gone, [level, []]))


def prepared(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    *,
    scope: Filter | None = None,
    now: datetime | None = None,
    windows: Sequence[Window] = (),
    asked: Sequence[Asked] | None = None,
) -> Ready:
    """Look everything up, and refuse what must not be mixed.

    Args:
        windows: all that the figures will take together; the request's own by default.
        asked: the answers that a figure of them would take, where somebody has counted them.
    """
    metric = registry.metric(request.metric)
    checked(request, metric)
    instant = request.as_of or now or clock.now()
    cells = Cells.of(log, settings, request, metric, now=instant, scope=scope)
    window = window_of(request, settings.timezone)
    if metric.is_asked:
        if asked is None:
            _known_questions(cells)
            asked = cells.asked(windows or [window])
        resting = basis(metric, request, asked)
        weighted = resting.has_weights if request.weighted is None else request.weighted
        source = replace(cells.source, scale=resting.scale, is_weighted=weighted)
        cells = replace(cells, source=source, latest=resting.per == "customer")
    else:
        _available(cells, windows or [window])
        first, last = cells.extent()
        of_customers = metric.of_customer is not None
        per: Per = request.per or ("customer" if of_customers else "answer")
        resting = Basis((), None, per, None, {}, False, False, first, last)
        cells = replace(cells, latest=per == "customer" and not of_customers)
    return Ready(cells, resting, window)


def series(ready: Ready, request: ScoreRequest) -> list[Bucket]:
    """The periods of the series asked for, over the window or all that the log holds."""
    if request.every is None:
        return []
    settings = ready.cells.settings
    zone, steps = settings.timezone, (settings.week_start, settings.fiscal_year_start)
    (start, end), first, last = ready.window, ready.basis.first, ready.basis.last
    if first is None or last is None:
        return []
    # The series begins and ends with the whole period in which the log does, not before or after.
    begins = around(local_day(first, zone), request.every, zone, *steps).start
    ends = around(local_day(last, zone), request.every, zone, *steps).end
    start = begins if start is None else max(start, begins)
    end = ends if end is None else min(end, ends)
    if end <= start:
        return []
    found = split(Period(start, end), request.every, zone, *steps)
    if len(found) > MOST_PERIODS:
        raise Problem(
            "score.too-many-periods",
            _("That is a series of {count} periods.", count=len(found)),
            _("Ask for at most {most}: longer periods, or fewer of them.", most=MOST_PERIODS),
        )
    return found


def flags_of(ready: Ready) -> tuple[str, ...]:
    """Flags of every figure of a table."""
    found = []
    if ready.basis.is_legacy:
        found.append("legacy_scale")
    if ready.cells.source.is_weighted:
        found.append("weighted")
    if ready.cells.request.frame is not None:
        found.append("finite_frame")
    return tuple(found)


def several_questions(ready: Ready, flags: tuple[str, ...], by: Sequence[str]) -> tuple[str, ...]:
    """Flag a figure that takes each customer's latest answer to any of several questions."""
    many = ready.cells.latest and len(ready.basis.questions) > 1 and "question" not in by
    return (*flags, "several_questions") if many else flags


def period_flags(ready: Ready, buckets: Sequence[Bucket]) -> dict[int, tuple[str, ...]]:
    """Per number of a period its flags: ``unfinished``, ``preliminary``."""
    now = ready.cells.now
    found: dict[int, tuple[str, ...]] = {}
    preliminary = expected.preliminary(ready.cells, [bucket.period for bucket in buckets])
    for number, bucket in enumerate(buckets):
        flags = []
        if bucket.end > now:
            flags.append("unfinished")
        if preliminary[number]:
            flags.append("preliminary")
        if flags:
            found[number] = tuple(flags)
    return found


def bases_of(settings: Settings) -> Bases:
    """The workspace's limits for small bases."""
    return Bases(settings.minimum_base, settings.test_base, settings.small_base)


def _known_questions(cells: Cells) -> None:
    asked = cells.request.questions
    if not asked:
        return
    known = set(cells.log.words(cells.settings.slug, "question").values())
    missing = [question for question in asked if question not in known]
    if missing:
        raise Problem(
            "score.no-such-question",
            _("The log has no question {question}.", question=", ".join(missing)),
            _("Questions: {known}.", known=", ".join(sorted(known)[:40]) or "–"),
        )


def _available(cells: Cells, windows: Sequence[Window]) -> None:
    """Refuse a figure that the log cannot give honestly."""
    metric = cells.metric
    if metric.slug == "response_rate" and cells.source.code("action", "invited") < 0:
        raise Problem(
            "score.not-available",
            _("There is no response rate: the log holds no invitations."),
            _("Import the invitations sent as exposures, with the action invited."),
        )
    if metric.unit == "money":
        _one_currency(cells, windows)


def _one_currency(cells: Cells, windows: Sequence[Window]) -> None:
    facts = cells.chosen_within(windows)
    found = cells.log.execute(
        cells.settings.slug,
        facts.group_by("currency").aggregate(n=facts.count()),
        reader=cells.reader,
        words=True,
    )
    currencies = sorted(str(word) for word in found["currency"].to_pylist() if word)
    if len(currencies) > 1:
        raise Problem(
            "score.mixed-currencies",
            _(
                "Amounts in different currencies are never in one figure: {currencies}.",
                currencies=", ".join(currencies),
            ),
            _("Choose with --where \"currency = '{currency}'\".", currency=currencies[0]),
        )


# Rows


def _total(ready: Ready, table: pa.Table, flags: tuple[str, ...]) -> Score:
    """The figure of all: nothing is withheld for it, since no other figure has it as a part."""
    if not table.num_rows:
        return Score({}, None, None, None, None, 0, 0, None, "", "too_few", (*flags, "small_base"))
    return rows_of(ready, table, (), flags, {}, np.zeros(1, dtype=np.bool_))[0]


def rows_of(
    ready: Ready,
    table: pa.Table,
    buckets: Sequence[Bucket],
    flags: tuple[str, ...],
    late: Mapping[int, tuple[str, ...]],
    withheld: Mask,
) -> list[Score]:
    """One `Score` a row of a totals table, in its order."""
    cells = ready.cells
    metric = cells.metric
    groups = groups_of(cells, table)
    totals, frame = figures.totals_of(table, metric), cells.request.frame
    _check_frame(frame, totals)
    found = figures.estimates(metric, totals, cells.request.confidence, ready.scale, frame)
    bases = bases_of(cells.settings)
    counted = bases.counted(found.customers) & ~withheld
    shown = bases.shown(found.customers) & ~withheld & np.isfinite(found.value)
    values, lows, highs = (
        plain(np.where(shown, figure * metric.factor, np.nan))
        for figure in (found.value, found.low, found.high)
    )
    effects = plain(np.where(shown, found.design_effect, np.nan))
    numbers = table[PERIOD].to_pylist() if buckets else [None] * len(groups)
    small = (*flags, "small_base")
    counts, customers = (whole(sums, counted) for sums in (found.n, found.customers))
    rows = []
    for at, group in enumerate(groups):
        number = numbers[at]
        own = small if found.customers[at] < bases.small and not withheld[at] else flags
        if number is not None and number in late:
            own = (*own, *late[number])
        rows.append(
            Score(
                group,
                None if number is None else buckets[number].label,
                values[at],
                lows[at],
                highs[at],
                counts[at],
                customers[at],
                effects[at],
                found.method,
                "withheld" if withheld[at] else "ok" if shown[at] else "too_few",
                own,
            )
        )
    return rows


def _check_frame(frame: int | None, totals: Totals) -> None:
    most = int(np.max(totals.customers, initial=0))
    if frame is not None and frame < most:
        raise Problem(
            "score.frame-too-small",
            _(
                "{customers} customers answered, and the frame has {frame}.",
                customers=most,
                frame=frame,
            ),
            _("Give the number of all customers from whom those asked were drawn."),
        )


def groups_of(cells: Cells, table: pa.Table) -> list[Group]:
    """Each row's group, in words; a value that is missing is None."""
    by = [column for column in cells.by if column.physical in table.column_names]
    columns = []
    for column in by:
        values = table[column.physical].to_pylist()
        if column.domain is not None:
            words = cells.log.words(cells.settings.slug, column.domain)
            values = [None if value is None else words.get(value) for value in values]
        elif column.name == PART:
            names = [name for name, _rule in cells.request.parts]
            values = [names[int(number)] for number in values]  # type: ignore[arg-type]
        columns.append(values)
    names = [column.name for column in by]
    if not names:
        return [{} for _row in range(table.num_rows)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def sorted_scores(rows: list[Score]) -> list[Score]:
    """By group in the order of their values, missing ones last, then by period."""
    return sorted(rows, key=lambda row: (group_order(row.group), row.period or ""))


def group_order(group: Group) -> tuple[tuple[int, float, str], ...]:
    """A key that sorts groups: numbers by size, words by letter, missing last."""
    return tuple(_value_order(value) for value in group.values())


def _value_order(value: object) -> tuple[int, float, str]:
    if value is None:
        return 2, 0.0, ""
    if isinstance(value, str):
        return 1, 0.0, value
    return 0, float(value), ""  # type: ignore[arg-type]


def plain(values: Any) -> list[float | None]:
    """Floats, None for nan."""
    return [None if value != value else value for value in np.asarray(values).tolist()]


def whole(counts: Any, counted: Mask) -> list[int | None]:
    """Whole numbers, None where they are not `counted`."""
    numbers = np.asarray(counts).astype(np.int64).tolist()
    return [n if known else None for n, known in zip(numbers, counted.tolist(), strict=True)]
