"""Masking 脱敏 of facts: a row as a reader may see it who must not learn who the customer is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhiyin.kernel import masking
from zhiyin.unify import names
from zhiyin.warehouse.holdings import PERSONAL

WORDS = frozenset({"text", "choice", "product"})
"""Columns of her own or free words: what is found in them is masked, the rest can be read."""


def row(table: str, held: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table with what says who she is masked.

    Ids of every sort, long numbers and texts among properties, and traits but tier and language
    are masked whole; in all other words what `kernel.masking` finds is. A masked id no longer
    tells two rows apart: count before, not after.
    """
    is_plain = table == "traits" and names.is_plain(held.get("name") or "")
    hidden = PERSONAL[table] - WORDS - ({"value"} if is_plain else set())
    return {name: _value(name, value, hidden) for name, value in held.items()}


def _value(name: str, value: Any, hidden: frozenset[str]) -> Any:
    if not isinstance(value, str):
        return value
    if name == "properties":
        return masking.in_json(value)
    return masking.masked(value) if name in hidden else masking.in_text(value)
