"""What the pages of a map's two sides and of causes call."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhiyin.kernel import figures
from zhiyin.kernel.text import Text, _
from zhiyin.maps.pairs import Pair
from zhiyin.web.journeys_asked import label_of

register = template.Library()

SHORT: Mapping[str, Text] = {"too_few": _("too few"), "withheld": _("kept back")}


@register.filter
def column_label(name: str) -> str:
    """A column as menus call it."""
    return label_of(name)


@register.simple_tag
def side_value(value: float | None, unit: str) -> str:
    """A figure of one side; ``share`` is one of 0…1, in per cent."""
    return figures.figure(*_in(value, unit))


@register.simple_tag
def pair_change(pair: Pair, unit: str, sign: str) -> SafeString:
    """The difference of two sides: a triangle where it is more than chance, ≈ where it may be
    chance, nothing before it where it was not tested."""
    if pair.difference is None:
        return format_html('<span class="qq sm">{}</span>', SHORT.get(pair.state, figures.MISSING))
    value, kind = _in(pair.difference, unit)
    said = figures.figure(value, kind, signed=True)
    if pair.p is None:
        return format_html('<span class="q" title="{}">{}</span>', _("not tested"), said)
    mark = ("▲" if pair.difference > 0 else "▼") if pair.marked else "≈"
    return format_html('<span class="change {}">{} {}</span>', sign, mark, said)


@register.simple_tag
def pair_ends(pair: Pair, unit: str) -> str:
    """The interval of that difference; blank where there is none."""
    if pair.low is None or pair.high is None:
        return ""
    low, kind = _in(pair.low, unit)
    high, _kind = _in(pair.high, unit)
    return figures.interval(low, high, kind, signed=True)


def _in(value: float | None, unit: str) -> tuple[float | None, str]:
    if unit != "share":
        return value, unit
    return None if value is None else 100 * value, "percent"
