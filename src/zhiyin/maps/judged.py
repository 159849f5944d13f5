"""Journeys that customers have judged as a whole, with what they said and met on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zhiyin.journey.attempts import known_until
from zhiyin.journey.events import EPOCH, SECONDS, Events, microseconds
from zhiyin.journey.instances import Instances, counted, instances
from zhiyin.journey.mapped import MapAsked
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.periods import day_start
from zhiyin.kernel.text import _
from zhiyin.maps.document import Map
from zhiyin.maps.seen import Seen, answers_of
from zhiyin.measure.rows.asked import DETRACTOR_TO
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader, Schema
from zhiyin.warehouse.where import where

if TYPE_CHECKING:
    import pyarrow as pa

    from zhiyin.accounts.workspaces import Settings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

LOWEST = 0.25
"""A step went badly where its score is in so large a part of its scale, at the bad end."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked about the whole journey.

    Args:
        code: of its name in the log.
        low, high: the ends of its scale.
        is_up: whether more is better.
    """

    name: str
    code: int
    low: float
    high: float
    is_up: bool


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Journeys with an answer about the whole, a customer's together and in the order of time.

    Args:
        journeys: the instances.
        final: of each the last answer about the whole, as it was given.
        bad: [journey, touchpoint of the map], whether something went badly there.
        score: of each answer about a step, 0…1, 1 is good; those of a journey in their order.
        journey: of each such answer the place of its journey.
        is_watched: of each journey that reached the goal, whether it is known if the goal came
            again in time.
        again: whether it did.
    """

    question: Question
    journeys: Instances
    final: Floats
    bad: Marks
    score: Floats
    journey: Ints
    is_watched: Marks
    again: Marks


