"""Contact rules 触达频控 of a workspace: cool-down, quiet hours, consent, and open incidents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.collect.reaching import quiet as hours
from zhiyin.collect.reaching.models import ContactRules
from zhiyin.collect.reaching.quiet import Quiet
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

MOST_DAYS = 366

DAYS = ("days_any", "days_relationship", "days_journey", "days_touchpoint")
"""Cool-downs; 0 is none."""

NAMED: dict[str, Text] = {
    "days_any": _("Days between any two askings"),
    "days_relationship": _("Days between askings about the relationship"),
    "days_journey": _("Days between askings about a journey"),
    "days_touchpoint": _("Days between askings about a touchpoint"),
    "quiet": _("Quiet hours"),
    "needs_consent": _("Only who gave consent is asked"),
    "purpose": _("Purpose of the consent"),
    "pauses_in_incident": _("Nobody is asked in an open incident"),
    "incident_begins": _("Event that begins an incident"),
    "incident_ends": _("Event that ends it"),
    "incident_days": _("Days after which an incident counts no longer"),
}
"""What people call each rule."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may be asked; see `models.ContactRules`, whose fields these are.

    Args:
        quiet: ``21:00-09:00``; blank: none.
    """

    days_any: int = 14
    days_relationship: int = 90
    days_journey: int = 30
    days_touchpoint: int = 30
    quiet: str = "21:00-09:00"
    needs_consent: bool = False
    purpose: str = "surveys"
    pauses_in_incident: bool = True
    incident_begins: str = "Conversation Started"
    incident_ends: str = "Conversation Ended"
    incident_days: int = 30

    @property
    def quiet_hours(self) -> Quiet | None:
        """The quiet hours, None where there are none."""
        return hours.read(self.quiet)

    def days(self, kind: str) -> int:
        """The cool-down between askings of a kind of survey; 0 for no kind."""
        return int(getattr(self, f"days_{kind}", 0))

    def as_dict(self) -> dict[str, Any]:
        """As the API and the command line write them."""
        return {name: getattr(self, name) for name in NAMED}


def of(workspace: str) -> Rules:
    """The rules of a workspace; the usual ones where it has changed none."""
    row = ContactRules.objects.filter(workspace__slug=workspace).first()
    if row is None:
        return Rules()
    return Rules(**{field.name: getattr(row, field.name) for field in fields(Rules)})


def read(written: Iterable[str]) -> dict[str, Any]:
    """Changes as people write them: ``days_any=30``, ``quiet=22:00-08:00``, ``needs_consent=yes``.

    Raises:
        Problem: ``contact.no-such-rule``, ``contact.rule-value``.
    """
    found: dict[str, Any] = {}
    for one in written:
        name, _equals, value = (part.strip() for part in one.partition("="))
        if name not in NAMED:
            raise Problem(
                "contact.no-such-rule",
                _("There is no contact rule {name}.", name=name[:60]),
                _("Rules: {names}.", names=", ".join(NAMED)),
            )
        found[name] = _value(name, value)
    return found


def _value(name: str, value: str) -> Any:
    usual = getattr(Rules(), name)
    if isinstance(usual, bool):
        if value.lower() in ("yes", "true", "no", "false"):
            return value.lower() in ("yes", "true")
        raise _bad(name, value)
    if isinstance(usual, int):
        if value.isascii() and value.isdigit():
            return int(value[:9])
        raise _bad(name, value)
    return value


def change(*, by: Actor, workspace: str, **changes: Any) -> Rules:
    """Change rules of a workspace: any field of `Rules`. They hold for whoever is judged next.

    Raises:
        Problem: ``accounts.no-workspace``, ``contact.rule-value``, ``contact.quiet-hours``.
    """
    if unknown := sorted(set(changes) - set(NAMED)):
        raise TypeError(f"not rules of asking: {', '.join(unknown)}")
    place = find(workspace)
    before = of(workspace)
    changes = {name: _checked(name, value) for name, value in changes.items()}
    changes = {name: value for name, value in changes.items() if value != getattr(before, name)}
    after = Rules(**{**before.as_dict(), **changes})
    if after.incident_begins and after.incident_begins == after.incident_ends:
        raise Problem(
            "contact.rule-value",
            _("One event cannot begin and end an incident."),
            _("Name two events, or leave both blank: then open service contacts alone count."),
        )
    if not changes:
        return before
    with transaction.atomic():
        ContactRules.objects.update_or_create(workspace=place, defaults=after.as_dict())
        audit.record(
            by=by,
            action="contact_rules.changed",
            subject=workspace,
            workspace=workspace,
            before={name: getattr(before, name) for name in changes},
            after=changes,
        )
    return after


def _checked(name: str, value: Any) -> Any:
    if name == "quiet":
        found = hours.read(value)
        return found.written if found else ""
    if isinstance(value, str):
        value = value.strip()
        is_needed = name == "purpose"
        if len(value) > 200 or (is_needed and not value):
            raise _bad(name, value)
    elif not isinstance(value, bool):
        least = 1 if name == "incident_days" else 0
        if not least <= value <= MOST_DAYS:
            raise _bad(name, str(value))
    return value


def _bad(name: str, value: str) -> Problem:
    usual = getattr(Rules(), name)
    shown = {True: "yes", False: "no"}.get(usual, usual) if isinstance(usual, bool) else usual
    return Problem(
        "contact.rule-value",
        _("“{value}” cannot be the value of {name}.", value=value[:60], name=name),
        _("Its usual value is {usual}; days are at most {most}.", usual=shown, most=MOST_DAYS),
    )
