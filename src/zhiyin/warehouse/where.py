"""The filter language over a log table: a `Filter` in, an Ibis condition out.

A word is looked for in the dictionary and its code in the column, inside the query itself,
so that a filter can never miss a word that arrived a moment ago. Whoever reads the same filter
with every query (rules for touchpoints and units) may give the dictionaries instead, and pays
no join.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import (
    NUMBER,
    And,
    Compare,
    Contains,
    Filter,
    In,
    Missing,
    Node,
    Not,
    Or,
    in_words,
)
from zhiyin.kernel.filters import Value as Literal
from zhiyin.kernel.periods import day_start, read_moment, to_utc
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.customers import KEY, PLAIN, WINDOWED
from zhiyin.warehouse.customers import column as customer_column
from zhiyin.warehouse.log import Schema
from zhiyin.warehouse.tables import DIMENSION_PREFIX, READ

_NEGATED = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_WORDS = lang.words()
_IDS = lang.ids()

Dictionaries = Mapping[str, Sequence[str]]
"""The words of coded columns; a word's code is its place."""

_COMPARE: dict[str, Callable[[ir.Value, Literal], ir.BooleanValue]] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}


@ibis.udf.scalar.builtin(name="json_extract_string")  # type: ignore[untyped-decorator]
def _json_text(text: str, path: str) -> str:  # type: ignore[empty-body]
    """The text of the value at a path of a JSON text, null where there is none."""


def where(
    filter_: Filter,
    table: ir.Table,
    schema: Schema,
    *,
    table_name: str,
    zone: str = "UTC",
    dictionaries: Dictionaries | None = None,
) -> ir.BooleanValue:
    """The condition that `filter_` puts on rows of `table`.

    Args:
        table: the reading form, from `lang.table`.
        zone: the zone in which the filter's dates are days.
        dictionaries: look words up here instead of in the query.

    Raises:
        Problem: ``filter.no-such-column``, ``filter.wrong-kind``, ``period.no-such-zone``.
    """
    compiler = _Compiler(table, schema, table_name, zone, dictionaries)
    return compiler.node(filter_.root, negated=False)


def where_customers(
    filter_: Filter, table: ir.Table, *, traits: Collection[str], zone: str = "UTC"
) -> ir.BooleanValue:
    """The condition that `filter_` puts on customers.

    Args:
        table: from `lang.customers`, with every column that the filter names.
        traits: the names of traits that there are.
        zone: the zone in which the filter's dates are days.

    Raises:
        Problem: ``filter.no-such-column``, ``filter.wrong-kind``, ``period.no-such-zone``.
    """
    nothing = Schema(0, {})
    compiler = _Customers(table, nothing, "customers", zone, None, frozenset(traits))
    return compiler.node(filter_.root, negated=False)


@dataclass(frozen=True, slots=True)
class _Found:
    """A column that a filter names: its physical name and what it holds.

    Of kind ``property``: the value at `path` of the JSON column `name`.
    """

    name: str
    kind: str
    coded: bool
    path: str = ""


