"""What the log holds of a survey, counted: responses by how they ended, and answers by question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pyarrow as pa

from zhiyin.collect.surveys.definition import CHOSEN, MANY, SCORED, WRITTEN, Type
from zhiyin.kernel.filters import Filter
from zhiyin.measure.metric import NO_CODE
from zhiyin.measure.survey_cells import ANSWERED, Answers, Cell
from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.tables import DIMENSION_PREFIX
from zhiyin.warehouse.where import where

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Outcome = Literal["ended", "dismissed", "left", "open"]
OUTCOMES: tuple[Outcome, ...] = ("ended", "dismissed", "left", "open")
"""Of a response: at the end; *I'd rather not answer*; over without an end; not over."""

UNSEEN = ("hidden", "not_reached")
"""States of a question that she was not shown."""

CODED = ("question", "metric", "kind", "direction", "answer_state")
SAID = (*CODED, "scale_min", "scale_max", "is_weighted")
WHAT = (*SAID, "score", "choice")
"""What an answer is, as far as anything is counted by it."""

LEVELS = (
    ("question", "answer_state"),
    ("question", "is_seen"),
    ("question", "metric", "answer_state", "is_scored"),
    ("question", "answer_state", "choice"),
)
"""By which customers are counted."""

Told = Sequence[Mapping[str, Any]]
"""Rows of a table, in words."""

_SUMS = ("n", "customers", "num", "den", "yy", "den2", "tt", "tn", "nn")


