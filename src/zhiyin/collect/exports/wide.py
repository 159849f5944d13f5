"""Responses, one row each, their answers side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from zhiyin.collect.exports.asked import NOTHING, Asked
from zhiyin.collect.exports.questions import Question, questions_of
from zhiyin.collect.exports.rows import (
    PART,
    Column,
    Field,
    Rows,
    Source,
    Tally,
    dimension_fields,
    in_schema,
    joined,
    matched,
    pc,
    single,
)
from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.tables import DIMENSION_PREFIX, TABLES

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

ANSWERS_A_PART = 700_000
CELLS_A_PART = 4_000_000

_OF_ITS_ANSWERS = (
    "occurred_at", "survey", "version", "kind", "touchpoint", "channel", "arm", "role", "unit",
    "about_kind", "about_id", "experienced_at", "weight",
)  # fmt: skip
"""Said of every answer: a response has it where all its answers agree."""

_OF_THE_FILLING_IN = (
    "invitation", "started_at", "last_at", "ended_at", "device", "language", "mode", "flags"
)  # fmt: skip

_KINDS: dict[str, pa.DataType] = {
    "time": pa.timestamp("us"), "int": pa.int64(), "float": pa.float64(), "text": pa.string(),
}  # fmt: skip

Indices = np.ndarray[Any, np.dtype[np.int64]]


def responses(
    log: Log,
    settings: Settings,
    reader: Reader,
    condition: Filter | None,
    *,
    only_answers: bool = False,
    asked: Mapping[str, Asked] = NOTHING,
    only_asked: bool = False,
) -> Rows:
    """One row a response, oldest arrival first.

    Of several answers to one question the last that arrived stands.

    Args:
        condition: of responses, those with an answer for which it holds; one without any answer
            is judged by itself. Where it names what only a filling-in has (its device), of those.
        only_answers: keep only the answers for which the condition holds, and their responses.
        asked: how surveys ask the questions, so that several choices have a column each.
        only_asked: only these questions, in this order.
    """
    source = Source.of(log, settings, reader)
    dimensions = _dimensions(source)
    fixed = ["response", "source", "customer", *_OF_ITS_ANSWERS, *_OF_THE_FILLING_IN]
    names = [*fixed, *(field.name for field in dimensions)]
    questions = questions_of(
        log, settings.slug, source.reader, taken=names, asked=asked, only_asked=only_asked
    )
    fields = [_field(name) for name in fixed] + dimensions
    for question in questions:
        kind = pa.float64() if question.form == "score" else pa.string()
        columns = [pa.field(option.column, pa.float64()) for option in question.options]
        fields += columns if question.is_several else [pa.field(question.column, kind)]
        if question.words_column:
            fields.append(pa.field(question.words_column, pa.string()))
        fields.append(pa.field(question.state_column, pa.string()))
    tally = Tally()
    reading = _Reading(source, condition, only_answers, questions, pa.schema(fields), tally)
    return Rows(
        reading.schema,
        reading.parts(),
        values={question.column: question for question in questions if not question.is_several},
        states={question.state_column: question for question in questions},
        options={
            option.column: (question, option)
            for question in questions
            for option in question.options
        },
        tally=tally,
    )


def _dimensions(source: Source) -> list[Field]:
    found = {f.name: f for table in ("responses", "answers") for f in
             dimension_fields(source.schema, table)}  # fmt: skip
    return list(found.values())


def _field(name: str) -> Field:
    for table in ("answers", "responses"):
        column = TABLES[table].column(name)
        if column is not None and name not in ("response", "customer"):
            return pa.field(name, pa.string() if column.coded else _KINDS[column.kind])
    return pa.field(name, pa.string())


@dataclass(frozen=True)
class _Reading:
    source: Source
    condition: Filter | None
    only_answers: bool
    questions: tuple[Question, ...]
    schema: pa.Schema
    tally: Tally

    @cached_property
    def all_answers(self) -> lang.Expression:
        bare = lang.table(self.source.schema, "answers")
        return bare.mutate(response=lang.coalesce(bare.response, bare.id))

    @cached_property
    def all_responses(self) -> lang.Expression:
        bare = lang.table(self.source.schema, "responses")
        codes = self.source.log.words(self.source.workspace, "source")
        ours = [code for code, word in codes.items() if word == SOURCE]
        if not ours:
            return bare.mutate(response=bare.id)
        # What the survey page tells of a response is told again, as id:1, id:2.
        told = lang.ifelse(bare.source.isin(ours), bare.id.split(":")[0], bare.id)
        return bare.mutate(response=told)

    @cached_property
    def answers(self) -> lang.Expression:
        if self.only_answers:
            return self.source.narrowed(self.all_answers, "answers", self.condition)
        return self.all_answers

    def names_only_filling_in(self) -> bool:
        """Whether the condition speaks of responses and cannot speak of answers."""
        if self.condition is None or self.only_answers:
            return False
        names, schema = self.condition.columns(), self.source.schema
        own = set(schema.columns("responses"))
        return names <= own and not names <= set(schema.columns("answers"))

    def wanted(self) -> lang.Expression | None:
        """Which responses the condition asks for (source, response); None is all."""
        if self.condition is None:
            return None
        narrowed, keys = self.source.narrowed, ("source", "response")
        if self.names_only_filling_in():
            return narrowed(self.all_responses, "responses", self.condition).select(*keys)
        held = narrowed(self.all_answers, "answers", self.condition).select(*keys).distinct()
        its_own = set(self.source.schema.columns("responses"))
        if self.only_answers or not self.condition.columns() <= its_own:
            return held
        silent = self.all_responses.anti_join(self.all_answers, list(keys))
        return lang.union(
            held, narrowed(silent, "responses", self.condition).select(*keys), distinct=True
        )

    def lists(self) -> Iterator[lang.Expression]:
        """Responses (seq, source, response): those that the log holds, then those that only
        their answers tell of.
        """
        keys = ["source", "response"]
        wanted = self.wanted()
        known = self.all_responses.select("seq", *keys)
        unknown = self.all_answers.anti_join(self.all_responses, keys)
        if wanted is not None:
            known, unknown = known.semi_join(wanted, keys), unknown.semi_join(wanted, keys)
        yield known
        yield unknown.group_by(keys).aggregate(seq=unknown.seq.min())

    def parts(self) -> Iterator[pa.Table]:
        for listed in self.lists():
            keys = self.source.run(listed.select("seq", "source", "response").order_by("seq"))
            size = self.size(keys.num_rows)
            for first in range(0, keys.num_rows, size):
                here = keys.slice(first, size)
                low, high = here["seq"][0].as_py(), here["seq"][-1].as_py()
                yield self.part(listed.filter(listed.seq.between(low, high)), here)

    def size(self, responses: int) -> int:
        """How many responses a part has, so that neither answers nor cells grow too many."""
        answers = self.answers
        counted = self.source.run(answers.aggregate(n=answers.count()))["n"][0].as_py()
        each = max(counted / max(responses, 1), 1.0)
        columns = max(len(self.schema), 1)
        return int(min(PART, max(ANSWERS_A_PART / each, 100), max(CELLS_A_PART // columns, 100)))

    def part(self, listed: lang.Expression, keys: pa.Table) -> pa.Table:
        source, on = self.source, ["source", "response"]
        place_of = joined([keys[name] for name in on])
        mine = self.answers.semi_join(listed, on)
        asked, at = self.placed(mine.select(*self.of_an_answer()), place_of)
        bare = lang.table(source.schema, "verbatims")
        said = bare.mutate(response=lang.coalesce(bare.response, bare.id)).semi_join(listed, on)
        texts, spoken = self.placed(
            said.select("seq", "source", "response", "question", "text"), place_of
        )
        held, filled = self.placed(self.all_responses.semi_join(listed, on), place_of)
        columns = self.shared(asked, at, keys.num_rows)
        for name, column in self.own(held, filled, keys.num_rows).items():
            columns[name] = pc.coalesce(column, columns[name]) if name in columns else column
        named = source.customers(
            lang.union(
                mine.select("customer").distinct(),
                self.all_responses.semi_join(listed, on).select("customer"),
                distinct=True,
            )
        )
        columns["customer"] = matched(columns["customer"], named["key"], named["word"])
        columns |= {"response": single(keys["response"])}
        columns["source"] = self.words("source", single(keys["source"]))
        columns |= self.values(asked, at, texts, spoken, keys.num_rows)
        return in_schema(self.schema, columns)

    def of_an_answer(self) -> list[str]:
        """The columns that are read of every answer."""
        own = sorted(self.source.schema.dimensions.get("answers", {}))
        question = ("question", "metric", "scale_min", "scale_max", "direction")
        value = ("answer_state", "score", "choice")
        dimensions = (DIMENSION_PREFIX + name for name in own)
        return ["seq", "source", "response", "customer", *question, *value, *_OF_ITS_ANSWERS,
                *dimensions]  # fmt: skip

    def placed(self, query: lang.Expression, places: Column) -> tuple[pa.Table, Indices]:
        """The rows of a query, oldest arrival first, and each one's place among the responses."""
        found = self.source.run(query.order_by("seq"))
        place = pc.index_in(joined([found["source"], found["response"]]), places)
        known = pc.is_valid(place)
        rows: Indices = pc.filter(place, known).to_numpy(zero_copy_only=False).astype(np.int64)
        return found.filter(known), rows

    def shared(self, asked: pa.Table, at: Indices, count: int) -> dict[str, Column]:
        """What all answers of a response have in common; null where they differ."""
        own = {DIMENSION_PREFIX + n for n in self.source.schema.dimensions.get("answers", {})}
        names = ["customer", *_OF_ITS_ANSWERS, *sorted(own)]
        coded, dictionaries = {"place": pa.array(at)}, {}
        for name in names:
            column = single(asked[name])
            if pa.types.is_string(column.type) or pa.types.is_floating(column.type):
                encoded = pc.dictionary_encode(column)
                column, dictionaries[name] = encoded.indices, encoded.dictionary
            coded[name] = column
        grouped = (
            pa.table(coded)
            .group_by("place")
            .aggregate([(name, how) for name in names for how in ("min", "max")])
        )
        order = pc.index_in(pa.array(np.arange(count)), single(grouped["place"]))
        found = {}
        for name in names:
            low, high = single(grouped[f"{name}_min"]), single(grouped[f"{name}_max"])
            same = pc.if_else(pc.equal(low, high), low, pa.scalar(None, low.type))
            column = pc.take(same, order)
            if name in dictionaries:
                column = pc.take(dictionaries[name], column)
            found[name] = self.words(name, column) if self.is_coded(name) else column
        return found

    def own(self, held: pa.Table, at: Indices, count: int) -> dict[str, Column]:
        """What the log holds of the response itself."""
        last = np.full(count, -1, dtype=np.int64)
        last[at] = np.arange(len(at))
        order = _taken(last)
        dimensions = self.source.schema.dimensions.get("responses", {})
        names = [
            name for name in (*_OF_ITS_ANSWERS, *_OF_THE_FILLING_IN) if name in held.schema.names
        ]
        found = {}
        for name in ("customer", *names, *(DIMENSION_PREFIX + name for name in dimensions)):
            column = pc.take(single(held[name]), order)
            found[name] = self.words(name, column) if self.is_coded(name) else column
        return found

    def values(
        self, asked: pa.Table, at: Indices, texts: pa.Table, spoken: Indices, count: int
    ) -> dict[str, Column]:
        """Value and state of every question."""
        which = _which(self.questions, asked)
        last = _last_of_each(which, at, len(self.questions), count)
        is_one = np.array([not question.is_several for question in self.questions], np.bool_)
        single_rows = which[which >= 0]
        self.tally.repeated += int(is_one[single_rows].sum()) - int((last[is_one] >= 0).sum())
        states = self.words("answer_state", single(asked["answer_state"]))
        worded = {
            q.code: k for k, q in enumerate(self.questions) if q.form == "text" or q.words_column
        }
        codes: list[Any] = texts["question"].to_pylist()
        of_text = np.array([worded.get(code, -1) for code in codes], dtype=np.int64)
        said = _last_of_each(of_text, spoken, len(self.questions), count)
        found = {}
        for k, question in enumerate(self.questions):
            rows = _taken(last[k])
            state = pc.take(states, rows)
            found[question.state_column] = state
            is_written = question.form == "text" or question.words_column
            written = pc.take(single(texts["text"]), _taken(said[k])) if is_written else None
            if question.words_column:
                found[question.words_column] = _of_answered(written, state)
            if question.is_several:
                found |= _several(question, asked, np.flatnonzero(which == k), at, state)
                continue
            if question.form == "text":
                words = pc.coalesce(written, pc.take(single(asked["choice"]), rows))
                value = _of_answered(words, state)
            else:
                column = "score" if question.form == "score" else "choice"
                value = pc.take(single(asked[column]), rows)
            found[question.column] = value
        return found

    def is_coded(self, name: str) -> bool:
        if name.startswith(DIMENSION_PREFIX):
            plain = name.removeprefix(DIMENSION_PREFIX)
            return any(
                table.get(plain) == "text" for table in self.source.schema.dimensions.values()
            )
        column = TABLES["answers"].column(name) or TABLES["responses"].column(name)
        return column is not None and column.coded

    def words(self, domain: str, codes: Column) -> Column:
        """Codes of the log as the words that they stand for."""
        words = self.source.log.words(self.source.workspace, domain)
        listed = [words.get(code) for code in range(max(words, default=-1) + 1)]
        return pc.take(pa.array(listed, pa.string()), pc.cast(single(codes), pa.int64()))


