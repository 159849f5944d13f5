"""An alert is written down, once, with who is to be told of it: all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from zhiyin.accounts.models import Membership, Person, Workspace
from zhiyin.act.alerts import due, rules
from zhiyin.act.alerts.models import Alert, Notice, Recipient, Rule
from zhiyin.act.channels.models import Channel
from zhiyin.maps import kept as maps
from zhiyin.maps.models import JourneyMap


@dataclass(frozen=True, slots=True)
class Shot:
    """What fired.

    Args:
        key: the same for the same row or window.
        at: when it happened (UTC, naive).
        table, row: of a single row; blank and None of a window.
    """

    key: str
    at: datetime
    table: str = ""
    row: int | None = None
    touchpoint: str = ""
    unit: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def fire(rule: Rule, shots: Sequence[Shot]) -> list[Alert]:
    """Write down what has not fired yet; returns the new alerts."""
    place = Workspace.objects.select_for_update().get(pk=rule.workspace_id)
    keys = [f"{rule.number}/{shot.key}" for shot in shots]
    known = set(Alert.objects.filter(workspace=place, key__in=keys).values_list("key", flat=True))
    last = Alert.objects.filter(workspace=place).aggregate(n=Max("number"))["n"] or 0
    made: list[Alert] = []
    units = {unit.key: unit for unit in place.units.all()} if shots else {}
    for key, shot in zip(keys, shots, strict=True):
        if key in known:
            continue
        known.add(key)
        last += 1
        made.append(
            Alert.objects.create(
                workspace=place,
                number=last,
                rule=rule,
                key=key,
                rule_name=rule.name,
                rule_version=rule.version,
                condition=rule.condition,
                severity=rule.severity,
                unit=rule.unit or units.get(shot.unit),
                is_of_a_part=rule.unit is not None,
                table=shot.table,
                row=shot.row,
                touchpoint=shot.touchpoint[:200],
                figures=dict(shot.figures),
                happened_at=shot.at.replace(tzinfo=UTC),
                fired_at=timezone.now(),
            )
        )
    if not rules.is_snoozed(rule):
        _notify(rule, place, made)
    return made


def _notify(rule: Rule, place: Workspace, made: Iterable[Alert]) -> None:
    recipients = list(rule.recipients.select_related("person", "channel"))
    now = timezone.now().replace(tzinfo=None)
    for alert in made:
        people, channels = _told(recipients, alert)
        for person in people:
            zone = person.timezone or place.timezone
            Notice.objects.create(alert=alert, person=person, due_at=_due(rule, now, zone))
        for channel in channels:
            Notice.objects.create(
                alert=alert, channel=channel, due_at=_due(rule, now, place.timezone)
            )


def _due(rule: Rule, now: datetime, zone: str) -> datetime:
    return due.at(
        now, zone, pace=rule.pace, hour=rule.hour, weekday=rule.weekday, quiet_hours=rule.quiet
    ).replace(tzinfo=UTC)


def _told(recipients: Sequence[Recipient], alert: Alert) -> tuple[list[Person], list[Channel]]:
    """Everybody who is told of an alert, each once."""
    people = [one.person for one in recipients if one.person is not None]
    roles = [one.role for one in recipients if one.role]
    if roles:
        held = Membership.objects.filter(
            workspace=alert.workspace, role__in=roles, person__is_active=True
        )
        people += [one.person for one in held.select_related("person").order_by("person__login")]
    if any(one.is_owner for one in recipients):
        people += owners_of(alert.workspace, alert.touchpoint)
    channels = [one.channel for one in recipients if one.channel is not None]
    return list(dict.fromkeys(people)), list(dict.fromkeys(channels))


def owners_of(place: Workspace, touchpoint: str) -> list[Person]:
    """Who answers for a touchpoint on any map of the workspace."""
    if not touchpoint:
        return []
    logins = {
        node.owner
        for held in JourneyMap.objects.filter(workspace=place)
        for node in maps.shown(held)[1].nodes
        if node.owner and touchpoint in {node.id, *node.name.values()}
    }
    found = Person.objects.filter(login__in=logins, is_active=True, memberships__workspace=place)
    return list(found.order_by("login"))
