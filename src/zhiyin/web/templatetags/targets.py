"""What the pages of targets and of the calendar call."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from zhiyin.charts import strings
from zhiyin.charts.axis import Axis
from zhiyin.web.targets_page import Row

register = template.Library()


@register.simple_tag
def target_string(row: Row, axis: Axis | None, width: int = 110) -> SafeString:
    """The figure on a hairline, its target as the hollow bead."""
    return SafeString(strings.string(row.estimate, axis, width=width))  # it escapes what it writes
