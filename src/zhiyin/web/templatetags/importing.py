"""What pages of import call: tables of the log in words."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from zhiyin.web import import_words

register = template.Library()


@register.simple_tag
def import_table(name: str) -> str:
    """What the facts of a table are called."""
    found = import_words.COUNTED.get(name)
    return str(found) if found else name


@register.simple_tag
def import_counts(by_table: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many facts each table gets, in words, the most first."""
    listed = sorted(by_table.items(), key=lambda one: -one[1])
    return [(import_table(name), count) for name, count in listed]
