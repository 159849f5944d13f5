"""Conditions of other systems in the one filter language, where they have an equal in it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from zhiyin.collect.surveys.definition import CHOSEN, MANY, SCORED, WRITTEN, Question
from zhiyin.collect.surveys.formats import loose
from zhiyin.collect.surveys.formats.expressions import (
    Binary,
    Call,
    Joined,
    Literal,
    Name,
    NoEqual,
    Tree,
)
from zhiyin.kernel.filters import And, Compare, Contains, In, Missing, Node, Not, Or
from zhiyin.kernel.filters.tree import Operator
from zhiyin.kernel.text import _

Given = str | float | bool
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_TURNED: dict[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS: dict[str, Operator] = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_TICKED = ("y", "yes", "true", "1")
_COUNTS = ("string-length", "count-selected", "count", "strlen")


@dataclass(frozen=True, slots=True)
class Target:
    """What a name in a file's condition stands for.

    Args:
        column: as a condition names it: a question, or a row of a matrix.
        values: the file's value of each choice → ours; None: *does not apply*, blank: *don't know*.
        choice: where one choice of several is meant, its value; blank: the whole question.
    """

    column: str
    question: Question
    values: Mapping[str, str | None] = field(default_factory=dict)
    choice: str = ""


Find = Callable[[str], Target]
"""A target by the file's name.

Raises:
    NoEqual: nothing that can be asked for is called so.
"""


def condition(tree: Tree, find: Find) -> Node:
    """What a condition says, as a filter.

    Raises:
        NoEqual: the filter language cannot say it.
    """
    match tree:
        case Joined(op, parts):
            found = tuple(condition(part, find) for part in parts)
            return And(found) if op == "and" else Or(found)
        case Binary(op, left, right):
            return _compared(op, left, right, find)
        case Call("not", (one,)):
            return negated(condition(one, find))
        case Call("selected", (Name(name), Literal(value))) if not isinstance(value, tuple):
            return equal(find(name), value)
        case Call("empty" | "is_empty" | "isempty", (Name(name),)):
            return _missing(find(name))
        case Name(name):
            return _is_true(find(name))
        case Call(name):
            raise NoEqual(_("It calls {name}.", name=name))
    raise NoEqual(_("It is a value, and no condition."))


def negated(node: Node) -> Node:
    """The plain complement, without a *not* where there is another way to say it."""
    match node:
        case Missing(column, is_negated):
            return Missing(column, not is_negated)
        case In(column, values, is_negated):
            return In(column, values, not is_negated)
        case Contains(column, text, is_negated):
            return Contains(column, text, not is_negated)
        case Compare(column, "=", value):
            return Compare(column, "!=", value)
        case Compare(column, "!=", value):
            return Compare(column, "=", value)
        case Not(inner):
            return inner
    return Not(node)


def all_of(nodes: list[Node]) -> Node:
    """One condition of several that must hold together."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, And) else (node,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(nodes: list[Node]) -> Node:
    """One condition of several of which one must hold."""
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _compared(op: str, left: Tree, right: Tree, find: Find) -> Node:
    match left, right:
        case Literal(), Name():
            return _compared(_TURNED.get(op, op), right, left, find)
        case Call(name, (Name(asked),)), Literal(bool() | float() | str() as value) if (
            name in _COUNTS
        ):
            return _counted(name, find(asked), op, value)
        case Call("is_empty" | "isempty", _given), Literal(bool() as value):
            node = condition(left, find)
            return node if value == (op == "=") else negated(node)
        case Name(name), Literal(value):
            return _with_value(op, find(name), value)
        case Literal(a), Literal(b):
            raise NoEqual(_("It compares {a} with {b}, and no answer.", a=str(a), b=str(b)))
    raise NoEqual(_("It compares answers with each other, or calculates with them."))


def _counted(name: str, target: Target, op: str, value: Given) -> Node:
    """Of what was typed or chosen only whether there is any can be asked."""
    found = loose.number(value)
    if (op, found) in ((">", 0.0), (">=", 1.0), ("!=", 0.0)):
        return negated(_missing(target))
    if (op, found) in (("=", 0.0), ("<", 1.0), ("<=", 0.0)):
        return _missing(target)
    raise NoEqual(_("It calls {name}.", name=name))


