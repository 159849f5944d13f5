"""What pages about events call: a time in the workspace's zone, bars of a small multiple."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from zhiyin.kernel import figures
from zhiyin.kernel.periods import to_local

register = template.Library()

WIDTH, HEIGHT = 200, 36


@register.simple_tag
def clock(moment: datetime | None, zone: str) -> str:
    """A naive UTC instant as the clock of the workspace shows it."""
    return figures.MISSING if moment is None else f"{to_local(moment, zone):%Y-%m-%d %H:%M:%S}"


@register.simple_tag
def bars(counts: Sequence[int], most: int) -> SafeString:
    """Counts as bars from zero, on the scale that all pictures of the page share."""
    if not counts or not most:
        return SafeString("")
    step = WIDTH / len(counts)
    width = max(step - 1, 0.6)
    drawn = (
        (round(place * step, 1), HEIGHT - _height(n, most), round(width, 1), _height(n, most))
        for place, n in enumerate(counts)
        if n
    )
    rects = format_html_join(
        "", '<rect class="bar-n" x="{}" y="{}" width="{}" height="{}"/>', drawn
    )
    label = gettext("%(total)s events, at most %(most)s in one step") % {
        "total": figures.count(sum(counts)),
        "most": figures.count(max(counts)),
    }
    return format_html(
        '<svg class="multiple" viewBox="0 0 {0} {1}" preserveAspectRatio="none" role="img"'
        ' aria-label="{2}">{3}<line class="scale" x1="0" x2="{0}" y1="{1}" y2="{1}"/></svg>',
        WIDTH, HEIGHT, label, rects,
    )  # fmt: skip


def _height(n: int, most: int) -> float:
    # A single event is still seen beside thousands.
    return max(round(n / most * HEIGHT, 1), 0.8)
