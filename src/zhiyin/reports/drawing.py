"""A figure as a chart: lines over periods, or groups as beads with bars; the table has the figures.

Charts come from `zhiyin.charts`, as those of the pages do.
"""

from __future__ import annotations

from zhiyin.charts import bars, dots, trends
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import Paint, Tone
from zhiyin.charts.series import Line, Point, Reference
from zhiyin.charts.strings import Estimate
from zhiyin.kernel.figures import figure as figure_words
from zhiyin.kernel.text import _
from zhiyin.reports import content, journeys, written
from zhiyin.reports.blocks import FUNNELS, PATHS

MOST_LINES = 5
"""More lines cannot be told apart: the first are drawn, and all are in the table."""

MOST_DOTS = 40
"""More groups are in the table alone, after the first, the worst."""

TONES: dict[content.Tone, Tone] = {"better": "good", "worse": "bad", "": "mid"}


def chart(figure: content.Figure, paint: Paint) -> str:
    """The chart as SVG; blank where there is nothing to draw: no groups, or none with a value."""
    if figure.is_series:
        return _trend(figure, paint)
    if figure.page == FUNNELS and not figure.has_total:
        rows = [_bar(row) for row in figure.rows]
        return bars.steps(rows, words=says(figure), paint=paint)
    if figure.by and figure.rows:
        return _dots(figure, paint)
    return ""


def says(figure: content.Figure) -> str:
    """What the chart shows, for those who do not see it."""
    by = figure.by or str(_("period"))
    return str(
        _("{title} by {by}: values with their intervals; the table has the figures.",
          title=figure.title, by=by)
    )  # fmt: skip


def _bar(row: content.Cell) -> bars.Row:
    shares = [None if one is None else one / 100 for one in (row.value, row.low, row.high)]
    return bars.Row(row.name, journeys.beside(row), *shares)


def _lines(figure: content.Figure) -> list[Line]:
    periods, groups = written.series(figure)
    return [
        Line(name, tuple(_point(p, cell) for p, cell in zip(periods, cells, strict=True)))
        for name, cells in groups.items()
    ]


def _point(period: str, cell: content.Cell | None) -> Point:
    if cell is None:
        return Point(period, None, note=str(_("no answers")))
    note = cell.why or ", ".join(cell.flags)
    return Point(period, cell.value, cell.low, cell.high, cell.n, cell.is_final, note)


def _trend(figure: content.Figure, paint: Paint) -> str:
    drawn = _lines(figure)[:MOST_LINES]
    average = _average(figure)
    axis = trends.axis_of(drawn, figure.unit, average)
    if axis is None:
        return ""
    return trends.trend(
        drawn, axis=axis, unit=figure.unit, words=says(figure), reference=average, paint=paint
    )


def _dots(figure: content.Figure, paint: Paint) -> str:
    rows = figure.rows[:MOST_DOTS]
    values = [end for row in (*rows, figure.total) for end in (row.value, row.low, row.high)]
    axis = Axis.of([*values, *(row.reference for row in rows)], figure.unit)
    if axis is None:
        return ""
    drawn = [
        dots.Row(
            row.name,
            Estimate(row.value, row.low, row.high, row.reference, TONES[row.tone]),
            written.difference(figure, row) if row.difference is not None else "",
            row.why,
        )
        for row in rows
    ]
    return dots.dots(
        drawn, axis=axis, unit=figure.unit, words=says(figure), average=_average(figure),
        most_name=0.6 if figure.page == PATHS else 0.3, paint=paint,
    )  # fmt: skip


def _average(figure: content.Figure) -> Reference | None:
    value = figure.total.value if figure.has_total else None
    return None if value is None else Reference(figure_words(value, figure.unit), value)
