"""The catalogue of events: what was seen, and what people say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.keys import write_snapshot
from zhiyin.accounts.workspaces import find
from zhiyin.collect.models import EventDefinition
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.deadletters import Seen
from zhiyin.warehouse.log import Log

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of events, or one property of it.

    Args:
        property: blank for the name itself.
        kinds: what its values are, the most frequent first.
        n: in how many events.
        definition: what a person said of it, or None.
        left_out: events not taken in since it was blocked.
    """

    name: str
    property: str
    kinds: tuple[str, ...]
    n: int
    examples: tuple[str, ...]
    first_at: datetime | None
    last_at: datetime | None
    definition: EventDefinition | None = None
    left_out: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it, without examples: they may say who a customer is."""
        said = self.definition
        return {
            "name": self.name,
            "property": self.property,
            "kinds": list(self.kinds),
            "n": self.n,
            "first_at": f"{self.first_at.isoformat()}Z" if self.first_at else None,
            "last_at": f"{self.last_at.isoformat()}Z" if self.last_at else None,
            "description_en": said.description_en if said else "",
            "description_zh": said.description_zh if said else "",
            "is_hidden": bool(said and said.is_hidden),
            "is_blocked": bool(said and said.is_blocked),
            "left_out": self.left_out,
        }


@transaction.atomic
def define(
    *,
    by: Actor,
    workspace: str,
    name: str,
    of_property: str = "",
    description_en: str = "",
    description_zh: str = "",
    is_hidden: bool = False,
    is_blocked: bool = False,
) -> EventDefinition:
    """Say what a name or property is, and whether it is shown and taken in.

    Raises:
        Problem: ``accounts.no-workspace``, ``events.no-name``, ``events.long-description``.
    """
    if not name.strip() or len(name) > 200 or len(of_property) > 200:
        raise Problem(
            "events.no-name",
            _("“{name}” is no name of an event.", name=name[:60]),
            _("Choose one of the catalogue."),
        )
    if max(len(description_en), len(description_zh)) > LONGEST:
        raise Problem(
            "events.long-description",
            _("The description is longer than {limit} characters.", limit=LONGEST),
            _("Shorten it."),
        )
    found, _made = EventDefinition.objects.select_for_update().get_or_create(
        workspace=find(workspace), name=name, property=of_property
    )
    before = _said(found)
    found.description_en, found.description_zh = description_en.strip(), description_zh.strip()
    found.is_hidden, found.is_blocked = is_hidden, is_blocked
    found.save()
    after = _said(found)
    if before != after:
        audit.record(
            by=by,
            action="event.defined",
            subject=str(found)[:254],
            workspace=workspace,
            before={key: before[key] for key in before if before[key] != after[key]},
            after={key: after[key] for key in after if before[key] != after[key]},
        )
        transaction.on_commit(publish)
    return found


def hidden_names(workspace: str) -> tuple[str, ...]:
    """Names that pages leave out."""
    found = EventDefinition.objects.filter(workspace__slug=workspace, property="", is_hidden=True)
    return tuple(found.values_list("name", flat=True))


def hidden_properties(workspace: str, name: str) -> frozenset[str]:
    """Properties of a name that pages leave out."""
    found = EventDefinition.objects.filter(
        workspace__slug=workspace, name=name, is_hidden=True
    ).exclude(property="")
    return frozenset(found.values_list("property", flat=True))


def snapshot_file(data: Path) -> Path:
    """Where the log process finds what is blocked."""
    return data / "snapshots" / "events.json"


def publish() -> None:
    """Write the snapshot of what is blocked anew."""
    names: dict[str, list[str]] = {}
    properties: dict[str, dict[str, list[str]]] = {}
    for one in EventDefinition.objects.filter(is_blocked=True).select_related("workspace"):
        slug = one.workspace.slug
        if one.property:
            properties.setdefault(slug, {}).setdefault(one.name, []).append(one.property)
        else:
            names.setdefault(slug, []).append(one.name)
    workspaces = {
        slug: {
            "blocked": names.get(slug, []),
            "blocked_properties": properties.get(slug, {}),
        }
        for slug in sorted({*names, *properties})
    }
    write_snapshot(snapshot_file(Path(settings.ZHIYIN_DATA)), {"workspaces": workspaces})


def catalogue(log: Log, workspace: str, *, name: str | None = None) -> list[Entry]:
    """Every name with what people say of it; with `name`, that name and its properties."""
    said = {
        (one.name, one.property): one
        for one in EventDefinition.objects.filter(workspace__slug=workspace)
    }
    left_out = log.blocked_counts(workspace)
    seen: dict[tuple[str, str], list[Seen]] = {}
    for one in log.catalogue(workspace):
        if (one.property == "") if name is None else (one.name == name):
            seen.setdefault((one.name, one.property), []).append(one)
    entries = [_entry(key, rows, said.get(key), left_out) for key, rows in seen.items()]
    # What was described or blocked before it ever came is shown too.
    for key, definition in said.items():
        if key not in seen and ((key[1] == "") if name is None else (key[0] == name)):
            entries.append(_entry(key, [], definition, left_out))
    return sorted(entries, key=lambda one: (one.property != "", -one.n, one.name, one.property))


def _entry(
    key: tuple[str, str],
    rows: Sequence[Seen],
    definition: EventDefinition | None,
    left_out: Mapping[str, int],
) -> Entry:
    most = sorted(rows, key=lambda row: -row.n)
    return Entry(
        key[0],
        key[1],
        tuple(row.kind for row in most),
        sum(row.n for row in most),
        tuple(dict.fromkeys(text for row in most for text in row.examples))[:3],
        min((row.first_at for row in most), default=None),
        max((row.last_at for row in most), default=None),
        definition,
        0 if key[1] else left_out.get(key[0], 0),
    )


def _said(one: EventDefinition) -> dict[str, object]:
    return {
        "description_en": one.description_en,
        "description_zh": one.description_zh,
        "is_hidden": one.is_hidden,
        "is_blocked": one.is_blocked,
    }
