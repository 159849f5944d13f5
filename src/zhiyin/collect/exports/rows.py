"""The rows of an export, as one Arrow table in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from zhiyin.collect.exports.questions import Question, questions_of
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader, Schema
from zhiyin.warehouse.tables import COMMON, DIMENSION_PREFIX, TABLES
from zhiyin.warehouse.where import where

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

What = Literal["answers", "responses", "events", "orders"]
WHATS: tuple[What, ...] = ("answers", "responses", "events", "orders")

SECONDS = 900.0
ANSWERS_A_PART = 500_000

_OF_A_RESPONSE = (
    "survey", "version", "kind", "touchpoint", "channel", "arm", "role", "unit", "about_kind",
    "about_id", "occurred_at", "experienced_at", "weight",
)  # fmt: skip
_OF_THE_FILLING_IN = ("started_at", "last_at", "ended_at", "device", "language", "mode", "flags")


@dataclass(frozen=True, slots=True)
class Rows:
    """What is exported.

    Args:
        table: words and values; times are UTC, naive. For responses, per question its value in
            ``<column>`` and its state's word in ``<column>_state``.
        questions: for responses, what the question columns are.
    """

    table: pa.Table
    questions: tuple[Question, ...] = ()


def read(
    log: Log,
    settings: Settings,
    what: What,
    *,
    condition: Filter | None = None,
    as_of: datetime | None = None,
    scope: Filter | None = None,
) -> Rows:
    """The rows of an export, oldest arrival first.

    Args:
        condition: for responses, those with an answer for which it holds.
    """
    if what == "responses":
        return _responses(log, settings, condition, as_of, scope)
    schema = log.schema(settings.slug)
    table = lang.table(schema, what)
    if condition is not None:
        held = where(condition, table, schema, table_name=what, zone=settings.timezone)
        table = table.filter(held)
    names = [
        column.name for column in (*COMMON, *TABLES[what].columns) if column.name != "customer"
    ]
    dimensions = [DIMENSION_PREFIX + name for name in schema.dimensions.get(what, {})]
    named = _with_customer(table).order_by("seq").select(*names, *dimensions, "customer_id")
    reader = Reader(scope=scope, as_of=as_of)
    found = log.execute(settings.slug, named, reader=reader, words=True, seconds=SECONDS)
    return Rows(_plain_names(found, first=("id", "source", "customer_id")))


def _with_customer(table: lang.Expression) -> lang.Expression:
    """The customer's id in words beside her key; none for a row without a customer."""
    ids = lang.ids()
    names = ids.filter(ids.kind == "customer").group_by("key").aggregate(customer_id=ids.id.min())
    return table.left_join(names, table.customer == names.key)


def _responses(
    log: Log,
    settings: Settings,
    condition: Filter | None,
    as_of: datetime | None,
    scope: Filter | None,
) -> Rows:
    schema = log.schema(settings.slug)
    dimensions = [DIMENSION_PREFIX + name for name in schema.dimensions.get("answers", {})]
    fixed = ("response", "source", "customer_id", *_OF_A_RESPONSE, *_OF_THE_FILLING_IN)
    taken = {*fixed, *schema.dimensions.get("answers", {})}
    questions = questions_of(log, settings.slug, as_of=as_of, taken=frozenset(taken))
    columns = [c for q in questions for c in (q.column, f"{q.column}_state")]
    reader = Reader(scope=scope, as_of=as_of)
    parts = _parts(log, settings.slug, schema, reader)
    tables = []
    for part in range(parts):
        wide = _wide(schema, settings, condition, questions, dimensions, (part, parts))
        query = _with_customer(wide).select("seq", *fixed, *dimensions, *columns)
        tables.append(log.execute(settings.slug, query, reader=reader, words=True, seconds=SECONDS))
    found = pa.concat_tables(tables).sort_by("seq").drop_columns(["seq"])
    states = log.words(settings.slug, "answer_state")
    for question in questions:
        name = f"{question.column}_state"
        words = pa.array([states.get(c) for c in range(max(states, default=-1) + 1)], pa.string())
        place = found.schema.get_field_index(name)
        found = found.set_column(place, name, words.take(found[name].combine_chunks()))
    return Rows(_plain_names(found, first=()), questions)


def _parts(log: Log, workspace: str, schema: Schema, reader: Reader) -> int:
    """Into how many parts the responses are read, a power of two: grouping takes memory."""
    answers = lang.table(schema, "answers")
    counted = log.execute(workspace, answers.aggregate(n=answers.count()), reader=reader)
    return 1 << max(int(counted["n"][0].as_py()) // ANSWERS_A_PART, 0).bit_length()


def _wide(
    schema: Schema,
    settings: Settings,
    condition: Filter | None,
    questions: tuple[Question, ...],
    dimensions: list[str],
    part: tuple[int, int],
) -> lang.Expression:
    """One row a response: its answers side by side, with what was said in words.

    Args:
        part: which of how many parts of the responses.
    """
    bare = lang.table(schema, "answers")
    answers = bare.mutate(response=lang.coalesce(bare.response, bare.id))
    if part[1] > 1:
        answers = answers.filter(answers.response.hash() & (part[1] - 1) == part[0])
    if condition is not None:
        held = where(condition, answers, schema, table_name="answers", zone=settings.timezone)
        wanted = answers.filter(held).select("source", "response").distinct()
        answers = answers.semi_join(wanted, ["source", "response"])
    values = {}
    for question in questions:
        mine = answers.question == question.code
        if question.form != "text":
            value = answers.score if question.form == "score" else answers.choice
            values[question.column] = value.max(where=mine)
        values[f"{question.column}_state"] = answers.answer_state.max(where=mine)
    shared = {name: _shared(answers[name]) for name in (*_OF_A_RESPONSE, *dimensions)}
    keys = {"seq": answers.seq.min(), "customer": answers.customer.min()}
    wide = answers.group_by("source", "response").aggregate(**keys, **shared, **values)
    filled = lang.table(schema, "responses").select("source", "id", *_OF_THE_FILLING_IN)
    joined = wide.left_join(filled, [("source", "source"), ("response", "id")])
    words = [question for question in questions if question.form == "text"]
    if not words:
        return joined
    # Words are laid side by side before they meet the answers: joining each answer with its
    # words would carry every word through the larger grouping.
    said = lang.table(schema, "verbatims")
    texts = said.group_by("source", "id").aggregate(
        **{q.column: said.text.max(where=said.question == q.code) for q in words}
    )
    kept = [*wide.columns, *_OF_THE_FILLING_IN]
    return joined.select(*kept).left_join(texts, [("source", "source"), ("response", "id")])


def _shared(column: lang.Value) -> lang.Value:
    """What all answers of a response have in common; null where they differ."""
    return lang.ifelse(column.min() == column.max(), column.max(), lang.null())


def _plain_names(found: pa.Table, *, first: tuple[str, ...]) -> pa.Table:
    """Dimensions without their prefix, and `first` in front."""
    names = [name.removeprefix(DIMENSION_PREFIX) for name in found.schema.names]
    found = found.rename_columns(names)
    return found.select([*first, *(name for name in names if name not in first)])
