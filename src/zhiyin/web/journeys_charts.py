"""The charts of the pages of journeys."""

from __future__ import annotations

from collections.abc import Sequence

from zhiyin.charts.series import Line, Point, Reference
from zhiyin.charts.trends import axis_of, trend
from zhiyin.journey.shares import Figure
from zhiyin.kernel import figures
from zhiyin.kernel.text import Text, _
from zhiyin.web.adoption_page import Page as AdoptionPage
from zhiyin.web.cohorts_page import Page as CohortsPage
from zhiyin.web.funnels_page import Group
from zhiyin.web.funnels_page import Page as FunnelsPage
from zhiyin.web.tasks_page import Page as TasksPage

NARROW = 358.0


def conversion(page: FunnelsPage, *, width: float) -> str:
    """The share that comes to the end, by the period in which the chain began."""
    shown = {one.name: one for one in page.periods}
    labels = [one.period for one in page.over_time.periods] if page.over_time else []
    first = labels.index(page.periods[0].name) if page.periods else 0
    points = [_point(label, shown.get(label)) for label in labels[first:]]
    whole = page.last.share_of_first if page.last else None
    return _trend(points, whole, _("Conversion over time; the table has the figures"), width)


def together(page: CohortsPage, *, width: float) -> str:
    """The share of all cohorts that came so many periods later."""
    points = [
        _share(f"+{one.later}", one.share, one.low, one.high, one.of, True, "")
        if one.share is not None
        else Point(f"+{one.later}", None, note=str(_("not enough customers")))
        for one in page.together
    ]
    return _trend(points, None, _("Who comes again; the table has the figures"), width)


def completion(page: TasksPage, *, width: float) -> str:
    """The share of attempts that succeed, by the period in which they began."""
    points = [
        _figure(row.name, row.success.completion, row.success.attempts, row.is_final)
        for row in page.periods
    ]
    whole = page.whole.success.completion.value if page.whole else None
    return _trend(points, whole, _("Task success over time; the table has the figures"), width)


def adoption(page: AdoptionPage, *, width: float) -> str:
    """The share of those who were new in a period that took it up in time."""
    points = [
        _figure(row.cohort.period, row.cohort.share, row.cohort.customers, row.cohort.is_final)
        for row in page.rows
    ]
    together = page.found.together if page.found else None
    whole = together.share.value if together else None
    return _trend(points, whole, _("Adoption over time; the table has the figures"), width)


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


def _trend(points: Sequence[Point], whole: float | None, words: Text, width: float) -> str:
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
    )
