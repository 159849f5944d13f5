"""What the log holds of a survey, counted: responses by how they ended, and answers by question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from zhiyin.kernel.filters import Filter
from zhiyin.measure.metric import NO_CODE
from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.where import where

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Outcome = Literal["ended", "dismissed", "left", "open"]
OUTCOMES: tuple[Outcome, ...] = ("ended", "dismissed", "left", "open")
"""Of a response: at the end; *I'd rather not answer*; over without an end; not over."""

UNSEEN = ("hidden", "not_reached")
"""States of a question that she was not shown."""

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
class Chosen:
    """One choice of one question.

    Args:
        share: sums of 1 where an answer has it and 0 where not.
        place: sums of its places where the question is a ranking; None where it is not.
    """

    share: Totals
    place: Totals | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The answers; everything by series.

    Args:
        states: how many answers are in each state; one of several choices is one.
        customers: whose answers are answered.
        left: sums of 1 where she left on the question's page and 0 where she went on, of those
            who were shown it.
        points: how often each score was given.
        chosen: by choice.
    """

    states: Mapping[str, Mapping[str, int]]
    customers: Mapping[str, int]
    left: Mapping[str, Totals]
    points: Mapping[str, Mapping[float, int]]
    chosen: Mapping[str, Mapping[str, Chosen]]


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts one workspace's log under a filter, which is asked of responses and of answers."""

    log: Log
    settings: Settings
    responses: lang.Expression
    answers: lang.Expression

    @classmethod
    def of(cls, log: Log, settings: Settings, filter_: Filter) -> Self:
        """Look up what the filter names.

        Raises:
            Problem: a column that responses or answers do not have.
        """
        schema, zone = log.schema(settings.slug), settings.timezone

        def taken(name: str) -> lang.Expression:
            facts = lang.table(schema, name)
            return facts.filter(where(filter_, facts, schema, table_name=name, zone=zone))

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

    def counts(
        self, *, choosing: Iterable[str], several: Iterable[str], ranking: Iterable[str]
    ) -> Counts:
        """The answers that the filter takes.

        Args:
            choosing: the series whose answers are choices.
            several: those of them whose answers may be several, with a row each.
            ranking: those of these whose choices have places.
        """
        many = self._codes("question", several)
        filling = lang.coalesce(self.answers.response, self.answers.id)
        rows = self.answers.mutate(filling=filling)
        answered = rows.filter(rows.answer_state == self._codes("answer_state", ["answered"])[0])
        once = _once(rows, many, "answer_state")
        states, customers = self._states(once)
        return Counts(
            states,
            customers,
            self._left(once),
            self._points(answered),
            self._chosen(answered, list(choosing), many, frozenset(ranking)),
        )

    def _states(self, once: lang.Expression) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
        once = once.mutate(num=lang.literal(1).cast("int8"))
        levels = [["question", "answer_state"]]
        (table,) = self.log.totals(self.settings.slug, once, levels=levels)
        names, known = self._words("question"), self._words("answer_state")
        states: dict[str, dict[str, int]] = {}
        customers: dict[str, int] = {}
        for row in table.to_pylist():
            question, state = names[row["question"]], known[row["answer_state"]]
            states.setdefault(question, {})[state] = int(row["n"])
            if state == "answered":
                customers[question] = int(row["customers"])
        return states, customers

    def _left(self, once: lang.Expression) -> dict[str, Totals]:
        seen = once.filter(~once.answer_state.isin(self._codes("answer_state", UNSEEN)))
        left = _flag(seen.answer_state == self._codes("answer_state", ["shown"])[0])
        query = seen.select("question", "customer", num=left)
        (table,) = self.log.totals(self.settings.slug, query, levels=[["question"]])
        names = self._words("question")
        return {names[row["question"]]: _totals(row) for row in table.to_pylist()}

    def _points(self, answered: lang.Expression) -> dict[str, dict[float, int]]:
        scored = answered.filter(answered.score.notnull())
        query = scored.group_by("question", "score").aggregate(n=scored.count())
        found: dict[str, dict[float, int]] = {}
        for row in self.log.execute(self.settings.slug, query, words=True).to_pylist():
            found.setdefault(row["question"], {})[row["score"]] = row["n"]
        return found

    def _chosen(
        self,
        answered: lang.Expression,
        choosing: list[str],
        many: list[int],
        ranking: frozenset[str],
    ) -> dict[str, dict[str, Chosen]]:
        """Sums over customers: what each of them chose, beside how often she answered."""
        asked = answered.filter(answered.question.isin(self._codes("question", choosing)))
        once = _once(asked, many)
        each = once.group_by("question", "customer").aggregate(answers=once.count())
        wholes = each.group_by("question").aggregate(
            n=each.answers.sum(), customers=each.count(), nn=(each.answers * each.answers).sum()
        )
        of = {
            row["question"]: row
            for row in self.log.execute(self.settings.slug, wholes, words=True).to_pylist()
        }
        made = asked.filter(asked.choice.notnull())
        hers = made.group_by("question", "choice", "customer").aggregate(
            times=made.count(), places=made.score.sum(), squares=(made.score * made.score).sum()
        )
        both = hers.join(each, ["question", "customer"])
        query = both.group_by("question", "choice").aggregate(
            times=both.times.sum(), customers=both.count(), tt=(both.times * both.times).sum(),
            tn=(both.times * both.answers).sum(), places=both.places.sum(),
            squares=both.squares.sum(), pp=(both.places * both.places).sum(),
            pt=(both.places * both.times).sum(),
        )  # fmt: skip
        found: dict[str, dict[str, Chosen]] = {}
        for row in self.log.execute(self.settings.slug, query, words=True).to_pylist():
            question = row["question"]
            place = _places(row) if question in ranking else None
            chosen = Chosen(_share(row, of[question]), place)
            found.setdefault(question, {})[row["choice"]] = chosen
        return found

    def _words(self, domain: str) -> dict[int, str]:
        return self.log.words(self.settings.slug, domain)

    def _codes(self, domain: str, words: Iterable[str]) -> list[int]:
        known = {word: code for code, word in self._words(domain).items()}
        return [known.get(word, NO_CODE) for word in words]


