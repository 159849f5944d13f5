"""Mappings that a workspace keeps: the same YAML that ``zhiyin import --map`` reads."""

from __future__ import annotations

from typing import Any

import yaml
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.collect.files import mapping, written
from zhiyin.collect.models import SavedMapping
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_BYTES = 200_000


def of(workspace: str) -> list[SavedMapping]:
    """The saved mappings of a workspace, by name."""
    return list(SavedMapping.objects.filter(workspace__slug=workspace).order_by("name"))


def get(workspace: str, number: int) -> SavedMapping | None:
    """One of them."""
    return SavedMapping.objects.filter(workspace__slug=workspace, pk=number).first()


def named(workspace: str, name: str) -> SavedMapping:
    """The saved mapping of this name, or of this number where it is written in digits.

    Raises:
        Problem: ``mappings.none``.
    """
    held = SavedMapping.objects.filter(workspace__slug=workspace, name=name).first()
    if held is None and name.isdecimal() and len(name) < 10:
        held = get(workspace, int(name))
    if held is None:
        raise Problem(
            "mappings.none",
            _("There is no saved mapping {name}.", name=name),
            _("The page Import lists those that there are."),
        )
    return held


def as_dict(held: SavedMapping) -> dict[str, Any]:
    """A saved mapping as the command line and the API write it."""
    return {
        "number": held.pk,
        "name": held.name,
        "mapping": held.says,
        "saved_by": held.saved_by,
        "saved_at": held.saved_at,
    }


@transaction.atomic
def save(*, by: Actor, workspace: str, name: str, says: str) -> SavedMapping:
    """Keep a mapping under a name; one that has the name is replaced.

    Raises:
        Problem: ``mappings.no-name``; ``import.mapping…`` where it makes no sense.
    """
    name = " ".join(name.split())[:80]
    if not name:
        raise Problem(
            "mappings.no-name",
            _("A saved mapping needs a name."),
            _("Write one that says which files it is for."),
        )
    mapping.read(parse(says, name), name)
    held, _is_new = SavedMapping.objects.update_or_create(
        workspace=find(workspace), name=name, defaults={"says": says, "saved_by": by.name}
    )
    audit.record(by=by, action="mapping.saved", subject=name, workspace=workspace)
    return held


@transaction.atomic
def remove(*, by: Actor, held: SavedMapping) -> None:
    """Keep a mapping no longer; imports made with it stay."""
    audit.record(by=by, action="mapping.removed", subject=held.name, workspace=held.workspace.slug)
    held.delete()


def parse(says: str, name: str) -> dict[str, Any]:
    """The one mapping in a YAML text, unchecked.

    Args:
        name: for messages.

    Raises:
        Problem: ``import.mapping-…``: no YAML, several mappings, or a query over several files.
    """
    found = written.documents_in(says, name)
    if len(found) != 1 or not isinstance(found[0][0], dict):
        raise Problem(
            "import.mapping-not-one",
            _("{name} holds {count} mappings; a page takes one.", name=name, count=len(found)),
            _("Several mappings, and queries over several files, are for: zhiyin import"),
        )
    document: dict[str, Any] = found[0][0]
    if document.get("query"):
        raise Problem(
            "import.mapping-not-one",
            _("{name} is a query over files; a page takes one file.", name=name),
            _("Several mappings, and queries over several files, are for: zhiyin import"),
        )
    return document


def text_of(document: dict[str, Any]) -> str:
    """A mapping as YAML that people read."""
    return str(
        yaml.safe_dump(
            document, allow_unicode=True, sort_keys=False, default_flow_style=None, width=100
        )
    )
