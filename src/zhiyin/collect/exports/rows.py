"""The rows of an export, part by part, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute

from zhiyin.collect.exports.questions import Option, Question
from zhiyin.kernel import clock
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
PART = 50_000
"""So many rows are held in memory at once."""

_BLOCK = 4096
_JSON = {b"kind": b"json"}

_TYPES: dict[str, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
    "time": pa.timestamp("us"),
    "bool": pa.bool_(),
    "json": pa.string(),
    "money": pa.decimal128(18, 4),
}

Column: TypeAlias = Any
"""An Arrow array; the types of Arrow's functions do not follow what is in it."""

Field: TypeAlias = Any
"""An Arrow field."""

pc: Any = pyarrow.compute


@dataclass(slots=True)
class Tally:
    """What was met on the way and must be said afterwards."""

    rows: int = 0
    repeated: int = 0
    """Answers left out because a later one to the same question is in the same response."""
    cut: int = 0
    """Texts that were longer than the format takes."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is exported; to be read once.

    Args:
        schema: names and types of the columns. Times are UTC, naive; coded columns are words.
        parts: the rows, oldest arrival first.
        values: columns that hold a question's value.
        states: columns that hold the word of a question's state.
        options: columns that hold one of a question's several choices.
    """

    schema: pa.Schema
    parts: Iterable[pa.Table]
    values: Mapping[str, Question] = field(default_factory=dict)
    states: Mapping[str, Question] = field(default_factory=dict)
    options: Mapping[str, tuple[Question, Option]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


def ahead(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The parts, each read while the one before it is written."""
    rest = iter(parts)

    def read() -> pa.Table | None:
        return next(rest, None)

    with ThreadPoolExecutor(1, thread_name_prefix="export") as reader:
        # In the context of whoever writes: its spans, its language.
        coming = reader.submit(copy_context().run, read)
        while (part := coming.result()) is not None:
            coming = reader.submit(copy_context().run, read)
            yield part


def rows_of(columns: Mapping[str, pa.DataType], rows: Sequence[Mapping[str, Any]]) -> Rows:
    """A file of these columns; what a row does not say is empty."""
    schema = pa.schema(list(columns.items()))
    return Rows(schema, [pa.Table.from_pylist(list(rows), schema=schema)])


@dataclass(frozen=True, slots=True)
class Source:
    """Whence an export reads: the log, one workspace, and one moment for all its queries."""

    log: Log
    workspace: str
    zone: str
    schema: Schema
    reader: Reader

    @classmethod
    def of(cls, log: Log, settings: Settings, reader: Reader) -> Source:
        """The log as it is now, or was at `reader.as_of`: what arrives meanwhile stays out."""
        pinned = replace(reader, as_of=reader.as_of or clock.now())
        schema = log.schema(settings.slug)
        return cls(log, settings.slug, settings.timezone, schema, pinned)

    def run(self, query: lang.Expression, *, words: bool = False) -> pa.Table:
        """The rows of a query."""
        return self.log.execute(
            self.workspace, query, reader=self.reader, words=words, seconds=SECONDS
        )

    def narrowed(
        self, table: lang.Expression, name: str, condition: Filter | None
    ) -> lang.Expression:
        """The rows of a table for which the condition holds."""
        if condition is None:
            return table
        held = where(condition, table, self.schema, table_name=name, zone=self.zone)
        return table.filter(held)

    def customers(self, keys: lang.Expression) -> pa.Table:
        """``key`` and ``word``: the customer's id in words, of the `key` in one column of a query.

        One who has several (after a merge) is named by the first, in order; one without is absent.
        """
        ids = lang.ids()
        hers = ids.semi_join(keys.rename(key="customer"), "key")
        named = hers.group_by("key").aggregate(
            best=hers.id.min(where=hers.kind == "customer"), other=hers.id.min()
        )
        return self.run(named.select("key", word=lang.coalesce(named.best, named.other)))


def flat(
    log: Log, settings: Settings, what: What, reader: Reader, condition: Filter | None
) -> Rows:
    """One row a fact of the log."""
    source = Source.of(log, settings, reader)
    bare = lang.table(source.schema, what)
    table = source.narrowed(bare, what, condition)
    schema = _schema(source.schema, what)

    def parts() -> Iterator[pa.Table]:
        for first, last in _spans(source, table):
            part = table.filter(table.seq.between(first, last))
            columns = [c for c in part.columns if c != "seq"]
            found = source.run(part.order_by("seq").select(*columns), words=True)
            names = source.customers(part.select("customer").distinct())
            columns_of = dict(zip(found.schema.names, found.columns, strict=True))
            columns_of["customer"] = matched(found["customer"], names["key"], names["word"])
            if what == "answers":
                columns_of["text"] = _texts(source, part, found)
            yield in_schema(schema, columns_of)

    return Rows(schema, parts())


def _schema(schema: Schema, what: str) -> pa.Schema:
    """Who and what first; what was said in words after the option; dimensions last."""
    fields = []
    for column in (*COMMON, *TABLES[what].columns):
        kind = pa.string() if column.coded or column.name == "customer" else _TYPES[column.kind]
        metadata = _JSON if column.kind == "json" else None
        fields.append(pa.field(column.name, kind, metadata=metadata))
        if what == "answers" and column.name == "choice":
            fields.append(pa.field("text", pa.string()))
    return pa.schema([*fields, *dimension_fields(schema, what)])


def dimension_fields(schema: Schema, what: str) -> list[Field]:
    """The declared dimensions of a table, without their prefix."""
    return [pa.field(n, _TYPES[kind]) for n, kind in schema.dimensions.get(what, {}).items()]


def is_json(field: Field) -> bool:
    """Whether a text column holds JSON."""
    return bool(field.metadata) and field.metadata.get(b"kind") == b"json"


def in_schema(schema: pa.Schema, columns: Mapping[str, Column]) -> pa.Table:
    """Columns of the log (dimensions with their prefix) as a part of an export."""
    arrays = []
    for wanted in schema:
        column = columns.get(wanted.name)
        if column is None:
            column = columns[DIMENSION_PREFIX + wanted.name]
        arrays.append(column if column.type == wanted.type else pc.cast(column, wanted.type))
    return pa.table(arrays, schema=schema)


def matched(given: Column, keys: Column, values: Column) -> Column:
    """For each of `given` the value that stands beside its key; null where there is none."""
    return pc.take(single(values), pc.index_in(single(given), single(keys)))


def single(column: Column) -> Column:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def joined(columns: Sequence[Column]) -> Column:
    """Several columns as one key of text."""
    texts = [pc.fill_null(pc.cast(single(column), pa.string()), "") for column in columns]
    return pc.binary_join_element_wise(*texts, "\x1f")


def _texts(source: Source, part: lang.Expression, found: pa.Table) -> Column:
    """What was said in words, of the answers of a part: the text of the last to arrive."""
    said = lang.table(source.schema, "verbatims")
    words = said.semi_join(part, ["source", "id", "question"]).order_by("seq")
    texts = source.run(words.select("source", "id", "question", "text"), words=True)
    names = ("source", "id", "question")
    last_first = texts.take(pa.array(range(texts.num_rows - 1, -1, -1), pa.int64()))
    keys = joined([last_first[name] for name in names])
    return matched(joined([found[name] for name in names]), keys, last_first["text"])


def _spans(source: Source, table: lang.Expression) -> Iterator[tuple[int, int]]:
    """Ranges of arrival, each with about `PART` rows."""
    blocks = table.group_by(block=table.seq // _BLOCK).aggregate(n=table.count())
    counted = source.run(blocks.order_by("block")).to_pylist()
    first, held = None, 0
    for block in counted:
        if first is not None and held + block["n"] > PART:
            yield first, block["block"] * _BLOCK - 1
            first, held = None, 0
        first = block["block"] * _BLOCK if first is None else first
        held += block["n"]
    if first is not None:
        yield first, (counted[-1]["block"] + 1) * _BLOCK - 1
