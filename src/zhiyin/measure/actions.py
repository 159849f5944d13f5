"""Every write of the room: targets, marks of the calendar, the holidays of a workspace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.measure import branches, comparisons, registry, target_periods
from zhiyin.measure.metric import KINDS, Metric
from zhiyin.measure.models import Target

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
    metric = _checked_target(workspace, asked, scope)
    first, end = target_periods.read(asked.period, workspace)
    target, is_new = Target.objects.select_for_update().get_or_create(
        workspace=find(workspace.slug),
        metric=metric.slug,
        kind=asked.kind,
        question=asked.question.strip(),
        unit=asked.unit.strip(),
        first=first,
        end=end,
        defaults={"value": asked.value},
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
    metric = _checked_target(workspace, asked, scope)
    first, end = target_periods.read(asked.period, workspace)
    named = {
        "metric": metric.slug,
        "kind": asked.kind,
        "question": asked.question.strip(),
        "unit": asked.unit.strip(),
        "first": first,
        "end": end,
    }
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


def _checked_target(workspace: Settings, asked: TargetAsked, scope: Filter | None) -> Metric:
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
    branches.check(asked.unit.strip(), branches.own_units(scope))
    branches.known(workspace.slug, asked.unit.strip())
    return metric


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
