"""Competitor audits 竞品体验走查 as they are kept: found, listed, told with their runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import kept
from zhiyin.maps.document import said
from zhiyin.maps.models import Audit, AuditRun, AuditSite, AuditStep, JourneyMap


def of(workspace: str) -> QuerySet[Audit]:
    """The walkthroughs of a workspace, the last changed first, each with its sites."""
    mine = Audit.objects.filter(workspace__slug=workspace)
    return mine.select_related("map", "workspace").prefetch_related("sites")


def get(workspace: str, number: int) -> Audit:
    """The walkthrough of this number.

    Raises:
        Problem: ``walkthrough.none``.
    """
    found = of(workspace).filter(pk=number).first()
    if found is None:
        raise none_such(number)
    return found


def none_such(number: int) -> Problem:
    """That there is no walkthrough of this number."""
    return Problem(
        "walkthrough.none",
        _("There is no walkthrough {number}.", number=number),
        _("`zhiyin journey audit list` shows those that there are."),
    )


def sites(audit: Audit) -> Sequence[AuditSite]:
    """Its sites in their order, each with how many runs it has (`count`)."""
    return list(audit.sites.annotate(count=Count("runs")).order_by("place"))


def runs(audit: Audit) -> Sequence[AuditRun]:
    """Its runs, site by site, the oldest first, with their steps."""
    mine = AuditRun.objects.filter(site__audit=audit).select_related("site")
    return list(mine.prefetch_related("steps").order_by("site__place", "done_on", "pk"))


def run(audit: Audit, number: int) -> AuditRun:
    """One of them.

    Raises:
        Problem: ``walkthrough.no-run``.
    """
    mine = AuditRun.objects.filter(site__audit=audit, pk=number).select_related("site")
    found = mine.prefetch_related("steps").first()
    if found is None:
        raise Problem(
            "walkthrough.no-run",
            _("The walkthrough has no run {number}.", number=number),
            _("`zhiyin journey audit show` lists its runs."),
        )
    return found


def step(audit: Audit, number: int, place: int) -> AuditStep:
    """A step of a run, by its place from 1.

    Raises:
        Problem: ``walkthrough.no-run``, ``walkthrough.no-step``.
    """
    for one in run(audit, number).steps.all():
        if one.place == place:
            return one
    raise Problem(
        "walkthrough.no-step",
        _("The run {number} has no step {place}.", number=number, place=place),
        _("Its steps are numbered from 1."),
    )


def touchpoints(held: JourneyMap | None) -> Mapping[str, str]:
    """What steps may be at: the touchpoints of a map, by id, in its order.

    Those of the newest version come first; the draft adds what nobody has kept yet.
    """
    if held is None:
        return {}
    found: dict[str, str] = {}
    for map_ in (kept.shown(held)[1], kept.draft(held)):
        order = {stage.id: place for place, stage in enumerate(map_.stages)}
        for node in sorted(map_.nodes, key=lambda one: order.get(one.stage, len(order))):
            found.setdefault(node.id, said(node.name) or node.id)
    return found


def person(run: AuditRun) -> str:
    """Who did it: the same words are the same person, on whatever site."""
    return " ".join(run.who.split()).casefold()


def seconds_of(run: AuditRun) -> float | None:
    """How long a run took; None where a step of it was not timed."""
    return total(run.steps.all())


def total(steps: Sequence[AuditStep] | QuerySet[AuditStep]) -> float | None:
    """The time of some steps together; None where one was not timed, or there is none."""
    times = [one.seconds for one in steps]
    known = [time for time in times if time is not None]
    return sum(known) if known and len(known) == len(times) else None


def as_dict(audit: Audit) -> dict[str, Any]:
    """A walkthrough as the command line and the API write it."""
    found = sites(audit)
    return {
        "number": audit.pk,
        "title": audit.title,
        "task": audit.task,
        "map": audit.map.key if audit.map else None,
        "sites": [
            {"number": one.pk, "name": one.name, "is_ours": one.is_ours, "runs": _count(one)}
            for one in found
        ],
        "runs": sum(map(_count, found)),
        "revision": audit.revision,
        "made_by": audit.made_by,
        "made_at": audit.made_at.isoformat(),
        "changed_at": audit.changed_at.isoformat(),
    }


def _count(site: AuditSite) -> int:
    count: int = vars(site)["count"]
    return count


def run_as_dict(run: AuditRun) -> dict[str, Any]:
    """A run as the command line and the API write it."""
    return {
        "number": run.pk,
        "site": run.site.name,
        "done_on": run.done_on.isoformat(),
        "who": run.who,
        "device": run.device,
        "is_done": run.is_done,
        "ease": run.ease,
        "seconds": seconds_of(run),
        "steps": [
            {
                "place": one.place,
                "says": one.says,
                "node": one.node or None,
                "seconds": one.seconds,
                "failed": one.failed,
                "link": one.link or None,
                "has_picture": bool(one.picture),
            }
            for one in run.steps.all()
        ],
        "noted_by": run.noted_by,
        "noted_at": run.noted_at.isoformat(),
    }