@dataclass(frozen=True, slots=True)
class _Compiler:
    # Negation is pushed down to the leaves, where it says what a missing value means:
    # `!=`, `not in` and `not contains` hold for one, and `not (…)` is the plain complement.
    table: ir.Table
    schema: Schema
    table_name: str
    zone: str
    dictionaries: Dictionaries | None

    def node(self, node: Node, *, negated: bool) -> ir.BooleanValue:
        match node:
            case Not(inner):
                return self.node(inner, negated=not negated)
            case And(nodes) | Or(nodes):
                parts = [self.node(part, negated=negated) for part in nodes]
                both = isinstance(node, And) != negated
                return reduce(lambda a, b: (a & b) if both else (a | b), parts)
            case Compare(name, op, value) if self.find(name).kind == "property":
                held = _property(self.column(self.find(name)), op, value)
                return ~held if negated else held
            case Compare(name, op, value):
                # Only `=` and its negation speak of a missing value; an order does not hold for it,
                # so its complement does.
                if negated:
                    return self.compare(name, _NEGATED[op], value, missing=op != "!=")
                return self.compare(name, op, value, missing=op == "!=")
            case In(name, values, not_in):
                return self.among(name, values, negated=not_in != negated)
            case Contains(name, text, not_contains):
                return self.contains(name, text, negated=not_contains != negated)
            case Missing(name, is_not):
                column = self.column(self.find(name))
                return column.notnull() if is_not != negated else column.isnull()
        msg = f"unknown node {node!r}"
        raise TypeError(msg)

    def column(self, found: _Found) -> ir.Value:
        column = self.table[found.name]
        return _json_text(column, found.path) if found.path else column

    def compare(self, name: str, op: str, value: Literal, *, missing: bool) -> ir.BooleanValue:
        found = self.find(name)
        column = self.column(found)
        if found.name == "customer":
            # An id is a word, also when it is all digits; the log's own key is nobody's business.
            self.only(found, name, op in ("=", "!="), _("= or !="))
            held = column.isin(_IDS.filter(_IDS.id == in_words(value)).key)
            return ~held | column.isnull() if op == "!=" else held
        if found.kind == "text" and not isinstance(value, str):
            value = in_words(value)
        if found.coded:
            positive = "=" if op == "!=" else op
            held = column.isin(self.codes(found, lambda word: _COMPARE[positive](word, value)))
            held = ~held if op == "!=" else held
        elif found.kind == "time":
            held = self.instant(found, name, op, value)
        else:
            held = _COMPARE[op](column, self.fit(found, name, value))
        return held | column.isnull() if missing else held

    def among(self, name: str, values: tuple[Literal, ...], *, negated: bool) -> ir.BooleanValue:
        found = self.find(name)
        column = self.column(found)
        if name == KEY:
            held = column.isin(list(values))
        elif found.kind in ("time", "property"):
            parts = [self.node(Compare(name, "=", value), negated=False) for value in values]
            held = reduce(lambda a, b: a | b, parts)
        elif found.name == "customer":
            held = column.isin(_IDS.filter(_IDS.id.isin([in_words(v) for v in values])).key)
        elif found.coded:
            texts = [in_words(value) for value in values]
            held = column.isin(self.codes(found, lambda word: _among(word, texts)))
        else:
            held = column.isin([self.fit(found, name, value) for value in values])
        return ~held | column.isnull() if negated else held

    def contains(self, name: str, text: str, *, negated: bool) -> ir.BooleanValue:
        found = self.find(name)
        self.only(found, name, found.kind in ("text", "json", "property"), _("a text column"))
        column = self.column(found)
        if found.coded:
            held = column.isin(self.codes(found, lambda word: _contains(word, text)))
        else:
            held = _contains(column, text)
        return ~held | column.isnull() if negated else held

    def codes(self, found: _Found, holds: Callable[[Any], Any]) -> ir.Column | list[int]:
        """The codes of the words for which `holds` is true."""
        if self.dictionaries is not None:
            return [c for c, w in enumerate(self.dictionaries.get(found.name, ())) if holds(w)]
        return _WORDS.filter((_WORDS.domain == found.name) & holds(_WORDS.word)).code

    def instant(self, found: _Found, name: str, op: str, value: Literal) -> ir.BooleanValue:
        """A time column against a day (all of it, in the workspace's zone) or an instant."""
        column = self.table[found.name]
        start, end = self.span(name, value)
        if op == "=":
            return (column >= start) & (column < end)
        if op == "!=":
            return (column < start) | (column >= end)
        edge = end if op in ("<=", ">") else start
        strict = {"<": "<", "<=": "<", ">": ">=", ">=": ">="}[op]
        return _COMPARE[strict](column, cast("Literal", ibis.timestamp(edge.isoformat(sep=" "))))

    def span(self, name: str, value: Literal) -> tuple[datetime, datetime]:
        """The half-open UTC span that a date or time stands for."""
        moment = read_moment(value) if isinstance(value, str) else value
        if isinstance(moment, datetime):
            start = to_utc(moment, self.zone)
            return start, start + timedelta(microseconds=1)
        if isinstance(moment, date):
            following = moment + timedelta(days=1)
            return day_start(moment, self.zone), day_start(following, self.zone)
        raise Problem(
            "filter.wrong-kind",
            _("{column} holds times, and the filter compares it with something else.", column=name),
            _("Write a day as 2026-01-31 or a time as 2026-01-31T10:00."),
        )

    def fit(self, found: _Found, name: str, value: Literal) -> Literal:
        """The value as the column's kind, or a clear refusal."""
        if found.kind in ("text", "json"):
            return in_words(value)
        if found.kind == "bool":
            self.only(found, name, isinstance(value, bool), _("true or false"))
            return value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        self.only(found, name, number, _("a number"))
        return value

    def only(self, found: _Found, name: str, good: bool, wanted: object) -> None:
        if not good:
            raise Problem(
                "filter.wrong-kind",
                _(
                    "{column} of {table} cannot be compared like that.",
                    column=name,
                    table=self.table_name,
                ),
                _("It takes {wanted}.", wanted=wanted),
            )

    def find(self, name: str) -> _Found:
        """The column that a filter's name means: the table's own, else a dimension."""
        own = READ[self.table_name].column(name)
        if own is not None:
            return _Found(own.name, own.kind, own.coded)
        kind = self.schema.dimensions_of(self.table_name).get(name)
        if kind is not None:
            return _Found(DIMENSION_PREFIX + name, kind, kind == "text")
        if (path := self.path(name)) is not None:
            return _Found("properties", "property", coded=False, path=path)
        known = self.schema.columns(self.table_name)
        near = difflib.get_close_matches(name, known, n=1)
        raise Problem(
            "filter.no-such-column",
            _("{table} have no column {column}.", table=self.table_name, column=name),
            _("Did you mean {near}? Columns: {columns}.", near=near[0], columns=", ".join(known))
            if near
            else _("Columns: {columns}.", columns=", ".join(known)),
        )

    def path(self, name: str) -> str | None:
        """Where in the properties ``properties.plan.name`` points, None for another name."""
        first, *steps = name.split(".")
        if first != "properties" or not steps or READ[self.table_name].column(first) is None:
            return None
        # The engine reads a star as "any", whatever stands around it.
        self.only(_Found(name, "property", coded=False), name, "*" not in name, _("a plain name"))
        return "$" + "".join(f".{json.dumps(step, ensure_ascii=False)}" for step in steps)


