"""What somebody asks of a competitor audit, and whether it can be: sites, runs, steps."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _

MOST_SITES = 8
MOST_STEPS = 60
MOST_SECONDS = 86_400.0
"""Of one step: a day."""
EASE = (1, 7)
"""The Single Ease Question: 7 is very easy."""

_LONGEST = {"title": 200, "task": 2_000, "name": 120, "who": 120, "device": 120,
            "says": 300, "failed": 2_000, "link": 500}  # fmt: skip
_NAMES: Mapping[str, Text] = {
    "title": _("title"),
    "task": _("task"),
    "name": _("name of a site"),
    "who": _("person who did it"),
    "device": _("device"),
    "says": _("words of the step"),
    "failed": _("what failed"),
    "link": _("link to the proof"),
}


@dataclass(frozen=True, slots=True)
class SiteAsked:
    """A site on which the task is done.

    Args:
        number: of the one that is there already, which may get another name.
    """

    name: str
    is_ours: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """A walkthrough.

    Args:
        task: what is to be done, the same everywhere.
        map: key of the journey map whose touchpoints steps are at; blank: none.
        sites: in the order in which they are shown; one is ours.
    """

    title: str
    task: str = ""
    map: str = ""
    sites: tuple[SiteAsked, ...] = ()


@dataclass(frozen=True, slots=True)
class StepAsked:
    """One step of a run.

    Args:
        says: what was done.
        node: id of a touchpoint of the map; blank: none.
        seconds: None where nobody timed it.
        failed: what went wrong; blank: nothing.
        link: where the proof of it is.
        was: the place that it had in the run that is changed: its picture stays with it.
    """

    says: str
    node: str = ""
    seconds: float | None = None
    failed: str = ""
    link: str = ""
    was: int | None = None


@dataclass(frozen=True, slots=True)
class RunAsked:
    """One person doing the task once.

    Args:
        site: its name.
        who: a name or a code; the same one is the same person, on whatever site.
        ease: the answer to how easy it was, 1 to 7; None: not asked.
    """

    site: str
    done_on: date
    who: str
    is_done: bool
    steps: tuple[StepAsked, ...]
    device: str = ""
    ease: int | None = None


def audit(asked: AuditAsked) -> AuditAsked:
    """The walkthrough without blanks around its words.

    Raises:
        Problem: ``walkthrough.text``, ``walkthrough.sites``.
    """
    sites = tuple(replace(one, name=_text("name", one.name, needed=True)) for one in asked.sites)
    names = [one.name.casefold() for one in sites]
    if not 1 <= len(sites) <= MOST_SITES:
        raise Problem(
            "walkthrough.sites",
            _("A walkthrough has 1 to {most} sites, not {n}.", most=MOST_SITES, n=len(sites)),
            _("Name our own site, and those that it is compared with."),
        )
    if sum(one.is_ours for one in sites) != 1:
        raise Problem(
            "walkthrough.sites",
            _("One of the sites must be our own, and no more than one."),
            _("The others are compared with it."),
        )
    if len(set(names)) < len(names):
        raise Problem(
            "walkthrough.sites",
            _("Two of the sites have the same name."),
            _("Give one of them another."),
        )
    return replace(
        asked,
        title=_text("title", asked.title, needed=True),
        task=_text("task", asked.task),
        map=asked.map.strip(),
        sites=sites,
    )


def run(asked: RunAsked, *, zone: str, nodes: Collection[str]) -> RunAsked:
    """The run without blanks around its words.

    Args:
        zone: of the workspace; a run was done by the end of its today.
        nodes: ids of touchpoints at which steps may be.

    Raises:
        Problem: ``walkthrough.text``, ``walkthrough.run``, ``walkthrough.step``.
    """
    if asked.done_on > local_day(clock.now(), zone):
        raise Problem(
            "walkthrough.run",
            _("The day {day} is still to come.", day=asked.done_on.isoformat()),
            _("Write down a run once it is done."),
        )
    if asked.ease is not None and not EASE[0] <= asked.ease <= EASE[1]:
        raise Problem(
            "walkthrough.run",
            _("How easy it was is said from 1 to 7, not {given}.", given=asked.ease),
            _("7 is very easy. Leave it out where nobody was asked."),
        )
    if not 1 <= len(asked.steps) <= MOST_STEPS:
        raise Problem(
            "walkthrough.step",
            _("A run has 1 to {most} steps, not {n}.", most=MOST_STEPS, n=len(asked.steps)),
            _("Write down what was done, step by step."),
        )
    kept = [one.was for one in asked.steps if one.was is not None]
    if len(set(kept)) < len(kept):
        raise Problem(
            "walkthrough.step",
            _("Two steps take the place of one that was there."),
            _("Let each take another's place, or none."),
        )
    return replace(
        asked,
        site=_text("name", asked.site, needed=True),
        who=_text("who", asked.who, needed=True),
        device=_text("device", asked.device),
        steps=_steps(asked.steps, nodes),
    )


def _steps(asked: Sequence[StepAsked], nodes: Collection[str]) -> tuple[StepAsked, ...]:
    found = []
    for place, one in enumerate(asked, start=1):
        try:
            found.append(_step(one, nodes))
        except Problem as problem:
            said = _("Step {place}: {why}", place=place, why=problem.message)
            raise Problem(problem.code, said, problem.hint) from problem
    return tuple(found)


def _step(asked: StepAsked, nodes: Collection[str]) -> StepAsked:
    seconds = asked.seconds
    if seconds is not None and not (math.isfinite(seconds) and 0 < seconds <= MOST_SECONDS):
        raise Problem(
            "walkthrough.step",
            _("A step takes more than 0 seconds and at most a day."),
            _("Leave the time out where nobody took it."),
        )
    node = asked.node.strip()
    if node and node not in nodes:
        raise Problem(
            "walkthrough.step",
            _("The map of the walkthrough has no touchpoint {node}.", node=node[:80]),
            _("Choose one of its touchpoints, or none."),
        )
    return replace(
        asked,
        says=_text("says", asked.says, needed=True),
        node=node,
        failed=_text("failed", asked.failed),
        link=_link(asked.link),
    )


def _link(given: str) -> str:
    link = _text("link", given)
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_one = False
    if not is_one or any(letter.isspace() for letter in link):
        raise Problem(
            "walkthrough.step",
            _("The link to the proof is none that a browser opens safely."),
            _("Give a whole address that begins with https:// or http://."),
        )
    return link


def _text(field: str, given: str, *, needed: bool = False) -> str:
    text = given.strip()
    if needed and not text:
        raise Problem(
            "walkthrough.text",
            _("The {field} is missing.", field=_NAMES[field]),
            _("Write it down."),
        )
    if len(text) > _LONGEST[field] or "\0" in text or not _is_whole(text):
        raise Problem(
            "walkthrough.text",
            _("The {field} cannot be kept.", field=_NAMES[field]),
            _("It has up to {most} characters that can be read.", most=_LONGEST[field]),
        )
    return text


def _is_whole(text: str) -> bool:
    """Whether it can be written as UTF-8: half of a pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
