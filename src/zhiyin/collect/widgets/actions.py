"""Every write to a rule of the widget: one transaction, with its audit entry; the log process is
told after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.collect.surveys import kept as surveys
from zhiyin.collect.widgets import definition, drawing, kept, snapshot
from zhiyin.collect.widgets.models import WidgetRule
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import segments


@transaction.atomic
def put(
    *, by: Actor, workspace: str, survey: str, name: str, says: Mapping[str, Any]
) -> WidgetRule:
    """Make a rule, which is off at first, or change what it says.

    Args:
        survey: key of the one that it shows; a rule keeps its survey.

    Raises:
        Problem: ``survey.none``, ``widget.name``, ``widget.taken``, ``segments.none``; as
            `definition.read`.
    """
    place = find(workspace)
    asks = surveys.get(workspace, survey)
    rule = definition.read(says)
    if rule.segment:
        segments.get(workspace, rule.segment)
    held = WidgetRule.objects.select_for_update().filter(workspace=place, name=name).first()
    if held is None:
        return _made(by, workspace, asks.key, name, rule)
    if held.survey_id != asks.pk:
        raise name_taken(name)
    before, after = held.says, rule.as_dict()
    if before != after:
        held.says, held.changed_by = after, by.name
        held.revision += 1
        held.save(update_fields=["says", "changed_by", "revision", "changed_at"])
        audit.record(
            by=by, action="widget_rule.changed", subject=name, workspace=workspace,
            before={part: value for part, value in before.items() if after.get(part) != value},
            after={part: value for part, value in after.items() if before.get(part) != value},
        )  # fmt: skip
        transaction.on_commit(snapshot.publish)
    return held


def name_taken(name: str) -> Problem:
    """That another rule is called so."""
    return Problem(
        "widget.taken",
        _("There is a rule {name} already.", name=name),
        _("Choose another name: the log knows by it who was asked."),
    )


def _made(by: Actor, workspace: str, survey: str, name: str, rule: definition.Rule) -> WidgetRule:
    if not definition.NAME.fullmatch(name):
        raise Problem(
            "widget.name",
            _("{name} cannot be the name of a rule.", name=name[:80] or "“”"),
            _("Use up to 60 small letters, digits and hyphens; begin with a letter or digit."),
        )
    made = WidgetRule.objects.create(
        workspace=find(workspace), survey=surveys.get(workspace, survey), name=name,
        says=rule.as_dict(), seed=drawing.new_seed(), created_by=by.name, changed_by=by.name,
    )  # fmt: skip
    audit.record(
        by=by, action="widget_rule.created", subject=name, workspace=workspace,
        # With the seed anybody can draw the same visitors again.
        after={"survey": survey, "seed": made.seed, **made.says},
    )  # fmt: skip
    return made


@transaction.atomic
def switch(*, by: Actor, workspace: str, name: str, is_on: bool) -> WidgetRule:
    """Let a rule ask, or no more; so already, it stays as it is.

    Raises:
        Problem: ``widget.none``, ``survey.not-published``, ``segments.none``.
    """
    held = kept.get(workspace, name)
    if held.is_on == is_on:
        return held
    if is_on:
        if not held.survey.versions.exists():
            raise surveys.not_published(held.survey.key)
        if slug := kept.rule(held).segment:
            segments.get(workspace, slug)
    held.is_on, held.changed_by = is_on, by.name
    held.save(update_fields=["is_on", "changed_by", "changed_at"])
    action = "widget_rule.on" if is_on else "widget_rule.off"
    audit.record(by=by, action=action, subject=name, workspace=workspace, after={"seed": held.seed})
    transaction.on_commit(snapshot.publish)
    return held


@transaction.atomic
def remove(*, by: Actor, workspace: str, name: str) -> WidgetRule:
    """Take a rule out; what the log says of it stays.

    Raises:
        Problem: ``widget.none``.
    """
    held = kept.get(workspace, name)
    audit.record(
        by=by, action="widget_rule.removed", subject=name, workspace=workspace,
        before={"survey": held.survey.key, "seed": held.seed, **held.says},
    )  # fmt: skip
    held.delete()
    transaction.on_commit(snapshot.publish)
    return held
