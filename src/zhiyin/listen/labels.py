"""What people say that clauses mean: kept, followed at once, and learned from.

A person's word goes before a model's: the clause counts as she says from that moment on, whatever
reads the text later. How it had been read is kept beside it, so that how often readings are right
can be told of those that were asked about by lot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Workspace
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.listen import subjects
from zhiyin.listen.models import ClauseLabel
from zhiyin.listen.seeds import POLARITIES
from zhiyin.warehouse import lang
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.log import Log

Drawn = Literal["lot", "doubt", "page"]

Place = tuple[int, int]
"""A verbatim's number, and where the clause begins in it."""

_SURE = 1.0
"""The probability of what a person said."""


def say(
    *,
    by: Actor,
    log: Log,
    whole: Log,
    workspace: str,
    place: Place,
    polarity: str,
    aspect: str,
    drawn: Drawn = "page",
) -> ClauseLabel:
    """Say what a clause means; an earlier word about it is replaced.

    Args:
        log: reads no more than this person may see.
        whole: where findings are kept.
        aspect: a key of the workspace's, blank where it is about no single thing.
        drawn: how she came to it.

    Raises:
        Problem: ``labels.none``, ``labels.polarity``, ``labels.aspect``.
    """
    if polarity not in POLARITIES:
        raise Problem(
            "labels.polarity",
            _("{polarity} is no polarity.", polarity=polarity[:40] or "“”"),
            _("Say negative, neutral, positive or mixed."),
        )
    if aspect and aspect not in subjects.of_workspace(workspace).keys:
        raise Problem(
            "labels.aspect",
            _("There is no aspect {key} to be told.", key=aspect[:80]),
            _("Choose one of the list, or none where the clause is about no single thing."),
        )
    found = {(one.verbatim, one.starts): (one, by_) for one, by_ in _read(log, workspace, place[0])}
    if place not in found:
        raise _none()
    told, read_by = found[place]
    with transaction.atomic():
        held = Workspace.objects.get(slug=workspace)
        label = ClauseLabel.objects.filter(
            workspace=held, verbatim=place[0], starts=place[1]
        ).first() or ClauseLabel(
            workspace=held,
            verbatim=place[0],
            starts=place[1],
            drawn=drawn,
            told_polarity=told.polarity,
            told_aspect=told.aspect or "",
            told_probability=told.probability,
            told_by=read_by,
        )
        label.ends, label.language = told.ends, told.language
        label.polarity, label.aspect = polarity, aspect
        label.said_by, label.said_at = by.name, timezone.now()
        label.save()
        audit.record(
            by=by, action="clause.labelled", subject=f"{place[0]}:{place[1]}", workspace=workspace,
            after={"polarity": polarity, "aspect": aspect},
        )  # fmt: skip
    _follow(whole, workspace, place[0])
    return label


def withdraw(*, by: Actor, log: Log, whole: Log, workspace: str, place: Place) -> ClauseLabel:
    """Take a word back: the clause counts again as it was read. Returns what had been said.

    Raises:
        Problem: ``labels.none``: nobody said anything of it, or it may not be seen.
    """
    seen = {(one.verbatim, one.starts) for one, _by in _read(log, workspace, place[0])}
    with transaction.atomic():
        held = ClauseLabel.objects.filter(
            workspace__slug=workspace, verbatim=place[0], starts=place[1]
        ).first()
        if held is None or place not in seen:
            raise _none()
        audit.record(
            by=by, action="clause.unlabelled", subject=f"{place[0]}:{place[1]}",
            workspace=workspace, before={"polarity": held.polarity, "aspect": held.aspect},
        )  # fmt: skip
        held.delete()
    _follow(whole, workspace, place[0], back=held)
    return held


def of(workspace: str, verbatims: Iterable[int]) -> dict[Place, ClauseLabel]:
    """What people said of the clauses of these verbatims."""
    found = ClauseLabel.objects.filter(workspace__slug=workspace, verbatim__in=list(verbatims))
    return {(one.verbatim, one.starts): one for one in found}


def followed(found: Sequence[Finding], said: Mapping[Place, ClauseLabel]) -> list[Finding]:
    """Findings, those as people say of whom people said something."""
    return [
        replace(one, polarity=label.polarity, aspect=label.aspect or None, probability=_SURE)
        if (label := said.get((one.verbatim, one.starts))) is not None and label.ends == one.ends
        else one
        for one in found
    ]


def _follow(whole: Log, workspace: str, verbatim: int, *, back: ClauseLabel | None = None) -> None:
    """Keep a verbatim's findings as people say.

    It is read anew when this is cut off: a reading asks for labels too, and so ends the same.

    Args:
        back: a word that was taken back; its clause is as it had been told.
    """
    read = _read(whole, workspace, verbatim)
    if not read:
        return
    found = [
        replace(
            one,
            polarity=back.told_polarity,
            aspect=back.told_aspect or None,
            probability=back.told_probability,
        )
        if back is not None and one.starts == back.starts
        else one
        for one, _by in read
    ]
    kept = followed(found, of(workspace, [verbatim]))
    whole.keep_findings(workspace, read[0][1], [verbatim], kept)


def _read(log: Log, workspace: str, verbatim: int) -> list[tuple[Finding, str]]:
    """The clauses of a verbatim as they are kept, each with what read it."""
    clauses = lang.table(log.schema(workspace), "clauses", has_point=True)
    query = clauses.filter(clauses.seq == verbatim).order_by("place")
    names = tuple(name for name in Finding.__dataclass_fields__ if name != "verbatim")
    rows = log.execute(workspace, query.select(*names, "read_by"), words=True).to_pylist()
    return [
        (Finding(verbatim, **{name: row[name] for name in names}), row["read_by"]) for row in rows
    ]


def _none() -> Problem:
    return Problem(
        "labels.none",
        _("There is no such clause."),
        _("The text may have been replaced, or read anew. Look at it as it is now."),
    )
