"""Figures of themes in templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from zhiyin.kernel import figures
from zhiyin.listen.themes.figures import Growth
from zhiyin.web.themes_page import Row

register = template.Library()

ENDLESS = "∞"


@register.simple_tag
def hundredfold(value: float | None) -> str:
    """Net sentiment of -1…1 in points."""
    return figures.figure(None if value is None else 100 * value, "points")


@register.simple_tag
def hundredfolds(low: float | None, high: float | None) -> str:
    """An interval of net sentiment of -1…1 in points."""
    if low is None or high is None:
        return figures.MISSING
    return figures.interval(100 * low, 100 * high, "points")


@register.simple_tag
def times_as_often(one: Growth | None) -> str:
    """How many times as often it is said now."""
    if one is None:
        return figures.MISSING
    return f"× {_times(one.ratio)}"


@register.simple_tag
def times_between(one: Growth | None) -> str:
    """The interval of that."""
    return "" if one is None else f"[{_times(one.low)}, {_times(one.high)}]"


@register.filter
def weeks_of(row: Row) -> SafeString:
    """The picture of a theme's weeks; what is written in it is escaped where it is drawn."""
    return mark_safe(row.picture)  # noqa: S308


def _times(value: float | None) -> str:
    if value is None:
        return ENDLESS
    return f"{value:.1f}" if value < 100 else ENDLESS if value > 1e6 else f"{value:.0f}"
