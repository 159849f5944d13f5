"""What the pages of journey maps call: short figures, changes, and why there is none."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhiyin.accounts.models import Person
from zhiyin.journey.traffic import NodeTraffic
from zhiyin.kernel import figures
from zhiyin.kernel.text import Text, _
from zhiyin.maps.convenience import Part
from zhiyin.maps.difficulties import Loss
from zhiyin.maps.figures import NodeFigures
from zhiyin.measure.scores import Scores
from zhiyin.measure.words import NOT_SHOWN
from zhiyin.web import map_methods
from zhiyin.web.map_page import Drawn

register = template.Library()


@register.simple_tag
def people(value: int | None) -> str:
    """A number of customers where there is little room."""
    return figures.short(value)


@register.simple_tag
def figures_said() -> tuple[tuple[Text, Text], ...]:
    """Each figure of a map, and what it is."""
    return map_methods.FIGURES


@register.simple_tag
def short_money(value: float | None, currency: str) -> str:
    """An amount where there is little room."""
    return figures.short_money(value, currency)


@register.simple_tag
def short_moneys(low: float | None, high: float | None, currency: str) -> str:
    """An interval of amounts."""
    return _moneys(low, high, currency)


@register.filter
def loss_value(loss: Loss, currency: str) -> str:
    """What may be lost."""
    return figures.short_money(loss.value, currency)


@register.filter
def loss_ends(loss: Loss, currency: str) -> str:
    """The interval of what may be lost."""
    return _moneys(loss.low, loss.high, currency)


@register.simple_tag
def left_words(flow: NodeTraffic) -> str:
    """The share of those who came that ended there."""
    share = flow.left_share
    return figures.figure(None if share is None else 100 * share, "percent") + "%"


@register.simple_tag
def change_short(drawn: Drawn) -> str:
    """A change that holds: a triangle and how large it is."""
    row = drawn.figures.change
    if row is None or row.difference is None:
        return ""
    size = figures.figure(abs(row.difference), "percent" if drawn.unit == "points" else drawn.unit)
    return f"{'▲' if row.difference > 0 else '▼'}{size}"


@register.simple_tag
def changed_words(drawn: Drawn) -> SafeString:
    """The same in a sentence."""
    row = drawn.figures.change
    if row is None or row.difference is None:
        return SafeString("")
    size = figures.figure(abs(row.difference), "percent" if drawn.unit == "points" else drawn.unit)
    words = _("up {n}", n=size) if row.difference > 0 else _("down {n}", n=size)
    return format_html('<span class="change {}">{}</span>', drawn.change_sign, words)


@register.simple_tag
def why_none(one: NodeFigures) -> str:
    """Why a touchpoint has no score."""
    if not one.node.answers:
        return str(_("not asked"))
    if one.score is None:
        return str(_("no answers"))
    return str(NOT_SHOWN.get(one.score.state, ""))


@register.filter
def average_words(scores: Scores) -> str:
    """The figure of all touchpoints together."""
    return figures.figure(scores.total.value, scores.unit)


@register.filter
def owner_name(login: str) -> str:
    """Who answers for it, by name."""
    found = Person.objects.filter(login=login).only("name", "login").first()
    return (found.name or found.login) if found else login


@register.simple_tag
def part_value(part: Part) -> str:
    """One thing that is asked of a customer, in its unit."""
    return _in_unit(part.name, part.value)


@register.simple_tag
def part_best(part: Part) -> str:
    """The same at the best comparable touchpoint."""
    return _in_unit(part.name, part.best)


def _in_unit(name: str, value: float) -> str:
    if name == "time":
        return figures.lasted(value)
    if name == "help":
        return figures.figure(100 * value, "percent") + "%"
    return figures.figure(value, "count")


def _moneys(low: float | None, high: float | None, currency: str) -> str:
    if low is None or high is None:
        return ""
    return f"[{figures.short_money(low, currency)}, {figures.short_money(high, currency)}]"
