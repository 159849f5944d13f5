"""What somebody asks for: which measure, of whom, when, broken down how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import GRAINS, Grain
from zhiyin.kernel.text import _
from zhiyin.measure.left_out import LeftOut
from zhiyin.measure.metric import KINDS, Metric, Per
from zhiyin.warehouse.log import Schema
from zhiyin.warehouse.tables import DIMENSION_PREFIX, READ

DateOf = Literal["answer", "experience"]

PART = "part"
"""The column that holds the number of a row's part."""


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """One question to the measures.

    Args:
        metric: slug of the measure.
        by: columns to break down by: coded columns and dimensions of the measure's table.
        every: a series with one figure a day, week, month or quarter.
        start: first local day; None from the first that the log holds.
        end: the day after the last; None up to the last that the log holds.
        where: only rows for which this holds.
        questions: only these questions.
        kind: only answers of this kind.
        per: ``answer`` counts every row, ``customer`` each customer's latest in each cell; by
            default relationship answers count customers, all else rows.
        as_of: what the log knew then (UTC, naive); None is now.
        confidence: of the intervals.
        date_of: whether the answer's or the experience's date puts it into a period.
        weighted: whether answers count by weight; None where the log holds weights.
        frame: how many customers there are in all, where those asked were drawn from so many:
            a large share of them answering makes the interval narrower. Only of a whole figure.
        without: whom or what the figure leaves out.
        parts: groups that rules make, by name, in the place of those of `by`: a row is in the first
            whose rule holds, and is no row of the table where none does.
        whose: a rule over customers: only rows of those of whom it holds.
    """

    metric: str
    by: tuple[str, ...] = ()
    every: Grain | None = None
    start: date | None = None
    end: date | None = None
    where: Filter | None = None
    questions: tuple[str, ...] = ()
    kind: str | None = None
    per: Per | None = None
    as_of: datetime | None = None
    confidence: float = 0.95
    date_of: DateOf = "answer"
    weighted: bool | None = None
    frame: int | None = None
    without: tuple[LeftOut, ...] = ()
    parts: tuple[tuple[str, Filter], ...] = ()
    whose: Filter | None = None


@dataclass(frozen=True, slots=True)
class BreakColumn:
    """A column to break down by.

    Args:
        name: as people write it.
        physical: as queries name it.
        domain: the dictionary of its codes, or None where it holds plain values.
    """

    name: str
    physical: str
    domain: str | None


def checked(request: ScoreRequest, metric: Metric) -> None:
    """Refuse what cannot be asked of this measure.

    Raises:
        Problem: ``score.confidence``, ``score.no-such-kind``, ``score.not-asked``, ``score.every``.
    """
    if not 0 < request.confidence < 1:
        raise Problem(
            "score.confidence",
            _("A confidence of {confidence} is not possible.", confidence=request.confidence),
            _("Give a share between 0 and 1, for instance 0.95."),
        )
    if request.every is not None and request.every not in GRAINS:
        raise Problem(
            "score.every",
            _("There are no periods called {every}.", every=request.every),
            _("Use one of: {known}.", known=", ".join(GRAINS)),
        )
    if request.kind is not None and request.kind not in KINDS:
        raise Problem(
            "score.no-such-kind",
            _("There is no kind called {kind}.", kind=request.kind),
            _("Use one of: {known}.", known=", ".join(KINDS)),
        )
    if not metric.is_asked and (request.questions or request.kind or request.date_of != "answer"):
        raise Problem(
            "score.not-asked",
            _(
                "{metric} is not read from answers: it has no question and no kind.",
                metric=metric.slug,
            ),
            _("Leave out the question, the kind and the date of experience."),
        )
    if request.frame is not None and (request.by or request.every):
        raise Problem(
            "score.frame-of-groups",
            _(
                "A frame of {frame} customers is that of the whole, not of each group.",
                frame=request.frame,
            ),
            _("Leave out the break-down, or narrow to one group with --where."),
        )
    if metric.of_customer is not None and request.per == "answer":
        raise Problem(
            "score.of-customers",
            _(
                "{metric} is a figure of customers; it cannot be counted per answer.",
                metric=metric.slug,
            ),
            _("Leave out the counting."),
        )


def break_columns(request: ScoreRequest, metric: Metric, schema: Schema) -> tuple[BreakColumn, ...]:
    """The columns that the request breaks down by.

    Raises:
        Problem: ``score.no-such-column``, ``score.cannot-break-down``.
    """
    possible = breakable(metric, schema)
    found = [BreakColumn(PART, PART, None)] if request.parts else []
    for name in dict.fromkeys(request.by):
        if name in possible:
            found.append(possible[name])
            continue
        known = ", ".join(possible)
        if name in schema.columns(metric.table):
            raise Problem(
                "score.cannot-break-down",
                _("{column} has too many values to break down by.", column=name),
                _("Use --every for times. Columns to break down by: {known}.", known=known),
            )
        raise Problem(
            "score.no-such-column",
            _("{table} have no column {column}.", table=metric.table, column=name),
            _("Columns to break down by: {known}.", known=known),
        )
    return tuple(found)


def breakable(metric: Metric, schema: Schema) -> dict[str, BreakColumn]:
    """Every column by which the measure can be broken down, by name."""
    return breakable_of(metric.table, schema)


def breakable_of(table_name: str, schema: Schema) -> dict[str, BreakColumn]:
    """Every column by which rows of this table can be broken down, by name."""
    found = {}
    table = READ[table_name]
    for name in schema.columns(table_name):
        own = table.column(name)
        kind = own.kind if own else schema.dimensions_of(table_name)[name]
        physical = name if own else DIMENSION_PREFIX + name
        coded = own.coded if own else kind == "text"
        if coded:
            found[name] = BreakColumn(name, physical, physical)
        elif kind == "bool" or (
            kind in ("int", "float") and name not in ("customer", "score", "weight")
        ):
            found[name] = BreakColumn(name, physical, None)
    return found
