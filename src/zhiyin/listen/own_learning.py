"""Learning from a workspace: its comments with a score, and what people said of its clauses.

Both are learned beside the seeds' models and only where that reads labels better that were not
seen; else the seeds alone read on. What was learned is numbers in the relational store, so that
every process reads alike. Learning anew reads all history anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
from django.db import transaction
from scipy import sparse

from zhiyin.accounts.models import Workspace
from zhiyin.kernel import clock
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.listen import comments, evaluating, language, learned, own, rightness, subjects
from zhiyin.listen.adapting import Adapted, Tried, tried
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

PATIENCE = timedelta(days=1)
"""How long it waits with that."""

OFTEN = timedelta(days=7)
"""How often it learns from new comments."""


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


def is_due(workspace: str, *, now: datetime | None = None) -> bool:
    """Whether enough was said since it last learned, or a week has gone."""
    now = now or clock.now()
    held = kept(workspace)
    since = held.learned_at if held else datetime.min.replace(tzinfo=UTC)
    if now - since >= OFTEN:
        return True
    said = ClauseLabel.objects.filter(workspace__slug=workspace, said_at__gt=since).count()
    return said >= NEW and now - since >= PATIENCE


def learn(log: Log, workspace: str, *, progress: Progress = unseen) -> OwnModel:
    """Learn anew from all that there is, and say how rightly it reads.

    Args:
        log: of the workspace as a whole.
        progress: hears how far it is; what it raises ends the learning, and nothing is changed.
    """
    at, told = clock.now(), learned.of(subjects.of_workspace(workspace))
    scored = comments.newest(log, workspace, most=MOST_COMMENTS)
    labels, texts = _labels(log, workspace)
    from_comments = _of_comments(Reader(told), scored, progress)
    reader = Reader(told, Own(comments=from_comments.learned))
    polarity, aspect = _of_labels(reader, labels, texts)
    made = Own(from_comments.learned, polarity.learned, aspect.learned)
    today = at.date()
    figures = {
        "comments": _comments_said(from_comments, today),
        "polarity": _labels_said(polarity, texts, today, lambda one: one.polarity),
        "aspect": _labels_said(aspect, texts, today, lambda one: one.aspect),
        "labels": len(labels),
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


def _of_labels(
    reader: Reader, labels: Sequence[ClauseLabel], texts: Mapping[int, _Text]
) -> tuple[_Taught[ClauseLabel], _Taught[ClauseLabel]]:
    """Polarity and aspect, of the clauses that are cut as when somebody said what they mean."""
    looked = reader.look([one.text for one in texts.values()])
    row_of = {verbatim: row for row, verbatim in enumerate(texts)}
    held = [
        (one, place)
        for one in labels
        if (place := looked.place(row_of[one.verbatim], one.starts)) is not None
    ]
    known = [(one, place) for one, place in held if one.aspect in reader.aspects]
    rows, rows_known = ([place for _one, place in some] for some in (held, known))
    said, said_known = ([one for one, _place in some] for some in (held, known))
    return (
        _taught(
            looked.heat[rows], looked.seen[rows], said,
            [one.polarity for one in said], reader.polarities,
        ),
        _taught(
            looked.about[rows_known], looked.seen[rows_known], said_known,
            [one.aspect for one in said_known], reader.aspects,
        ),
    )  # fmt: skip


def _labels(log: Log, workspace: str) -> tuple[list[ClauseLabel], dict[int, _Text]]:
    """Labels whose text is still there, and those texts."""
    labels = list(ClauseLabel.objects.filter(workspace__slug=workspace))
    if not labels:
        return [], {}
    said = lang.table(log.schema(workspace), "verbatims")
    wanted = sorted({one.verbatim for one in labels})
    query = said.filter(said.seq.isin(wanted), said.text.notnull()).select(
        "seq", "text", "customer", "occurred_at"
    )
    texts = {
        row["seq"]: _Text(row["text"], row["customer"], row["occurred_at"])
        for row in log.execute(workspace, query).to_pylist()
    }
    return [one for one in labels if one.verbatim in texts], texts


# What is said of it


def _comments_said(taught: _Taught[Comment], today: date) -> dict[str, Any]:
    judged = [
        Judged(now, before, one.customer, language.of(one.text), one.at, one.label)
        for one, now, before in taught.are_right()
    ]
    sure = softmax(taught.tried.after).max(axis=1)
    right = np.array([one.right for one in judged])
    return {
        **rightness.figures(judged, today=today),
        "strictness": taught.learned.strictness,
        "calibration_error": evaluating.calibration_error(sure, right) if judged else None,
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
