"""What a measure is: one frozen, versioned definition (指标口径)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from zhiyin.kernel.text import Text
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Schema

Unit = Literal["points", "percent", "scale", "count", "money", "seconds"]
Better = Literal["up", "down"]
Per = Literal["answer", "customer"]
Estimator = Literal["nps", "proportion", "mean", "ratio"]

KINDS = ("relationship", "journey", "touchpoint")
"""What an answer is about: the company, one whole journey, one contact."""

NO_CODE = -1
"""Stands for a word that the log has never seen: equal to no stored code."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The range on which a question was asked, and which end is good."""

    low: float
    high: float
    direction: Better = "up"

    def __str__(self) -> str:
        arrow = "↑" if self.direction == "up" else "↓"
        return f"{self.low:g}–{self.high:g} {arrow}"


@dataclass(frozen=True, slots=True)
class Vote:
    """What a score counts for: 1 where it is `up`, −1 where it is `down`, else 0; or itself.

    It is made of scores in the log, and of scores in arrays: by comparing them, and no more.
    """

    up: Any = None
    down: Any = None
    itself: Any = None


Voting = Callable[[Any, Scale | None], Vote]
"""From scores and the scale that they were asked on."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a query builder may know: the tables, the codes of words, the scale asked on.

    Args:
        schema: of the workspace's log.
        code: code of a word of a coded column (``("name", "Order Completed")``), or `NO_CODE`.
        until: what happened after this instant is not known yet (UTC, naive).
        scale: for answers, the one scale of all rows.
        is_weighted: whether answers count by their weight.
    """

    schema: Schema
    code: Callable[[str, str], int]
    until: datetime
    scale: Scale | None = None
    is_weighted: bool = False

    def table(self, name: str) -> lang.Expression:
        """The reading form of a log table."""
        return lang.table(self.schema, name)

    def codes(self, column: str, *words: str) -> list[int]:
        """The codes of `words`, never empty, so that ``isin`` is always valid SQL."""
        return sorted({self.code(column, word) for word in words})


@dataclass(frozen=True, slots=True)
class Metric:
    """One definition. A figure names it by slug and version.

    Args:
        slug: its name in commands, links and tables.
        label: its name for people.
        asks: the question that it answers.
        unit: ``points`` −100…100, ``percent`` 0…100, ``scale`` of the question, ``count``,
            ``money`` in the workspace's currency, ``seconds``.
        better: which way is good; for questions on a scale the scale's direction decides.
        population: whose or what rows.
        numerator: of what.
        denominator: over what.
        window: which instant puts a row into a period.
        definition: the whole of it in one sentence.
        table: the log table whose columns it can be broken down and filtered by.
        estimator: which statistic makes the interval.
        rows: builds, from a `Source`, the rows that count: the columns of `table` and
            ``num``, ``den``, ``yy`` as `Log.totals` takes them, in units of 1 (not per cent).
        factor: what the ratio is multiplied by: 100 for per cent and points.
        scored: for answers, the values of ``answers.metric`` that it takes.
        by_name: more values of ``answers.metric`` that it takes when a question is named.
        of_customer: for measures of a customer rather than of a row (orders a customer): from
            the count of a customer's rows in a cell, the numerator of that customer.
        is_of_two_things: whether rows bring either side of a ratio of unlike things, so that no row
            is an observation and no design effect exists (orders and sessions).
        voting: for measures of scores, what a score counts for; `rows` are made with it.
        version: raised whenever a figure could move.
        since: the release that brought this version.
    """

    slug: str
    label: Text
    asks: Text
    unit: Unit
    better: Better
    population: Text
    numerator: Text
    denominator: Text
    window: Text
    definition: Text
    table: str
    estimator: Estimator
    rows: Callable[[Source], lang.Expression]
    factor: float = 1.0
    scored: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()
    of_customer: Callable[[lang.Value], lang.Value] | None = None
    is_of_two_things: bool = False
    voting: Voting | None = None
    version: int = 1
    since: str = "0.1"

    @property
    def is_asked(self) -> bool:
        """Whether it is read from answers, which have a kind, a question and a scale."""
        return self.table == "answers"

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "metric": self.slug,
            "label": str(self.label),
            "question": str(self.asks),
            "definition": str(self.definition),
            "definition_version": self.version,
            "population": str(self.population),
            "numerator": str(self.numerator),
            "denominator": str(self.denominator),
            "date": str(self.window),
            "unit": self.unit,
            "better": self.better,
        }

    def taken(self, is_named: bool) -> tuple[str, ...]:
        """The values of ``answers.metric`` that it takes; more where a question is named."""
        return self.scored + (self.by_name if is_named else ())
