"""The charts of the page *Scores*: what each shows, for the page and for files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts import dots as dot_plot
from zhiyin.charts.axis import Axis, tick_words
from zhiyin.charts.markup import PAGE, Paint
from zhiyin.charts.series import Line, Mark, Point, Reference
from zhiyin.charts.strings import Estimate
from zhiyin.charts.trends import axis_of, small, trend
from zhiyin.kernel import figures
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _
from zhiyin.measure.scores import Score, Scores
from zhiyin.measure.words import FLAGS, NOT_SHOWN
from zhiyin.web.calendar_page import drawn
from zhiyin.web.scores_page import MOST_LINES, Page, Row

WIDE, NARROW = 860.0, 358.0
MOST_MULTIPLES = 36

_OPEN = frozenset({"unfinished", "preliminary"})


@dataclass(frozen=True, slots=True)
class Multiple:
    """One small multiple: its name, its first and last figure, and its picture."""

    name: str
    first: str
    last: str
    picture: str


@dataclass(frozen=True, slots=True)
class Multiples:
    """Small multiples on one scale.

    Args:
        scale: from where to where it goes.
        left_out: how many groups have none.
    """

    each: tuple[Multiple, ...]
    scale: str
    left_out: int


def words_of(page: Page) -> str:
    """What a chart of the page says to those who do not see it."""
    label = str(page.metric.label)
    if page.is_series and not page.by_label:
        said: Text = _("{metric} over time; the table has the figures", metric=label)
    elif page.is_series:
        said = _(
            "{metric} over time by {column}; the table has the figures",
            metric=label,
            column=page.by_label,
        )
    else:
        said = _(
            "{metric} by {column}: values with their intervals; the table has the figures",
            metric=label,
            column=page.by_label,
        )
    return str(said)


def picture(page: Page, settings: Settings, *, width: float = WIDE, paint: Paint = PAGE) -> str:
    """The main chart: a trend for a series, dots for groups; blank where there is nothing."""
    if page.is_series:
        return _trend(page, settings, width, paint)
    return _dots(page, paint)


def multiples(page: Page) -> Multiples | None:
    """A small chart for each group of a series that has more groups than a chart has lines."""
    found = page.scores
    if found is None or not page.is_series or not page.by_label:
        return None
    lines = _lines(page, found)
    axis = axis_of(lines, found.unit)
    if axis is None or len(lines) <= MOST_LINES:
        return None
    shown = [line for line in lines if any(p.value is not None for p in line.points)]
    each = tuple(_multiple(line, axis, found.unit) for line in shown[:MOST_MULTIPLES])
    scale = f"{_end(axis.low, found.unit)} – {_end(axis.high, found.unit)}"
    return Multiples(each, scale, max(len(shown) - MOST_MULTIPLES, 0))


def estimate(row: Row) -> Estimate:
    """A row as a string shows it."""
    score = row.score
    was = row.comparison.reference_value if row.comparison else None
    return Estimate(score.value, score.low, score.high, was, row.tone)


def change_words(row: Row, unit: str) -> str:
    """The difference in characters: a triangle where it is more than chance, else ≈."""
    compared = row.comparison
    if compared is None or compared.difference is None:
        return figures.MISSING
    written = figures.figure(compared.difference, unit, signed=True)
    if not compared.marked:
        return f"≈ {written}"
    return f"{'▲' if compared.difference > 0 else '▼'} {written}"


def point(label: str, score: Score | None) -> Point:
    """A period of a line, also one of which nothing is known: there it breaks."""
    if score is None:
        return Point(label, None, note=str(_("no answers")))
    if score.value is None:
        return Point(label, None, note=str(NOT_SHOWN[score.state]))
    flags = [str(FLAGS[flag]) for flag in score.flags if flag in FLAGS]
    is_final = _OPEN.isdisjoint(score.flags)
    return Point(label, score.value, score.low, score.high, score.n, is_final, ", ".join(flags))


# Dots


def _dots(page: Page, paint: Paint) -> str:
    axis, found = page.axis, page.scores
    if axis is None or found is None or not page.rows or not page.by_label:
        return ""
    total = found.total.value
    average = None
    if total is not None and not page.is_own_past:
        average = Reference(str(_("all {value}", value=figures.figure(total, found.unit))), total)
    rows = [_dot(row, found.unit) for row in page.rows]
    return dot_plot.dots(
        rows, axis=axis, unit=found.unit, words=words_of(page), average=average, paint=paint
    )


def _dot(row: Row, unit: str) -> dot_plot.Row:
    compared = row.comparison
    has_change = compared is not None and compared.difference is not None
    return dot_plot.Row(
        row.name,
        estimate(row),
        change_words(row, unit) if has_change else "",
        "" if row.score.state == "ok" else str(NOT_SHOWN[row.score.state]),
    )


# Lines


def _trend(page: Page, settings: Settings, width: float, paint: Paint) -> str:
    found = page.scores
    if found is None or not found.periods:
        return ""
    lines = _lines(page, found)
    if len(lines) > MOST_LINES:
        return ""
    total, average = found.total.value, None
    if total is not None:
        average = Reference(str(_("all {value}", value=figures.figure(total, found.unit))), total)
    axis = axis_of(lines, found.unit, average)
    if axis is None:
        return ""
    return trend(
        lines,
        axis=axis,
        unit=found.unit,
        words=words_of(page),
        marks=() if page.is_rolling else _marks(page, found, settings),
        reference=average,
        width=width,
        height=280 if width > NARROW else 220,
        paint=paint,
    )


def _lines(page: Page, found: Scores) -> list[Line]:
    """A line a group, each with every period, also those of which nothing is known."""
    by_group: dict[str, dict[str, Score]] = {}
    for row in page.every_row:
        by_group.setdefault(row.name, {})[row.score.period or ""] = row.score
    labels = [period.label for period in found.periods]
    return [
        Line(name, tuple(point(label, rows.get(label)) for label in labels))
        for name, rows in by_group.items()
    ]


def _marks(page: Page, found: Scores, settings: Settings) -> tuple[Mark, ...]:
    """What the calendar says of these periods."""
    zone = settings.timezone
    starts = [local_day(period.start, zone) for period in found.periods]
    return drawn(page.dated, starts, local_day(found.periods[-1].end, zone))


def _multiple(line: Line, axis: Axis, unit: str) -> Multiple:
    shown = [point for point in line.points if point.value is not None]
    drawn = small(line, axis=axis, unit=unit, words=line.name)
    first, last = (figures.figure(point.value, unit) for point in _ends(shown))
    return Multiple(line.name, first, last, drawn)


def _ends(points: Sequence[Point]) -> tuple[Point, Point]:
    return points[0], points[-1]


def _end(value: float, unit: str) -> str:
    return tick_words(float(f"{value:.3g}"), unit)
