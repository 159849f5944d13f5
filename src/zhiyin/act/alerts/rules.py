"""Alert rules as they are kept: found, listed, told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from zhiyin.accounts import units
from zhiyin.act.alerts import conditions
from zhiyin.act.alerts.conditions import Condition
from zhiyin.act.alerts.models import AlertStatus, Pace, Recipient, Rule, Severity
from zhiyin.act.alerts.parts import Part
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _

SEVERITIES: Mapping[str, Text] = {
    Severity.INFO: _("to know"),
    Severity.WARNING: _("to look at"),
    Severity.URGENT: _("urgent"),
}
PACES: Mapping[str, Text] = {
    Pace.AT_ONCE: _("at once"),
    Pace.DAILY: _("once a day"),
    Pace.WEEKLY: _("once a week"),
}


def of(workspace: str) -> QuerySet[Rule]:
    """The rules of a workspace, each with how many alerts it has fired and are open."""
    counted = Rule.objects.filter(workspace__slug=workspace).annotate(
        fired=Count("alerts"),
        open=Count("alerts", filter=Q(alerts__status=AlertStatus.OPEN)),
        last_fired_at=Max("alerts__fired_at"),
    )
    return counted.select_related("workspace", "unit").prefetch_related(
        "recipients__person", "recipients__channel"
    )


def get(workspace: str, number: int) -> Rule:
    """The rule of this number.

    Raises:
        Problem: ``alerts.no-rule``.
    """
    found = of(workspace).filter(number=number).first()
    if found is None:
        raise no_rule(number)
    return found


def condition_of(rule: Rule) -> Condition:
    """What a rule watches."""
    return conditions.read(rule.condition)


def branch_of(rule: Rule) -> Filter | None:
    """The part of the organisation that it watches; None: all of it."""
    return units.branch_filter(rule.unit) if rule.unit else None


def is_snoozed(rule: Rule, now: datetime | None = None) -> bool:
    """Whether nobody is told for now."""
    return rule.snoozed_until is not None and rule.snoozed_until > (now or timezone.now())


def no_rule(number: int) -> Problem:
    """That there is no such rule."""
    return Problem(
        "alerts.no-rule",
        _("There is no alert rule {number}.", number=number),
        _("`zhiyin alert rules` shows those that there are."),
    )


def seen_by(found: QuerySet[Rule], part: Part) -> QuerySet[Rule]:
    """Of these rules, those that somebody may see: in a scope those of her units."""
    if part.scope is None:
        return found
    return found.filter(unit__key__in=part.units)


def get_for(part: Part, number: int) -> Rule:
    """The rule of this number, for somebody who may see it.

    Raises:
        Problem: ``alerts.no-rule``, also where she may not.
    """
    found = seen_by(of(part.workspace).filter(number=number), part).first()
    if found is None:
        raise no_rule(number)
    return found


def as_dict(rule: Rule, *, sees_it: bool = True) -> dict[str, Any]:
    """A rule as the command line and the API write it."""
    return {
        "number": rule.number,
        "name": rule.name,
        "condition": conditions.shown(condition_of(rule), sees_it=sees_it),
        "severity": rule.severity,
        "unit": rule.unit.key if rule.unit else None,
        "is_on": rule.is_on,
        "snoozed_until": _written(rule.snoozed_until),
        "pace": rule.pace,
        "hour": rule.hour,
        "weekday": rule.weekday,
        "quiet": rule.quiet or None,
        "recipients": [recipient_as_dict(one) for one in rule.recipients.all()],
        "version": rule.version,
        "watches_since": _written(rule.watches_since),
        "looked_at": _written(rule.looked_at),
        "trouble": rule.trouble or None,
        "fired": int(vars(rule).get("fired", 0)),
        "open": int(vars(rule).get("open", 0)),
        "made_by": rule.made_by,
    }


def recipient_as_dict(one: Recipient) -> dict[str, str]:
    """Who is told, as the command line and the API write it."""
    if one.person is not None:
        return {"person": one.person.login}
    if one.channel is not None:
        return {"channel": one.channel.key}
    return {"role": one.role} if one.role else {"owner": "touchpoint"}


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
