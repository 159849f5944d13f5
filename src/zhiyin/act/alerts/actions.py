"""Every write to alert rules and to what fired: one transaction, with its audit entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from zhiyin.accounts import audit, people, units
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Role
from zhiyin.accounts.workspaces import find, settings_of
from zhiyin.act.alerts import conditions, fired, rules
from zhiyin.act.alerts.conditions import Condition
from zhiyin.act.alerts.models import Alert, AlertStatus, Recipient, Rule
from zhiyin.act.channels import kept as channels
from zhiyin.collect.reaching import quiet
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse.log import Log

MOST_RULES = 200
LONGEST_SNOOZE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as somebody wants it.

    Args:
        unit: key of a unit; blank: the whole organisation.
        people: logins; `roles`; `channels`, by key.
        to_owner: the owner of the touchpoint is told.
        quiet: as 21:00-09:00, by the clock of whoever would be told; blank: none.
    """

    name: str
    condition: Condition
    severity: str = "warning"
    unit: str = ""
    people: Sequence[str] = ()
    roles: Sequence[str] = ()
    channels: Sequence[str] = ()
    to_owner: bool = False
    pace: str = "at_once"
    hour: int = 9
    weekday: int = 0
    quiet: str = ""


@transaction.atomic
def add(*, by: Actor, workspace: str, wanted: Wanted, log: Log) -> Rule:
    """A rule. It watches from now on: what it would have done before, `rehearsing` tells.

    Raises:
        Problem: ``alerts.name``, ``alerts.severity``, ``alerts.pace``, ``alerts.hour``,
            ``alerts.role``, ``alerts.too-many``; ``people.none``, ``units.none``,
            ``channels.none``, ``contact.quiet-hours``; as `conditions.checked`.
    """
    place = find(workspace)
    place.alert_rules.select_for_update().count()
    if place.alert_rules.count() >= MOST_RULES:
        raise Problem(
            "alerts.too-many",
            _("There are {n} alert rules already.", n=MOST_RULES),
            _("Remove one that nobody needs."),
        )
    number = (place.alert_rules.aggregate(n=Max("number"))["n"] or 0) + 1
    made = Rule(
        workspace=place, number=number, made_by=by.name, changed_by=by.name,
        watches_since=timezone.now(),
    )  # fmt: skip
    _fill(made, workspace, wanted, log)
    made.save()
    _tell(made, workspace, wanted)
    audit.record(
        by=by, action="alert_rule.added", subject=f"{number} {made.name}"[:200],
        workspace=workspace, after=_audited(made),
    )  # fmt: skip
    return made


@transaction.atomic
def change(*, by: Actor, workspace: str, number: int, wanted: Wanted, log: Log) -> Rule:
    """Change a rule. Where it watches something else it is another version, which begins anew.

    Raises:
        Problem: ``alerts.no-rule``; as `add`.
    """
    held = _locked(workspace, number)
    before = _audited(held)
    watched = held.condition, held.unit_id
    _fill(held, workspace, wanted, log)
    if (held.condition, held.unit_id) != watched:
        held.version += 1
        held.watches_since, held.looked_at, held.trouble = timezone.now(), None, ""
    held.changed_by = by.name
    held.save()
    held.recipients.all().delete()
    _tell(held, workspace, wanted)
    audit.record(
        by=by, action="alert_rule.changed", subject=f"{number} {held.name}"[:200],
        workspace=workspace, before=before, after=_audited(held),
    )  # fmt: skip
    return held


@transaction.atomic
def switch(*, by: Actor, workspace: str, number: int, is_on: bool) -> Rule:
    """Have a rule watch, or not. What happens while it is off never fires.

    Raises:
        Problem: ``alerts.no-rule``.
    """
    held = _locked(workspace, number)
    if held.is_on != is_on:
        held.is_on = is_on
        if is_on:
            held.version += 1
            held.watches_since, held.looked_at = timezone.now(), None
        held.changed_by = by.name
        held.save()
        action = "alert_rule.unmuted" if is_on else "alert_rule.muted"
        audit.record(
            by=by, action=action, subject=f"{number} {held.name}"[:200], workspace=workspace
        )
    return held


@transaction.atomic
def snooze(*, by: Actor, workspace: str, number: int, until: datetime | None) -> Rule:
    """Tell nobody of a rule's alerts until then; it goes on watching. None: tell again.

    Raises:
        Problem: ``alerts.no-rule``, ``alerts.snooze``.
    """
    held = _locked(workspace, number)
    now = timezone.now()
    if until is not None and not now < until <= now + LONGEST_SNOOZE:
        raise Problem(
            "alerts.snooze",
            _("A rule rests until a time that comes, within {n} days.", n=LONGEST_SNOOZE.days),
            _("Choose another time; or switch the rule off."),
        )
    held.snoozed_until = until
    held.save()
    audit.record(
        by=by, action="alert_rule.snoozed", subject=f"{number} {held.name}"[:200],
        workspace=workspace, after={"until": until.isoformat() if until else None},
    )  # fmt: skip
    return held


@transaction.atomic
def remove(*, by: Actor, workspace: str, number: int) -> None:
    """Remove a rule. What it fired stays.

    Raises:
        Problem: ``alerts.no-rule``.
    """
    held = _locked(workspace, number)
    audit.record(
        by=by, action="alert_rule.removed", subject=f"{number} {held.name}"[:200],
        workspace=workspace, before=_audited(held),
    )  # fmt: skip
    held.delete()


