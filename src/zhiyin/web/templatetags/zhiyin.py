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
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts import strings
from zhiyin.charts.axis import Axis
from zhiyin.kernel import figures
from zhiyin.measure import words as measure_words
from zhiyin.measure.scores import Score
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.web import scores_charts
from zhiyin.web.scores_page import Page, Row

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
    return _markup(strings.string(scores_charts.estimate(row), axis, average=total, width=width))


@register.simple_tag
def chart(page: Page, workspace: Settings, width: str = "wide") -> SafeString:
    """The page's main chart; ``narrow`` for a phone."""
    size = scores_charts.WIDE if width == "wide" else scores_charts.NARROW
    return _markup(scores_charts.picture(page, workspace, width=size))


@register.simple_tag
def multiples(page: Page) -> scores_charts.Multiples | None:
    """The page's small multiples."""
    return scores_charts.multiples(page)


@register.filter
def drawn(one: scores_charts.Multiple) -> SafeString:
    """The picture of a small multiple."""
    return _markup(one.picture)


def _markup(svg: str) -> SafeString:
    return SafeString(svg)  # `charts` escapes all that it writes


@register.simple_tag
def change(row: Row, unit: str) -> SafeString:
    """A difference: a triangle where it is more than chance, ≈ where it cannot be told from it."""
    return format_html(
        '<span class="change {}">{}</span>', row.tone, scores_charts.change_words(row, unit)
    )


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
