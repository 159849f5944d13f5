"""Whether a condition can ever hold: the answers that it names are tried, where they are few.

What is not tried is taken as possible: of a page that is said to be unreachable it is certain.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from zhiyin.collect.surveys.conditions import Column, as_day, by_name, column, shown_ifs
from zhiyin.collect.surveys.definition import MANY, Question, Survey
from zhiyin.kernel.filters import (
    And,
    Compare,
    Filter,
    In,
    Missing,
    Node,
    Not,
    Or,
    Value,
    holds,
    parse,
    walk,
)

MOST = 2_000
"""Sets of answers that are tried for one condition."""

Row = dict[str, Value | None]

_ELSE = "\ufffd"
"""A text that no condition names."""


class Reach:
    """Says of conditions of a survey, all of which can be read, whether they can hold."""

    def __init__(self, survey: Survey) -> None:
        self._questions = by_name(survey)
        self._shown_ifs = shown_ifs(survey)
        self._known: dict[frozenset[str], bool] = {}

    def can_hold(self, conditions: Iterable[str]) -> bool:
        """Whether some answers let all the conditions hold; True where it cannot be told."""
        asked = frozenset(conditions)
        if asked not in self._known:
            self._known[asked] = not asked or self._try(asked)
        return self._known[asked]

    def _try(self, asked: frozenset[str]) -> bool:
        wanted = [read(one) for one in asked]
        # What shows the questions that are named counts too, unless that makes it too much.
        behind = self._behind(wanted)
        for also, is_whole in (([*wanted, *behind], True), (wanted, False)):
            rows = self._rows(also)
            if rows is not None:
                return any(
                    all(holds(one, row) for one in wanted)
                    and (not is_whole or self._is_consistent(row))
                    for row in rows
                )
        return True

    def _behind(self, wanted: list[Filter]) -> list[Filter]:
        found: dict[str, Filter] = {}
        waiting = list(wanted)
        while waiting:
            for name in sorted(_questions_in(waiting.pop())):
                for says in self._shown_ifs.get(name, ()):
                    if says not in found:
                        found[says] = read(says)
                        waiting.append(found[says])
        return list(found.values())

    def _is_consistent(self, row: Row) -> bool:
        """No answer to what is not shown, and one to what is shown and must be answered."""
        answered: dict[str, bool] = {}
        for name, value in row.items():
            first = name.partition(".")[0]
            if first in self._questions:
                answered[first] = answered.get(first, False) or value is not None
        for name, has_answer in answered.items():
            is_shown = all(holds(read(one), row) for one in self._shown_ifs.get(name, ()))
            if has_answer and not is_shown:
                return False
            if is_shown and not has_answer and _must(self._questions[name]):
                return False
        return True

    def _rows(self, conditions: list[Filter]) -> Iterator[Row] | None:
        named: dict[str, list[Node]] = {}
        for condition in conditions:
            for node in walk(condition.root):
                if not isinstance(node, And | Or | Not):
                    named.setdefault(node.column, []).append(node)
        domains: dict[str, tuple[Value | None, ...]] = {}
        for name, nodes in named.items():
            found = column(name, self._questions)
            domain = None if found is None else possible(found, nodes)
            if domain is None:
                return None
            domains[name] = domain
        if math.prod(map(len, domains.values())) > MOST:
            return None
        return (
            dict(zip(domains, row, strict=True)) for row in itertools.product(*domains.values())
        )


def possible(found: Column, nodes: Iterable[Node]) -> tuple[Value | None, ...] | None:
    """Values that stand for all that a column can be, missing too; None where none can.

    Args:
        nodes: the conditions on it: for what they cannot tell apart one value is enough.
    """
    if found.kind == "several":
        return ("", None)
    if found.values:
        return (*found.values, None)
    named = [value for node in nodes for value in _values(node)]
    if found.kind == "text":
        if not all(_is_equality(node) for node in nodes):
            return None
        return (*dict.fromkeys(named), _ELSE, None)
    if found.kind == "date":
        days = [as_day(value) for value in named]
        return None if None in days else (*_around_days([d for d in days if d]), None)
    numbers = [float(value) for value in named if isinstance(value, int | float)]
    return (*_around(numbers, found), None)


@lru_cache(1024)
def read(says: str) -> Filter:
    """A condition that can be read."""
    return parse(says)


def _is_equality(node: Node) -> bool:
    return isinstance(node, In | Missing) or (isinstance(node, Compare) and node.op in ("=", "!="))


def _values(node: Node) -> tuple[Value, ...]:
    if isinstance(node, Compare):
        return (node.value,)
    return node.values if isinstance(node, In) else ()


def _around(numbers: list[float], found: Column) -> tuple[Value, ...]:
    """Each number, and one on both sides of it, within the bounds."""
    low = -math.inf if found.low is None else found.low
    high = math.inf if found.high is None else found.high
    sorted_ = sorted({*numbers, *(end for end in (low, high) if math.isfinite(end))})
    if not sorted_:
        return (0.0,)
    between = [(a + b) / 2 for a, b in itertools.pairwise(sorted_)]
    points = (sorted_[0] - 1, *sorted_, *between, sorted_[-1] + 1)
    return tuple(point for point in points if low <= point <= high)


def _around_days(days: list[date]) -> tuple[Value, ...]:
    if not days:
        return (date(2000, 1, 1),)
    near: set[date] = set()
    for day in days:
        near.add(day)
        if day > date.min:
            near.add(day - timedelta(1))
        if day < date.max:
            near.add(day + timedelta(1))
    return tuple(sorted(near))


def _questions_in(condition: Filter) -> set[str]:
    return {name.partition(".")[0] for name in condition.columns()}


def _must(question: Question) -> bool:
    may_decline = question.has_not_applicable or question.has_dont_know
    # Of these a condition names parts: others may be the ones that are answered.
    has_parts = question.type == "matrix" or question.type in MANY
    return question.is_required and not may_decline and not has_parts
