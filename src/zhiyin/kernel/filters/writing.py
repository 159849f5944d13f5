"""A filter as text: one way to write each, which reads back as the same filter."""

from __future__ import annotations

import math
import re
from datetime import date, datetime

from zhiyin.kernel.filters.tokens import KEYWORDS, NAME, plain
from zhiyin.kernel.filters.tree import And, Compare, Contains, Filter, In, Missing, Node, Or, Value


def render(filter: Filter) -> str:
    """The canonical text of a filter: `parse(render(f)) == f`."""
    return write_node(filter.root)


def write_node(node: Node) -> str:
    """One condition, with parentheses where the reading would change without."""
    match node:
        case Compare(column, op, value):
            return f"{write_column(column)} {op} {write_value(value)}"
        case In(column, values, negated):
            listed = ", ".join(write_value(value) for value in values)
            return f"{write_column(column)} {'not in' if negated else 'in'} ({listed})"
        case Contains(column, text, negated):
            verb = "not contains" if negated else "contains"
            return f"{write_column(column)} {verb} {write_value(text)}"
        case Missing(column, negated):
            return f"{write_column(column)} {'is not missing' if negated else 'is missing'}"
        case And(nodes):
            return " and ".join(_inside(part, (And, Or)) for part in nodes)
        case Or(nodes):
            return " or ".join(_inside(part, (Or,)) for part in nodes)
    return f"not {_inside(node.node, (And, Or))}"


def _inside(node: Node, closed: tuple[type, ...]) -> str:
    written = write_node(node)
    return f"({written})" if isinstance(node, closed) else written


def write_column(name: str) -> str:
    """A column's name as a filter writes it: in backquotes where it needs them."""
    bare = re.fullmatch(NAME, name) and plain(name) == name and name.lower() not in KEYWORDS
    return name if bare else "`" + name.replace("`", "``") + "`"


def write_value(value: Value) -> str:
    """A value as a filter writes it.

    Raises:
        ValueError: infinity or not-a-number, which the language cannot say.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a filter cannot hold {value}")
    return repr(value)
