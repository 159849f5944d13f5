"""What the pages of rules call."""

from __future__ import annotations

from django import template

from zhiyin.web.kinds import KINDS

register = template.Library()


@register.filter
def kind(table: str) -> str:
    """What people call the facts of a table of the log."""
    return str(KINDS.get(table, table))