def _with_value(op: str, target: Target, value: Given | tuple[Given, ...]) -> Node:
    several = value if isinstance(value, tuple) else (value,)
    if not several or (len(several) > 1 and op in _SIGNS):
        raise NoEqual(_("It compares a list."))
    match op:
        case "=" | "!=":
            found = equal(target, several[0])
        case "anyof" | "noneof":
            found = _one_of(target, several)
        case "allof":
            found = all_of([equal(target, one) for one in several])
        case "contains" | "notcontains":
            found = all_of([_contains(target, one) for one in several])
        case _:
            return ordered(target, op, several[0])
    return negated(found) if op in ("!=", "noneof", "notcontains") else found


def _one_of(target: Target, several: tuple[Given, ...]) -> Node:
    found = [equal(target, one) for one in several]
    plain = [one for one in found if isinstance(one, Compare) and one.op == "="]
    if len(plain) == len(found) > 1 and len({one.column for one in plain}) == 1:
        return In(plain[0].column, tuple(one.value for one in plain))
    return any_of(found)


def _is_true(target: Target) -> Node:
    if target.choice or target.question.type == "consent" or "true" in target.values:
        return equal(target, True)
    return negated(_missing(target))


def _missing(target: Target) -> Node:
    if target.choice:
        return Compare(f"{target.column}.{target.choice}", "!=", True)
    return Missing(target.column)


def equal(target: Target, value: Given) -> Node:
    """An answer is a value of the file.

    Raises:
        NoEqual: it is never that.
    """
    question, written = target.question, loose.word(value)
    if written == "":
        return _missing(target)
    if target.choice:
        column = f"{target.column}.{target.choice}"
        return Compare(column, "=" if written.lower() in _TICKED else "!=", True)
    if question.type == "consent":
        return Compare(target.column, "=" if written.lower() in _consenting else "!=", True)
    if question.type in CHOSEN:
        ours = _choice(target, written)
        if question.type == "ranking":
            raise NoEqual(_("It asks for a place in a ranking."))
        if question.type in MANY:
            return Compare(f"{target.column}.{ours}", "=", True)
        return Compare(target.column, "=", ours)
    if question.type in WRITTEN:
        return Compare(target.column, "=", written)
    return ordered(target, "=", value)


_consenting = (*_TICKED, "ok")


def _choice(target: Target, written: str) -> str:
    ours = target.values.get(written)
    if ours is None:
        raise NoEqual(
            _("It asks for {value}, which {name} does not offer.",
              value=written[:60], name=target.column),
        )  # fmt: skip
    return ours


def ordered(target: Target, op: str, value: Given) -> Node:
    """An answer is less or more than a value, or equal to a number or date.

    Raises:
        NoEqual: what is asked for has no order.
    """
    question, sign = target.question, _SIGNS[op]
    if question.type in SCORED or question.type == "number":
        written = loose.word(value)
        found = loose.number(target.values.get(written, written) or "")
        if found is None or target.choice:
            raise NoEqual(
                _("It compares the number {name} with {value}.",
                  name=target.column, value=written[:60]),
            )  # fmt: skip
        return Compare(target.column, sign, int(found) if found == int(found) else found)
    if question.type == "date":
        try:
            return Compare(target.column, sign, date.fromisoformat(loose.word(value)[:10]))
        except ValueError as error:
            raise NoEqual(_("It compares a date with something else.")) from error
    bound = loose.number(value)
    if question.type in CHOSEN - MANY and bound is not None and op in _HOLDS:
        held = [
            ours
            for theirs, ours in target.values.items()
            if ours is not None
            and (found := loose.number(theirs)) is not None
            and _HOLDS[op](found, bound)
        ]
        if held:
            return In(target.column, tuple(held))
    raise NoEqual(_("It asks for an order that {name} does not have.", name=target.column))


def _contains(target: Target, value: Given) -> Node:
    if target.question.type in WRITTEN:
        return Contains(target.column, loose.word(value))
    return equal(target, value)
