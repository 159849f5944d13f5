"""Sources of verbatims as the command line and the API write them: no secret is in any of it."""

from __future__ import annotations

from typing import Any

from zhiyin.collect.sources import kept, known
from zhiyin.collect.sources.models import SourceRun, VerbatimSource
from zhiyin.collect.sources.source import Source
from zhiyin.collect.sources.trying import Tried


def source(held: VerbatimSource) -> dict[str, Any]:
    """A source and its state."""
    last = held.runs.first()
    return {
        "key": held.key,
        "name": held.name,
        "kind": held.kind,
        "state": state(held),
        "every_minutes": held.every_minutes,
        "next_at": None if held.is_paused else held.next_at,
        "last_at": held.last_at,
        "last_run": last and run(last),
        "error": _error(held.error),
        "voice": held.voice or None,
        "touchpoint": held.touchpoint or None,
        "channel": held.channel or None,
        "made_by": held.made_by,
        "made_at": held.made_at,
    }


def whole(held: VerbatimSource) -> dict[str, Any]:
    """A source with its settings, its mapping and its runs."""
    secrets = {name: bool(said) for name, said in kept.settings_of(held).secrets.items()}
    return {
        **source(held),
        "settings": held.settings,
        "secrets": sorted(name for name, is_there in secrets.items() if is_there),
        "mapping": held.mapping,
        "replaces": held.replaces,
        "runs": [run(one) for one in kept.runs_of(held)],
    }


def state(held: VerbatimSource) -> str:
    """``paused``, ``failing``, ``new`` (it never ran) or ``ok``."""
    if held.is_paused:
        return "paused"
    if held.error:
        return "failing"
    return "ok" if held.last_at else "new"


def run(one: SourceRun) -> dict[str, Any]:
    """What a run came to."""
    return {
        "began_at": one.began_at,
        "ended_at": one.ended_at,
        "pages": one.pages,
        "read": one.read,
        "added": one.added,
        "doubles": one.doubles,
        "rejected": one.rejected,
        "imports": one.imports,
        "error": _error(one.error),
    }


def tried(found: Tried) -> dict[str, Any]:
    """What a try found."""
    return {
        "read": found.read,
        "added": found.added,
        "doubles": found.doubles,
        "rejected": found.rejected,
        "fields": list(found.fields),
        "absent": list(found.absent),
        "rows": [dict(zip(found.columns, row, strict=True)) for row in found.rows],
        "why": [
            {"column": one.column, "reason": str(one.reason), "rows": one.rows}
            for one in found.reasons
        ],
    }


def kinds() -> list[dict[str, Any]]:
    """The kinds of sources, and what each is to be told."""
    return [kind(one) for one in known.all_kinds().values()]


def kind(one: Source) -> dict[str, Any]:
    """One of them."""
    return {
        "kind": one.kind,
        "label": str(one.label),
        "says": str(one.says),
        "settings": [
            {
                "name": field.name,
                "label": str(field.label),
                "help": str(field.help),
                "kind": field.kind,
                "default": field.default,
                "choices": [name for name, _label in field.choices],
                "is_needed": field.is_needed,
            }
            for field in one.fields
        ],
    }


def _error(error: dict[str, Any]) -> dict[str, Any] | None:
    found = kept.problem_of(error)
    return found.as_dict() if found else None
