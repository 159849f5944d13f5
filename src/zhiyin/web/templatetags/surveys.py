"""What the pages of surveys call."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from zhiyin.charts import bars
from zhiyin.web.surveys_page import Line

register = template.Library()


@register.simple_tag
def line_bar(line: Line, width: int) -> SafeString:
    """A share of those who answered as a bar from 0 to 100%, with its interval."""
    low = None if line.low is None else line.low / 100
    high = None if line.high is None else line.high / 100
    drawn = bars.bar(line.share / 100, low, high, width=width)
    return SafeString(drawn)  # `charts` escapes all that it writes