@dataclass(frozen=True, slots=True)
class Filled:
    """The responses.

    Args:
        outcomes: how many of each.
        ended: sums of 1 where a response came to the end and 0 where not; None without responses.
        ended_customers: whose did.
        seconds: from start to end, of those that did.
    """

    outcomes: Mapping[Outcome, int]
    ended: Totals | None
    ended_customers: int
    seconds: Floats


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts one workspace's log under a filter, which is asked of responses and of answers."""

    log: Log
    settings: Settings
    responses: lang.Expression
    given: lang.Expression
    known: dict[str, dict[int, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, log: Log, settings: Settings, filter_: Filter) -> Self:
        """Look up what the filter names.

        Raises:
            Problem: a column that responses or answers do not have.
        """
        schema, zone = log.schema(settings.slug), settings.timezone
        # Codes that stand in the query cost no join with every answer of the workspace.
        words = {
            domain: _in_order(log.words(settings.slug, domain))
            for name in filter_.columns()
            for domain in (name, DIMENSION_PREFIX + name)
        }

        def taken(name: str) -> lang.Expression:
            facts = lang.table(schema, name)
            return facts.filter(
                where(filter_, facts, schema, table_name=name, zone=zone, dictionaries=words)
            )

        return cls(log, settings, taken("responses"), taken("answers"))

    def filled(self) -> Filled:
        """The responses that the filter takes."""
        found = self.responses
        flags = self.log.words(self.settings.slug, "flags").items()
        dismissed = [code for code, word in flags if "dismissed" in word.split()]
        has_ended = found.ended_at.notnull()
        outcome = lang.cases(
            (has_ended, 0),
            (lang.coalesce(found.flags.isin(dismissed), False), 1),
            (found.last_at.notnull(), 2),
            else_=3,
        )
        rows = found.select(
            outcome=outcome.cast("int32"), customer=found.customer, num=_flag(has_ended)
        )
        by, whole = self.log.totals(self.settings.slug, rows, levels=[["outcome"], []])
        counted = {OUTCOMES[row["outcome"]]: row for row in by.to_pylist()}
        times = found.filter(has_ended, found.started_at.notnull())
        query = times.select("started_at", "ended_at")
        lasted = self.log.execute(self.settings.slug, query)
        start, end = (lasted[name].to_numpy() for name in ("started_at", "ended_at"))
        return Filled(
            {one: int(counted[one]["n"]) if one in counted else 0 for one in OUTCOMES},
            _totals(whole.to_pylist()[0]) if whole.num_rows else None,
            int(counted["ended"]["customers"]) if "ended" in counted else 0,
            (end - start) / np.timedelta64(1, "s"),
        )

    def answers(self, types: Mapping[str, Type]) -> dict[str, Answers]:
        """The answers that the filter takes, by series.

        Args:
            types: of the questions, by series.
        """
        rows = self._cells_of(types)
        many = self._codes("question", [one for one, kind in types.items() if kind in MANY])
        if many:
            has_many = lang.coalesce(rows.question.isin(many), False)
            rows = rows.mutate(once=lang.ifelse(has_many, rows.filling, lang.null("string")))
        cells, *levels, products = self.log.products(
            self.settings.slug, rows.drop("filling"), what=WHAT, within="question", levels=LEVELS,
            once=SAID if many else (),
        )  # fmt: skip
        listed, answering, seeing, scoring, choosing = self._in_words(cells, *levels)
        first, second, product = (products[name].to_numpy() for name in products.column_names)
        places: dict[str, list[int]] = {}
        for place, row in enumerate(listed):
            places.setdefault(row["question"], []).append(place)
        found = {}
        for question, own in places.items():
            at = np.full(len(listed), -1)
            at[own] = np.arange(len(own))
            here = at[first] >= 0
            matrix = np.zeros((len(own), len(own)))
            matrix[at[first[here]], at[second[here]]] = product[here]
            found[question] = Answers(
                types.get(question) in MANY,
                [_cell(listed[place]) for place in own],
                matrix,
                answering=_by("answer_state", answering, question).get(ANSWERED, 0),
                seeing=sum(
                    row["customers"]
                    for row in seeing
                    if row["question"] == question and row["is_seen"]
                ),
                scoring=_by("metric", scoring, question, is_scored=True),
                choosing=_by("choice", choosing, question),
            )
        return found

    def latest(self, types: Mapping[str, Type]) -> dict[str, list[Cell]]:
        """Each customer's latest answer with a score to each question, by series.

        Args:
            types: as of `answers`.
        """
        rows = self._cells_of(types, "occurred_at")
        scored = rows.filter(self._is_answered(rows), rows.score.notnull())
        cells, *_levels, _products = self.log.products(
            self.settings.slug,
            scored,
            what=WHAT,
            within="question",
            levels=LEVELS,
            latest="occurred_at",
        )
        found: dict[str, list[Cell]] = {}
        (listed,) = self._in_words(cells)
        for row in listed:
            found.setdefault(row["question"], []).append(_cell(row))
        return found

    def numbers(self, series: Iterable[str]) -> dict[str, dict[float, int]]:
        """How often each number was given to questions for one, by series."""
        codes = self._codes("question", series)
        if not codes:
            return {}
        rows = self.given.filter(
            self._is_answered(self.given),
            self.given.question.isin(codes),
            self.given.score.notnull(),
        )
        query = rows.group_by("question", "score").aggregate(n=rows.count())
        found: dict[str, dict[float, int]] = {}
        for row in self.log.execute(self.settings.slug, query, words=True).to_pylist():
            found.setdefault(row["question"], {})[row["score"]] = row["n"]
        return found

    def _cells_of(self, types: Mapping[str, Type], *more: str) -> lang.Expression:
        """Answers as `WHAT` they are, with `filling`, the filling-in that they are part of."""
        rows = self.given
        is_told = self._is_told(rows.question, types)
        return rows.select(
            "customer", "seq", *more, *CODED, "scale_min", "scale_max",
            is_seen=~rows.answer_state.isin(self._codes("answer_state", UNSEEN)),
            is_weighted=rows.weight.notnull(),
            is_scored=is_told & rows.score.notnull(),
            score=lang.ifelse(is_told, rows.score, lang.null("float64")),
            choice=lang.ifelse(is_told & self._is_answered(rows), rows.choice, lang.null("string")),
            filling=lang.coalesce(rows.response, rows.id),
        )  # fmt: skip

    def _in_words(self, *tables: pa.Table) -> list[list[dict[str, Any]]]:
        """The rows of tables that have just been made, codes as words."""
        # Read anew: a word may have come in since the query was written.
        known = {name: self.log.words(self.settings.slug, name) for name in CODED}
        return [
            [
                {
                    name: known[name].get(value) if name in known else value
                    for name, value in row.items()
                }
                for row in table.to_pylist()
            ]
            for table in tables
        ]

    def _is_told(self, question: lang.Value, types: Mapping[str, Type]) -> lang.Value:
        """Whether a question is for one of a few scores or choices, by the shorter of two lists."""
        told = set(self._of_type(types, SCORED | CHOSEN))
        plain = set(self._of_type(types, WRITTEN | {"statement"}))
        others = set(self._words("question")) - told - plain
        if len(others) < len(told):
            return lang.coalesce(~question.isin(sorted(others)), True)
        return lang.coalesce(question.isin(sorted(told)), False)

    def _of_type(self, types: Mapping[str, Type], wanted: frozenset[Type]) -> list[int]:
        return self._codes("question", [one for one, kind in types.items() if kind in wanted])

    def _is_answered(self, rows: lang.Expression) -> lang.Value:
        return rows.answer_state == self._codes("answer_state", [ANSWERED])[0]

    def _words(self, domain: str) -> dict[int, str]:
        """A dictionary, read once: it comes over a socket, and whole."""
        if domain not in self.known:
            self.known[domain] = self.log.words(self.settings.slug, domain)
        return self.known[domain]

    def _codes(self, domain: str, words: Iterable[str]) -> list[int]:
        known = {word: code for code, word in self._words(domain).items()}
        return [known.get(word, NO_CODE) for word in words]


def _in_order(words: Mapping[int, str]) -> list[str]:
    """Words by their codes; of a code that has none any more, none that a filter can name."""
    return [words.get(code, "") for code in range(max(words, default=-1) + 1)]


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(
        metric=row["metric"] or "", kind=row["kind"], low=row["scale_min"], high=row["scale_max"],
        direction=row["direction"], state=row["answer_state"], is_seen=bool(row["is_seen"]),
        is_weighted=row["is_weighted"], score=row["score"], choice=row["choice"], n=row["n"],
    )  # fmt: skip


def _by(name: str, level: Told, question: str, **values: object) -> dict[str, int]:
    """How many customers there are of each value of a column that has one."""
    return {
        row[name]: row["customers"]
        for row in level
        if row["question"] == question
        and row["answer_state"] == ANSWERED
        and row[name] is not None
        and all(row[other] == value for other, value in values.items())
    }


def _flag(condition: lang.Value) -> lang.Value:
    return lang.ifelse(condition, 1, 0).cast("int16").cast("int8")


def _totals(row: Mapping[str, Any]) -> Totals:
    return Totals(*(float(row[name]) for name in _SUMS))
