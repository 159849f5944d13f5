"""The charts of the pages of journeys, on the page and as files."""

from __future__ import annotations

from collections.abc import Sequence

from zhiyin.charts import bars, survival
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import PAGE, Paint
from zhiyin.charts.series import Line, Point, Reference
from zhiyin.charts.trends import axis_of, trend
from zhiyin.journey.shares import Figure
from zhiyin.journey.waits import Waits
from zhiyin.kernel import figures
from zhiyin.kernel.text import Text, _
from zhiyin.measure.words import customers
from zhiyin.web.adoption_page import Page as AdoptionPage
from zhiyin.web.cohorts_page import Page as CohortsPage
from zhiyin.web.funnels_page import Group
from zhiyin.web.funnels_page import Page as FunnelsPage
from zhiyin.web.tasks_page import Page as TasksPage

WIDE, NARROW = 860.0, 358.0


def steps(page: FunnelsPage, *, width: float = WIDE, paint: Paint = PAGE) -> str:
    """The steps under one another, each with its share of the first; blank where there are none."""
    if page.found is None:
        return ""
    least = page.found.minimum_base
    rows = [
        bars.Row(
            one.step,
            _beside(customers(one.customers, one.state, least), one.share_of_first),
            one.share_of_first,
            *((one.low, one.high) if number else (None, None)),
        )
        for number, one in enumerate(page.found.steps)
    ]
    words = _("Who comes how far; the table has the figures")
    return bars.steps(rows, words=str(words), width=width, paint=paint)


def _beside(n: str, share: float | None) -> str:
    written = figures.figure(None if share is None else 100 * share, "percent")
    return n if share is None else f"{n}  {written}%"


def waits(page: FunnelsPage, *, width: float = WIDE, paint: Paint = PAGE) -> str:
    """The share still on its way, by the time since the first step; blank where none is told."""
    found = page.waits
    if found is None or not found.moments:
        return ""
    moments = [
        survival.Moment(
            at=one.seconds / found.within_seconds,
            said=figures.lasted(one.seconds),
            share=100 * one.still,
            low=None if one.low is None else 100 * one.low,
            high=None if one.high is None else 100 * one.high,
            at_risk=one.at_risk,
        )
        for one in found.moments
    ]
    ends = [end for one in moments for end in (one.share, one.low, one.high)]
    axis = Axis.of(ends, "percent")
    assert axis is not None  # noqa: S101 - there is a moment
    words = _("How many are still on their way to {step}; the table has the figures",
              step=found.last)  # fmt: skip
    return survival.curve(
        moments,
        _ticks(found),
        axis=axis,
        words=str(words),
        at_risk=str(_("at risk")),
        median=_median(found),
        width=width,
        height=300 if width > NARROW else 260,
        paint=paint,
    )


def _ticks(found: Waits) -> list[survival.Tick]:
    known = {round(one.seconds): one.at_risk for one in found.moments}
    whole = found.within_seconds
    times = [whole * part / found.parts for part in range(found.parts + 1)]
    return [
        survival.Tick(time / whole, figures.lasted(time), known.get(int(time))) for time in times
    ]


def _median(found: Waits) -> tuple[float, str] | None:
    if found.median_seconds is None:
        return None
    said = _("half after {time}", time=figures.lasted(found.median_seconds))
    return found.median_seconds / found.within_seconds, str(said)


def conversion(page: FunnelsPage, *, width: float = WIDE, paint: Paint = PAGE) -> str:
    """The share that comes to the end, by the period in which the chain began."""
    shown = {one.name: one for one in page.periods}
    labels = [one.period for one in page.over_time.periods] if page.over_time else []
    first = labels.index(page.periods[0].name) if page.periods else 0
    points = [_point(label, shown.get(label)) for label in labels[first:]]
    whole = page.last.share_of_first if page.last else None
    words = _("Conversion over time; the table has the figures")
    return _trend(points, whole, words, width, paint)


def together(page: CohortsPage, *, width: float = WIDE, paint: Paint = PAGE) -> str:
    """The share of all cohorts that came so many periods later."""
    points = [
        _share(f"+{one.later}", one.share, one.low, one.high, one.of, True, "")
        if one.share is not None
        else Point(f"+{one.later}", None, note=str(_("not enough customers")))
        for one in page.together
    ]
    return _trend(points, None, _("Who comes again; the table has the figures"), width, paint)


def completion(page: TasksPage, *, width: float = WIDE, paint: Paint = PAGE) -> str:
    """The share of attempts that succeed, by the period in which they began."""
    points = [
        _figure(row.name, row.success.completion, row.success.attempts, row.is_final)
        for row in page.periods
    ]
    whole = page.whole.success.completion.value if page.whole else None
    return _trend(
        points, whole, _("Task success over time; the table has the figures"), width, paint
    )


def adoption(page: AdoptionPage, *, width: float = WIDE, paint: Paint = PAGE) -> str:
    """The share of those who were new in a period that took it up in time."""
    points = [
        _figure(row.cohort.period, row.cohort.share, row.cohort.customers, row.cohort.is_final)
        for row in page.rows
    ]
    together = page.found.together if page.found else None
    whole = together.share.value if together else None
    return _trend(points, whole, _("Adoption over time; the table has the figures"), width, paint)


def _figure(label: str, one: Figure, n: int | None, is_final: bool) -> Point:
    if one.value is None:
        return Point(label, None, note=str(_("not enough customers")))
    note = "" if is_final else str(_("more may come"))
    return _share(label, one.value, one.low, one.high, n, is_final, note)


def _point(label: str, one: Group | None) -> Point:
    if one is None:
        return Point(label, None, note=str(_("nobody began")))
    last = one.last
    if last.share_of_first is None:
        return Point(label, None, note=str(_("not enough customers")))
    note = "" if one.is_final else str(_("more may come"))
    n = one.rows[0].step.customers
    return _share(label, last.share_of_first, last.low, last.high, n, one.is_final, note)


def _share(
    label: str,
    share: float,
    low: float | None,
    high: float | None,
    n: int | None,
    is_final: bool,
    note: str,
) -> Point:
    ends = [None if end is None else 100 * end for end in (low, high)]
    return Point(label, 100 * share, ends[0], ends[1], n, is_final, note)


def _trend(
    points: Sequence[Point], whole: float | None, words: Text, width: float, paint: Paint
) -> str:
    line = Line("", tuple(points))
    average = None
    if whole is not None:
        written = figures.figure(100 * whole, "percent")
        average = Reference(str(_("all {value}", value=written)), 100 * whole)
    axis = axis_of([line], "percent", average)
    if axis is None or not points:
        return ""
    return trend(
        [line],
        axis=axis,
        unit="percent",
        words=str(words),
        reference=average,
        width=width,
        height=260 if width > NARROW else 220,
        paint=paint,
    )
