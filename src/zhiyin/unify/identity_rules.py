"""By what a workspace takes two ids for one customer, and changing it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify.models import IdentityRules, identifying
from zhiyin.warehouse.log import Log


@dataclass(frozen=True, slots=True)
class Rules:
    """What identifies; see `models.IdentityRules`, whose fields these are."""

    traits: tuple[str, ...] = tuple(identifying())
    shared_by_at_most: int = 2
    country: str = "CN"
    phone_alone: bool = False
    gmail_dots: bool = False
    cluster_limit: int = 10

    @property
    def written(self) -> str:
        """One text for one set of rules."""
        return json.dumps(asdict(self), sort_keys=True)


_NAMES = tuple(field.name for field in fields(Rules))


def rules_of(workspace: str) -> Rules:
    """The rules of a workspace; the usual ones where it has changed none."""
    row = IdentityRules.objects.filter(workspace__slug=workspace).first()
    if row is None:
        return Rules()
    given: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(Rules)}
    return Rules(**{**given, "traits": tuple(given["traits"])})


def read(written: Iterable[str]) -> dict[str, Any]:
    """Changes as people write them: ``shared_by_at_most=3``, ``phone_alone=yes``.

    Raises:
        Problem: ``identity.no-such-rule``, ``identity.rule-value``.
    """
    found: dict[str, Any] = {}
    for one in written:
        name, _equals, value = (part.strip() for part in one.partition("="))
        usual = getattr(Rules(), name, None) if name in _NAMES else None
        if usual is None:
            raise Problem(
                "identity.no-such-rule",
                _("There is no rule {name}.", name=name),
                _("Rules: {names}.", names=", ".join(_NAMES)),
            )
        try:
            found[name] = _value(usual, value)
        except ValueError as error:
            raise Problem(
                "identity.rule-value",
                _("{value} cannot be the value of {name}.", value=value, name=name),
                _("Its usual value is {usual}.", usual=str(usual)),
            ) from error
    return found


def _value(usual: Any, value: str) -> Any:
    if isinstance(usual, bool):
        if value.lower() not in ("yes", "no", "true", "false"):
            raise ValueError(value)
        return value.lower() in ("yes", "true")
    if isinstance(usual, tuple):
        return [part.strip() for part in value.split(",") if part.strip()]
    return int(value) if isinstance(usual, int) else value


def change(log: Log, *, by: Actor, workspace: str, **changes: Any) -> Rules:
    """Change rules of a workspace: any field of `Rules`. Matching follows at its next run.

    Raises:
        Problem: ``accounts.no-workspace``, ``identity.rules``.
    """
    unknown = sorted(set(changes) - {field.name for field in fields(Rules)})
    if unknown:
        raise TypeError(f"not rules of identity: {', '.join(unknown)}")
    place = find(workspace)
    before = rules_of(workspace)
    if isinstance(changes.get("traits"), Sequence):
        changes["traits"] = list(dict.fromkeys(changes["traits"]))
    with transaction.atomic():
        row, _made = IdentityRules.objects.get_or_create(workspace=place)
        for name, value in changes.items():
            setattr(row, name, value)
        try:
            row.full_clean()
        except ValidationError as error:
            raise Problem(
                "identity.rules",
                _("These rules cannot be: {fields}.", fields=", ".join(sorted(error.message_dict))),
                _("At least two customers may share a value, and two may become one."),
            ) from error
        row.save()
        audit.record(
            by=by,
            action="identity_rules.changed",
            subject=workspace,
            workspace=workspace,
            before={name: getattr(before, name) for name in changes},
            after=changes,
        )
    after = rules_of(workspace)
    log.limit_clusters(workspace, after.cluster_limit)
    return after