def _contains(word: Any, text: str) -> Any:
    if isinstance(word, str):
        return text.lower() in word.lower()
    return word.lower().contains(text.lower())


def _among(word: Any, texts: list[str]) -> Any:
    return word in texts if isinstance(word, str) else word.isin(texts)


@dataclass(frozen=True, slots=True)
class _Customers(_Compiler):
    traits: frozenset[str]

    def find(self, name: str) -> _Found:
        """The column of customers that a name means; a trait is compared as a property is."""
        found = customer_column(name)
        if found.form != "trait":
            return _Found(found.name, found.kind, coded=False)
        if found.of in self.traits:
            return _Found(name, "property", coded=False)
        known = [*PLAIN, *(f"{counted}_30d" for counted in WINDOWED), *sorted(self.traits)]
        near = difflib.get_close_matches(name, known, n=1)
        columns = ", ".join(known)
        raise Problem(
            "filter.no-such-column",
            _("{table} have no column {column}.", table=self.table_name, column=name),
            _("Did you mean {near}? Columns: {columns}.", near=near[0], columns=columns)
            if near
            else _("Columns: {columns}.", columns=columns),
        )


def _property(text: ir.Value, op: str, value: Literal) -> ir.BooleanValue:
    """A value without a declared kind: a number beside a number, else its text; never unknown."""
    positive = "=" if op == "!=" else op
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = ibis.ifelse(text.re_search(NUMBER), text.try_cast("float64"), None)
        held = _COMPARE[positive](number, float(value))
    else:
        held = _COMPARE[positive](text, in_words(value))
    held = held.fill_null(False)
    return ~held if op == "!=" else held
