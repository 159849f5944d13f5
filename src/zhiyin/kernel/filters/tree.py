"""What a filter says, as a tree of conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, overload

Value = str | int | float | bool | date | datetime
Operator = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """``score >= 9``. False for a missing value, except ``!=``, which is true.

    A date or date-time without quotes is a `date` or `datetime` (naive, in the reader's zone);
    one in quotes is a `str` that whoever knows the column's type reads as a time.
    """

    column: str
    op: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """``state in ('SP', 'RJ')``. A missing value is in no list."""

    column: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """``why contains 'late'``: the text occurs in the column, upper and lower case being equal."""

    column: str
    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """``delivered_at is missing``."""

    column: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more conditions."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more conditions."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The plain complement: true exactly where the condition is not."""

    node: Node


Node = Compare | In | Contains | Missing | And | Or | Not


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A filter: what it says, and the text it was written as.

    Two filters are equal when they say the same, however they were written. (Nodes compare
    as Python does, for which ``a = 1`` and ``a = true`` are one: keep filters, not nodes,
    as keys.)
    """

    root: Node
    text: str

    def columns(self) -> frozenset[str]:
        """Every column that the filter names."""
        return frozenset(
            node.column for node in walk(self.root) if not isinstance(node, And | Or | Not)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and self._canonical() == other._canonical()

    def __hash__(self) -> int:
        return hash(self._canonical())

    def __str__(self) -> str:
        return self.text

    def _canonical(self) -> str:
        from zhiyin.kernel.filters.writing import render

        return render(self)


def walk(node: Node) -> Iterator[Node]:
    """The node and all under it, parents first."""
    yield node
    if isinstance(node, And | Or):
        for part in node.nodes:
            yield from walk(part)
    elif isinstance(node, Not):
        yield from walk(node.node)


@overload
def both(a: Filter, b: Filter | None) -> Filter: ...
@overload
def both(a: Filter | None, b: Filter | None) -> Filter | None: ...
def both(a: Filter | None, b: Filter | None) -> Filter | None:
    """What holds where both hold; None lets everything through."""
    if a is None or b is None:
        return a or b
    from zhiyin.kernel.filters.writing import write_node

    root = And((a.root, b.root))
    return Filter(root, write_node(root))
