"""Every write to a competitor audit: one transaction, with its audit entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from zhiyin.accounts import audit as trail
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import audit_asked, audit_pictures, audits, kept
from zhiyin.maps.audit_asked import AuditAsked, RunAsked, SiteAsked
from zhiyin.maps.models import Audit, AuditRun, AuditSite, AuditStep, JourneyMap

MOST_RUNS = 500
"""Of a walkthrough."""


@transaction.atomic
def create(*, by: Actor, workspace: str, asked: AuditAsked) -> Audit:
    """A walkthrough with its sites.

    Raises:
        Problem: ``walkthrough.title-taken``, ``map.none``; what `audit_asked.audit` refuses.
    """
    wanted = audit_asked.audit(asked)
    made = Audit(workspace=find(workspace), made_by=by.name, title=wanted.title, task=wanted.task)
    made.map = _map(workspace, wanted.map)
    _save(made)
    for place, site in enumerate(wanted.sites):
        AuditSite.objects.create(audit=made, name=site.name, is_ours=site.is_ours, place=place)
    trail.record(
        by=by, action="walkthrough.created", subject=str(made.pk), workspace=workspace,
        after=_told(made),
    )  # fmt: skip
    return audits.get(workspace, made.pk)


@transaction.atomic
def change(
    *, by: Actor, workspace: str, number: int, asked: AuditAsked, revision: int | None = None
) -> Audit:
    """Change what a walkthrough says of itself, its map and its sites. Runs stay.

    A site that is asked without its number is the one of the same name, else a new one; one that
    is not asked any more goes, where it has no runs.

    Args:
        revision: of the walkthrough that was looked at; None takes it as it is.

    Raises:
        Problem: ``walkthrough.none``, ``walkthrough.changed``, ``walkthrough.title-taken``,
            ``walkthrough.site-used``, ``map.none``; what `audit_asked.audit` refuses.
    """
    wanted = audit_asked.audit(asked)
    held = _locked(workspace, number, revision)
    before = _told(held)
    held.title, held.task, held.map = wanted.title, wanted.task, _map(workspace, wanted.map)
    held.revision += 1
    _save(held)
    _put_sites(held, wanted.sites)
    trail.record(
        by=by, action="walkthrough.changed", subject=str(number), workspace=workspace,
        before=before, after=_told(held),
    )  # fmt: skip
    return audits.get(workspace, number)


@transaction.atomic
def remove(*, by: Actor, workspace: str, number: int) -> None:
    """Remove a walkthrough with its runs and their pictures.

    Raises:
        Problem: ``walkthrough.none``.
    """
    held = _locked(workspace, number, None)
    runs = AuditRun.objects.filter(site__audit=held).count()
    trail.record(
        by=by, action="walkthrough.removed", subject=str(number), workspace=workspace,
        before={**_told(held), "runs": runs},
    )  # fmt: skip
    held.delete()
    transaction.on_commit(lambda: audit_pictures.forget_all(_data(), workspace, number))


def add_run(*, by: Actor, workspace: str, number: int, asked: RunAsked) -> AuditRun:
    """Write a run down. Nothing that stands is changed by it, so it asks for no revision.

    Raises:
        Problem: ``walkthrough.none``, ``walkthrough.no-site``, ``walkthrough.too-many``; what
            `audit_asked.run` refuses.
    """
    (made,) = add_runs(by=by, workspace=workspace, number=number, asked=[asked])
    return made


@transaction.atomic
def add_runs(
    *, by: Actor, workspace: str, number: int, asked: Sequence[RunAsked]
) -> list[AuditRun]:
    """Write runs down, all or none.

    Raises:
        Problem: as `add_run`.
    """
    held = _locked(workspace, number, None)
    if AuditRun.objects.filter(site__audit=held).count() + len(asked) > MOST_RUNS:
        raise Problem(
            "walkthrough.too-many",
            _("A walkthrough has at most {most} runs.", most=MOST_RUNS),
            _("Make another for the next round."),
        )
    nodes = audits.touchpoints(held.map)
    made = []
    for one in asked:
        wanted = audit_asked.run(one, zone=held.workspace.timezone, nodes=nodes)
        run = AuditRun(site=_site(held, wanted.site), noted_by=by.name)
        _fill(run, wanted, {})
        made.append(run)
        trail.record(
            by=by, action="walkthrough_run.added", subject=_subject(held, run),
            workspace=workspace, after=_run_told(run),
        )  # fmt: skip
    held.save(update_fields=["changed_at"])
    return made


@transaction.atomic
def change_run(
    *,
    by: Actor,
    workspace: str,
    number: int,
    run: int,
    asked: RunAsked,
    revision: int | None = None,
) -> AuditRun:
    """Put another run in the place of one. A step's picture stays with the step that names its
    place (`was`); the others go.

    Args:
        revision: of the walkthrough that was looked at; None takes it as it is.

    Raises:
        Problem: ``walkthrough.none``, ``walkthrough.changed``, ``walkthrough.no-run``,
            ``walkthrough.no-site``; what `audit_asked.run` refuses.
    """
    held = _locked(workspace, number, revision)
    one = audits.run(held, run)
    before = _run_told(one)
    steps = list(one.steps.all())
    # A touchpoint that has left the map meanwhile may stay where it was.
    nodes = {*audits.touchpoints(held.map), *(step.node for step in steps)}
    wanted = audit_asked.run(asked, zone=held.workspace.timezone, nodes=nodes)
    one.site = _site(held, wanted.site)
    pictures = {step.place: step.picture for step in steps if step.picture}
    AuditStep.objects.filter(run=one).delete()
    _fill(one, wanted, pictures)
    _raise(held)
    staying = {step.was for step in wanted.steps}
    _forget(held, [name for place, name in pictures.items() if place not in staying])
    trail.record(
        by=by, action="walkthrough_run.changed", subject=_subject(held, one),
        workspace=workspace, before=before, after=_run_told(one),
    )  # fmt: skip
    return audits.run(held, run)


@transaction.atomic
def remove_run(
    *, by: Actor, workspace: str, number: int, run: int, revision: int | None = None
) -> None:
    """Remove a run with its steps and their pictures.

    Raises:
        Problem: ``walkthrough.none``, ``walkthrough.changed``, ``walkthrough.no-run``.
    """
    held = _locked(workspace, number, revision)
    one = audits.run(held, run)
    trail.record(
        by=by, action="walkthrough_run.removed", subject=_subject(held, one),
        workspace=workspace, before=_run_told(one),
    )  # fmt: skip
    _forget(held, [step.picture for step in one.steps.all()])
    one.delete()
    _raise(held)


def set_picture(
    *, by: Actor, workspace: str, number: int, run: int, place: int, content: bytes
) -> AuditStep:
    """Give a step its picture, in the place of the one that it has.

    Args:
        content: a PNG, JPEG or WebP, as it came; it is drawn anew.

    Raises:
        Problem: ``walkthrough.none``, ``walkthrough.no-run``, ``walkthrough.no-step``,
            ``walkthrough.picture``, ``walkthrough.picture-large``.
    """
    audits.step(audits.get(workspace, number), run, place)
    picture = audit_pictures.drawn(content)
    name = audit_pictures.keep(_data(), workspace, number, picture)
    try:
        return _put_picture(by, workspace, number, run, place, name)
    except BaseException:
        audit_pictures.forget(_data(), workspace, number, [name])
        raise


def remove_picture(*, by: Actor, workspace: str, number: int, run: int, place: int) -> AuditStep:
    """Take the picture of a step away.

    Raises:
        Problem: ``walkthrough.none``, ``walkthrough.no-run``, ``walkthrough.no-step``,
            ``walkthrough.no-picture``.
    """
    if not audits.step(audits.get(workspace, number), run, place).picture:
        raise no_picture(place)
    return _put_picture(by, workspace, number, run, place, "")


def no_picture(place: int) -> Problem:
    """That a step has no picture."""
    return Problem(
        "walkthrough.no-picture",
        _("Step {place} has no picture.", place=place),
        _("Its words, and its link where it has one, are all that there is."),
    )


@transaction.atomic
def _put_picture(
    by: Actor, workspace: str, number: int, run: int, place: int, name: str
) -> AuditStep:
    held = _locked(workspace, number, None)
    step = audits.step(held, run, place)
    _forget(held, [step.picture])
    step.picture = name
    step.save(update_fields=["picture"])
    _raise(held)
    trail.record(
        by=by, action="walkthrough_picture.added" if name else "walkthrough_picture.removed",
        subject=f"{number}/{run}/{place}", workspace=workspace,
    )  # fmt: skip
    return step


def _data() -> Path:
    return Path(settings.ZHIYIN_DATA)


def _forget(held: Audit, names: Collection[str]) -> None:
    """Remove pictures once it is certain that no step has them any more."""
    workspace, number = held.workspace.slug, held.pk
    transaction.on_commit(lambda: audit_pictures.forget(_data(), workspace, number, names))


def _locked(workspace: str, number: int, revision: int | None) -> Audit:
    """The walkthrough, which nobody else changes until the transaction ends."""
    mine = Audit.objects.select_for_update(of=("self",)).select_related("map", "workspace")
    held = mine.filter(workspace__slug=workspace, pk=number).first()
    if held is None:
        raise audits.none_such(number)
    if revision is not None and revision != held.revision:
        raise Problem(
            "walkthrough.changed",
            _("Somebody else has changed the walkthrough in the meantime."),
            _("Look at it as it is now, and change it again."),
        )
    return held


def _raise(held: Audit) -> None:
    held.revision += 1
    held.save(update_fields=["revision", "changed_at"])


def _save(held: Audit) -> None:
    try:
        with transaction.atomic():
            held.save()
    except IntegrityError as error:
        raise Problem(
            "walkthrough.title-taken",
            _("There is a walkthrough “{title}” already.", title=held.title),
            _("Choose another title."),
        ) from error


def _map(workspace: str, key: str) -> JourneyMap | None:
    return kept.get(workspace, key) if key else None


def _site(held: Audit, name: str) -> AuditSite:
    for one in held.sites.all():
        if one.name.casefold() == name.casefold():
            return one
    raise Problem(
        "walkthrough.no-site",
        _("The walkthrough has no site {name}.", name=name),
        _("Its sites: {known}.", known=", ".join(one.name for one in held.sites.all())),
    )


def _put_sites(held: Audit, wanted: Sequence[SiteAsked]) -> None:
    there = list(held.sites.all())
    by_number = {one.pk: one for one in there}
    by_name = {one.name.casefold(): one for one in there}
    chosen: list[AuditSite] = []
    for place, asked in enumerate(wanted):
        one = by_number.get(asked.number or 0) or by_name.get(asked.name.casefold())
        if one is None or one in chosen:
            one = AuditSite(audit=held)
        one.name, one.is_ours, one.place = asked.name, asked.is_ours, place
        chosen.append(one)
    for gone in there:
        if gone in chosen:
            continue
        if gone.runs.exists():
            raise Problem(
                "walkthrough.site-used",
                _("The site {name} has runs.", name=gone.name),
                _("Remove its runs first, or leave the site."),
            )
        gone.delete()
    # Two that take each other's names would meet halfway.
    for one in there:
        if one in chosen:
            AuditSite.objects.filter(pk=one.pk).update(name=f"\x1f{one.pk}")
    for one in chosen:
        one.save()


def _fill(run: AuditRun, wanted: RunAsked, pictures: Mapping[int, str]) -> None:
    run.done_on, run.who, run.device = wanted.done_on, wanted.who, wanted.device
    run.is_done, run.ease = wanted.is_done, wanted.ease
    run.save()
    AuditStep.objects.bulk_create(
        AuditStep(
            run=run, place=place, says=one.says, node=one.node, seconds=one.seconds,
            failed=one.failed, link=one.link, picture=pictures.get(one.was or 0, ""),
        )
        for place, one in enumerate(wanted.steps, start=1)
    )  # fmt: skip


def _subject(held: Audit, run: AuditRun) -> str:
    return f"{held.pk}/{run.pk}"


def _told(held: Audit) -> dict[str, Any]:
    return {
        "title": held.title,
        "map": held.map.key if held.map else None,
        "sites": [one.name for one in held.sites.all()],
    }


def _run_told(run: AuditRun) -> dict[str, Any]:
    return {
        "site": run.site.name,
        "done_on": run.done_on.isoformat(),
        "is_done": run.is_done,
        "steps": AuditStep.objects.filter(run=run).count(),
    }