# What fired


@transaction.atomic
def note(*, by: Actor, workspace: str, number: int) -> Alert:
    """Take note of an alert: nothing else is to be done.

    Raises:
        Problem: ``alerts.none``, ``alerts.over``.
    """
    return _close(by, workspace, number, AlertStatus.NOTED, "", "")


@transaction.atomic
def dismiss(*, by: Actor, workspace: str, number: int, reason: str, note: str = "") -> Alert:
    """Dismiss an alert with its reason; *not justified* counts as a false alarm.

    Raises:
        Problem: ``alerts.none``, ``alerts.over``, ``alerts.reason``.
    """
    if reason not in fired.REASONS:
        raise Problem(
            "alerts.reason",
            _("No alert is dismissed because of {reason}.", reason=reason[:40] or "“”"),
            _("Use one of: {known}.", known=", ".join(fired.REASONS)),
        )
    return _close(by, workspace, number, AlertStatus.DISMISSED, reason, note.strip()[:2000])


@transaction.atomic
def reopen(*, by: Actor, workspace: str, number: int) -> Alert:
    """Open an alert again.

    Raises:
        Problem: ``alerts.none``.
    """
    held = _locked_alert(workspace, number)
    if held.status != AlertStatus.OPEN:
        held.status, held.reason, held.closed_by, held.closed_at = AlertStatus.OPEN, "", "", None
        held.save()
        audit.record(by=by, action="alert.reopened", subject=str(number), workspace=workspace)
    return held


def _close(
    by: Actor, workspace: str, number: int, status: AlertStatus, reason: str, note: str
) -> Alert:
    held = _locked_alert(workspace, number)
    if held.status != AlertStatus.OPEN:
        raise Problem(
            "alerts.over",
            _("The alert {number} is over.", number=number),
            _("Open it again to say something else of it."),
        )
    held.status, held.reason, held.note = status, reason, note
    held.closed_by, held.closed_at = by.name, timezone.now()
    held.save()
    is_noted = status == AlertStatus.NOTED
    audit.record(
        by=by, action="alert.acknowledged" if is_noted else "alert.dismissed",
        subject=str(number), workspace=workspace, after={"reason": reason} if reason else {},
    )  # fmt: skip
    return held


def _locked(workspace: str, number: int) -> Rule:
    found = Rule.objects.select_for_update(of=("self",)).select_related("unit")
    held = found.filter(workspace__slug=workspace, number=number).first()
    if held is None:
        raise rules.no_rule(number)
    return held


def _locked_alert(workspace: str, number: int) -> Alert:
    found = Alert.objects.select_for_update(of=("self",))
    held = found.filter(workspace__slug=workspace, number=number).first()
    if held is None:
        raise fired.none_such(number)
    return held


def _fill(rule: Rule, workspace: str, wanted: Wanted, log: Log) -> None:
    checked = conditions.checked(wanted.condition, log, settings_of(workspace))
    rule.name = _checked_name(wanted.name)
    rule.condition = conditions.plain(checked)
    rule.severity = _one_of(wanted.severity, rules.SEVERITIES, "alerts.severity")
    rule.unit = units.find(workspace, wanted.unit) if wanted.unit else None
    rule.pace = _one_of(wanted.pace, rules.PACES, "alerts.pace")
    if not (0 <= wanted.hour <= 23 and 0 <= wanted.weekday <= 6):
        raise Problem(
            "alerts.hour",
            _("A digest goes out at an hour from 0 to 23, on a weekday from 0 to 6."),
            _("0 is Monday."),
        )
    rule.hour, rule.weekday = wanted.hour, wanted.weekday
    hours = quiet.read(wanted.quiet)
    rule.quiet = hours.written if hours else ""


def _tell(rule: Rule, workspace: str, wanted: Wanted) -> None:
    """Write down who is told."""
    found = [
        Recipient(rule=rule, person=people.member(workspace, login).person)
        for login in dict.fromkeys(wanted.people)
    ]
    for role in dict.fromkeys(wanted.roles):
        if role not in Role.values:
            raise Problem(
                "alerts.role",
                _("There is no role {role}.", role=role[:40]),
                _("Use one of: {known}.", known=", ".join(Role.values)),
            )
        found.append(Recipient(rule=rule, role=role))
    found += [
        Recipient(rule=rule, channel=channels.get(workspace, key))
        for key in dict.fromkeys(wanted.channels)
    ]
    if wanted.to_owner:
        found.append(Recipient(rule=rule, is_owner=True))
    Recipient.objects.bulk_create(found)


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= 120:
        raise Problem(
            "alerts.name",
            _("An alert rule needs a name of up to 120 letters."),
            _("Say what it looks for: angry words about refunds."),
        )
    return plain


def _one_of(text: str, known: Mapping[str, Text], code: str) -> str:
    if text in known:
        return text
    raise Problem(
        code,
        _("There is no {word} here.", word=text[:40] or "“”"),
        _("Use one of: {known}.", known=", ".join(map(str, known))),
    )


def _audited(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "condition": rule.condition,
        "severity": rule.severity,
        "unit": rule.unit.key if rule.unit else None,
        "pace": rule.pace,
        "quiet": rule.quiet,
        "version": rule.version,
    }
