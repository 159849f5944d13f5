"""What a filter means, on one row in Python: the reference for every compiler of filters."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from zhiyin.kernel.filters.tree import And, Compare, Contains, Filter, In, Missing, Node, Or, Value
from zhiyin.kernel.periods import local_day, read_moment, to_utc

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(filter: Filter, row: Mapping[str, object], *, zone: str = "UTC") -> bool:
    """Whether the row passes.

    Args:
        filter: what must hold.
        row: values by column; one that is absent or None is missing. Datetimes are naive UTC.
        zone: where the dates and times that the filter names are read.

    A text compared with a number, a truth or a date is compared with its digits or words, as
    `in_words` writes them. Else a value of another kind than the one it is compared with is
    unequal and in no order. A time compared with a date is compared by its day in the zone.

    ``properties.plan`` is the value called ``plan`` of the mapping `properties`, and each further
    dot goes one deeper. Such a value has no declared kind: it is its text (a list or mapping its
    JSON), and compared with a number it is a number where the text is one.
    """
    return _holds(filter.root, row, zone)


def _holds(node: Node, row: Mapping[str, object], zone: str) -> bool:
    match node:
        case Compare(column, op, value):
            return _compare(_value(row, column), op, value, zone)
        case In(column, values, negated):
            return any(_equal(_value(row, column), value, zone) for value in values) != negated
        case Contains(column, text, negated):
            held = _value(row, column)
            return (isinstance(held, str) and text.lower() in held.lower()) != negated
        case Missing(column, negated):
            return (_value(row, column) is None) != negated
        case And(nodes):
            return all(_holds(part, row, zone) for part in nodes)
        case Or(nodes):
            return any(_holds(part, row, zone) for part in nodes)
    return not _holds(node.node, row, zone)


class _Property(str):
    """The text of a value without a declared kind."""

    __slots__ = ()


NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
"""A property's text that is a number when it is compared with one."""


def _value(row: Mapping[str, object], column: str) -> object:
    if column in row or "." not in column:
        return row.get(column)
    first, *steps = column.split(".")
    held = row.get(first)
    for step in steps:
        held = held.get(step) if isinstance(held, Mapping) else None
    if held is None or isinstance(held, str):
        return None if held is None else _Property(held)
    return _Property(json.dumps(held, ensure_ascii=False, separators=(",", ":")))


def _compare(held: object, op: str, value: Value, zone: str) -> bool:
    if op == "=":
        return _equal(held, value, zone)
    if op == "!=":
        return not _equal(held, value, zone)
    pair = _alike(held, value, zone)
    return pair is not None and not isinstance(pair[0], bool) and _ORDER[op](*pair)


def _equal(held: object, value: Value, zone: str) -> bool:
    pair = _alike(held, value, zone)
    return pair is not None and pair[0] == pair[1]


def _alike(held: object, value: Value, zone: str) -> tuple[object, object] | None:
    """Both as one kind that Python compares as the language does; None where they are of two."""
    if held is None:
        return None
    if isinstance(held, _Property) and isinstance(value, int | float | Decimal):
        if isinstance(value, bool):
            return str(held), in_words(value)
        return (float(held), float(value)) if re.search(NUMBER, held) else None
    if isinstance(held, str):
        return held, in_words(value)
    if isinstance(held, datetime):
        return _times(held, value, zone)
    if isinstance(held, date):
        day = read_moment(value) if isinstance(value, str) else value
        same = isinstance(day, date) and not isinstance(day, datetime)
        return (held, day) if same else None
    if isinstance(held, bool) or isinstance(value, bool):
        return (held, value) if isinstance(held, bool) and isinstance(value, bool) else None
    numbers = (int, float, Decimal)
    return (held, value) if isinstance(held, numbers) and isinstance(value, numbers) else None


def _times(held: datetime, value: Value, zone: str) -> tuple[object, object] | None:
    moment = read_moment(value) if isinstance(value, str) else value
    if isinstance(moment, datetime):
        return held, to_utc(moment, zone)
    return (local_day(held, zone), moment) if isinstance(moment, date) else None


def in_words(value: Value) -> str:
    """A value as the text that a column of text would hold: ``7`` for 7.0, ``true``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)
