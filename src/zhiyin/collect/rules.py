"""Touchpoint rules and unit rules: edited here, kept in the log, read with every query."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from zhiyin.accounts import audit, units
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.rules import Rule, Ruled, Rules


@dataclass(frozen=True, slots=True)
class Edit:
    """Who edits which rules, and what she has seen of them.

    Args:
        column: the rules of touchpoints, or those of units.
        seen: the `digest` of the rules that she looked at; None takes them as they are.
    """

    by: Actor
    log: Log
    workspace: Settings
    column: Ruled
    seen: str | None = None

    def rules(self) -> Rules:
        """The rules, if they are still those that she has seen.

        Raises:
            Problem: ``rules.changed``.
        """
        found = self.log.rules(self.workspace.slug, self.column)
        if self.seen is not None and digest(found) != self.seen:
            raise Problem(
                "rules.changed",
                _("Somebody else has changed the rules in the meantime."),
                _("Look at the rules as they are now, and change them again."),
            )
        return found


def digest(rules: Rules) -> str:
    """What stands for a list of rules in a form: who sends it has seen this list."""
    said = json.dumps(
        [[[r.where, r.gives, r.zone, r.table] for r in rules], rules.come_first],
        ensure_ascii=False,
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def add(edit: Edit, rule: Rule, *, place: int | None = None) -> None:
    """Put a rule at `place`, by default behind the others.

    Raises:
        Problem: ``filter.…``, ``rules.…``; ``rules.no-such-unit`` where it gives one that the
            tree lacks.
    """
    rules = edit.rules()
    listed = list(rules)
    at = len(listed) if place is None else min(max(place, 0), len(listed))
    listed.insert(at, _neat(rule))
    _put(edit, "added", rule.gives, rules, listed)


def change(edit: Edit, place: int, rule: Rule) -> None:
    """Put another rule in the place of one. Raises as `add` does."""
    rules = edit.rules()
    _at(rules, place)
    listed = [*rules.listed[:place], _neat(rule), *rules.listed[place + 1 :]]
    _put(edit, "changed", rule.gives, rules, listed)


def move(edit: Edit, place: int, *, to: int) -> Rule:
    """Move a rule: the first that holds decides. Returns it. Raises as `add` does."""
    rules = edit.rules()
    rule = _at(rules, place)
    listed = [*rules.listed[:place], *rules.listed[place + 1 :]]
    listed.insert(min(max(to, 0), len(listed)), rule)
    if tuple(listed) != rules.listed:
        _put(edit, "moved", rule.gives, rules, listed)
    return rule


def remove(edit: Edit, place: int) -> Rule:
    """Take a rule out; returns it, so that it can be put back. Raises as `add` does."""
    rules = edit.rules()
    rule = _at(rules, place)
    _put(edit, "removed", rule.gives, rules, [*rules.listed[:place], *rules.listed[place + 1 :]])
    return rule


def put_first(edit: Edit, *, come_first: bool) -> None:
    """Whether the rules hold for facts that name a word of their own, too."""
    rules = edit.rules()
    if rules.come_first != come_first:
        _keep(edit, "ordered", edit.column, rules, replace(rules, come_first=come_first))


def replace_all(edit: Edit, rules: Rules) -> None:
    """Put these rules in the place of all. Raises as `add` does."""
    before = edit.rules()
    after = replace(rules, listed=tuple(_neat(rule) for rule in rules))
    if after != before:
        _keep(edit, "replaced", edit.column, before, after)


def given_units(log: Log, workspace: str) -> frozenset[str]:
    """The units that rules give to facts."""
    return frozenset(rule.gives for rule in log.rules(workspace, "unit"))


def unknown_units(workspace: str, rules: Rules) -> list[str]:
    """The units that rules give and the organisation tree lacks."""
    known = {place.unit.key for place in units.tree(workspace)}
    return sorted({rule.gives for rule in rules} - known)


def as_dict(rules: Rules, column: Ruled) -> dict[str, Any]:
    """The rules of a column as the API and the command line write them."""
    return {
        "rules": [
            {"where": one.where, column: one.gives, "table": one.table, "timezone": one.zone}
            for one in rules
        ],
        "come_first": rules.come_first,
        "seen": digest(rules),
    }


def _at(rules: Rules, place: int) -> Rule:
    if not 0 <= place < len(rules):
        raise Problem(
            "rules.no-such-rule",
            _("There is no rule {place}.", place=place + 1),
            _("Look at the rules as they are now, and change them again."),
        )
    return rules.listed[place]


def _neat(rule: Rule) -> Rule:
    return replace(rule, where=rule.where.strip(), gives=rule.gives.strip())


def _put(edit: Edit, done: str, subject: str, before: Rules, listed: Collection[Rule]) -> None:
    _keep(edit, done, subject, before, replace(before, listed=tuple(listed)))


def _keep(edit: Edit, done: str, subject: str, before: Rules, after: Rules) -> None:
    slug = edit.workspace.slug
    if edit.column == "unit":
        _check_units(slug, {rule.gives for rule in after} - {rule.gives for rule in before})
    # The log's own transaction is inside: where it refuses, nothing is recorded.
    with transaction.atomic():
        audit.record(
            by=edit.by,
            action=f"{edit.column}_rule.{done}",
            subject=subject[:254],
            workspace=slug,
            before=_recorded(before),
            after=_recorded(after),
        )
        edit.log.set_rules(slug, edit.column, after, instead_of=before)


def _recorded(rules: Rules) -> dict[str, object]:
    listed = [[r.where, r.gives, *([r.table] if r.table else [])] for r in rules]
    return {"rules": listed, **({"come_first": True} if rules.come_first else {})}


def _check_units(workspace: str, given: Collection[str]) -> None:
    """A unit that the tree lacks is in nobody's scope: most likely it is misspelt."""
    known = {place.unit.key for place in units.tree(workspace)}
    lacking = sorted(key for key in given if key and key not in known)
    if lacking:
        raise Problem(
            "rules.no-such-unit",
            _("There is no unit {key} in the organisation tree.", key=lacking[0]),
            _("Add it in the settings under Units first, or correct the key."),
        )
