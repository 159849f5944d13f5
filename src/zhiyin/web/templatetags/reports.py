"""What the pages of reports call: a figure as it was, and as it is."""

from __future__ import annotations

from django import template

from zhiyin.reports import written
from zhiyin.reports.changes import Changed

register = template.Library()


@register.simple_tag
def then_value(changed: Changed) -> str:
    """The value as it was published."""
    return written.value(changed.figure, changed.figure.total)


@register.simple_tag
def now_value(changed: Changed) -> str:
    """The value of today."""
    return "–" if changed.now is None else written.value(changed.figure, changed.now)
