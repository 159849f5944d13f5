"""What the pages of customers call: personal values, money, addresses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.translation import gettext

from zhiyin.kernel.figures import MINUS, MISSING
from zhiyin.kernel.ids import called
from zhiyin.kernel.masking import in_json
from zhiyin.web import personal as seen

register = template.Library()


@register.simple_tag(takes_context=True)
def personal(context: dict[str, Any], value: object) -> str:
    """A value that says who she is: whole, or masked for whoever may not see it."""
    return seen.shown(value, sees_it=seen.sees(context["request"]))


@register.simple_tag(takes_context=True)
def words(context: dict[str, Any], value: object) -> str:
    """What somebody wrote: whole, or with the personal data in it masked."""
    return seen.words(value, sees_it=seen.sees(context["request"]))


@register.simple_tag(takes_context=True)
def trait(context: dict[str, Any], name: str, value: str) -> str:
    """A trait's value: whole, or masked where it says who she is."""
    return seen.trait(name, value, sees_it=seen.sees(context["request"]))


@register.simple_tag(takes_context=True)
def segment_rule(context: dict[str, Any], text: str) -> str:
    """A saved filter over customers: whole, or without its values where it names personal data."""
    return seen.rule(text, sees_it=seen.sees(context["request"]), of_customers=True)


@register.simple_tag(takes_context=True)
def fact_rule(context: dict[str, Any], text: str) -> str:
    """A saved filter over facts: whole, or without its values where it names personal data."""
    return seen.rule(text, sees_it=seen.sees(context["request"]))


@register.simple_tag(takes_context=True)
def properties(context: dict[str, Any], text: str | None) -> str:
    """What an event carries, as JSON: whole, or with every text and long number masked."""
    return (text or "") if seen.sees(context["request"]) else in_json(text)


@register.simple_tag(takes_context=True)
def examples(context: dict[str, Any], values: Sequence[str]) -> str:
    """Values that a property had: whole, or masked but for short numbers."""
    sees_it = seen.sees(context["request"])
    return " · ".join(value if sees_it else in_json(value).strip('"') for value in values)


@register.filter
def id_kind(kind: str) -> str:
    """What people call a kind of id."""
    return called(kind)


@register.filter
def weekday(day: Any) -> str:
    """Monday, 星期一."""
    return formats.date_format(day, "l")


@register.filter
def money(amount: Decimal | None) -> str:
    """An amount to the cent, with a real minus sign."""
    return MISSING if amount is None else f"{amount:,.2f}".replace("-", MINUS)


@register.filter
def outcome(word: str) -> str:
    """How a service contact ended."""
    names = {
        "resolved": gettext("resolved"),
        "unresolved": gettext("not resolved"),
        "abandoned": gettext("gave up waiting"),
        "reopened": gettext("opened again"),
    }
    return names.get(word, gettext("outcome not recorded"))


@register.simple_tag(takes_context=True)
def customer_address(context: dict[str, Any], key: int, id_: object) -> str:
    """The address of a customer's page, blank for one whom no id names."""
    slug, sees_it = context["workspace"].slug, seen.sees(context["request"])
    return seen.address(slug, key, str(id_ or ""), sees_it=sees_it)
