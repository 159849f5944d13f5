"""What the pages of maps call: the marks of a touchpoint, and whether one may make another."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from django import template

from zhiyin.maps import evidence
from zhiyin.maps.models import JourneyMap
from zhiyin.measure import asking
from zhiyin.web import pins_page
from zhiyin.web.pins_page import Row

register = template.Library()

LATELY = "last-90"
"""A touchpoint's figure moves on with the day: a mark is looked at for longer than a month."""


@register.simple_tag(takes_context=True)
def pins_of(context: dict[str, Any], held: JourneyMap, node: str) -> list[Row]:
    """The marks of a touchpoint that are not over, most votes first."""
    return pins_page.of_node(context["workspace"], held, node)


@register.filter
def lately(query: str) -> str:
    """The query of a figure, over days that end today."""
    held = {name: values[-1] for name, values in parse_qs(query).items()}
    moved = {**held, **evidence.ONE_FIGURE, "from": "", "until": "", "period": LATELY}
    return asking.query_of(moved)