def _of_answered(words: Column, state: Column) -> Column:
    """Words of an answer that was left out, or taken back later, are not this one's."""
    return pc.if_else(pc.equal(state, "answered"), words, pa.scalar(None, pa.string()))


def _several(
    question: Question, asked: pa.Table, rows: Indices, at: Indices, state: Column
) -> dict[str, Column]:
    """Each option: 1 where it was chosen and 0 where not, or its place; nothing where the question
    was not answered.

    Args:
        rows: the answers to this question, among those that are `asked`, each of the response `at`.
    """
    given = single(asked["choice"]).take(_taken(rows))
    option = pc.fill_null(pc.index_in(given, pa.array(question.choices, pa.string())), -1)
    number: Indices = option.to_numpy().astype(np.int64)
    scores = single(asked["score"]).to_numpy(zero_copy_only=False)[rows]
    value = np.ones(len(rows)) if question.form == "choices" else scores
    is_answered = pc.fill_null(pc.equal(state, "answered"), fill_value=False).to_numpy(
        zero_copy_only=False
    )
    usual = 0.0 if question.form == "choices" else np.nan
    found = np.full((len(question.options), len(state)), usual)
    known = number >= 0
    found[number[known], at[rows[known]]] = value[known]
    return {
        option.column: pa.array(column, mask=~is_answered | np.isnan(column))
        for option, column in zip(question.options, found, strict=True)
    }