@dataclass(frozen=True, slots=True)
class Looked:
    """Where journeys and answers are looked up.

    Args:
        again_within: so long after its end a journey's customer may come to the goal again.
    """

    log: Log
    settings: Settings
    map: Map
    seen: Seen
    asked: MapAsked
    schema: Schema
    scope: Filter | None
    now: datetime
    again_within: timedelta

    def judged(self) -> Judged | None:
        """The journeys; None where nobody answered about one.

        Raises:
            Problem: ``map.whole-scales``; ``filter.…``; as `segments.read`.
        """
        question = self._question()
        if question is None:
            return None
        finals = self._asked_of(question)
        told = self._in_order(finals, "score")
        whose = np.unique(told["customer"]).astype(np.int32)
        every = instances(self.log, self.settings, self.asked, whose=whose, scope=self.scope)
        pause = microseconds(self.asked.pause)
        place = every.at(told["customer"], told["us"], pause=pause)
        # The last answer of each: they stand in the order of time.
        own, last = np.unique(place[::-1], return_index=True)
        last = len(place) - 1 - last[own >= 0]
        own = own[own >= 0]
        number = np.full(len(every) + 1, -1, np.int64)
        number[own] = np.arange(len(own))
        hers = finals.select("customer").distinct()

        def journeys_of(found: dict[str, Any]) -> Ints:
            return number[every.at(found["customer"], found["us"], pause=pause)]

        bad = np.zeros((len(own), len(self.map.nodes)), np.bool_)
        score, journey = np.zeros(0), np.zeros(0, np.int64)
        steps = self._steps(hers, question)
        if steps is not None:
            found = self._in_order(steps, "good", "is_bad", "node")
            at = journeys_of(found)
            is_in = at >= 0
            score, journey = found["good"][is_in].astype(np.float64), at[is_in]
            is_bad = is_in & found["is_bad"].astype(np.bool_)
            bad[at[is_bad], found["node"][is_bad].astype(np.int64)] = True
        events = self._bad_events(hers)
        if events is not None:
            found = self._in_order(events, "nodes")
            at = journeys_of(found)
            for node in range(bad.shape[1]):
                here = (at >= 0) & (found["nodes"].astype(np.int64) >> node & 1 == 1)
                bad[at[here], node] = True
        journeys = every.of(own)
        is_watched, again = self._again(journeys, hers)
        return Judged(question, journeys, told["score"][last].astype(np.float64), bad, score,
                      journey, is_watched, again)  # fmt: skip

    # Answers

    def _question(self) -> Question | None:
        """The question about the whole: the map's own, else of the kind ``journey`` that which
        most customers answered."""
        rows = self._answers()
        if self.map.whole:
            rows = rows.filter(rows.question == self._code("question", self.map.whole))
        else:
            rows = rows.filter(rows.kind == self._code("kind", "journey"))
        traits = ["question", "scale_min", "scale_max", "direction"]
        found = self._run(
            rows.group_by(traits).aggregate(n=rows.customer.nunique(), rows=rows.count())
        ).to_pylist()
        if not found:
            return None
        names = self.log.words(self.settings.slug, "question")
        most = max(found, key=lambda row: (row["n"], row["rows"], names[row["question"]]))
        same = [row for row in found if row["question"] == most["question"]]
        if len({(row["scale_min"], row["scale_max"], row["direction"]) for row in same}) > 1:
            raise Problem(
                "map.whole-scales",
                _("Answers to {question} are on several scales.",
                  question=names[most["question"]]),
                _("Choose days in which it had one, or name another question in the map."),
            )  # fmt: skip
        return Question(
            names[most["question"]],
            most["question"],
            most["scale_min"],
            most["scale_max"],
            most["direction"] != self._code("direction", "down"),
        )

    def _asked_of(self, question: Question) -> lang.Expression:
        rows = self._answers()
        return rows.filter(rows.question == question.code)

    def _steps(self, hers: lang.Expression, question: Question) -> lang.Expression | None:
        """Answers about steps by the customers who judged a whole: ``good`` 0…1, ``is_bad``, and
        ``node``, the place of the touchpoint that they are about; None where none could be."""
        rules = answers_of(self.map.nodes)
        if not rules:
            return None
        rows = self._answers()
        rows = rows.filter(
            rows.kind == self._code("kind", "touchpoint"), rows.question != question.code
        )
        places = {one.id: place for place, one in enumerate(self.map.nodes)}
        about = [(self._holds(rule, rows, "answers"), places[id_]) for id_, rule in rules]
        part = (rows.score - rows.scale_min) / (rows.scale_max - rows.scale_min)
        is_down = lang.coalesce(rows.direction == self._code("direction", "down"), False)
        rows = rows.mutate(
            good=lang.ifelse(is_down, 1.0 - part, part), node=lang.cases(*about, else_=-1)
        )
        is_nps = lang.coalesce(rows.metric == self._code("metric", "nps"), False)
        rows = rows.mutate(
            is_bad=lang.ifelse(is_nps, rows.score <= DETRACTOR_TO, rows.good <= LOWEST)
        )
        return rows.filter(rows.node >= 0).semi_join(hers, "customer")

    def _answers(self) -> lang.Expression:
        """Answers with a score on a scale in the days looked at, by when it was that they are
        about."""
        answers = lang.table(self.schema, "answers")
        at = lang.coalesce(answers.experienced_at, answers.occurred_at)
        zone = self.settings.timezone
        asked = [
            answers.answer_state == self._code("answer_state", "answered"),
            answers.score.notnull(),
            answers.scale_max > answers.scale_min,
            at >= lang.timestamp(day_start(self.seen.start, zone)),
            at < lang.timestamp(day_start(self.seen.end, zone)),
        ]
        if self.seen.where is not None:
            asked.append(self._holds(self.seen.where, answers, "answers"))
        us = at.delta(lang.timestamp(EPOCH), unit="microsecond")
        return answers.filter(*asked).mutate(us=us)

    # Events

    def _bad_events(self, hers: lang.Expression) -> lang.Expression | None:
        """Events that are a bad experience, of these customers: ``nodes``, a bit for each
        touchpoint at which they are; None where no rule says which."""
        rules = {place: parse(one.bad) for place, one in enumerate(self.map.nodes) if one.bad}
        if not rules:
            return None
        events = Events.of(self.log, self.settings, self.seen.chosen, scope=self.scope)
        rows = events.rows(marks={f"bad{place}": rule for place, rule in rules.items()})
        nodes: Any = lang.literal(0)
        for place in rules:
            nodes = nodes + lang.ifelse(rows[f"bad{place}"], 1 << place, 0)
        rows = rows.mutate(nodes=nodes.cast("int64"))
        return rows.filter(rows.nodes != 0).semi_join(hers, "customer")

    def _again(self, journeys: Instances, hers: lang.Expression) -> tuple[Marks, Marks]:
        """Whether the goal came again in time after each journey that reached it, and whether that
        is known. Events after the days looked at count here."""
        chosen = self.seen.chosen
        open_ended = Events.of(
            self.log,
            self.settings,
            type(chosen)(chosen.where, chosen.start, None, chosen.customers),
            scope=self.scope,
        )
        span = microseconds(self.again_within)
        until = known_until(open_ended, self.now)
        is_watched = journeys.reached & (journeys.end + span <= until)
        codes = [open_ended.names[word] for word in self.asked.goal if word in open_ended.names]
        if not codes or not is_watched.any():
            return is_watched, np.zeros(len(journeys), np.bool_)
        rows = open_ended.rows()
        rows = rows.filter(rows.name.isin(codes)).semi_join(hers, "customer")
        goals = self._in_order(rows)
        whose, times = goals["customer"], goals["us"]
        _first, before = counted(whose, times, journeys.customer, journeys.end)
        _first, in_time = counted(whose, times, journeys.customer, journeys.end + span)
        return is_watched, is_watched & (in_time > before)

    # The log

    def _code(self, domain: str, word: str) -> int:
        words = self.log.words(self.settings.slug, domain)
        return next((code for code, known in words.items() if known == word), -1)

    def _holds(self, rule: Filter, rows: lang.Expression, table: str) -> lang.Value:
        zone = self.settings.timezone
        return lang.coalesce(where(rule, rows, self.schema, table_name=table, zone=zone), False)

    def _in_order(self, rows: lang.Expression, *columns: str) -> dict[str, Any]:
        """Columns as arrays, with ``customer`` and ``us``, in the order of these; what came first
        is first."""
        table = self._run(
            rows.order_by(["customer", "us", "seq"]).select("customer", "us", *columns)
        )
        return {name: table[name].to_numpy() for name in table.column_names}

    def _run(self, query: lang.Expression) -> pa.Table:
        return self.log.execute(
            self.settings.slug, query, reader=Reader(self.scope), seconds=SECONDS
        )
