"""The forms of competitor audits: what was typed, and what is asked by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from django.http import QueryDict

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import audits
from zhiyin.maps.audit_asked import (
    MOST_SITES,
    MOST_STEPS,
    AuditAsked,
    RunAsked,
    SiteAsked,
    StepAsked,
)
from zhiyin.maps.models import Audit, AuditRun
from zhiyin.measure import mark_lists
from zhiyin.measure.lists import number

FIRST_ROWS = 3
FIRST_SITES = 4


@dataclass(frozen=True, slots=True)
class GivenSite:
    """A line of the list of sites.

    Args:
        number: of the site that is there; blank: a new one.
    """

    name: str = ""
    is_ours: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class GivenAudit:
    """What stands in the form of a walkthrough."""

    title: str = ""
    task: str = ""
    map: str = ""
    sites: tuple[GivenSite, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenStep:
    """What stands in a row of the form of a run.

    Args:
        was: the place that it had; blank: it is new.
        has_picture: whether the step that is there has one.
    """

    says: str = ""
    node: str = ""
    seconds: str = ""
    failed: str = ""
    link: str = ""
    was: str = ""
    has_picture: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nobody wrote anything into it."""
        return not (self.says or self.node or self.seconds or self.failed or self.link)


@dataclass(frozen=True, slots=True)
class GivenRun:
    """What stands in the form of a run."""

    site: str = ""
    done_on: str = ""
    who: str = ""
    device: str = ""
    is_done: str = ""
    ease: str = ""
    steps: tuple[GivenStep, ...] = field(default=(GivenStep(),) * FIRST_ROWS)

    def longer(self) -> GivenRun:
        """With one more row for a step."""
        return replace(self, steps=(*self.steps, GivenStep())[:MOST_STEPS])


def of_audit(held: Audit | None) -> GivenAudit:
    """The form as a walkthrough fills it, with room for more sites."""
    if held is None:
        return _roomy(GivenAudit(sites=(GivenSite(is_ours=True),)))
    sites = tuple(GivenSite(one.name, one.is_ours, str(one.pk)) for one in audits.sites(held))
    return _roomy(GivenAudit(held.title, held.task, held.map.key if held.map else "", sites))


def _roomy(given: GivenAudit) -> GivenAudit:
    there = len(given.sites)
    size = min(max(FIRST_SITES, there + 1), MOST_SITES)
    return replace(given, sites=(*given.sites, *(GivenSite(),) * (size - there)))


def read_audit(form: QueryDict) -> GivenAudit:
    """What was typed of a walkthrough; `ours` is the place of our own site, from 0."""
    names, numbers = form.getlist("site"), form.getlist("number")
    sites = tuple(
        GivenSite(name.strip(), form.get("ours") == str(at), held)
        for at, (name, held) in enumerate(zip_longest(names, numbers, fillvalue=""))
    )
    return GivenAudit(
        form.get("title", "").strip(), form.get("task", "").strip(), form.get("map", ""), sites
    )


def asked_audit(given: GivenAudit) -> AuditAsked:
    """The walkthrough that is asked; a line without a name is no site."""
    return AuditAsked(
        title=given.title,
        task=given.task,
        map=given.map,
        sites=tuple(
            SiteAsked(one.name, one.is_ours, _whole(one.number))
            for one in given.sites
            if one.name or one.is_ours
        ),
    )


def of_run(held: AuditRun) -> GivenRun:
    """The form as a run fills it."""
    return GivenRun(
        site=held.site.name, done_on=held.done_on.isoformat(), who=held.who, device=held.device,
        is_done="yes" if held.is_done else "no", ease=str(held.ease or ""),
        steps=tuple(
            GivenStep(
                one.says, one.node, "" if one.seconds is None else f"{one.seconds:.12g}",
                one.failed, one.link, str(one.place), bool(one.picture),
            )
            for one in held.steps.all()
        ),
    )  # fmt: skip


def read_run(form: QueryDict, held: AuditRun | None = None) -> GivenRun:
    """What was typed of a run.

    Args:
        held: the run that is changed.
    """
    with_picture = {str(one.place) for one in (held.steps.all() if held else ()) if one.picture}
    lists = (form.getlist(name) for name in ("says", "node", "seconds", "failed", "link", "was"))
    rows = [[cell.strip() for cell in row] for row in zip_longest(*lists, fillvalue="")]
    steps = tuple(
        GivenStep(says, node, seconds, failed, link, was, was in with_picture)
        for says, node, seconds, failed, link, was in rows
    )
    named = ("site", "done_on", "who", "device", "is_done", "ease")
    return GivenRun(
        **{name: form.get(name, "").strip() for name in named}, steps=steps[: MOST_STEPS + 1]
    )


def asked_run(given: GivenRun) -> RunAsked:
    """The run that is asked; rows in which nothing stands are no steps.

    Raises:
        Problem: ``walkthrough.run``, ``list.not-a-number``.
    """
    if given.is_done not in ("yes", "no"):
        raise Problem(
            "walkthrough.run",
            _("Nobody has said whether the task was completed."),
            _("Choose yes or no."),
        )
    return RunAsked(
        site=given.site,
        done_on=mark_lists.day(given.done_on),
        who=given.who,
        is_done=given.is_done == "yes",
        steps=asked_steps(given.steps),
        device=given.device,
        ease=_whole(given.ease),
    )


def asked_steps(given: Sequence[GivenStep]) -> tuple[StepAsked, ...]:
    """The steps that are asked.

    Raises:
        Problem: ``list.not-a-number``.
    """
    return tuple(
        StepAsked(
            one.says, one.node, number(one.seconds) if one.seconds else None, one.failed,
            one.link, _whole(one.was),
        )
        for one in given
        if not one.is_blank
    )  # fmt: skip


def revision(form: QueryDict) -> int | None:
    """The revision of the walkthrough that the form was filled in beside."""
    return _whole(form.get("revision", ""))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