def _which(questions: tuple[Question, ...], asked: pa.Table) -> Indices:
    """The place of each answer's question among the questions, -1 where there is none."""
    codes = pc.fill_null(pc.cast(single(asked["question"]), pa.int64()), -1).to_numpy()
    table = np.full(max((q.code for q in questions), default=0) + 2, -1, dtype=np.int64)
    ways: dict[int, list[int]] = {}
    for k, question in enumerate(questions):
        ways.setdefault(question.code, []).append(k)
        table[question.code] = k
    codes = np.where((codes < 0) | (codes >= len(table)), len(table) - 1, codes)
    which = table[codes]
    several = [code for code, places in ways.items() if len(places) > 1]
    if several:
        rows = np.flatnonzero(np.isin(codes, several))
        part = asked.take(_taken(rows))
        names = ("question", "metric", "scale_min", "scale_max", "direction")
        by_asking = {
            (question.code, *asking): k
            for k, question in enumerate(questions)
            for asking in question.askings
        }
        askings = zip(*(part[name].to_pylist() for name in names), strict=True)
        which[rows] = [by_asking.get(asking, -1) for asking in askings]
    return which


def _last_of_each(which: Indices, at: Indices, questions: int, count: int) -> Indices:
    """By question and response the row that arrived last, -1 where there is none."""
    last = np.full((questions, count), -1, dtype=np.int64)
    known = np.flatnonzero(which >= 0)
    # Where an index comes twice NumPy keeps the last, and the rows are in order of arrival.
    last[which[known], at[known]] = known
    return last


def _taken(rows: Indices) -> Column:
    return pa.array(rows, mask=rows < 0)
