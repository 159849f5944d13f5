"""Instants as the clock of the workspace shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template

from zhiyin.kernel.figures import MISSING
from zhiyin.kernel.periods import to_local

register = template.Library()

FORMS = {
    "day": "%Y-%m-%d",
    "time": "%H:%M",
    "minute": "%Y-%m-%d %H:%M",
    "second": "%Y-%m-%d %H:%M:%S",
}


@register.simple_tag(takes_context=True)
def local(context: dict[str, Any], moment: datetime | None, form: str = "day") -> str:
    """An instant in UTC, naive or not, in the person's zone, else in the workspace's; `form` is a
    key of `FORMS`."""
    if moment is None:
        return MISSING
    return to_local(moment, context["zone"]).strftime(FORMS[form])
