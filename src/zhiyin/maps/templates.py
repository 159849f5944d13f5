"""Templates of journey maps by industry: a map with its personas, aspects, surveys and measures.

Each is a file of `templates/`, written in both languages; docs/map-templates.md says how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.collect.aspects import actions as aspects
from zhiyin.collect.aspects import starters
from zhiyin.collect.models import Survey as KeptSurvey
from zhiyin.collect.surveys import actions as surveys
from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.library import sets
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import actions, document
from zhiyin.maps.document import Map, Texts
from zhiyin.maps.models import JourneyMap, Persona

FOLDER = Path(__file__).parent / "templates"


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a template: an unknown key is an error, what is left out is not written."""


class WrittenPersona(_Written, frozen=True):
    """A persona 客户角色.

    Args:
        says: who they are and what they want.
        customers: a rule over customers in columns that every workspace has; blank: everybody,
            until the workspace says by what it knows them.
    """

    key: str
    name: Texts
    says: Texts
    customers: str = ""


class WrittenSurvey(_Written, frozen=True):
    """A survey, under the key that it gets in the workspace."""

    key: str
    survey: definition.Survey


class WrittenMeasure(_Written, frozen=True):
    """A figure that is worth watching in the industry.

    Args:
        metric: slug of the measure.
        question: the series that it is of; blank: of no one question.
        kind: of answers; blank: not told.
        touchpoint: id of the touchpoint that it is about; blank: none.
        why: what it tells.
    """

    metric: str
    why: Texts
    question: str = ""
    kind: str = ""
    touchpoint: str = ""


class Template(_Written, frozen=True):
    """What an industry begins with.

    Args:
        says: for whom it is.
        aspects: keys of the starters.
        surveys: documents, and names of ready sets.
    """

    key: str
    name: Texts
    says: Texts
    map: Map
    format: int = document.FORMAT
    personas: tuple[WrittenPersona, ...] = ()
    aspects: tuple[str, ...] = ()
    surveys: tuple[str | WrittenSurvey, ...] = ()
    measures: tuple[WrittenMeasure, ...] = ()

    def listed(self) -> tuple[starters.Written, ...]:
        """Its aspects as a list of them says it, parents before those under them."""
        return starters.with_parents(self.aspects)

    def asked(self) -> tuple[WrittenSurvey, ...]:
        """Its surveys, ready sets under their own names."""
        return tuple(
            WrittenSurvey(one, sets.get(one).survey) if isinstance(one, str) else one
            for one in self.surveys
        )

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it in a list."""
        return {
            "key": self.key,
            "name": dict(self.name),
            "says": dict(self.says),
            "stages": len(self.map.stages),
            "touchpoints": len(self.map.nodes),
            "personas": [one.key for one in self.personas],
            "aspects": [one.key for one in self.listed()],
            "surveys": [one.key for one in self.asked()],
            "measures": [document.builtins(one) for one in self.measures],
        }


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a template, by key, and what stayed as it was since it was there.

    Args:
        map: the new one, with its first version.
    """

    map: JourneyMap
    personas: tuple[str, ...]
    aspects: tuple[str, ...]
    surveys: tuple[str, ...]
    kept_personas: tuple[str, ...]
    kept_aspects: tuple[str, ...]
    kept_surveys: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "map": self.map.key,
            "made": {
                "personas": list(self.personas),
                "aspects": list(self.aspects),
                "surveys": list(self.surveys),
            },
            "were_there": {
                "personas": list(self.kept_personas),
                "aspects": list(self.kept_aspects),
                "surveys": list(self.kept_surveys),
            },
        }


@cache
def industries() -> tuple[Template, ...]:
    """Every template, by key."""
    return tuple(read(path.read_bytes()) for path in sorted(FOLDER.glob("*.json")))


def template(key: str) -> Template:
    """One of them.

    Raises:
        Problem: ``map.no-template``.
    """
    found = next((one for one in industries() if one.key == key), None)
    if found is None:
        raise Problem(
            "map.no-template",
            _("There is no template {key} of an industry.", key=key[:80] or "“”"),
            _("Templates: {known}.", known=", ".join(one.key for one in industries())),
        )
    return found


def read(content: bytes) -> Template:
    """A template out of its JSON.

    Raises:
        msgspec.DecodeError: it is none.
        Problem: as `document.check`.
    """
    found = msgspec.json.decode(content, type=Template)
    document.check(found.map)
    return found


def write(one: Template) -> bytes:
    """The JSON of a template, as `read` reads it."""
    return msgspec.json.format(msgspec.json.encode(one), indent=2)


@transaction.atomic
def bring(
    *, by: Actor, workspace: str, key: str, as_key: str = "", name: Texts | None = None
) -> Brought:
    """Make what a template has: its map with a first version, personas and aspects, and its
    surveys as drafts. All or nothing; what is there already stays as it is.

    Args:
        as_key: the key of the map; blank: the template's.
        name: of the map, by language; None: the template's.

    Raises:
        Problem: ``map.no-template``; as `actions.create`, `aspects.bring` and `surveys.create`.
    """
    one = template(key)
    # It holds the workspace, so whoever brings the same beside us waits.
    made = {row.key for row in aspects.bring(by=by, workspace=workspace, written=one.listed())}
    personas = _personas(by, workspace, one.personas)
    drafts = _surveys(by, workspace, one.asked())
    map_ = msgspec.structs.replace(one.map, name=name) if name else one.map
    held = actions.create(by=by, workspace=workspace, key=as_key or key, map_=map_, keeps=True)
    return Brought(
        map=held,
        personas=personas,
        aspects=tuple(row.key for row in one.listed() if row.key in made),
        surveys=drafts,
        kept_personas=_others(one.personas, personas),
        kept_aspects=tuple(row.key for row in one.listed() if row.key not in made),
        kept_surveys=_others(one.asked(), drafts),
    )


def _personas(by: Actor, workspace: str, wanted: Sequence[WrittenPersona]) -> tuple[str, ...]:
    """Those of them that were not there, made."""
    there = set(Persona.objects.filter(workspace=find(workspace)).values_list("key", flat=True))
    new = [one for one in wanted if one.key not in there]
    for one in new:
        actions.put_persona(
            by=by, workspace=workspace, key=one.key, customers=one.customers,
            name_en=one.name["en"], name_zh=one.name["zh-Hans"],
            says_en=one.says["en"], says_zh=one.says["zh-Hans"],
        )  # fmt: skip
    return tuple(one.key for one in new)


def _surveys(by: Actor, workspace: str, wanted: Sequence[WrittenSurvey]) -> tuple[str, ...]:
    """Those of them that were not there, made as drafts."""
    there = set(KeptSurvey.objects.filter(workspace=find(workspace)).values_list("key", flat=True))
    new = [one for one in wanted if one.key not in there]
    for one in new:
        surveys.create(by=by, workspace=workspace, key=one.key, survey=one.survey)
    return tuple(one.key for one in new)


def _others(
    wanted: Sequence[WrittenPersona | WrittenSurvey], made: Sequence[str]
) -> tuple[str, ...]:
    return tuple(one.key for one in wanted if one.key not in made)
