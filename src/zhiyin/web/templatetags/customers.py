"""What the pages of customers call: personal values, money, addresses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext

from zhiyin.kernel.figures import MINUS, MISSING
from zhiyin.kernel.ids import called
from zhiyin.unify.customer import Id
from zhiyin.web import personal as seen

register = template.Library()


@register.simple_tag(takes_context=True)
def personal(context: dict[str, Any], value: object) -> str:
    """A value that says who she is: whole, or masked for whoever may not see it."""
    return seen.shown(value, sees_it=seen.sees(context["request"]))


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


@register.simple_tag
def customer_address(slug: str, ids: tuple[Id, ...]) -> str:
    """The address of a customer's page, blank for one whom no id names."""
    if not ids:
        return ""
    return reverse("customer", kwargs={"slug": slug, "who": f"{ids[0].kind}:{ids[0].id}"})
