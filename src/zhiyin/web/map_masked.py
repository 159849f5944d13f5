"""A journey map for who does not see personal data: its rules without what says who somebody is."""

from __future__ import annotations

import msgspec

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.maps.document import RULES, Map, Node
from zhiyin.unify import segments
from zhiyin.web import personal


def map_(shown: Map, *, sees_it: bool) -> Map:
    """The map as its reader may see it."""
    if sees_it:
        return shown
    return msgspec.structs.replace(shown, nodes=tuple(map(_node, shown.nodes)))


def check(given: Map, *, sees_it: bool) -> None:
    """Refuse a rule that names what its writer does not see.

    Raises:
        Problem: ``personal.filter``.
    """
    for node in given.nodes:
        for field in RULES:
            if rule := getattr(node, field):
                personal.check_facts(parse(rule).columns(), sees_it=sees_it)


def customers(text: str, *, sees_it: bool) -> str:
    """Whose journeys they are: a segment, or a rule over customers."""
    if sees_it or segments.is_name(text):
        return text
    try:
        return personal.rule(text, sees_it=False, of_customers=True)
    except Problem:  # it was never a rule, and nobody can say what stands in it
        return ""


def _node(node: Node) -> Node:
    rules = {field: personal.rule(getattr(node, field), sees_it=False) for field in RULES}
    return msgspec.structs.replace(node, **rules)
