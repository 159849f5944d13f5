"""Rules of the widget in a workspace: found, and shown."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from zhiyin.collect.widgets import definition
from zhiyin.collect.widgets.models import WidgetRule
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def of(workspace: str, survey: str = "") -> QuerySet[WidgetRule]:
    """The rules of a workspace by name.

    Args:
        survey: key of one; blank: of all.
    """
    found = WidgetRule.objects.filter(workspace__slug=workspace).select_related("survey")
    return found.filter(survey__key=survey) if survey else found


def get(workspace: str, name: str) -> WidgetRule:
    """One rule.

    Raises:
        Problem: ``widget.none``.
    """
    found = of(workspace).filter(name=name).first()
    if found is None:
        raise Problem(
            "widget.none",
            _("The widget has no rule {name}.", name=name[:80]),
            _("`zhiyin widget list` shows those that there are."),
        )
    return found


def rule(held: WidgetRule) -> definition.Rule:
    """What it says."""
    return definition.read(held.says)


def as_dict(held: WidgetRule) -> dict[str, Any]:
    """A rule as the API and the command line write it."""
    return {
        "name": held.name,
        "survey": held.survey.key,
        "is_on": held.is_on,
        "seed": held.seed,
        "revision": held.revision,
        "rule": rule(held).as_dict(),
        "created_by": held.created_by,
        "created_at": held.created_at,
        "changed_by": held.changed_by,
        "changed_at": held.changed_at,
    }
