"""What pages about events call: bars of a small multiple, strips of days."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.definitions import Entry
from zhiyin.collect.health import Day, Gap
from zhiyin.kernel import figures
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _, language
from zhiyin.web.log import the_log
from zhiyin.web.sources import counted

register = template.Library()

WIDTH, HEIGHT = 200, 36
STRIP_STEP, STRIP_HEIGHT = 9, 26


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


@register.simple_tag
def silences(workspace: Settings) -> list[Gap]:
    """The silences that last; none where the log is away, which the page itself says."""
    try:
        return [gap for one in counted(the_log(), workspace) if (gap := one.silent) is not None]
    except Problem:
        return []


@register.simple_tag
def strip(days: Sequence[Day]) -> SafeString:
    """A source's last days as bars, each before what is usual for its weekday."""
    if not days:
        return SafeString("")
    tops = [day.rows for day in days] + [day.usual.high for day in days if day.usual]
    most = max(tops) or 1
    parts = []
    for place, day in enumerate(days):
        x = place * STRIP_STEP
        if day.usual:
            top, bottom = _down(day.usual.high, most), _down(day.usual.low, most)
            parts.append(
                format_html(
                    '<rect class="usual" x="{}" y="{}" width="8" height="{}"/>',
                    x, top, round(max(bottom - top, 1), 1),
                )
            )  # fmt: skip
        y = _down(day.rows, most)
        parts.append(
            format_html(
                '<rect class="bar-n{}" x="{}" y="{}" width="4" height="{}"/>',
                " odd" if day.is_unusual else "", x + 2, y, round(STRIP_HEIGHT - y, 1),
            )
        )  # fmt: skip
    odd = sum(day.is_unusual for day in days)
    label = gettext("%(n)s days, %(odd)s of them unusual") % {"n": len(days), "odd": odd}
    width = STRIP_STEP * len(days)
    return format_html(
        '<svg class="strip" width="{0}" height="{1}" role="img" aria-label="{2}">{3}'
        '<line class="scale" x1="0" x2="{0}" y1="{4}" y2="{4}"/></svg>',
        width, STRIP_HEIGHT, label, format_html_join("", "{}", ((part,) for part in parts)),
        STRIP_HEIGHT - 0.5,
    )  # fmt: skip


def _down(value: float, most: float) -> float:
    return round(STRIP_HEIGHT * (1 - value / most), 1)


KINDS: dict[str, Text] = {
    "text": _("text"),
    "number": _("a number"),
    "truth": _("yes or no"),
    "list": _("list"),
    "object": _("object"),
    "event": _("event"),
}


@register.simple_tag
def kind_of(kind: str) -> str:
    """What a property's values are, in words."""
    return str(KINDS.get(kind, kind))


@register.simple_tag
def said_of(entry: Entry) -> str:
    """What people say of a name: in the reader's language, else in the other."""
    if entry.definition is None:
        return ""
    english, chinese = entry.definition.description_en, entry.definition.description_zh
    return (chinese or english) if language() == "zh-hans" else (english or chinese)
