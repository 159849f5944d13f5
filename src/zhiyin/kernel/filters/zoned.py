"""Dates of a filter as instants, for engines that compare UTC times."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters.tree import And, Compare, Contains, Filter, In, Node, Not, Or, Value
from zhiyin.kernel.periods import day_start, read_moment, to_utc
from zhiyin.kernel.text import _


def in_zone(filter: Filter, zone: str, times: Collection[str]) -> Filter:
    """The same filter with every date and time of the columns `times` as an instant in UTC.

    A date means the whole day in the zone: ``paid_at <= 2026-01-31`` becomes
    ``paid_at < 2026-01-31T16:00`` in Asia/Shanghai. Afterwards the columns `times` are
    compared with `datetime` alone, so a compiler needs no zone.

    Raises:
        Problem: ``filter.not-a-time`` when a column of `times` is compared with anything else.
    """
    return Filter(_node(filter.root, zone, times), filter.text)


def _node(node: Node, zone: str, times: Collection[str]) -> Node:
    match node:
        case Compare(column, op, value) if column in times:
            return _instants(column, op, value, zone)
        case In(column, values, negated) if column in times:
            parts = tuple(_instants(column, "=", value, zone) for value in values)
            either = parts[0] if len(parts) == 1 else Or(parts)
            return Not(either) if negated else either
        case Contains(column, text, _) if column in times:
            raise _not_a_time(column, text)
        case And(nodes):
            return And(tuple(_node(part, zone, times) for part in nodes))
        case Or(nodes):
            return Or(tuple(_node(part, zone, times) for part in nodes))
        case Not(inner):
            return Not(_node(inner, zone, times))
    return node


def _instants(column: str, op: str, value: Value, zone: str) -> Node:
    moment = read_moment(value) if isinstance(value, str) else value
    if isinstance(moment, datetime):
        return Compare(column, op, to_utc(moment, zone))  # type: ignore[arg-type]
    if not isinstance(moment, date):
        raise _not_a_time(column, value)
    begins = day_start(moment, zone)
    ends = day_start(moment + timedelta(days=1), zone)
    match op:
        case "<":
            return Compare(column, "<", begins)
        case "<=":
            return Compare(column, "<", ends)
        case ">":
            return Compare(column, ">=", ends)
        case ">=":
            return Compare(column, ">=", begins)
    during = And((Compare(column, ">=", begins), Compare(column, "<", ends)))
    return Not(during) if op == "!=" else during


def _not_a_time(column: str, value: object) -> Problem:
    return Problem(
        "filter.not-a-time",
        _(
            "The column {column} holds times and cannot be compared with “{value}”.",
            column=column,
            value=value,
        ),
        _("Write dates as 2026-01-31 and times as 2026-01-31T10:00."),
    )
