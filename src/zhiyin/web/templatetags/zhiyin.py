"""What templates call: figures as they are written, and strings."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from zhiyin.accounts import done
from zhiyin.accounts.models import Allowed, Role
from zhiyin.accounts.rights import ROLE_NAMES
from zhiyin.kernel import figures
from zhiyin.measure import words as measure_words
from zhiyin.measure.scores import Score
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.web.scores_page import Page, Row
from zhiyin.web.strings import Axis

register = template.Library()

_PARTS = re.compile(r"[^_/.]+[_/.]*|[_/.]+")


@register.simple_tag
def figure(value: float | None, unit: str, signed: str = "") -> str:
    """A value in its unit; ``signed`` for a difference."""
    return figures.figure(value, unit, signed=bool(signed))


@register.simple_tag
def interval(low: float | None, high: float | None, unit: str, signed: str = "") -> str:
    """An interval; ``signed`` for that of a difference."""
    return figures.interval(low, high, unit, signed=bool(signed))


@register.filter
def chance(value: float | None) -> str:
    """A p- or q-value."""
    return figures.chance(value)


@register.filter
def count(value: int | None) -> str:
    """A number of people or answers."""
    return figures.count(value)


@register.simple_tag
def customers(score: Score, minimum: int) -> str:
    """How many customers a figure has."""
    return measure_words.customers(score.customers, score.state, minimum)


@register.filter
def why(score: Score) -> str:
    """Why a figure is not shown."""
    return str(NOT_SHOWN[score.state])


@register.filter
def words(flags: tuple[str, ...], page: Page) -> str:
    """Flags in words."""
    separator = gettext(", ")
    return separator.join(str(page.flags.get(flag, flag)) for flag in flags)


@register.simple_tag
def breakable(name: str) -> SafeString:
    """A name that may break where its words meet, ``bag_drop`` too, and not within one."""
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in _PARTS.findall(name)))


@register.simple_tag
def string(row: Row, axis: Axis | None, total: float | None, width: int = 110) -> SafeString:
    """One estimate on a hairline: bar for the interval, bead for the value, tick for all."""
    if axis is None or row.score.value is None:
        return format_html(
            '<svg class="string" width="{0}" height="14" aria-hidden="true">'
            '<line class="few" x1="4" x2="{1}" y1="7" y2="7"/></svg>',
            width,
            width - 4,
        )
    inner = width - 10
    parts = [_tick(axis, total, inner), _bar(row, axis, inner), _was(row, axis, inner)]
    bead = format_html(
        '<circle class="bead {}" cx="{}" cy="7" r="4.5"/>',
        row.tone,
        5 + axis.at(row.score.value, inner),
    )
    return format_html(
        '<svg class="string" width="{0}" height="14" aria-hidden="true">'
        '<line class="scale" x1="5" x2="{1}" y1="7" y2="7"/>{2}{3}</svg>',
        width,
        width - 5,
        format_html_join("", "{}", ((part,) for part in parts)),
        bead,
    )


def _tick(axis: Axis, total: float | None, inner: int) -> SafeString:
    if total is None:
        return SafeString("")
    x = 5 + axis.at(total, inner)
    return format_html('<line class="all" x1="{0}" x2="{0}" y1="1" y2="13"/>', x)


def _bar(row: Row, axis: Axis, inner: int) -> SafeString:
    if row.score.low is None or row.score.high is None:
        return SafeString("")
    return format_html(
        '<line class="ci {}" x1="{}" x2="{}" y1="7" y2="7"/>',
        row.tone,
        5 + axis.at(row.score.low, inner),
        5 + axis.at(row.score.high, inner),
    )


def _was(row: Row, axis: Axis, inner: int) -> SafeString:
    if row.comparison is None or row.comparison.reference_value is None:
        return SafeString("")
    x = 5 + axis.at(row.comparison.reference_value, inner)
    return format_html('<circle class="was" cx="{}" cy="7" r="3.2"/>', x)


ROW_HEIGHT = 26
LEFT, RIGHT, INNER = 190, 84, 520


@register.simple_tag
def dots(page: Page) -> SafeString:
    """The groups of a page as a dot plot with intervals, one row each, on one scale."""
    axis, found = page.axis, page.scores
    if axis is None or found is None or not page.rows:
        return SafeString("")
    height = ROW_HEIGHT * len(page.rows) + 30
    unit = found.unit
    grid = format_html_join(
        "",
        '<line class="grid" x1="{0}" x2="{0}" y1="0" y2="{1}"/>'
        '<text class="tick" x="{0}" y="{2}" text-anchor="middle">{3}</text>',
        (
            (LEFT + axis.at(tick, INNER), height - 26, height - 8, _tick_words(tick, unit))
            for tick in axis.ticks
        ),
    )
    total = SafeString("")
    if found.total.value is not None:
        x = LEFT + axis.at(found.total.value, INNER)
        total = format_html('<line class="all" x1="{0}" x2="{0}" y1="0" y2="{1}"/>', x, height - 26)
    rows = format_html_join(
        "", "{}", ((_dot_row(row, axis, place, unit),) for place, row in enumerate(page.rows))
    )
    label = gettext(
        "%(metric)s by %(column)s: values with their intervals; the table has the figures"
    ) % {
        "metric": str(page.metric.label),
        "column": page.by_label,
    }
    return format_html(
        '<svg class="dots" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        LEFT + INNER + RIGHT, height, label, grid, total, rows,
    )  # fmt: skip


def _tick_words(tick: float, unit: str) -> str:
    written = f"{tick:,.10g}".replace("-", figures.MINUS)
    return f"{written}%" if unit == "percent" else written


def _dot_row(row: Row, axis: Axis, place: int, unit: str) -> SafeString:
    y = ROW_HEIGHT * place + ROW_HEIGHT // 2
    name = row.name if len(row.name) <= 26 else row.name[:25] + "…"
    parts = [
        format_html(
            '<text class="name" x="{}" y="{}" text-anchor="end">{}</text>', LEFT - 14, y + 4, name
        )
    ]
    score, compared = row.score, row.comparison
    if score.value is None:
        why = str(NOT_SHOWN[score.state])
        parts.append(
            format_html('<text class="tick why" x="{}" y="{}">{}</text>', LEFT + 6, y + 4, why)
        )
        return format_html_join("", "{}", ((part,) for part in parts))
    if score.low is not None and score.high is not None:
        parts.append(
            format_html(
                '<line class="ci {}" x1="{}" x2="{}" y1="{}" y2="{}"/>',
                row.tone,
                LEFT + axis.at(score.low, INNER),
                LEFT + axis.at(score.high, INNER),
                y,
                y,
            )
        )
    if compared is not None and compared.reference_value is not None:
        x = LEFT + axis.at(compared.reference_value, INNER)
        parts.append(format_html('<circle class="was" cx="{}" cy="{}" r="3.5"/>', x, y))
    x = LEFT + axis.at(score.value, INNER)
    parts.append(format_html('<circle class="bead {}" cx="{}" cy="{}" r="5"/>', row.tone, x, y))
    if compared is not None and compared.difference is not None:
        parts.append(
            format_html(
                '<text class="change {}" x="{}" y="{}" text-anchor="end">{}</text>',
                row.tone,
                LEFT + INNER + RIGHT - 2,
                y + 4,
                change_words(row, unit),
            )
        )
    return format_html_join("", "{}", ((part,) for part in parts))


@register.simple_tag
def change(row: Row, unit: str) -> SafeString:
    """A difference: a triangle where it is more than chance, ≈ where it cannot be told from it."""
    return format_html('<span class="change {}">{}</span>', row.tone, change_words(row, unit))


def change_words(row: Row, unit: str) -> str:
    """The difference in characters."""
    compared = row.comparison
    if compared is None or compared.difference is None:
        return figures.MISSING
    written = figures.figure(compared.difference, unit, signed=True)
    if not compared.marked:
        return f"≈ {written}"
    return f"{'▲' if compared.difference > 0 else '▼'} {written}"


@register.filter
def role(held: Allowed) -> str:
    """The role of a membership or an invitation, in words."""
    return str(ROLE_NAMES[Role(held.role)])


@register.filter
def in_words(action: str) -> str:
    """What was done, in words."""
    return done.in_words(action)


@register.filter
def levels(depth: int) -> range:
    """As many turns as a unit is levels below the top."""
    return range(depth)
