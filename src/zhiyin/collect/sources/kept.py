"""Sources of verbatims, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db.models import QuerySet

from zhiyin.accounts import sealing
from zhiyin.collect.sources import mapped
from zhiyin.collect.sources.models import SourceRun, VerbatimSource
from zhiyin.collect.sources.source import Cursor, Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

SHOWN_RUNS = 50


def of(workspace: str) -> list[VerbatimSource]:
    """The sources of a workspace, by name."""
    return list(VerbatimSource.objects.filter(workspace__slug=workspace))


def get(workspace: str, key: str) -> VerbatimSource:
    """One of them.

    Raises:
        Problem: ``source.none``.
    """
    held = VerbatimSource.objects.filter(workspace__slug=workspace, key=key).first()
    if held is None:
        raise none_such(key)
    return held


def none_such(key: str) -> Problem:
    """What is said where there is no such source."""
    return Problem(
        "source.none",
        _("There is no source {key}.", key=key),
        _("`zhiyin source list`, or the page Sources, names those that there are."),
    )


def runs_of(held: VerbatimSource) -> QuerySet[SourceRun]:
    """The newest first."""
    return held.runs.all()[:SHOWN_RUNS]


def settings_of(held: VerbatimSource) -> Settings:
    """What it is told, its secrets opened."""
    secrets = msgspec.json.decode(sealing.unseal(held.secrets)) if held.secrets else {}
    return Settings(held.settings, secrets)


def cursor_of(held: VerbatimSource) -> Cursor:
    """How far it has come."""
    found: Cursor = msgspec.json.decode(sealing.unseal(held.cursor)) if held.cursor else {}
    return found


def mapping_of(held: VerbatimSource) -> dict[str, Any]:
    """What its records are, whole."""
    return mapped.whole(
        held.mapping, source=held.key, voice=held.voice, touchpoint=held.touchpoint,
        channel=held.channel,
    )  # fmt: skip


def problem_of(error: Mapping[str, Any]) -> Problem | None:
    """An error that was kept, for whoever reads it; None where there was none."""
    if not error:
        return None
    hint = error.get("hint")
    return Problem(error["code"], Text(*error["message"]), Text(*hint) if hint else None)
