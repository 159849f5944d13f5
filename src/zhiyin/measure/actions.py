"""Every write of the room: targets, marks of the calendar, the holidays of a workspace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse
from zhiyin.kernel.text import _
from zhiyin.measure import (
    branches,
    calendar,
    comparisons,
    holiday_days,
    registry,
    target_periods,
)
from zhiyin.measure.metric import KINDS
from zhiyin.measure.models import HolidayCalendar, Mark, MarkKind, Target

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

LONGEST_QUESTION = 200


# Targets


@dataclass(frozen=True, slots=True)
class TargetAsked:
    """A target as somebody writes it.

    Args:
        period: as `target_periods.read` takes it.
        value: in the unit of the measure.
        unit: key of a unit; blank: the whole company.
        kind: of answers; blank where there is only one.
        question: blank: every question.
    """

    metric: str
    period: str
    value: float
    unit: str = ""
    kind: str = ""
    question: str = ""


@transaction.atomic
def set_target(
    *, by: Actor, workspace: Settings, asked: TargetAsked, scope: Filter | None = None
) -> Target:
    """Set what a measure should be in a period; a target that is there gets another value.

    Args:
        scope: of whoever sets it: she answers for her own branch alone.

    Raises:
        Problem: ``measure.no-such-metric``, ``target.period``, ``target.value``, ``target.kind``,
            ``units.no-such-unit``, ``branch.not-yours``, ``compare.against``.
    """
    named = dict(zip(_NAMED, check_target(workspace, asked, scope), strict=True))
    target, is_new = Target.objects.select_for_update().get_or_create(
        workspace=find(workspace.slug), **named, defaults={"value": asked.value}
    )
    before = None if is_new else _target_as_json(target)
    if not is_new:
        target.value = asked.value
        target.save()
    audit.record(
        by=by,
        action="target.set" if is_new else "target.changed",
        subject=_target_name(target),
        workspace=workspace.slug,
        before=before,
        after=_target_as_json(target),
    )
    return target


@transaction.atomic
def set_targets(
    *, by: Actor, workspace: Settings, asked: Sequence[TargetAsked], scope: Filter | None = None
) -> list[Target]:
    """Set many at once: all of them or, where one is refused, none. Raises as `set_target`."""
    return [set_target(by=by, workspace=workspace, asked=one, scope=scope) for one in asked]


@transaction.atomic
def change_target(
    *, by: Actor, workspace: Settings, number: int, asked: TargetAsked, scope: Filter | None = None
) -> Target:
    """Change a target, its measure, unit and period too.

    Raises:
        Problem: as `set_target`; ``target.none``, ``target.taken``.
    """
    target = get_target(workspace.slug, number, scope=scope)
    named = dict(zip(_NAMED, check_target(workspace, asked, scope), strict=True))
    same = Target.objects.filter(workspace=target.workspace, **named).exclude(pk=target.pk)
    if same.exists():
        raise Problem(
            "target.taken",
            _("There is already a target for this measure, unit and period."),
            _("Change that one, or choose another period."),
        )
    before = _target_as_json(target)
    for name, value in {**named, "value": asked.value}.items():
        setattr(target, name, value)
    target.save()
    audit.record(
        by=by,
        action="target.changed",
        subject=_target_name(target),
        workspace=workspace.slug,
        before=before,
        after=_target_as_json(target),
    )
    return target


@transaction.atomic
def remove_target(
    *, by: Actor, workspace: Settings, number: int, scope: Filter | None = None
) -> Target:
    """Take a target out; returns what it was, so that it can be set again.

    Raises:
        Problem: ``target.none``, ``branch.not-yours``.
    """
    target = get_target(workspace.slug, number, scope=scope)
    audit.record(
        by=by,
        action="target.removed",
        subject=_target_name(target),
        workspace=workspace.slug,
        before=_target_as_json(target),
    )
    Target.objects.filter(pk=target.pk).delete()
    return target


def get_target(workspace: str, number: int, *, scope: Filter | None = None) -> Target:
    """The target of this number, if it is within a reader's branch.

    Raises:
        Problem: ``target.none``.
    """
    found = Target.objects.filter(workspace__slug=workspace, pk=number).first()
    if found is None or not branches.is_hers(found.unit, branches.own_units(scope)):
        raise Problem(
            "target.none",
            _("There is no target {number}.", number=number),
            _("Look at the list again: somebody may have taken it out."),
        )
    return found


_NAMED = ("metric", "kind", "question", "unit", "first", "end")
"""What tells one target of a workspace from another."""

TargetKey = tuple[str, str, str, str, date, date]


def check_target(workspace: Settings, asked: TargetAsked, scope: Filter | None) -> TargetKey:
    """Refuse what cannot be a target; returns what tells it from others.

    Raises:
        Problem: as `set_target`.
    """
    metric = registry.metric(asked.metric)
    if not math.isfinite(asked.value):
        raise Problem(
            "target.value",
            _("A target is a number."),
            _("Write it in the unit of the measure, for instance 42 or 87.5."),
        )
    comparisons.check_value(metric, asked.value)
    is_of_answers = bool(asked.kind or asked.question)
    if (asked.kind and asked.kind not in KINDS) or (is_of_answers and not metric.is_asked):
        raise Problem(
            "target.kind",
            _("{metric} has no answers of the kind “{kind}”.", metric=metric.slug, kind=asked.kind)
            if asked.kind
            else _("{metric} is not read from answers: it has no question.", metric=metric.slug),
            _("Use one of {known} for measures of answers, and leave it blank for others.",
              known=", ".join(KINDS)),
        )  # fmt: skip
    if len(asked.question) > LONGEST_QUESTION:
        raise Problem(
            "target.kind",
            _("The name of a question has at most {most} characters.", most=LONGEST_QUESTION),
            _("Write it as the page Scores lists it."),
        )
    unit = asked.unit.strip()
    branches.check(unit, branches.own_units(scope))
    branches.known(workspace.slug, unit)
    first, end = target_periods.read(asked.period, workspace)
    return metric.slug, asked.kind, asked.question.strip(), unit, first, end


def _target_name(target: Target) -> str:
    parts = (target.metric, target.kind, target.question, target.unit)
    return f"{' '.join(part for part in parts if part)} {target.first}"[:254]


def _target_as_json(target: Target) -> dict[str, Any]:
    return {
        "metric": target.metric,
        "kind": target.kind,
        "question": target.question,
        "unit": target.unit,
        "from": target.first.isoformat(),
        "to": target.end.isoformat(),
        "value": target.value,
    }


# Marks of the calendar


@dataclass(frozen=True, slots=True)
class MarkAsked:
    """A mark as somebody writes it.

    Args:
        kind: one of `calendar.KINDS`.
        first: the first local day.
        last: the last; the same where it was one day.
        unit: key of a unit: its branch; blank: it does not say.
        where: a filter over facts.
        about: ids of orders, flights, contacts or visits.
        customers: ids of customers.
    """

    name: str
    kind: str
    first: date
    last: date
    unit: str = ""
    touchpoint: str = ""
    where: str = ""
    about: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()


@transaction.atomic
def add_mark(
    *, by: Actor, workspace: Settings, asked: MarkAsked, scope: Filter | None = None
) -> Mark:
    """Mark days in the calendar.

    Args:
        scope: of whoever marks: she marks for her own branch alone.

    Raises:
        Problem: ``calendar.name``, ``calendar.kind``, ``calendar.backwards``, ``calendar.taken``,
            ``calendar.too-many``, ``filter.…``, ``units.no-such-unit``, ``branch.not-yours``.
    """
    values = check_mark(workspace, asked, scope)
    _free(workspace.slug, values, None)
    mark = Mark.objects.create(workspace=find(workspace.slug), made_by=by.name, **values)
    _recorded(by, "mark.added", mark, None)
    return mark


@transaction.atomic
def add_marks(
    *, by: Actor, workspace: Settings, asked: Sequence[MarkAsked], scope: Filter | None = None
) -> list[Mark]:
    """Mark many days at once: all of them or, where one is refused, none. Raises as `add_mark`."""
    return [add_mark(by=by, workspace=workspace, asked=one, scope=scope) for one in asked]


@transaction.atomic
def change_mark(
    *, by: Actor, workspace: Settings, number: int, asked: MarkAsked, scope: Filter | None = None
) -> Mark:
    """Change a mark. Raises as `add_mark`; ``calendar.none``."""
    mark = _get_mark(workspace, number, scope)
    values = check_mark(workspace, asked, scope)
    _free(workspace.slug, values, mark)
    before = _mark_as_json(mark)
    for name, value in values.items():
        setattr(mark, name, value)
    mark.save()
    _recorded(by, "mark.changed", mark, before)
    return mark


@transaction.atomic
def remove_mark(
    *, by: Actor, workspace: Settings, number: int, scope: Filter | None = None
) -> Mark:
    """Take a mark out; returns what it was, so that it can be put back.

    Raises:
        Problem: ``calendar.none``, ``branch.not-yours``.
    """
    mark = _get_mark(workspace, number, scope)
    before = _mark_as_json(mark)
    Mark.objects.filter(pk=mark.pk).delete()
    audit.record(
        by=by, action="mark.removed", subject=mark.name, workspace=workspace.slug, before=before
    )
    return mark


@transaction.atomic
def choose_holidays(*, by: Actor, workspace: Settings, country: str, lunar: bool) -> None:
    """Choose whose holidays figures are read with.

    Raises:
        Problem: ``calendar.country``.
    """
    code = country.strip().upper()
    if code and code not in holiday_days.countries():
        raise Problem(
            "calendar.country",
            _("No holidays are known of “{country}”.", country=country),
            _("Write the two letters of a country, such as CN or DE, or leave it blank for none."),
        )
    row, _is_new = HolidayCalendar.objects.get_or_create(workspace=find(workspace.slug))
    before = {"country": row.country, "lunar": row.has_lunar_festivals}
    row.country, row.has_lunar_festivals = code, lunar
    row.save()
    audit.record(
        by=by,
        action="holidays.chosen",
        subject=workspace.slug,
        workspace=workspace.slug,
        before=before,
        after={"country": code, "lunar": lunar},
    )


MOST_LISTED = 5_000
"""Ids in one mark: a filter over facts says more with fewer words."""


def check_mark(workspace: Settings, asked: MarkAsked, scope: Filter | None) -> dict[str, Any]:
    """Refuse what cannot be a mark; returns the values of its row.

    Raises:
        Problem: as `add_mark`.
    """
    name = " ".join(asked.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Problem(
            "calendar.name",
            _("A mark needs a name of at most {most} characters.", most=LONGEST_NAME),
            _("Say what happened: “Typhoon closes Shanghai”."),
        )
    if asked.kind not in MarkKind.values:
        raise Problem(
            "calendar.kind",
            _("There is no kind of mark called “{kind}”.", kind=asked.kind),
            _("Use one of: {known}.", known=", ".join(MarkKind.values)),
        )
    if asked.last < asked.first:
        raise Problem(
            "calendar.backwards",
            _("The last day, {last}, is before the first, {first}.",
              last=asked.last, first=asked.first),
            _("Write the first day first; for one day they are the same."),
        )  # fmt: skip
    if max(len(asked.about), len(asked.customers)) > MOST_LISTED:
        raise Problem(
            "calendar.too-many",
            _("A mark lists at most {most} ids.", most=MOST_LISTED),
            _("Say whom it concerned with a filter instead."),
        )
    unit = asked.unit.strip()
    own = branches.own_units(scope)
    branches.check(unit, own)
    branches.known(workspace.slug, unit)
    if asked.where.strip():
        parse(asked.where)
    return {
        "name": name,
        "kind": asked.kind,
        "first": asked.first,
        "end": asked.last + timedelta(days=1),
        "unit": unit,
        "touchpoint": asked.touchpoint.strip()[:LONGEST_NAME],
        "where": asked.where.strip(),
        "about": list(dict.fromkeys(asked.about)),
        "customers": list(dict.fromkeys(asked.customers)),
    }


LONGEST_NAME = 120


def _free(workspace: str, values: dict[str, Any], mine: Mark | None) -> None:
    same = Mark.objects.filter(
        workspace__slug=workspace,
        name=values["name"],
        first=values["first"],
        end=values["end"],
    )
    if mine is not None:
        same = same.exclude(pk=mine.pk)
    if same.exists():
        raise Problem(
            "calendar.taken",
            _("“{name}” is already marked on these days.", name=values["name"]),
            _("Change that mark, or choose another name."),
        )


def _get_mark(workspace: Settings, number: int, scope: Filter | None) -> Mark:
    held = calendar.get(workspace, number, scope=scope)
    branches.check(held.unit, branches.own_units(scope))
    return Mark.objects.select_for_update().get(pk=number)


def _recorded(by: Actor, action: str, mark: Mark, before: dict[str, Any] | None) -> None:
    audit.record(
        by=by,
        action=action,
        subject=mark.name,
        workspace=mark.workspace.slug,
        before=before,
        after=_mark_as_json(mark),
    )


def _mark_as_json(mark: Mark) -> dict[str, Any]:
    return {
        "name": mark.name,
        "kind": mark.kind,
        "from": mark.first.isoformat(),
        "to": mark.end.isoformat(),
        "unit": mark.unit,
        "touchpoint": mark.touchpoint,
        "where": mark.where,
        "about": list(mark.about),
        "customers": list(mark.customers),
    }
