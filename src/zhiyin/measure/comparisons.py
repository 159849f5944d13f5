"""Which differences are more than chance: a table of comparisons as one family of tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, Or, write_node
from zhiyin.kernel.periods import Period
from zhiyin.kernel.text import _
from zhiyin.measure import figures, opposites, ranking, references, registry
from zhiyin.measure.cells import Cells, window_of
from zhiyin.measure.left_out import LeftOut
from zhiyin.measure.metric import Better, Metric, Per, Scale, Unit
from zhiyin.measure.opposites import Pairs
from zhiyin.measure.references import Against, Span
from zhiyin.measure.requests import ScoreRequest, checked
from zhiyin.measure.scores import (
    Group,
    Ready,
    Scores,
    bases_of,
    flags_of,
    group_order,
    heading,
    of_tables,
    period_flags,
    plain,
    prepared,
    score,
    series,
    several_questions,
    tables_of,
    whole,
)
from zhiyin.stats import families
from zhiyin.stats.bases import Bases, State
from zhiyin.stats.families import Procedure
from zhiyin.stats.totals import Totals
from zhiyin.stats.withheld import Mask
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


Q = 0.05
FDR: Procedure = "bh"
"""The share of marks that may be false, and the procedure, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group, in one period, beside what it is compared with.

    Args:
        value: the group's figure; None where it is not shown.
        reference_value: what it is compared with; None where that is not shown. The rest of a
            group that is not shown is not shown either.
        difference: value minus reference.
        low: of the interval that agrees with the mark (see `families.intervals`).
        p: of the single test; None where a side has too few customers to test or is not shown.
        q: the smallest rate of false discoveries at which the row would be marked.
        marked: whether the difference is more than chance, within the whole table.
        n: rows, and `customers`; None where the side is not shown, 0 where it has none.
        state: ``too_few`` where a side has too few customers, ``withheld`` where the figure of too
            few could be calculated from this one.
        place: in the ranking of the groups, where there is no series.
    """

    group: Group
    period: str | None
    reference_period: str | None
    value: float | None
    reference_value: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool
    n: int | None
    customers: int | None
    reference_n: int | None
    reference_customers: int | None
    method: str
    state: State
    place: int | None
    flags: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**found, "group": dict(self.group), "flags": list(self.flags)}


@dataclass(frozen=True, slots=True)
class Comparisons:
    """A table of comparisons: one family, the whole table that was asked for.

    Args:
        against: ``rest``, ``previous``, ``last-year``, ``lunar-year``, ``period``, ``group`` or a
            value.
        q: the share of marks that may be false.
        fdr: ``bh`` or ``by``.
        tests: how many rows were tested.
        interval_confidence: the level of the intervals, so that they agree with the marks.
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
    against: str | float
    q: float
    fdr: Procedure
    tests: int
    interval_confidence: float
    rows: tuple[Comparison, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            **heading(self),
            "against": self.against,
            "q": self.q,
            "fdr": self.fdr,
            "tests": self.tests,
            "interval_confidence": self.interval_confidence,
            "rows": [row.as_dict() for row in self.rows],
        }


