"""Answers: only *answered* counts; every other state is counted beside (`questions.states`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from zhiyin.measure.metric import Scale, Source, Vote, Voting
from zhiyin.warehouse import lang

PROMOTER_FROM = 9
DETRACTOR_TO = 6

Floats = npt.NDArray[np.float64]


def nps(score: Any, _scale: Scale | None) -> Vote:
    """+1 a promoter (9–10), −1 a detractor (0–6, on the legacy scale 1–6), 0 a passive."""
    return Vote(up=score >= PROMOTER_FROM, down=score <= DETRACTOR_TO)


def top_box(score: Any, scale: Scale | None) -> Vote:
    """1 in the two boxes at the good end of the scale, else 0."""
    return Vote(up=_in_boxes(scale, score, good=True))


def bottom_box(score: Any, scale: Scale | None) -> Vote:
    """1 in the two boxes at the bad end of the scale, else 0."""
    return Vote(up=_in_boxes(scale, score, good=False))


def net_box(score: Any, scale: Scale | None) -> Vote:
    """+1 in the two boxes at the good end of the scale, −1 in those at the bad end, 0 between."""
    return Vote(up=_in_boxes(scale, score, good=True), down=_in_boxes(scale, score, good=False))


def easy(score: Any, scale: Scale | None) -> Vote:
    """1 in the easy boxes: two at the easy end on 1–5, three on 1–7."""
    return Vote(up=_in_boxes(scale, score, good=True, boxes=_easy_boxes(scale)))


def mean(score: Any, _scale: Scale | None) -> Vote:
    """The score itself."""
    return Vote(itself=score)


def rows(voting: Voting) -> Callable[[Source], lang.Expression]:
    """What builds the rows that count: those with a score, in the state *answered*."""

    def build(source: Source) -> lang.Expression:
        answers = _answered(source)
        value = _in_the_log(voting(answers.score, source.scale))
        if not source.is_weighted:
            return answers.mutate(num=value)
        weight = lang.coalesce(answers.weight, 1.0)
        # A weight of 0 takes the answer out of the base.
        return answers.mutate(num=weight * value, den=weight).filter(weight > 0)

    return build


def numbers(voting: Voting, scores: Floats, scale: Scale | None) -> Floats:
    """What each of these scores counts for."""
    vote = voting(scores, scale)
    if vote.itself is not None:
        return np.asarray(vote.itself, dtype=np.float64)
    found = np.asarray(vote.up, dtype=np.float64)
    return found if vote.down is None else found - np.asarray(vote.down, dtype=np.float64)


def _in_the_log(vote: Vote) -> lang.Value:
    if vote.itself is not None:
        return vote.itself
    if vote.down is None:
        return _small(lang.ifelse(vote.up, 1, 0))
    return _small(lang.cases((vote.up, 1), (vote.down, -1), else_=0))


def _answered(source: Source) -> lang.Expression:
    answers = source.table("answers")
    is_answered = answers.answer_state == source.code("answer_state", "answered")
    return answers.filter(is_answered, answers.score.notnull())


def _in_boxes(scale: Scale | None, score: Any, *, good: bool, boxes: int = 2) -> Any:
    """Whether a score lies in the `boxes` boxes at the good or the bad end of its scale."""
    scale = scale or Scale(1, 5)
    high_end = (scale.direction == "up") == good
    return score > scale.high - boxes if high_end else score < scale.low + boxes


def _easy_boxes(scale: Scale | None) -> int:
    """How many boxes of an effort scale are *easy*: 5–7 on 1–7, 4–5 on 1–5, mirrored when down."""
    return 3 if scale is not None and scale.high - scale.low >= 6 else 2


def _small(value: lang.Value) -> lang.Value:
    # Ibis takes small literals for int8 already and drops a plain cast; the engine does not.
    return value.cast("int16").cast("int8")
