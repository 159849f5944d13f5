"""The one door to Ibis, which is used as a compiler and never connected.

Rooms build queries with what this module offers and hand them to `Log.execute` or
`Log.totals`; the SQL is written once per shape of expression and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import ibis
import ibis.expr.types as ir
from ibis import cases, coalesce, desc, ifelse, literal, null, row_number, timestamp, union

from zhiyin.kernel import wordforms
from zhiyin.kernel.wordforms import Sought
from zhiyin.warehouse import shapes
from zhiyin.warehouse.customers import KEY, Wanted
from zhiyin.warehouse.customers import column as customer_column
from zhiyin.warehouse.tables import COMMON, DIMENSION_PREFIX, READ, Column

if TYPE_CHECKING:
    from zhiyin.kernel.periods import Bucket
    from zhiyin.warehouse.log import Schema

__all__ = [
    "Dialect",
    "Expression",
    "Value",
    "cases",
    "coalesce",
    "column_type",
    "compile_sql",
    "customers",
    "desc",
    "each",
    "given",
    "given_numbers",
    "held",
    "ids",
    "ifelse",
    "latest",
    "literal",
    "null",
    "numbered",
    "period_number",
    "row_number",
    "table",
    "tables_of",
    "timestamp",
    "union",
    "words",
]

Dialect = Literal["duckdb", "clickhouse"]
if TYPE_CHECKING:
    # Ibis ships no types.
    Expression: TypeAlias = Any
    Value: TypeAlias = Any
else:
    Expression = ir.Table
    Value = ir.Value

_TYPES = {
    "int": "int64",
    "float": "float64",
    "text": "string",
    "time": "timestamp(6)",
    "bool": "boolean",
    "json": "string",
    "money": "decimal(18, 4)",
}


def table(
    schema: Schema,
    name: str,
    *,
    has_own_key: bool = False,
    has_likeness: bool = False,
    has_point: bool = False,
) -> Expression:
    """The reading form of a log table, unbound: live rows that the reader may see.

    Coded columns are int32, `customer` is the customer's key after merges, `seq` is the order
    of arrival, and a dimension `state` is the column ``d_state``.

    Args:
        has_own_key: with `own_key`, the key of the id that a row names, before merges.
        has_likeness: clauses with `likeness`, to be asked for with `near`.
        has_point: clauses with their `point`, as it was kept (`Finding`).
    """
    columns = {"seq": "int64", **({"own_key": "int64"} if has_own_key else {})}
    for column in (*COMMON, *READ[name].columns):
        columns[column.name] = column_type(column)
    for dimension, kind in schema.dimensions_of(name).items():
        columns[DIMENSION_PREFIX + dimension] = "int32" if kind == "text" else _TYPES[kind]
    if has_likeness:
        columns["likeness"] = "float64"
    if has_point:
        columns["point"] = "binary"
    return ibis.table(columns, name=name)


def words() -> Expression:
    """The dictionaries: the word behind each code of a coded column (its `domain`)."""
    return ibis.table({"domain": "string", "code": "int32", "word": "string"}, name="words")


def ids() -> Expression:
    """The ids in words: `key` is the customer (after merges), who may have many; `own` the id's."""
    columns = {"key": "int64", "own": "int64", "kind": "string", "id": "string"}
    return ibis.table(columns, name="ids")


def held() -> Expression:
    """The pairs of ids (their own keys) whose link a guard holds back, and which."""
    return ibis.table({"key": "int64", "other": "int64", "guard": "string"}, name="held")


def given(values: Sequence[str], name: str) -> Expression:
    """Texts as a table of one column, to be joined with: however many, the query is written at
    once, which takes a minute for a list of ten thousand. A text never holds `SEPARATOR`."""
    return ibis.literal(SEPARATOR.join(values)).split(SEPARATOR).unnest().name(name).as_table()


def given_numbers(values: Sequence[int], name: str) -> Expression:
    """As `given`, of whole numbers."""
    texts = given([str(value) for value in values], name)
    return texts.mutate(**{name: texts[name].cast("int64")})


SEPARATOR = "\x1f"


def customers(columns: Sequence[str], *, at: datetime, currency: str = "") -> Expression:
    """One row per customer who has an id, with these columns; see `warehouse.customers`.

    Args:
        at: windows end and days count back from this moment (UTC, naive).
        currency: of money.
    """
    columns = [name for name in columns if name not in ("customer", KEY)]
    kinds = {name: _TYPES[customer_column(name).kind] for name in columns}
    wanted = Wanted(tuple(kinds), at, currency)
    return ibis.table({"customer": "int64", **kinds}, name=wanted.name())


def latest(rows: Expression, *, of: str, by: Sequence[str]) -> Expression:
    """Of each `of` the one row that is last by the columns `by`."""
    newest_first = [ibis.desc(rows[name]) for name in by]
    window = ibis.window(group_by=rows[of], order_by=newest_first)
    place = row_number().over(window)
    return rows.mutate(place=place).filter(lambda found: found.place == 0).drop("place")


def each(rows: Expression, name: str, first: Value, last: Value) -> Expression:
    """Each row once for every whole number from `first` to `last`, which is its column `name`."""
    # Ibis drops a row whose list is empty, as SQL does.
    numbers = ibis.range(first.cast("int64"), last.cast("int64") + 1)
    found = rows.mutate(**{name: numbers.unnest()})
    return found.mutate(**{name: found[name].cast("int32")})


def period_number(at: Value, buckets: Sequence[Bucket]) -> Value:
    """Which of the buckets holds `at`, counted from 0: a balanced tree of comparisons.

    The buckets follow one another without gap and `at` is known to lie in one of them. A thousand
    days take ten comparisons a row.
    """

    def tree(low: int, high: int) -> Value:
        if high - low == 1:
            return literal(low)
        middle = (low + high) // 2
        earlier = at < timestamp(buckets[middle].start)
        return ifelse(earlier, tree(low, middle), tree(middle, high))

    return tree(0, len(buckets)).cast("int32")


def numbered(code: Value, numbers: Sequence[int | None]) -> Value:
    """The number that stands at a code's place; null beyond the last, and for a null."""
    return literal(list(numbers), type="array<int16>")[code] if numbers else null("int16")


def stands_in(sought: Sought, text: Value) -> Value:
    """Whether what is sought stands in a text, in any case and form. To make small letters of every
    text first takes four times as long; most words of Chinese have no others."""
    wanted, needed = wordforms.pattern(sought), wordforms.needed(sought)
    if wanted is None:
        return text.contains(sought.words)
    found = text.re_search(wanted)
    if needed is None:
        return found
    is_plain = not needed.startswith("(?i)")
    return (text.contains(needed) if is_plain else text.re_search(needed)) & found


def column_type(column: Column) -> str:
    """How Ibis calls the type of a column as queries see it."""
    return "int32" if column.coded else _TYPES[column.kind]


def compile_sql(query: Expression, dialect: Dialect = "duckdb") -> str:
    """The query as SQL text; written once per expression, or per shape of it (see `shapes`)."""
    if dialect == "duckdb":
        return shapes.sql_of(query.op())
    return str(ibis.to_sql(query, dialect=dialect, pretty=False))


def tables_of(query: Expression) -> frozenset[str]:
    """The names of the log tables that a query reads."""
    return frozenset(table.name for table in query.op().find(ibis.expr.operations.UnboundTable))