def compare(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    against: Against = "rest",
    *,
    q: float = Q,
    fdr: Procedure = FDR,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Comparisons:
    """Compare each group (in each period) with the rest, an earlier period or a value.

    Customers on both sides count with their covariance. An unfinished period is compared with as
    many days of its reference. Without dates and series, a comparison of periods takes the last
    complete month that the log holds.

    Raises:
        Problem: as `scores.score`; ``compare.against``, ``compare.q``,
            ``compare.nothing-to-compare``.
    """
    if not 0 < q < 1:
        raise Problem(
            "compare.q",
            _("A false-discovery rate of {q} is not possible.", q=q),
            _("Give a share between 0 and 1, for instance 0.05."),
        )
    if request.without:
        raise Problem(
            "compare.without",
            _("A comparison leaves nothing out."),
            _("Look at each figure with and without it, or leave it out with a filter."),
        )
    metric = registry.metric(request.metric)
    checked(request, metric)
    instant = request.as_of or now or clock.now()
    if isinstance(against, Filter):
        ready = _ready_for_both(log, settings, request, against, scope, instant)
        return _verdict(ready, opposites.groups(ready.cells, ready.window, against), against, [],
                        q, fdr)  # fmt: skip
    spans = _spans(log, settings, request, metric, against, scope, instant)
    windows = [(part.start, part.end) for span in spans for part in (span.here, span.there)]
    ready = prepared(log, settings, request, scope=scope, now=instant, windows=windows)
    if spans:
        buckets = series(ready, request)
        pairs = opposites.periods(ready.cells, spans, ready.window, buckets)
        return _verdict(ready, pairs, against, spans, q, fdr)
    return _within(ready, tables_of(ready), against, q, fdr)


def beside(
    log: Log,
    settings: Settings,
    here: ScoreRequest,
    there: ScoreRequest,
    *,
    q: float = Q,
    fdr: Procedure = FDR,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Comparisons:
    """Compare each group of one request with the same group of another: other rows, customers or
    days. Customers on both sides count with their covariance.

    Args:
        there: of the same measure, questions, kind and groups as `here`, without a series.

    Raises:
        Problem: as `scores.score`; ``compare.against``.
    """
    alike = ("metric", "by", "parts", "questions", "kind", "every", "per", "date_of")
    if here.every is not None or any(getattr(here, n) != getattr(there, n) for n in alike):
        raise Problem(
            "compare.against",
            _("Two sides are compared by the same measure and the same groups."),
            _("Let them differ in days, customers or a filter."),
        )
    checked(here, registry.metric(here.metric))
    instant = here.as_of or now or clock.now()
    windows = [window_of(one, settings.timezone) for one in (here, there)]
    either = replace(here, where=None, whose=None, start=None, end=None)
    ready = prepared(log, settings, either, scope=scope, now=instant, windows=windows)
    ready = replace(ready, cells=replace(ready.cells, request=here), window=windows[0])
    pairs = opposites.requests(ready.cells, windows[0], there, windows[1])
    return _verdict(ready, pairs, "group", [], q, fdr)


def scored_and_compared(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    against: Against,
    *,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> tuple[Scores, Comparisons]:
    """`scores.score` and `compare` of one instant; what both need is counted once.

    Raises:
        Problem: as `compare`.
    """
    instant = request.as_of or now or clock.now()
    if references.is_of_periods(against) or isinstance(against, Filter):
        found = score(log, settings, request, scope=scope, now=instant)
        return found, compare(log, settings, request, against, scope=scope, now=instant)
    ready = prepared(log, settings, request, scope=scope, now=instant)
    tables = tables_of(ready)
    return of_tables(ready, tables), _within(ready, tables, against, Q, FDR)


def in_last_month(
    log: Log, settings: Settings, request: ScoreRequest, now: datetime
) -> ScoreRequest:
    """The request with the dates of the last complete month that the log holds; else unchanged."""
    try:
        spans = _spans(log, settings, request, registry.metric(request.metric), "previous", None,
                       request.as_of or now)  # fmt: skip
    except Problem as problem:
        if problem.code != "compare.nothing-to-compare":
            raise
        return request
    first, end = references.days(spans[0].bucket.period, settings.timezone)
    return replace(request, start=first, end=end)


def _spans(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    metric: Metric,
    against: Against,
    scope: Filter | None,
    now: datetime,
) -> list[Span]:
    """For comparisons of periods, which with which; empty for the others."""
    if not references.is_of_periods(against):
        return []
    extent: tuple[datetime | None, datetime | None] = (None, None)
    if request.start is None or request.end is None:
        cells = Cells.of(log, settings, request, metric, now=now, scope=scope)
        extent = cells.reach() if metric.is_asked else cells.extent()
    return references.spans(request, settings, against, extent, now)


def _ready_for_both(
    log: Log,
    settings: Settings,
    request: ScoreRequest,
    other: Filter,
    scope: Filter | None,
    now: datetime,
) -> Ready:
    """Look up what the two groups rest on together, so that nothing is mixed between them."""
    if request.by or request.every is not None:
        raise Problem(
            "compare.against",
            _("Two groups are compared as wholes."),
            _("Leave out the break-down and the periods."),
        )
    either = None if request.where is None else _either(request.where, other)
    ready = prepared(log, settings, replace(request, where=either), scope=scope, now=now)
    return replace(ready, cells=replace(ready.cells, request=request))


def _either(a: Filter, b: Filter) -> Filter:
    root = Or((a.root, b.root))
    return Filter(root, write_node(root))


def _within(
    ready: Ready, tables: Sequence[pa.Table], against: Against, q: float, fdr: Procedure
) -> Comparisons:
    """Groups of one table with the rest of it, or with a value."""
    cells = ready.cells
    buckets = series(ready, cells.request)
    if against != "rest":
        return _verdict(ready, opposites.alone(cells, buckets, tables), against, [], q, fdr)
    if not cells.by:
        raise Problem(
            "compare.nothing-to-compare",
            _("A comparison with the rest needs groups."),
            _("Name a column with --by, or compare with previous, last-year or a value."),
        )
    pairs = opposites.rest(cells, ready.window, buckets, tables)
    return _verdict(ready, pairs, against, [], q, fdr)


def _verdict(
    ready: Ready,
    pairs: Pairs,
    against: Against | Literal["group"],
    spans: list[Span],
    q: float,
    fdr: Procedure,
) -> Comparisons:
    """Test every pair, mark the family, and write the rows."""
    metric, settings = ready.cells.metric, ready.cells.settings
    confidence, factor = ready.cells.request.confidence, metric.factor
    bases = bases_of(settings)
    here = bases.shown(pairs.here.customers) & ~pairs.withheld
    if pairs.there is None:
        assert isinstance(against, float)  # noqa: S101 - the other kinds have been dealt with
        target = check_value(metric, against)
        found = figures.against(metric, pairs.here, target, confidence)
        tested = bases.tested(pairs.here.customers)
        both = np.asarray(pairs.here.customers)
        reference = np.full(len(pairs), target)
        there = np.ones(len(pairs), dtype=np.bool_)
    else:
        found = figures.differences(metric, pairs.here, pairs.there, pairs.cross, confidence)
        tested = bases.tested(pairs.here.customers, pairs.there.customers)
        both = np.minimum(pairs.here.customers, pairs.there.customers)
        reference = figures.estimates(metric, pairs.there, confidence, ready.scale).value
        there = bases.shown(pairs.there.customers) & ~pairs.there_withheld
    tested &= here & there
    value = figures.estimates(metric, pairs.here, confidence, ready.scale).value
    family = families.mark(np.where(tested, found.p, np.nan), q, fdr)
    low, high = families.intervals(family, found.interval)
    shown = here & there & np.isfinite(found.difference)
    columns = {
        "value": plain(np.where(here, value, np.nan) * factor),
        "reference_value": plain(np.where(there, reference, np.nan) * factor),
        "difference": plain(np.where(shown, found.difference, np.nan) * factor),
        "low": plain(np.where(shown, low, np.nan) * factor),
        "high": plain(np.where(shown, high, np.nan) * factor),
        "p": plain(np.where(tested, found.p, np.nan)),
        "q": plain(family.q_values),
        "marked": family.marked.tolist(),
        **_counts(pairs.here, bases.counted(pairs.here.customers) & ~pairs.withheld),
        **_reference_counts(pairs, bases),
        "state": _states(pairs, shown, bases.shown(both)),
        "place": _places(ready, pairs, here, q, fdr),
    }
    rows = []
    every = several_questions(ready, flags_of(ready), ready.fields()["by"])
    late = _late(ready, spans)
    small = [
        () if state == "withheld" else bases.flags(int(customers))
        for state, customers in zip(columns["state"], both, strict=True)
    ]
    for at, group in enumerate(pairs.groups):
        rows.append(
            Comparison(
                group=group,
                period=pairs.periods[at],
                reference_period=pairs.reference_periods[at],
                method=found.method,
                flags=(*every, *small[at], *late.get(pairs.periods[at], ())),
                **{name: column[at] for name, column in columns.items()},
            )
        )
    rows.sort(key=lambda row: (group_order(row.group), row.period or ""))
    return Comparisons(
        **_fields(ready, spans),
        against=references.name_of(against),
        q=q,
        fdr=fdr,
        tests=family.tests,
        interval_confidence=family.confidence,
        rows=tuple(rows),
    )


def _fields(ready: Ready, spans: list[Span]) -> dict[str, Any]:
    found = ready.fields()
    if spans:
        zone = ready.cells.settings.timezone
        found["start"], found["end"] = references.days(
            Period(min(span.here.start for span in spans), max(span.here.end for span in spans)),
            zone,
        )
    return found


def _late(ready: Ready, spans: list[Span]) -> Mapping[str | None, tuple[str, ...]]:
    """Flags by the name of the period."""
    buckets = [span.bucket for span in spans] or series(ready, ready.cells.request)
    numbered = period_flags(ready, buckets)
    found = {buckets[number].label: flags for number, flags in numbered.items()}
    for span in spans:
        if span.is_cut:
            flags = found.get(span.bucket.label, ())
            found[span.bucket.label] = tuple(dict.fromkeys(("unfinished", *flags)))
    return found  # type: ignore[return-value]


def _places(ready: Ready, pairs: Pairs, shown: Mask, q: float, fdr: Procedure) -> list[int | None]:
    if ready.cells.request.every is not None or not ready.cells.by:
        return [None] * len(pairs)
    metric = ready.cells.metric
    average = figures.estimates(metric, pairs.all_here, 0.95, ready.scale).value
    return ranking.places(
        metric,
        pairs.here,
        float(np.asarray(average).reshape(-1)[0]) if np.size(average) else float("nan"),
        shown=shown,
        bases=bases_of(ready.cells.settings),
        better=ready.better,
        scale=ready.scale,
        confidence=ready.cells.request.confidence,
        q=q,
        fdr=fdr,
    )


def check_value(metric: Metric, value: float) -> float:
    """A value to compare with, in units of 1.

    Raises:
        Problem: ``compare.against`` where the measure can never be so much.
    """
    target = value / metric.factor
    least = {"nps": -1.0, "proportion": 0.0}.get(metric.estimator, -np.inf)
    most = 1.0 if metric.estimator in ("nps", "proportion") else np.inf
    if not least <= target <= most:
        raise Problem(
            "compare.against",
            _("{metric} can never be {value}.", metric=metric.slug, value=f"{value:g}"),
            _(
                "Give a value from {least} to {most}.",
                least=f"{least * metric.factor:g}",
                most=f"{most * metric.factor:g}",
            ),
        )
    return target


def _states(pairs: Pairs, shown: Mask, enough: Mask) -> list[State]:
    """Why a row has no difference; that it would give away another is said first."""
    withheld = pairs.withheld | (enough & pairs.there_withheld)
    return [
        "withheld" if own else "ok" if has_figure else "too_few"
        for own, has_figure in zip(withheld.tolist(), shown.tolist(), strict=True)
    ]


def _counts(totals: Totals, counted: Mask) -> dict[str, list[int | None]]:
    return {name: whole(getattr(totals, name), counted) for name in ("n", "customers")}


def _reference_counts(pairs: Pairs, bases: Bases) -> dict[str, list[int | None]]:
    if pairs.there is None:
        counts: dict[str, list[int | None]] = dict.fromkeys(("n", "customers"), [None] * len(pairs))
    else:
        counts = _counts(pairs.there, bases.counted(pairs.there.customers) & ~pairs.there_withheld)
    return {f"reference_{name}": numbers for name, numbers in counts.items()}
