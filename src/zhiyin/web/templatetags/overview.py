"""What the page *Overview* calls: differences as they are written, and pictures."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhiyin.kernel import figures
from zhiyin.measure.overview import Change, Step

register = template.Library()


@register.simple_tag
def moved(change: Change | None, unit: str) -> SafeString:
    """A difference: a triangle where it is more than chance, ≈ where it cannot be told from it."""
    if change is None or change.comparison.difference is None:
        return format_html('<span class="qq">{}</span>', figures.MISSING)
    written = figures.figure(change.comparison.difference, unit, signed=True)
    sign = "≈" if not change.marked else "▲" if change.comparison.difference > 0 else "▼"
    return format_html('<span class="change {}">{} {}</span>', change.tone, sign, written)


@register.filter
def picture(markup: str) -> SafeString:
    """A chart of `zhiyin.charts`, which escapes what it writes."""
    return SafeString(markup)


@register.filter
def address(step: Step) -> str:
    """A period as the page's address names it."""
    return f"{step.grain}:{step.first.isoformat()}"
