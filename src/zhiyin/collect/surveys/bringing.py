"""Surveys out of files, and new ones to begin with."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.models import Survey
from zhiyin.collect.surveys import actions, definition
from zhiyin.collect.surveys.formats import reading
from zhiyin.collect.surveys.library import sets


def bring(
    *, by: Actor, workspace: str, name: str, content: bytes, key: str = "", dry_run: bool = False
) -> dict[str, Any]:
    """Make a draft of a file; returns what was read, as the command line and the API write it.

    Args:
        name: of the file.
        key: blank: made from the name of the file.
        dry_run: look at the file, and keep nothing.

    Raises:
        Problem: those of `reading.read` and of `actions.create`.
    """
    found = reading.read(name, content)
    chosen = key or key_of(name)
    made: Survey | None = None
    if not dry_run:
        made = actions.create(by=by, workspace=workspace, key=chosen, survey=found.survey)
    return {"id": made.public_id if made else None, "key": chosen, **found.as_dict()}


def begun(workspace: Settings, *, title: str = "", ready: str = "") -> definition.Survey:
    """A survey to begin with: a ready set, or a page without questions.

    Args:
        title: of one without a ready set, in the workspace's language.
        ready: the name of a ready set; blank: none.

    Raises:
        Problem: ``survey.no-set``.
    """
    if ready:
        return sets.get(ready).survey
    language = definition.language_of(workspace.language)
    page = definition.Page("start", ())
    return definition.Survey({language: title} if title else {}, (page,), language=language)


def key_of(name: str) -> str:
    """A key made of the name of a file; blank where no letter of it can stand in one."""
    plain = re.sub(r"[^a-z0-9]+", "-", PurePath(name).stem.lower())
    return plain.strip("-")[:60].strip("-")