def _once(rows: lang.Expression, many: Iterable[int], *more: str) -> lang.Expression:
    """Each answer once: to the questions `many` there is a row for each of several choices."""
    columns = ("question", "customer", *more)
    has_many = lang.coalesce(rows.question.isin(list(many)), False)
    several = rows.filter(has_many).select(*columns, "filling").distinct()
    return lang.union(rows.filter(~has_many).select(*columns), several.select(*columns))


def _flag(condition: lang.Value) -> lang.Value:
    return lang.ifelse(condition, 1, 0).cast("int16").cast("int8")


def _totals(row: Mapping[str, Any]) -> Totals:
    return Totals(*(float(row[name]) for name in _SUMS))


def _share(row: Mapping[str, Any], of: Mapping[str, Any]) -> Totals:
    """Answers with a choice among all: a choice is made at most once in an answer."""
    times, n = float(row["times"]), float(of["n"])
    return Totals(
        n=n, customers=float(of["customers"]), num=times, den=n, yy=times, den2=n,
        tt=float(row["tt"]), tn=float(row["tn"]), nn=float(of["nn"]),
    )  # fmt: skip


def _places(row: Mapping[str, Any]) -> Totals:
    """The places that a choice was given, of those who gave it one."""
    times = float(row["times"])
    return Totals(
        n=times, customers=float(row["customers"]), num=float(row["places"]), den=times,
        yy=float(row["squares"]), den2=times, tt=float(row["pp"]), tn=float(row["pt"]),
        nn=float(row["tt"]),
    )  # fmt: skip
