"""Queries that differ only in their dates and words are written once.

To write an expression as SQL takes Ibis longer than the engine needs to answer it. A page asks for
the same figure of many periods and groups, so what is kept is the SQL with places for the times and
texts that columns are compared with, under the expression without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.operations as ops

_COMPARING = (ops.Comparison, ops.InValues, ops.StringSplit)
"""Where a literal may change without the rest of the SQL changing."""

_FAR = datetime(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class _Shape:
    """An expression apart from its literals; equal to another that differs in nothing else.

    Args:
        key: its operations, each with what it is made from by number.
        literals: those that have a place, in the order of their places.
    """

    key: tuple[Any, ...]
    operation: ops.Node = field(compare=False)
    literals: tuple[ops.Literal, ...] = field(compare=False)


def sql_of(operation: ops.Node) -> str:
    """An expression as SQL for DuckDB."""
    shape = _shape(operation)
    if not shape.literals:
        return _as_it_is(shape)
    template = _template(shape)
    if template is None:
        return _direct(operation)
    return _filled(template, [_text(one.value) for one in shape.literals])


@lru_cache(maxsize=256)
def _as_it_is(shape: _Shape) -> str:
    """The SQL of an expression in which nothing has a place; kept apart, so that those with many
    different numbers in them push out none that has places."""
    return _direct(shape.operation)


@lru_cache(maxsize=1024)
def _template(shape: _Shape) -> tuple[str | int, ...] | None:
    """The SQL in pieces, a number for each place; None where literals cannot be told from it."""
    fillers: list[Any] = [
        _FAR + timedelta(hours=place) if isinstance(one.value, datetime) else f"‹{place}›"
        for place, one in enumerate(shape.literals)
    ]
    instead = {
        one: ops.Literal(filler, dtype=one.dtype)
        for one, filler in zip(shape.literals, fillers, strict=True)
    }
    pieces: list[str | int] = [_direct(shape.operation.replace(instead))]
    for place, filler in enumerate(fillers):
        pieces = [part for piece in pieces for part in _cut(piece, _text(filler), place)]
    # What was found to be so once is so for every expression of this shape.
    written = _filled(pieces, [_text(one.value) for one in shape.literals])
    return tuple(pieces) if written == _direct(shape.operation) else None


def _cut(piece: str | int, text: str, place: int) -> list[str | int]:
    if isinstance(piece, int):
        return [piece]
    first, *rest = piece.split(text)
    return [first, *(part for one in rest for part in (place, one))]


def _filled(pieces: tuple[str | int, ...] | list[str | int], texts: list[str]) -> str:
    return "".join(piece if isinstance(piece, str) else texts[piece] for piece in pieces)


def _text(value: datetime | str) -> str:
    """A literal as Ibis writes it."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    seconds = value.second + value.microsecond / 1e6
    day = f"{value.year}, {value.month}, {value.day}"
    return f"MAKE_TIMESTAMP({day}, {value.hour}, {value.minute}, {seconds})"


def _direct(operation: ops.Node) -> str:
    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb", pretty=False))


def _shape(operation: ops.Node) -> _Shape:
    numbers: dict[ops.Node, int] = {}
    nodes: list[ops.Node] = []
    fixed: set[ops.Node] = set()

    def visit(node: ops.Node) -> None:
        if node in numbers:
            return
        children = _children(node.args)
        if not isinstance(node, _COMPARING):
            fixed.update(child for child in children if isinstance(child, ops.Literal))
        for child in children:
            visit(child)
        numbers[node] = len(nodes)
        nodes.append(node)

    visit(operation)
    places: dict[ops.Node, int] = {}
    key: list[Any] = []
    for node in nodes:
        if isinstance(node, ops.Literal) and node not in fixed and _may_change(node):
            places[node] = len(places)
            key.append((ops.Literal, node.dtype, places[node]))
        else:
            key.append((type(node), _numbered(node.args, numbers)))
    literals = tuple(node for node in places if isinstance(node, ops.Literal))
    return _Shape(tuple(key), operation, literals)


def _may_change(literal: ops.Literal) -> bool:
    if isinstance(literal.value, datetime):
        return literal.value.tzinfo is None and literal.value < _FAR
    return isinstance(literal.value, str)


def _children(argument: Any) -> list[ops.Node]:
    """The operations that an argument of one is, or holds."""
    if isinstance(argument, ops.Node):
        return [argument]
    if isinstance(argument, tuple):
        return [node for one in argument for node in _children(one)]
    if isinstance(argument, Mapping):
        return [node for one in argument.values() for node in _children(one)]
    return []


def _numbered(argument: Any, numbers: Mapping[ops.Node, int]) -> Any:
    """An argument with the numbers of operations in their place."""
    if isinstance(argument, ops.Node):
        return numbers[argument]
    if isinstance(argument, tuple):
        return tuple(_numbered(one, numbers) for one in argument)
    if isinstance(argument, Mapping):
        return tuple((name, _numbered(one, numbers)) for name, one in argument.items())
    # The same number of another type is written in another way.
    return type(argument), argument
