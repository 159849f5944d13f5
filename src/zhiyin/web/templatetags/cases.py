"""What pages that show something takeable call: the button *Take*, or the case that there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from zhiyin.accounts.rights import Right
from zhiyin.act.cases import kept
from zhiyin.act.cases.models import Case, SubjectKind
from zhiyin.maps.models import Pin
from zhiyin.web.voice_page import Line

register = template.Library()


@register.simple_tag(takes_context=True)
def cases_of_lines(context: dict[str, Any], lines: Iterable[Line]) -> Mapping[str, Case]:
    """The cases about what customers said, by the number of their words: asked once for a list."""
    return _known(context, SubjectKind.VERBATIM, [str(line.heard.row) for line in lines])


@register.inclusion_tag("web/take_case.html", takes_context=True)
def take_case(
    context: dict[str, Any], kind: str, key: object, known: Mapping[str, Case] | None = None
) -> dict[str, Any]:
    """A button that takes a subject, or the way to its case; nothing for who works on none.

    Args:
        known: the cases of a whole list; without them this subject's is looked for.
    """
    held = _known(context, kind, [str(key)]) if known is None else known
    return {
        "workspace": context["workspace"],
        "csrf_token": context.get("csrf_token"),
        "may": context["may"],
        "kind": kind,
        "key": str(key),
        "case": held.get(str(key)),
    }


@register.inclusion_tag("web/take_case.html", takes_context=True)
def take_mark_case(context: dict[str, Any], pin: Pin) -> dict[str, Any]:
    """The same for a mark of a journey map."""
    return take_case(context, SubjectKind.MARK, f"{pin.map.key}/{pin.number}")


def _known(context: dict[str, Any], kind: str, keys: list[str]) -> Mapping[str, Case]:
    access = context.get("access")
    if access is None or not access.may(Right.SEE_CUSTOMERS):
        return {}
    return kept.by_subject(access.workspace.slug, kind, keys, kept.own_of(access.scope))
