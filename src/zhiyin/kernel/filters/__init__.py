"""The one filter language of the product.

``channel = 'app' and state in ('SP', 'RJ')`` is written the same in `--where`, touchpoint
rules, segments, alerts and scopes. `docs/filters.md` describes it for the people who write it.

Every condition is either true or false, also where a value is missing: ``!=``, ``not in`` and
``not contains`` are true for a missing value, every other comparison is false, and ``not (…)``
is the plain complement. Whoever compiles a filter for an engine must keep to that; `holds` is
the reference.
"""

from zhiyin.kernel.filters.grammar import LIMITS, SCOPE_LIMITS, Limits, parse
from zhiyin.kernel.filters.problems import FilterProblem
from zhiyin.kernel.filters.rows import NUMBER, holds, in_words
from zhiyin.kernel.filters.tree import (
    And,
    Compare,
    Contains,
    Filter,
    In,
    Missing,
    Node,
    Not,
    Operator,
    Or,
    Value,
    both,
    walk,
)
from zhiyin.kernel.filters.writing import render, write_column, write_node, write_value

__all__ = [
    "LIMITS",
    "NUMBER",
    "SCOPE_LIMITS",
    "And",
    "Compare",
    "Contains",
    "Filter",
    "FilterProblem",
    "In",
    "Limits",
    "Missing",
    "Node",
    "Not",
    "Operator",
    "Or",
    "Value",
    "both",
    "holds",
    "in_words",
    "parse",
    "render",
    "walk",
    "write_column",
    "write_node",
    "write_value",
]
