"""The page of a competitor audit 竞品体验走查: figures as they are written, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiyin.charts import dots as dot_plot
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import Tone
from zhiyin.charts.strings import Estimate
from zhiyin.kernel.text import Text, _
from zhiyin.maps import audit_sites, audit_steps, audit_words, audits
from zhiyin.maps.audit_sites import MEASURES, Beside, Compared, Figure, Measure, Site
from zhiyin.maps.audit_steps import Cell, Failure, Row
from zhiyin.maps.models import Audit, AuditRun
from zhiyin.stats.task_times import LEAST

WIDE, NARROW = 640.0, 358.0
MOST_ROWS = 80
"""Of the step table; the file has them all."""
MOST_FAILURES = 6
"""In a cell; the runs have them all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A measure on a site, as the table writes it.

    Args:
        difference: to ours; blank where nothing is said.
        verdict: what is said of it.
    """

    site: Site
    figure: Figure
    value: str
    interval: str
    difference: str
    ends: str
    verdict: Text
    tone: Tone


@dataclass(frozen=True, slots=True)
class Group:
    """A measure with its sites, on one scale."""

    measure: Measure
    lines: tuple[Line, ...]
    wide: str
    narrow: str


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong at a touchpoint on a site, in the same words once or more.

    Args:
        first: of its failures.
        proofs: those that have a picture or a link.
    """

    first: Failure
    count: int
    proofs: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell of the step table.

    Args:
        left_out: how many other failures there are.
    """

    cell: Cell
    failed: tuple[Failed, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Told:
    """A run in the list."""

    run: AuditRun
    seconds: float | None
    steps: int
    failures: int


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    Args:
        rows: of the step table, as many as a page shows.
        left_out: how many more there are.
        few: names of sites of which nothing is said beside ours.
    """

    audit: Audit
    compared: Compared
    groups: tuple[Group, ...]
    rows: tuple[tuple[Row, tuple[Shown, ...]], ...]
    left_out: int
    runs: tuple[Told, ...]
    few: tuple[str, ...]
    has_touchpoints: bool

    @property
    def least(self) -> int:
        """Of fewer people nothing is compared."""
        return LEAST


def build(audit: Audit) -> Page:
    """The page of a walkthrough."""
    runs = audits.runs(audit)
    table = audit_sites.compared(audit, runs)
    rows = audit_steps.rows(audit, runs)
    return Page(
        audit=audit,
        compared=table,
        groups=tuple(_group(one, table) for one in MEASURES) if runs else (),
        rows=tuple((row, tuple(map(_shown, row.cells))) for row in rows[:MOST_ROWS]),
        left_out=max(len(rows) - MOST_ROWS, 0),
        runs=tuple(_told(run) for run in runs),
        few=tuple(one.name for one in table.sites if one.people < LEAST),
        has_touchpoints=audit.map is not None,
    )


def _shown(cell: Cell) -> Shown:
    """A cell, its failures by their words: the most frequent first."""
    words: dict[str, list[Failure]] = {}
    for one in cell.failures:
        words.setdefault(" ".join(one.failed.split()).casefold(), []).append(one)
    groups = sorted(words.values(), key=len, reverse=True)
    failed = tuple(
        Failed(some[0], len(some), tuple(one for one in some if one.link or one.has_picture))
        for some in groups[:MOST_FAILURES]
    )
    return Shown(cell, failed, len(groups) - len(failed))


def _told(run: AuditRun) -> Told:
    steps = run.steps.all()
    return Told(run, audits.seconds_of(run), len(steps), sum(bool(one.failed) for one in steps))


def _group(measure: Measure, table: Compared) -> Group:
    lines = tuple(_line(measure, site) for site in table.sites)
    return Group(measure, lines, _picture(measure, lines, WIDE), _picture(measure, lines, NARROW))


def _line(measure: Measure, site: Site) -> Line:
    figure, beside = site.figures[measure.slug], site.beside.get(measure.slug)
    return Line(
        site=site,
        figure=figure,
        value=audit_words.written(figure.value, measure),
        interval=audit_words.interval(figure.low, figure.high, measure),
        difference=audit_words.difference(beside, measure),
        ends=audit_words.ends(beside, measure),
        verdict=audit_words.verdict(beside, measure, figure),
        tone=tone(beside, measure),
    )


def tone(beside: Beside | None, measure: Measure) -> Tone:
    """``good`` and ``bad`` only where the difference is more than chance."""
    if beside is None or not beside.marked:
        return "mid"
    return "good" if beside.is_higher == (measure.better == "up") else "bad"


def _picture(measure: Measure, lines: Sequence[Line], width: float) -> str:
    factor = audit_words.factor(measure)
    unit = audit_words.UNITS[measure.unit]
    told = [_times(one.figure, factor) for one in lines]
    axis = Axis.of([end for one in told for end in (one.value, one.low, one.high)], unit)
    if axis is None:
        return ""
    rows = [
        dot_plot.Row(
            line.site.name,
            Estimate(one.value, one.low, one.high, tone=line.tone),
            line.difference,
            str(_("no run tells it")),
        )
        for line, one in zip(lines, told, strict=True)
    ]
    words = _(
        "{measure} by site: values with their intervals; the table has the figures",
        measure=measure.label,
    )
    return dot_plot.dots(rows, axis=axis, unit=unit, words=str(words), width=width)


def _times(figure: Figure, factor: float) -> Estimate:
    value, low, high = (
        None if end is None else factor * end for end in (figure.value, figure.low, figure.high)
    )
    return Estimate(value, low, high)
