"""Learning from a workspace: its comments with a score, and what people said of its clauses.

Both are learned beside the seeds' models, and only where that reads labels better that were not
seen; else the seeds alone read on. A score is a noisy label, and most scores are high: what is
learned from them tells the score, and may read clauses worse (of the demo company's a model of the
scores reads 57 % rightly, the seeds 76 %). So it is used only where what people said of clauses
shows that it reads these better. What was learned is numbers in the relational store, so that every
process reads alike. Learning anew reads all history anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
from django.db import transaction
from django.utils import timezone
from scipy import sparse

from zhiyin.accounts.models import Workspace
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.listen import comments, evaluating, language, learned, own, rightness, subjects
from zhiyin.listen.adapting import LEAST, Adapted, Tried, surprise, tried
from zhiyin.listen.classifier import softmax
from zhiyin.listen.columns import Floats
from zhiyin.listen.comments import Comment
from zhiyin.listen.models import ClauseLabel, OwnModel
from zhiyin.listen.own import Own
from zhiyin.listen.reading import Reader, parts
from zhiyin.listen.rightness import Judged
from zhiyin.listen.seeds import NEGATIVE, POSITIVE
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

MOST_COMMENTS = 1_500
"""The newest that are learned from: a minute and a half of reading."""

NEW = 30
"""Labels since it last learned from which a workspace learns by itself."""

GROWN = 1.5
"""How many times the verbatims it may have before it does."""

FEW = 100
"""Verbatims up to which they are no reason."""

PATIENCE = timedelta(days=1)
"""How long it waits with that, since all is read anew; what learned from few does not."""


def of(workspace: str) -> Own:
    """What was learned from a workspace."""
    held = OwnModel.objects.filter(workspace__slug=workspace).first()
    return _read(held.digest, bytes(held.content)) if held else Own()


@lru_cache(maxsize=16)
def _read(_digest: str, content: bytes) -> Own:
    return own.read(content)


def digest(workspace: str) -> str:
    """What was learned, in a word; blank where the seeds alone read."""
    held = OwnModel.objects.filter(workspace__slug=workspace).values_list("digest", flat=True)
    return held.first() or ""


def kept(workspace: str) -> OwnModel | None:
    """The model of a workspace with its figures; None where it has not learned yet."""
    return OwnModel.objects.filter(workspace__slug=workspace).first()


def is_due(workspace: str, verbatims: int, *, now: datetime | None = None) -> bool:
    """Whether so much was said since a workspace last learned that it should again.

    Args:
        verbatims: that there are.
    """
    now = now or timezone.now()
    held = kept(workspace)
    if held is None or held.figures["verbatims"] <= FEW:
        return verbatims > FEW
    if now - held.learned_at < PATIENCE:
        return False
    said = ClauseLabel.objects.filter(workspace__slug=workspace, said_at__gt=held.learned_at)
    return verbatims >= GROWN * held.figures["verbatims"] or said.count() >= NEW


def learn(log: Log, workspace: str, *, verbatims: int, progress: Progress = unseen) -> OwnModel:
    """Learn anew from all that there is, and say how rightly it reads.

    Args:
        log: of the workspace as a whole.
        verbatims: that there are.
        progress: hears how far it is; what it raises ends the learning, and nothing is changed.
    """
    at, told = timezone.now(), learned.of(subjects.of_workspace(workspace))
    scored = comments.newest(log, workspace, most=MOST_COMMENTS)
    labels, texts = _labels(log, workspace)
    reader = Reader(told)
    of_scores = _of_comments(reader, scored, progress)
    looked = _look(reader, labels, texts)
    helps = looked.is_read_better(of_scores.learned)
    polarity, aspect = _of_labels(looked, of_scores.learned if helps else Own().comments)
    made = Own(of_scores.learned if helps else Own().comments, polarity.learned, aspect.learned)
    today = at.date()
    figures = {
        "comments": _comments_said(of_scores, today, is_used=helps),
        "polarity": _labels_said(polarity, texts, today, lambda one: one.polarity),
        "aspect": _labels_said(aspect, texts, today, lambda one: one.aspect),
        "labels": len(labels),
        "verbatims": verbatims,
    }
    with transaction.atomic():
        held = Workspace.objects.get(slug=workspace)
        model, _made = OwnModel.objects.update_or_create(
            workspace=held,
            defaults={
                "content": own.written(made),
                "digest": own.digest(made),
                "figures": figures,
                "learned_at": at,
            },
        )
    return model


_Row = TypeVar("_Row", Comment, ClauseLabel)


@dataclass(frozen=True)
class _Taught(Generic[_Row]):
    """What was learned from some rows, and how they were told by models that did not see them."""

    learned: Adapted
    tried: Tried
    classes: tuple[str, ...]
    rows: Sequence[_Row]
    labels: list[str]

    def are_right(self) -> Iterator[tuple[_Row, bool, bool]]:
        """Each row, and whether its label was told: now, and by the seeds alone."""
        now = rightness.right(self.tried.after, self.labels, self.classes)
        before = rightness.right(self.tried.before, self.labels, self.classes)
        return zip(self.rows, now, before, strict=True)


def _taught(
    base: Floats, seen: Any, rows: Sequence[_Row], labels: list[str], classes: tuple[str, ...]
) -> _Taught[_Row]:
    adapted, found = tried(base, seen, labels, classes=classes)
    return _Taught(adapted, found, classes, rows, labels)


@dataclass(frozen=True, slots=True)
class _Text:
    """A verbatim of which people labelled clauses."""

    text: str
    customer: int
    at: datetime


def _of_comments(reader: Reader, scored: Sequence[Comment], progress: Progress) -> _Taught[Comment]:
    classes = (NEGATIVE, POSITIVE)
    places = [reader.polarities.index(name) for name in classes]
    looks = [
        (looked.judged[:, places], looked.seen_whole)
        for looked in map(reader.look, parts([one.text for one in scored], progress))
    ]
    if not looks:
        return _taught(np.zeros((0, 2)), sparse.csr_array((0, 0)), [], [], classes)
    base = np.concatenate([judged for judged, _seen in looks])
    seen = sparse.vstack([seen for _judged, seen in looks], format="csr")
    return _taught(base, seen, scored, [one.label for one in scored], classes)


@dataclass(frozen=True)
class _Clauses:
    """The labelled clauses that are cut as when somebody said what they mean.

    Attributes:
        said: what she said of each.
        heat: logits by `polarities` by the seeds alone; `about` by `aspects`.
        seen: by columns.
    """

    said: list[ClauseLabel]
    heat: Floats
    about: Floats
    seen: Any
    polarities: tuple[str, ...]
    aspects: tuple[str, ...]

    def is_read_better(self, learned: Adapted) -> bool:
        """Whether what was learned elsewhere makes these labels likelier."""
        if learned.strictness is None or len(self.said) < LEAST:
            return False
        right = np.array([self.polarities.index(one.polarity) for one in self.said])
        after = learned.among(self.polarities, self.heat, self.seen)
        return surprise(after, right) < surprise(self.heat, right)


def _look(reader: Reader, labels: Sequence[ClauseLabel], texts: Mapping[int, _Text]) -> _Clauses:
    looked = reader.look([one.text for one in texts.values()])
    row_of = {verbatim: row for row, verbatim in enumerate(texts)}
    held = [
        (one, place)
        for one in labels
        if (place := looked.place(row_of[one.verbatim], one.starts)) is not None
    ]
    rows = [place for _one, place in held]
    return _Clauses(
        [one for one, _place in held],
        looked.heat[rows],
        looked.about[rows],
        looked.seen[rows],
        reader.polarities,
        reader.aspects,
    )


def _of_labels(
    clauses: _Clauses, from_comments: Adapted
) -> tuple[_Taught[ClauseLabel], _Taught[ClauseLabel]]:
    """Polarity and aspect; of an aspect that is told no more nothing is learned."""
    said, seen = clauses.said, clauses.seen
    heat = from_comments.among(clauses.polarities, clauses.heat, seen)
    polarity = _taught(heat, seen, said, [one.polarity for one in said], clauses.polarities)
    polarity = replace(polarity, tried=replace(polarity.tried, before=clauses.heat))
    known = [at for at, one in enumerate(said) if one.aspect in clauses.aspects]
    mine = [said[at] for at in known]
    aspect = _taught(
        clauses.about[known], seen[known], mine, [one.aspect for one in mine], clauses.aspects
    )
    return polarity, aspect


def _labels(log: Log, workspace: str) -> tuple[list[ClauseLabel], dict[int, _Text]]:
    """Labels whose text is still there, and those texts."""
    labels = list(ClauseLabel.objects.filter(workspace__slug=workspace))
    if not labels:
        return [], {}
    said = lang.table(log.schema(workspace), "verbatims")
    wanted = lang.given_numbers(sorted({one.verbatim for one in labels}), "seq")
    query = (
        said.filter(said.text.notnull())
        .semi_join(wanted, "seq")
        .select("seq", "text", "customer", "occurred_at")
    )
    texts = {
        row["seq"]: _Text(row["text"], row["customer"], row["occurred_at"])
        for row in log.execute(workspace, query).to_pylist()
    }
    return [one for one in labels if one.verbatim in texts], texts


# What is said of it


def _comments_said(taught: _Taught[Comment], today: date, *, is_used: bool) -> dict[str, Any]:
    """How often a comment's polarity is told as its score says: by what reads now, and by a model
    that learned from the scores alone."""
    rows = [
        (one, after, before, after if is_used else before)
        for one, after, before in taught.are_right()
    ]
    judged = [
        Judged(now, before, one.customer, language.of(one.text), one.at, one.label)
        for one, _after, before, now in rows
    ]
    scores = taught.tried.after if is_used else taught.tried.before
    sure = softmax(scores).max(axis=1)
    return {
        **rightness.figures(judged, today=today),
        "by_scores": rightness.share([(after, one.customer) for one, after, _b, _n in rows]),
        "is_used": is_used,
        "calibration_error": evaluating.calibration_error(
            sure, np.array([one.right for one in judged])
        )
        if judged
        else None,
    }


def _labels_said(
    taught: _Taught[ClauseLabel],
    texts: Mapping[int, _Text],
    today: date,
    kind: Callable[[ClauseLabel], str],
) -> dict[str, Any]:
    """Of the clauses that were drawn by lot: of others one cannot tell how often any is right."""
    judged = [
        Judged(
            now,
            before,
            texts[one.verbatim].customer,
            one.language,
            texts[one.verbatim].at,
            kind(one),
        )
        for one, now, before in taught.are_right()
        if one.drawn == "lot"
    ]
    return {**rightness.figures(judged, today=today), "strictness": taught.learned.strictness}
