"""The personas and the journey map of Qingchuan Air, and their way into a workspace and out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhiyin.demo import marks, walkthrough
from zhiyin.demo.drawn import KEY, TRIP
from zhiyin.demo.people import GOALS, PERSONAS, PERSONAS_EN, PERSONAS_ZH
from zhiyin.demo.plan import Plan
from zhiyin.kernel.errors import Problem

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor
    from zhiyin.accounts.workspaces import Settings
    from zhiyin.maps.models import JourneyMap

RULES = {
    "commuter": "tier in ('silver', 'gold', 'platinum')",
    "family": (
        "tier = 'none' and birth_date between '1978-01-01' and '1994-12-31'"
        " and `did Bag Dropped` >= 1 and spent < 20000"
    ),
    "student": "birth_date >= '1995-01-01'",
    "senior": "birth_date < '1966-01-01'",
    "organiser": "tier = 'none' and orders <= 2 and spent >= 12000",
}
"""What is on file of each persona. The company knows nobody's persona: age, tier, bags and
money tell them apart, and not without error."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A persona as it is written into a workspace."""

    key: str
    name_en: str
    name_zh: str
    says_en: str
    says_zh: str
    customers: str


def personas() -> Iterator[Drawn]:
    """The company's five."""
    for key, english, chinese in zip(PERSONAS, PERSONAS_EN, PERSONAS_ZH, strict=True):
        wants = GOALS[key].values()
        yield Drawn(
            key=key, name_en=english, name_zh=chinese, customers=RULES[key],
            says_en=f"Wants: {'; '.join(one for one, _zh in wants)}.",
            says_zh=f"想要：{'；'.join(one for _en, one in wants)}。",
        )  # fmt: skip


def add(workspace: Settings, plan: Plan, *, by: Actor) -> None:
    """Put in what the workspace does not have: personas, the map as a first version, what is
    marked on it, and a walkthrough; may run twice."""
    from zhiyin.maps import actions
    from zhiyin.maps.models import JourneyMap, Persona

    mine = {"workspace__slug": workspace.slug}
    there = set(Persona.objects.filter(**mine).values_list("key", flat=True))
    for one in personas():
        if one.key not in there:
            actions.put_persona(
                by=by, workspace=workspace.slug, key=one.key, name_en=one.name_en,
                name_zh=one.name_zh, says_en=one.says_en, says_zh=one.says_zh,
                customers=one.customers,
            )  # fmt: skip
    if not JourneyMap.objects.filter(**mine, key=KEY).exists():
        actions.create(by=by, workspace=workspace.slug, key=KEY, map_=TRIP, keeps=True)
        marks.add(workspace, by=by)
        walkthrough.add(workspace, plan, by=by)


def remove(workspace: Settings, plan: Plan, *, by: Actor) -> None:
    """Take out what nobody has changed; may run twice."""
    from zhiyin.maps import actions
    from zhiyin.maps.models import JourneyMap, Persona

    mine = {"workspace__slug": workspace.slug}
    walkthrough.remove(workspace, plan, by=by)
    held = JourneyMap.objects.filter(**mine, key=KEY).first()
    if held is not None and _is_ours(held):
        actions.remove(by=by, workspace=workspace.slug, key=KEY)
    ours = {one.key: one for one in personas()}
    for persona in Persona.objects.filter(**mine, key__in=list(ours)):
        one = ours[persona.key]
        if all(getattr(persona, field) == getattr(one, field) for field in Drawn.__slots__):
            # A map of hers that somebody else has drawn keeps her.
            with suppress(Problem):
                actions.remove_persona(by=by, workspace=workspace.slug, key=persona.key)


def _is_ours(held: JourneyMap) -> bool:
    """Whether the map is as it was put in, and everything that is pinned to it too."""
    from zhiyin.maps import kept
    from zhiyin.maps.document import read

    versions = [read(one.document) for one in held.versions.all()]
    return kept.draft(held) == TRIP and versions == [TRIP] and marks.are_ours(held)
